"""Lists of records: filtered, searched, in pages that cost the same wherever they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, F, Q, QuerySet, Sum

from rouage.records.kinds import KINDS, RecordKind
from rouage.records.local import local_moment
from rouage.records.models import Record, Task
from rouage.records.reading import fields_of
from rouage.records.search import fold
from rouage.records.totals import ZERO, cents

PAGE = 50
_LARGEST = 2**63 - 1
# What a list row shows besides the record's own columns, read with it.
_RELATED: Mapping[str, tuple[str, ...]] = {
    "client": ("owner__user",),
    "quote": ("client", "owner__user"),
    "invoice": ("client", "owner__user"),
    "event": ("client", "owner__user", "lead__user"),
    "intervention": ("client", "owner__user", "assignee__user"),
    "contract": ("client", "owner__user"),
    "opportunity": ("client", "owner__user", "stage", "pipeline"),
    "task": ("assignee__user",),
}
_AMOUNTS: Mapping[str, str] = {
    "quote": "total_gross",
    "invoice": "total_gross",
    "contract": "amount",
    "opportunity": "amount",
}
_OWNERS: Mapping[str, tuple[str, ...]] = {
    "event": ("owner_id", "lead_id"),
    "intervention": ("owner_id", "assignee_id"),
    "task": ("assignee_id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is not given does not restrict. ``since`` and ``until``, both included, are about the order's date.

    ``owner_id`` also finds those whom a record is assigned to or who lead it.
    """

    statuses: Collection[str] = ()
    client_id: int | None = None
    owner_id: int | None = None
    stage_id: int | None = None
    pipeline_id: int | None = None
    search: str = ""
    since: date | None = None
    until: date | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a list: after the row with this sort value and id. Its text form stands in an address."""

    value: str
    id: int

    def __str__(self) -> str:
        return f"{self.value}_{self.id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no mark: the list then starts at its head."""
        value, separator, number = text.rpartition("_")
        if not separator or not number.isascii() or not number.isdigit() or "\x00" in value:
            return None
        return cls(value, int(number)) if int(number) <= _LARGEST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[M: models.Model]:
    """``next`` is the mark of the page that follows, or None on the last one."""

    rows: Sequence[M]
    next: Mark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """``amount`` is the sum of the kind's main amount, zero where it has none."""

    count: int
    amount: Decimal


def records(
    organisation_id: int, kind_key: str, filters: Filters | None = None, *, after: Mark | None = None, size: int = PAGE
) -> Page[Any]:
    """Model objects with their client and members, in the kind's order; what has no date comes last. One query."""
    kind = KINDS[kind_key]
    found = filtered(organisation_id, kind, filters or Filters()).select_related(*_RELATED[kind_key])
    found = _following(found, kind, after)
    order = F(kind.order).desc(nulls_last=True) if kind.descending else F(kind.order).asc(nulls_last=True)
    rows = list(found.order_by(order, "-id" if kind.descending else "id")[: size + 1])
    shown = rows[:size]
    return Page(rows=shown, next=_mark(kind, shown[-1]) if len(rows) > size else None)


def summaries(organisation_id: int, kind_key: str, filters: Filters | None = None) -> Mapping[str, Summary]:
    """Number and sum by status, for the tabs of a list; the filter's own statuses are left aside. One query."""
    kind = KINDS[kind_key]
    found = filtered(organisation_id, kind, filters or Filters(), ignore_status=True)
    amount = _AMOUNTS.get(kind_key)
    grouped = found.order_by() if kind_key == "client" else found.order_by().values("status")
    if kind_key == "client":
        return {"": Summary(count=grouped.count(), amount=ZERO)}
    counted = grouped.annotate(number=Count("id"), **({"amount": Sum(amount)} if amount else {}))
    return {row["status"]: Summary(count=row["number"], amount=cents(row.get("amount") or ZERO)) for row in counted}


def filtered(organisation_id: int, kind: RecordKind, filters: Filters, *, ignore_status: bool = False) -> QuerySet[Any]:
    manager: models.Manager[Any] = kind.model._default_manager
    found = manager.filter(organisation_id=organisation_id, deleted_at__isnull=True)
    conditions = Q()
    columns = fields_of(kind.model)
    if filters.statuses and not ignore_status and "status" in columns:
        conditions &= Q(status__in=list(filters.statuses))
    for column in ("client_id", "stage_id", "pipeline_id"):
        value = getattr(filters, column)
        if value is not None and column in columns:
            conditions &= Q(**{column: value})
    if filters.owner_id is not None:
        names = _OWNERS.get(kind.key, ("owner_id",))
        conditions &= Q(*((name, filters.owner_id) for name in names), _connector=Q.OR)
    return found.filter(conditions, *_period(kind, filters), *_search(kind, filters.search))


def _period(kind: RecordKind, filters: Filters) -> list[Q]:
    field = fields_of(kind.model)[kind.order]
    if not isinstance(field, models.DateField):
        return []
    first: date | None = filters.since
    end = filters.until + timedelta(days=1) if filters.until and filters.until < date.max else None
    if isinstance(field, models.DateTimeField):
        first = local_moment(first, time.min, filters.zone) if first else None
        end = local_moment(end, time.min, filters.zone) if end else None
    bounds = {f"{kind.order}__gte": first, f"{kind.order}__lt": end}
    return [Q(**{name: value}) for name, value in bounds.items() if value is not None]


def _search(kind: RecordKind, text: str) -> list[Q]:
    """Every word must be found, in the record's own text or in its client's; an amount also by itself."""
    words = fold(text).split()
    columns = fields_of(kind.model)
    conditions = []
    for word in words:
        if "search_text" in columns:
            condition = Q(search_text__contains=word)
        else:
            condition = Q(title__icontains=word) | Q(description__icontains=word)
        if "client_id" in columns:
            condition |= Q(client__search_text__contains=word)
        conditions.append(condition)
    amount = _amount(text) if kind.key in _AMOUNTS else None
    if amount is not None:
        return [Q(**{_AMOUNTS[kind.key]: amount}) | Q(*conditions)]
    return conditions


def _amount(text: str) -> Decimal | None:
    """1 284,00 € and 1284.00 alike."""
    plain = "".join(char for char in text if not char.isspace()).rstrip("€").replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None


def _following(found: QuerySet[Any], kind: RecordKind, after: Mark | None) -> QuerySet[Any]:
    if after is None:
        return found
    beyond = {"id__lt" if kind.descending else "id__gt": after.id}
    if not after.value:
        return found.filter(**{f"{kind.order}__isnull": True}, **beyond)
    field = fields_of(kind.model)[kind.order]
    try:
        value = field.to_python(after.value)
    except (ValidationError, ValueError):
        return found
    if isinstance(value, datetime) and value.tzinfo is None:
        return found
    direction = "lt" if kind.descending else "gt"
    if not field.null:
        # Not "beyond, or equal and with a further id": databases read an index by a range, not by an "or".
        upto = {"id__gte" if kind.descending else "id__lte": after.id}
        return found.filter(~Q(**{kind.order: value}, **upto), **{f"{kind.order}__{direction}e": value})
    further = Q(**{f"{kind.order}__{direction}": value}) | Q(**{kind.order: value}, **beyond)
    return found.filter(further | Q(**{f"{kind.order}__isnull": True}))


def _mark(kind: RecordKind, row: Record | Task) -> Mark:
    value = getattr(row, kind.order)
    text = value.isoformat() if isinstance(value, date) else value
    return Mark(text or "", row.pk)
