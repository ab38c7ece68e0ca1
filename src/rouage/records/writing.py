"""Writes changes and new records in bulk, each with its domain event and its line in the journal (REC-9).

One path for a person's single command and for the effects of five hundred runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from rouage.accounts.models import Member
from rouage.journal import bulk
from rouage.journal.actors import Actor, ActorKind
from rouage.journal.append import ENTRY_COLUMNS, append_events, cause_text, json_text
from rouage.journal.models import Entry
from rouage.planner.model import Link
from rouage.planner.values import frozen
from rouage.records import numbering
from rouage.records.kinds import KINDS, RecordKind
from rouage.records.models import Client, Contact, Pipeline, Stage
from rouage.records.reading import Row, fields_of
from rouage.records.rules import SEARCHED, Change, search_text

# Kept by commands and of no interest to people.
_UNTOLD = frozenset({"search_text", "updated_at", "last_activity_at", "created_at"})
_NAMED: Mapping[str, type[Client | Contact | Pipeline | Stage]] = {
    "client_id": Client,
    "contact_id": Contact,
    "pipeline_id": Pipeline,
    "stage_id": Stage,
}
_ENTRY = (*ENTRY_COLUMNS, "address")
_MEMBERS = frozenset({"owner_id", "lead_id", "assignee_id"})


class About(NamedTuple):
    """The record that an event or a line of the journal is about."""

    organisation_id: int
    kind: str
    record_id: int | None


@frozen(kw_only=True)
class Author:
    """Who writes, and the chain of runs that led to it."""

    actor: Actor
    cause: tuple[Link, ...] = ()

    @property
    def run_id(self) -> int | None:
        return self.actor.id if self.actor.kind == ActorKind.RUN else None


@dataclass(slots=True, kw_only=True, eq=False)
class Write:
    """One record's change: ``row`` is what was read under the lock.

    ``extra`` goes into the event and the journal. ``event`` and ``verb``: other names than the changes would give.
    """

    kind: RecordKind
    row: Row
    change: Change
    author: Author
    extra: Mapping[str, Any] = field(default_factory=dict)
    event: str = ""
    verb: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def after(self) -> Row:
        return {**self.row, **self.values}

    @property
    def about(self) -> About:
        return About(self.row["organisation_id"], self.kind.key, self.row["id"])


@dataclass(slots=True, kw_only=True, eq=False)
class New:
    """One new record: ``row`` has every column but the id, given here. It takes a number of the day ``numbered_on``."""

    kind: RecordKind
    row: Row
    author: Author
    numbered_on: date | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    verb: str = "created"

    @property
    def about(self) -> About:
        return About(self.row["organisation_id"], self.kind.key, self.row["id"])


def write_changes(writes: Sequence[Write], *, now: datetime) -> None:
    """In the caller's transaction, rows read with a lock; at most one write of a record. Fills in ``values``."""
    for write in writes:
        write.values = {**write.change.values, "updated_at": now, "last_activity_at": now}
    _number([
        (write.kind, write.row, write.values, write.after["issue_date"]) for write in writes if write.change.numbered
    ])  # fmt: skip
    for kind, some in _by_kind(writes).items():
        _update(KINDS[kind], some)
    names = _names(writes)
    append_events([row for write in writes for row in _events(write, now)])
    journal([_entry(write, names, now) for write in writes])


def write_new(news: Sequence[New], *, now: datetime, announce: bool = True) -> None:
    """Insert records with their numbers, ``<kind>.created`` events and journal lines; fills in ``row["id"]``.

    Without ``announce`` there are no events: nothing starts on what is only being taken over from elsewhere.
    """
    for new in news:
        new.row |= {"created_at": now, "updated_at": now, "last_activity_at": now}
    _number([(new.kind, new.row, new.row, new.numbered_on) for new in news if new.numbered_on])
    for kind, some in _by_kind(news).items():
        insert(KINDS[kind], [new.row for new in some])
    if announce:
        append_events([
            event(new.author, new.about, "created", {"status": new.row.get("status", ""), **new.extra}, now)
            for new in news
        ])  # fmt: skip
    journal([
        entry(new.author, new.about, f"{new.kind.key}.{new.verb}", {**told(new.kind, new.row), **new.extra}, now)
        for new in news
    ])  # fmt: skip


def insert(kind: RecordKind, rows: Sequence[Row]) -> None:
    """Write rows that have all columns but the id and the search text, which they get here."""
    for row, record_id in zip(rows, bulk.reserve_ids(kind.model, len(rows)), strict=True):
        row["id"] = record_id
        if kind.key in SEARCHED:
            row["search_text"] = search_text(kind.key, row)
    columns = tuple(fields_of(kind.model))
    bulk.insert(kind.model, columns, [tuple(row[column] for column in columns) for row in rows])


def entry(author: Author, about: About, verb: str, data: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """A row for ``journal``."""
    actor = author.actor
    return (
        about.organisation_id, verb, actor.kind.value, actor.id, actor.label, author.run_id, about.kind,
        about.record_id, json_text(data), now, actor.address or None,
    )  # fmt: skip


def journal(rows: Sequence[tuple[Any, ...]]) -> None:
    """Append lines to the journal, with the address that the actor came from (ACC-4)."""
    bulk.insert(Entry, _ENTRY, rows)


def event(author: Author, about: About, name: str, payload: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """A row for append_events; ``name`` is what comes after the kind, such as ``changed``."""
    cause = author.cause
    return (
        about.organisation_id, f"{about.kind}.{name}", about.kind, about.record_id, json_text(payload),
        cause_text(cause), len(cause), now, now,
    )  # fmt: skip


def told(kind: RecordKind, row: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal says of a new record: how it is called and stands."""
    keys = ("number", "name", "title", "subject", "status")
    return {key: row[key] for key in keys if row.get(key)}


def plain(value: Any) -> Any:  # noqa: ANN401 -- a column's value; what JSON can hold
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            return value


def field_name(kind: RecordKind, column: str) -> str:
    """The name in a snapshot and in the catalogue of what a column holds."""
    if column == "contact_id":
        return "contact.document.id"
    return f"{column.removesuffix('_id')}.id" if column.endswith("_id") else column


def changes_of(write: Write) -> dict[str, list[Any]]:
    """{field: [old, new]}, as JSON holds it."""
    return {
        field_name(write.kind, column): [plain(write.row[column]), plain(value)]
        for column, value in write.values.items()
        if column not in _UNTOLD and write.row[column] != value
    }


def _by_kind[T: (Write, New)](items: Sequence[T]) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[item.kind.key].append(item)
    return found


def _number(wanted: Sequence[tuple[RecordKind, Row, dict[str, Any], date]]) -> None:
    """Give each a number of its day's series, into the third of the four."""
    takes = [(numbering.series_of(kind, row["organisation_id"], day), day) for kind, row, _, day in wanted]
    for (kind, row, values, _), number in zip(wanted, numbering.take(takes), strict=True):
        values["number"] = number
        values["search_text"] = search_text(kind.key, {**row, **values})


def _update(kind: RecordKind, writes: Sequence[Write]) -> None:
    columns = tuple(column for column in fields_of(kind.model) if any(column in write.values for write in writes))
    guard = ("status",) if "status" in fields_of(kind.model) else ()
    rows = []
    for write in writes:
        after = write.after
        rows.append((write.row["id"], *(write.row[name] for name in guard), *(after[column] for column in columns)))
    updated = bulk.update(kind.model, guard, columns, rows)
    if len(updated) != len(rows):
        raise RuntimeError(f"{kind.key}: a record changed although it was locked")


def _events(write: Write, now: datetime) -> list[tuple[Any, ...]]:
    """A status change is one event, also when other fields went with it; a stage change is one of its own beside it."""
    row, values = write.row, write.values
    changes = changes_of(write)
    if write.event:
        return [event(write.author, write.about, write.event, {"changes": changes, **write.extra}, now)]
    found: list[tuple[str, dict[str, Any]]] = []
    if values.get("stage_id", row.get("stage_id")) != row.get("stage_id"):
        found.append(("stage_changed", {"from": row["stage_id"], "to": values["stage_id"], "changes": changes}))
    if "status" in changes:
        old, new = changes.pop("status")
        # What else changed is told once, so that a date that moved with it is not met twice.
        found.append(("status_changed", {"from": old, "to": new, "changes": {} if found else changes}))
    if not found:
        found.append(("changed", {"changes": changes}))
    return [event(write.author, write.about, name, {**payload, **write.extra}, now) for name, payload in found]


def _entry(write: Write, names: Mapping[tuple[str, int], str], now: datetime) -> tuple[Any, ...]:
    changes, row = changes_of(write), write.row
    data: dict[str, Any] = {"changes": changes, **write.extra}
    if "status" in changes:
        data |= dict(zip(("from", "to"), changes["status"], strict=True))
    called = {
        field_name(write.kind, column): [names.get((column, row[column])), names.get((column, value))]
        for column, value in write.values.items()
        if _is_named(column) and row[column] != value
    }
    if called:
        data["names"] = called
    return entry(write.author, write.about, write.verb or f"{write.kind.key}.{_verb(write, changes)}", data, now)


def _verb(write: Write, changes: Mapping[str, Any]) -> str:
    if write.event:
        return write.event
    return "stage_changed" if "stage.id" in changes else "status_changed" if "status" in changes else "changed"


def _is_named(column: str) -> bool:
    return column in _MEMBERS or column in _NAMED


def _names(writes: Sequence[Write]) -> Mapping[tuple[str, int], str]:
    """What the members, clients and stages are called that a change names: the journal shows names, not numbers."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for write in writes:
        for column, value in write.values.items():
            if _is_named(column) and write.row[column] != value:
                wanted[column] |= {write.row[column], value} - {None}
    found: dict[tuple[str, int], str] = {}
    for column, ids in wanted.items():
        if column in _MEMBERS:
            pairs: Collection[tuple[int, str]] = Member.objects.filter(id__in=ids).values_list("id", "user__name")
        else:
            pairs = _NAMED[column].objects.filter(id__in=ids).values_list("id", "name")
        found |= {(column, number): name for number, name in pairs}
    return found
