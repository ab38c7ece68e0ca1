from datetime import timedelta

import pytest

from rouage.planner.retry import GiveUp, Retry, RetryAt, after_failure
from tests.planner.factories import NOW


def test_waits_grow_by_the_factor_up_to_the_longest():
    retry = Retry(tries=6, first=timedelta(minutes=1), factor=4, longest=timedelta(hours=1))

    waits = [after_failure(retry, attempt, permanent=False, now=NOW) for attempt in range(1, 6)]

    assert waits == [RetryAt(NOW + timedelta(minutes=minutes)) for minutes in (1, 4, 16, 60, 60)]


def test_last_try_gives_up():
    assert after_failure(Retry(tries=3), 3, permanent=False, now=NOW) == GiveUp(3)


def test_permanent_failure_gives_up_at_once():
    assert after_failure(Retry(tries=3), 1, permanent=True, now=NOW) == GiveUp(1)


def test_single_try_is_never_repeated():
    assert after_failure(Retry(tries=1), 1, permanent=False, now=NOW) == GiveUp(1)


def test_first_wait_is_never_longer_than_the_longest():
    retry = Retry(first=timedelta(hours=2), longest=timedelta(hours=1))

    assert after_failure(retry, 1, permanent=False, now=NOW) == RetryAt(NOW + timedelta(hours=1))


@pytest.mark.parametrize("given", [{"tries": 0}, {"factor": 0}, {"first": timedelta()}])
def test_retry_that_makes_no_sense_is_refused(given):
    with pytest.raises(ValueError, match="a retry needs"):
        Retry(**given)
