import csv
import time
from collections import Counter
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files

import pytest
from django.db.models import Sum

from rouage.journal.models import DomainEvent, Entry
from rouage.records import queries, snapshot
from rouage.records.importing import import_northwind
from rouage.records.models import Client, Contact, Invoice, InvoiceLine, Payment
from tests.factories.accounts import make_organisation
from tests.factories.records import ACTOR

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-8")]
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def read(name):
    text = (files("rouage.records") / "northwind" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def organisation():
    made = make_organisation()
    import_northwind(ACTOR, made, NOW)
    return made


def test_all_of_northwind_is_there(organisation):
    assert (Client.objects.count(), Contact.objects.count(), Invoice.objects.count()) == (91, 91, 830)
    shipping = InvoiceLine.objects.filter(description="Frais de port").count()
    assert InvoiceLine.objects.count() - shipping == 2155
    assert shipping == sum(1 for row in read("invoices.csv") if Decimal(row["freight"]))
    assert Payment.objects.count() == sum(1 for row in read("invoices.csv") if row["paid_date"]) == 809


def test_amounts_are_those_of_an_independent_computation(organisation):
    gross = Counter()
    for row in read("invoice_lines.csv"):
        net = Decimal(row["quantity"]) * Decimal(row["unit_price"]) * (1 - Decimal(row["discount"]))
        gross[row["number"]] += net.quantize(Decimal("0.01"), ROUND_HALF_UP)
    for row in read("invoices.csv"):
        gross[row["number"]] += Decimal(row["freight"])
    assert dict(Invoice.objects.values_list("number", "total_gross")) == dict(gross)
    assert Payment.objects.aggregate(total=Sum("amount"))["total"] == sum(
        gross[row["number"]] for row in read("invoices.csv") if row["paid_date"]
    )


def test_statuses_follow_from_dates_and_payments(organisation):
    expected = Counter()
    for row in read("invoices.csv"):
        late = date.fromisoformat(row["due_date"]) < NOW.date()
        expected["paid" if row["paid_date"] else "overdue" if late else "sent"] += 1
    assert Counter(Invoice.objects.values_list("status", flat=True)) == expected
    open_balance = Invoice.objects.exclude(status="paid").aggregate(total=Sum("balance"), gross=Sum("total_gross"))
    assert open_balance["total"] == open_balance["gross"]


def test_accents_apostrophes_and_commas_are_kept(organisation):
    names = set(Client.objects.values_list("name", flat=True))
    assert {"Antonio Moreno Taquería", "B's Beverages", "Blondesddsl père et fils"} <= names
    client = Client.objects.get(code="ANTON")
    facts = snapshot.take([("client", client.pk)])["client", client.pk]
    assert (facts["contact.main.email"], facts["city"]) == (
        "antonio.moreno@antonio-moreno-taqueria.example", "México D.F.",
    )  # fmt: skip
    assert [hit.label for hit in queries.search(organisation.pk, "taqueria") if hit.kind == "client"] == [client.name]


def test_history_starts_nothing_and_is_in_the_journal(organisation):
    assert not DomainEvent.objects.filter(organisation_id=organisation.pk).exists()
    entries = Entry.objects.filter(verb="records.imported").order_by("id")
    assert [(entry.data["kind"], entry.data["file"], entry.data["new"]) for entry in entries] == [
        ("client", "clients.csv", 91),
        ("invoice", "invoices.csv", 830),
    ]
    assert Entry.objects.filter(verb="invoice.imported").count() == 830


def test_second_import_changes_nothing(organisation):
    again = import_northwind(ACTOR, organisation, NOW)
    assert (again.clients.unchanged, again.invoices.unchanged) == (91, 830)
    assert (Invoice.objects.count(), Payment.objects.count(), InvoiceLine.objects.count()) == (830, 809, 2985)


def test_dates_can_be_shifted():
    organisation = make_organisation()
    import_northwind(ACTOR, organisation, NOW, days=-30)
    assert Invoice.objects.order_by("-issue_date").first().issue_date == date(2026, 10, 2)
    invoice = Invoice.objects.get(number="NW-10248")
    assert (invoice.issue_date, invoice.due_date, invoice.paid_on) == (
        date(2024, 11, 30), date(2024, 12, 28), date(2024, 12, 12),
    )  # fmt: skip


def test_it_takes_seconds():
    organisation = make_organisation()
    started = time.perf_counter()
    import_northwind(ACTOR, organisation, NOW)
    assert time.perf_counter() - started < 5


def test_licence_is_shipped_with_the_data():
    folder = files("rouage.records") / "northwind"
    assert "Microsoft Public License (Ms-PL)" in (folder / "LICENSE").read_text()
    assert "LICENSE" in (folder / "README.md").read_text()
