"""A clock that one turns: everything that becomes due is done at its own moment, in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Min

from rouage.automations.models import Call, Run
from rouage.engine import pumps
from rouage.journal.models import DomainEvent
from rouage.mail.models import Message

ROUNDS = 1000
_DUE = (DomainEvent, Run, Message, Call)


class NotSettled(Exception):
    """The pumps went on and on at one moment: something makes work for itself."""


def settle(now: datetime, limit: int = 500) -> int:
    """Turn all pumps at ``now`` until nothing is due. Answers how many rows were taken."""
    taken = 0
    for _ in range(ROUNDS):
        done = pumps.pump_events(now, limit) + pumps.pump_runs(now, limit)
        done += sum(pumps.pump_outside(outside, now) for outside in pumps.OUTSIDE)
        if not done:
            return taken
        taken += done
    raise NotSettled(now)


def next_due(until: datetime) -> datetime | None:
    """The earliest moment up to ``until`` at which there is something to do."""
    found = [model.objects.filter(due_at__lte=until).aggregate(first=Min("due_at"))["first"] for model in _DUE]
    return min((moment for moment in found if moment is not None), default=None)


def advance(now: datetime, until: datetime, after: Callable[[datetime], None] | None = None) -> datetime:
    """Do what becomes due after ``now`` and up to ``until``, each at its moment; ``after`` is called behind each.

    Outcomes of effects outside are written a moment after they happened, hence the millisecond.
    """
    for _ in range(ROUNDS * 100):
        moment = next_due(until)
        if moment is None:
            return until
        now = max(now, moment) + timedelta(milliseconds=1)
        settle(now)
        if after:
            after(now)
    raise NotSettled(now)
