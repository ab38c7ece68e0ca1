from datetime import date, timedelta
from decimal import Decimal

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands
from rouage.records.commands import LineIn
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Counter, Invoice, Quote
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import ACTOR, TODAY, line, make_client, make_invoice, make_quote, pay

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@pytest.mark.req("REC-2")
def test_create_quote_computes_its_totals():
    client = make_client()
    lines = [
        LineIn(description="Éclairage scénique", unit_price="2150"),
        LineIn(description="Technicien", quantity="3", unit="jour", unit_price="380.00", discount="10"),
        LineIn(description="Livre", unit_price="99.99", vat_rate="5.5"),
    ]
    values = {"client_id": client.pk, "subject": "Gala d’hiver", "validity_date": TODAY + timedelta(days=30)}
    quote = commands.create_quote(ACTOR, client.organisation, values, lines, now=NOW)
    quote.refresh_from_db()
    assert (quote.total_net, quote.total_tax, quote.total_gross) == (
        Decimal("3275.99"), Decimal("640.70"), Decimal("3916.69"),
    )  # fmt: skip
    assert (quote.number, quote.status, quote.issue_date, quote.currency) == ("", "draft", TODAY, "EUR")
    assert [(row.position, row.description, row.net) for row in quote.lines.all()] == [
        (1, "Éclairage scénique", Decimal("2150.00")),
        (2, "Technicien", Decimal("1026.00")),
        (3, "Livre", Decimal("99.99")),
    ]
    assert DomainEvent.objects.get(type="quote.created").payload == {"status": "draft"}
    assert Entry.objects.get(verb="quote.created").data == {"subject": "Gala d’hiver", "status": "draft"}


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"description": " "}, "lines.2.description"),
        ({"unit_price": "douze"}, "lines.2.unit_price"),
        ({"unit_price": "NaN"}, "lines.2.unit_price"),
        ({"unit_price": "1.23456"}, "lines.2.unit_price"),
        ({"quantity": "99999999", "unit_price": "9999999999"}, "lines.2.unit_price"),
        ({"discount": "101"}, "lines.2.discount"),
        ({"vat_rate": "-1"}, "lines.2.vat_rate"),
        ({"unit_price": "-200"}, "lines"),
    ],
)
def test_create_quote_says_which_line_is_wrong(bad, field):
    client = make_client()
    lines = [line(), LineIn(**{"description": "B", "unit_price": "1"} | bad)]
    with pytest.raises(Invalid) as caught:
        commands.create_quote(ACTOR, client.organisation, {"client_id": client.pk}, lines, now=NOW)
    assert list(caught.value.errors) == [field]
    assert not Quote.objects.exists()


def test_create_quote_refuses_more_lines_than_anybody_reads():
    client = make_client()
    with pytest.raises(Invalid) as caught:
        commands.create_quote(ACTOR, client.organisation, {"client_id": client.pk}, [line()] * 1001, now=NOW)
    assert list(caught.value.errors) == ["lines"]


@pytest.mark.req("ACC-1")
def test_create_quote_refuses_what_belongs_to_another_organisation():
    mine, theirs = make_client(), make_client()
    contact = theirs.contacts.get()
    for values, field in (
        ({"client_id": theirs.pk}, "client_id"),
        ({"client_id": mine.pk, "contact_id": contact.pk}, "contact_id"),
    ):
        with pytest.raises(Invalid) as caught:
            commands.create_quote(ACTOR, mine.organisation, values, [line()], now=NOW)
        assert list(caught.value.errors) == [field]


def test_create_quote_refuses_a_contact_of_another_client():
    mine = make_client()
    other = make_client(mine.organisation)
    values = {"client_id": mine.pk, "contact_id": other.contacts.get().pk}
    with pytest.raises(Invalid) as caught:
        commands.create_quote(ACTOR, mine.organisation, values, [line()], now=NOW)
    assert list(caught.value.errors) == ["contact_id"]


def test_create_quote_refuses_a_validity_before_its_date():
    client = make_client()
    values = {"client_id": client.pk, "validity_date": TODAY - timedelta(days=1)}
    with pytest.raises(Invalid) as caught:
        commands.create_quote(ACTOR, client.organisation, values, [line()], now=NOW)
    assert list(caught.value.errors) == ["validity_date"]


def test_replace_lines_of_a_draft_changes_totals_and_tells():
    quote = make_quote(lines=[line("A", "100")])
    commands.replace_lines(ACTOR, quote, [line("B", "200"), line("C", "50")], now=LATER)
    quote.refresh_from_db()
    assert (quote.total_gross, [row.description for row in quote.lines.all()]) == (Decimal("300.00"), ["B", "C"])
    event = DomainEvent.objects.get(type="quote.changed")
    assert event.payload["changes"]["total_gross"] == ["120.00", "300.00"]
    assert Entry.objects.get(verb="quote.changed").data["lines"] == [["A"], ["B", "C"]]


def test_lines_stand_once_a_quote_is_accepted():
    quote = make_quote(status="accepted")
    with pytest.raises(Refused) as caught:
        commands.replace_lines(ACTOR, quote, [line("B", "200")], now=LATER)
    assert caught.value.reason.code == "quote.closed"
    commands.replace_lines(ACTOR, make_quote(quote.client, status="sent"), [line("B", "200")], now=LATER)


@pytest.mark.req("REC-3")
def test_issue_invoice_numbers_dates_and_keeps_the_draft_status():
    client = make_client(payment_days=45)
    invoice = make_invoice(client, status="draft", due=None)
    assert invoice.due_date is None
    commands.issue_invoice(ACTOR, invoice, now=LATER)
    assert (invoice.number, invoice.issue_date, invoice.due_date, invoice.status) == (
        "F-2026-0001", TODAY + timedelta(days=1), TODAY + timedelta(days=46), "draft",
    )  # fmt: skip
    invoice.refresh_from_db()
    assert (invoice.number, invoice.search_text) == ("F-2026-0001", "f-2026-0001 eclairage vitrine")
    entry = Entry.objects.get(verb="invoice.issued")
    assert entry.data["changes"]["number"] == ["", "F-2026-0001"]
    assert DomainEvent.objects.get(type="invoice.changed").payload["changes"]["due_date"] == [None, "2026-04-17"]


@pytest.mark.req("REC-3")
def test_issued_invoice_cannot_change_nor_be_deleted():
    invoice = make_invoice()
    other = make_client(invoice.organisation)
    with pytest.raises(Refused) as caught:
        commands.replace_lines(ACTOR, invoice, [line()], now=LATER)
    assert caught.value.reason.code == "invoice.issued"
    with pytest.raises(Refused) as caught:
        commands.delete_record(ACTOR, invoice, now=LATER)
    assert caught.value.reason.code == "invoice.issued"
    with pytest.raises(Invalid) as invalid:
        commands.change_fields(ACTOR, invoice, {"client_id": other.pk}, now=LATER)
    assert list(invalid.value.errors) == ["client_id"]
    with pytest.raises(Refused) as caught:
        commands.issue_invoice(ACTOR, invoice, now=LATER)
    assert caught.value.reason.code == "document.issued"
    assert Invoice.objects.get().number == "F-2026-0001"


def test_draft_invoice_may_be_deleted_and_uses_no_number():
    invoice = make_invoice(status="draft")
    commands.delete_record(ACTOR, invoice, now=LATER)
    assert Invoice.objects.get().deleted_at == LATER
    assert not Counter.objects.filter(series="F").exists()
    assert DomainEvent.objects.filter(type="invoice.deleted", record_id=invoice.pk).count() == 1
    assert Entry.objects.filter(verb="invoice.deleted", record_id=invoice.pk).count() == 1


def test_issue_without_lines_is_refused():
    client = make_client()
    for make, issue in (
        (commands.create_quote, commands.issue_quote),
        (commands.create_invoice, commands.issue_invoice),
    ):
        document = make(ACTOR, client.organisation, {"client_id": client.pk}, now=NOW)
        for act in (lambda document=document, issue=issue: issue(ACTOR, document, now=NOW),
                    lambda document=document: commands.change_status(ACTOR, document, "sent", now=NOW)):  # fmt: skip
            with pytest.raises(Refused) as caught:
                act()
            assert caught.value.reason.code == "document.empty"


@pytest.mark.req("REC-3")
def test_issue_invoice_follows_the_dates_of_those_before():
    client = make_client()
    first, second = make_invoice(client, status="draft"), make_invoice(client, status="draft")
    commands.issue_invoice(ACTOR, first, now=LATER)
    with pytest.raises(Refused) as caught:
        commands.issue_invoice(ACTOR, second, on=TODAY, now=LATER)
    assert (caught.value.reason.code, caught.value.reason.data) == ("invoice.before_last", {"last": "2026-03-03"})
    with pytest.raises(Refused) as caught:
        commands.issue_invoice(ACTOR, second, on=TODAY + timedelta(days=2), now=LATER)
    assert caught.value.reason.code == "invoice.in_future"
    assert second.number == ""
    commands.issue_invoice(ACTOR, second, on=TODAY + timedelta(days=1), now=LATER)
    assert second.number == "F-2026-0002"


def test_issue_invoice_on_an_earlier_day_of_an_empty_series():
    invoice = make_invoice(status="draft", due=None)
    commands.issue_invoice(ACTOR, invoice, on=date(2026, 1, 31), now=NOW)
    assert (invoice.number, invoice.issue_date, invoice.due_date) == (
        "F-2026-0001", date(2026, 1, 31), date(2026, 3, 2),
    )  # fmt: skip


def test_issue_quote_leaves_it_a_draft_with_a_number():
    quote = make_quote()
    commands.issue_quote(ACTOR, quote, now=LATER)
    assert (quote.number, quote.status, quote.issue_date) == ("D-2026-0001", "draft", TODAY + timedelta(days=1))
    with pytest.raises(Refused):
        commands.issue_quote(ACTOR, quote, now=LATER)


def test_cancelled_draft_cannot_be_issued():
    invoice = make_invoice(status="draft")
    commands.change_status(ACTOR, invoice, "cancelled", now=NOW)
    with pytest.raises(Refused) as caught:
        commands.issue_invoice(ACTOR, invoice, now=NOW)
    assert caught.value.reason.code == "invoice.closed"


@pytest.mark.req("REC-3")
def test_payments_lead_from_partly_paid_to_paid():
    invoice = make_invoice(lines=[line(unit_price="100")])
    pay(invoice, "20.00")
    assert (invoice.status, invoice.paid_total, invoice.balance) == ("partially_paid", Decimal(20), Decimal(100))
    pay(invoice, "100", paid_on=TODAY - timedelta(days=1))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance, invoice.paid_on) == ("paid", 0, TODAY)
    statuses = [
        (event.payload["from"], event.payload["to"], sorted(event.payload["changes"]))
        for event in DomainEvent.objects.filter(type="invoice.status_changed").order_by("id")
    ]
    assert statuses == [
        ("draft", "sent", ["number", "sent_at"]),
        ("sent", "partially_paid", ["balance", "paid_total"]),
        ("partially_paid", "paid", ["balance", "paid_on", "paid_total"]),
    ]
    assert not DomainEvent.objects.filter(type="invoice.changed").exists()
    entry = Entry.objects.filter(verb="payment.recorded").order_by("id").first()
    assert (entry.data["payment"]["amount"], entry.data["changes"]["balance"]) == ("20.00", ["120.00", "100.00"])


def test_part_payment_of_an_overdue_invoice_leaves_it_overdue():
    invoice = make_invoice(due=-5)
    commands.mark_overdue(NOW)
    invoice.refresh_from_db()
    pay(invoice, "20.00")
    assert (invoice.status, invoice.balance) == ("overdue", Decimal(100))
    assert DomainEvent.objects.filter(type="invoice.changed").get().payload["changes"] == {
        "paid_total": ["0.00", "20.00"],
        "balance": ["120.00", "100.00"],
    }
    pay(invoice)
    assert invoice.status == "paid"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"amount": Decimal(0)}, ["amount"]),
        ({"amount": Decimal(-5)}, ["amount"]),
        ({"amount": Decimal("0.001")}, ["amount"]),
        ({"amount": Decimal("NaN")}, ["amount"]),
        ({"paid_on": TODAY + timedelta(days=1)}, ["paid_on"]),
        ({"method": "barter"}, ["method"]),
    ],
)
def test_payment_that_does_not_fit_is_refused(values, fields):
    invoice = make_invoice()
    with pytest.raises(Invalid) as caught:
        commands.record_payment(ACTOR, invoice, **{"amount": Decimal(1), "paid_on": TODAY, **values}, now=NOW)
    assert list(caught.value.errors) == fields
    assert not invoice.payments.exists()


@pytest.mark.req("REC-3")
def test_overpayment_is_refused_with_the_balance():
    invoice = make_invoice()
    pay(invoice, "20.00")
    with pytest.raises(Refused) as caught:
        pay(invoice, "100.01")
    assert caught.value.reason.code == "payment.too_much"
    assert caught.value.reason.data == {"amount": "100.01", "balance": "100.00", "currency": "EUR"}
    assert invoice.payments.count() == 1


def test_payment_of_a_draft_or_a_closed_invoice_is_refused():
    draft, cancelled = make_invoice(status="draft"), make_invoice(status="cancelled")
    for invoice, code in ((draft, "invoice.not_issued"), (cancelled, "invoice.closed")):
        with pytest.raises(Refused) as caught:
            pay(invoice, "1")
        assert caught.value.reason.code == code


@pytest.mark.req("REC-3", "REC-9")
def test_removing_a_payment_is_a_correction_that_the_journal_keeps():
    invoice = make_invoice()
    payment = pay(invoice)
    commands.remove_payment(ACTOR, payment, reason="Saisie sur la mauvaise facture", now=LATER)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_total, invoice.balance, invoice.paid_on) == ("sent", 0, Decimal(120), None)
    payment.refresh_from_db()
    assert payment.removed_at == LATER
    entry = Entry.objects.get(verb="payment.removed")
    assert (entry.data["reason"], entry.data["from"], entry.data["to"]) == (
        "Saisie sur la mauvaise facture", "paid", "sent",
    )  # fmt: skip
    with pytest.raises(Refused) as caught:
        commands.remove_payment(ACTOR, payment, now=LATER)
    assert caught.value.reason.code == "payment.removed"


def test_removing_a_payment_of_a_late_invoice_makes_it_overdue():
    invoice = make_invoice(due=-5)
    payment = pay(invoice)
    assert invoice.status == "paid"
    commands.remove_payment(ACTOR, payment, now=LATER)
    invoice.refresh_from_db()
    assert invoice.status == "overdue"


@pytest.mark.req("REC-3")
def test_invoice_of_a_quote_has_its_lines_and_the_quote_is_invoiced():
    client = make_client()
    contact = client.contacts.get()
    lines = [line("A", "100.50", discount="5"), line("B", "7", vat_rate="5.5", quantity="2.5", unit="h")]
    quote = make_quote(client, status="accepted", lines=lines, contact_id=contact.pk)
    invoice = commands.invoice_quote(ACTOR, quote, now=LATER)
    invoice.refresh_from_db()
    assert (invoice.quote_id, invoice.client_id, invoice.contact_id, invoice.subject, invoice.status) == (
        quote.pk, client.pk, contact.pk, quote.subject, "draft",
    )  # fmt: skip
    assert (invoice.total_net, invoice.total_tax, invoice.total_gross, invoice.balance, invoice.number) == (
        quote.total_net, quote.total_tax, quote.total_gross, quote.total_gross, "",
    )  # fmt: skip
    columns = ("position", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "net")
    assert list(invoice.lines.values_list(*columns)) == list(quote.lines.values_list(*columns))
    quote.refresh_from_db()
    assert quote.status == "invoiced"
    types = list(DomainEvent.objects.order_by("id").values_list("type", "record_id"))[-2:]
    assert types == [("invoice.created", invoice.pk), ("quote.status_changed", quote.pk)]
    assert Entry.objects.get(verb="invoice.created").data["source"] == ["quote", quote.pk]
    with pytest.raises(Refused) as caught:
        commands.invoice_quote(ACTOR, quote, now=LATER)
    assert caught.value.reason.code == "quote.invoiced"
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("status", ["draft", "sent", "refused", "expired", "cancelled"])
def test_invoice_of_a_quote_that_is_not_accepted_is_refused(status):
    quote = make_quote(status=status)
    with pytest.raises(Refused) as caught:
        commands.invoice_quote(ACTOR, quote, now=LATER)
    assert caught.value.reason.code == "quote.not_accepted"
    assert not Invoice.objects.exists()


def test_documents_take_the_currency_of_their_organisation():
    client = make_client(make_organisation(currency="CHF"))
    assert (make_quote(client).currency, make_invoice(client).currency) == ("CHF", "CHF")
