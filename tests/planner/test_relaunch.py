from dataclasses import replace
from datetime import date, time

import pytest

from rouage.planner.advance import advance
from rouage.planner.commands import (
    Origin,
    cancel,
    pause,
    relaunch,
    run_now,
)
from rouage.planner.model import (
    TRIGGER,
    Hold,
    Reason,
    Run,
    RunStatus,
    Stop,
)
from rouage.planner.reasons import Why
from tests.planner.commanding import (
    FOUR,
    PAID,
    moved,
    paused,
    refusal,
    relaunched,
)
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
