"""What the passing of a day does to records: invoices fall due, quotes expire. The engine's clock calls it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from rouage.accounts.models import Organisation
from rouage.journal.actors import SYSTEM
from rouage.records.kinds import KINDS
from rouage.records.local import local_day
from rouage.records.models import Invoice, Quote
from rouage.records.reading import read
from rouage.records.rules import Change
from rouage.records.writing import Author, Write, write_changes

BATCH = 500
_UNPAID = ("sent", "opened", "partially_paid")
_UNANSWERED = ("sent", "opened")


def mark_overdue(now: datetime) -> int:
    """Unpaid invoices whose due date is over where their organisation works; how many became overdue."""
    return sum(_in_batches("invoice", day, zones, now=now) for day, zones in _days(now).items())


def expire_quotes(now: datetime) -> int:
    """Unanswered quotes whose validity is over where their organisation works; how many expired."""
    return sum(_in_batches("quote", day, zones, now=now) for day, zones in _days(now).items())


def _days(now: datetime) -> Mapping[date, list[str]]:
    """The time zones by the day that it is there: at most three days at any moment."""
    days: dict[date, list[str]] = defaultdict(list)
    for zone in Organisation.objects.order_by().values_list("zone", flat=True).distinct():
        days[local_day(now, zone)].append(zone)
    return days


def _in_batches(kind: str, day: date, zones: list[str], *, now: datetime) -> int:
    done = 0
    while True:
        with transaction.atomic():
            count = _batch(kind, day, zones, now=now)
        done += count
        if count < BATCH:
            return done


def _batch(kind: str, day: date, zones: list[str], *, now: datetime) -> int:
    """Each batch in a transaction of its own. A row that another worker holds is left to it."""
    late = _overdue(day) if kind == "invoice" else _expired(day)
    late = late.filter(organisation__zone__in=zones, deleted_at__isnull=True).order_by("id")
    ids = list(late.select_for_update(skip_locked=True, of=("self",)).values_list("id", flat=True)[:BATCH])
    status = "overdue" if kind == "invoice" else "expired"
    author = Author(actor=SYSTEM)
    write_changes(
        [
            Write(kind=KINDS[kind], row=row, change=Change(values={"status": status}), author=author)
            for row in read(KINDS[kind].model, ids)
        ],
        now=now,
    )
    return len(ids)


def _overdue(day: date) -> QuerySet[Invoice] | QuerySet[Quote]:
    return Invoice.objects.filter(status__in=_UNPAID, due_date__lt=day, balance__gt=0)


def _expired(day: date) -> QuerySet[Invoice] | QuerySet[Quote]:
    return Quote.objects.filter(status__in=_UNANSWERED, validity_date__lt=day)
