from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands
from rouage.records.commands import daily
from rouage.records.models import Invoice, Quote
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import ACTOR, TODAY, make_client, make_invoice, make_quote, pay

pytestmark = pytest.mark.django_db


@pytest.mark.req("REC-3")
def test_unpaid_invoices_fall_due_the_day_after():
    client = make_client()
    late, today, draft, issued, paid, part, gone = (
        make_invoice(client, due=-1),
        make_invoice(client, due=0),
        make_invoice(client, status="draft", due=None),
        make_invoice(client, status="draft", due=None),
        make_invoice(client, due=-1),
        make_invoice(client, due=-3),
        make_invoice(client, due=-1),
    )
    commands.issue_invoice(ACTOR, issued, now=NOW)
    Invoice.objects.filter(pk__in=[issued.pk, draft.pk]).update(due_date=TODAY - timedelta(days=4))
    pay(paid)
    Invoice.objects.filter(pk=part.pk).update(due_date=TODAY)
    part.refresh_from_db()
    pay(part, "20")
    Invoice.objects.filter(pk=part.pk).update(due_date=TODAY - timedelta(days=3))
    Invoice.objects.filter(pk=gone.pk).update(deleted_at=NOW)

    assert commands.mark_overdue(NOW) == 2

    statuses = dict(Invoice.objects.values_list("id", "status"))
    assert {statuses[late.pk], statuses[part.pk]} == {"overdue"}
    assert [statuses[one.pk] for one in (today, draft, issued, paid, gone)] == [
        "sent",
        "draft",
        "draft",
        "paid",
        "sent",
    ]
    told = DomainEvent.objects.filter(type="invoice.status_changed", payload__to="overdue").order_by("record_id")
    assert [(event.record_id, event.payload["from"]) for event in told] == [
        (late.pk, "sent"),
        (part.pk, "partially_paid"),
    ]
    assert set(Entry.objects.filter(verb="invoice.status_changed", data__to="overdue").values_list("actor_label")) == {
        ("Rouage",)
    }
    assert commands.mark_overdue(NOW) == 0


@pytest.mark.req("REC-2")
def test_unanswered_quotes_expire_the_day_after():
    client = make_client()
    sent = make_quote(client, status="sent", validity_date=TODAY)
    opened = make_quote(client, status="opened", validity_date=TODAY)
    accepted = make_quote(client, status="accepted", validity_date=TODAY)
    draft = make_quote(client, validity_date=TODAY)
    endless = make_quote(client, status="sent")
    assert commands.expire_quotes(NOW) == 0
    assert commands.expire_quotes(NOW + timedelta(days=1)) == 2
    statuses = dict(Quote.objects.values_list("id", "status"))
    assert [statuses[one.pk] for one in (sent, opened, accepted, draft, endless)] == [
        "expired", "expired", "accepted", "draft", "sent",
    ]  # fmt: skip


@pytest.mark.req("AUT-10")
def test_the_day_is_over_where_the_organisation_works():
    auckland = make_invoice(make_client(make_organisation(zone="Pacific/Auckland")), due=0)
    paris = make_invoice(make_client(make_organisation(zone="Europe/Paris")), due=0)
    guadeloupe = make_invoice(make_client(make_organisation(zone="America/Guadeloupe")), due=0)
    Invoice.objects.update(due_date=TODAY)

    def overdue_at(*moment):
        commands.mark_overdue(datetime(*moment, tzinfo=UTC))
        return set(Invoice.objects.filter(status="overdue").values_list("id", flat=True))

    assert overdue_at(2026, 3, 2, 10, 59) == set()
    assert overdue_at(2026, 3, 2, 11, 1) == {auckland.pk}
    assert overdue_at(2026, 3, 2, 23, 1) == {auckland.pk, paris.pk}
    assert overdue_at(2026, 3, 3, 4, 1) == {auckland.pk, paris.pk, guadeloupe.pk}


def test_batches_take_everything(monkeypatch):
    monkeypatch.setattr(daily, "BATCH", 2)
    client = make_client()
    for _ in range(5):
        make_invoice(client, due=-1)
    assert commands.mark_overdue(NOW) == 5


def test_number_of_queries_does_not_depend_on_the_number_of_invoices():
    client = make_client()
    counts = []
    for size in (1, 3):
        for _ in range(size):
            make_invoice(client, due=-1)
        with CaptureQueriesContext(connection) as captured:
            assert commands.mark_overdue(NOW) == size
        counts.append(len(captured))
    assert counts[0] == counts[1]
