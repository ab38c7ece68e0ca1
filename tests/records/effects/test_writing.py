from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from rouage.journal.models import DomainEvent, Entry
from rouage.planner.model import Link
from rouage.records import commands, effects
from rouage.records.effects import FieldChange, NewNote, NewRecord, NewTask, StatusChange
from rouage.records.models import Contract, Event, Intervention, Invoice, Opportunity, Quote, Task
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import (
    ACTOR,
    line,
    make_client,
    make_contract,
    make_event,
    make_intervention,
    make_invoice,
    make_opportunity,
    make_quote,
    make_record,
)

pytestmark = [pytest.mark.django_db, pytest.mark.req("AUT-4")]
LATER = NOW + timedelta(days=3)


def effect(cls, record, *, run=7, **values):
    kind = type(record).__name__.lower()
    return cls(
        **{
            "organisation_id": record.organisation_id,
            "kind": kind,
            "record_id": record.pk,
            "run_id": run,
            "position": 1,
            "actor": "Relances de devis",
            "cause": (Link(run_id=run, automation_id=2, kind=kind, record_id=record.pk),),
            **values,
        }
    )


def write(*some):
    with transaction.atomic():
        return effects.write(some, now=LATER)


def code(refused, one):
    return refused[one].code


def test_task_is_written_with_its_run_and_a_line_in_the_records_activity():
    quote = make_quote()
    member = make_member(quote.organisation)
    assert write(effect(NewTask, quote, title="Appeler", due_at=LATER, assignee_id=member.pk, description="Vite")) == {}
    task = Task.objects.get()
    assert (task.title, task.description, task.due_at, task.assignee_id, task.kind, task.record_id) == (
        "Appeler", "Vite", LATER, member.pk, "quote", quote.pk,
    )  # fmt: skip
    assert (task.run_id, task.position, task.status, task.created_by, task.created_at) == (
        7, 1, "open", "Relances de devis", LATER,
    )  # fmt: skip
    entry = Entry.objects.get(verb="task.created")
    assert (entry.kind, entry.record_id, entry.run_id, entry.actor_kind, entry.actor_id, entry.actor_label) == (
        "quote", quote.pk, 7, "run", 7, "Relances de devis",
    )  # fmt: skip
    assert entry.data == {"task_id": task.pk, "title": "Appeler", "position": 1}


def test_note_of_a_run_is_no_activity_of_people():
    quote = make_quote()
    write(effect(NewNote, quote, text="Relancé deux fois"))
    assert Entry.objects.get(verb="note.added").data == {"text": "Relancé deux fois", "position": 1}
    quote.refresh_from_db()
    assert quote.last_activity_at == NOW


def test_status_change_carries_its_cause():
    quote = make_quote(status="sent")
    assert write(effect(StatusChange, quote, status="expired", expected="sent")) == {}
    quote.refresh_from_db()
    assert (quote.status, quote.last_activity_at) == ("expired", LATER)
    event = DomainEvent.objects.get(type="quote.status_changed", payload__to="expired")
    assert (event.cause, event.depth, event.payload) == (
        [[7, 2, "quote", quote.pk]], 1, {"from": "sent", "to": "expired", "changes": {}},
    )  # fmt: skip
    entry = Entry.objects.get(verb="quote.status_changed", run_id=7)
    assert (entry.actor_label, entry.data["to"]) == ("Relances de devis", "expired")


@pytest.mark.parametrize(
    ("kind", "status", "made", "code_"),
    [
        ("quote", "paid", {}, "status.unknown"),
        ("quote", "draft", {}, "status.same"),
        ("quote", "invoiced", {}, "status.not_allowed"),
        ("invoice", "paid", {}, "status.follows"),
        ("quote", "accepted", {"lines": ()}, "document.empty"),
    ],
)
def test_status_change_that_is_not_allowed_is_refused_with_its_reason(kind, status, made, code_):
    if made:
        client = make_client()
        record = commands.create_quote(ACTOR, client.organisation, {"client_id": client.pk}, now=NOW)
    else:
        record = make_record(kind)
    before = DomainEvent.objects.count()
    change = effect(StatusChange, record, status=status)
    assert code(write(change), change) == code_
    assert DomainEvent.objects.count() == before


def test_status_change_is_refused_when_the_record_has_moved_on():
    quote = make_quote(status="sent")
    commands.change_status(ACTOR, quote, "accepted", now=NOW)
    change = effect(StatusChange, quote, status="expired", expected="sent")
    assert code(write(change), change) == "record.moved"
    quote.refresh_from_db()
    assert quote.status == "accepted"


def test_first_change_of_a_record_wins_and_the_other_is_told():
    quote = make_quote(status="sent")
    first, second = effect(StatusChange, quote, status="refused"), effect(StatusChange, quote, run=8, status="accepted")
    refused = write(first, second)
    assert (list(refused), code(refused, second)) == ([second], "record.moved")
    quote.refresh_from_db()
    assert quote.status == "refused"
    same, other = (
        effect(FieldChange, quote, field="subject", value="A"),
        effect(FieldChange, quote, field="subject", value="B"),
    )
    refused = write(same, other)
    assert list(refused) == [other]


def test_changes_of_different_fields_of_a_record_all_happen():
    event = make_event()
    start = event.start_at + timedelta(days=1)
    changes = [
        effect(FieldChange, event, run=7, field="location", value="Lyon"),
        effect(FieldChange, event, run=8, field="end_at", value=(start + timedelta(days=1)).isoformat()),
        effect(FieldChange, event, run=9, field="start_at", value=start.isoformat()),
        effect(StatusChange, event, run=10, status="confirmed"),
    ]
    assert write(*changes) == {}
    event.refresh_from_db()
    assert (event.location, event.start_at, event.end_at, event.status, event.search_text) == (
        "Lyon", start, start + timedelta(days=1), "confirmed", "gala d’hiver lyon",
    )  # fmt: skip
    told = DomainEvent.objects.filter(depth=1).order_by("id")
    assert [(each.type, each.cause[0][0]) for each in told] == [
        ("event.changed", 7), ("event.changed", 8), ("event.changed", 9), ("event.status_changed", 10),
    ]  # fmt: skip


def test_sending_drafts_numbers_them_within_their_organisations():
    one, other = make_client(), make_client()
    quotes = [make_quote(one), make_quote(other), make_quote(one)]
    invoice = make_invoice(one, status="draft", due=None)
    changes = [effect(StatusChange, record, status="sent") for record in (*quotes, invoice)]
    assert write(*changes) == {}
    numbers = list(Quote.objects.order_by("id").values_list("number", "status", "sent_at"))
    assert numbers == [("D-2026-0001", "sent", LATER), ("D-2026-0001", "sent", LATER), ("D-2026-0002", "sent", LATER)]
    invoice.refresh_from_db()
    assert (invoice.number, invoice.due_date - invoice.issue_date) == ("F-2026-0001", timedelta(days=30))


@pytest.mark.parametrize(
    ("kind", "field", "value", "column", "stored"),
    [
        ("quote", "subject", "  Gala ", "subject", "Gala"),
        ("quote", "validity_date", "2026-06-30", "validity_date", "2026-06-30"),
        ("quote", "validity_date", None, "validity_date", "None"),
        ("contract", "amount", "1500.5", "amount", "1500.50"),
        ("contract", "amount", 1500, "amount", "1500.00"),
        ("event", "start_at", "2026-03-20T08:00:00+01:00", "start_at", "2026-03-20 07:00:00+00:00"),
        ("event", "location", "", "location", ""),
        ("intervention", "report", "Fait", "report", "Fait"),
    ],
)
def test_field_change_takes_typed_json_values(kind, field, value, column, stored):
    record = make_record(kind)
    assert write(effect(FieldChange, record, field=field, value=value)) == {}
    record.refresh_from_db()
    assert str(getattr(record, column)) == stored


@pytest.mark.parametrize(
    ("kind", "field", "value", "code_"),
    [
        ("quote", "number", "D-1", "field.not_writable"),
        ("quote", "status", "sent", "field.not_writable"),
        ("quote", "client.email", "a@b.example", "field.not_writable"),
        ("quote", "vanished", 1, "field.not_writable"),
        ("quote", "validity_date", "demain", "field.invalid"),
        ("quote", "validity_date", "2020-01-01", "dates.order"),
        ("quote", "subject", "x" * 201, "field.invalid"),
        ("quote", "subject", 12, "field.invalid"),
        ("quote", "owner.id", 987_654, "field.invalid"),
        ("quote", "owner.id", "moi", "field.invalid"),
        ("contract", "amount", "NaN", "field.invalid"),
        ("contract", "amount", "1e20", "field.invalid"),
        ("contract", "amount", True, "field.invalid"),
        ("event", "name", "", "field.invalid"),
        ("event", "name", None, "field.invalid"),
        ("event", "start_at", "2026-03-20T08:00:00", "field.invalid"),
        ("event", "start_at", "2020-03-20T08:00:00Z", None),
    ],
)
def test_field_change_that_does_not_fit_is_refused(kind, field, value, code_):
    record = make_record(kind)
    change = effect(FieldChange, record, field=field, value=value)
    refused = write(change)
    assert (code(refused, change) if refused else None) == code_


@pytest.mark.req("ACC-1")
def test_owner_of_another_organisation_is_refused():
    quote = make_quote()
    mine, foreign = make_member(quote.organisation), make_member()
    change = effect(FieldChange, quote, field="owner.id", value=foreign.pk)
    assert code(write(change), change) == "field.invalid"
    assert write(effect(FieldChange, quote, field="owner.id", value=mine.pk)) == {}
    quote.refresh_from_db()
    assert quote.owner_id == mine.pk


@pytest.mark.req("ACC-1")
def test_record_of_another_organisation_or_deleted_is_gone():
    quote, gone = make_quote(status="sent"), make_quote(status="sent")
    commands.delete_record(ACTOR, gone, now=NOW)
    other = make_organisation()
    some = [
        effect(StatusChange, quote, organisation_id=other.pk, status="accepted"),
        effect(StatusChange, gone, status="accepted"),
        effect(FieldChange, quote, record_id=987_654, field="subject", value="A"),
        effect(NewRecord, quote, organisation_id=other.pk, new="event"),
    ]
    refused = write(*some)
    assert [code(refused, one) for one in some] == ["record.gone"] * 4
    assert Quote.objects.filter(status="sent").count() == 2


def test_field_change_to_what_it_is_already_says_nothing():
    quote = make_quote(subject="Gala")
    before = DomainEvent.objects.count()
    assert write(effect(FieldChange, quote, field="subject", value="Gala")) == {}
    assert DomainEvent.objects.count() == before


def test_renewal_date_moves_the_notice_date_along():
    contract = make_contract(renewal=60)
    write(effect(FieldChange, contract, field="renewal_date", value="2026-12-31"))
    assert Contract.objects.get().notice_date.isoformat() == "2026-12-01"


def test_due_date_moved_on_by_a_run_makes_an_overdue_invoice_sent():
    invoice = make_invoice(due=-5)
    commands.mark_overdue(NOW)
    write(effect(FieldChange, invoice, field="due_date", value="2026-04-30"))
    assert Invoice.objects.get().status == "sent"
    payload = DomainEvent.objects.get(type="invoice.status_changed", payload__from="overdue").payload
    assert payload["changes"] == {"due_date": ["2026-02-25", "2026-04-30"]}


def test_opportunity_won_by_a_run_moves_to_its_stage():
    opportunity = make_opportunity()
    write(effect(StatusChange, opportunity, status="won"))
    found = Opportunity.objects.get()
    assert (found.status, found.stage.name, found.won_at) == ("won", "Gagnée", LATER)


def test_new_records_are_made_from_their_sources():
    client = make_client(address="3 quai", city="Lyon")
    quote = make_quote(client, status="accepted", lines=[line("A", "100"), line("B", "50", vat_rate=Decimal("5.5"))])
    contract = make_contract(client)
    commands.change_status(ACTOR, contract, "active", now=NOW)
    opportunity = make_opportunity(client)
    some = [
        effect(NewRecord, quote, run=7, new="event", values={"start_at": "2026-05-01T18:00:00+02:00"}),
        effect(NewRecord, quote, run=8, new="intervention"),
        effect(NewRecord, quote, run=9, new="invoice", values={"subject": "Acompte"}),
        effect(NewRecord, contract, run=10, new="intervention", values={"title": "Ramonage"}),
        effect(NewRecord, opportunity, run=11, new="event"),
    ]
    assert write(*some) == {}
    assert sorted(Event.objects.values_list("name", "quote_id", "opportunity_id", "status")) == sorted(
        [("Éclairage scénique", quote.pk, None, "confirmed"), ("Saison 2027", None, opportunity.pk, "option")],
        key=lambda row: row[0],
    )
    numbers = set(Intervention.objects.values_list("number", "title", "address"))
    assert numbers == {
        ("I-2026-0001", "Ramonage", "3 quai, Lyon"),
        ("I-2026-0002", "Éclairage scénique", "3 quai, Lyon"),
    }
    invoice = Invoice.objects.get()
    assert (invoice.subject, invoice.total_gross, invoice.status, invoice.lines.count()) == (
        "Acompte", Decimal("172.75"), "draft", 2,
    )  # fmt: skip
    assert Quote.objects.get().status == "invoiced"
    assert DomainEvent.objects.get(type="invoice.created").cause == [[9, 2, "quote", quote.pk]]


def test_second_invoice_of_a_quote_is_refused_in_the_same_batch_too():
    quote = make_quote(status="accepted")
    first, second = effect(NewRecord, quote, new="invoice"), effect(NewRecord, quote, run=8, new="invoice")
    refused = write(first, second)
    assert (list(refused), code(refused, second)) == ([second], "quote.invoiced")
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "code_"),
    [
        ({"number": "X"}, "field.not_writable"),
        ({"start_at": "demain"}, "field.invalid"),
        ({"lead.id": 987_654}, "field.invalid"),
        ({"start_at": "2026-05-02T00:00:00Z", "end_at": "2026-05-01T00:00:00Z"}, "dates.order"),
    ],
)
def test_new_record_with_values_that_do_not_fit_is_refused(values, code_):
    quote = make_quote(status="accepted")
    new = effect(NewRecord, quote, new="event", values=values)
    assert code(write(new), new) == code_
    assert not Event.objects.exists()


def test_nothing_to_write_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert effects.write([], now=LATER) == {}


@pytest.mark.parametrize(
    ("cls", "values", "make"),
    [
        (NewTask, {"title": "A"}, make_quote),
        (NewNote, {"text": "A"}, make_quote),
        (StatusChange, {"status": "sent"}, make_quote),
        (StatusChange, {"status": "sent"}, lambda: make_invoice(status="draft")),
        (StatusChange, {"status": "won"}, make_opportunity),
        (FieldChange, {"field": "subject", "value": "B"}, make_quote),
        (NewRecord, {"new": "invoice"}, lambda: make_quote(status="accepted")),
        (NewRecord, {"new": "intervention"}, lambda: make_quote(status="accepted")),
    ],
)
def test_number_of_statements_does_not_depend_on_the_size_of_the_batch(cls, values, make):
    counts = []
    # The first time SQLite writes down that a table has ids.
    for size in (1, 1, 3):
        some = [effect(cls, make(), **values) for _ in range(size)]
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            assert effects.write(some, now=LATER) == {}
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_interventions_can_be_changed_by_every_writable_field():
    intervention = make_intervention()
    member = make_member(intervention.organisation)
    some = [
        effect(FieldChange, intervention, field="assignee.id", value=member.pk),
        effect(FieldChange, intervention, field="planned_end", value="2026-04-01T10:00:00Z"),
        effect(FieldChange, intervention, field="address", value="Lyon"),
    ]
    assert write(*some) == {}
    intervention.refresh_from_db()
    assert (intervention.assignee_id, intervention.address) == (member.pk, "Lyon")
