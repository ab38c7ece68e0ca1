"""Changes of any record: its fields, its status, a note, a press on its button, its deletion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from rouage.journal.actors import Actor
from rouage.journal.append import append_events
from rouage.planner.model import Link
from rouage.records import rules
from rouage.records.commands.basics import (
    AnyRecord,
    author,
    change_of,
    invalid,
    kind_of,
    locked,
    today_of,
    write,
)
from rouage.records.commands.cleaning import clean
from rouage.records.errors import Invalid, refuse
from rouage.records.kinds import KINDS
from rouage.records.models import InvoiceLine, Opportunity, QuoteLine, Record
from rouage.records.reading import Row
from rouage.records.rules import Change
from rouage.records.stages import stage_for
from rouage.records.writing import About, Write, entry, event, journal

NOTE_LENGTH = 10_000


@transaction.atomic
def change_fields(
    actor: Actor, record: AnyRecord, values: Mapping[str, Any], *, now: datetime, cause: Sequence[Link] = ()
) -> bool:
    """Change columns that people may change; whether anything differed.

    Raises Invalid for values that do not fit, and Refused if somebody else has changed one of them since ``record``
    was read.
    """
    kind, row = kind_of(record), locked(record)
    wanted = clean(kind, record.organisation_id, values, allowed=kind.editable, present=row)
    for column in wanted:
        if column in kind.required and wanted[column] in {None, ""}:
            raise Invalid({column: _("This field is required.")})
        if row[column] != getattr(record, column) and row[column] != wanted[column]:
            raise refuse("record.moved")
    if wanted.get("client_id", row.get("client_id")) != row.get("client_id"):
        # The contact belongs to the former client.
        wanted.setdefault("contact_id", None)
    outcome = rules.change_fields(kind, row, wanted, today=today_of(record, now))
    if isinstance(outcome, tuple):
        raise invalid(*outcome)
    if outcome.values:
        write(record, Write(kind=kind, row=row, change=outcome, author=author(actor, cause)), now=now)
    return bool(outcome.values)


@transaction.atomic
def change_status(
    actor: Actor,
    record: AnyRecord,
    status: str,
    *,
    now: datetime,
    cause: Sequence[Link] = (),
    expected: str | None = None,
) -> None:
    """Give the record another status, with the number and the moments that go with it. Raises Refused.

    ``expected``: the status that the person saw; if it is another one by now, the change is refused.
    """
    kind, row = kind_of(record), locked(record)
    if expected is not None and row["status"] != expected:
        raise refuse("record.moved")
    change = change_of(rules.change_status(kind, row, status, now=now, today=today_of(record, now)))
    if isinstance(record, Opportunity):
        change = Change(values={**change.values, "stage_id": stage_for(row["pipeline_id"], status)})
    if change.numbered:
        require_lines(record)
    write(record, Write(kind=kind, row=row, change=change, author=author(actor, cause)), now=now)


def require_lines(record: AnyRecord) -> None:
    lines: models.QuerySet[Any] = (
        QuoteLine.objects.filter(quote_id=record.pk)
        if kind_of(record).key == "quote"
        else InvoiceLine.objects.filter(invoice_id=record.pk)
    )
    if not lines.exists():
        raise refuse("document.empty")


@transaction.atomic
def add_note(actor: Actor, record: AnyRecord, text: str, *, now: datetime, cause: Sequence[Link] = ()) -> None:
    """A line in the record's activity. A person's note is activity: an idle record is idle no longer."""
    text = text.strip()
    if not text:
        raise Invalid({"text": _("Write the note first.")})
    if len(text) > NOTE_LENGTH:
        raise Invalid({"text": _("A note has at most %(number)d characters.") % {"number": NOTE_LENGTH}})
    kind, row = kind_of(record), locked(record)
    by, about = author(actor, cause), About(record.organisation_id, kind.key, record.pk)
    journal([entry(by, about, "note.added", {"text": text}, now)])
    if isinstance(record, Record):
        changes = {"last_activity_at": [row["last_activity_at"].isoformat(), now.isoformat()]}
        type(record)._default_manager.filter(pk=record.pk).update(last_activity_at=now)
        record.last_activity_at = now
        append_events([event(by, about, "changed", {"changes": changes}, now)])


@transaction.atomic
def press_button(
    actor: Actor,
    records: Sequence[AnyRecord],
    *,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    cause: Sequence[Link] = (),
) -> None:
    """A person starts an automation by hand on one record or many: a ``<kind>.button`` event each."""
    by, data = author(actor, cause), dict(payload or {})
    rows = [(record, locked(record)) for record in sorted(records, key=lambda record: record.pk)]
    abouts = [About(row["organisation_id"], kind_of(record).key, record.pk) for record, row in rows]
    append_events([event(by, about, "button", data, now) for about in abouts])
    journal([entry(by, about, f"{about.kind}.button_pressed", data, now) for about in abouts])


@transaction.atomic
def delete_record(actor: Actor, record: AnyRecord, *, now: datetime, cause: Sequence[Link] = ()) -> None:
    """Take the record out of everybody's sight; its row and its journal stay. Raises Refused.

    An issued invoice cannot be deleted, nor a quote that was invoiced, nor a client who has records.
    """
    kind, row = kind_of(record), locked(record)
    _require_deletable(kind.key, row)
    change = Change(values={"deleted_at": now})
    write(record, Write(kind=kind, row=row, change=change, author=author(actor, cause), event="deleted"), now=now)


def _require_deletable(kind: str, row: Row) -> None:
    if kind == "invoice" and row["number"]:
        raise refuse("invoice.issued")
    if kind == "quote" and row["status"] == "invoiced":
        raise refuse("quote.invoiced")
    if kind == "client":
        count = records_of_client(row["organisation_id"], row["id"])
        if count:
            raise refuse("client.in_use", count=count)


def records_of_client(organisation_id: int, client_id: int) -> int:
    """How many records there are that a client's deletion would leave without client."""
    return sum(
        kind.model._default_manager.filter(
            organisation_id=organisation_id, client_id=client_id, deleted_at__isnull=True
        ).count()
        for kind in KINDS.values()
        if kind.automatable
    )
