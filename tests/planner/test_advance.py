from datetime import date, time

import pytest

from rouage.planner.advance import enter
from rouage.planner.model import (
    TRIGGER,
    Act,
    Begin,
    Hold,
    Pass,
    Run,
    RunStatus,
    Stop,
)
from rouage.planner.reasons import Why
from tests.planner.advancing import PAID, STOP, finish, move
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
