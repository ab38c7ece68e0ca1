"""Takes what came of effects outside: a message handed over or not, a call answered or not. Its run goes on, or fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rouage.automations import alerts
from rouage.automations.following import facts_of
from rouage.automations.held import Held, Row
from rouage.automations.models import Step
from rouage.automations.moves import begin, not_runnable
from rouage.automations.outcome import Decided, Outcome, reason_text
from rouage.automations.world import World, automations, load_definitions, lock_runs
from rouage.journal import bulk
from rouage.planner.advance import complete
from rouage.planner.model import Done, Event, Failed, Reason, Result, RunStatus
from rouage.planner.reasons import from_json

type Steps = Mapping[tuple[int, int], int]


def _failed(payload: Mapping[str, Any]) -> Result:
    return Failed(reason=_reason(payload))


REPORTS: Mapping[str, Callable[[Mapping[str, Any]], Result]] = {
    "message.sent": lambda _: Done(),
    "message.failed": _failed,
    # Nobody can know whether it left: a person decides, and nothing is sent again by itself (SND-5).
    "message.unknown": _failed,
    "call.succeeded": lambda _: Done(),
    "call.failed": _failed,
}


def _reason(payload: Mapping[str, Any]) -> Reason:
    """A stored Reason, or the code of one of the mail's reasons."""
    told = payload.get("reason")
    if isinstance(told, Mapping):
        return from_json(told)
    return Reason(code=f"mail.{told or 'other'}")


def take(events: Sequence[Event], world: World) -> None:
    """End the steps that the reports speak of, and move their runs on; a run that does not wait for it is left alone."""
    reports = {place: event for event in events if (place := _place(event)) is not None}
    if not reports:
        return
    held = {run.id: run for run in lock_runs({run_id for run_id, _ in reports})}
    started = _started(held)
    outcome, rows = Outcome(world.now), []
    waiting = {}
    for (run_id, position), event in reports.items():
        result = REPORTS[event.type](event.payload)
        if (run_id, position) in started:
            rows.append(_step_row(started[run_id, position], result, world.now))
        run = held.get(run_id)
        if run is not None and run.state.status is RunStatus.RUNNING and run.state.position == position:
            waiting[run.id] = (run, result)
    bulk.update(Step, ("status",), ("status", "ended_at", "reason"), rows)
    _look([run for run, _ in waiting.values()], world)
    outcome.moved = [_completed(run, result, world) for run, result in waiting.values()]
    alerts.tell_failures(outcome.write(), world.automations, world.now)


def waiting_for(event: Event) -> list[Held]:
    """The run that waits for this report, if it still does."""
    place = _place(event)
    runs = lock_runs([place[0]]) if place is not None else []
    return [run for run in runs if run.state.status is RunStatus.RUNNING and (run.id, run.state.position) == place]


def _place(event: Event) -> tuple[int, int] | None:
    """The run and the position of the step; None where the message or call belongs to no run."""
    run_id, position = event.payload.get("run"), event.payload.get("position")
    return (run_id, position) if isinstance(run_id, int) and isinstance(position, int) else None


def _started(run_ids: Mapping[int, Held]) -> Steps:
    """The steps that are under way, by run and position."""
    among, these = bulk.id_list(list(run_ids))
    sql = f"""select run_id, position, id from "{Step._meta.db_table}" where run_id {among} and status = 'started'"""  # noqa: S608 -- a table's name
    return {(run_id, position): step_id for run_id, position, step_id in bulk.query(sql, (these,))}


def _step_row(step_id: int, result: Result, now: datetime) -> Row:
    if isinstance(result, Failed):
        return step_id, "started", "failed", now, reason_text(result.reason)
    return step_id, "started", "done", now, None


def _look(runs: Sequence[Held], world: World) -> None:
    if runs:
        world.see({run.reference for run in runs}, {run.organisation_id for run in runs})
        world.automations = automations({run.automation_id for run in runs})
        world.definitions = load_definitions({run.version_id for run in runs})


def _completed(run: Held, result: Result, world: World) -> Decided:
    definition = world.definitions.get(run.version_id)
    if definition is None:
        return not_runnable(run, world)
    decided = begin(run, world)
    calendar = world.calendars[run.organisation_id]
    after = complete(definition, run.state, result, facts_of(run, world), now=world.now, calendar=calendar)
    decided.leave_out(after.passed, definition)
    decided.move_to(after.run, after.moved)
    if after.reason is not None:
        decided.end(after.reason)
    return decided
