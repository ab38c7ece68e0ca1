"""One record with all that its page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rouage.journal.models import Entry
from rouage.journal.paging import PAGE, Mark, Page
from rouage.journal.queries import activity as journal_activity
from rouage.records.conversion import SOURCES
from rouage.records.kinds import KINDS
from rouage.records.models import (
    Contact,
    InvoiceLine,
    Line,
    Payment,
    QuoteLine,
    Task,
)
from rouage.records.queries.lists import Filters, filtered
from rouage.records.totals import RateTotal, totals

_RELATED: Mapping[str, tuple[str, ...]] = {
    "client": ("owner__user",),
    "quote": ("client", "contact", "owner__user"),
    "invoice": ("client", "contact", "owner__user", "quote"),
    "event": ("client", "contact", "owner__user", "lead__user", "quote", "opportunity"),
    "intervention": ("client", "contact", "owner__user", "assignee__user", "quote", "contract"),
    "contract": ("client", "contact", "owner__user"),
    "opportunity": ("client", "contact", "owner__user", "stage", "pipeline"),
    "task": ("assignee__user",),
}
_TASKS = 50
_OF_CLIENT = 10
_LINKED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """``linked``: records made from this one, by kind. ``rates``: what the lines of each VAT rate come to."""

    record: Any
    lines: Sequence[Line] = ()
    rates: Sequence[RateTotal] = ()
    payments: Sequence[Payment] = ()
    contacts: Sequence[Contact] = ()
    linked: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    tasks: Sequence[Task] = ()


def detail(organisation_id: int, kind_key: str, record_id: int) -> Detail | None:
    """None when there is no such record in the organisation. A fixed number of queries, whatever it holds."""
    kind = KINDS[kind_key]
    found = filtered(organisation_id, kind, Filters()).filter(id=record_id)
    record = found.select_related(*_RELATED[kind_key]).first()
    if record is None:
        return None
    lines = _lines(kind_key, record)
    return Detail(
        record=record,
        lines=lines,
        rates=totals((line.net, line.vat_rate) for line in lines).rates,
        payments=_payments(kind_key, record),
        contacts=_contacts(kind_key, record),
        linked=_linked(kind_key, record),
        tasks=tasks_about(organisation_id, kind_key, record_id) if kind_key != "task" else (),
    )


def activity(
    organisation_id: int, kind_key: str, record_id: int, *, after: Mark | None = None, size: int = PAGE
) -> Page[Entry]:
    """Who changed what, from what to what, the newest first (REC-9). One query."""
    return journal_activity(organisation_id, kind_key, record_id, after=after, size=size)


def tasks_about(organisation_id: int, kind_key: str, record_id: int) -> list[Task]:
    """The tasks linked to a record, open ones first. One query."""
    tasks = Task.objects.filter(
        organisation_id=organisation_id, kind=kind_key, record_id=record_id, deleted_at__isnull=True
    )
    return list(tasks.select_related("assignee__user").order_by("-status", "due_at", "id")[:_TASKS])


def records_of_client(organisation_id: int, client_id: int) -> Mapping[str, Sequence[Any]]:
    """The latest records of a client by kind: one query for each kind."""
    mine = Filters(client_id=client_id)
    return {
        kind.key: list(filtered(organisation_id, kind, mine).order_by("-last_activity_at", "-id")[:_OF_CLIENT])
        for kind in KINDS.values()
        if kind.automatable
    }


def _lines(kind_key: str, record: Any) -> Sequence[Line]:  # noqa: ANN401 -- a record of any kind
    match kind_key:
        case "quote":
            return list(QuoteLine.objects.filter(quote=record))
        case "invoice":
            return list(InvoiceLine.objects.filter(invoice=record))
        case _:
            return ()


def _payments(kind_key: str, record: Any) -> Sequence[Payment]:  # noqa: ANN401 -- same
    if kind_key != "invoice":
        return ()
    return list(Payment.objects.filter(invoice=record).order_by("paid_on", "id"))


def _contacts(kind_key: str, record: Any) -> Sequence[Contact]:  # noqa: ANN401 -- same
    client_id = record.pk if kind_key == "client" else getattr(record, "client_id", None)
    if client_id is None:
        return ()
    return list(Contact.objects.filter(client_id=client_id, deleted_at__isnull=True).order_by("-is_main", "name", "id"))


def _linked(kind_key: str, record: Any) -> Mapping[str, Sequence[Any]]:  # noqa: ANN401 -- same
    """The records that name this one, newest first."""
    return {
        new: list(
            filtered(record.organisation_id, KINDS[new], Filters())
            .filter(**{f"{kind_key}_id": record.pk})
            .order_by("-id")[:_LINKED]
        )
        for source, new in SOURCES
        if source == kind_key
    }
