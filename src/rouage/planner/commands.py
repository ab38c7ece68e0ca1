"""What people and the switch of an automation do to a run.

Each command gives the new state and what the journal says, or raises Refused when the state does not fit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from rouage.planner.advance import Entered, awake, enter, enter_trigger
from rouage.planner.calendar import Calendar
from rouage.planner.conditions import evaluate
from rouage.planner.model import (
    OPEN,
    TRIGGER,
    Definition,
    Hold,
    Later,
    Move,
    Pass,
    PlannedStep,
    Reason,
    Refused,
    Resume,
    Run,
    RunStatus,
    Snapshot,
)
from rouage.planner.reasons import Why
from rouage.planner.replan import timing_of

_ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class Changed:
    """The run after a person's command, and what the journal says of it."""

    run: Run
    reason: Reason
    passed: tuple[Pass, ...] = ()
    moved: Reason | None = None


@dataclass(frozen=True, slots=True)
class Relaunched:
    """The state of the new run of a relaunch.

    ``done``: positions of the version it runs on whose e-mails already left; the person is told. ``spared``: those of
    them that ``advance(..., done=spared)`` leaves out; empty when the person said to repeat them.
    """

    run: Run
    reason: Reason
    passed: tuple[Pass, ...] = ()
    moved: Reason | None = None
    done: tuple[int, ...] = ()
    spared: tuple[int, ...] = ()


class Origin(StrEnum):
    """Where a relaunch begins, if not at a step that a person chose."""

    FAILED_STEP = "failed_step"  # for a cancelled run, the step that it had reached
    START = "start"


def pause(run: Run, now: datetime) -> Changed:
    """Nothing happens until somebody resumes the run. Its plan stays, and what is left of its wait is kept."""
    _check_not_over(run)
    if run.status is RunStatus.PAUSED and run.hold is Hold.PERSON and run.due_at is None:
        raise Refused(Reason(code=Why.REFUSED_PAUSED))
    return Changed(_paused(run, now, Hold.PERSON), Reason(code=Why.RUN_PAUSED))


def pause_until(run: Run, now: datetime, until: datetime, *, active: bool = True) -> Changed:
    """Paused, and resumed by itself at ``until``: then its step waits for its planned moment, or comes at once.

    Also changes the date of a run that is paused already. Refused while the automation is off (``active``): the date
    would wake a run that is held.
    """
    _check_not_over(run)
    if run.hold is Hold.AUTOMATION or not active:
        raise Refused(Reason(code=Why.REFUSED_OFF))
    if until <= now:
        raise Refused(Reason(code=Why.REFUSED_PAST, data={"until": until}))
    return Changed(_paused(run, now, Hold.PERSON, until), Reason(code=Why.RUN_PAUSED_UNTIL, data={"until": until}))


def hold(run: Run, now: datetime, why: Hold) -> Changed:
    """Hold a run because its automation was switched off (AUT-6) or floods (AUT-14).

    A person's pause stays that person's; one until a date is held as well and goes on until that date afterwards.
    """
    if why not in _HELD:
        raise ValueError("a run is held by its automation or by a flood; people pause it")
    _check_not_over(run)
    if run.status is RunStatus.PAUSED and run.due_at is None:
        raise Refused(Reason(code=Why.REFUSED_PAUSED))
    return Changed(
        _paused(run, now, why, run.due_at if run.status is RunStatus.PAUSED else None), Reason(code=_HELD[why])
    )


_HELD = {Hold.AUTOMATION: Why.RUN_HELD_AUTOMATION, Hold.FLOOD: Why.RUN_HELD_FLOOD}


def resume(
    run: Run,
    now: datetime,
    mode: Resume,
    definition: Definition,
    snapshot: Snapshot | None,
    calendar: Calendar,
    *,
    active: bool = True,
) -> Changed:
    """A person resumes a run. ``active``: its automation is switched on; else the run is held by it from now on.

    A run that its automation holds is refused: switching the automation on resumes it (``unhold``).
    """
    _check_paused(run)
    if run.hold is Hold.AUTOMATION and not active:
        raise Refused(Reason(code=Why.REFUSED_OFF))
    if not active:
        return Changed(replace(run, due_at=None, hold=Hold.AUTOMATION), Reason(code=Why.RUN_HELD_AUTOMATION))
    return _resumed(run, now, mode, definition, snapshot, calendar)


def unhold(
    run: Run, now: datetime, mode: Resume, definition: Definition, snapshot: Snapshot | None, calendar: Calendar
) -> Changed:
    """The automation was switched on again, or its flood is over. Refuses a run that a person paused.

    One that a person had paused until a date which is still to come is that person's again.
    """
    _check_paused(run)
    if run.hold is Hold.PERSON:
        raise Refused(Reason(code=Why.REFUSED_PAUSED))
    if run.due_at is not None and run.due_at > now:
        return Changed(replace(run, hold=Hold.PERSON), Reason(code=Why.RUN_PAUSED_UNTIL, data={"until": run.due_at}))
    return _resumed(run, now, mode, definition, snapshot, calendar)


def skip(run: Run, definition: Definition, snapshot: Snapshot | None, now: datetime, calendar: Calendar) -> Move:
    """Leave the current step out. A paused run stays paused, before the next one."""
    _check_not_over(run)
    if run.position == TRIGGER:
        raise Refused(Reason(code=Why.REFUSED_NO_STEP))
    after = enter(definition, run.position + 1, now, snapshot, calendar)
    state = after.run
    if run.status is RunStatus.PAUSED and state.status is RunStatus.WAITING:
        state = _paused(state, now, run.hold, run.due_at)
    return Move(state, Pass(run.position, Reason(code=Why.STEP_SKIPPED)), after.passed, after.moved)


def run_now(run: Run, now: datetime, *, active: bool = True) -> Changed:
    """The current step is due at once: sending window, gap and dates do not count, stop conditions still do.

    Refused while the automation is off (``active``).
    """
    _check_not_over(run)
    if run.hold is Hold.AUTOMATION or not active:
        raise Refused(Reason(code=Why.REFUSED_OFF))
    state = Run(RunStatus.WAITING, run.position, run.entered_at, run.planned_at, now, None, Hold.NOW, run.attempt)
    if run.planned_at is None:
        return Changed(state, Reason(code=Why.RUN_ASKED_UNDATED))
    return Changed(state, Reason(code=Why.RUN_ASKED_NOW, data={"planned": run.planned_at}))


def cancel(run: Run, reason: Reason | None = None) -> Changed:
    """End an open run; one whose step is under way too: its outcome is recorded and leads nowhere.

    ``reason`` when it is not a person's: ``Why.START_RESTARTED`` for ``Start.replaces``, ``RUN_CANCELLED_OFF``,
    ``RUN_CANCELLED_PUBLISHED`` or ``RUN_CANCELLED_DELETED``.
    """
    if run.status not in OPEN:
        raise Refused(Reason(code=Why.REFUSED_ENDED))
    return Changed(_cancelled(run), reason or Reason(code=Why.RUN_CANCELLED))


def stop_now(
    definition: Definition, run: Run, snapshot: Snapshot | None, now: datetime, calendar: Calendar
) -> Changed | None:
    """The run's end if the record meets a stop condition now (AUT-9), paused or not; None if it goes on.

    A run whose step is under way is left to ``advance``, which asks again before the next one.
    """
    if run.status not in {RunStatus.WAITING, RunStatus.PAUSED}:
        return None
    if snapshot is None:
        return Changed(_cancelled(run), Reason(code=Why.RECORD_GONE))
    verdict = evaluate(definition.stop, snapshot, calendar.local(now))
    if verdict.value is not True:
        return None
    return Changed(_cancelled(run), verdict.because(Why.STOP_CONDITION))


def relaunch(
    run: Run,
    definition: Definition,
    now: datetime,
    snapshot: Snapshot | None,
    calendar: Calendar,
    *,
    origin: Origin | int = Origin.FAILED_STEP,
    done: Collection[int] = (),
    repeat: bool = False,
    former: Definition | None = None,
) -> Relaunched:
    """The state of the new run that takes up an ended one (RUN-7).

    From a step, that step is due at once; from the start, the first step waits as its timing says. ``definition`` is
    the version that it runs on, ``former`` the ended run's own if that is another. ``done`` are the positions of the
    ended run (and of those it was relaunched from) whose e-mails left: they are left out unless ``repeat``.
    """
    if run.status in OPEN:
        raise Refused(Reason(code=Why.REFUSED_OPEN))
    if snapshot is None:
        raise Refused(Reason(code=Why.RECORD_GONE))
    position = _origin(run, definition, origin, former)
    if position is None:
        entered = enter(definition, 0, now, snapshot, calendar)
    else:
        entered = Entered(Run(RunStatus.WAITING, position, now, now, now, None, Hold.NOW))
    told = tuple(sorted(_carried(done, former, definition)))
    told = tuple(place for place in told if place >= (position or 0))
    reason = Reason(code=Why.RUN_RELAUNCHED, data={"step": (position or 0) + 1})
    return Relaunched(entered.run, reason, entered.passed, entered.moved, told, () if repeat else told)


def _origin(run: Run, definition: Definition, origin: Origin | int, former: Definition | None) -> int | None:
    """The position to begin at; None is the start."""
    if origin is Origin.START:
        return None
    if origin is Origin.FAILED_STEP:
        if run.status is RunStatus.FINISHED:
            raise Refused(Reason(code=Why.REFUSED_NOT_FAILED))
        if run.position == TRIGGER:
            return None
        position = run.position if former is None else _position_in(former, definition, run.position)
    else:
        position = int(origin)
    if not 0 <= position < len(definition.steps):
        raise Refused(Reason(code=Why.REFUSED_NO_STEP))
    return position


def _carried(done: Collection[int], former: Definition | None, definition: Definition) -> set[int]:
    """Done steps as positions of the version to run on: those that do exactly the same there."""
    if former is None:
        return {position for position in done if 0 <= position < len(definition.steps)}
    steps = [former.steps[position] for position in done if 0 <= position < len(former.steps)]
    return {position for position, step in enumerate(definition.steps) if any(_is_same(step, other) for other in steps)}


def _is_same(step: PlannedStep, other: PlannedStep) -> bool:
    """The same step in two versions: by its id, where it has one, else because it does the same."""
    if step.id and other.id:
        return step.id == other.id
    return (step.action, step.text) == (other.action, other.text)


def _position_in(old: Definition, new: Definition, position: int) -> int:
    """The step's place in the new version: that of the only one that is the same, else its own."""
    if position < len(old.steps):
        places = [place for place, step in enumerate(new.steps) if _is_same(step, old.steps[position])]
        if len(places) == 1:
            return places[0]
    return min(position, len(new.steps))


def move_to_version(
    run: Run, old: Definition, new: Definition, now: datetime, snapshot: Snapshot | None, calendar: Calendar
) -> Changed:
    """A waiting or paused run goes on with the version that was just published (AUT-6).

    Its step is planned by the new timing, counted from when the position was reached; steps that the new version put
    before it are not caught up, and none that was done is done again unless the new version has it later once more.
    """
    _check_not_over(run)
    if run.position == TRIGGER:
        found = enter_trigger(new, now, snapshot or {}, calendar, reached=run.entered_at)
        if isinstance(found, Reason):
            return Changed(_cancelled(run), found)
        entered, position = found, TRIGGER
    else:
        position = _position_in(old, new, run.position)
        if position < len(new.steps) and new.steps[position] == old.steps[run.position]:
            # Nothing changes for it: a retry, a gap and a person's wish stay as they are.
            state = replace(run, position=position)
            return Changed(state, Reason(code=Why.RUN_MOVED_VERSION, data={"step": position + 1}))
        entered = enter(new, position, now, snapshot, calendar, reached=run.entered_at)
    state = entered.run
    if run.status is RunStatus.PAUSED and state.status is RunStatus.WAITING:
        state = _paused(state, now, run.hold, run.due_at)
    reason = Reason(code=Why.RUN_MOVED_VERSION, data={"step": position + 1})
    return Changed(state, reason, entered.passed, entered.moved)


def _check_not_over(run: Run) -> None:
    if run.status is RunStatus.RUNNING:
        raise Refused(Reason(code=Why.REFUSED_BUSY))
    if run.status not in OPEN:
        raise Refused(Reason(code=Why.REFUSED_ENDED))


def _check_paused(run: Run) -> None:
    if run.status is not RunStatus.PAUSED:
        raise Refused(Reason(code=Why.REFUSED_NOT_PAUSED if run.status in OPEN else Why.REFUSED_ENDED))


def _paused(run: Run, now: datetime, why: Hold, until: datetime | None = None) -> Run:
    remaining = run.remaining
    if run.status is RunStatus.WAITING:
        remaining = None if run.planned_at is None else max(run.planned_at - now, _ZERO)
    return Run(RunStatus.PAUSED, run.position, run.entered_at, run.planned_at, until, remaining, why, run.attempt)


def _cancelled(run: Run) -> Run:
    return Run(RunStatus.CANCELLED, run.position, run.entered_at, run.planned_at, None, None, Hold.NONE, run.attempt)


def _resumed(
    run: Run, now: datetime, mode: Resume, definition: Definition, snapshot: Snapshot | None, calendar: Calendar
) -> Changed:
    """Dates of the record stay what they are in every mode: only delays can start again or count active time."""
    reason = Reason(code=Why.RUN_RESUMED)
    delayed = isinstance(timing_of(definition, run.position), Later) and not run.attempt
    if delayed and mode is Resume.RESTART_DELAYS:
        return _restarted(run, now, definition, snapshot, calendar, reason)
    if delayed and mode is Resume.ACTIVE_TIME and run.remaining is not None:
        run = replace(run, planned_at=now + run.remaining)
    state, moved = awake(definition, run, now, calendar)
    return Changed(state, reason, (), moved)


def _restarted(
    run: Run, now: datetime, definition: Definition, snapshot: Snapshot | None, calendar: Calendar, reason: Reason
) -> Changed:
    if run.position == TRIGGER:
        found = enter_trigger(definition, now, snapshot or {}, calendar, reached=now)
        if isinstance(found, Reason):
            return Changed(_cancelled(run), found)
        return Changed(found.run, reason)
    entered = enter(definition, run.position, now, snapshot, calendar)
    return Changed(entered.run, reason, entered.passed, entered.moved)
