"""Changes many runs at once: locked, decided by the planner, written with one statement a table, all journalled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction

from rouage.accounts.calendars import calendars_of
from rouage.automations import definition
from rouage.automations.held import GUARD, Held
from rouage.automations.models import Automation, Run, Step, Version
from rouage.automations.outcome import STEP, reason_text
from rouage.automations.world import lock_runs
from rouage.journal import bulk, wake
from rouage.journal.actors import Actor
from rouage.journal.append import ENTRY_COLUMNS, json_text
from rouage.journal.models import Entry
from rouage.planner.calendar import Calendar
from rouage.planner.match import with_facts
from rouage.planner.model import Definition, Pass, Reason, Refused, Snapshot
from rouage.planner.model import Run as State
from rouage.planner.reasons import to_json
from rouage.records import snapshot

BATCH = 500
_COLUMNS = (
    "version_id", "status", "hold", "position", "entered_at", "planned_at", "due_at", "remaining", "attempt", "outcome",
)  # fmt: skip
_ENTRY = (*ENTRY_COLUMNS, "address")
_OPEN = ("waiting", "running", "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One locked run with everything that the planner asks for. ``definition`` is None when it cannot be compiled."""

    held: Held
    definition: Definition | None
    snapshot: Snapshot | None
    calendar: Calendar
    active: bool
    now: datetime

    @property
    def state(self) -> State:
        return self.held.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The run as it is to be. ``version_id``: None keeps its own. ``data`` goes into the journal with the reason."""

    state: State
    reason: Reason
    passed: tuple[Pass, ...] = ()
    moved: Reason | None = None
    version_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


type Decide = Callable[[Case], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What is done, by whom: the journal's verb, actor and note."""

    name: str
    actor: Actor
    note: str = ""


@dataclass(slots=True)
class Changes:
    """What became of each run: the runs changed, and why others were left as they are."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, Reason] = field(default_factory=dict)

    def add(self, other: Changes) -> None:
        self.done += other.done
        self.refused |= other.refused


_FIRST = Reason(code="run.changed_meanwhile")


def change_runs(organisation_id: int, ids: Collection[int], decide: Decide, verb: Verb, *, now: datetime) -> Changes:
    """Apply ``decide`` to the runs of the organisation among ``ids``, in transactions of 500.

    ``decide`` raises the planner's Refused for a run that the command does not fit; the others are changed.
    """
    changes = Changes()
    for some in batched(sorted(set(ids)), BATCH):
        with transaction.atomic():
            changes.add(_change(organisation_id, some, decide, verb, now))
    return changes


def _change(organisation_id: int, ids: Sequence[int], decide: Decide, verb: Verb, now: datetime) -> Changes:
    changes, decisions = Changes(), list[tuple[Case, Decision]]()
    for case in _cases(lock_runs(own_runs(organisation_id, ids)), now):
        try:
            decisions.append((case, decide(case)))
        except Refused as refused:
            changes.refused[case.held.id] = refused.reason
    ours = bulk.update(Run, GUARD, _COLUMNS, [_row(case.held, decision) for case, decision in decisions])
    written = [(case, decision) for case, decision in decisions if case.held.id in ours]
    changes.done = [case.held.id for case, _ in written]
    changes.refused |= {case.held.id: _FIRST for case, _ in decisions if case.held.id not in ours}
    bulk.insert(Step, STEP, [row for case, decision in written for row in _skipped(case, decision)])
    bulk.insert(Entry, _ENTRY, [row for case, decision in written for row in _entries(case, decision, verb)])
    if written:
        wake.after_commit()
    return changes


def _cases(runs: Sequence[Held], now: datetime) -> Iterator[Case]:
    definitions = definition.load({held.version_id for held in runs})
    snapshots = snapshot.take({held.reference for held in runs})
    calendars = calendars_of({held.organisation_id for held in runs})
    ids = {held.automation_id for held in runs}
    active = set(Automation.objects.filter(id__in=ids, is_active=True, deleted_at=None).values_list("id", flat=True))
    for held in runs:
        facts = snapshots.get(held.reference)
        yield Case(
            held=held,
            definition=definitions.get(held.version_id),
            snapshot=None if facts is None else with_facts(facts, held.facts),
            calendar=calendars[held.organisation_id],
            active=held.automation_id in active,
            now=now,
        )


def _row(held: Held, decision: Decision) -> tuple[Any, ...]:
    state = decision.state
    outcome = reason_text(decision.moved or decision.reason)
    return (
        *held.guard, decision.version_id or held.version_id, state.status.value, state.hold.value, state.position,
        state.entered_at, state.planned_at, state.due_at, state.remaining, state.attempt, outcome,
    )  # fmt: skip


def _skipped(case: Case, decision: Decision) -> Iterator[tuple[Any, ...]]:
    """The rows of steps that the change leaves out."""
    held = case.held
    steps = () if case.definition is None else case.definition.steps
    for left in decision.passed:
        if left.position >= len(steps):
            continue
        step, own = steps[left.position], left.position == held.state.position
        attempt, planned = (held.state.attempt + 1, held.state.planned_at) if own else (1, None)
        yield (
            held.organisation_id, held.id, left.position, attempt, step.action, step.text, "skipped", planned, case.now,
            case.now, None, reason_text(left.reason),
        )  # fmt: skip


def _entries(case: Case, decision: Decision, verb: Verb) -> Iterator[tuple[Any, ...]]:
    held = case.held
    data = {"position": held.state.position, "reason": to_json(decision.reason), **decision.data}
    if verb.note:
        data["note"] = verb.note
    yield _entry(held, verb.name, verb, data, case.now)
    for left in decision.passed:
        yield _entry(held, "step.skipped", verb, {"position": left.position, "reason": to_json(left.reason)}, case.now)
    if decision.moved is not None:
        told = {"position": decision.state.position, "reason": to_json(decision.moved)}
        yield _entry(held, "run.postponed", verb, told, case.now)


def _entry(held: Held, name: str, verb: Verb, data: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    actor = verb.actor
    return (
        held.organisation_id, name, actor.kind, actor.id, actor.label, held.id, held.kind, held.record_id,
        json_text(data), now, actor.address or None,
    )  # fmt: skip


def own_runs(organisation_id: int, ids: Collection[int]) -> list[int]:
    """Those of ``ids`` that are the organisation's: nobody locks another one's rows."""
    # By the key alone: with the organisation beside it SQLite goes through all of the organisation's runs.
    found = Run.objects.filter(id__in=ids).values_list("id", "organisation_id")
    return [run_id for run_id, owner in found if owner == organisation_id]


def open_runs_of(automation_id: int, *, statuses: Collection[str] = _OPEN, hold: str | None = None) -> list[int]:
    """The ids of an automation's open runs, however many have ended: its versions lead to them by an index."""
    versions = list(Version.objects.filter(automation_id=automation_id).values_list("id", flat=True))
    runs = Run.objects.filter(version_id__in=versions, status__in=statuses)
    if hold is not None:
        runs = runs.filter(hold=hold)
    return list(runs.order_by("id").values_list("id", flat=True))
