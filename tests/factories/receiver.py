"""A real HTTP server on loopback that answers as a test wants, and remembers what it was asked."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """``answers`` are taken one after the other, the last one for ever: a status, or "hang", or (status, headers)."""

    answers: list = field(default_factory=lambda: [200])
    requests: list = field(default_factory=list)  # (method, path, headers, body)
    hang: float = 30.0

    def __enter__(self):
        self._end = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.requests.append((self.command, self.path, dict(self.headers), body))
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                if answer == "hang":
                    receiver._end.wait(receiver.hang)
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b'{"ok": true}')

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 -- http.server's names

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def keys(self):
        return [headers.get("Idempotency-Key") for _, _, headers, _ in self.requests]

    def wait_for(self, number, timeout=10):
        end = time.monotonic() + timeout
        while len(self.requests) < number and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.requests) >= number
