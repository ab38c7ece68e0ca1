"""What every command does: lock the record, decide by the rules, write the change with its event and journal line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.planner.model import Link, Reason
from rouage.records import rules
from rouage.records.commands.cleaning import clean
from rouage.records.errors import Invalid, refuse, sentence
from rouage.records.kinds import KINDS, RecordKind
from rouage.records.local import local_day
from rouage.records.models import Client, Record, Task
from rouage.records.reading import Row, defaults, instance, read
from rouage.records.rules import Change
from rouage.records.writing import Author, New, Write, write_changes, write_new

type AnyRecord = Record | Task


def kind_of(record: AnyRecord) -> RecordKind:
    return KINDS[type(record).__name__.lower()]


def locked(record: AnyRecord) -> Row:
    """The record's row as it is now; others wait until this transaction ends. Refused when it has been deleted."""
    rows = read(type(record), [record.pk], lock=True)
    if not rows or rows[0]["deleted_at"] or rows[0]["organisation_id"] != record.organisation_id:
        raise refuse("record.gone")
    row = rows[0]
    if "due_date" in row:
        row["payment_days"] = Client.objects.values_list("payment_days", flat=True).get(pk=row["client_id"])
    return row


def today_of(record: AnyRecord, now: datetime) -> date:
    return local_day(now, record.organisation.zone)


def author(actor: Actor, cause: Sequence[Link] = ()) -> Author:
    return Author(actor=actor, cause=tuple(cause))


def write(record: AnyRecord, write_: Write, *, now: datetime) -> None:
    """Write one change and bring ``record`` up to date."""
    write_changes([write_], now=now)
    for column, value in write_.after.items():
        setattr(record, column, value)


def create(
    actor: Actor,
    organisation: Organisation,
    kind: RecordKind,
    values: Mapping[str, Any],
    *,
    computed: Mapping[str, Any],
    numbered: bool = False,
    now: datetime,
    cause: Sequence[Link],
) -> Row:
    """Check ``values`` (what people chose), add the ``computed`` ones, write the record; its row, id included."""
    today = local_day(now, organisation.zone)
    row = {**defaults(kind.model), "organisation_id": organisation.id, **computed}
    row |= clean(kind, organisation.id, values, allowed=kind.editable | kind.linked, present=row)
    _require(kind, row)
    problem = rules.dates_problem(kind.key, row, frozenset(row))
    if problem:
        raise invalid(*problem)
    row |= rules.following(kind.key, row, today)
    new = New(kind=kind, row=row, author=author(actor, cause), numbered_on=today if numbered else None)
    write_new([new], now=now)
    return new.row


def made[T: models.Model](model: type[T], row: Row) -> T:
    return instance(model, row)


def invalid(column: str, reason: Reason) -> Invalid:
    return Invalid({column: sentence(reason)})


def change_of(outcome: Change | Reason) -> Change:
    if isinstance(outcome, Reason):
        raise refuse(outcome.code, **outcome.data)
    return outcome


def _require(kind: RecordKind, row: Row) -> None:
    errors = {name: _("This field is required.") for name in kind.required if not row.get(name)}
    if errors:
        raise Invalid(errors)
