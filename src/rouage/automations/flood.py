"""The flood brake (AUT-14): how many runs each automation has started in the last minute, in this process."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


class Starts:
    """Starts of one automation, by the moment of their batch.

    Other workers' are unknown: each has a limit of its own, and the first that reaches it stops them all, for the
    automation's row says that it is flooded.
    """

    __slots__ = ("_batches", "_total")

    def __init__(self) -> None:
        self._batches: deque[tuple[datetime, int]] = deque()
        self._total = 0

    def room(self, limit: int, now: datetime) -> int:
        """How many more may start at ``now``. A clock that was moved back forgets what lies in its future."""
        batches = self._batches
        while batches and not now - _MINUTE < batches[0][0] <= now:
            self._total -= batches.popleft()[1]
        return max(0, limit - self._total)

    def add(self, count: int, now: datetime) -> None:
        self._batches.append((now, count))
        self._total += count


_lock = threading.Lock()
_starts: dict[int, Starts] = {}
_KEPT = 50_000


def room(automation_id: int, limit: int, now: datetime) -> int:
    with _lock:
        starts = _starts.get(automation_id)
        return limit if starts is None else starts.room(limit, now)


def count(counts: dict[int, int], now: datetime) -> None:
    """Remember starts, by automation. Call it when they are committed: a batch that is rolled back started nothing."""
    with _lock:
        if len(_starts) > _KEPT:
            _starts.clear()
        for automation_id, number in counts.items():
            _starts.setdefault(automation_id, Starts()).add(number, now)


def forget() -> None:
    """For tests: another database gives the same numbers to other automations."""
    with _lock:
        _starts.clear()
