"""When a step is due: after a delay, or around a date of the record; and when the sending window lets it happen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from rouage.planner.calendar import Calendar
from rouage.planner.model import Around, Immediately, Later, PlannedStep, Reason, Snapshot, Timing, Unit
from rouage.planner.reasons import Why
from rouage.planner.values import frozen

_YEARS = range(1900, 9000)
_EXACT = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}


@frozen
class At:
    """``moment`` is in UTC."""

    moment: datetime


@frozen
class NoDate:
    """The field has no usable date yet: the run waits until somebody gives it one."""

    field: str
    reason: Reason


@frozen
class Unreadable:
    """The record has no such field, or it holds no date: waiting would never end."""

    field: str
    reason: Reason


type When = At | NoDate | Unreadable


def due(timing: Timing, entered_at: datetime, snapshot: Snapshot, calendar: Calendar) -> When:
    """When ``timing`` falls for a position entered at ``entered_at``. The sending window is not looked at here."""
    if isinstance(timing, Immediately):
        return At(entered_at)
    try:
        if isinstance(timing, Later):
            return At(_later(timing, entered_at, calendar))
        found = anchor(timing, snapshot)
        if not isinstance(found, date):
            return found
        moment = _around(timing, found, calendar)
    except OverflowError:
        return _out_of_range(timing)
    return At(moment) if moment.year in _YEARS else _out_of_range(timing)


def _out_of_range(timing: Timing) -> NoDate:
    """A contract without an end may end in 9999: no step can hang on that."""
    field = timing.field if isinstance(timing, Around) else ""
    return NoDate(field, Reason(code=Why.DATE_OUT_OF_RANGE, data={"field": field}))


def inside(moment: datetime, calendar: Calendar, *, window: bool = True) -> tuple[datetime, Reason | None]:
    """When something planned for ``moment`` may happen, and the reason if that is later.

    ``window``: whether it has to be inside the sending window at all.
    """
    if not window or calendar.is_open(moment):
        return moment, None
    opening = calendar.next_opening(moment)
    return opening, Reason(code=Why.WINDOW, data={"planned": moment, "due": opening})


def anchor(timing: Around, snapshot: Snapshot) -> date | NoDate | Unreadable:
    """The date, or the aware moment, that ``timing`` counts from."""
    field = timing.field
    if field not in snapshot:
        return Unreadable(field, Reason(code=Why.DATE_FIELD_GONE, data={"field": field}))
    found = snapshot[field]
    if found is None:
        return NoDate(field, Reason(code=Why.DATE_NONE, data={"field": field}))
    if not isinstance(found, date) or (isinstance(found, datetime) and found.tzinfo is None):
        return Unreadable(field, Reason(code=Why.DATE_UNREADABLE, data={"field": field, "found": found}))
    return found


def is_over(timing: Around, snapshot: Snapshot, now: datetime, calendar: Calendar) -> bool:
    """Whether the date that ``timing`` counts from lies behind us: a day when it has ended."""
    found = anchor(timing, snapshot)
    if isinstance(found, datetime):
        return found < now
    return isinstance(found, date) and found < calendar.local(now).date()


def watched(starts: Timing | None, steps: Iterable[PlannedStep]) -> frozenset[str]:
    """The date fields whose move re-plans a waiting run (``Definition.watches``)."""
    timings = [starts, *(step.timing for step in steps)]
    return frozenset(timing.field for timing in timings if isinstance(timing, Around))


def _later(timing: Later, entered_at: datetime, calendar: Calendar) -> datetime:
    unit = timing.unit
    exact = _EXACT.get(unit)
    if exact is not None:
        return entered_at + timing.amount * exact
    shift = calendar.add_days if unit is Unit.DAYS else calendar.shift_working_days
    found = shift(entered_at, timing.amount, timing.at)
    if found >= entered_at:
        return found
    # "0 days later at 9:00", entered at 10:00: the next 9:00. Without a time of day it is the hour that clocks repeat.
    return entered_at if timing.at is None else shift(entered_at, timing.amount + 1, timing.at)


def _around(timing: Around, found: date, calendar: Calendar) -> datetime:
    """A date without a time counts from the opening of its day, a moment from its own time of day."""
    amount = timing.amount if timing.direction == "after" else -timing.amount
    exact = _EXACT.get(timing.unit)
    if isinstance(found, datetime):
        if exact is not None:
            return found.astimezone(UTC) + amount * exact
        day, own = calendar.local(found).date(), calendar.local(found).time()
    else:
        if exact is not None:
            return calendar.moment(found, timing.at or calendar.opens) + amount * exact
        day, own = found, calendar.opens
    return calendar.moment(_day(timing, day, amount, calendar), timing.at or own)


def _day(timing: Around, day: date, amount: int, calendar: Calendar) -> date:
    if timing.unit is Unit.DAYS:
        return day + timedelta(days=amount)
    if timing.direction == "before":
        return calendar.working_days_before(day, timing.amount)
    return calendar.add_working_days(day, timing.amount)
