from datetime import UTC, date, datetime, timedelta

import pytest

from rouage.planner.advance import enter
from rouage.planner.model import (
    Act,
    Ended,
    Failed,
    Hold,
    Reason,
    Refused,
    Run,
    RunStatus,
    Started,
    Stop,
)
from rouage.planner.reasons import Why
from rouage.planner.retry import Retry
from tests.planner.advancing import FAILURE, STOP, finish, move, running
from tests.planner.factories import (
    CALENDAR,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    SNAPSHOT,
    around,
    definition,
    later,
    paris,
    step,
)


def test_done_enters_the_next_step_from_now():
    after = finish(definition(step(), step(later(2))), now=NOW + HOUR)

    assert after.run == Run(RunStatus.WAITING, 1, NOW + HOUR, NOW + 2 * DAY + HOUR, NOW + 2 * DAY + HOUR)


def test_done_after_the_last_step_finishes():
    assert finish(definition(step())).run == Run(RunStatus.FINISHED, 1, NOW, None, None)


def test_started_keeps_the_run_running_until_its_outcome():
    run = running()

    assert finish(definition(step()), run, Started()).run is run


def test_ended_by_the_action_is_cancelled_with_its_reason():
    reason = Reason(code="stop_if.met")

    after = finish(definition(step(), step()), result=Ended(reason=reason))

    assert (after.run.status, after.reason) == (RunStatus.CANCELLED, reason)


def test_permanent_failure_fails_the_run_where_it_stands():
    after = finish(definition(step(), step()), result=Failed(reason=FAILURE))

    assert (after.run.status, after.run.position, after.run.due_at) == (RunStatus.FAILED, 0, None)
    assert after.reason == FAILURE


def test_passing_failure_is_tried_again_until_given_up():
    planned, run, now = definition(step(), step()), running(), NOW
    retry = Retry(tries=3, first=MINUTE, factor=10)
    seen = []
    for _ in range(3):
        after = finish(planned, run, Failed(reason=FAILURE, permanent=False), now=now, retry=retry)
        seen.append(
            (after.run.status, after.run.attempt, after.run.due_at and after.run.due_at - now, after.reason.code)
        )
        if after.run.due_at:
            now = after.run.due_at
            run = move(planned, after.run, now=now).run

    assert seen == [
        (RunStatus.WAITING, 1, MINUTE, Why.STEP_RETRY),
        (RunStatus.WAITING, 2, 10 * MINUTE, Why.STEP_RETRY),
        (RunStatus.FAILED, 3, None, Why.STEP_GAVE_UP),
    ]


def test_retry_keeps_the_plan_and_begins_anew_with_the_next_step():
    planned = definition(step(), step())

    after = finish(planned, result=Failed(reason=FAILURE, permanent=False))
    acted = move(planned, after.run, now=after.run.due_at)
    done = finish(planned, acted.run, now=after.run.due_at)

    assert (after.run.planned_at, acted.run.attempt, done.run.attempt) == (NOW, 1, 0)


@pytest.mark.req("AUT-10")
def test_retry_of_a_step_in_the_window_waits_for_the_next_opening():
    closing = paris("2026-11-20T17:59:30")

    after = finish(definition(step(window=True)), result=Failed(reason=FAILURE, permanent=False), now=closing)

    assert after.run.due_at == paris("2026-11-23T09:00")
    assert after.moved.code == Why.WINDOW


def test_wish_of_a_person_lasts_through_retries_and_ends_with_the_step():
    planned = definition(step(window=True), step(window=True))
    night = paris("2026-11-18T23:00")
    asked = Run(RunStatus.WAITING, 0, NOW, NOW, night, hold=Hold.NOW)

    acted = move(planned, asked, now=night)
    failed = finish(planned, acted.run, Failed(reason=FAILURE, permanent=False), now=night)
    again = move(planned, failed.run, now=failed.run.due_at)
    done = finish(planned, again.run, now=failed.run.due_at)

    assert failed.run.due_at == night + MINUTE
    assert isinstance(again.effect, Act)
    assert (done.run.hold, done.run.due_at) == (Hold.NONE, paris("2026-11-19T09:00"))


@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.FINISHED])
def test_outcome_for_a_run_that_is_not_running_is_refused(status):
    with pytest.raises(Refused) as refused:
        finish(definition(step()), Run(status, 0, NOW, NOW, NOW))

    assert refused.value.reason.code == Why.REFUSED_NOT_RUNNING


def test_outcome_on_a_record_that_is_gone_goes_on_to_stop():
    planned = definition(step(), step(around(1)))

    after = finish(planned, snapshot=None)

    assert isinstance(move(planned, after.run, None).effect, Stop)
    assert finish(definition(step()), snapshot=None).run.status is RunStatus.FINISHED


def test_clock_that_was_moved_back_only_waits():
    assert move(definition(step()), now=datetime(2020, 1, 1, tzinfo=UTC)) is None


def test_moments_of_a_long_journey_are_what_a_person_expects():
    """Unpaid invoice: reminder 7 days after the due date, again 14 days later, in the window."""
    planned = definition(
        step(around(7, "after"), window=True, reminder=True), step(later(14), window=True, reminder=True), stop=STOP
    )
    entered = enter(planned, 0, NOW, {**SNAPSHOT, "due_date": date(2026, 12, 18)}, CALENDAR)
    first = move(planned, entered.run, now=entered.run.due_at)
    after = finish(planned, first.run, now=entered.run.due_at + timedelta(seconds=2))

    assert entered.run.due_at == paris("2026-12-25T09:00")
    assert after.run.due_at == paris("2027-01-08T09:00:02")
