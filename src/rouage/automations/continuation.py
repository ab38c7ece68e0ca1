"""Takes what came of effects outside, mails handed over or not, calls answered or not: runs go on, or fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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
from rouage.journal.append import append_entries, json_text
from rouage.planner.advance import complete
from rouage.planner.model import Done, Event, Failed, Reason, Result, RunStatus
from rouage.planner.reasons import from_json, to_json

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


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the step at ``position`` of a run."""

    event: Event
    run: Held
    position: int

    @property
    def result(self) -> Result:
        return REPORTS[self.event.type](self.event.payload)

    @property
    def is_awaited(self) -> bool:
        return self.run.state.status is RunStatus.RUNNING and self.run.state.position == self.position


def take(events: Sequence[Event], world: World) -> None:
    """End the steps that the reports speak of, and move their runs on.

    A run that does not wait for its report (any more) is left alone.
    """
    reports = _read(events)
    if not reports:
        return
    started = _started({report.run.id for report in reports})
    rows = {}
    for report in reports:
        step_id = started.get((report.run.id, report.position))
        if step_id is not None:
            rows[step_id] = _step_row(step_id, report.result, world.now)
    bulk.update(Step, ("status",), ("status", "ended_at", "reason"), list(rows.values()))
    world.automations = automations({report.run.automation_id for report in reports})
    append_entries([_entry(report, world) for report in reports])
    awaited = {report.run.id: report for report in reports if report.is_awaited}
    _look([report.run for report in awaited.values()], world)
    outcome = Outcome(world.now, moved=[_completed(report, world) for report in awaited.values()])
    alerts.tell_failures(outcome.write(), world.automations, world.now)


def _read(events: Sequence[Event]) -> list[Report]:
    """The reports whose run exists, in the order in which they came in."""
    places = [(event, place) for event in events if (place := _place(event)) is not None]
    runs = {run.id: run for run in lock_runs({run_id for _, (run_id, _) in places})} if places else {}
    found = [(event, runs.get(run_id), position) for event, (run_id, position) in places]
    return [
        Report(event, run, position)
        for event, run, position in found
        if run is not None and run.organisation_id == event.organisation_id
    ]


def _entry(report: Report, world: World) -> Row:
    """The line of the record's journal, as the run's own."""
    event, payload = report.event, report.event.payload
    data = {name: payload[name] for name in ("message", "call") if payload.get(name) is not None}
    if payload.get("reason"):
        data["reason"] = to_json(_reason(payload))
    decided = begin(report.run, world)
    decided.say(event.type, json_text({"position": report.position, **data}))
    return decided.entries[0]


def waiting_for(event: Event) -> list[Held]:
    """The run that waits for this report, if it still does."""
    place = _place(event)
    runs = lock_runs([place[0]]) if place is not None else []
    return [run for run in runs if run.state.status is RunStatus.RUNNING and (run.id, run.state.position) == place]


def _place(event: Event) -> tuple[int, int] | None:
    """The run and the position of the step; None where the message or call belongs to no run."""
    run_id, position = event.payload.get("run"), event.payload.get("position")
    return (run_id, position) if isinstance(run_id, int) and isinstance(position, int) else None


def _started(run_ids: Collection[int]) -> Steps:
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
        world.definitions = load_definitions({run.version_id for run in runs})


def _completed(report: Report, world: World) -> Decided:
    run = report.run
    definition = world.definitions.get(run.version_id)
    if definition is None:
        return not_runnable(run, world)
    decided = begin(run, world)
    calendar = world.calendars[run.organisation_id]
    after = complete(definition, run.state, report.result, facts_of(run, world), now=world.now, calendar=calendar)
    decided.leave_out(after.passed, definition)
    decided.move_to(after.run, after.moved)
    if after.reason is not None:
        decided.end(after.reason)
    return decided
