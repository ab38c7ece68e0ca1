"""Open runs follow their record: a met stop condition ends them (AUT-9), a moved date moves their plan (AUT-12)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rouage.automations.held import Held
from rouage.automations.moves import begin
from rouage.automations.outcome import Decided
from rouage.automations.world import World, automations, load_definitions, lock_runs
from rouage.planner.commands import stop_now
from rouage.planner.match import with_facts
from rouage.planner.model import RunStatus, Snapshot
from rouage.planner.replan import replan


def follow(runs: Sequence[Held], world: World, restarting: Collection[int]) -> tuple[list[Held], dict[int, Decided]]:
    """The open runs as they are now, and what becomes of those that the record's new facts concern.

    ``restarting``: automations whose trigger may replace an open run.
    """
    if not runs:
        return [], {}
    world.definitions |= load_definitions({run.version_id for run in runs})
    absent = {run.automation_id for run in runs} - world.automations.keys()
    if absent:
        world.automations |= automations(absent)
    runs = _settled(runs, world, restarting)
    return runs, {run.id: decided for run in runs if (decided := _followed(run, world)) is not None}


def _settled(runs: Sequence[Held], world: World, restarting: Collection[int]) -> list[Held]:
    """Another worker may be moving a run on, by the record's date as it was: what it decided is read once committed."""
    contended = [run.id for run in runs if run.automation_id in restarting or _watches(run, world)]
    if not contended:
        return list(runs)
    fresh = {run.id: run for run in lock_runs(contended)}
    return [fresh.get(run.id, run) for run in runs]


def _watches(run: Held, world: World) -> bool:
    definition = world.definitions.get(run.version_id)
    return definition is not None and bool(definition.watches)


def _followed(run: Held, world: World) -> Decided | None:
    definition = world.definitions.get(run.version_id)
    if definition is None or run.state.status not in _FOLLOWS:
        return None
    snapshot = facts_of(run, world)
    calendar = world.calendars[run.organisation_id]
    stopped = stop_now(definition, run.state, snapshot, world.now, calendar)
    if stopped is not None:
        decided = begin(run, world)
        decided.state = stopped.run
        decided.end(stopped.reason)
        return decided
    if not definition.watches or snapshot is None:
        return None
    moved = replan(definition, run.state, snapshot, world.now, calendar)
    if moved is None:
        return None
    decided = begin(run, world)
    decided.leave_out(moved.passed, definition)
    decided.move_to(moved.run, moved.moved)
    if moved.run.status is RunStatus.CANCELLED:
        decided.end(moved.reason)
        return decided
    decided.note = moved.reason
    decided.explain("run.replanned", run.state.position, moved.reason)
    return decided


_FOLLOWS = frozenset({RunStatus.WAITING, RunStatus.PAUSED})


def facts_of(run: Held, world: World) -> Snapshot | None:
    found = world.snapshot(run.reference, run.organisation_id)
    return None if found is None else with_facts(found, run.facts)
