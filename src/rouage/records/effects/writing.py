"""Writes the effects of a whole batch of runs: a fixed number of statements for each kind of record and effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rouage.accounts.models import Member, Organisation
from rouage.journal import bulk
from rouage.journal.actors import Actor, ActorKind
from rouage.journal.append import json_text
from rouage.planner.model import Reason
from rouage.records import rules
from rouage.records.conversion import Conversion, convert, refusal
from rouage.records.effects.values import Effect, FieldChange, NewNote, NewRecord, NewTask, StatusChange
from rouage.records.kinds import KINDS
from rouage.records.local import local_day
from rouage.records.models import Client, InvoiceLine, QuoteLine, Task
from rouage.records.reading import Row, read
from rouage.records.rules import Change
from rouage.records.stages import stages_by_outcome
from rouage.records.typed import typed
from rouage.records.writing import About, Author, Write, journal, write_changes

_TASK = (
    "id", "organisation_id", "title", "description", "due_at", "assignee_id", "kind", "record_id", "status", "run_id",
    "position", "created_by", "created_at", "updated_at",
)  # fmt: skip
_TITLE = 200
_RUN = ActorKind.RUN.value
_GONE = Reason(code="record.gone")
_MOVED = Reason(code="record.moved")
_MEMBERS = frozenset({"owner_id", "lead_id", "assignee_id"})

type Changing = StatusChange | FieldChange | NewRecord
type Refusals = dict[Effect, Reason]


def write(effects: Sequence[Effect], *, now: datetime) -> Refusals:
    """Write them in the caller's transaction; those that could not be done, each with its reason.

    Of two effects that change the same field of a record, the first one wins and the other is refused.
    """
    refused: Refusals = {}
    _write_tasks([effect for effect in effects if isinstance(effect, NewTask)], now)
    _write_notes([effect for effect in effects if isinstance(effect, NewNote)], now)
    changing = [effect for effect in effects if isinstance(effect, StatusChange | FieldChange | NewRecord)]
    if changing:
        _write_records(changing, refused, now)
    return refused


def _author(effect: Effect) -> Author:
    return Author(actor=Actor(kind=ActorKind.RUN, id=effect.run_id, label=effect.actor), cause=effect.cause)


def _about(effect: Effect) -> About:
    return About(effect.organisation_id, effect.kind, effect.record_id)


def _write_tasks(tasks: Sequence[NewTask], now: datetime) -> None:
    ids = bulk.reserve_ids(Task, len(tasks))
    bulk.insert(Task, _TASK, [
        (
            number, task.organisation_id, task.title[:_TITLE], task.description, task.due_at, task.assignee_id,
            task.kind, task.record_id, "open", task.run_id, task.position, task.actor[:150], now, now,
        )
        for number, task in zip(ids, tasks, strict=True)
    ])  # fmt: skip
    journal(
        [
            _line(
                task, "task.created", {"task_id": number, "title": task.title[:_TITLE], "position": task.position}, now
            )
            for number, task in zip(ids, tasks, strict=True)
        ]
    )


def _write_notes(notes: Sequence[NewNote], now: datetime) -> None:
    journal([_line(note, "note.added", {"text": note.text, "position": note.position}, now) for note in notes])


def _line(effect: Effect, verb: str, data: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """As ``entry`` makes it, without the values in between: these two are written by the thousand."""
    return (
        effect.organisation_id, verb, _RUN, effect.run_id, effect.actor, effect.run_id, effect.kind, effect.record_id,
        json_text(data), now, None,
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Batch:
    """What the decisions of a batch need, read once; ``touched``: what an earlier effect of the batch has changed."""

    rows: Mapping[tuple[str, int], Row]
    zones: Mapping[int, str]
    members: Mapping[int, int]
    stages: Mapping[tuple[int, str], int]
    empty: frozenset[tuple[str, int]]
    now: datetime
    touched: set[tuple[str, int, str]] = field(default_factory=set)

    def today(self, effect: Effect) -> date:
        return local_day(self.now, self.zones[effect.organisation_id])

    def row(self, effect: Effect) -> Row | None:
        row = self.rows.get((effect.kind, effect.record_id))
        return row if row and row["organisation_id"] == effect.organisation_id and not row["deleted_at"] else None

    def is_member(self, member_id: int, organisation_id: int) -> bool:
        return self.members.get(member_id) == organisation_id


def _write_records(effects: Sequence[Changing], refused: Refusals, now: datetime) -> None:
    """In rounds: the effects on one record follow one another, each an event of its own; nearly always there is one."""
    batch = _read(effects, now)
    queues: dict[tuple[str, int], list[Changing]] = defaultdict(list)
    for effect in effects:
        queues[effect.kind, effect.record_id].append(effect)
    while queues:
        first = [queue.pop(0) for queue in queues.values()]
        decided = {effect: _decide(effect, batch) for effect in first}
        refused |= {effect: outcome for effect, outcome in decided.items() if isinstance(outcome, Reason)}
        writes = [outcome for outcome in decided.values() if isinstance(outcome, Write) and outcome.change.values]
        write_changes(writes, now=now)
        for write_ in writes:
            write_.row.update(write_.values)
        convert([outcome for outcome in decided.values() if isinstance(outcome, Conversion)], now=now)
        queues = {key: queue for key, queue in queues.items() if queue}


def _decide(effect: Changing, batch: _Batch) -> Write | Conversion | Reason:
    row = batch.row(effect)
    if row is None:
        return _GONE
    match effect:
        case StatusChange():
            return _status(effect, row, batch)
        case FieldChange():
            return _field(effect, row, batch)
        case NewRecord():
            return _conversion(effect, row, batch)


def _status(effect: StatusChange, row: Row, batch: _Batch) -> Write | Reason:
    key = (effect.kind, effect.record_id, "status")
    # Decided on a reading that is old by now: told, not overwritten.
    if key in batch.touched or effect.expected not in {None, row["status"]}:
        return _MOVED
    kind = KINDS[effect.kind]
    outcome = rules.change_status(kind, row, effect.status, now=batch.now, today=batch.today(effect))
    if isinstance(outcome, Reason):
        return outcome
    if outcome.numbered and key[:2] in batch.empty:
        return Reason(code="document.empty")
    if effect.kind == "opportunity":
        stage_id = batch.stages[row["pipeline_id"], effect.status]
        outcome = Change(values={**outcome.values, "stage_id": stage_id})
    batch.touched.add(key)
    return Write(kind=kind, row=row, change=outcome, author=_author(effect))


def _field(effect: FieldChange, row: Row, batch: _Batch) -> Write | Reason:
    kind = KINDS[effect.kind]
    value = typed(kind, effect.field, effect.value)
    if isinstance(value, Reason):
        return value
    column, new = value
    if column in _MEMBERS and new is not None and not batch.is_member(new, effect.organisation_id):
        return Reason(code="field.invalid", data={"kind": effect.kind, "field": effect.field, "value": str(new)})
    key = (effect.kind, effect.record_id, column)
    if key in batch.touched:
        return _MOVED
    outcome = rules.change_fields(kind, row, {column: new}, today=batch.today(effect))
    if isinstance(outcome, tuple):
        return outcome[1]
    batch.touched.add(key)
    return Write(kind=kind, row=row, change=outcome, author=_author(effect))


def _conversion(effect: NewRecord, row: Row, batch: _Batch) -> Conversion | Reason:
    values: dict[str, Any] = {}
    for name, raw in effect.values.items():
        value = typed(KINDS[effect.new], name, raw)
        if isinstance(value, Reason):
            return value
        column, new = value
        if column in _MEMBERS and new is not None and not batch.is_member(new, effect.organisation_id):
            return Reason(code="field.invalid", data={"kind": effect.new, "field": name, "value": str(new)})
        values[column] = new
    conversion = Conversion(
        new=effect.new,
        source_kind=effect.kind,
        source=row,
        values=values,
        author=_author(effect),
        today=batch.today(effect),
    )
    return refusal(conversion) or conversion


def _read(effects: Sequence[Changing], now: datetime) -> _Batch:
    ids: dict[str, set[int]] = defaultdict(set)
    for effect in effects:
        ids[effect.kind].add(effect.record_id)
    # Kind by kind and in the order of their ids: two workers never wait for each other.
    rows = {
        (kind, row["id"]): row
        for kind in sorted(ids)
        if kind in KINDS
        for row in read(KINDS[kind].model, ids[kind], lock=True)
    }
    _add_terms(rows)
    organisations = {effect.organisation_id for effect in effects}
    return _Batch(
        rows=rows,
        zones=dict(Organisation.objects.filter(id__in=organisations).values_list("id", "zone")),
        members=_members(effects),
        stages=_stages(effects, rows),
        empty=_without_lines(rows),
        now=now,
    )


def _drafts(rows: Mapping[tuple[str, int], Row], kind: str) -> dict[int, Row]:
    return {number: row for (key, number), row in rows.items() if key == kind and not row["number"]}


def _add_terms(rows: Mapping[tuple[str, int], Row]) -> None:
    """The client's payment term, for invoices that may be issued here."""
    drafts = _drafts(rows, "invoice")
    terms = {
        client["id"]: client["payment_days"] for client in read(Client, {row["client_id"] for row in drafts.values()})
    }
    for row in drafts.values():
        row["payment_days"] = terms[row["client_id"]]


def _without_lines(rows: Mapping[tuple[str, int], Row]) -> frozenset[tuple[str, int]]:
    """Drafts that cannot be issued, because they say nothing."""
    quotes, invoices = _drafts(rows, "quote"), _drafts(rows, "invoice")
    empty = {("quote", number) for number in quotes} | {("invoice", number) for number in invoices}
    if quotes:
        empty -= {
            ("quote", n) for n in QuoteLine.objects.filter(quote_id__in=quotes).values_list("quote_id", flat=True)
        }
    if invoices:
        lines = InvoiceLine.objects.filter(invoice_id__in=invoices)
        empty -= {("invoice", number) for number in lines.values_list("invoice_id", flat=True)}
    return frozenset(empty)


def _stages(effects: Sequence[Changing], rows: Mapping[tuple[str, int], Row]) -> Mapping[tuple[int, str], int]:
    moved = {
        effect.record_id for effect in effects if effect.kind == "opportunity" and isinstance(effect, StatusChange)
    }
    pipelines = {
        row["pipeline_id"] for (kind, number), row in rows.items() if kind == "opportunity" and number in moved
    }
    return stages_by_outcome(pipelines) if pipelines else {}


def _members(effects: Sequence[Changing]) -> Mapping[int, int]:
    """The organisation of each active member that an effect names."""
    named: set[int] = set()
    for effect in effects:
        match effect:
            case FieldChange(value=int() as number):
                named.add(number)
            case NewRecord(values=values):
                named |= {number for number in values.values() if isinstance(number, int)}
            case _:
                pass
    if not named:
        return {}
    return dict(Member.objects.filter(id__in=named, is_active=True).values_list("id", "organisation_id"))
