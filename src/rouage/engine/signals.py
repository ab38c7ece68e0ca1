"""Waits for the signals by which an operator, a terminal or a service manager tells a process to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ENDS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """Yield an event that is set by SIGTERM or SIGINT; a second one ends the process as it always does."""
    told = threading.Event()
    before = {number: signal.getsignal(number) for number in _ENDS}

    def tell(number: int, _frame: object) -> None:
        told.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in _ENDS:
        signal.signal(number, tell)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
