from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction

from rouage.journal import wake
from rouage.journal.actors import SYSTEM, Actor, ActorKind
from rouage.journal.append import (
    ENTRY_COLUMNS,
    EVENT_COLUMNS,
    append_entries,
    append_entry,
    append_event,
    append_events,
    cause_text,
    json_text,
    read_cause,
)
from rouage.journal.models import DomainEvent, Entry
from rouage.planner.model import Link

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CAUSE = (
    Link(run_id=7, automation_id=3, kind="quote", record_id=12),
    Link(run_id=9, automation_id=4, kind="invoice", record_id=13),
)


def test_append_event_is_due_at_once_and_carries_its_cause(db):
    append_event(
        organisation_id=5,
        type="quote.status_changed",
        kind="quote",
        record_id=12,
        payload={"from": "sent", "to": "accepted", "amount": Decimal("10.50"), "day": date(2026, 3, 2)},
        cause=CAUSE,
        now=NOW,
    )

    event = DomainEvent.objects.get()
    assert (event.organisation_id, event.type, event.kind, event.record_id) == (5, "quote.status_changed", "quote", 12)
    assert event.payload == {"from": "sent", "to": "accepted", "amount": "10.50", "day": "2026-03-02"}
    assert read_cause(event.cause) == CAUSE
    assert (event.depth, event.occurred_at, event.due_at) == (2, NOW, NOW)
    assert (event.attempt, event.processed_at, event.error) == (0, None, "")


def test_append_event_wakes_after_the_commit_only(db, django_capture_on_commit_callbacks):
    wake.clear()
    with django_capture_on_commit_callbacks() as callbacks:
        append_event(organisation_id=1, type="quote.created", kind="quote", record_id=1, now=NOW)
        assert not wake.wait(0)

    for callback in callbacks:
        callback()
    assert wake.wait(0)
    wake.clear()


@pytest.mark.django_db(transaction=True)
def test_append_event_leaves_nothing_and_wakes_nobody_when_its_transaction_fails():
    wake.clear()

    def fail():
        with transaction.atomic():
            append_event(organisation_id=1, type="quote.created", kind="quote", record_id=1, now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert DomainEvent.objects.count() == 0
    assert not wake.wait(0)


def test_append_events_writes_rows_in_the_order_of_its_columns(db):
    rows = [(1, "quote.created", "quote", number, "{}", cause_text(CAUSE[:1]), 1, NOW, NOW) for number in (1, 2, 3)]
    append_events(rows)
    append_events([])

    assert list(DomainEvent.objects.order_by("record_id").values_list("record_id", "depth")) == [(1, 1), (2, 1), (3, 1)]
    assert len(EVENT_COLUMNS) == len(rows[0])


@pytest.mark.req("REC-9", "ACC-4")
def test_append_entry_keeps_who_what_when_and_from_where(db):
    actor = Actor(kind=ActorKind.MEMBER, id=4, label="Zoé Martin", address="2001:db8::1")
    append_entry(
        organisation_id=1,
        verb="quote.changed",
        actor=actor,
        kind="quote",
        record_id=12,
        run_id=8,
        data={"changes": {"amount": [Decimal("1.00"), Decimal("2.00")]}},
        now=NOW,
    )

    entry = Entry.objects.get()
    assert (entry.verb, entry.kind, entry.record_id, entry.run_id, entry.at) == ("quote.changed", "quote", 12, 8, NOW)
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("member", 4, "Zoé Martin")
    assert entry.address == "2001:db8::1"
    assert entry.data == {"changes": {"amount": ["1.00", "2.00"]}}


def test_append_entries_writes_rows_in_the_order_of_its_columns(db):
    data = json_text({"reason": "déjà payée"})
    append_entries(
        [(1, "run.started", "system", None, SYSTEM.label, number, "quote", 2, data, NOW) for number in (5, 6)]
    )

    entries = list(Entry.objects.order_by("run_id"))
    assert [(entry.run_id, entry.actor_label, entry.address) for entry in entries] == [
        (5, "Rouage", None),
        (6, "Rouage", None),
    ]
    assert entries[0].data == {"reason": "déjà payée"}
    assert len(ENTRY_COLUMNS) == 10


@pytest.mark.parametrize("cause", [(), CAUSE[:1], CAUSE])
def test_a_cause_comes_back_from_its_text(cause):
    assert read_cause(cause_text(cause)) == cause
