from datetime import UTC, date, datetime, time, timedelta

import pytest

from rouage.planner.advance import PUNCTUAL, advance, complete, enter
from rouage.planner.model import (
    TRIGGER,
    Act,
    Begin,
    Done,
    Ended,
    Failed,
    Hold,
    Limits,
    Pass,
    Postpone,
    Reason,
    Refused,
    Run,
    RunStatus,
    Started,
    Stop,
    Wake,
)
from rouage.planner.reasons import Why
from rouage.planner.retry import Retry
from rouage.planner.throttle import Throttle
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
    row,
    some,
    step,
    waiting,
)

PAID = {**SNAPSHOT, "status": "paid"}
STOP = some(row("status", "is", "paid"))


def move(planned, run=None, snapshot=SNAPSHOT, now=NOW, throttle=None, **rest):
    return advance(planned, run or waiting(), snapshot, now, CALENDAR, throttle, **rest)


def running(position=0, **rest):
    return Run(RunStatus.RUNNING, position, NOW, NOW, None, **rest)


def finish(planned, run=None, result=None, snapshot=SNAPSHOT, now=NOW, **rest):
    return complete(planned, run or running(), result or Done(), snapshot, now=now, calendar=CALENDAR, **rest)


def test_due_step_is_carried_out_and_the_run_stands_still_as_running():
    planned = definition(step(), step())

    found = move(planned)

    assert found.run == Run(RunStatus.RUNNING, 0, NOW, NOW, None)
    assert found.effect == Act(0, planned.steps[0])
    assert found.doubt is None


def test_step_that_is_not_due_has_no_move():
    assert move(definition(step()), waiting(at=NOW + MINUTE)) is None


def test_run_without_a_date_has_no_move():
    assert move(definition(step(around(1))), waiting(planned_at=None, due_at=None)) is None


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED])
def test_run_that_does_not_wait_has_no_move(status):
    assert move(definition(step()), Run(status, 0, NOW, NOW, NOW)) is None


def test_record_that_is_gone_stops_the_run():
    found = move(definition(step()), snapshot=None)

    assert found.run.status is RunStatus.CANCELLED
    assert found.effect.reason.code == Why.RECORD_GONE


@pytest.mark.req("AUT-9")
def test_stop_condition_ends_the_run_before_its_step():
    found = move(definition(step(), stop=STOP), snapshot=PAID)

    assert (found.run.status, found.run.due_at) == (RunStatus.CANCELLED, None)
    assert isinstance(found.effect, Stop)
    assert found.effect.reason.code == Why.STOP_CONDITION
    assert found.effect.reason.data["because"]["data"]["found"] == "paid"


@pytest.mark.req("AUT-9", "AUT-3")
def test_unknown_stop_condition_does_not_stop_and_is_told():
    found = move(definition(step(), stop=some(row("vanished", "is", "paid"))))

    assert isinstance(found.effect, Act)
    assert found.doubt.code == Why.STOP_UNKNOWN
    assert found.doubt.data["because"]["code"] == Why.CONDITION_MISSING


@pytest.mark.req("AUT-9")
def test_stop_conditions_count_even_when_a_person_asked_for_the_step():
    found = move(definition(step(), stop=STOP), waiting(hold=Hold.NOW), PAID)

    assert isinstance(found.effect, Stop)


@pytest.mark.req("AUT-1", "AUT-3")
def test_step_condition_that_is_not_met_leaves_the_step_out_and_enters_the_next():
    planned = definition(step(when=row("status", "is", "paid")), step(later(2)))

    found = move(planned)

    assert isinstance(found.effect, Pass)
    assert (found.effect.position, found.effect.reason.code) == (0, Why.STEP_NOT_MET)
    assert found.run == waiting(1, NOW + 2 * DAY)


@pytest.mark.req("AUT-3")
def test_step_condition_that_cannot_be_answered_leaves_the_step_out_with_its_own_reason():
    found = move(definition(step(when=row("vanished", "is", 1))))

    assert found.effect.reason.code == Why.STEP_UNKNOWN
    assert found.run.status is RunStatus.FINISHED


@pytest.mark.req("AUT-2")
def test_trigger_date_begins_the_run_when_the_conditions_hold():
    planned = definition(step(later(1)), starts=around(7), conditions=row("status", "is", "sent"))

    found = move(planned, waiting(TRIGGER))

    assert found.effect == Begin()
    assert found.run == waiting(0, NOW + DAY)


@pytest.mark.req("AUT-2")
@pytest.mark.parametrize(
    ("field", "code"), [("status", Why.START_NOT_MET), ("vanished", Why.START_UNKNOWN)], ids=["false", "unknown"]
)
def test_trigger_date_stops_the_run_when_the_conditions_do_not_hold(field, code):
    found = move(definition(step(), starts=around(7), conditions=row(field, "is", "paid")), waiting(TRIGGER))

    assert found.run.status is RunStatus.CANCELLED
    assert found.effect.reason.code == code


def test_first_step_on_the_triggers_own_date_is_done_even_when_that_comes_late():
    date_ = around(7, at=time(9))
    planned = definition(step(date_), step(date_), starts=date_)
    run = waiting(TRIGGER, paris("2026-11-23T09:00"))
    late = paris("2026-11-23T14:00")

    begun = move(planned, run, now=late)
    assert begun.passed == ()
    assert begun.run.position == 0
    acted = move(planned, begun.run, now=late)
    after = finish(planned, acted.run, now=late)

    assert after.passed == ()
    assert (after.run.position, after.run.due_at) == (1, late)


@pytest.mark.req("AUT-12")
def test_step_of_a_later_day_that_went_by_meanwhile_is_left_out():
    planned = definition(step(around(7)), step(around(3)), step(around(1)))
    week_before = paris("2026-11-23T09:00")

    acted = move(planned, waiting(0, week_before), now=week_before + 5 * DAY)
    after = finish(planned, acted.run, now=week_before + 5 * DAY)

    assert acted.effect.late == 5 * DAY
    assert [(passed.position, passed.reason.code) for passed in after.passed] == [(1, Why.STEP_DATE_PASSED)]
    assert after.run.position == 2


@pytest.mark.req("AUT-12")
def test_step_of_the_same_day_as_one_that_was_left_out_late_is_still_done():
    planned = definition(step(around(7), when=row("status", "is", "paid")), step(around(7)))
    week_before = paris("2026-11-23T09:00")

    found = move(planned, waiting(0, week_before), now=week_before + 3 * HOUR)

    assert (found.effect.reason.code, found.passed, found.run.position) == (Why.STEP_NOT_MET, (), 1)


@pytest.mark.req("AUT-12")
def test_date_that_passed_is_run_at_once_when_the_step_says_so():
    entered = enter(definition(step(around(30, past="run"))), 0, NOW, SNAPSHOT, CALENDAR)

    assert entered.passed == ()
    assert (entered.run.planned_at, entered.run.due_at) == (paris("2026-10-31T09:00"), NOW)


def test_date_a_few_minutes_ago_has_not_passed():
    today = {**SNAPSHOT, "due_date": date(2026, 11, 18)}
    planned = definition(step(around(0, at=time(9, 55))))

    entered = enter(planned, 0, NOW, today, CALENDAR)
    late = enter(planned, 0, NOW + MINUTE, today, CALENDAR)

    assert (entered.run.status, entered.run.due_at) == (RunStatus.WAITING, NOW)
    assert late.run.status is RunStatus.FINISHED


def test_field_that_vanished_leaves_the_step_out_and_an_empty_one_is_waited_for():
    planned = definition(step(around(1, field="vanished")), step(around(1, field="amount")))

    entered = enter(planned, 0, NOW, SNAPSHOT, CALENDAR)

    assert [(passed.position, passed.reason.code) for passed in entered.passed] == [(0, Why.DATE_FIELD_GONE)]
    assert entered.run == Run(RunStatus.WAITING, 1, NOW, None, None)
    assert entered.moved.code == Why.DATE_NONE


def test_entering_behind_the_last_step_finishes():
    assert enter(definition(step()), 1, NOW, SNAPSHOT, CALENDAR).run == Run(RunStatus.FINISHED, 1, NOW, None, None)


def test_entering_on_a_record_that_is_gone_lets_the_next_move_stop_it():
    entered = enter(definition(step(around(1))), 0, NOW, None, CALENDAR)

    assert move(definition(step(around(1))), entered.run, None).effect.reason.code == Why.RECORD_GONE


@pytest.mark.req("AUT-10")
def test_step_is_planned_outside_the_window_and_due_at_the_next_opening():
    entered = enter(definition(step(later(3), window=True)), 0, NOW, SNAPSHOT, CALENDAR)

    assert entered.run.planned_at == paris("2026-11-21T10:00")
    assert entered.run.due_at == paris("2026-11-23T09:00")
    assert entered.moved.data == {"planned": entered.run.planned_at, "due": entered.run.due_at}


@pytest.mark.req("AUT-10")
def test_due_step_that_comes_outside_the_window_is_postponed():
    evening = paris("2026-11-18T18:30")

    found = move(definition(step(window=True)), waiting(at=paris("2026-11-18T17:59")), now=evening)

    assert isinstance(found.effect, Postpone)
    assert found.effect.reason.code == Why.WINDOW
    assert found.run.due_at == paris("2026-11-19T09:00")
    assert found.run.planned_at == paris("2026-11-18T17:59")


@pytest.mark.req("AUT-10")
def test_person_overrides_the_window_the_gap_and_the_date():
    planned = definition(
        step(around(7), window=True, reminder=True), limits=Limits(gap=DAY), max_late=HOUR
    )  # fmt: skip
    asked = Run(RunStatus.WAITING, 0, NOW, NOW - 10 * DAY, NOW, hold=Hold.NOW)
    night = paris("2026-12-25T03:00")

    found = move(planned, asked, now=night, throttle=Throttle((night - HOUR,)))

    assert isinstance(found.effect, Act)


@pytest.mark.req("AUT-11")
def test_reminder_too_soon_after_the_last_one_is_postponed_into_the_window():
    planned = definition(step(window=True, reminder=True), limits=Limits(gap=3 * DAY))

    found = move(planned, throttle=Throttle((NOW,)))

    assert found.effect.reason.code == Why.LIMIT_GAP
    assert found.run.due_at == paris("2026-11-23T09:00")  # three days later is a Saturday
    assert found.effect.reason.data["due"] == found.run.due_at


@pytest.mark.req("AUT-11")
def test_reminder_over_the_cap_is_postponed_and_others_are_not():
    limits = Limits(cap=1)
    throttle = Throttle((NOW - DAY,))

    found = move(definition(step(reminder=True), limits=limits), throttle=throttle)
    other = move(definition(step(), limits=limits), throttle=throttle)

    assert (found.effect.reason.code, found.run.due_at) == (Why.LIMIT_CAP, NOW + 6 * DAY)
    assert isinstance(other.effect, Act)


@pytest.mark.req("AUT-10", "AUT-11")
def test_gap_that_ends_before_the_next_opening_is_told_as_the_window():
    evening = paris("2026-11-18T20:00")
    planned = definition(step(window=True, reminder=True), limits=Limits(gap=HOUR))

    found = move(planned, waiting(at=evening), now=evening, throttle=Throttle((evening,)))

    assert found.effect.reason.code == Why.WINDOW


def test_late_step_says_how_late_and_a_punctual_one_does_not():
    assert move(definition(step()), now=NOW + PUNCTUAL).effect.late is None
    assert move(definition(step()), now=NOW + 3 * HOUR).effect.late == 3 * HOUR


def test_step_later_than_allowed_is_missed_with_its_reason():
    planned = definition(step(), step(), max_late=HOUR)

    found = move(planned, now=NOW + 2 * HOUR)

    assert (found.effect.position, found.effect.reason.code) == (0, Why.STEP_MISSED)
    assert found.effect.reason.data == {"planned": NOW, "late": 2 * HOUR}
    assert found.run.position == 1
    assert isinstance(move(planned, now=NOW + HOUR).effect, Act)


def test_start_later_than_allowed_is_missed_with_its_reason():
    planned = definition(step(), starts=around(7), max_late=HOUR)

    found = move(planned, waiting(TRIGGER), now=NOW + 2 * HOUR)

    assert (found.run.status, found.effect.reason.code) == (RunStatus.CANCELLED, Why.START_MISSED)
    assert isinstance(move(planned, waiting(TRIGGER), now=NOW + HOUR).effect, Begin)


def test_first_step_of_a_late_start_is_late_too_and_its_delay_counts_from_the_start():
    at_once, in_a_day = definition(step(), starts=around(7)), definition(step(later(1)), starts=around(7))

    begun = move(at_once, waiting(TRIGGER), now=NOW + 3 * HOUR)

    assert move(at_once, begun.run, now=NOW + 3 * HOUR).effect.late == 3 * HOUR
    assert move(in_a_day, waiting(TRIGGER), now=NOW + 3 * HOUR).run.due_at == NOW + DAY


def test_step_moved_by_the_window_is_not_late():
    opening = paris("2026-11-23T09:00")
    run = Run(RunStatus.WAITING, 0, NOW, paris("2026-11-20T18:30"), opening)

    found = move(definition(step(window=True), max_late=HOUR), run, now=opening + MINUTE)

    assert isinstance(found.effect, Act)


@pytest.mark.req("AUT-12")
def test_reminder_before_a_date_is_left_out_once_that_date_is_over():
    planned = definition(step(around(7)))
    run = waiting(at=paris("2026-11-23T09:00"))

    in_time = move(planned, run, now=paris("2026-11-30T17:00"))
    found = move(planned, run, now=paris("2026-12-01T09:00"))

    assert isinstance(in_time.effect, Act)
    assert found.effect.reason.code == Why.STEP_TOO_LATE
    assert found.effect.reason.data == {"field": "due_date", "found": date(2026, 11, 30)}


@pytest.mark.req("AUT-10")
def test_reminder_on_a_saturday_that_the_window_moves_past_its_date_is_still_sent():
    planned = definition(step(around(0), window=True))
    saturday = {**SNAPSHOT, "due_date": date(2026, 11, 21)}

    entered = enter(planned, 0, NOW, saturday, CALENDAR)
    found = move(planned, entered.run, saturday, now=entered.run.due_at)

    assert entered.run.due_at == paris("2026-11-23T09:00")
    assert isinstance(found.effect, Act)


def test_reminder_after_a_date_and_one_that_runs_anyway_are_never_too_late():
    for timing in (around(7, "after"), around(7, past="run")):
        found = move(definition(step(timing)), waiting(), now=NOW + 300 * DAY)
        assert isinstance(found.effect, Act)


@pytest.mark.req("RUN-7")
def test_positions_that_a_relaunch_spares_are_left_out():
    planned = definition(step(), step())

    found = move(planned, done={0})

    assert (found.effect.position, found.effect.reason.code) == (0, Why.STEP_ALREADY_DONE)
    assert isinstance(move(planned, found.run, done={0}).effect, Act)


@pytest.mark.req("RUN-7")
def test_condition_that_holds_brings_no_step_back_that_was_left_out_already():
    planned = definition(step(when=row("status", "is", "sent")), max_late=HOUR)

    assert move(planned, done={0}).effect.reason.code == Why.STEP_ALREADY_DONE
    assert move(planned, now=NOW + DAY).effect.reason.code == Why.STEP_MISSED


@pytest.mark.req("RUN-6")
def test_run_paused_until_a_date_wakes_then_and_waits_for_its_plan():
    planned = definition(step(later(9)))
    run = Run(RunStatus.PAUSED, 0, NOW, NOW + 9 * DAY, NOW + 3 * DAY, 9 * DAY, Hold.PERSON)

    assert move(planned, run, now=NOW + 3 * DAY - MINUTE) is None
    found = move(planned, run, now=NOW + 3 * DAY)

    assert isinstance(found.effect, Wake)
    assert found.effect.reason.data == {"until": NOW + 3 * DAY}
    assert found.run == waiting(0, NOW + 9 * DAY)


@pytest.mark.req("RUN-6", "AUT-10")
def test_run_that_wakes_after_its_plan_is_due_at_once_inside_the_window():
    saturday = paris("2026-11-21T12:00")
    run = Run(RunStatus.PAUSED, 0, NOW, NOW, saturday, None, Hold.PERSON)

    found = move(definition(step(window=True)), run, now=saturday)

    assert (found.run.planned_at, found.run.due_at) == (NOW, paris("2026-11-23T09:00"))
    assert found.moved.code == Why.WINDOW


@pytest.mark.req("RUN-6", "AUT-9")
def test_run_that_wakes_meets_its_stop_conditions_first():
    run = Run(RunStatus.PAUSED, 0, NOW, NOW, NOW, None, Hold.PERSON)

    assert isinstance(move(definition(step(), stop=STOP), run, PAID).effect, Stop)


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


FAILURE = Reason(code="email.no_address", data={"name": "Durand"})


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
