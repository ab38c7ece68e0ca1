"""Payments of invoices (REC-3): what is received, and what was recorded by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from rouage.journal.actors import Actor
from rouage.planner.model import Link
from rouage.records import rules
from rouage.records.commands.basics import author, locked, today_of, write
from rouage.records.errors import Invalid, refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Invoice, Payment
from rouage.records.reading import Row
from rouage.records.rules import Change
from rouage.records.totals import ZERO, cents
from rouage.records.writing import Write

METHODS = ("transfer", "card", "cheque", "cash", "direct_debit", "other")


@transaction.atomic
def record_payment(
    actor: Actor,
    invoice: Invoice,
    *,
    amount: Decimal,
    paid_on: date,
    method: str = "transfer",
    reference: str = "",
    now: datetime,
    cause: Sequence[Link] = (),
) -> Payment:
    """Part of the balance or all of it; never more. The invoice's status follows. Raises Invalid, Refused."""
    row = locked(invoice)
    _require_payable(row)
    _check(amount, paid_on, method, today=today_of(invoice, now))
    if amount > row["balance"]:
        raise refuse("payment.too_much", amount=str(amount), balance=str(row["balance"]), currency=row["currency"])
    payment = Payment.objects.create(
        organisation_id=invoice.organisation_id,
        invoice=invoice,
        amount=amount,
        paid_on=paid_on,
        method=method,
        reference=reference.strip()[:100],
        created_at=now,
    )
    done = _settled(actor, invoice, row, now=now, cause=cause)
    done.verb = "payment.recorded"
    done.extra = {"payment": {"id": payment.pk, "amount": str(amount), "paid_on": paid_on.isoformat()}}
    write(invoice, done, now=now)
    return payment


@transaction.atomic
def remove_payment(
    actor: Actor, payment: Payment, *, reason: str = "", now: datetime, cause: Sequence[Link] = ()
) -> None:
    """A correction: the payment counts no longer, the journal keeps it with ``reason``. Raises Refused."""
    invoice = payment.invoice
    row = locked(invoice)
    if row["status"] not in rules.FOLLOWING:
        raise refuse("invoice.closed")
    if not Payment.objects.filter(pk=payment.pk, removed_at__isnull=True).update(removed_at=now):
        raise refuse("payment.removed")
    payment.removed_at = now
    done = _settled(actor, invoice, row, now=now, cause=cause)
    done.verb = "payment.removed"
    done.extra = {
        "payment": {"id": payment.pk, "amount": str(payment.amount), "paid_on": payment.paid_on.isoformat()},
        "reason": reason.strip()[:500],
    }
    write(invoice, done, now=now)


def _require_payable(row: Row) -> None:
    if not row["number"]:
        raise refuse("invoice.not_issued")
    if row["status"] not in rules.FOLLOWING:
        raise refuse("invoice.closed")


def _check(amount: Decimal, paid_on: date, method: str, *, today: date) -> None:
    errors = {}
    if not amount.is_finite() or amount <= ZERO or amount != cents(amount):
        errors["amount"] = _("Enter an amount above zero, with two decimals at most.")
    if paid_on > today:
        errors["paid_on"] = _("This day is still to come. Enter the day on which the money arrived.")
    if method not in METHODS:
        errors["method"] = _("This choice no longer exists. Choose another one.")
    if errors:
        raise Invalid(errors)


def _settled(actor: Actor, invoice: Invoice, row: Row, *, now: datetime, cause: Sequence[Link]) -> Write:
    """The invoice's amounts and status, from all payments that count."""
    found = Payment.objects.filter(invoice=invoice, removed_at__isnull=True).aggregate(
        paid=Sum("amount"), last=Max("paid_on")
    )
    paid = cents(found["paid"] or ZERO)
    values = {"paid_total": paid, "balance": row["total_gross"] - paid}
    status = rules.invoice_status({**row, **values}, today_of(invoice, now))
    values |= {"status": status, "paid_on": found["last"] if status == "paid" else None}
    return Write(kind=KINDS["invoice"], row=row, change=Change(values=values), author=author(actor, cause))
