from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.planner.model import Limits
from rouage.planner.reasons import Why
from rouage.planner.throttle import Flood, Throttle
from tests.planner.factories import DAY, HOUR, MINUTE, NOW

SECOND = timedelta(seconds=1)


@pytest.mark.req("AUT-11")
def test_gap_moves_the_next_reminder_behind_the_last_one():
    throttle = Throttle((NOW - 5 * DAY, NOW - DAY, NOW - 3 * DAY))

    moment, reason = throttle.earliest(Limits(gap=2 * DAY), NOW)

    assert moment == NOW + DAY
    assert reason.code == Why.LIMIT_GAP
    assert reason.data == {"last": NOW - DAY, "planned": NOW, "due": NOW + DAY}


@pytest.mark.req("AUT-11")
def test_gap_that_is_just_over_lets_the_reminder_go():
    assert Throttle((NOW - 2 * DAY,)).earliest(Limits(gap=2 * DAY), NOW) == (NOW, None)


@pytest.mark.req("AUT-11")
def test_cap_waits_until_the_period_has_slid_past_the_oldest():
    throttle = Throttle((NOW - 6 * DAY, NOW - 2 * DAY, NOW - 20 * DAY))

    moment, reason = throttle.earliest(Limits(cap=2, period=7 * DAY), NOW)

    assert moment == NOW + DAY
    assert reason.code == Why.LIMIT_CAP
    assert reason.data["cap"] == 2


@pytest.mark.req("AUT-11")
def test_cap_that_is_not_reached_lets_the_reminder_go():
    assert Throttle((NOW - 6 * DAY,)).earliest(Limits(cap=2), NOW) == (NOW, None)


@pytest.mark.req("AUT-11")
def test_later_of_gap_and_cap_counts():
    throttle = Throttle((NOW - 6 * DAY, NOW - DAY))

    by_gap, gap = throttle.earliest(Limits(gap=5 * DAY, cap=2), NOW)
    by_cap, cap = throttle.earliest(Limits(gap=HOUR, cap=1), NOW)

    assert (by_gap, gap.code) == (NOW + 4 * DAY, Why.LIMIT_GAP)
    assert (by_cap, cap.code) == (NOW + 6 * DAY, Why.LIMIT_CAP)


@pytest.mark.req("AUT-11")
def test_no_limit_and_no_history_let_everything_go():
    assert Throttle((NOW,)).earliest(Limits(), NOW) == (NOW, None)
    assert Throttle().earliest(Limits(gap=DAY, cap=1), NOW) == (NOW, None)


@pytest.mark.req("AUT-11")
def test_second_reminder_of_one_batch_sees_the_first():
    throttle = Throttle().also(NOW)

    assert throttle.earliest(Limits(gap=HOUR), NOW)[0] == NOW + HOUR


@pytest.mark.req("AUT-11")
@given(
    history=st.lists(st.integers(0, 30 * 24).map(lambda hours: NOW - hours * HOUR), max_size=12),
    gap=st.none() | st.integers(1, 72).map(lambda hours: hours * HOUR),
    cap=st.none() | st.integers(1, 5),
)
def test_earliest_moment_keeps_both_limits_and_the_hour_before_does_not(history, gap, cap):
    limits = Limits(gap=gap, cap=cap)

    def keeps(moment):
        spaced = gap is None or all(moment - past >= gap for past in history)
        return spaced and (cap is None or sum(past > moment - limits.period for past in history) < cap)

    moment, reason = Throttle(tuple(history)).earliest(limits, NOW)

    assert moment >= NOW
    assert keeps(moment)
    assert (reason is None) == (moment == NOW)
    assert moment == NOW or not keeps(moment - SECOND)


def test_cap_of_nothing_is_refused():
    with pytest.raises(ValueError, match="cap"):
        Limits(cap=0)


@pytest.mark.req("AUT-14")
def test_flood_admits_its_limit_in_a_sliding_minute():
    flood = Flood(2)

    assert [flood.admits(NOW + seconds * SECOND) for seconds in (0, 30, 59, 60, 61, 89, 90)] == [
        True, True, False, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.req("AUT-14")
def test_flood_counts_starts_from_before():
    flood = Flood(2, [NOW - 30 * SECOND, NOW - 2 * MINUTE])

    assert flood.admits(NOW)
    assert not flood.admits(NOW)


@pytest.mark.req("AUT-14")
@given(starts=st.lists(st.integers(0, 600), max_size=60).map(sorted), limit=st.integers(1, 5))
def test_no_minute_ever_holds_more_than_the_limit(starts, limit):
    flood = Flood(limit)

    admitted = [second for second in starts if flood.admits(NOW + second * SECOND)]

    for first in admitted:
        assert sum(first <= other < first + 60 for other in admitted) <= limit
    refused = [second for second in starts if second not in admitted]
    for second in refused:
        assert sum(second - 60 < other <= second for other in admitted) == limit


def test_flood_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="flood"):
        Flood(0)
