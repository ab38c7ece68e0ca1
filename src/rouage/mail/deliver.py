"""Hands messages over to the mail server, each recipient at most once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that the pump claimed: ``attempt`` is the value of its column after the claim."""

    message_id: int
    attempt: int


def deliver(message_id: int, attempt: int, now: datetime) -> None:
    """Hand over one claimed message and record the outcome. Outside of any transaction: the marker must be committed."""
    deliver_batch([Leased(message_id, attempt)], now)


def deliver_batch(leased: Sequence[Leased], now: datetime) -> None:
    """Hand over claimed messages over several connections; outcomes are recorded in groups, in this thread.

    Messages that are no longer ours (another status or attempt) are left alone. Afterwards each of ours is sent, failed,
    unknown, or awaiting its next try with a new ``due_at``.
    """
    raise NotImplementedError
