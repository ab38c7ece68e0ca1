"""The pumps: each takes a batch of due rows and has it carried out.

``now`` is a parameter. When the clock is moved back, what is planned becomes due later and nothing is done twice: what
was done is no longer due, whatever the clock says.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import InterfaceError, OperationalError, transaction
from django.tasks import Task, task
from django.utils import timezone

from rouage.automations import call_delivery, held, parking, progress
from rouage.automations.models import Call, Run
from rouage.engine import claim, isolation
from rouage.engine.claim import Queue, Turn
from rouage.journal.models import DomainEvent
from rouage.mail import deliver
from rouage.mail.models import Message

_log = logging.getLogger(__name__)

type PumpName = Literal["events", "runs", "messages", "calls"]
type Pairs = Sequence[Sequence[int]]

EVENTS = Queue(model=DomainEvent, columns=held.EVENT_COLUMNS, moments=held.MOMENTS, texts=held.JSON)
RUNS = Queue(model=Run, columns=held.RUN_COLUMNS, moments=held.MOMENTS, texts=held.JSON)
PASSING = (isolation.Outage, OperationalError, InterfaceError)
"""What a pump raises when nothing could be written through no fault of a row: the next turn may do better."""
DEADLY = 10  # tries that ended with the death of the worker, after which a row is not touched again
UNREADABLE = timedelta(hours=1)  # until a row that cannot be read is looked at again
BLOCKED = 0.005  # seconds for which other workers are left alone with the records they hold


class WorkerDied(Exception):
    """Noted for a row whose every try has ended with the death of its worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A pump whose work leaves the database: ``batch`` rows a task, ``hands`` threads.

    The rows are ours for ``period``; a worker that lives renews that, so this is how long those of a dead one wait.
    """

    name: PumpName
    queue: Queue
    task: Task[Any, Any]
    batch: int
    hands: int
    period: timedelta = timedelta(seconds=60)


def pump_events(now: datetime, limit: int, *, careful: bool = False) -> int:
    """Carry out what due events call for; how many were taken.

    ``careful``: tries are counted before the work, so that a row which kills its worker is found.
    """
    if careful:
        return sum(_take_events(now, limit, counted) for counted in _counted(EVENTS, now, limit))
    return _take_events(now, limit, None)


def _take_events(now: datetime, limit: int, counted: Sequence[int] | None) -> int:
    with transaction.atomic():
        rows = claim.lock_oldest(EVENTS, now, limit) if counted is None else claim.lock_these(EVENTS, now, counted)
        arrived = _read(EVENTS, rows, lambda row: held.read_event(row, counted=counted is not None), now)
        mine = claim.own(arrived, _record_key)
        _carry_out(
            mine, lambda batch: progress.take_events(batch, now), lambda row, error: parking.park_event(row, error, now)
        )
    if rows and not mine:
        time.sleep(BLOCKED)
    return len(rows)


def pump_runs(now: datetime, limit: int, *, turn: Turn | None = None, careful: bool = False) -> int:
    """Move due runs one step on; how many were taken. ``turn``: whose turn it is, in this worker."""
    turn = turn or Turn()
    if careful:
        return sum(_take_runs(now, limit, turn, counted) for counted in _counted(RUNS, now, limit))
    return _take_runs(now, limit, turn, None)


def _take_runs(now: datetime, limit: int, turn: Turn, counted: Sequence[int] | None) -> int:
    if turn.idle and not claim.any_due(Run, now):
        return 0
    with transaction.atomic():
        rows = claim.lock(RUNS, now, limit, turn) if counted is None else claim.lock_these(RUNS, now, counted)
        runs = _read(RUNS, rows, lambda row: held.read_run(row, counted=counted is not None), now)
        _carry_out(
            runs, lambda batch: progress.move_runs(batch, now), lambda row, error: parking.park_run(row, error, now)
        )
    turn.idle = not rows
    return len(rows)


def pump_outside(outside: Outside, now: datetime, *, turn: Turn | None = None, live: bool = False) -> int:
    """Take rows and hand them over as one task; how many. ``live``: the clock is the real one and goes on meanwhile."""
    turn = turn or Turn()
    if turn.idle and not claim.any_due(outside.queue.model, now, leased=True):
        return 0
    rows = claim.lease(outside.queue, now, outside.batch, turn, period=outside.period)
    turn.idle = not rows
    if rows:
        outside.task.enqueue([[row[0], row[2]] for row in rows], None if live else now.isoformat())
    return len(rows)


@task(queue_name="messages")
def execute_messages(batch: Pairs, at: str | None = None) -> None:
    """Hand messages over to their mail server: pairs of an id and the attempt that the claim gave it."""
    deliver.deliver_batch([deliver.Leased(id_, attempt) for id_, attempt in batch], _clock(at))


@task(queue_name="calls")
def execute_calls(batch: Pairs, at: str | None = None) -> None:
    """Make HTTP calls: pairs of an id and the attempt that the claim gave it."""
    call_delivery.make_batch([call_delivery.Leased(id_, attempt) for id_, attempt in batch], _clock(at))


def _clock(at: str | None) -> datetime:
    return timezone.now() if at is None else datetime.fromisoformat(at)


MESSAGES = Outside(
    name="messages",
    queue=Queue(model=Message, columns=("id", "organisation_id", "attempt")),
    task=execute_messages,
    batch=32,
    hands=2,
)
CALLS = Outside(
    name="calls",
    queue=Queue(model=Call, columns=("id", "organisation_id", "attempt")),
    task=execute_calls,
    batch=32,
    hands=2,
)
OUTSIDE = (MESSAGES, CALLS)


def _record_key(row: held.Arrived) -> int:
    """What other workers must not touch at the same time: two events of one record are taken one after the other."""
    kind, record_id = row.reference
    return claim.record_key(kind, record_id)


def _read[T](queue: Queue, rows: Sequence[claim.Row], read: Callable[[claim.Row], T], now: datetime) -> list[T]:
    """The rows as values. One that no version of the product has written so is pushed ahead, and said each time."""
    found: list[T] = []
    for row in rows:
        try:
            found.append(read(row))
        except (ValueError, TypeError, LookupError):
            _log.exception("row %s of %s cannot be read", row[0], queue.table)
            claim.push_ahead(queue, row[0], now + UNREADABLE)
    return found


def _counted(queue: Queue, now: datetime, limit: int) -> Iterator[Sequence[int]]:
    """A batch of rows that nobody has tried, and then one that somebody has."""
    yield claim.count_fresh(queue, now, limit)
    yield claim.count_suspect(queue, now)


def _carry_out[T: (held.Arrived, held.Held)](
    rows: Sequence[T], write: Callable[[Sequence[T]], None], park: Callable[[T, Exception], None]
) -> None:
    deadly = [row for row in rows if row.tries >= DEADLY]
    for row in deadly:
        park(row, WorkerDied("the worker has died each time that it took this up"))
    sound = [row for row in rows if row.tries < DEADLY] if deadly else rows
    if sound:
        isolation.write_all(sound, write, park)
