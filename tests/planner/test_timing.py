from datetime import UTC, date, datetime, time, timedelta

import pytest

from rouage.planner.calendar import Calendar
from rouage.planner.model import Around, Immediately, Later, Unit
from rouage.planner.reasons import Why
from rouage.planner.timing import At, NoDate, Unreadable, due, inside, is_over, watched
from tests.planner.factories import CALENDAR, HOUR, MINUTE, NOW, PARIS, around, later, paris, step, utc

pytestmark = pytest.mark.req("AUT-1", "AUT-10")


def when(timing, snapshot=None, entered_at=NOW, calendar=CALENDAR):
    return due(timing, entered_at, snapshot or {}, calendar)


def test_immediately_is_when_the_step_is_reached():
    assert when(Immediately()) == At(NOW)


@pytest.mark.parametrize(
    ("timing", "moment"),
    [
        (later(0), "2026-11-18T10:00"),
        (later(3), "2026-11-21T10:00"),
        (later(3, at=time(8, 30)), "2026-11-21T08:30"),
        (later(0, at=time(11)), "2026-11-18T11:00"),
        (later(0, at=time(10)), "2026-11-18T10:00"),
        (later(0, at=time(9)), "2026-11-19T09:00"),  # nine has gone by today
        (later(2, Unit.HOURS), "2026-11-18T12:00"),
        (later(90, Unit.MINUTES), "2026-11-18T11:30"),
        (later(0, Unit.WORKING_DAYS), "2026-11-18T10:00"),
        (later(3, Unit.WORKING_DAYS), "2026-11-23T10:00"),
        (later(3, Unit.WORKING_DAYS, time(8)), "2026-11-23T08:00"),
        (later(0, Unit.WORKING_DAYS, time(9)), "2026-11-19T09:00"),
    ],
)
def test_delay_counts_from_when_the_step_was_reached(timing, moment):
    assert when(timing) == At(paris(moment))


def test_delay_of_no_working_day_reached_on_a_saturday_is_monday():
    assert when(later(0, Unit.WORKING_DAYS), entered_at=paris("2026-11-21T14:00")) == At(paris("2026-11-23T14:00"))


def test_delay_in_days_keeps_the_local_time_and_one_in_hours_the_exact_time():
    saturday = paris("2026-03-28T10:00")

    assert when(later(1), entered_at=saturday) == At(paris("2026-03-29T10:00"))
    assert when(later(24, Unit.HOURS), entered_at=saturday) == At(paris("2026-03-29T11:00"))


def test_delay_of_no_working_day_in_the_repeated_hour_is_that_moment():
    second_half_past_two = utc("2026-10-25T01:30")
    sundays = Calendar(PARIS, frozenset({6}))

    found = when(later(0, Unit.WORKING_DAYS), entered_at=second_half_past_two, calendar=sundays)

    assert found == At(second_half_past_two)


@pytest.mark.parametrize(
    ("timing", "moment"),
    [
        (around(7), "2026-11-23T09:00"),
        (around(7, at=time(14, 15)), "2026-11-23T14:15"),
        (around(0), "2026-11-30T09:00"),
        (around(7, "after"), "2026-12-07T09:00"),
        (around(2, unit=Unit.WORKING_DAYS), "2026-11-26T09:00"),
        (around(5, "after", unit=Unit.WORKING_DAYS), "2026-12-07T09:00"),
        (around(2, unit=Unit.HOURS), "2026-11-30T07:00"),
        (around(2, unit=Unit.HOURS, at=time(14)), "2026-11-30T12:00"),
        (around(30, "after", unit=Unit.MINUTES), "2026-11-30T09:30"),
    ],
)
def test_around_a_date_counts_days_and_takes_the_opening_time(timing, moment):
    assert when(timing, {"due_date": date(2026, 11, 30)}) == At(paris(moment))


@pytest.mark.parametrize(
    ("timing", "moment"),
    [
        (around(7), "2026-11-23T20:00"),
        (around(7, at=time(9)), "2026-11-23T09:00"),
        (around(1, "after"), "2026-12-01T20:00"),
        (around(2, unit=Unit.WORKING_DAYS), "2026-11-26T20:00"),
        (around(3, unit=Unit.HOURS), "2026-11-30T17:00"),
        (around(3, unit=Unit.HOURS, at=time(9)), "2026-11-30T17:00"),
        (around(45, "after", unit=Unit.MINUTES), "2026-11-30T20:45"),
    ],
)
def test_around_a_moment_keeps_its_own_time_of_day_unless_another_is_given(timing, moment):
    assert when(timing, {"due_date": paris("2026-11-30T20:00")}) == At(paris(moment))


def test_around_a_moment_looks_at_its_local_day():
    half_past_midnight = utc("2026-11-30T23:30")

    assert when(around(0, at=time(9)), {"due_date": half_past_midnight}) == At(paris("2026-12-01T09:00"))


def test_no_working_day_before_or_after_a_sunday_is_the_friday_or_the_monday():
    sunday = {"due_date": date(2026, 11, 29)}

    assert when(around(0, "before", unit=Unit.WORKING_DAYS), sunday) == At(paris("2026-11-27T09:00"))
    assert when(around(0, "after", unit=Unit.WORKING_DAYS), sunday) == At(paris("2026-11-30T09:00"))


def test_seven_days_before_at_nine_stays_nine_on_both_changes_of_the_clocks():
    assert when(around(7, at=time(9)), {"due_date": date(2026, 4, 3)}) == At(utc("2026-03-27T08:00"))
    assert when(around(3, at=time(9)), {"due_date": date(2026, 4, 3)}) == At(utc("2026-03-31T07:00"))
    assert when(around(7, at=time(2, 30)), {"due_date": date(2026, 4, 5)}) == At(utc("2026-03-29T01:00"))
    assert when(around(7, at=time(2, 30)), {"due_date": date(2026, 11, 1)}) == At(utc("2026-10-25T00:30"))


def test_field_without_a_date_is_waited_for():
    found = when(around(7), {"due_date": None})

    assert isinstance(found, NoDate)
    assert (found.field, found.reason.code) == ("due_date", Why.DATE_NONE)


@pytest.mark.parametrize(
    ("snapshot", "code"),
    [
        ({"other": 1}, Why.DATE_FIELD_GONE),
        ({"due_date": "2026-11-30"}, Why.DATE_UNREADABLE),
        ({"due_date": 20261130}, Why.DATE_UNREADABLE),
        ({"due_date": datetime(2026, 11, 30)}, Why.DATE_UNREADABLE),  # noqa: DTZ001 -- a naive moment is what is refused
    ],
)
def test_field_that_is_gone_or_holds_no_date_cannot_be_waited_for(snapshot, code):
    found = when(around(7), snapshot)

    assert isinstance(found, Unreadable)
    assert found.reason.code == code


@pytest.mark.parametrize("far", [date(9999, 12, 31), date(1, 1, 1), date(24, 5, 1), datetime(9999, 12, 31, tzinfo=UTC)])
@pytest.mark.parametrize("timing", [around(7), around(7, "after"), around(1, "after", unit=Unit.WORKING_DAYS)])
def test_date_beyond_the_calendar_is_no_date(far, timing):
    found = when(timing, {"due_date": far})

    assert isinstance(found, NoDate)
    assert (found.field, found.reason.code) == ("due_date", Why.DATE_OUT_OF_RANGE)


@pytest.mark.parametrize("amount", [-1, 10**9])
@pytest.mark.parametrize("unit", list(Unit))
def test_delay_of_less_than_nothing_or_more_than_ten_years_is_refused(amount, unit):
    with pytest.raises(ValueError, match="a delay is between"):
        Later(amount=amount, unit=unit)
    with pytest.raises(ValueError, match="a delay is between"):
        Around(field="due_date", amount=amount, unit=unit, direction="after")


def test_inside_moves_what_falls_outside_the_window_and_says_so():
    evening, morning = paris("2026-11-20T19:00"), paris("2026-11-23T09:00")

    moment, reason = inside(evening, CALENDAR)

    assert moment == morning
    assert (reason.code, reason.data) == (Why.WINDOW, {"planned": evening, "due": morning})
    assert inside(evening, CALENDAR, window=False) == (evening, None)
    assert inside(NOW, CALENDAR) == (NOW, None)


def test_date_is_over_when_its_day_has_ended_a_moment_when_it_has_gone_by():
    before = around(7)

    assert not is_over(before, {"due_date": date(2026, 11, 18)}, NOW, CALENDAR)
    assert is_over(before, {"due_date": date(2026, 11, 17)}, NOW, CALENDAR)
    assert is_over(before, {"due_date": NOW - MINUTE}, NOW, CALENDAR)
    assert not is_over(before, {"due_date": NOW + HOUR}, NOW, CALENDAR)
    assert not is_over(before, {"due_date": None}, NOW, CALENDAR)


def test_watched_are_the_fields_that_the_start_and_the_steps_count_from():
    steps = (step(around(1, field="due_date")), step(later(3)), step(around(1, field="renewal_date")))

    assert watched(None, steps) == {"due_date", "renewal_date"}
    assert watched(around(1, field="start_at"), steps) == {"due_date", "renewal_date", "start_at"}
    assert watched(later(1), ()) == frozenset()


def test_everything_is_in_utc():
    for timing in (later(1), later(1, at=time(9)), later(1, Unit.WORKING_DAYS), around(1), around(1, unit=Unit.HOURS)):
        for field in (date(2026, 11, 30), paris("2026-11-30T20:00").astimezone(PARIS)):
            assert when(timing, {"due_date": field}).moment.utcoffset() == timedelta()
