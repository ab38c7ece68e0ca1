"""Re-plan a waiting run when a date of its record moved, was cleared or was set (AUT-12)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from rouage.planner.advance import enter, has_passed
from rouage.planner.calendar import Calendar
from rouage.planner.model import (
    TRIGGER,
    Around,
    Definition,
    Hold,
    Pass,
    Reason,
    Run,
    RunStatus,
    Snapshot,
    Timing,
)
from rouage.planner.reasons import Why
from rouage.planner.timing import NoDate, Unreadable, due, inside


@dataclass(frozen=True, slots=True)
class Replanned:
    """A waiting or paused run whose date moved; ``former`` is what was planned before."""

    run: Run
    reason: Reason
    former: datetime | None
    passed: tuple[Pass, ...] = ()
    moved: Reason | None = None


def timing_of(definition: Definition, position: int) -> Timing | None:
    """What the position waits for: a step's timing, or the trigger's date."""
    return definition.starts if position == TRIGGER else definition.steps[position].timing


def replan(definition: Definition, run: Run, snapshot: Snapshot, now: datetime, calendar: Calendar) -> Replanned | None:
    """The run on the record's new date, or None if nothing changes for it.

    A date that has passed by now leaves the step out (or ends a run that waited for its start), unless the timing says
    to run at once. A paused run stays paused where it is; only its plan moves. A step that was already tried, or that a
    person asked for now, keeps its plan.
    """
    timing = None if _keeps_its_plan(run) else timing_of(definition, run.position)
    if not isinstance(timing, Around):
        return None
    when = due(timing, run.entered_at, snapshot, calendar)
    if isinstance(when, NoDate):
        return _cleared(run, timing)
    if isinstance(when, Unreadable):
        return (
            None if run.status is RunStatus.PAUSED else _left_out(definition, run, when.reason, snapshot, now, calendar)
        )
    planned = when.moment
    if planned == run.planned_at:
        return None
    if run.status is RunStatus.WAITING and has_passed(timing, planned, now, calendar):
        return _left_out(definition, run, _passed(run, timing, planned), snapshot, now, calendar)
    return _moved(definition, run, timing, planned, now, calendar)


def _keeps_its_plan(run: Run) -> bool:
    if run.status not in {RunStatus.WAITING, RunStatus.PAUSED} or run.hold is Hold.NOW:
        return True
    return bool(run.attempt) and run.planned_at is not None


def _moved(
    definition: Definition, run: Run, timing: Around, planned: datetime, now: datetime, calendar: Calendar
) -> Replanned:
    data = {"field": timing.field, "planned": planned, "former": run.planned_at}
    reason = Reason(code=Why.RUN_REPLANNED if run.planned_at else Why.RUN_DATE_SET, data=data)
    if run.status is RunStatus.PAUSED:
        return Replanned(replace(run, planned_at=planned), reason, run.planned_at)
    window = run.position != TRIGGER and definition.steps[run.position].window
    due_at, moved = inside(max(planned, now), calendar, window=window)
    return Replanned(replace(run, planned_at=planned, due_at=due_at), reason, run.planned_at, (), moved)


def _cleared(run: Run, timing: Around) -> Replanned | None:
    if run.planned_at is None:
        return None
    reason = Reason(code=Why.RUN_DATE_CLEARED, data={"field": timing.field, "former": run.planned_at})
    due_at = run.due_at if run.status is RunStatus.PAUSED else None
    return Replanned(replace(run, planned_at=None, due_at=due_at), reason, run.planned_at)


def _passed(run: Run, timing: Around, moment: datetime) -> Reason:
    code = Why.START_DATE_PASSED if run.position == TRIGGER else Why.STEP_DATE_PASSED
    return Reason(code=code, data={"moment": moment, "field": timing.field})


def _left_out(
    definition: Definition, run: Run, reason: Reason, snapshot: Snapshot, now: datetime, calendar: Calendar
) -> Replanned:
    """The step is left out and the next one entered; without its start the run ends."""
    if run.position == TRIGGER:
        ended = Run(RunStatus.CANCELLED, TRIGGER, run.entered_at, run.planned_at, None)
        return Replanned(ended, reason, run.planned_at)
    after = enter(definition, run.position + 1, now, snapshot, calendar)
    return Replanned(after.run, reason, run.planned_at, (Pass(run.position, reason), *after.passed), after.moved)
