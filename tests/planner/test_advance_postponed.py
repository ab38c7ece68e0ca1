from datetime import date

import pytest

from rouage.planner.advance import PUNCTUAL, enter
from rouage.planner.model import (
    TRIGGER,
    Act,
    Begin,
    Hold,
    Limits,
    Postpone,
    Run,
    RunStatus,
    Stop,
    Wake,
)
from rouage.planner.reasons import Why
from rouage.planner.throttle import Throttle
from tests.planner.advancing import PAID, STOP, move
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
    step,
    waiting,
)


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
