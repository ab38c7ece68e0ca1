"""Quotes and invoices: making them, their lines, issuing them (REC-2, REC-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.planner.model import Link
from rouage.records import numbering, rules
from rouage.records.commands.basics import author, create, kind_of, locked, made, today_of, write
from rouage.records.commands.changes import require_lines
from rouage.records.commands.cleaning import clean_columns
from rouage.records.errors import Invalid, refuse
from rouage.records.kinds import KINDS
from rouage.records.local import local_day
from rouage.records.models import Counter, Invoice, InvoiceLine, Quote, QuoteLine
from rouage.records.reading import Row
from rouage.records.rules import Change
from rouage.records.totals import ZERO, Totals, line_net, totals
from rouage.records.writing import Write

_LINE = frozenset({"description", "quantity", "unit", "unit_price", "discount", "vat_rate"})
MAX_LINES = 1000
_HUNDRED = Decimal(100)
LARGEST = Decimal("999999999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineIn:
    """A line as it is entered; ``discount`` and ``vat_rate`` in percent."""

    description: str
    quantity: Decimal | int | str = Decimal(1)
    unit: str = ""
    unit_price: Decimal | int | str = Decimal(0)
    discount: Decimal | int | str = Decimal(0)
    vat_rate: Decimal | int | str = Decimal(20)


@transaction.atomic
def create_quote(
    actor: Actor,
    organisation: Organisation,
    values: Mapping[str, Any],
    lines: Sequence[LineIn] = (),
    *,
    now: datetime,
    cause: Sequence[Link] = (),
) -> Quote:
    """A draft; its number comes with ``issue_quote`` or the first status after draft. Raises Invalid."""
    rows, sums = _lines(lines)
    row = create(
        actor, organisation, KINDS["quote"], values, computed=_computed(organisation, sums, now), now=now, cause=cause
    )
    quote = made(Quote, row)
    _insert_lines(quote, rows)
    return quote


@transaction.atomic
def create_invoice(
    actor: Actor,
    organisation: Organisation,
    values: Mapping[str, Any],
    lines: Sequence[LineIn] = (),
    *,
    now: datetime,
    cause: Sequence[Link] = (),
) -> Invoice:
    """A draft; without a due date it takes the client's term when it is issued. Raises Invalid."""
    rows, sums = _lines(lines)
    computed = {**_computed(organisation, sums, now), "balance": sums.gross}
    row = create(actor, organisation, KINDS["invoice"], values, computed=computed, now=now, cause=cause)
    invoice = made(Invoice, row)
    _insert_lines(invoice, rows)
    return invoice


@transaction.atomic
def replace_lines(
    actor: Actor, document: Quote | Invoice, lines: Sequence[LineIn], *, now: datetime, cause: Sequence[Link] = ()
) -> None:
    """The lines of a draft invoice, or of a quote that nobody has accepted. Raises Invalid, Refused."""
    row = locked(document)
    if isinstance(document, Invoice) and row["number"]:
        raise refuse("invoice.issued")
    if isinstance(document, Quote) and row["status"] not in rules.OPEN_QUOTE:
        raise refuse("quote.closed")
    rows, sums = _lines(lines)
    before = [str(line) for line in document.lines.values_list("description", flat=True)]
    document.lines.all().delete()
    _insert_lines(document, rows)
    values: dict[str, Any] = {"total_net": sums.net, "total_tax": sums.tax, "total_gross": sums.gross}
    if isinstance(document, Invoice):
        values["balance"] = sums.gross
    change = Change(values=values)
    extra = {"lines": [before, [line["description"] for line in rows]]}
    kind = kind_of(document)
    write(document, Write(kind=kind, row=row, change=change, author=author(actor, cause), extra=extra), now=now)


@transaction.atomic
def issue_quote(actor: Actor, quote: Quote, *, now: datetime, cause: Sequence[Link] = ()) -> None:
    """Give the quote its number and today's date; it stays a draft until it is sent."""
    row = locked(quote)
    if row["number"]:
        raise refuse("document.issued")
    require_lines(quote)
    change = Change(values=rules.issue(KINDS["quote"], row, on=today_of(quote, now)), numbered=True)
    _write_issue(actor, quote, row, change, now=now, cause=cause)


@transaction.atomic
def issue_invoice(
    actor: Actor, invoice: Invoice, *, on: date | None = None, now: datetime, cause: Sequence[Link] = ()
) -> None:
    """Give the invoice its number, its date (``on``, else today) and its due date: from now on it stands.

    It stays a draft until it is sent. Numbers follow the dates (CGI, annexe II, art. 242 nonies A: a unique number
    from a chronological, unbroken sequence), so that ``on`` may not be before the last invoice's day.
    """
    row = locked(invoice)
    if row["number"]:
        raise refuse("document.issued")
    if row["status"] != "draft":
        raise refuse("invoice.closed")
    require_lines(invoice)
    today = today_of(invoice, now)
    day = on or today
    if day > today:
        raise refuse("invoice.in_future")
    _require_chronology(invoice.organisation_id, day)
    change = Change(values=rules.issue(KINDS["invoice"], row, on=day), numbered=True)
    _write_issue(actor, invoice, row, change, now=now, cause=cause)


def _write_issue(
    actor: Actor, document: Quote | Invoice, row: Row, change: Change, *, now: datetime, cause: Sequence[Link]
) -> None:
    kind = kind_of(document)
    done = Write(kind=kind, row=row, change=change, author=author(actor, cause), verb=f"{kind.key}.issued")
    write(document, done, now=now)


def _require_chronology(organisation_id: int, day: date) -> None:
    series = numbering.series_of(KINDS["invoice"], organisation_id, day)
    counters = Counter.objects.select_for_update().filter(
        organisation_id=organisation_id, series=series.prefix, year=series.year
    )
    last = counters.values_list("last_date", flat=True).first()
    if last and day < last:
        raise refuse("invoice.before_last", last=last.isoformat())


def _computed(organisation: Organisation, sums: Totals, now: datetime) -> dict[str, Any]:
    return {
        "currency": organisation.currency,
        "issue_date": local_day(now, organisation.zone),
        "total_net": sums.net,
        "total_tax": sums.tax,
        "total_gross": sums.gross,
    }


def _lines(lines: Sequence[LineIn]) -> tuple[list[dict[str, Any]], Totals]:
    """Checked columns of each line, and what they come to. Errors are named ``lines.<number from 1>.<column>``."""
    if len(lines) > MAX_LINES:
        raise Invalid({"lines": _("A document has at most %(number)d lines.") % {"number": MAX_LINES}})
    rows: list[dict[str, Any]] = []
    errors: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        row, problems = clean_columns(QuoteLine, {name: getattr(line, name) for name in _LINE}, _LINE)
        problems = problems or _line_problems(row)
        errors |= {f"lines.{number}.{name}": text for name, text in problems.items()}
        if not problems:
            net = line_net(row["quantity"], row["unit_price"], row["discount"])
            rows.append({**row, "position": number, "net": net})
    if errors:
        raise Invalid(errors)
    sums = totals((row["net"], row["vat_rate"]) for row in rows)
    if not ZERO <= sums.gross <= LARGEST:
        raise Invalid({"lines": _("The total must be between 0 and 999,999,999,999.99. Correct the amounts.")})
    return rows, sums


def _line_problems(row: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    if not row["description"]:
        problems["description"] = _("Describe what the line is for.")
    for name in ("discount", "vat_rate"):
        if not 0 <= row[name] <= _HUNDRED:
            problems[name] = _("Enter a percentage between 0 and 100.")
    if abs(row["quantity"] * row["unit_price"]) > LARGEST:
        problems["unit_price"] = _("This amount is too large.")
    return problems


def _insert_lines(document: Quote | Invoice, rows: Sequence[Mapping[str, Any]]) -> None:
    if isinstance(document, Quote):
        QuoteLine.objects.bulk_create(
            [QuoteLine(organisation_id=document.organisation_id, quote=document, **row) for row in rows]
        )
    else:
        InvoiceLine.objects.bulk_create(
            [InvoiceLine(organisation_id=document.organisation_id, invoice=document, **row) for row in rows]
        )
