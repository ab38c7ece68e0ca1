"""Writes checked rows of any kind: new records and changed ones, quietly unless asked otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rouage.accounts.models import Organisation
from rouage.records.importing.rows import Item
from rouage.records.kinds import KINDS
from rouage.records.reading import Row, defaults
from rouage.records.rules import Change, following
from rouage.records.writing import Author, New, Write, write_changes, write_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Who imports, where and when. ``announce``: automations start on what is new, as if it had been typed in."""

    organisation: Organisation
    author: Author
    now: datetime
    today: date
    announce: bool


def write_items(kind_key: str, items: Sequence[Item], base: Row, run: Import) -> list[Row]:
    """The row of each item, written. ``base``: columns of new records that no item has.

    A change of a record that was there is told as ``<kind>.imported``: it starts nothing, but open runs follow the
    record (a paid invoice stops its reminders).
    """
    kind = KINDS[kind_key]
    whole = {**defaults(kind.model), "organisation_id": run.organisation.pk, **base}
    news = {
        item.line: New(kind=kind, row={**whole, **item.values}, author=run.author, verb="imported")
        for item in items
        if not item.existing
    }
    write_new(list(news.values()), now=run.now, announce=run.announce)
    writes = {item.line: _write(kind_key, item, run) for item in items if item.existing and item.changes}
    write_changes(list(writes.values()), now=run.now)
    return [_row(item, news, writes) for item in items]


def _row(item: Item, news: dict[int, New], writes: dict[int, Write]) -> Row:
    if item.line in news:
        return news[item.line].row
    return writes[item.line].after if item.line in writes else item.existing or {}


def _write(kind_key: str, item: Item, run: Import) -> Write:
    row = item.existing or {}
    changes = item.changes
    changes |= following(kind_key, {**row, **changes}, run.today)
    kind, change = KINDS[kind_key], Change(values=changes)
    event = "" if run.announce else "imported"
    return Write(kind=kind, row=row, change=change, author=run.author, event=event, verb=f"{kind_key}.imported")
