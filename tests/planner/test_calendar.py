from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rouage.planner.calendar import Calendar
from tests.planner.clock import Walker, changes, first_showing, quarters
from tests.planner.factories import CALENDAR, MINUTE, NOW, PARIS, paris, utc

pytestmark = pytest.mark.req("AUT-10")

ZONES = {name: ZoneInfo(name) for name in ("Europe/Paris", "America/Guadeloupe", "Pacific/Auckland")}
YEARS = range(2024, 2031)
FRANCE = frozenset(holidays.France(years=YEARS))
CLOSED = {
    "Europe/Paris": FRANCE | {date(2026, 12, 24) + timedelta(days=n) for n in range(10)},
    "America/Guadeloupe": frozenset(holidays.France(subdiv="GP", years=YEARS)),
    "Pacific/Auckland": frozenset(holidays.NewZealand(years=YEARS)),
}
WEEKS = {
    "Europe/Paris": frozenset(range(5)),
    "America/Guadeloupe": frozenset({0, 1, 2, 3, 5}),
    "Pacific/Auckland": frozenset({6}),  # only Sundays, the day on which the clocks change
}
HOURS = {
    "Europe/Paris": (time(9), time(18)),
    "America/Guadeloupe": (time(7, 30), time(0)),
    "Pacific/Auckland": (time(8, 15), time(12, 45)),
}
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range((date(2031, 1, 1) - date(2024, 1, 1)).days)]


def pair(name):
    opens, closes = HOURS[name]
    return (
        Calendar(ZONES[name], WEEKS[name], opens, closes, CLOSED[name]),
        Walker(ZONES[name], set(WEEKS[name]), opens, closes, set(CLOSED[name])),
    )


@pytest.mark.parametrize("name", ZONES)
def test_every_quarter_of_seven_years_is_open_or_moved_as_a_walk_along_the_clocks_says(name):
    calendar, walker = pair(name)
    checked = 0

    for moment, shown, following in walker.openings():
        assert calendar.is_open(moment) == (moment == following), moment
        assert calendar.next_opening(moment) == following, moment
        assert calendar.local(moment).replace(tzinfo=None) == shown
        checked += 1

    assert checked > 240_000


@pytest.mark.parametrize("name", ZONES)
def test_every_day_of_seven_years_is_a_working_day_or_not_as_the_list_says(name):
    calendar, walker = pair(name)

    assert [day for day in DAYS if calendar.is_working_day(day)] == [day for day in DAYS if walker.is_working_day(day)]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("at", [time(0), time(2), time(2, 30), time(3), time(9), time(23, 45)])
def test_local_time_of_every_day_is_the_first_moment_that_shows_it(name, at):
    zone = ZONES[name]
    calendar = Calendar(zone)
    clock = iter(quarters(zone))
    moment, shown = next(clock)

    # A time at night may be shown twice: by walking from the day before, the first showing is met first.
    for day in DAYS:
        target = datetime.combine(day, at)
        while shown < target:
            moment, shown = next(clock)
        assert calendar.moment(day, at) == moment, day


@pytest.mark.parametrize("name", ZONES)
def test_every_quarter_around_a_change_of_the_clocks_is_the_first_moment_that_shows_it(name):
    zone = ZONES[name]
    calendar = Calendar(zone)

    for change in changes(zone):
        day = change.astimezone(zone).date()
        for quarter in range(96):
            at = time(quarter // 4, quarter % 4 * 15)
            assert calendar.moment(day, at) == first_showing(zone, datetime.combine(day, at))


def test_the_clocks_of_paris_and_auckland_change_twice_a_year_those_of_guadeloupe_never():
    assert {name: len(changes(zone)) for name, zone in ZONES.items()} == {
        "Europe/Paris": 14,
        "America/Guadeloupe": 0,
        "Pacific/Auckland": 14,
    }


@given(
    name=st.sampled_from(list(ZONES)),
    change=st.integers(0, 13),
    minute=st.integers(0, 24 * 60 - 1),
)
@settings(max_examples=60, deadline=None)
def test_every_minute_around_a_change_is_the_first_moment_that_shows_it(name, change, minute):
    zone = ZONES[name]
    around = changes(zone)
    day = around[change].astimezone(zone).date() if around else date(2026, 3, 29)
    at = time(minute // 60, minute % 60)

    assert Calendar(zone).moment(day, at) == first_showing(zone, datetime.combine(day, at), MINUTE)


@given(
    name=st.sampled_from(list(ZONES)),
    day=st.dates(date(2024, 7, 1), date(2030, 6, 1)),
    count=st.integers(0, 25),
)
@settings(deadline=None)
def test_working_days_ahead_and_back_are_places_in_the_list(name, day, count):
    calendar, walker = PAIRS[name]

    assert calendar.add_working_days(day, count) == walker.after(day, count)
    assert calendar.working_days_before(day, count) == walker.before(day, count)


PAIRS = {name: pair(name) for name in ZONES}


@pytest.mark.parametrize("name", ZONES)
def test_working_days_from_every_day_of_seven_years(name):
    calendar, walker = PAIRS[name]

    for day in DAYS[30:-60]:
        for count in (0, 1, 3):
            assert calendar.add_working_days(day, count) == walker.after(day, count)
            assert calendar.working_days_before(day, count) == walker.before(day, count)


def test_spring_day_in_paris_moves_a_skipped_time_to_the_end_of_the_gap():
    day = date(2026, 3, 29)

    assert CALENDAR.moment(day, time(1, 59)) == utc("2026-03-29T00:59")
    assert CALENDAR.moment(day, time(2)) == utc("2026-03-29T01:00")
    assert CALENDAR.moment(day, time(2, 30)) == utc("2026-03-29T01:00")
    assert CALENDAR.moment(day, time(2, 59, 59, 999_999)) == utc("2026-03-29T01:00")
    assert CALENDAR.moment(day, time(3)) == utc("2026-03-29T01:00")
    assert CALENDAR.moment(day, time(3, 30)) == utc("2026-03-29T01:30")


def test_autumn_day_in_paris_takes_the_first_of_a_repeated_time():
    day = date(2026, 10, 25)

    assert CALENDAR.moment(day, time(2, 30)) == utc("2026-10-25T00:30")
    assert CALENDAR.moment(day, time(2, 30, fold=1)) == utc("2026-10-25T00:30")
    assert CALENDAR.moment(day, time(3)) == utc("2026-10-25T02:00")


def test_nine_o_clock_stays_nine_o_clock_over_both_changes():
    friday_in_spring, friday_in_autumn = paris("2026-03-27T09:00"), paris("2026-10-23T09:00")

    assert CALENDAR.add_days(friday_in_spring, 3) == paris("2026-03-30T09:00")
    assert CALENDAR.add_days(friday_in_spring, 3) - friday_in_spring == timedelta(days=3, hours=-1)
    assert CALENDAR.add_days(friday_in_autumn, 3) - friday_in_autumn == timedelta(days=3, hours=1)


def test_a_day_that_a_country_skipped_begins_with_the_next_one():
    samoa = Calendar(ZoneInfo("Pacific/Apia"))

    assert samoa.moment(date(2011, 12, 30), time(9)) == samoa.moment(date(2011, 12, 31), time(0))
    assert samoa.moment(date(2011, 12, 31), time(0)) == utc("2011-12-30T10:00")


def test_midnight_that_the_clocks_skip_is_the_first_moment_of_the_day():
    beirut = Calendar(ZoneInfo("Asia/Beirut"))

    assert beirut.moment(date(2026, 3, 29), time(0)).astimezone(beirut.zone).time() == time(1)


def test_window_that_the_clocks_skip_is_closed_that_day():
    night = Calendar(PARIS, frozenset({6}), time(2), time(3))

    assert night.window(date(2026, 3, 22)) == (utc("2026-03-22T01:00"), utc("2026-03-22T02:00"))
    assert night.window(date(2026, 3, 29)) is None
    assert night.next_opening(utc("2026-03-28T12:00")) == utc("2026-04-05T00:00")


def test_window_over_the_repeated_hour_opens_once():
    night = Calendar(PARIS, frozenset(range(7)), time(2, 30), time(4))

    assert night.window(date(2026, 10, 25)) == (utc("2026-10-25T00:30"), utc("2026-10-25T03:00"))
    assert night.is_open(utc("2026-10-25T01:15"))  # 2:15 for the second time


def test_window_is_open_at_its_opening_and_closed_at_its_closing():
    assert CALENDAR.is_open(paris("2026-11-18T09:00"))
    assert CALENDAR.is_open(paris("2026-11-18T17:59:59"))
    assert not CALENDAR.is_open(paris("2026-11-18T18:00"))
    assert not CALENDAR.is_open(paris("2026-11-18T08:59:59"))


def test_next_opening_passes_over_the_weekend_and_closing_days():
    calendar = Calendar(PARIS, closed=frozenset({date(2026, 11, 11), date(2026, 11, 23)}))

    assert calendar.next_opening(paris("2026-11-20T18:00")) == paris("2026-11-24T09:00")
    assert calendar.next_opening(paris("2026-11-10T20:00")) == paris("2026-11-12T09:00")


def test_open_all_day_when_the_window_goes_from_midnight_to_midnight():
    always = Calendar(PARIS, frozenset(range(7)), time(0), time(0))

    assert all(always.is_open(NOW + n * 17 * MINUTE) for n in range(10_000))


def test_next_opening_after_years_of_closing_days_is_found():
    closed = frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(3650))

    assert Calendar(PARIS, closed=closed).next_opening(NOW) == paris("2035-12-31T09:00")


@pytest.mark.parametrize(
    "given",
    [
        {"working_days": frozenset()},
        {"working_days": frozenset({7})},
        {"opens": time(18), "closes": time(9)},
        {"opens": time(9), "closes": time(9)},
        {"opens": time(22), "closes": time(6)},
        {"opens": time(9, tzinfo=UTC)},
    ],
)
def test_calendar_that_never_opens_or_crosses_midnight_is_refused(given):
    with pytest.raises(ValueError, match=r"working day|close after|without a zone"):
        Calendar(PARIS, **given)


def test_counting_a_negative_number_of_working_days_is_refused():
    with pytest.raises(ValueError, match="back"):
        CALENDAR.add_working_days(date(2026, 1, 1), -1)
    with pytest.raises(ValueError, match="ahead"):
        CALENDAR.working_days_before(date(2026, 1, 1), -1)


def test_negative_shift_counts_back():
    assert CALENDAR.shifted(date(2026, 11, 16), -1) == date(2026, 11, 13)
    assert CALENDAR.shifted(date(2026, 11, 13), 1) == date(2026, 11, 16)


def test_calendars_are_equal_and_hash_by_their_settings_not_by_what_they_remember():
    asked, fresh = Calendar(PARIS), Calendar(PARIS)
    asked.next_opening(NOW)
    asked.add_working_days(date(2026, 1, 1), 5)

    assert asked == fresh
    assert hash(asked) == hash(fresh)


def test_memory_of_a_calendar_is_bounded():
    calendar = Calendar(PARIS)
    for number in range(10_000):
        calendar.moment(date(2026, 1, 1) + timedelta(days=number), time(9))

    assert len(calendar._moments) <= 4096
