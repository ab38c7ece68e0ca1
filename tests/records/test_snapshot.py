import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rouage.records import commands, snapshot
from rouage.records.kinds import KINDS
from tests.factories.accounts import NOW, make_member
from tests.factories.records import (
    ACTOR,
    line,
    make_client,
    make_event,
    make_invoice,
    make_opportunity,
    make_quote,
    make_record,
    pay,
)

pytestmark = pytest.mark.django_db


def take_one(kind, record):
    return snapshot.take([(kind, record.pk)])[kind, record.pk]


def test_snapshot_of_an_invoice_has_typed_values():
    client = make_client(name="Boulangerie Perrin", code="PER", city="Lyon", language="en")
    owner = make_member(client.organisation, name="Sophie Marchal", email="sophie@lumen.example")
    invoice = make_invoice(client, lines=[line(unit_price="1070")], owner_id=owner.pk, due=30)
    pay(invoice, "84.00")
    facts = take_one("invoice", invoice)
    expected = {
        "id": invoice.pk,
        "organisation_id": client.organisation_id,
        "kind": "invoice",
        "label": "F-2026-0001",
        "status": "partially_paid",
        "number": "F-2026-0001",
        "total_net": Decimal("1070.00"),
        "total_gross": Decimal("1284.00"),
        "paid_total": Decimal("84.00"),
        "balance": Decimal("1200.00"),
        "issue_date": date(2026, 3, 2),
        "due_date": date(2026, 4, 1),
        "sent_at": NOW,
        "opened_at": None,
        "paid_on": None,
        "created_at": NOW,
        "quote.id": None,
        "client.id": client.pk,
        "client.name": "Boulangerie Perrin",
        "client.code": "PER",
        "client.language": "en",
        "client.paused_until": None,
        "owner.id": owner.pk,
        "owner.name": "Sophie Marchal",
        "owner.email": "sophie@lumen.example",
        "owner.language": "fr",
    }
    assert {key: facts[key] for key in expected} == expected
    assert all(isinstance(facts[key], Decimal) for key in ("total_net", "total_tax", "total_gross", "balance"))
    assert str(facts["balance"]) == "1200.00"
    assert type(facts["due_date"]) is date
    assert isinstance(facts["sent_at"], datetime)
    assert facts["sent_at"].utcoffset() == timedelta(0)


def test_snapshot_keeps_microseconds_and_large_amounts():
    moment = datetime(2026, 12, 31, 23, 59, 59, 123_456, tzinfo=UTC)
    event = make_event(start_at=moment, end_at=None)
    assert take_one("event", event)["start_at"] == moment
    quote = make_quote(lines=[line(unit_price="999999999.99", vat_rate=0)])
    assert take_one("quote", quote)["total_gross"] == Decimal("999999999.99")


def test_snapshot_reads_contacts_by_role():
    contacts = [
        {"name": "Laure", "email": "laure@x.example"},
        {"name": "Compta", "email": "compta@x.example", "is_billing": True, "language": "en"},
        {"name": "Régie", "email": "regie@x.example"},
    ]
    client = make_client(contacts=contacts)
    laure, compta, regie = client.contacts.order_by("id")
    facts = take_one("quote", make_quote(client, contact_id=regie.pk))
    found = {role: facts[f"contact.{role}.id"] for role in ("main", "billing", "dunning", "document")}
    assert found == {"main": laure.pk, "billing": compta.pk, "dunning": laure.pk, "document": regie.pk}
    assert (facts["contact.billing.email"], facts["contact.billing.language"]) == ("compta@x.example", "en")
    assert "contact_id" not in facts


def test_snapshot_of_an_opportunity_names_its_stage():
    opportunity = make_opportunity()
    facts = take_one("opportunity", opportunity)
    assert (facts["stage.id"], facts["stage.name"], facts["pipeline.name"]) == (
        opportunity.stage_id, "Nouvelle", "Ventes",
    )  # fmt: skip


def test_deleted_missing_and_unknown_records_are_missing():
    kept, gone = make_quote(), make_quote()
    commands.delete_record(ACTOR, gone, now=NOW)
    refs = [("quote", kept.pk), ("quote", gone.pk), ("quote", 987_654), ("planet", 1), ("event", kept.pk)]
    assert list(snapshot.take(refs)) == [("quote", kept.pk)]
    assert snapshot.take([]) == {}


def test_draft_without_a_name_is_called_by_its_id():
    quote = make_quote(subject="")
    assert take_one("quote", quote)["label"] == f"#{quote.pk}"


def test_number_of_queries_is_fixed(django_assert_num_queries):
    client = make_client()
    owner = make_member(client.organisation)
    some = [make_invoice(client, owner_id=owner.pk) for _ in range(3)]
    for size in (1, 3):
        # The invoices, their members, the contacts of their clients.
        with django_assert_num_queries(3):
            snapshot.take([("invoice", invoice.pk) for invoice in some[:size]])
    records = [(kind, make_record(kind, client.organisation).pk) for kind in KINDS]
    with django_assert_num_queries(len(KINDS) + 1):
        assert len(snapshot.take(records)) == len(KINDS)


@pytest.mark.serial
@pytest.mark.sqlite
def test_snapshot_is_fast():
    """At most 15 us a record in a batch of 500, measured on a calm machine; here with room for a busy one."""
    clients = [make_client() for _ in range(50)]
    refs = []
    for number in range(500):
        now = NOW + timedelta(seconds=number)
        lines = [line(unit_price=f"{100 + number}.{number % 100:02}")]
        refs.append(("invoice", make_invoice(clients[number % 50], lines=lines, now=now).pk))
    best = 1.0
    for _ in range(10):
        started = time.perf_counter()
        found = snapshot.take(refs)
        best = min(best, time.perf_counter() - started)
    assert len(found) == 500
    assert best / 500 < 40e-6
