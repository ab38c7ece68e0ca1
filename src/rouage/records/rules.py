"""What a change of a record brings with it, and what is not allowed: pure, for commands and bulk effects alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rouage.planner.model import Reason
from rouage.planner.values import frozen
from rouage.records.kinds import RecordKind
from rouage.records.search import fold

ZERO = Decimal(0)

# The moment that a status sets. Leaving an answer takes its moment back.
MOMENTS: Mapping[str, Mapping[str, str]] = {
    "quote": {"sent": "sent_at", "opened": "opened_at", "accepted": "accepted_at", "refused": "refused_at"},
    "invoice": {"sent": "sent_at", "opened": "opened_at"},
    "opportunity": {"won": "won_at", "lost": "lost_at"},
    "task": {"done": "done_at"},
}
_ANSWERS = frozenset({"accepted_at", "refused_at", "won_at", "lost_at", "done_at"})
# Payments and the due date decide between these.
FOLLOWING = frozenset({"draft", "sent", "opened", "partially_paid", "paid", "overdue"})
# Columns whose text a search finds.
SEARCHED: Mapping[str, tuple[str, ...]] = {
    "client": ("name", "code", "email", "city"),
    "quote": ("number", "subject"),
    "invoice": ("number", "subject"),
    "event": ("name", "location"),
    "intervention": ("number", "title"),
    "contract": ("number", "name"),
    "opportunity": ("name",),
}
# The second may not be before the first.
ORDERED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "quote": (("issue_date", "validity_date"),),
    "invoice": (("issue_date", "due_date"),),
    "event": (("start_at", "end_at"),),
    "intervention": (("planned_start", "planned_end"),),
    "contract": (("start_date", "renewal_date"),),
}
# An issued invoice is what the client has received: these stand.
ISSUED_INVOICE = frozenset({"client_id", "currency", "issue_date"})
OPEN_QUOTE = frozenset({"draft", "sent", "opened", "refused", "expired"})


@frozen(kw_only=True)
class Change:
    """New values by column. ``numbered``: the document also takes its number, which nobody can know beforehand."""

    values: Mapping[str, Any] = field(default_factory=dict)
    numbered: bool = False


def change_status(kind: RecordKind, row: Mapping[str, Any], new: str, *, now: datetime, today: date) -> Change | Reason:
    """``row``: the record's columns. ``today``: the organisation's day."""
    old = row["status"]
    reason = _forbidden(kind, row, old, new)
    if reason:
        return reason
    values: dict[str, Any] = {"status": new, **_moments(kind.key, row, new, now)}
    numbered = kind.key in {"quote", "invoice"} and not row["number"] and new != "cancelled"
    if numbered:
        values |= issue(kind, row, on=today)
    if kind.key == "invoice" and new in {"cancelled", "credited"}:
        values["balance"] = ZERO
    return Change(values=values, numbered=numbered)


def _forbidden(kind: RecordKind, row: Mapping[str, Any], old: str, new: str) -> Reason | None:
    status = kind.status(new)
    if status is None:
        return Reason(code="status.unknown", data={"kind": kind.key, "status": new})
    if old == new:
        return Reason(code="status.same", data={"kind": kind.key, "status": new})
    if not status.settable:
        return Reason(code="status.follows", data={"kind": kind.key, "status": new})
    if not kind.may_follow(old, new):
        return Reason(code="status.not_allowed", data={"kind": kind.key, "from": old, "to": new})
    if kind.key == "invoice" and new == "cancelled" and row["paid_total"] > ZERO:
        return Reason(code="invoice.has_payments")
    return None


def _moments(kind: str, row: Mapping[str, Any], new: str, now: datetime) -> dict[str, Any]:
    moments = MOMENTS.get(kind, {})
    values: dict[str, Any] = {
        column: None for status, column in moments.items() if column in _ANSWERS and status != new and row[column]
    }
    column = moments.get(new)
    # "Sent on" is the first sending, or what a person wrote there.
    if column and (column in _ANSWERS or row[column] is None):
        values[column] = now
    return values


def issue(kind: RecordKind, row: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """The dates of a document that is issued ``on`` that day; a due date that nobody gave follows the client's term."""
    values: dict[str, Any] = {"issue_date": on} if row["issue_date"] != on else {}
    if kind.key == "invoice" and row["due_date"] is None:
        values["due_date"] = on + timedelta(days=row["payment_days"])
    return values


def invoice_status(row: Mapping[str, Any], today: date) -> str:
    """The status that payments and dates give to an issued invoice; cancelled and credited ones stay.

    A part payment of an overdue invoice leaves it overdue: the rest is still late.
    """
    status: str = row["status"]
    if status not in FOLLOWING or not row["number"]:
        return status
    if row["balance"] <= ZERO and row["paid_total"] > ZERO:
        return "paid"
    reached = "opened" if row["opened_at"] else "sent" if row["sent_at"] else "draft"
    if reached != "draft" and row["due_date"] and row["due_date"] < today and row["balance"] > ZERO:
        return "overdue"
    return "partially_paid" if row["paid_total"] > ZERO else reached


def change_fields(
    kind: RecordKind, row: Mapping[str, Any], wanted: Mapping[str, Any], *, today: date
) -> Change | tuple[str, Reason]:
    """The columns that really change, with what follows from them; or the first column that may not, and why."""
    values = {column: value for column, value in wanted.items() if row[column] != value}
    after = {**row, **values}
    for column in values:
        if kind.key == "invoice" and row["number"] and column in ISSUED_INVOICE:
            return column, Reason(code="invoice.issued")
    problem = dates_problem(kind.key, after, frozenset(values))
    if problem:
        return problem
    values |= {column: value for column, value in following(kind.key, after, today).items() if row[column] != value}
    return Change(values=values)


def dates_problem(kind: str, row: Mapping[str, Any], changed: frozenset[str]) -> tuple[str, Reason] | None:
    """The column to correct and why, if of the ``changed`` ones one is an end before its start."""
    for first, last in ORDERED.get(kind, ()):
        if {first, last} & changed and row[first] and row[last] and row[last] < row[first]:
            return (last if last in changed else first), Reason(code="dates.order", data={"first": first, "last": last})
    return None


def following(kind: str, after: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The columns that follow from the others."""
    values: dict[str, Any] = {}
    if kind in SEARCHED:
        values["search_text"] = search_text(kind, after)
    if kind == "contract":
        values["notice_date"] = notice_date(after["renewal_date"], after["notice_days"])
    if kind == "invoice":
        values["status"] = invoice_status(after, today)
    return values


def search_text(kind: str, row: Mapping[str, Any]) -> str:
    return fold(*(row[column] for column in SEARCHED[kind]))


def notice_date(renewal_date: date | None, notice_days: int) -> date | None:
    return renewal_date - timedelta(days=notice_days) if renewal_date else None
