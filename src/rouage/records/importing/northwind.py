"""The Northwind sample company (see northwind/README.md): real input for imports, the demo and measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from django.db import transaction
from django.utils import translation

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.records.importing.columns import suggest
from rouage.records.importing.running import Preview, Source, run_import
from rouage.records.importing.tables import Cell, Table, read_table

_FOLDER = "rouage.records"
_DATES = ("issue_date", "due_date", "paid_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    clients: Preview
    invoices: Preview


@transaction.atomic
def import_northwind(
    actor: Actor, organisation: Organisation, now: datetime, *, days: int = 0, announce: bool = False
) -> Imported:
    """91 clients with their contacts, 830 invoices with 2,155 lines, a payment for each that was paid.

    The last invoice is of 1 November 2026; ``days`` shifts all dates. The prices of the sample have no VAT.
    """
    clients = table("clients.csv")
    invoices = _shifted(table("invoices.csv"), days)
    lines = table("invoice_lines.csv")
    # The shipping line is called as the organisation's own people would call it.
    with translation.override(organisation.language):
        first = Source(kind="client", table=clients, mapped=suggest("client", clients))
        second = Source(
            kind="invoice",
            table=invoices,
            mapped=suggest("invoice", invoices),
            lines=lines,
            lines_mapped=suggest("invoice", lines, lines=True),
            vat_rate=Decimal(0),
        )
        return Imported(
            clients=run_import(actor, organisation, first, now=now, announce=announce),
            invoices=run_import(actor, organisation, second, now=now, announce=announce),
        )


def table(name: str) -> Table:
    """One of the files that come with Rouage."""
    return read_table((files(_FOLDER) / "northwind" / name).read_bytes(), name)


def _shifted(invoices: Table, days: int) -> Table:
    if not days:
        return invoices
    positions = {invoices.header.index(name) for name in _DATES}
    rows = [
        (line, tuple(_later(cell, days) if place in positions else cell for place, cell in enumerate(row)))
        for line, row in invoices.rows
    ]
    return replace(invoices, rows=rows)


def _later(cell: Cell, days: int) -> Cell:
    return date.fromisoformat(str(cell)) + timedelta(days=days) if cell else cell
