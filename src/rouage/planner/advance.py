"""The life of a run: enter a position, make the next move, take an action's result.

The new state and the effect come together: nobody can apply a decision to another state than it was made for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rouage.planner.calendar import Calendar
from rouage.planner.conditions import TRUE, Verdict, evaluate
from rouage.planner.model import (
    ALWAYS,
    NEVER,
    TRIGGER,
    Act,
    Around,
    Begin,
    Definition,
    Done,
    Ended,
    Failed,
    Hold,
    Immediately,
    Move,
    Pass,
    PlannedStep,
    Postpone,
    Reason,
    Refused,
    Result,
    Run,
    RunStatus,
    Snapshot,
    Started,
    Stop,
    Tree,
    Wake,
)
from rouage.planner.reasons import Why, nested
from rouage.planner.retry import GiveUp, Retry, after_failure
from rouage.planner.throttle import Throttle
from rouage.planner.timing import NoDate, Unreadable, due, inside, is_over

PUNCTUAL = timedelta(minutes=5)
"""A step done this soon after it was due is in time, and a date this little behind has not passed."""

RETRY = Retry()
_GONE = Reason(code=Why.RECORD_GONE)


@dataclass(frozen=True, slots=True)
class Entered:
    """A run that has just reached a position, and the steps that were left out on the way there.

    ``moved`` says why its step is due later than planned (the sending window), or has no date to wait for yet.
    """

    run: Run
    passed: tuple[Pass, ...] = ()
    moved: Reason | None = None


def enter(
    definition: Definition,
    position: int,
    now: datetime,
    snapshot: Snapshot | None,
    calendar: Calendar,
    *,
    reached: datetime | None = None,
    beside: datetime | None = None,
) -> Entered:
    """Find when the step at ``position`` is due; leave out those whose date has already passed, each with its reason.

    ``reached`` is when delays count from, if not ``now``. ``beside`` is what the step before was planned for: a date on
    the same local day belongs to it and has not "already passed" while that step was done late.
    """
    reached = now if reached is None else reached
    passed: list[Pass] = []
    steps = definition.steps
    while position < len(steps):
        step = steps[position]
        found = _plan(step, position, now, snapshot, calendar, reached=reached, beside=beside)
        if isinstance(found, Entered):
            return Entered(found.run, tuple(passed), found.moved) if passed else found
        passed.append(found)
        position += 1
    return Entered(Run(RunStatus.FINISHED, position, reached, None, None), tuple(passed))


def _plan(
    step: PlannedStep,
    position: int,
    now: datetime,
    snapshot: Snapshot | None,
    calendar: Calendar,
    *,
    reached: datetime,
    beside: datetime | None,
) -> Entered | Pass:
    timing = step.timing
    if snapshot is None:
        # The next move finds the record gone and stops the run.
        return Entered(Run(RunStatus.WAITING, position, reached, now, now))
    if type(timing) is Immediately:
        planned = reached
    else:
        when = due(timing, reached, snapshot, calendar)
        if isinstance(when, Unreadable):
            return Pass(position, when.reason)
        if isinstance(when, NoDate):
            return Entered(Run(RunStatus.WAITING, position, reached, None, None), (), when.reason)
        planned = when.moment
    due_at = planned
    if isinstance(timing, Around) and planned < now:
        if has_passed(timing, planned, now, calendar, beside=beside):
            return Pass(position, Reason(code=Why.STEP_DATE_PASSED, data={"moment": planned, "field": timing.field}))
        due_at = now
    due_at, moved = inside(due_at, calendar, window=step.window)
    return Entered(Run(RunStatus.WAITING, position, reached, planned, due_at), (), moved)


def has_passed(
    timing: Around, planned: datetime, now: datetime, calendar: Calendar, *, beside: datetime | None = None
) -> bool:
    """Whether a step planned for ``planned`` is to be left out, because that moment lies behind us."""
    if timing.past == "run" or planned >= now - PUNCTUAL:
        return False
    return beside is None or calendar.local(beside).date() != calendar.local(planned).date()


def enter_trigger(
    definition: Definition, now: datetime, snapshot: Snapshot, calendar: Calendar, *, reached: datetime
) -> Entered | Reason:
    """The state of a run that waits for its trigger's date; a Reason when that date cannot come (any more)."""
    timing = definition.starts
    if timing is None:
        return Entered(Run(RunStatus.WAITING, TRIGGER, reached, reached, reached))
    when = due(timing, reached, snapshot, calendar)
    if isinstance(when, Unreadable):
        return when.reason
    if isinstance(when, NoDate):
        return Entered(Run(RunStatus.WAITING, TRIGGER, reached, None, None), (), when.reason)
    planned = due_at = when.moment
    if isinstance(timing, Around) and planned < now:
        if has_passed(timing, planned, now, calendar):
            return Reason(code=Why.START_DATE_PASSED, data={"moment": planned, "field": timing.field})
        due_at = now
    return Entered(Run(RunStatus.WAITING, TRIGGER, reached, planned, due_at))


def advance(
    definition: Definition,
    run: Run,
    snapshot: Snapshot | None,
    now: datetime,
    calendar: Calendar,
    throttle: Throttle | None = None,
    *,
    done: Collection[int] = (),
) -> Move | None:
    """The run's move at ``now`` on a fresh snapshot, or None if nothing is due.

    One move carries out at most one step: the next one meets its own snapshot and its own stop conditions. An unknown
    stop condition does not stop, and the move tells of it (``doubt``). ``throttle`` holds the client's reminders, for
    steps that are one. ``done`` are the positions that a relaunch must not repeat (``Relaunched.spared``).
    """
    if run.due_at is None or now < run.due_at or run.status not in _MOVABLE:
        return None
    if snapshot is None:
        return Move(_ended(run), Stop(_GONE))
    stop = _stop(definition.stop, snapshot, now, calendar)
    if stop.value is True:
        return Move(_ended(run), Stop(stop.because(Why.STOP_CONDITION)))
    move = _move(definition, run, snapshot, now, calendar, throttle, done=done)
    if stop.value is None:
        return Move(move.run, move.effect, move.passed, move.moved, stop.because(Why.STOP_UNKNOWN))
    return move


_MOVABLE = frozenset({RunStatus.WAITING, RunStatus.PAUSED})


def _move(
    definition: Definition,
    run: Run,
    snapshot: Snapshot,
    now: datetime,
    calendar: Calendar,
    throttle: Throttle | None,
    *,
    done: Collection[int],
) -> Move:
    if run.status is RunStatus.PAUSED:
        return _wake(definition, run, now, calendar)
    if run.position == TRIGGER:
        return _begin(definition, run, snapshot, now, calendar)
    position = run.position
    step = definition.steps[position]
    late = now - (run.due_at or now)
    reason: Reason | None = None
    if position in done:
        reason = Reason(code=Why.STEP_ALREADY_DONE)
    elif run.hold is not Hold.NOW:
        hindrance = _hindered(definition, run, snapshot, now, calendar, throttle)
        if isinstance(hindrance, Move):
            return hindrance
        reason = hindrance
    if reason is None and step.when is not ALWAYS:
        reason = _unmet(step.when, snapshot, calendar.local(now), Why.STEP_NOT_MET, Why.STEP_UNKNOWN)
    if reason is not None:
        after = enter(definition, position + 1, now, snapshot, calendar, beside=run.planned_at)
        return Move(after.run, Pass(position, reason), after.passed, after.moved)
    acting = Run(RunStatus.RUNNING, position, run.entered_at, run.planned_at, None, None, run.hold, run.attempt)
    return Move(acting, Act(position, step, late if late > PUNCTUAL else None))


def _hindered(
    definition: Definition,
    run: Run,
    snapshot: Snapshot,
    now: datetime,
    calendar: Calendar,
    throttle: Throttle | None,
) -> Reason | Move | None:
    """Why the due step is left out as too late, or the move that postpones it; None if it may be done."""
    step = definition.steps[run.position]
    if definition.max_late is not None or type(step.timing) is Around:
        reason = _left_out(definition, run, snapshot, now, calendar)
        if reason is not None:
            return reason
    if step.window or (step.reminder and throttle is not None):
        return _postponed(step, run, now, calendar, throttle, definition)
    return None


def _wake(definition: Definition, run: Run, now: datetime, calendar: Calendar) -> Move:
    """A person's pause is over. What its automation holds stays held, without a date from now on."""
    reason = Reason(code=Why.RUN_WOKEN, data={"until": run.due_at})
    if run.hold is not Hold.PERSON:
        return Move(replace(run, due_at=None), Wake(reason))
    run, moved = awake(definition, run, now, calendar)
    return Move(run, Wake(reason), (), moved)


def awake(definition: Definition, run: Run, now: datetime, calendar: Calendar) -> tuple[Run, Reason | None]:
    """The paused run, waiting again for its planned moment, or at once if that went by in the meantime."""
    if run.planned_at is None:
        return Run(RunStatus.WAITING, run.position, run.entered_at, None, None, None, Hold.NONE, run.attempt), None
    window = run.position != TRIGGER and definition.steps[run.position].window
    due_at, moved = inside(max(run.planned_at, now), calendar, window=window)
    return Run(
        RunStatus.WAITING, run.position, run.entered_at, run.planned_at, due_at, None, Hold.NONE, run.attempt
    ), moved


def _begin(definition: Definition, run: Run, snapshot: Snapshot, now: datetime, calendar: Calendar) -> Move:
    due_at = run.due_at or now
    if definition.max_late is not None and now - due_at > definition.max_late:
        return Move(_ended(run), Stop(Reason(code=Why.START_MISSED, data={"planned": run.planned_at})))
    reason = _unmet(definition.conditions, snapshot, calendar.local(now), Why.START_NOT_MET, Why.START_UNKNOWN)
    if reason is not None:
        return Move(_ended(run), Stop(reason))
    first = enter(definition, 0, now, snapshot, calendar, reached=due_at, beside=run.planned_at)
    return Move(first.run, Begin(), first.passed, first.moved)


def _left_out(definition: Definition, run: Run, snapshot: Snapshot, now: datetime, calendar: Calendar) -> Reason | None:
    """Why a step that has come too late is left out."""
    late = now - (run.due_at or now)
    if definition.max_late is not None and late > definition.max_late:
        return Reason(code=Why.STEP_MISSED, data={"planned": run.planned_at, "late": late})
    timing = definition.steps[run.position].timing
    if type(timing) is Around and run.planned_at is not None and now - run.planned_at > PUNCTUAL:
        return _too_late(definition, run, timing, snapshot, now, calendar)
    return None


def _too_late(
    definition: Definition, run: Run, timing: Around, snapshot: Snapshot, now: datetime, calendar: Calendar
) -> Reason | None:
    """A reminder before a date makes no sense after it: after a pause, a gap or downtime. The window is no reason."""
    if timing.direction == "after" or timing.past == "run" or run.planned_at is None:
        return None
    latest, _ = inside(run.planned_at, calendar, window=definition.steps[run.position].window)
    if now - latest <= PUNCTUAL or not is_over(timing, snapshot, now, calendar):
        return None
    return Reason(code=Why.STEP_TOO_LATE, data={"field": timing.field, "found": snapshot.get(timing.field)})


def _postponed(
    step: PlannedStep, run: Run, now: datetime, calendar: Calendar, throttle: Throttle | None, definition: Definition
) -> Move | None:
    """The sending window, then the client's gap and cap."""
    moment, reason = inside(now, calendar, window=step.window)
    if step.reminder and throttle is not None:
        allowed, limit = throttle.earliest(definition.limits, now)
        if allowed > moment:
            moment, _ = inside(allowed, calendar, window=step.window)
            reason = limit and Reason(code=limit.code, data={**limit.data, "due": moment})
    if reason is None:
        return None
    later = Run(RunStatus.WAITING, run.position, run.entered_at, run.planned_at, moment, None, run.hold, run.attempt)
    return Move(later, Postpone(reason))


def _stop(tree: Tree, snapshot: Snapshot, now: datetime, calendar: Calendar) -> Verdict:
    return _NO_STOP if tree is NEVER else evaluate(tree, snapshot, calendar.local(now))


_NO_STOP = Verdict(value=False)


def _unmet(tree: Tree, snapshot: Snapshot, now: datetime, false: Why, unknown: Why) -> Reason | None:
    """Why ``tree`` does not hold, or None if it does."""
    verdict = evaluate(tree, snapshot, now)
    if verdict is TRUE or verdict.value is True:
        return None
    return verdict.because(unknown if verdict.value is None else false)


def _ended(run: Run) -> Run:
    return Run(RunStatus.CANCELLED, run.position, run.entered_at, run.planned_at, None, None, Hold.NONE, run.attempt)


@dataclass(frozen=True, slots=True)
class Completed:
    """The run after an action's result. ``reason``: why it failed, is tried again or was ended by the action."""

    run: Run
    passed: tuple[Pass, ...] = ()
    reason: Reason | None = None
    moved: Reason | None = None


def complete(
    definition: Definition,
    run: Run,
    result: Result,
    snapshot: Snapshot | None,
    *,
    now: datetime,
    calendar: Calendar,
    retry: Retry = RETRY,
) -> Completed:
    """The state after the action of the RUNNING run's step gave ``result``. Raises Refused for any other run.

    ``Started`` keeps it RUNNING until the outcome arrives as ``Done`` or ``Failed``. A failure that may pass is tried
    again at the same position, ``attempt`` one higher; the step's plan stays.
    """
    if run.status is not RunStatus.RUNNING:
        raise Refused(Reason(code=Why.REFUSED_NOT_RUNNING))
    if type(result) is Done:
        after = enter(definition, run.position + 1, now, snapshot, calendar, beside=run.planned_at)
        return Completed(after.run, after.passed, None, after.moved)
    match result:
        case Started():
            return Completed(run)
        case Ended(reason=reason):
            return Completed(_ended(run), (), reason)
        case Failed():
            return _failed(definition, run, result, now, calendar, retry)
        case Done():
            raise AssertionError("answered above")


def _failed(
    definition: Definition, run: Run, result: Failed, now: datetime, calendar: Calendar, retry: Retry
) -> Completed:
    attempt = run.attempt + 1
    because = nested(result.reason)
    after = after_failure(retry, attempt, permanent=result.permanent, now=now)
    if isinstance(after, GiveUp):
        failed = Run(RunStatus.FAILED, run.position, run.entered_at, run.planned_at, None, None, Hold.NONE, attempt)
        if result.permanent:
            return Completed(failed, (), result.reason)
        return Completed(failed, (), Reason(code=Why.STEP_GAVE_UP, data={"tries": after.tries, "because": because}))
    window = definition.steps[run.position].window and run.hold is not Hold.NOW
    due_at, moved = inside(after.moment, calendar, window=window)
    again = Run(RunStatus.WAITING, run.position, run.entered_at, run.planned_at, due_at, None, run.hold, attempt)
    data = {"attempt": attempt, "tries": retry.tries, "at": due_at, "because": because}
    return Completed(again, (), Reason(code=Why.STEP_RETRY, data=data), moved)
