"""Tells sleeping workers that there is something to do: in this process, and through PostgreSQL in all others.

A lost wake-up costs a second, never work: every worker polls too, and rows are the truth.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.db import connection, transaction

CHANNEL = "rouage"
_POLL = 0.5  # seconds after which a listener looks whether it should end
_RETRY = (1, 2, 5, 10, 30)  # seconds between attempts to reconnect

_log = logging.getLogger(__name__)
_bell = threading.Event()


def wake() -> None:
    """Wake the workers of this process."""
    _bell.set()


def wait(timeout: float) -> bool:
    """Sleep until woken or ``timeout`` seconds; whether woken. The bell rings on until ``clear``."""
    return _bell.wait(timeout)


def clear() -> None:
    """Before looking for work, never after: what is committed from here on rings again."""
    _bell.clear()


def after_commit() -> None:
    """Wake the workers everywhere once the current transaction is committed, not at all if it fails."""
    transaction.on_commit(wake, robust=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"notify {CHANNEL}")


def listen(stop: threading.Event) -> threading.Thread | None:
    """Start the thread that turns notices of other processes into ``wake``; it reconnects, and ends after ``stop``.

    None on SQLite, where all work is done in one process.
    """
    if connection.vendor != "postgresql":
        return None
    parameters = connection.get_connection_params()
    thread = threading.Thread(target=_listen_for_ever, args=(stop, parameters), name="rouage-listen", daemon=True)
    thread.start()
    return thread


def _listen_for_ever(stop: threading.Event, parameters: dict[str, Any]) -> None:
    import psycopg  # noqa: PLC0415 -- optional dependency

    failures = 0
    while not stop.is_set():
        try:
            with psycopg.connect(**parameters, autocommit=True) as listening:
                listening.execute(f"listen {CHANNEL}")
                failures = 0
                wake()  # for what was said while nobody listened
                while not stop.is_set():
                    for _ in listening.notifies(timeout=_POLL, stop_after=1):
                        wake()
        except psycopg.Error as error:
            seconds = _RETRY[min(failures, len(_RETRY) - 1)]
            failures += 1
            _log.warning("no notices from PostgreSQL (%s); trying again in %s s", str(error).strip(), seconds)
            stop.wait(seconds)
