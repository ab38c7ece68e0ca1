"""Servers on this machine that misbehave as a test wants, and certificates for them."""

import contextlib
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Wire:
    """Takes connections, reads one request, then plays ``answers``.

    These are bytes, ("sleep", seconds) or ("drip", bytes, seconds between them).
    """

    def __init__(self, *answers, tls=None, read=True):
        self.answers, self.tls, self.read = answers, tls, read
        self.requests = []
        self.connections = 0

    def __enter__(self):
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self):
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection):
        # Whatever the client does to the connection is its own affair.
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with stream:
                if self.read:
                    self.requests.append(self._request(stream))
                for answer in self.answers:
                    self._play(stream, answer)

    def _play(self, stream, answer):
        match answer:
            case ("sleep", seconds):
                self._stop.wait(seconds)
            case ("drip", data, seconds):
                for byte in data:
                    if self._stop.wait(seconds):
                        return
                    stream.sendall(bytes([byte]))
            case _:
                stream.sendall(answer)

    def _request(self, stream):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = stream.recv(65536)
            if not piece:
                return data
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += stream.recv(65536)
        return head + b"\r\n\r\n" + body


def make_certificate(folder, *names, valid=True):
    """Write a self-signed certificate; returns (path for clients to trust, context for the server)."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(time.time(), UTC)
    day = timedelta(days=1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rouage tests")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * day)
        .not_valid_after(now + day if valid else now - day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, whole = folder / "trusted.pem", folder / "server.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    whole.write_bytes(
        trusted.read_bytes()
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return trusted, context
