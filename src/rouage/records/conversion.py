"""Makes one record from another: an invoice from an accepted quote, an event from a won opportunity ..."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rouage.journal import bulk
from rouage.planner.model import Reason
from rouage.records import rules
from rouage.records.kinds import KINDS
from rouage.records.models import Client, InvoiceLine, QuoteLine
from rouage.records.reading import Row, defaults, fields_of, read
from rouage.records.rules import Change
from rouage.records.writing import Author, New, Write, write_changes, write_new

# What can be made from what, and the statuses of the source that allow it.
SOURCES: Mapping[tuple[str, str], frozenset[str]] = {
    ("quote", "invoice"): frozenset({"accepted"}),
    ("quote", "event"): frozenset({"accepted", "invoiced"}),
    ("quote", "intervention"): frozenset({"accepted", "invoiced"}),
    ("opportunity", "event"): frozenset({"open", "won"}),
    ("contract", "intervention"): frozenset({"active", "notice_given"}),
}
_LINE = tuple(name for name in fields_of(QuoteLine) if name not in {"id", "quote_id"})


@dataclass(slots=True, kw_only=True, eq=False)
class Conversion:
    """``source``: the row read under the lock. ``values``: columns that the new record has in other ways."""

    new: str
    source_kind: str
    source: Row
    values: Mapping[str, Any]
    author: Author
    today: date
    made: Row = field(default_factory=dict)


def refusal(conversion: Conversion) -> Reason | None:
    """Why it cannot be made; None when it can."""
    allowed = SOURCES.get((conversion.source_kind, conversion.new))
    status = conversion.source["status"]
    if allowed is None:
        return Reason(code="source.not_ready")
    if conversion.new == "invoice" and status == "invoiced":
        return Reason(code="quote.invoiced")
    if status not in allowed:
        return Reason(code="quote.not_accepted" if conversion.source_kind == "quote" else "source.not_ready")
    problem = rules.dates_problem(conversion.new, _row(conversion, ""), frozenset(conversion.values))
    return problem[1] if problem else None


def convert(conversions: Sequence[Conversion], *, now: datetime) -> None:
    """Write those that ``refusal`` allows, in the caller's transaction; fills in ``made``. A quote becomes invoiced."""
    if not conversions:
        return
    addresses = _addresses(conversions)
    news = []
    for conversion in conversions:
        conversion.made = _row(conversion, addresses.get(conversion.source["client_id"], ""))
        news.append(
            New(
                kind=KINDS[conversion.new],
                row=conversion.made,
                author=conversion.author,
                numbered_on=conversion.today if conversion.new == "intervention" else None,
                extra={"source": [conversion.source_kind, conversion.source["id"]]},
            )
        )
    write_new(news, now=now)
    invoices = [conversion for conversion in conversions if conversion.new == "invoice"]
    _copy_lines(invoices)
    writes = [_invoiced(conversion) for conversion in invoices]
    write_changes(writes, now=now)
    for write in writes:
        write.row.update(write.values)


def _invoiced(conversion: Conversion) -> Write:
    return Write(
        kind=KINDS["quote"],
        row=conversion.source,
        change=Change(values={"status": "invoiced"}),
        author=conversion.author,
        extra={"invoice_id": conversion.made["id"]},
    )


def _row(conversion: Conversion, address: str) -> Row:
    source = conversion.source
    row = defaults(KINDS[conversion.new].model)
    row |= {name: source[name] for name in ("organisation_id", "client_id", "contact_id", "owner_id")}
    row[f"{conversion.source_kind}_id"] = source["id"]
    row |= _OWN[conversion.new](source, conversion.today)
    if conversion.new == "intervention":
        row["address"] = address
    row |= conversion.values
    if conversion.new == "intervention" and row["planned_start"] and row["status"] == "to_plan":
        row["status"] = "planned"
    return row


def _called(source: Row) -> str:
    return str(source.get("subject") or source.get("name") or source.get("number") or f"#{source['id']}")


def _invoice(source: Row, today: date) -> Row:
    copied = ("subject", "currency", "total_net", "total_tax", "total_gross")
    return {
        **{name: source[name] for name in copied},
        "balance": source["total_gross"],
        "issue_date": today,
    }


def _event(source: Row, today: date) -> Row:
    # A client who accepted has decided; an opportunity still is a plan.
    status = "confirmed" if "subject" in source else "option"
    return {"name": _called(source), "lead_id": source["owner_id"], "status": status}


def _intervention(source: Row, today: date) -> Row:
    return {"title": _called(source), "assignee_id": None}


_OWN = {"invoice": _invoice, "event": _event, "intervention": _intervention}


def _addresses(conversions: Sequence[Conversion]) -> Mapping[int, str]:
    """Where the clients of new interventions are."""
    wanted = {conversion.source["client_id"] for conversion in conversions if conversion.new == "intervention"}
    return {
        client["id"]: ", ".join(
            part for part in (client["address"], f"{client['postal_code']} {client['city']}".strip()) if part
        )
        for client in read(Client, wanted)
    }


def _copy_lines(invoices: Sequence[Conversion]) -> None:
    lines: dict[int, list[Row]] = defaultdict(list)
    for line in read(QuoteLine, {conversion.source["id"] for conversion in invoices}, key="quote_id"):
        lines[line["quote_id"]].append(line)
    bulk.insert(
        InvoiceLine,
        (*_LINE, "invoice_id"),
        [
            (*(line[name] for name in _LINE), conversion.made["id"])
            for conversion in invoices
            for line in lines[conversion.source["id"]]
        ],
    )
