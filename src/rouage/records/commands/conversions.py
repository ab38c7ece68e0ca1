"""Makes a record from another one, by a person: see records.conversion for what from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import transaction

from rouage.journal.actors import Actor
from rouage.planner.model import Link
from rouage.records.commands.basics import author, kind_of, locked, made, today_of
from rouage.records.commands.cleaning import clean
from rouage.records.conversion import Conversion, convert, refusal
from rouage.records.errors import refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Contract, Event, Intervention, Invoice, Opportunity, Quote


@transaction.atomic
def create_from(
    actor: Actor,
    source: Quote | Opportunity | Contract,
    new: Literal["invoice", "event", "intervention"],
    values: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    cause: Sequence[Link] = (),
) -> Invoice | Event | Intervention:
    """``values``: columns that the new record has in other ways than its source. Raises Invalid, Refused."""
    kind = KINDS[new]
    row = locked(source)
    conversion = Conversion(
        new=new,
        source_kind=kind_of(source).key,
        source=row,
        values=clean(kind, source.organisation_id, values or {}, allowed=kind.editable, present=row),
        author=author(actor, cause),
        today=today_of(source, now),
    )
    reason = refusal(conversion)
    if reason:
        raise refuse(reason.code, **reason.data)
    convert([conversion], now=now)
    if isinstance(source, Quote) and new == "invoice":
        source.status = "invoiced"
    match new:
        case "invoice":
            return made(Invoice, conversion.made)
        case "event":
            return made(Event, conversion.made)
        case "intervention":
            return made(Intervention, conversion.made)


def invoice_quote(actor: Actor, quote: Quote, *, now: datetime, cause: Sequence[Link] = ()) -> Invoice:
    """A draft invoice with the lines of the accepted quote, which becomes invoiced."""
    invoice = create_from(actor, quote, "invoice", now=now, cause=cause)
    assert isinstance(invoice, Invoice)  # noqa: S101 -- for the type checker
    return invoice
