"""Decides what events call for: which automations start a run, and why the others stay still."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction

from rouage.automations import alerts, flood
from rouage.automations.following import follow
from rouage.automations.held import Held, Reference
from rouage.automations.models import Automation, Run
from rouage.automations.moves import begin, decide, reminding
from rouage.automations.outcome import Decided, Outcome, reason_text
from rouage.automations.registry import TRIGGERS
from rouage.automations.world import (
    AutomationFacts,
    World,
    ended_runs,
    live_automations,
    load_definitions,
    open_runs,
    published,
    read_throttles,
)
from rouage.journal import bulk
from rouage.journal.append import json_text
from rouage.planner import model as plan
from rouage.planner.commands import cancel, hold, pause_until, stop_now
from rouage.planner.match import match, with_facts
from rouage.planner.model import (
    ENROLLED,
    Event,
    Hold,
    Known,
    Published,
    Reason,
    Reentry,
    RunStatus,
    Skip,
    Start,
)
from rouage.planner.reasons import Why

type Listeners = Mapping[tuple[int, str], Sequence[Published]]


@dataclass(slots=True, eq=False)
class Begun:
    """A run about to be written. ``replaced``: a later event of the same batch has started another one in its place."""

    event: Event
    start: Start
    published: Published
    replaced: bool = False


@dataclass(slots=True)
class Batch:
    """The events of one batch, with what is decided about them so far."""

    world: World
    events: Sequence[Event]
    listeners: Listeners
    outcome: Outcome
    versions: dict[int, Published] = field(default_factory=dict)
    known: dict[Reference, list[Known]] = field(default_factory=lambda: defaultdict(list))
    open: dict[int, Held] = field(default_factory=dict)
    touched: dict[int, Decided] = field(default_factory=dict)
    begun: list[Begun] = field(default_factory=list)

    def evaluated(self, event: Event, listener: Published, reason: Reason) -> None:
        """A trigger that started nothing (RUN-9)."""
        self.outcome.evaluations.append(
            (event.organisation_id, listener.automation_id, listener.version_id, event.kind, event.record_id, event.id,
             event.type, reason_text(reason), self.world.now)
        )  # fmt: skip

    def heard(self) -> list[Event]:
        return [event for event in self.events if (event.organisation_id, event.type) in self.listeners]


def take(events: Sequence[Event], world: World) -> None:
    """Decide and write what the events call for, in the order in which they happened."""
    live = live_automations({event.organisation_id for event in events})
    world.automations = {facts.id: facts for facts in live}
    listeners = _listeners(live)
    batch = Batch(world, events, listeners, Outcome(world.now))
    batch.versions = {listener.version_id: listener for found in listeners.values() for listener in found}
    _look(batch)
    for event in batch.heard():
        _match(batch, event)
    _begin_runs(batch)
    batch.outcome.moved = list(batch.touched.values())
    alerts.tell_failures(batch.outcome.write(), world.automations, world.now)


def _listeners(live: Sequence[AutomationFacts]) -> Listeners:
    definitions = load_definitions({facts.published_id for facts in live if facts.published_id is not None})
    found: dict[tuple[int, str], list[Published]] = defaultdict(list)
    for facts in live:
        compiled = definitions.get(facts.published_id or 0)
        if compiled is not None:
            value = published(facts, compiled)
            for type_ in compiled.listens:
                found[facts.organisation_id, type_].append(value)
    return dict(found)


def _look(batch: Batch) -> None:
    """Take fresh facts of the records that somebody is interested in, and let their open runs follow them."""
    world, heard = batch.world, batch.heard()
    triples = {(event.organisation_id, event.kind, event.record_id) for event in batch.events}
    runs = open_runs(triples)
    references = {run.reference for run in runs} | {(event.kind, event.record_id) for event in heard}
    if not references:
        return
    world.see(references, {run.organisation_id for run in runs} | {event.organisation_id for event in heard})
    listening = [listener for event in heard for listener in batch.listeners[event.organisation_id, event.type]]
    runs, batch.touched = follow(runs, world, _with(listening, Reentry.RESTART))
    batch.open = {run.id: run for run in runs}
    for run in runs:
        decided = batch.touched.get(run.id)
        # One that was just stopped does not stand in the way of the one that the same event starts.
        status = run.state.status if decided is None else decided.state.status
        batch.known[run.reference].append(
            Known(run_id=run.id, automation_id=run.automation_id, version_id=run.version_id, status=status)
        )
    once = _with(listening, Reentry.ONCE)
    if once:
        for reference, known in ended_runs(triples, once).items():
            batch.known[reference] += known


def _with(listening: Iterable[Published], reentry: Reentry) -> set[int]:
    return {listener.automation_id for listener in listening if listener.definition.reentry is reentry}


def _match(batch: Batch, event: Event) -> None:
    world, reference = batch.world, (event.kind, event.record_id)
    listeners = batch.listeners[event.organisation_id, event.type]
    plans = match(
        listeners,
        event,
        world.snapshot(reference, event.organisation_id),
        batch.known.get(reference, ()),
        now=world.now,
        calendar=world.calendars[event.organisation_id],
        triggers=TRIGGERS,
    )
    if not plans:
        return
    for found in plans:
        listener = batch.versions[found.version_id]
        reason = found.reason if isinstance(found, Skip) else _stopped(batch, event, found, listener)
        if reason is not None:
            batch.evaluated(event, listener, reason)
        elif isinstance(found, Start):
            _start(batch, event, found, listener)


def _stopped(batch: Batch, event: Event, start: Start, listener: Published) -> Reason | None:
    """The stop condition that a run would meet at once. One whose step is due by now asks by itself before it."""
    world, state = batch.world, start.run
    if state.due_at is not None and state.due_at <= world.now:
        return None
    snapshot = with_facts(world.snapshots[event.kind, event.record_id], start.facts)
    stopped = stop_now(listener.definition, state, snapshot, world.now, world.calendars[event.organisation_id])
    return None if stopped is None else stopped.reason


def _start(batch: Batch, event: Event, start: Start, listener: Published) -> None:
    for run_id in start.replaces:
        _replace(batch, run_id)
    batch.begun.append(Begun(event, start, listener))
    known = batch.known[event.kind, event.record_id]
    if start.replaces:
        known[:] = [one for one in known if one.run_id not in start.replaces]
    # Its id is not known yet: its place in the list stands for it.
    known.append(
        Known(
            run_id=-len(batch.begun),
            automation_id=listener.automation_id,
            version_id=listener.version_id,
            status=start.run.status,
        )
    )


def _replace(batch: Batch, run_id: int) -> None:
    if run_id < 0:
        batch.begun[-run_id - 1].replaced = True
        return
    decided = batch.touched.get(run_id) or begin(batch.open[run_id], batch.world)
    decided.state = cancel(decided.state).run
    decided.end(Reason(code=Why.START_RESTARTED))
    batch.touched[run_id] = decided


def _begin_runs(batch: Batch) -> None:
    world, starting = batch.world, []
    for begun in batch.begun:
        if begun.replaced:
            batch.evaluated(begun.event, begun.published, Reason(code=Why.START_RESTARTED))
        else:
            starting.append(begun)
    ids = bulk.reserve_ids(Run, len(starting))
    fresh = [(_held(run_id, begun, world), begun) for run_id, begun in zip(ids, starting, strict=True)]
    due = [(held, begun.published.definition) for held, begun in fresh if _is_due(held.state, world.now)]
    world.meet({held.organisation_id for held, _ in due})
    world.throttles = read_throttles(reminding(due), world.now)
    brake = _Brake(world)
    for held, begun in fresh:
        _begin_run(batch, held, begun, brake)
    brake.close()


def _is_due(state: plan.Run, now: datetime) -> bool:
    return state.due_at is not None and state.due_at <= now


def _held(run_id: int, begun: Begun, world: World) -> Held:
    event, listener = begun.event, begun.published
    snapshot = world.snapshots[event.kind, event.record_id]
    return Held(
        run_id, event.organisation_id, listener.automation_id, listener.version_id, event.kind, event.record_id,
        snapshot.get("client.id"), snapshot["label"][:_LABEL], event.id, event.cause, begun.start.facts, (), "", None,
        begun.start.run, 0,
    )  # fmt: skip


_LABEL = 120  # characters that a run keeps of its record's name


def _begin_run(batch: Batch, held: Held, begun: Begun, brake: _Brake) -> None:
    world, event, definition = batch.world, begun.event, begun.published.definition
    decided = begin(held, world)
    if begun.start.passed:
        decided.leave_out(begun.start.passed, definition)
    decided.move_to(begun.start.run, begun.start.moved)
    if decided.state.status is RunStatus.WAITING and not brake.holds(decided, event) and not _waits(decided, world):
        decide(decided, definition, world)
        if not decided.steps and decided.note is not None and decided.note.code == Why.STOP_CONDITION:
            batch.evaluated(event, begun.published, decided.note)
            return
    if not decided.steps and not decided.entries:
        # One that acts at once is told by what it does: a second line for each would cost a tenth of the throughput.
        decided.say("run.started", f'{{"event": {event.id}}}')
    batch.outcome.new_runs.append(decided.new_row(event, _facts_text(held.facts)))
    batch.outcome.begun.append(decided)


def _facts_text(facts: Mapping[str, Any]) -> str:
    """What a trigger tells is the same for many runs, and nearly always words."""
    if all(type(value) is str for value in facts.values()):
        return _cached_text(tuple(facts.items()))
    return json_text(dict(facts))


@lru_cache(maxsize=1024)
def _cached_text(facts: tuple[tuple[str, str], ...]) -> str:
    return json_text(dict(facts))


def _waits(decided: Decided, world: World) -> bool:
    """Whether the client's automations are paused until a date."""
    until = world.snapshots[decided.held.reference].get("client.paused_until")
    if until is None or until <= world.now:
        return False
    changed = pause_until(decided.state, world.now, until)
    decided.state = changed.run
    decided.note = Reason(code="run.paused_client", data={"until": until})
    decided.explain("run.paused", decided.state.position, decided.note)
    return True


class _Brake:
    """The flood brake over one batch (AUT-14). What people ask for themselves, by enrolling records, is no flood."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limit: int = settings.ROUAGE_FLOOD_LIMIT
        self._room: dict[int, int] = {}
        self._started: Counter[int] = Counter()
        self._flooded: set[int] = set()

    def holds(self, decided: Decided, event: Event) -> bool:
        if not self._limit or event.type == ENROLLED:
            return False
        automation_id = decided.held.automation_id
        facts = self._world.automations[automation_id]
        if automation_id not in self._room:
            self._room[automation_id] = flood.room(automation_id, self._limit, self._world.now)
        if not facts.is_flooded and self._started[automation_id] < self._room[automation_id]:
            self._started[automation_id] += 1
            return False
        if not facts.is_flooded:
            self._flooded.add(automation_id)
        changed = hold(decided.state, self._world.now, Hold.FLOOD)
        decided.state, decided.note = changed.run, changed.reason
        decided.explain("run.held", decided.state.position, changed.reason)
        return True

    def close(self) -> None:
        """Remember what started, once that is certain; say once that an automation floods."""
        now = self._world.now
        if self._started:
            counts = dict(self._started)
            transaction.on_commit(lambda: flood.count(counts, now))
        if self._flooded:
            among, these = bulk.id_list(sorted(self._flooded))
            table = Automation._meta.db_table
            sql = f'update "{table}" set flooded_at = %s where id {among} and flooded_at is null returning id'  # noqa: S608 -- a table's name
            first = [row[0] for row in bulk.query(sql, (bulk.moment(now), these))]
            alerts.tell_floods([self._world.automations[id_] for id_ in first], self._limit, now)
