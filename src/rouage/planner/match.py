"""Decide which automations an event starts, and why the others stay still (AUT-2, AUT-8, AUT-14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rouage.planner.advance import Entered, enter, enter_trigger
from rouage.planner.calendar import Calendar
from rouage.planner.conditions import evaluate
from rouage.planner.model import (
    ENROLLED,
    MAX_DEPTH,
    OPEN,
    Definition,
    Event,
    Known,
    Published,
    Reason,
    Reentry,
    Skip,
    Snapshot,
    Start,
)
from rouage.planner.reasons import Why
from rouage.planner.types import TriggerType

_NO_FACTS: Mapping[str, Any] = {}


class Facts(Mapping[str, Any]):
    """A snapshot with the trigger's facts beside it, as ``trigger.<name>``, without copying either."""

    __slots__ = ("_facts", "_snapshot")

    def __init__(self, snapshot: Snapshot, facts: Mapping[str, Any]) -> None:
        self._snapshot = snapshot
        self._facts = facts

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 -- a JSON value
        if name.startswith("trigger."):
            return self._facts[name[8:]]
        return self._snapshot[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 -- same
        """As a dict: the mapping's own way over KeyError is slow, and this is asked for each condition."""
        if name.startswith("trigger."):
            return self._facts.get(name[8:], default)
        return self._snapshot.get(name, default)

    def __iter__(self) -> Iterator[str]:
        yield from self._snapshot
        yield from (f"trigger.{name}" for name in self._facts)

    def __len__(self) -> int:
        return len(self._snapshot) + len(self._facts)


def with_facts(snapshot: Snapshot, facts: Mapping[str, Any]) -> Snapshot:
    """The snapshot as a run with these trigger facts reads it (``Start.facts``, kept with the run)."""
    return Facts(snapshot, facts) if facts else snapshot


def match(
    live: Sequence[Published],
    event: Event,
    snapshot: Snapshot | None,
    known: Sequence[Known],
    *,
    now: datetime,
    calendar: Calendar,
    triggers: Mapping[str, TriggerType],
) -> list[Start | Skip]:
    """What each automation makes of ``event``; one that is not concerned leaves no trace.

    ``live``: published automations of the event's organisation that listen to its type; for ``automation.enrolled``,
    the one of the payload's ``automation_id``. ``known``: all runs of these automations on the event's record, open or
    ended, those of the same batch included. ``snapshot`` is None when the record is gone.
    """
    plans: list[Start | Skip] = []
    for published in live:
        plan = _plan(published, event, snapshot, known, now=now, calendar=calendar, triggers=triggers)
        if plan is not None:
            plans.append(plan)
    return plans


def _plan(
    published: Published,
    event: Event,
    snapshot: Snapshot | None,
    known: Sequence[Known],
    *,
    now: datetime,
    calendar: Calendar,
    triggers: Mapping[str, TriggerType],
) -> Start | Skip | None:
    definition, version_id = published.definition, published.version_id
    facts = _facts(published, event, snapshot, triggers)
    if facts is None:
        return None
    if isinstance(facts, Reason):
        return Skip(version_id, facts)
    reason = _braked(published, event)
    if reason is not None:
        return Skip(version_id, reason)
    if snapshot is None:
        return Skip(version_id, Reason(code=Why.RECORD_GONE))
    seen = with_facts(snapshot, facts) if definition.asks_trigger else snapshot
    entered = _entered(definition, event, seen, now, calendar)
    if isinstance(entered, Reason):
        return Skip(version_id, entered)
    replaces = _replaced(published, known)
    if isinstance(replaces, Reason):
        return _ignored(definition, event, version_id, replaces)
    return Start(version_id, entered.run, entered.passed, replaces, entered.moved, facts)


def _facts(
    published: Published, event: Event, snapshot: Snapshot | None, triggers: Mapping[str, TriggerType]
) -> Mapping[str, Any] | Reason | None:
    """The trigger's facts; None if the event is not meant for this automation, a Reason if its trigger is gone."""
    definition = published.definition
    addressed = event.payload.get("automation_id")
    if addressed is not None and addressed != published.automation_id:
        return None
    if event.type == ENROLLED:
        return _NO_FACTS if addressed is not None and definition.kind == event.kind else None
    trigger = triggers.get(definition.trigger)
    if trigger is None:
        return Reason(code=Why.START_TRIGGER_GONE, data={"trigger": definition.trigger})
    return trigger.matches(definition.trigger_config, event, {} if snapshot is None else snapshot)


def _braked(published: Published, event: Event) -> Reason | None:
    """The loop brake: a chain that is too long, or an automation that starts itself on the same record."""
    cause = event.cause
    if not cause:
        return None
    if len(cause) >= MAX_DEPTH:
        return Reason(code=Why.START_LOOP, data={"depth": len(cause)})
    if published.definition.self_trigger:
        return None
    for link in cause:
        if (
            link.automation_id == published.automation_id
            and link.record_id == event.record_id
            and link.kind == event.kind
        ):
            return Reason(code=Why.START_SELF, data={"run": link.run_id})
    return None


def _entered(
    definition: Definition, event: Event, snapshot: Snapshot, now: datetime, calendar: Calendar
) -> Entered | Reason:
    """Delays count from what happened, not from when we heard of it; a clock that was moved back changes nothing."""
    reached = min(event.occurred_at, now)
    if definition.starts is not None:
        return enter_trigger(definition, now, snapshot, calendar, reached=reached)
    verdict = evaluate(definition.conditions, snapshot, calendar.local(now))
    if verdict.value is not True:
        return verdict.because(Why.START_UNKNOWN if verdict.value is None else Why.START_NOT_MET)
    return enter(definition, 0, now, snapshot, calendar, reached=reached)


def _replaced(published: Published, known: Sequence[Known]) -> tuple[int, ...] | Reason:
    """The open runs that a new one takes over from, or why there is no new one (AUT-8)."""
    reentry = published.definition.reentry
    if not known or reentry is Reentry.ALWAYS:
        return ()
    former = [run for run in known if run.automation_id == published.automation_id]
    if reentry is Reentry.ONCE and former:
        return Reason(code=Why.START_ONCE)
    taken = tuple(run.run_id for run in former if run.status in OPEN)
    if reentry is Reentry.IGNORE and taken:
        return Reason(code=Why.START_RUNNING)
    return taken


def _ignored(definition: Definition, event: Event, version_id: int, reason: Reason) -> Skip | None:
    """A changed record re-plans the run that waits for its date: that is no trigger which was ignored."""
    if definition.starts is not None and not event.type.endswith((".created", ENROLLED)):
        return None
    return Skip(version_id, reason)
