"""One process that is all of Rouage on one machine: web, worker and, where it is asked for, the demo mailbox."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import waitress
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.translation import gettext as _

from rouage.engine import worker
from rouage.mail.demo_mailbox import DemoMailbox

THREADS = 8


class PortTaken(Exception):
    """Somebody listens there already; the text says what to do."""


def listen(host: str, port: int) -> Any:  # noqa: ANN401 -- waitress is not typed
    """Take the port, before anything else is begun. Raises PortTaken."""
    try:
        return waitress.create_server(_application, host=host, port=port, threads=THREADS, ident=None)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        told = {"address": f"{host}:{port}", "next": port + 1}
        raise PortTaken(
            _(
                "%(address)s is taken: Rouage may be running there already. "
                "Stop it, or take another port: rouage serve --port %(next)s"
            )
            % told
        ) from None


@contextmanager
def demo_mailbox(port: int) -> Iterator[DemoMailbox]:
    """A mail server on loopback that keeps what it gets. Raises PortTaken."""
    mailbox = DemoMailbox(port)
    try:
        mailbox.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        told = {"port": port, "next": port + 1}
        raise PortTaken(
            _(
                "The demo mailbox finds port %(port)s taken: Rouage may be running already. "
                "Stop it, or give the mailbox another port: ROUAGE_MAILBOX_PORT=%(next)s"
            )
            % told
        ) from None
    try:
        yield mailbox
    finally:
        mailbox.stop()


def wants_mailbox() -> bool:
    """Whether mails go to the demo mailbox, because no mail server was named."""
    return bool(settings.ROUAGE_EMBEDDED) and (settings.ROUAGE_SMTP_HOST, settings.ROUAGE_SMTP_PORT) == (
        "127.0.0.1",
        settings.ROUAGE_MAILBOX_PORT,
    )


def serve(server: Any, told_to_stop: threading.Event, ready: Callable[[], None]) -> bool:  # noqa: ANN401 -- same
    """Serve and work until told to stop; whether everything in hand came to its end."""
    crew = worker.begin()
    web = threading.Thread(target=server.run, name="rouage-web", daemon=True)
    web.start()
    try:
        ready()
        told_to_stop.wait()
    finally:
        # The web first: what it still answers may be work for the pumps.
        server.task_dispatcher.shutdown(cancel_pending=False, timeout=worker.GRACE / 3)
        server.close()
        clean = crew.end(worker.GRACE * 2 / 3)
    return clean


def _application(environ: Any, start_response: Any) -> Any:  # noqa: ANN401 -- WSGI
    return _wsgi()(environ, start_response)


_loaded: list[Any] = []


def _wsgi() -> Any:  # noqa: ANN401 -- same
    """Made at the first request: the port is taken, and refused, before the application is loaded."""
    if not _loaded:
        _loaded.append(get_wsgi_application())
    return _loaded[0]
