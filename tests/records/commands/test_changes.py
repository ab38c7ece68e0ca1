from datetime import timedelta

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.planner.model import Link
from rouage.records import commands
from rouage.records.errors import Invalid, Refused
from rouage.records.kinds import KINDS
from rouage.records.models import Quote
from tests.factories.accounts import NOW, make_member
from tests.factories.records import (
    ACTOR,
    TODAY,
    make_client,
    make_event,
    make_intervention,
    make_invoice,
    make_quote,
    make_record,
    make_task,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)
CAUSE = (Link(run_id=7, automation_id=3, kind="quote", record_id=1),)


def last_event(type_):
    return DomainEvent.objects.filter(type=type_).order_by("-id").first()


@pytest.mark.req("REC-9")
def test_change_fields_writes_row_event_and_journal():
    event = make_event()
    lead = make_member(event.organisation, name="Yanis Belkacem")
    start = event.start_at + timedelta(days=1)
    commands.change_fields(
        ACTOR, event, {"start_at": start, "end_at": None, "lead_id": lead.pk}, now=LATER, cause=CAUSE
    )
    event.refresh_from_db()
    assert (event.start_at, event.end_at, event.lead_id) == (start, None, lead.pk)
    assert event.updated_at == event.last_activity_at == LATER
    changes = {
        "start_at": [(start - timedelta(days=1)).isoformat(), start.isoformat()],
        "end_at": [(start - timedelta(days=1) + timedelta(hours=8)).isoformat(), None],
        "lead.id": [None, lead.pk],
    }
    told = last_event("event.changed")
    assert (told.payload, told.cause, told.depth) == ({"changes": changes}, [[7, 3, "quote", 1]], 1)
    entry = Entry.objects.get(verb="event.changed")
    assert entry.data == {"changes": changes, "names": {"lead.id": [None, "Yanis Belkacem"]}}
    assert (entry.actor_label, entry.at, entry.kind, entry.record_id) == ("Camille Renaud", LATER, "event", event.pk)


def test_change_fields_takes_what_forms_send():
    invoice = make_invoice(status="draft")
    commands.change_fields(ACTOR, invoice, {"due_date": "2026-05-01", "subject": " Solde ", "owner_id": ""}, now=LATER)
    invoice.refresh_from_db()
    assert (invoice.due_date.isoformat(), invoice.subject, invoice.owner_id) == ("2026-05-01", "Solde", None)


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("event", {"name": ""}, "name"),
        ("event", {"client_id": None}, "client_id"),
        ("event", {"start_at": "bientôt"}, "start_at"),
        ("event", {"status": "done"}, "status"),
        ("quote", {"number": "D-1"}, "number"),
        ("quote", {"validity_date": TODAY - timedelta(days=3)}, "validity_date"),
        ("contract", {"amount": "beaucoup"}, "amount"),
        ("intervention", {"assignee_id": 987_654}, "assignee_id"),
        ("opportunity", {"stage_id": 1}, "stage_id"),
        ("invoice", {"contact_id": "x"}, "contact_id"),
    ],
)
def test_change_fields_says_which_field_is_wrong(kind, values, field):
    record = make_record(kind)
    with pytest.raises(Invalid) as caught:
        commands.change_fields(ACTOR, record, values, now=LATER)
    assert list(caught.value.errors) == [field]
    assert not DomainEvent.objects.filter(type=f"{kind}.changed").exists()


def test_change_fields_refuses_an_inactive_or_foreign_owner():
    quote = make_quote()
    foreign = make_member()
    with pytest.raises(Invalid):
        commands.change_fields(ACTOR, quote, {"owner_id": foreign.pk}, now=LATER)


def test_change_fields_refuses_to_overwrite_what_somebody_else_wrote_meanwhile():
    quote = make_quote(subject="Gala")
    stale = Quote.objects.get()
    commands.change_fields(ACTOR, quote, {"subject": "Gala d’hiver"}, now=LATER)
    with pytest.raises(Refused) as caught:
        commands.change_fields(ACTOR, stale, {"subject": "Gala d’été"}, now=LATER)
    assert caught.value.reason.code == "record.moved"
    # Another field is nobody's conflict, and to write the same is none either.
    assert commands.change_fields(ACTOR, stale, {"validity_date": TODAY + timedelta(days=9)}, now=LATER)
    assert not commands.change_fields(ACTOR, stale, {"subject": "Gala d’hiver"}, now=LATER)


def test_change_of_client_drops_the_contact_of_the_former_one():
    client = make_client()
    quote = make_quote(client, contact_id=client.contacts.get().pk)
    other = make_client(client.organisation)
    commands.change_fields(ACTOR, quote, {"client_id": other.pk}, now=LATER)
    quote.refresh_from_db()
    assert (quote.client_id, quote.contact_id) == (other.pk, None)
    changes = last_event("quote.changed").payload["changes"]
    assert changes["client.id"] == [client.pk, other.pk]
    assert Entry.objects.get(verb="quote.changed").data["names"]["client.id"] == [client.name, other.name]


@pytest.mark.req("REC-9")
def test_change_status_is_one_event_with_what_went_with_it():
    quote = make_quote()
    commands.change_status(ACTOR, quote, "sent", now=LATER, cause=CAUSE)
    quote.refresh_from_db()
    assert (quote.status, quote.number, quote.sent_at) == ("sent", "D-2026-0001", LATER)
    assert not DomainEvent.objects.filter(type="quote.changed").exists()
    told = last_event("quote.status_changed")
    changes = {"number": ["", "D-2026-0001"], "sent_at": [None, LATER.isoformat()]}
    assert told.payload == {"from": "draft", "to": "sent", "changes": changes}
    entry = Entry.objects.get(verb="quote.status_changed")
    assert (entry.data["from"], entry.data["to"]) == ("draft", "sent")
    assert entry.data["changes"]["status"] == ["draft", "sent"]


@pytest.mark.req("REC-2")
@pytest.mark.parametrize("old", [status.key for status in KINDS["quote"].statuses])
@pytest.mark.parametrize("new", [status.key for status in KINDS["quote"].statuses])
def test_quotes_go_where_the_transitions_allow_and_nowhere_else(old, new):
    quote = make_quote(status=old)
    if new in KINDS["quote"].transitions.get(old, ()):
        commands.change_status(ACTOR, quote, new, now=LATER)
        assert Quote.objects.get().status == new
    else:
        with pytest.raises(Refused):
            commands.change_status(ACTOR, quote, new, now=LATER)
        assert Quote.objects.get().status == old


def test_change_status_refuses_when_it_is_not_as_expected():
    quote = make_quote(status="sent")
    with pytest.raises(Refused) as caught:
        commands.change_status(ACTOR, quote, "accepted", expected="opened", now=LATER)
    assert caught.value.reason.code == "record.moved"
    commands.change_status(ACTOR, quote, "accepted", expected="sent", now=LATER)


def test_stale_object_does_not_matter_for_a_status_change():
    quote = make_quote(status="sent")
    stale = Quote.objects.get()
    commands.change_status(ACTOR, quote, "accepted", now=LATER)
    with pytest.raises(Refused) as caught:
        commands.change_status(ACTOR, stale, "accepted", now=LATER)
    assert caught.value.reason.code == "status.same"


def test_note_is_in_the_journal_and_counts_as_activity():
    intervention = make_intervention()
    commands.add_note(ACTOR, intervention, "  Le client préfère le matin. ", now=LATER)
    assert Entry.objects.get(verb="note.added").data == {"text": "Le client préfère le matin."}
    intervention.refresh_from_db()
    assert (intervention.last_activity_at, intervention.updated_at) == (LATER, NOW)
    changes = {"last_activity_at": [NOW.isoformat(), LATER.isoformat()]}
    assert last_event("intervention.changed").payload == {"changes": changes}


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001])
def test_note_that_is_empty_or_endless_is_refused(text):
    with pytest.raises(Invalid) as caught:
        commands.add_note(ACTOR, make_intervention(), text, now=LATER)
    assert list(caught.value.errors) == ["text"]


def test_button_is_an_event_for_each_record():
    client = make_client()
    quotes = [make_quote(client) for _ in range(3)]
    commands.press_button(ACTOR, quotes, payload={"automation_id": 4}, now=LATER)
    told = DomainEvent.objects.filter(type="quote.button").order_by("record_id")
    assert [(event.record_id, event.payload) for event in told] == [(q.pk, {"automation_id": 4}) for q in quotes]
    assert Entry.objects.filter(verb="quote.button_pressed").count() == 3


def test_button_on_a_deleted_record_presses_none():
    client = make_client()
    kept, gone = make_quote(client), make_quote(client)
    commands.delete_record(ACTOR, gone, now=NOW)
    with pytest.raises(Refused):
        commands.press_button(ACTOR, [kept, gone], now=LATER)
    assert not DomainEvent.objects.filter(type="quote.button").exists()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_deleted_record_is_gone_for_every_command(kind):
    record = make_record(kind, **({"status": "draft"} if kind == "invoice" else {}))
    commands.delete_record(ACTOR, record, now=LATER)
    assert last_event(f"{kind}.deleted").record_id == record.pk
    for act in (
        lambda: commands.change_fields(ACTOR, record, {}, now=LATER),
        lambda: commands.change_status(ACTOR, record, "sent", now=LATER),
        lambda: commands.add_note(ACTOR, record, "?", now=LATER),
        lambda: commands.press_button(ACTOR, [record], now=LATER),
        lambda: commands.delete_record(ACTOR, record, now=LATER),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.reason.code == "record.gone"


def test_invoiced_quote_cannot_be_deleted():
    with pytest.raises(Refused) as caught:
        commands.delete_record(ACTOR, make_quote(status="invoiced"), now=LATER)
    assert caught.value.reason.code == "quote.invoiced"


def test_failed_command_leaves_nothing_behind(monkeypatch):
    quote = make_quote()
    events, entries = DomainEvent.objects.count(), Entry.objects.count()

    def fail(rows):
        raise OSError("disk full")

    monkeypatch.setattr("rouage.records.writing.journal", fail)
    with pytest.raises(OSError, match="disk full"):
        commands.change_status(ACTOR, quote, "sent", now=LATER)
    quote.refresh_from_db()
    assert (quote.status, quote.number) == ("draft", "")
    assert (DomainEvent.objects.count(), Entry.objects.count()) == (events, entries)


def test_tasks_are_changed_like_records():
    task = make_task()
    commands.change_fields(ACTOR, task, {"title": "Rappeler"}, now=LATER)
    task.refresh_from_db()
    assert (task.title, task.updated_at) == ("Rappeler", LATER)
