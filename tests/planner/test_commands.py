from dataclasses import replace
from datetime import date, time

import pytest

from rouage.planner.advance import advance
from rouage.planner.commands import (
    Origin,
    cancel,
    hold,
    move_to_version,
    pause,
    pause_until,
    relaunch,
    resume,
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
    Refused,
    Resume,
    Run,
    RunStatus,
    Stop,
)
from rouage.planner.reasons import Why
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

THREE_DAYS = definition(step(later(3)))
ENDED = [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED]


def run_in(status, **rest):
    return Run(status, 0, NOW, NOW + 3 * DAY, None, **rest)


def paused(run=None, at=NOW + DAY):
    return pause(run or waiting(at=NOW + 3 * DAY), at).run


def resumed(run, mode=Resume.KEEP_DATES, planned=THREE_DAYS, now=NOW + 2 * DAY, snapshot=SNAPSHOT, **rest):
    return resume(run, now, mode, planned, snapshot, CALENDAR, **rest)


def refusal(call, *given, **rest):
    with pytest.raises(Refused) as refused:
        call(*given, **rest)
    return refused.value.reason.code


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


PAID = {**SNAPSHOT, "status": "paid"}
STOPPING = definition(step(later(3)), stop=some(row("status", "is", "paid")))


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


FOUR = definition(
    step(action="send_email", text='{"n": 0}'),
    step(later(2), action="create_task", text='{"n": 1}'),
    step(later(2), action="send_email", text='{"n": 2}'),
    step(action="add_note", text='{"n": 3}'),
)
FAILED = Run(RunStatus.FAILED, 2, NOW, NOW, None, attempt=5)


def relaunched(run=FAILED, planned=FOUR, snapshot=SNAPSHOT, **rest):
    return relaunch(run, planned, NOW + DAY, snapshot, CALENDAR, **rest)


@pytest.mark.req("RUN-7")
def test_relaunch_takes_up_the_failed_step_at_once():
    again = relaunched()

    assert again.run == Run(RunStatus.WAITING, 2, NOW + DAY, NOW + DAY, NOW + DAY, hold=Hold.NOW)
    assert again.reason == Reason(code=Why.RUN_RELAUNCHED, data={"step": 3})


@pytest.mark.req("RUN-7")
def test_relaunch_from_the_start_waits_as_the_first_step_says():
    again = relaunched(planned=definition(step(later(3)), *FOUR.steps), origin=Origin.START)

    assert again.run == Run(RunStatus.WAITING, 0, NOW + DAY, NOW + 4 * DAY, NOW + 4 * DAY)
    assert again.reason.data == {"step": 1}


@pytest.mark.req("RUN-7")
def test_relaunch_from_a_chosen_step():
    assert relaunched(origin=1).run.position == 1
    assert relaunched(Run(RunStatus.FINISHED, 4, NOW, None, None), origin=0).run.position == 0


@pytest.mark.req("RUN-7")
def test_relaunch_tells_what_was_done_and_never_repeats_it_unasked():
    quiet = relaunched(origin=Origin.START, done={0, 1})
    loud = relaunched(origin=Origin.START, done={0, 1}, repeat=True)

    assert (quiet.done, quiet.spared) == ((0, 1), (0, 1))
    assert (loud.done, loud.spared) == ((0, 1), ())


@pytest.mark.req("RUN-7")
def test_relaunch_tells_only_what_lies_ahead():
    assert relaunched(origin=1, done={0, 1}).done == (1,)


@pytest.mark.req("RUN-7")
def test_relaunch_leaves_done_steps_that_the_version_does_not_have_unsaid():
    shorter = definition(*FOUR.steps[:3])

    assert relaunched(planned=shorter, origin=0, done={0, 3}).done == (0,)
    assert relaunched(planned=shorter, former=FOUR, origin=0, done={0, 3, 4}).done == (0,)


@pytest.mark.req("RUN-7")
def test_relaunch_of_a_cancelled_run_goes_on_where_it_was():
    cancelled = cancel(waiting(1)).run

    assert relaunched(cancelled).run.position == 1
    assert relaunched(cancel(waiting(TRIGGER)).run).run.position == 0


@pytest.mark.req("RUN-7")
def test_relaunch_refuses_what_it_cannot_do():
    finished = Run(RunStatus.FINISHED, 4, NOW, None, None)

    assert refusal(relaunched, waiting()) == Why.REFUSED_OPEN
    assert refusal(relaunched, finished) == Why.REFUSED_NOT_FAILED
    assert refusal(relaunched, origin=4) == Why.REFUSED_NO_STEP
    assert refusal(relaunched, origin=-1) == Why.REFUSED_NO_STEP
    assert refusal(relaunched, snapshot=None) == Why.RECORD_GONE


@pytest.mark.req("RUN-7", "AUT-9")
def test_relaunched_run_still_meets_its_stop_conditions():
    planned = replace(FOUR, stop=some(row("status", "is", "paid")))
    again = relaunched(planned=planned, snapshot=PAID)

    assert isinstance(advance(planned, again.run, PAID, NOW + DAY, CALENDAR).effect, Stop)


@pytest.mark.req("RUN-7", "AUT-6")
def test_relaunch_on_the_current_version_finds_the_same_step_and_the_same_done_ones():
    new = definition(step(action="add_note", text="{}"), *FOUR.steps)

    again = relaunched(planned=new, former=FOUR, done={0, 1}, origin=Origin.FAILED_STEP)
    start = relaunched(planned=new, former=FOUR, done={0, 1}, origin=Origin.START)

    assert again.run.position == 3
    assert start.done == (1, 2)


@pytest.mark.req("RUN-7", "AUT-6")
def test_step_with_an_id_is_the_same_although_its_text_changed():
    old = definition(step(id="a", text="old"), step(id="b", text="same"))
    new = definition(step(id="b", text="same"), step(id="a", text="new"))
    failed = Run(RunStatus.FAILED, 0, NOW, NOW, None)

    again = relaunch(failed, new, NOW, SNAPSHOT, CALENDAR, former=old, done={0})

    assert (again.run.position, again.done) == (1, (1,))


@pytest.mark.req("AUT-6")
def test_step_that_got_its_id_only_in_the_new_version_is_found_by_what_it_does():
    old = definition(step(text="a"), step(later(5), text="b"))
    new = definition(step(id="b", text="b"), step(id="a", text="a"))

    assert moved(waiting(1, NOW), old, new).run.position == 0


def moved(run, old, new, now=NOW + DAY, snapshot=SNAPSHOT):
    return move_to_version(run, old, new, now, snapshot, CALENDAR)


@pytest.mark.req("AUT-6")
def test_run_moves_to_its_step_in_the_new_version_and_is_planned_anew():
    old = definition(step(text="a"), step(later(5), text="b"))
    new = definition(step(text="x"), step(text="a"), step(later(2), text="b"))

    changed = moved(waiting(1, NOW + 5 * DAY), old, new)

    assert changed.run == waiting(2, NOW + 2 * DAY)
    assert changed.reason == Reason(code=Why.RUN_MOVED_VERSION, data={"step": 3})


@pytest.mark.req("AUT-6")
def test_run_whose_step_did_not_change_keeps_its_plan_and_its_tries():
    old = definition(step(text="a"), step(later(5), text="b"))
    new = definition(step(later(5), text="b"), step(text="z"))
    run = waiting(1, NOW, due_at=NOW + HOUR, attempt=2)

    changed = moved(run, old, new)

    assert changed.run == replace(run, position=0)
    assert changed.reason.data == {"step": 1}


@pytest.mark.req("AUT-6")
def test_run_whose_step_was_taken_out_goes_on_at_the_same_place_or_finishes():
    old = definition(step(text="a"), step(later(5), text="b"))

    assert moved(waiting(1, NOW), old, definition(step(text="a"), step(later(4), text="c"))).run == waiting(
        1, NOW + 4 * DAY
    )
    assert moved(waiting(1, NOW), old, definition(step(text="a"))).run.status is RunStatus.FINISHED


@pytest.mark.req("AUT-6")
def test_paused_run_stays_paused_in_the_new_version():
    old, new = definition(step(later(5))), definition(step(later(3)))

    changed = moved(paused(waiting(at=NOW + 5 * DAY)), old, new)

    assert changed.run == Run(RunStatus.PAUSED, 0, NOW, NOW + 3 * DAY, None, 2 * DAY, Hold.PERSON)


@pytest.mark.req("AUT-6")
def test_run_that_waits_for_its_start_takes_the_new_date():
    old = definition(step(), starts=around(7))
    run = waiting(TRIGGER, paris("2026-11-23T09:00"))

    assert moved(run, old, definition(step(), starts=around(3))).run.planned_at == paris("2026-11-27T09:00")
    assert moved(run, old, definition(step())).run.due_at == NOW
    gone = moved(run, old, definition(step(), starts=around(30)))
    assert (gone.run.status, gone.reason.code) == (RunStatus.CANCELLED, Why.START_DATE_PASSED)


@pytest.mark.req("AUT-6", "AUT-12")
def test_new_timing_that_has_passed_leaves_the_step_out():
    old = definition(step(around(7)), step(around(1)))
    new = definition(step(around(30)), step(around(1)))

    changed = moved(waiting(0, paris("2026-11-23T09:00")), old, new)

    assert [(passed.position, passed.reason.code) for passed in changed.passed] == [(0, Why.STEP_DATE_PASSED)]
    assert changed.run.position == 1


def test_commands_leave_the_given_run_as_it_was():
    run = waiting(at=NOW + 3 * DAY)
    before = replace(run)

    pause(run, NOW)
    run_now(run, NOW)
    cancel(run)

    assert run == before


def test_first_step_of_a_relaunch_whose_date_has_passed_is_left_out():
    planned = definition(step(around(7, at=time(9))), step())
    past = {**SNAPSHOT, "due_date": date(2026, 11, 1)}

    again = relaunch(cancel(waiting()).run, planned, NOW + MINUTE, past, CALENDAR, origin=Origin.START)

    assert [passed.reason.code for passed in again.passed] == [Why.STEP_DATE_PASSED]
    assert again.run.position == 1
