"""Records that exist already and would be taken in by an automation (AUT-7): counted, listed, enrolled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice

from rouage.accounts.calendars import calendar_of
from rouage.automations.models import Automation, Run
from rouage.automations.registry import TRIGGERS
from rouage.journal.append import append_events, json_text
from rouage.planner.advance import enter, enter_trigger
from rouage.planner.calendar import Calendar
from rouage.planner.conditions import evaluate
from rouage.planner.model import ENROLLED, OPEN, Definition, Reason, Snapshot
from rouage.records import snapshot
from rouage.records.kinds import KINDS

COUNTED = 10_000
"""More records are not counted exactly: people are told "10,000+"."""

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that would start a run; ``due_at`` is when its first step would be due (None: once it has a date)."""

    kind: str
    record_id: int
    label: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    exact: bool


def can_enroll(definition: Definition) -> bool:
    """Whether "these too" means anything: nobody has pressed a button yet."""
    return TRIGGERS[definition.trigger].enrolls


def candidates(
    organisation_id: int, definition: Definition, *, now: datetime, automation: Automation | None = None
) -> Iterator[Candidate]:
    """The records that a run would start on now, in the order of their ids; those with an open run are left out.

    Read 500 at a time, a fixed number of queries each.
    """
    if not can_enroll(definition):
        return
    calendar = calendar_of(organisation_id)
    for ids in _batches(organisation_id, definition):
        taken = _with_open_run(automation, definition.kind, ids)
        snapshots = snapshot.take([(definition.kind, record_id) for record_id in ids if record_id not in taken])
        for _, facts in sorted(snapshots.items()):
            found = _candidate(definition, facts, now, calendar)
            if found is not None:
                yield found


def matching(
    organisation_id: int, definition: Definition, *, now: datetime, automation: Automation | None = None
) -> Count:
    """How many they are, counted to ten thousand."""
    number = sum(1 for _ in islice(candidates(organisation_id, definition, now=now, automation=automation), COUNTED))
    return Count(number, number < COUNTED)


def hit_today(
    organisation_id: int,
    definition: Definition,
    *,
    now: datetime,
    limit: int = 100,
    automation: Automation | None = None,
) -> list[Candidate]:
    """Those whose first step would be due before the local day ends, at most ``limit`` (AUT-13)."""
    calendar = calendar_of(organisation_id)
    today = calendar.local(now).date()
    found = candidates(organisation_id, definition, now=now, automation=automation)
    today_only = (one for one in found if one.due_at is not None and calendar.local(one.due_at).date() <= today)
    return list(islice(today_only, limit))


def enroll(automation: Automation, definition: Definition, *, now: datetime) -> int:
    """Write one ``automation.enrolled`` event for each candidate, in the caller's transaction; how many there are."""
    number = 0
    found = candidates(automation.organisation_id, definition, now=now, automation=automation)
    payload = json_text({"automation_id": automation.pk})
    for some in batched(found, _BATCH):
        append_events([
            (automation.organisation_id, ENROLLED, one.kind, one.record_id, payload, "[]", 0, now, now) for one in some
        ])  # fmt: skip
        number += len(some)
    return number


def _batches(organisation_id: int, definition: Definition) -> Iterator[Sequence[int]]:
    records = KINDS[definition.kind].model._default_manager.filter(
        organisation_id=organisation_id, deleted_at__isnull=True
    )
    statuses = TRIGGERS[definition.trigger].statuses(definition.trigger_config)
    if statuses:
        records = records.filter(status__in=statuses)
    last = 0
    while ids := list(records.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:_BATCH]):
        yield ids
        last = ids[-1]


def _with_open_run(automation: Automation | None, kind: str, ids: Sequence[int]) -> set[int]:
    if automation is None:
        return set()
    runs = Run.objects.filter(
        organisation_id=automation.organisation_id,
        kind=kind,
        record_id__in=ids,
        automation_id=automation.pk,
        status__in=[status.value for status in OPEN],
    )
    return set(runs.values_list("record_id", flat=True))


def _candidate(definition: Definition, facts: Snapshot, now: datetime, calendar: Calendar) -> Candidate | None:
    """None when no run would start, or one that stops at once."""
    trigger, local = TRIGGERS[definition.trigger], calendar.local(now)
    if not trigger.holds(definition.trigger_config, facts) or evaluate(definition.stop, facts, local).value is True:
        return None
    if definition.starts is not None:
        waiting = enter_trigger(definition, now, facts, calendar, reached=now)
        if isinstance(waiting, Reason) or waiting.run.due_at is None:
            return None
        due_at: datetime | None = waiting.run.due_at
    elif evaluate(definition.conditions, facts, local).value is True:
        due_at = enter(definition, 0, now, facts, calendar).run.due_at
    else:
        return None
    return Candidate(kind=facts["kind"], record_id=facts["id"], label=str(facts["label"]), due_at=due_at)
