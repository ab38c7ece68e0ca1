from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.planner.model import Reason
from rouage.records import rules
from rouage.records.kinds import KINDS
from rouage.records.rules import Change
from tests.factories.accounts import NOW

TODAY = date(2026, 3, 2)


def invoice_row(**values):
    row = {
        "number": "F-2026-0001",
        "subject": "",
        "status": "sent",
        "paid_total": Decimal("0.00"),
        "balance": Decimal("120.00"),
        "total_gross": Decimal("120.00"),
        "due_date": date(2026, 4, 1),
        "issue_date": TODAY,
        "sent_at": NOW,
        "opened_at": None,
        "payment_days": 30,
        "search_text": "f-2026-0001",
        "client_id": 1,
        "currency": "EUR",
    }
    return row | values


def quote_row(**values):
    row = {
        "number": "", "status": "draft", "subject": "", "issue_date": TODAY, "validity_date": None, "sent_at": None,
        "opened_at": None, "accepted_at": None, "refused_at": None, "search_text": "",
    }  # fmt: skip
    return row | values


def change(kind, row, status):
    return rules.change_status(KINDS[kind], row, status, now=NOW, today=TODAY)


@pytest.mark.req("REC-3")
@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "sent"),
        ({"opened_at": NOW}, "opened"),
        ({"sent_at": None}, "draft"),
        ({"paid_total": Decimal(20), "balance": Decimal(100)}, "partially_paid"),
        ({"paid_total": Decimal(120), "balance": Decimal(0)}, "paid"),
        ({"due_date": TODAY}, "sent"),
        ({"due_date": TODAY - timedelta(days=1)}, "overdue"),
        ({"due_date": TODAY - timedelta(days=1), "paid_total": Decimal(20), "balance": Decimal(100)}, "overdue"),
        ({"due_date": TODAY - timedelta(days=1), "paid_total": Decimal(120), "balance": Decimal(0)}, "paid"),
        ({"due_date": TODAY - timedelta(days=1), "sent_at": None}, "draft"),
        ({"due_date": TODAY - timedelta(days=1), "total_gross": Decimal(0), "balance": Decimal(0)}, "sent"),
        ({"due_date": None}, "sent"),
        ({"status": "cancelled", "due_date": TODAY - timedelta(days=9)}, "cancelled"),
        ({"status": "credited", "paid_total": Decimal(120), "balance": Decimal(0)}, "credited"),
        ({"number": "", "status": "draft", "due_date": TODAY - timedelta(days=9)}, "draft"),
    ],
)
def test_invoice_status_follows_from_payments_and_dates(values, status):
    assert rules.invoice_status(invoice_row(**values), TODAY) == status


@given(
    st.sampled_from(["draft", "sent", "opened", "partially_paid", "paid", "overdue", "cancelled", "credited"]),
    st.integers(0, 120),
    st.integers(-40, 40),
    st.booleans(),
)
def test_invoice_status_is_stable_and_only_paid_when_nothing_is_due(status, paid, days, opened):
    row = invoice_row(
        status=status,
        paid_total=Decimal(paid),
        balance=Decimal(120 - paid),
        due_date=TODAY + timedelta(days=days),
        opened_at=NOW if opened else None,
    )
    found = rules.invoice_status(row, TODAY)
    assert rules.invoice_status(row | {"status": found}, TODAY) == found
    if status in rules.FOLLOWING:
        assert (found == "paid") == (paid == 120)
        assert (found == "overdue") == (days < 0 and paid < 120)


@pytest.mark.req("REC-2")
def test_first_status_after_draft_numbers_the_quote_and_dates_it():
    outcome = change("quote", quote_row(issue_date=TODAY - timedelta(days=4)), "sent")
    assert outcome == Change(values={"status": "sent", "sent_at": NOW, "issue_date": TODAY}, numbered=True)


def test_cancelling_a_draft_uses_no_number():
    assert change("quote", quote_row(), "cancelled") == Change(values={"status": "cancelled"})


def test_sent_on_keeps_the_first_sending():
    row = quote_row(number="D-2026-0001", status="refused", sent_at=NOW - timedelta(days=3), refused_at=NOW)
    assert change("quote", row, "sent").values == {"status": "sent", "refused_at": None}


def test_changed_answer_moves_its_moment():
    row = quote_row(number="D-2026-0001", status="accepted", sent_at=NOW, accepted_at=NOW - timedelta(days=1))
    assert change("quote", row, "refused").values == {"status": "refused", "accepted_at": None, "refused_at": NOW}


def test_issued_invoice_takes_the_clients_term_unless_it_has_a_due_date():
    row = invoice_row(number="", status="draft", sent_at=None, due_date=None, payment_days=45)
    assert change("invoice", row, "sent").values["due_date"] == TODAY + timedelta(days=45)
    assert "due_date" not in change("invoice", row | {"due_date": TODAY}, "sent").values


def test_closing_an_invoice_leaves_nothing_due():
    assert change("invoice", invoice_row(), "cancelled").values == {"status": "cancelled", "balance": 0}
    row = invoice_row(paid_total=Decimal(20), balance=Decimal(100), status="partially_paid")
    assert change("invoice", row, "credited").values == {"status": "credited", "balance": 0}


@pytest.mark.parametrize(
    ("kind", "row", "status", "code"),
    [
        ("quote", quote_row(), "paid", "status.unknown"),
        ("quote", quote_row(), "draft", "status.same"),
        ("quote", quote_row(), "invoiced", "status.not_allowed"),
        ("quote", quote_row(status="cancelled"), "sent", "status.not_allowed"),
        ("invoice", invoice_row(), "paid", "status.follows"),
        ("invoice", invoice_row(), "partially_paid", "status.follows"),
        ("invoice", invoice_row(), "overdue", "status.follows"),
        ("invoice", invoice_row(status="cancelled"), "sent", "status.not_allowed"),
        ("invoice", invoice_row(paid_total=Decimal(5), status="overdue"), "cancelled", "invoice.has_payments"),
    ],
)
def test_change_status_refuses(kind, row, status, code):
    outcome = change(kind, row, status)
    assert isinstance(outcome, Reason)
    assert outcome.code == code


def fields(kind, row, wanted):
    return rules.change_fields(KINDS[kind], row, wanted, today=TODAY)


def test_change_fields_keeps_what_differs_and_what_follows():
    row = {
        "name": "Chaudière", "number": "CM-0001", "renewal_date": date(2026, 5, 1), "notice_days": 30,
        "notice_date": date(2026, 4, 1), "start_date": None, "search_text": "cm-0001 chaudiere",
    }  # fmt: skip
    wanted = {"renewal_date": date(2026, 6, 1), "name": "Chaudière"}
    assert fields("contract", row, wanted).values == {
        "renewal_date": date(2026, 6, 1),
        "notice_date": date(2026, 5, 2),
    }
    assert fields("contract", row, {"renewal_date": None}).values == {"renewal_date": None, "notice_date": None}
    assert fields("contract", row, {"name": "Chaudière"}).values == {}


def test_change_fields_of_an_overdue_invoice_moved_on_makes_it_sent_again():
    row = invoice_row(status="overdue", due_date=TODAY - timedelta(days=1))
    wanted = {"due_date": TODAY + timedelta(days=7)}
    assert fields("invoice", row, wanted).values == {**wanted, "status": "sent"}


@pytest.mark.parametrize("column", ["client_id", "currency", "issue_date"])
def test_change_fields_refuses_what_an_issued_invoice_says(column):
    values = {"client_id": 2, "currency": "USD", "issue_date": TODAY - timedelta(days=1)}
    where, reason = fields("invoice", invoice_row(), {column: values[column]})
    assert (where, reason.code) == (column, "invoice.issued")
    assert column in fields("invoice", invoice_row(number="", status="draft"), {column: values[column]}).values


def test_change_fields_refuses_an_end_before_its_start():
    row = {"name": "", "location": "", "start_at": NOW, "end_at": None, "search_text": ""}
    where, reason = fields("event", row, {"end_at": NOW - timedelta(minutes=1)})
    assert (where, reason.code, reason.data) == ("end_at", "dates.order", {"first": "start_at", "last": "end_at"})
    assert isinstance(fields("event", row, {"end_at": NOW}), Change)


def test_change_fields_leaves_an_old_disorder_alone():
    row = {"name": "", "location": "", "start_at": NOW, "end_at": NOW - timedelta(days=1), "search_text": ""}
    assert fields("event", row, {"location": "Lyon"}).values == {"location": "Lyon", "search_text": "lyon"}


def test_notice_date_is_the_last_day_to_give_notice():
    assert rules.notice_date(date(2026, 5, 1), 30) == date(2026, 4, 1)
    assert rules.notice_date(None, 30) is None


def test_status_moments_name_statuses_of_their_kind():
    for key, moments in rules.MOMENTS.items():
        assert set(moments) <= {status.key for status in KINDS[key].statuses}
    assert isinstance(NOW, datetime)
