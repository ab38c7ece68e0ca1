from datetime import date, time

import pytest

from rouage.planner.model import TRIGGER, Hold, Run, RunStatus
from rouage.planner.reasons import Why
from rouage.planner.replan import replan
from tests.planner.factories import (
    CALENDAR,
    DAY,
    NOW,
    SNAPSHOT,
    around,
    definition,
    later,
    paris,
    step,
    waiting,
)

pytestmark = pytest.mark.req("AUT-12")

BEFORE = paris("2026-11-23T09:00")  # seven days before the snapshot's due date
WEEK_BEFORE = definition(step(around(7), window=True), step(around(1)))


def moved(run, planned=WEEK_BEFORE, now=NOW, **changes):
    return replan(planned, run, {**SNAPSHOT, **changes}, now, CALENDAR)


def test_moved_date_moves_the_plan_and_keeps_the_former_one():
    found = moved(waiting(at=BEFORE), due_date=date(2026, 12, 15))

    planned = paris("2026-12-08T09:00")
    assert found.run == waiting(at=planned)
    assert found.former == BEFORE
    assert found.reason.code == Why.RUN_REPLANNED
    assert found.reason.data == {"field": "due_date", "planned": planned, "former": BEFORE}


def test_date_that_did_not_move_changes_nothing():
    assert moved(waiting(at=BEFORE)) is None


def test_moved_date_outside_the_window_is_due_at_the_opening():
    found = moved(waiting(at=BEFORE), due_date=date(2026, 12, 5))

    assert (found.run.planned_at, found.run.due_at) == (paris("2026-11-28T09:00"), paris("2026-11-30T09:00"))
    assert found.moved.code == Why.WINDOW


@pytest.mark.req("AUT-10")
def test_moved_date_of_a_step_or_a_start_that_no_window_holds_is_not_moved_further():
    saturday = paris("2026-11-28T09:00")
    step_, start = definition(step(around(7))), definition(step(window=True), starts=around(7))

    assert moved(waiting(at=BEFORE), step_, due_date=date(2026, 12, 5)).run == waiting(at=saturday)
    assert moved(waiting(TRIGGER, BEFORE), start, due_date=date(2026, 12, 5)).run == waiting(TRIGGER, saturday)


def test_cleared_date_is_waited_for_and_the_former_plan_is_kept():
    found = moved(waiting(at=BEFORE), due_date=None)

    assert found.run == waiting(planned_at=None, due_at=None)
    assert (found.reason.code, found.former) == (Why.RUN_DATE_CLEARED, BEFORE)
    assert moved(found.run, due_date=None) is None


def test_date_that_was_set_is_planned():
    found = moved(waiting(planned_at=None, due_at=None))

    assert found.run == waiting(at=BEFORE)
    assert (found.reason.code, found.former) == (Why.RUN_DATE_SET, None)


def test_date_moved_into_the_past_leaves_the_step_out_and_enters_the_next():
    found = moved(waiting(at=BEFORE), due_date=date(2026, 11, 20))

    assert [(passed.position, passed.reason.code) for passed in found.passed] == [(0, Why.STEP_DATE_PASSED)]
    assert found.run == waiting(1, paris("2026-11-19T09:00"))
    assert (found.reason.code, found.former) == (Why.STEP_DATE_PASSED, BEFORE)


def test_date_moved_into_the_past_is_run_at_once_when_the_step_says_so():
    found = moved(waiting(at=BEFORE), definition(step(around(7, past="run"))), due_date=date(2026, 11, 20))

    assert (found.run.planned_at, found.run.due_at, found.passed) == (paris("2026-11-13T09:00"), NOW, ())


def test_date_moved_to_a_few_minutes_ago_is_done_now():
    planned = definition(step(around(0, at=time(9, 57))))

    assert moved(waiting(at=BEFORE), planned, due_date=date(2026, 11, 18)).run.due_at == NOW


def test_start_follows_its_date_and_ends_when_that_has_passed():
    planned = definition(step(), starts=around(7))
    run = waiting(TRIGGER, BEFORE)

    later_ = moved(run, planned, due_date=date(2026, 12, 15))
    past = moved(run, planned, due_date=date(2026, 11, 20))

    assert later_.run == waiting(TRIGGER, paris("2026-12-08T09:00"))
    assert (past.run.status, past.reason.code) == (RunStatus.CANCELLED, Why.START_DATE_PASSED)
    assert past.former == BEFORE


@pytest.mark.req("RUN-6")
@pytest.mark.parametrize("until", [None, NOW + DAY])
@pytest.mark.parametrize("due_date", [date(2026, 12, 15), date(2026, 11, 20), None])
def test_paused_run_stays_where_it_is_and_only_its_plan_moves(until, due_date):
    run = Run(RunStatus.PAUSED, 0, NOW, BEFORE, until, 5 * DAY, Hold.PERSON)

    found = moved(run, due_date=due_date)

    assert (found.run.status, found.run.position, found.run.due_at) == (RunStatus.PAUSED, 0, until)
    assert found.run.hold is Hold.PERSON
    assert found.run.planned_at != BEFORE
    assert found.passed == ()


def test_field_that_vanished_leaves_a_waiting_step_out_and_a_paused_one_alone():
    planned = definition(step(around(7, field="vanished")), step())
    paused = Run(RunStatus.PAUSED, 0, NOW, BEFORE, None, None, Hold.PERSON)

    found = moved(waiting(at=BEFORE), planned)

    assert [passed.reason.code for passed in found.passed] == [Why.DATE_FIELD_GONE]
    assert found.run.position == 1
    assert moved(paused, planned) is None


@pytest.mark.parametrize(
    "run",
    [
        waiting(at=BEFORE, attempt=1),
        waiting(at=BEFORE, hold=Hold.NOW),
        Run(RunStatus.RUNNING, 0, NOW, BEFORE, None),
        Run(RunStatus.FAILED, 0, NOW, BEFORE, None),
        Run(RunStatus.FINISHED, 2, NOW, BEFORE, None),
        Run(RunStatus.CANCELLED, 0, NOW, BEFORE, None),
    ],
    ids=["tried", "asked", "running", "failed", "finished", "cancelled"],
)
def test_step_already_tried_asked_for_or_over_keeps_its_plan(run):
    assert moved(run, due_date=date(2026, 12, 15)) is None


def test_step_that_was_tried_without_a_date_is_planned_once_there_is_one():
    run = waiting(planned_at=None, due_at=None, attempt=1)

    assert moved(run).run == waiting(at=BEFORE, attempt=1)


def test_delays_do_not_follow_dates():
    assert moved(waiting(at=NOW + DAY), definition(step(later(1))), due_date=date(2026, 12, 15)) is None


def test_step_postponed_by_the_window_is_planned_anew():
    run = waiting(at=paris("2026-11-21T09:00"), due_at=paris("2026-11-23T09:00"))

    assert moved(run, due_date=date(2026, 12, 4)).run == waiting(at=paris("2026-11-27T09:00"))
