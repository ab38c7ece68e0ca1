"""When a failed step is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """``tries`` in all; the first wait is ``first``, each further one ``factor`` times longer, up to ``longest``."""

    tries: int = 5
    first: timedelta = timedelta(minutes=1)
    factor: int = 4
    longest: timedelta = timedelta(hours=6)

    def __post_init__(self) -> None:
        if self.tries < 1 or self.factor < 1 or self.first <= timedelta():
            raise ValueError("a retry needs at least one try, a wait, and a factor of at least 1")


@dataclass(frozen=True, slots=True)
class RetryAt:
    moment: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """``tries`` were made."""

    tries: int


def after_failure(retry: Retry, attempt: int, *, permanent: bool, now: datetime) -> RetryAt | GiveUp:
    """What follows the ``attempt``-th failure, counted from 1. Waits are the same each time: a test can know them."""
    if permanent or attempt >= retry.tries:
        return GiveUp(attempt)
    wait = retry.first
    for _ in range(attempt - 1):
        wait *= retry.factor
        if wait >= retry.longest:
            break
    return RetryAt(now + min(wait, retry.longest))
