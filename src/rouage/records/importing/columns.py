"""The columns that an import understands, and the headings by which they are recognised in French and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from rouage.records.importing import cells
from rouage.records.importing.headings import headings_of
from rouage.records.importing.problems import CellProblem
from rouage.records.importing.tables import Cell, Table, shown
from rouage.records.search import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a column goes. Of the targets with the same ``needed``, a file must have one."""

    key: str
    label: StrOrPromise
    needed: str = ""


_CLIENT_OF = (
    Target(key="client_code", label=_("Client code"), needed="client"),
    Target(key="client", label=_("Client"), needed="client"),
)
_AMOUNTS = (
    Target(key="subject", label=_("Subject")),
    Target(key="total_net", label=_("Total excluding VAT")),
    Target(key="total_gross", label=_("Total including VAT")),
    Target(key="vat_rate", label=_("VAT rate")),
    Target(key="freight", label=_("Shipping")),
    Target(key="currency", label=_("Currency")),
    Target(key="status", label=_("Status")),
)
TARGETS: Mapping[str, tuple[Target, ...]] = {
    "client": (
        Target(key="code", label=_("Code")),
        Target(key="name", label=_("Name"), needed="name"),
        Target(key="type", label=_("Type")),
        Target(key="contact", label=_("Main contact")),
        Target(key="title", label=_("Position")),
        Target(key="email", label=_("Email")),
        Target(key="phone", label=_("Phone")),
        Target(key="address", label=_("Address")),
        Target(key="postal_code", label=_("Postal code")),
        Target(key="city", label=_("City")),
        Target(key="country", label=_("Country")),
        Target(key="language", label=_("Language")),
        Target(key="payment_days", label=_("Payment term (days)")),
    ),
    "quote": (
        Target(key="number", label=_("Number"), needed="number"),
        *_CLIENT_OF,
        Target(key="issue_date", label=_("Issue date"), needed="date"),
        Target(key="validity_date", label=_("Valid until")),
        *_AMOUNTS,
    ),
    "invoice": (
        Target(key="number", label=_("Number"), needed="number"),
        *_CLIENT_OF,
        Target(key="issue_date", label=_("Issue date"), needed="date"),
        Target(key="due_date", label=_("Due date")),
        Target(key="paid_date", label=_("Paid on")),
        Target(key="paid_amount", label=_("Amount paid")),
        *_AMOUNTS,
    ),
    "event": (
        Target(key="name", label=_("Name"), needed="name"),
        *_CLIENT_OF,
        Target(key="start", label=_("Start of the event")),
        Target(key="end", label=_("End of the event")),
        Target(key="location", label=_("Place")),
        Target(key="brief", label=_("Brief")),
        Target(key="lead", label=_("Project lead")),
        Target(key="status", label=_("Status")),
    ),
}
LINE_TARGETS = (
    Target(key="number", label=_("Number"), needed="number"),
    Target(key="description", label=_("Description"), needed="description"),
    Target(key="quantity", label=_("Quantity")),
    Target(key="unit", label=_("Unit")),
    Target(key="unit_price", label=_("Unit price"), needed="price"),
    Target(key="discount", label=_("Discount (percent)")),
    Target(key="discount_fraction", label=_("Discount (fraction)")),
    Target(key="vat_rate", label=_("VAT rate")),
)

type Mapped = Mapping[str, int]
"""The position in the file of each target that is mapped."""


def targets(kind: str, *, lines: bool = False) -> Sequence[Target]:
    return LINE_TARGETS if lines else TARGETS[kind]


def suggest(kind: str, table: Table, *, lines: bool = False) -> dict[str, int]:
    """The targets whose headings are recognised: first those that are named exactly, then those that begin so."""
    headings = [_heading(text) for text in table.header]
    mapped: dict[str, int] = {}
    taken: set[int] = set()
    for exact in (True, False):
        for target in targets(kind, lines=lines):
            if target.key in mapped:
                continue
            for position, heading in enumerate(headings):
                if position not in taken and _means(kind, target, heading, exact=exact):
                    mapped[target.key] = position
                    taken.add(position)
                    break
    return _with_fractions(mapped, table)


def unmapped(kind: str, mapped: Mapped, *, lines: bool = False) -> list[str]:
    """Labels of what is needed and missing; one of a group is enough."""
    groups: dict[str, list[Target]] = {}
    for target in targets(kind, lines=lines):
        if target.needed:
            groups.setdefault(target.needed, []).append(target)
    return [
        " / ".join(str(target.label) for target in group)
        for group in groups.values()
        if not any(target.key in mapped for target in group)
    ]


def _heading(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in fold(text)).split())


def _means(kind: str, target: Target, heading: str, *, exact: bool) -> bool:
    known = headings_of(kind, target.key)
    if exact or not heading:
        return heading in known
    return any(heading.startswith(f"{name} ") for name in known if len(name) > 3)  # noqa: PLR2004 -- not "no" or "ht"


def _with_fractions(mapped: dict[str, int], table: Table) -> dict[str, int]:
    """A discount column that holds 0.25 for a quarter is not in percent."""
    position = mapped.get("discount")
    if position is None or "discount_fraction" in mapped:
        return mapped
    found: set[Decimal] = set()
    for _line, row in table.rows:
        try:
            value = cells.amount(row[position], 4)
        except CellProblem:
            return mapped
        if value is not None:
            found.add(value)
    if any(0 < value < 1 for value in found) and all(0 <= value <= 1 for value in found):
        del mapped["discount"]
        mapped["discount_fraction"] = position
    return mapped


def value_of(row: Sequence[Cell], mapped: Mapped, key: str) -> Cell:
    position = mapped.get(key)
    return None if position is None else row[position]


def text_of(row: Sequence[Cell], mapped: Mapped, key: str) -> str:
    return shown(value_of(row, mapped, key))
