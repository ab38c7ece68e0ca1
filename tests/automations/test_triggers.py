from datetime import UTC, datetime

import pytest

from rouage.automations.registry import TRIGGERS
from rouage.planner.model import Around, Event
from tests.factories.contexts import make_snapshot

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def event(type_, payload=None, kind="quote"):
    return Event(
        id=1,
        organisation_id=1,
        type=f"{kind}.{type_}",
        kind=kind,
        record_id=147,
        payload=payload or {},
        cause=(),
        occurred_at=AT,
    )


def matches(key, config, happened, snapshot=None):
    trigger = TRIGGERS[key]
    return trigger.matches(
        trigger.read(config, trigger.version), happened, make_snapshot() if snapshot is None else snapshot
    )


@pytest.mark.req("AUT-2")
@pytest.mark.parametrize(
    ("config", "old", "new", "expected"),
    [
        ({}, "draft", "sent", True),
        ({"to_statuses": ["sent"]}, "draft", "sent", True),
        ({"to_statuses": ["sent"]}, "sent", "opened", False),
        ({"from_statuses": ["sent"]}, "sent", "opened", True),
        ({"from_statuses": ["draft"]}, "sent", "opened", False),
        ({"from_statuses": ["draft"], "to_statuses": ["sent", "accepted"]}, "draft", "accepted", True),
        ({"from_statuses": ["draft"], "to_statuses": ["sent"]}, "opened", "sent", False),
    ],
)
def test_status_changed_from_and_to(config, old, new, expected):
    facts = matches("status_changed", config, event("status_changed", {"from": old, "to": new}))
    assert facts == ({"from": old, "to": new} if expected else None)


@pytest.mark.req("AUT-2")
def test_stage_changed():
    moved = event("stage_changed", {"from": 1, "to": 2}, "opportunity")
    assert matches("stage_changed", {"to_stages": [2, 3]}, moved) == {}
    assert matches("stage_changed", {"from_stages": [1], "to_stages": [2]}, moved) == {}
    assert matches("stage_changed", {"to_stages": [3]}, moved) is None
    assert matches("stage_changed", {"from_stages": [2]}, moved) is None


@pytest.mark.req("AUT-2")
def test_date_reached_hears_of_the_date_and_of_nothing_else():
    config = {"field": "due_date", "amount": 7, "direction": "after"}
    changed = event("changed", {"changes": {"due_date": [None, "2026-03-30"]}}, "invoice")
    other = event("changed", {"changes": {"subject": ["a", "b"]}}, "invoice")
    paid = event(
        "status_changed", {"from": "sent", "to": "paid", "changes": {"paid_on": [None, "2026-03-01"]}}, "invoice"
    )
    without = make_snapshot(due_date=None)
    assert matches("date_reached", config, event("created", kind="invoice")) == {}
    assert matches("date_reached", config, changed) == {}
    assert matches("date_reached", config, other) is None
    assert matches("date_reached", config, paid) is None
    assert matches("date_reached", config, event("created", kind="invoice"), without) is None
    assert matches("date_reached", {**config, "field": "paid_on"}, paid, make_snapshot(paid_on=AT.date())) == {}


@pytest.mark.req("AUT-2")
def test_idle_waits_from_the_last_activity():
    trigger = TRIGGERS["idle"]
    starts = trigger.starts(trigger.read({"days": 21}, 1))
    assert (starts.field, starts.amount, starts.direction, starts.past) == ("last_activity_at", 21, "after", "run")
    assert matches("idle", {"days": 21}, event("changed", {"changes": {}})) == {}
    assert matches("idle", {"days": 21}, event("changed"), {}) is None


@pytest.mark.req("AUT-2")
def test_a_button_belongs_to_its_automation():
    assert matches(
        "button_pressed", {"text": "Relancer"}, event("button", {"automation_id": 3, "member": "Camille"})
    ) == {"member": "Camille"}
    assert matches("button_pressed", {"text": "Relancer"}, event("button")) is None


@pytest.mark.req("AUT-2")
def test_field_changed_looks_at_its_field():
    changed = event("changed", {"changes": {"owner.id": [1, 2]}})
    assert matches("field_changed", {"field": "owner.id"}, changed) == {}
    assert matches("field_changed", {"field": "subject"}, changed) is None


@pytest.mark.req("AUT-7")
def test_which_existing_records_are_meant():
    sent, accepted = make_snapshot(), make_snapshot(status="accepted")
    status = TRIGGERS["status_changed"]
    config = status.read({"to_statuses": ["sent"]}, 1)
    assert (status.holds(config, sent), status.holds(config, accepted)) == (True, False)
    assert status.holds(status.read({}, 1), accepted)
    stage = TRIGGERS["stage_changed"]
    config = stage.read({"to_stages": [2]}, 1)
    assert (stage.holds(config, {"stage.id": 2}), stage.holds(config, {"stage.id": 3})) == (True, False)
    assert {key for key, trigger in TRIGGERS.items() if not trigger.enrolls} == {"button_pressed", "field_changed"}


def test_the_time_of_a_date_trigger_is_local():
    trigger = TRIGGERS["date_reached"]
    starts = trigger.starts(trigger.read({"field": "due_date", "at": "09:30"}, 1))
    assert isinstance(starts, Around)
    assert f"{starts.at:%H:%M}" == "09:30"
