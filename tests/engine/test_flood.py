from datetime import timedelta

import pytest

from rouage.automations import flood
from tests.factories.accounts import NOW

SECOND = timedelta(seconds=1)


@pytest.mark.req("AUT-14")
def test_starts_count_for_a_minute():
    flood.count({1: 3}, NOW)
    flood.count({1: 2, 2: 1}, NOW + 30 * SECOND)
    assert flood.room(1, 10, NOW + 59 * SECOND) == 5
    assert flood.room(2, 10, NOW + 59 * SECOND) == 9
    assert flood.room(1, 10, NOW + 60 * SECOND) == 8
    assert flood.room(1, 10, NOW + 90 * SECOND) == 10
    assert flood.room(3, 10, NOW) == 10


def test_there_is_never_less_room_than_none():
    flood.count({1: 30}, NOW)
    assert flood.room(1, 10, NOW) == 0


def test_a_clock_that_was_moved_back_does_not_brake_for_ever():
    flood.count({1: 10}, NOW + timedelta(hours=5))
    assert flood.room(1, 10, NOW) == 10
