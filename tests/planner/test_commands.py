from dataclasses import replace

import pytest

from rouage.planner.advance import advance
from rouage.planner.commands import (
    cancel,
    hold,
    move_to_version,
    pause,
    pause_until,
    run_now,
    skip,
    stop_now,
    unhold,
)
from rouage.planner.model import (
    TRIGGER,
    Act,
    Hold,
    Reason,
    Resume,
    Run,
    RunStatus,
)
from rouage.planner.reasons import Why
from tests.planner.commanding import (
    ENDED,
    PAID,
    STOPPING,
    THREE_DAYS,
    paused,
    refusal,
    resumed,
    run_in,
)
from tests.planner.factories import (
    CALENDAR,
    DAY,
    HOUR,
    NOW,
    SNAPSHOT,
    around,
    definition,
    later,
    paris,
    step,
    waiting,
)


@pytest.mark.req("RUN-6")
def test_pause_keeps_the_plan_and_what_is_left_of_the_wait():
    changed = pause(waiting(at=NOW + 3 * DAY), NOW + DAY)

    assert changed.run == Run(RunStatus.PAUSED, 0, NOW, NOW + 3 * DAY, None, 2 * DAY, Hold.PERSON)
    assert changed.reason.code == Why.RUN_PAUSED


def test_pause_of_an_overdue_run_has_nothing_left_of_its_wait():
    assert paused(waiting(), NOW + DAY).remaining == 0 * DAY


def test_pause_of_a_run_without_a_date_has_no_wait():
    assert paused(waiting(planned_at=None, due_at=None)).remaining is None


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize(
    "command",
    [
        lambda run: pause(run, NOW),
        lambda run: pause_until(run, NOW, NOW + DAY),
        lambda run: hold(run, NOW, Hold.AUTOMATION),
        resumed,
        lambda run: unhold(run, NOW, Resume.KEEP_DATES, THREE_DAYS, SNAPSHOT, CALENDAR),
        lambda run: skip(run, THREE_DAYS, SNAPSHOT, NOW, CALENDAR),
        lambda run: run_now(run, NOW),
        cancel,
        lambda run: move_to_version(run, THREE_DAYS, THREE_DAYS, NOW, SNAPSHOT, CALENDAR),
    ],
)
def test_ended_run_refuses_every_command_but_relaunch(command, status):
    assert refusal(command, run_in(status)) == Why.REFUSED_ENDED


@pytest.mark.parametrize(
    "command",
    [
        lambda run: pause(run, NOW),
        lambda run: pause_until(run, NOW, NOW + DAY),
        lambda run: hold(run, NOW, Hold.AUTOMATION),
        lambda run: skip(run, THREE_DAYS, SNAPSHOT, NOW, CALENDAR),
        lambda run: run_now(run, NOW),
        lambda run: move_to_version(run, THREE_DAYS, THREE_DAYS, NOW, SNAPSHOT, CALENDAR),
    ],
)
def test_run_whose_step_is_under_way_can_only_be_cancelled(command):
    assert refusal(command, run_in(RunStatus.RUNNING)) == Why.REFUSED_BUSY
    assert cancel(run_in(RunStatus.RUNNING)).run.status is RunStatus.CANCELLED


def test_second_pause_is_refused_and_one_with_a_date_becomes_one_without():
    until = pause_until(waiting(at=NOW + 3 * DAY), NOW, NOW + DAY).run

    assert refusal(pause, paused(), NOW) == Why.REFUSED_PAUSED
    assert pause(until, NOW).run.due_at is None


@pytest.mark.req("RUN-6")
def test_pause_until_a_date_can_be_changed_and_must_lie_ahead():
    until = pause_until(waiting(at=NOW + 3 * DAY), NOW, NOW + DAY)
    again = pause_until(until.run, NOW + HOUR, NOW + 2 * DAY)

    assert (until.run.status, until.run.due_at) == (RunStatus.PAUSED, NOW + DAY)
    assert until.reason.data == {"until": NOW + DAY}
    assert again.run == replace(until.run, due_at=NOW + 2 * DAY)
    assert refusal(pause_until, waiting(), NOW, NOW) == Why.REFUSED_PAST


@pytest.mark.req("RUN-6")
def test_resume_of_a_run_that_is_not_paused_is_refused():
    assert refusal(resumed, waiting()) == Why.REFUSED_NOT_PAUSED


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize(
    ("mode", "planned_at"),
    [
        (Resume.KEEP_DATES, NOW + 3 * DAY),
        (Resume.RESTART_DELAYS, NOW + 2 * DAY + 3 * DAY),
        (Resume.ACTIVE_TIME, NOW + 2 * DAY + 2 * DAY),
    ],
)
def test_resume_keeps_dates_restarts_delays_or_counts_active_time(mode, planned_at):
    changed = resumed(paused(), mode)

    assert (changed.run.status, changed.run.hold, changed.run.remaining) == (RunStatus.WAITING, Hold.NONE, None)
    assert (changed.run.planned_at, changed.run.due_at) == (planned_at, planned_at)


@pytest.mark.req("AUT-6")
@pytest.mark.parametrize("mode", list(Resume))
def test_resume_leaves_dates_of_the_record_where_they_are_in_every_mode(mode):
    planned = definition(step(around(7)))
    date_ = paris("2026-11-23T09:00")

    assert resumed(paused(waiting(at=date_)), mode, planned).run.planned_at == date_


@pytest.mark.req("RUN-6")
def test_resume_after_the_plan_went_by_is_due_at_once_inside_the_window():
    saturday = paris("2026-11-21T12:00")

    changed = resumed(paused(waiting(at=NOW + DAY)), planned=definition(step(window=True)), now=saturday)

    assert (changed.run.planned_at, changed.run.due_at) == (NOW + DAY, paris("2026-11-23T09:00"))
    assert changed.moved.code == Why.WINDOW


def test_resume_of_a_run_without_a_date_goes_on_waiting_for_one():
    run = resumed(paused(waiting(planned_at=None, due_at=None)), planned=definition(step(around(1)))).run

    assert (run.status, run.planned_at, run.due_at) == (RunStatus.WAITING, None, None)


@pytest.mark.parametrize("mode", list(Resume))
def test_resume_of_a_failed_try_keeps_its_plan_and_its_attempt(mode):
    run = resumed(paused(waiting(at=NOW, due_at=NOW + 4 * DAY, attempt=2)), mode).run

    assert (run.attempt, run.planned_at, run.due_at) == (2, NOW, NOW + 2 * DAY)


@pytest.mark.req("AUT-6")
def test_run_of_an_idle_trigger_restarts_its_delay():
    planned = definition(step(), starts=later(30))
    run = paused(waiting(TRIGGER, NOW + 30 * DAY))

    assert resumed(run, Resume.RESTART_DELAYS, planned).run == Run(
        RunStatus.WAITING, TRIGGER, NOW + 2 * DAY, NOW + 32 * DAY, NOW + 32 * DAY
    )


@pytest.mark.req("AUT-6")
def test_switching_off_holds_and_switching_on_lets_go():
    held = hold(waiting(at=NOW + 3 * DAY), NOW + DAY, Hold.AUTOMATION)

    assert held.run == Run(RunStatus.PAUSED, 0, NOW, NOW + 3 * DAY, None, 2 * DAY, Hold.AUTOMATION)
    assert held.reason.code == Why.RUN_HELD_AUTOMATION
    freed = unhold(held.run, NOW + 9 * DAY, Resume.ACTIVE_TIME, THREE_DAYS, SNAPSHOT, CALENDAR)
    assert freed.run == waiting(0, NOW + 11 * DAY)


@pytest.mark.req("AUT-14")
def test_flood_holds_and_a_person_may_resume():
    held = hold(waiting(), NOW, Hold.FLOOD)

    assert held.reason.code == Why.RUN_HELD_FLOOD
    assert resumed(held.run).run.status is RunStatus.WAITING


@pytest.mark.req("AUT-6")
def test_persons_pause_outlasts_switching_off_and_on():
    run = paused()

    assert refusal(hold, run, NOW, Hold.AUTOMATION) == Why.REFUSED_PAUSED
    assert refusal(unhold, run, NOW, Resume.KEEP_DATES, THREE_DAYS, SNAPSHOT, CALENDAR) == Why.REFUSED_PAUSED


@pytest.mark.req("AUT-6")
def test_run_of_a_switched_off_automation_cannot_be_resumed_run_or_woken_by_a_date():
    held = hold(waiting(), NOW, Hold.AUTOMATION).run

    assert refusal(resumed, held, active=False) == Why.REFUSED_OFF
    assert refusal(run_now, held, NOW) == Why.REFUSED_OFF
    assert refusal(pause_until, held, NOW, NOW + DAY) == Why.REFUSED_OFF
    by_person = pause(held, NOW).run
    assert refusal(pause_until, by_person, NOW, NOW + DAY, active=False) == Why.REFUSED_OFF
    assert refusal(run_now, by_person, NOW, active=False) == Why.REFUSED_OFF


@pytest.mark.req("AUT-6")
def test_resuming_a_persons_pause_while_the_automation_is_off_leaves_it_held():
    changed = resumed(paused(), active=False)

    assert (changed.run.status, changed.run.hold, changed.run.due_at) == (RunStatus.PAUSED, Hold.AUTOMATION, None)
    assert changed.reason.code == Why.RUN_HELD_AUTOMATION
    freed = unhold(changed.run, NOW + 2 * DAY, Resume.KEEP_DATES, THREE_DAYS, SNAPSHOT, CALENDAR)
    assert freed.run == waiting(0, NOW + 3 * DAY)


@pytest.mark.req("AUT-6", "RUN-6")
def test_pause_until_a_date_goes_on_after_switching_off_and_on():
    run = pause_until(waiting(at=NOW + 3 * DAY), NOW, NOW + 5 * DAY).run

    held = hold(run, NOW + DAY, Hold.AUTOMATION)
    freed = unhold(held.run, NOW + 2 * DAY, Resume.KEEP_DATES, THREE_DAYS, SNAPSHOT, CALENDAR)

    assert held.run == replace(run, hold=Hold.AUTOMATION)
    assert freed.run == run
    assert freed.reason == Reason(code=Why.RUN_PAUSED_UNTIL, data={"until": NOW + 5 * DAY})


@pytest.mark.req("AUT-6", "RUN-6")
def test_pause_until_a_date_that_comes_while_the_automation_is_off_wakes_nothing():
    run = hold(pause_until(waiting(at=NOW), NOW, NOW + DAY).run, NOW, Hold.AUTOMATION).run

    move = advance(THREE_DAYS, run, SNAPSHOT, NOW + DAY, CALENDAR)
    freed = unhold(move.run, NOW + 2 * DAY, Resume.KEEP_DATES, THREE_DAYS, SNAPSHOT, CALENDAR)

    assert move.run == replace(run, due_at=None)
    assert move.effect.reason.code == Why.RUN_WOKEN
    assert freed.run == waiting(at=NOW, due_at=NOW + 2 * DAY)


def test_person_cannot_be_given_as_the_reason_of_a_hold():
    with pytest.raises(ValueError, match="people pause it"):
        hold(waiting(), NOW, Hold.PERSON)


@pytest.mark.req("RUN-6")
def test_skip_leaves_the_current_step_out_and_enters_the_next():
    planned = definition(step(later(3)), step(later(1)))

    move = skip(waiting(at=NOW + 3 * DAY), planned, SNAPSHOT, NOW, CALENDAR)

    assert (move.effect.position, move.effect.reason.code) == (0, Why.STEP_SKIPPED)
    assert move.run == waiting(1, NOW + DAY)


@pytest.mark.req("RUN-6")
def test_skip_of_a_paused_run_stays_paused_before_the_next_step():
    planned = definition(step(later(3)), step(later(1)))

    move = skip(paused(), planned, SNAPSHOT, NOW + DAY, CALENDAR)

    assert move.run == Run(RunStatus.PAUSED, 1, NOW + DAY, NOW + 2 * DAY, None, DAY, Hold.PERSON)


def test_skip_of_the_last_step_finishes_even_when_paused():
    assert skip(paused(), THREE_DAYS, SNAPSHOT, NOW, CALENDAR).run.status is RunStatus.FINISHED


def test_wait_for_the_triggers_date_is_no_step_to_skip():
    planned = definition(step(), starts=around(7))

    assert refusal(skip, waiting(TRIGGER), planned, SNAPSHOT, NOW, CALENDAR) == Why.REFUSED_NO_STEP


@pytest.mark.req("RUN-6", "AUT-10")
def test_run_now_is_due_at_once_even_at_night_and_says_what_was_planned():
    night = paris("2026-11-18T23:00")

    changed = run_now(paused(), night)

    assert (changed.run.status, changed.run.due_at, changed.run.hold) == (RunStatus.WAITING, night, Hold.NOW)
    assert changed.reason == Reason(code=Why.RUN_ASKED_NOW, data={"planned": NOW + 3 * DAY})
    move = advance(definition(step(window=True)), changed.run, SNAPSHOT, night, CALENDAR)
    assert isinstance(move.effect, Act)


@pytest.mark.req("RUN-6")
def test_run_now_without_a_date_says_so():
    changed = run_now(waiting(planned_at=None, due_at=None), NOW)

    assert (changed.run.due_at, changed.reason) == (NOW, Reason(code=Why.RUN_ASKED_UNDATED))
    assert isinstance(advance(definition(step(around(7))), changed.run, SNAPSHOT, NOW, CALENDAR).effect, Act)


@pytest.mark.req("RUN-6")
def test_pausing_a_run_that_was_asked_for_takes_the_wish_back():
    run = paused(run_now(waiting(at=NOW + 3 * DAY), NOW).run, NOW)

    assert run.hold is Hold.PERSON
    assert resumed(run, now=NOW + HOUR).run == waiting(0, NOW + 3 * DAY)


@pytest.mark.req("AUT-5")
def test_cancel_ends_an_open_run_with_the_given_reason():
    reason = Reason(code=Why.RUN_CANCELLED_DELETED)

    assert cancel(waiting()).reason.code == Why.RUN_CANCELLED
    assert cancel(paused(), reason).reason is reason
    assert cancel(paused()).run == Run(RunStatus.CANCELLED, 0, NOW, NOW + 3 * DAY, None)


@pytest.mark.req("AUT-9")
@pytest.mark.parametrize("run", [waiting(at=NOW + DAY), paused(), waiting(TRIGGER, NOW + DAY)])
def test_stop_condition_ends_a_waiting_or_paused_run_at_once(run):
    changed = stop_now(STOPPING, run, PAID, NOW, CALENDAR)

    assert (changed.run.status, changed.run.due_at) == (RunStatus.CANCELLED, None)
    assert changed.reason.code == Why.STOP_CONDITION
    assert changed.reason.data["because"]["data"]["field"] == "status"


@pytest.mark.req("AUT-9")
def test_stop_now_leaves_others_alone():
    assert stop_now(STOPPING, waiting(), SNAPSHOT, NOW, CALENDAR) is None
    assert stop_now(STOPPING, waiting(), {}, NOW, CALENDAR) is None
    for status in (*ENDED, RunStatus.RUNNING):
        assert stop_now(STOPPING, run_in(status), PAID, NOW, CALENDAR) is None


def test_stop_now_ends_runs_of_a_record_that_is_gone():
    assert stop_now(STOPPING, waiting(), None, NOW, CALENDAR).reason.code == Why.RECORD_GONE
