from dataclasses import replace
from datetime import date, timedelta

import pytest

from rouage.planner.match import match, with_facts
from rouage.planner.model import (
    ENROLLED,
    MAX_DEPTH,
    TRIGGER,
    Known,
    Link,
    Reentry,
    Run,
    RunStatus,
    Skip,
    Start,
)
from rouage.planner.reasons import Why
from tests.planner.factories import (
    CALENDAR,
    DAY,
    HOUR,
    NOW,
    SNAPSHOT,
    around,
    definition,
    event,
    later,
    paris,
    published,
    row,
    step,
)


class StatusChanged:
    """A trigger as a type file has it, reading its config, the event and the snapshot."""

    def matches(self, config, event, snapshot):
        wanted = (config or {}).get("to")
        if wanted and event.payload.get("to") != wanted:
            return None
        return {"to": event.payload.get("to"), "status": snapshot.get("status")}


class Button:
    def matches(self, config, event, snapshot):
        return {}


TRIGGERS = {"status_changed": StatusChanged(), "button": Button()}


def plans(*live, happened=None, snapshot=SNAPSHOT, known=(), now=NOW):
    return match(
        live, happened or event(), snapshot, known, now=now, calendar=CALENDAR, triggers=TRIGGERS,
    )  # fmt: skip


def known(run_id=5, automation_id=1, status=RunStatus.WAITING):
    return Known(run_id, automation_id, 10, status)


def link(automation_id=1, kind="invoice", record_id=7):
    return Link(run_id=3, automation_id=automation_id, kind=kind, record_id=record_id)


def test_event_that_matches_starts_a_run_at_its_first_step():
    (start,) = plans(published(definition(step(later(3)))))

    assert start == Start(
        10, Run(RunStatus.WAITING, 0, NOW, NOW + 3 * DAY, NOW + 3 * DAY), facts={"to": "sent", "status": "sent"}
    )


def test_event_that_the_trigger_does_not_mean_leaves_no_trace():
    assert plans(published(definition(step(), trigger_config={"to": "paid"}))) == []


def test_each_automation_gets_its_own_answer():
    first, second, third = (
        published(definition(step()), 1, 10),
        published(definition(step(), trigger_config={"to": "paid"}), 2, 20),
        published(definition(step(), conditions=row("status", "is", "paid")), 3, 30),
    )

    start, skip = plans(first, second, third)

    assert (start.version_id, skip.version_id) == (10, 30)
    assert isinstance(start, Start)
    assert skip.reason.code == Why.START_NOT_MET


@pytest.mark.req("AUT-3", "RUN-9")
def test_unknown_condition_is_told_apart_from_a_false_one():
    (false,) = plans(published(definition(step(), conditions=row("status", "is", "paid"))))
    (unknown,) = plans(published(definition(step(), conditions=row("vanished", "is", "paid"))))

    assert (false.reason.code, unknown.reason.code) == (Why.START_NOT_MET, Why.START_UNKNOWN)
    assert unknown.reason.data["because"] == {
        "code": Why.CONDITION_MISSING,
        "data": {"field": "vanished", "operator": "is"},
    }


@pytest.mark.req("AUT-3")
def test_conditions_read_the_facts_of_the_trigger():
    (start,) = plans(published(definition(step(), conditions=row("trigger.to", "is", "sent"))))
    (skip,) = plans(published(definition(step(), conditions=row("trigger.from", "is", "draft"))))

    assert isinstance(start, Start)
    assert skip.reason.code == Why.START_UNKNOWN


def test_facts_stand_beside_the_snapshot_without_copying_it():
    seen = with_facts(SNAPSHOT, {"to": "sent"})

    assert seen["trigger.to"] == "sent"
    assert seen["status"] == "sent"
    assert seen.get("trigger.x", 3) == seen.get("x", 3) == 3
    assert "trigger.to" in seen
    assert "trigger.from" not in seen
    assert dict(seen) == {**SNAPSHOT, "trigger.to": "sent"}
    assert len(seen) == len(SNAPSHOT) + 1
    assert with_facts(SNAPSHOT, {}) is SNAPSHOT


def test_trigger_that_is_not_installed_is_told():
    (skip,) = plans(published(definition(step(), trigger="fax_received")))

    assert (skip.reason.code, skip.reason.data) == (Why.START_TRIGGER_GONE, {"trigger": "fax_received"})


def test_record_that_is_gone_starts_nothing_and_says_so():
    (skip,) = plans(published(definition(step())), snapshot=None)

    assert skip.reason.code == Why.RECORD_GONE


@pytest.mark.req("AUT-14")
def test_chain_of_five_runs_is_stopped_as_a_loop():
    chain = tuple(link(automation_id=100 + n) for n in range(MAX_DEPTH))

    (start,) = plans(published(definition(step())), happened=event(cause=chain[1:]))
    (skip,) = plans(published(definition(step())), happened=event(cause=chain))

    assert isinstance(start, Start)
    assert (skip.reason.code, skip.reason.data) == (Why.START_LOOP, {"depth": 5})


@pytest.mark.req("AUT-14")
def test_automation_does_not_start_itself_on_the_same_record():
    mine = published(definition(step()))

    (skip,) = plans(mine, happened=event(cause=(link(), link(automation_id=2))))

    assert (skip.reason.code, skip.reason.data) == (Why.START_SELF, {"run": 3})


@pytest.mark.req("AUT-14")
@pytest.mark.parametrize(
    "cause", [link(automation_id=2), link(record_id=8), link(kind="quote")], ids=["other", "record", "kind"]
)
def test_other_automation_record_or_kind_in_the_chain_is_no_self_trigger(cause):
    (start,) = plans(published(definition(step())), happened=event(cause=(cause,)))

    assert isinstance(start, Start)


@pytest.mark.req("AUT-14")
def test_self_trigger_that_is_allowed_still_ends_at_the_loop_brake():
    mine = published(definition(step(), self_trigger=True))

    (start,) = plans(mine, happened=event(cause=(link(),)))
    (skip,) = plans(mine, happened=event(cause=(link(),) * MAX_DEPTH))

    assert isinstance(start, Start)
    assert skip.reason.code == Why.START_LOOP


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.RUNNING, RunStatus.PAUSED])
def test_ignore_says_that_a_run_is_open(status):
    (skip,) = plans(published(definition(step())), known=[known(status=status)])

    assert skip == Skip(10, skip.reason)
    assert skip.reason.code == Why.START_RUNNING


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize("status", [RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED])
def test_ignore_starts_again_after_a_run_has_ended(status):
    (start,) = plans(published(definition(step())), known=[known(status=status)])

    assert isinstance(start, Start)


@pytest.mark.req("AUT-8")
def test_restart_takes_over_from_all_open_runs_of_the_automation():
    runs = [
        known(5), known(6, status=RunStatus.PAUSED), known(7, status=RunStatus.FINISHED), known(8, automation_id=2),
    ]  # fmt: skip

    (start,) = plans(published(definition(step(), reentry=Reentry.RESTART)), known=runs)

    assert start.replaces == (5, 6)


@pytest.mark.req("AUT-8")
def test_restart_whose_conditions_are_not_met_leaves_the_open_run_alone():
    again = definition(step(), reentry=Reentry.RESTART, conditions=row("status", "is", "paid"))

    (skip,) = plans(published(again), known=[known()])

    assert skip.reason.code == Why.START_NOT_MET


@pytest.mark.req("AUT-8")
@pytest.mark.parametrize("status", [RunStatus.WAITING, RunStatus.FINISHED, RunStatus.CANCELLED])
def test_once_runs_once_per_record(status):
    once = published(definition(step(), reentry=Reentry.ONCE))

    (skip,) = plans(once, known=[known(status=status)])
    (start,) = plans(once, known=[known(automation_id=2)])

    assert skip.reason.code == Why.START_ONCE
    assert isinstance(start, Start)


@pytest.mark.req("AUT-8")
def test_always_starts_beside_an_open_run():
    (start,) = plans(published(definition(step(), reentry=Reentry.ALWAYS)), known=[known()])

    assert (type(start), start.replaces) == (Start, ())


@pytest.mark.req("AUT-7")
def test_enrolled_record_starts_the_automation_it_is_addressed_to_without_its_trigger():
    enrolled = event(type=ENROLLED, payload={"automation_id": 1})
    never = {"trigger_config": {"to": "never"}}

    (start,) = plans(
        published(definition(step(), **never)), published(definition(step(), **never), 2, 20), happened=enrolled
    )  # fmt: skip

    assert start.version_id == 10


@pytest.mark.req("AUT-7")
def test_enrolled_record_still_meets_the_conditions_and_the_kind():
    enrolled = event(type=ENROLLED, payload={"automation_id": 1})

    (skip,) = plans(published(definition(step(), conditions=row("status", "is", "paid"))), happened=enrolled)

    assert skip.reason.code == Why.START_NOT_MET
    assert plans(published(definition(step(), kind="quote")), happened=enrolled) == []
    assert plans(published(definition(step())), happened=replace(enrolled, payload={})) == []


@pytest.mark.req("AUT-2")
def test_button_starts_only_the_automation_it_belongs_to():
    pressed = event(type="invoice.button", payload={"automation_id": 2})
    mine, other = definition(step(), trigger="button"), definition(step(), trigger="button")

    (start,) = plans(published(mine, 1, 10), published(other, 2, 20), happened=pressed)

    assert start.version_id == 20


@pytest.mark.req("AUT-1")
def test_delays_count_from_what_happened_not_from_when_it_was_noticed():
    (start,) = plans(published(definition(step(later(3)))), now=NOW + 2 * DAY)

    assert start.run.entered_at == NOW
    assert start.run.due_at == NOW + 3 * DAY


def test_event_of_the_future_is_taken_as_now_when_the_clock_was_moved_back():
    (start,) = plans(published(definition(step(later(1)))), now=NOW - DAY)

    assert start.run.entered_at == NOW - DAY


@pytest.mark.req("AUT-12")
def test_steps_whose_date_has_passed_are_left_out_of_the_start_with_their_reason():
    late = definition(step(around(30)), step(around(14)), step(around(7)))

    (start,) = plans(published(late))

    assert start.run.position == 2
    assert [(passed.position, passed.reason.code) for passed in start.passed] == [
        (0, Why.STEP_DATE_PASSED), (1, Why.STEP_DATE_PASSED),
    ]  # fmt: skip


@pytest.mark.req("AUT-10")
def test_start_outside_the_sending_window_is_moved_and_says_so():
    evening = paris("2026-11-20T20:00")

    (start,) = plans(published(definition(step(window=True))), happened=event(occurred_at=evening), now=evening)

    assert (start.run.planned_at, start.run.due_at) == (evening, paris("2026-11-23T09:00"))
    assert start.moved.code == Why.WINDOW


@pytest.mark.req("AUT-2")
def test_date_trigger_waits_for_its_date_before_it_looks_at_conditions():
    dated = definition(step(), starts=around(7), conditions=row("status", "is", "paid"))

    (start,) = plans(published(dated))

    planned = paris("2026-11-23T09:00")
    assert start.run == Run(RunStatus.WAITING, TRIGGER, NOW, planned, planned)


@pytest.mark.req("AUT-2")
def test_date_trigger_on_a_record_without_the_date_waits_visibly():
    (start,) = plans(published(definition(step(), starts=around(7))), snapshot={**SNAPSHOT, "due_date": None})

    assert start.run == Run(RunStatus.WAITING, TRIGGER, NOW, None, None)
    assert start.moved.code == Why.DATE_NONE


@pytest.mark.req("AUT-12")
def test_date_trigger_whose_date_has_passed_is_skipped_or_begun_at_once():
    past = {**SNAPSHOT, "due_date": date(2026, 11, 20)}

    (skip,) = plans(published(definition(step(), starts=around(7))), snapshot=past)
    (start,) = plans(published(definition(step(), starts=around(7, past="run"))), snapshot=past)

    assert skip.reason.code == Why.START_DATE_PASSED
    assert (start.run.position, start.run.planned_at, start.run.due_at) == (TRIGGER, paris("2026-11-13T09:00"), NOW)


def test_date_trigger_on_a_field_that_vanished_is_skipped_with_its_reason():
    (skip,) = plans(published(definition(step(), starts=around(7, field="vanished"))))

    assert skip.reason.code == Why.DATE_FIELD_GONE


@pytest.mark.req("AUT-2")
def test_idle_trigger_waits_from_the_last_activity_and_restarts():
    idle = definition(step(), starts=later(30), reentry=Reentry.RESTART)

    (start,) = plans(published(idle), known=[known()], now=NOW + HOUR)

    assert start.run.planned_at == paris("2026-12-18T10:00")
    assert start.replaces == (5,)


@pytest.mark.req("AUT-8", "AUT-12")
def test_changed_date_of_a_waiting_run_is_no_ignored_trigger():
    dated = published(definition(step(), starts=around(7)))
    changed = event(type="invoice.changed", payload={"changes": {"due_date": ["2026-11-30", "2026-12-15"]}})

    # A due date that is put off makes an overdue invoice sent again: that is a changed status, with the same meaning.
    for happened in (changed, event(type="invoice.status_changed")):
        assert plans(dated, happened=happened, known=[known()]) == []
    (skip,) = plans(dated, happened=event(type="invoice.created"), known=[known()])
    assert skip.reason.code == Why.START_RUNNING


def test_automation_without_steps_finishes_at_once():
    (start,) = plans(published(definition()))

    assert start.run == Run(RunStatus.FINISHED, 0, NOW, None, None)


def test_order_of_the_plans_is_the_order_of_the_automations():
    live = [published(definition(step()), n, n * 10) for n in range(1, 6)]

    assert [plan.version_id for plan in plans(*live)] == [10, 20, 30, 40, 50]
    assert timedelta() <= max(plan.run.due_at for plan in plans(*live)) - NOW
