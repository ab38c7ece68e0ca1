from datetime import timedelta
from decimal import Decimal

import pytest

from rouage.records import commands, queries
from rouage.records.kinds import KINDS
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import (
    ACTOR,
    line,
    make_client,
    make_invoice,
    make_opportunity,
    make_quote,
    make_record,
    make_task,
    pay,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def test_detail_of_an_invoice_has_lines_rates_payments_and_contacts():
    client = make_client()
    lines = [line("A", "100"), line("B", "10", vat_rate=Decimal("5.5")), line("C", "50")]
    invoice = make_invoice(client, lines=lines)
    payment = pay(invoice, "20")
    found = queries.detail(client.organisation_id, "invoice", invoice.pk)
    assert found.record == invoice
    assert [row.description for row in found.lines] == ["A", "B", "C"]
    assert [(rate.rate, rate.net, rate.tax) for rate in found.rates] == [
        (Decimal("5.5"), Decimal("10.00"), Decimal("0.55")),
        (Decimal(20), Decimal("150.00"), Decimal("30.00")),
    ]
    assert list(found.payments) == [payment]
    assert [contact.client_id for contact in found.contacts] == [client.pk]


def test_detail_shows_what_was_made_from_the_record():
    quote = make_quote(status="accepted")
    event = commands.create_from(ACTOR, quote, "event", now=NOW)
    invoice = commands.invoice_quote(ACTOR, quote, now=NOW)
    found = queries.detail(quote.organisation_id, "quote", quote.pk)
    assert {kind: list(rows) for kind, rows in found.linked.items()} == {
        "invoice": [invoice], "event": [event], "intervention": [],
    }  # fmt: skip
    opportunity = make_opportunity()
    assert queries.detail(opportunity.organisation_id, "opportunity", opportunity.pk).linked == {"event": []}


def test_detail_shows_tasks_open_ones_first():
    quote = make_quote()
    done, later, soon = (
        make_task(about=quote, due_at=NOW),
        make_task(about=quote, due_at=NOW + timedelta(days=3)),
        make_task(about=quote, due_at=NOW + timedelta(days=1)),
    )
    make_task(about=make_quote(quote.client))
    commands.complete_task(ACTOR, done, now=NOW)
    assert list(queries.detail(quote.organisation_id, "quote", quote.pk).tasks) == [soon, later, done]


@pytest.mark.req("ACC-1")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_detail_of_another_organisation_or_deleted_is_nothing(kind):
    record = make_record(kind, **({"status": "draft"} if kind == "invoice" else {}))
    other = make_organisation()
    assert queries.detail(record.organisation_id, kind, record.pk).record == record
    assert queries.detail(other.pk, kind, record.pk) is None
    commands.delete_record(ACTOR, record, now=NOW)
    assert queries.detail(record.organisation_id, kind, record.pk) is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_number_of_queries_of_a_detail_is_fixed(kind, django_assert_num_queries):
    organisation = make_organisation()
    record = make_record(kind, organisation, **({"status": "accepted"} if kind == "quote" else {}))
    expected = {
        "quote": 7,
        "invoice": 5,
        "opportunity": 4,
        "contract": 4,
        "client": 3,
        "event": 3,
        "intervention": 3,
        "task": 1,
    }
    for size in (1, 3):
        for _ in range(size - 1):
            if kind != "task":
                make_task(about=record, assignee_id=make_member(organisation).pk)
            if kind == "quote":
                commands.create_from(ACTOR, record, "event", now=NOW)
        with django_assert_num_queries(expected[kind]):
            found = queries.detail(organisation.pk, kind, record.pk)
            for task in found.tasks:
                str(task.assignee)


@pytest.mark.req("REC-9")
def test_activity_says_who_when_from_and_to():
    quote = make_quote()
    commands.change_fields(ACTOR, quote, {"subject": "Gala d’hiver"}, now=LATER)
    commands.change_status(ACTOR, quote, "sent", now=LATER)
    make_quote(quote.client)
    page = queries.activity(quote.organisation_id, "quote", quote.pk)
    assert [(entry.verb, entry.actor_label, entry.at) for entry in page.rows] == [
        ("quote.status_changed", "Camille Renaud", LATER),
        ("quote.changed", "Camille Renaud", LATER),
        ("quote.created", "Camille Renaud", NOW),
    ]
    assert page.rows[1].data["changes"] == {"subject": ["Éclairage scénique", "Gala d’hiver"]}
    first = queries.activity(quote.organisation_id, "quote", quote.pk, size=2)
    rest = queries.activity(quote.organisation_id, "quote", quote.pk, size=2, after=first.next)
    assert [entry.verb for entry in rest.rows] == ["quote.created"]


def test_records_of_a_client_by_kind(django_assert_num_queries):
    client = make_client()
    other = make_client(client.organisation)
    quotes = [make_quote(client, now=NOW + timedelta(minutes=minute)) for minute in range(12)]
    make_quote(other)
    invoice = make_invoice(client)
    with django_assert_num_queries(6):
        found = queries.records_of_client(client.organisation_id, client.pk)
    assert list(found["quote"]) == quotes[:1:-1]
    assert list(found["invoice"]) == [invoice]
    assert list(found["event"]) == []
    assert queries.records_of_client(make_organisation().pk, client.pk)["quote"] == []
