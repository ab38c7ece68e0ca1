"""The value of a record's field as people read it: an amount, a day, a status in its gender, a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from rouage.planner.operators import FieldType
from rouage.records.kinds import KINDS, Field, RecordKind
from rouage.web.components import amounts, dates

LONGEST = 120  # characters of a text within a line of the activity


def field_label(kind: str, name: str) -> str:
    """What a change in the journal is called; a field that the kind does not list has a name here, or its last word."""
    known = KINDS.get(kind)
    found = known.by_name.get(name) if known else None
    label = found.label if found else _NAMES.get(name, lambda: name.rpartition(".")[2].replace("_", " "))()
    return str(label)


def value(kind: str, name: str, raw: object, *, currency: str) -> str:
    """``raw`` is JSON from the journal; "" for nothing."""
    if raw in (None, "", []):
        return ""
    known = KINDS.get(kind)
    field = known.by_name.get(name) if known else None
    try:
        return _written(known, field, raw, currency)
    except (ValueError, InvalidOperation):
        return _text(raw)


def _written(kind: RecordKind | None, field: Field | None, raw: object, currency: str) -> str:
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, list):
        return _listed(raw)
    text = str(raw)
    match field.type if field else None:
        case FieldType.MONEY:
            return amounts.money(Decimal(text), currency)
        case FieldType.DATE:
            return dates.day(date.fromisoformat(text))
        case FieldType.MOMENT:
            return dates.moment(datetime.fromisoformat(text))
        case FieldType.CHOICE if kind and field:
            return _choice(kind, field, text)
        case _:
            return _text(raw)


def _choice(kind: RecordKind, field: Field, key: str) -> str:
    if field.name == "status":
        return str(kind.status_label(key))
    return str(next((choice.label for choice in field.choices if choice.key == key), key))


def _listed(items: Sequence[object]) -> str:
    return _text(", ".join(str(item) for item in items))


def _text(raw: object) -> str:
    text = " ".join(str(raw).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


# What the journal names and no kind lists.
_NAMES: Mapping[str, Callable[[], StrOrPromise]] = {
    "client.id": lambda: _("Client"),
    "contact.document.id": lambda: _("Contact"),
    "contract.id": lambda: _("Maintenance contract"),
    "quote.id": lambda: _("Quote"),
    "opportunity.id": lambda: _("Opportunity"),
    "lines": lambda: _("Lines"),
    "contact.name": lambda: _("Name"),
    "contact.position": lambda: _("Position"),
    "contact.email": lambda: _("Email"),
    "contact.phone": lambda: _("Phone"),
    "contact.language": lambda: _("Language"),
    "contact.is_main": lambda: _("Main contact"),
    "contact.is_billing": lambda: _("Billing contact"),
    "contact.is_dunning": lambda: _("Dunning contact"),
}
