"""What the engine's pumps carry out, inside their transactions: due events, and runs whose step is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rouage.automations import alerts, continuation, starts
from rouage.automations.held import Arrived, Held
from rouage.automations.moves import begin, decide, not_runnable, reminding, switched_off
from rouage.automations.outcome import Decided, Outcome
from rouage.automations.world import World, automations, load_definitions, read_throttles
from rouage.journal import bulk
from rouage.journal.models import DomainEvent


def take_events(arrived: Sequence[Arrived], now: datetime) -> None:
    """Carry out what due events call for, and mark them as processed. The caller holds them locked."""
    events = sorted((one.event for one in arrived), key=lambda event: event.id)
    reports = [event for event in events if event.type in continuation.REPORTS]
    if reports:
        continuation.take(reports, World(now))
    starts.take(events, World(now))
    bulk.mark(DomainEvent, [event.id for event in events], due_at=None, processed_at=now)


def move_runs(held: Sequence[Held], now: datetime) -> None:
    """Move due runs one step on. The caller holds them locked; what somebody changed meanwhile is left alone."""
    world = World(now)
    organisations = {run.organisation_id for run in held}
    world.automations = automations({run.automation_id for run in held})
    world.definitions = load_definitions({run.version_id for run in held})
    world.see({run.reference for run in held}, organisations)
    world.meet(organisations)
    runnable = [(run, world.definitions[run.version_id]) for run in held if run.version_id in world.definitions]
    world.throttles = read_throttles(reminding(runnable), now)
    outcome = Outcome(now)
    outcome.moved = [_moved(run, world) for run in held]
    alerts.tell_failures(outcome.write(), world.automations, now)


def _moved(run: Held, world: World) -> Decided:
    definition = world.definitions.get(run.version_id)
    if definition is None:
        return not_runnable(run, world)
    caught = switched_off(run, world)
    if caught is not None:
        return caught
    decided = begin(run, world)
    if not decide(decided, definition, world):
        raise ValueError(f"run {run.id} is {run.state.status} and was claimed, but nothing is due")
    return decided
