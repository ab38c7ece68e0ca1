"""One row of a file, read column by column; what does not fit is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rouage.records.importing import cells
from rouage.records.importing.columns import Mapped, text_of, value_of
from rouage.records.importing.problems import CellProblem, Problem
from rouage.records.importing.tables import Cell, Table
from rouage.records.reading import Row


@dataclass(slots=True, kw_only=True)
class RowReader:
    """``lines``: the row is one of the file of the lines."""

    table: Table
    mapped: Mapped
    line: int
    row: Sequence[Cell]
    problems: list[Problem]
    lines: bool = False
    is_good: bool = True
    told: set[str] = field(default_factory=set)

    def complain(self, key: str, text: str) -> None:
        """The first thing that is wrong with a cell is said; the rest follows from it."""
        self.is_good = False
        if key in self.told:
            return
        self.told.add(key)
        position = self.mapped.get(key)
        self.problems.append(
            Problem(
                line=self.line,
                column=self.table.header[position] if position is not None else "",
                value=text_of(self.row, self.mapped, key)[:200],
                text=text,
                lines=self.lines,
            )
        )

    def text(self, key: str, longest: int, *, needed: bool = False) -> str:
        value: str = self._read(key, lambda cell: cells.text(cell, longest)) or ""
        if needed and not value and self.is_good:
            self.complain(key, _("This cell is empty. Fill it in."))
        return value

    def long_text(self, key: str) -> str:
        return self._read(key, cells.long_text) or ""

    def amount(self, key: str, places: int = 2) -> Decimal | None:
        value: Decimal | None = self._read(key, lambda cell: cells.amount(cell, places))
        return value

    def percent(self, key: str) -> Decimal | None:
        value: Decimal | None = self._read(key, cells.percent)
        return value

    def fraction(self, key: str) -> Decimal | None:
        value: Decimal | None = self._read(key, cells.fraction)
        return value

    def whole(self, key: str) -> int | None:
        value: int | None = self._read(key, cells.whole)
        return value

    def day(self, key: str) -> date | None:
        value: date | None = self._read(key, cells.day)
        return value

    def moment(self, key: str, zone: str) -> datetime | None:
        value: datetime | None = self._read(key, lambda cell: cells.moment(cell, zone))
        return value

    def choice(self, key: str, words: Mapping[str, str]) -> str:
        """The key whose folded word stands in the cell; empty for an empty one."""
        raw = self.text(key, 100)
        if not raw:
            return ""
        found = words.get(cells.folded(raw))
        if found is None:
            known = ", ".join(sorted({word for word in words if word}))
            self.complain(key, _("This word is not known here. Known are: %(words)s.") % {"words": known})
        return found or ""

    def _read(self, key: str, convert: Callable[[Cell], Any]) -> Any:  # noqa: ANN401 -- what the converter gives
        try:
            return convert(value_of(self.row, self.mapped, key))
        except CellProblem as problem:
            self.complain(key, problem.sentence)
            return None


@dataclass(slots=True, kw_only=True)
class Item:
    """A row that can be written. ``values``: the record's columns; ``existing``: its row, when there is one already.

    ``contact``: what the client's main contact is to be, ``contact_row`` the one that is there. ``paid``: what has
    been received in all, on ``paid_on``.
    """

    line: int
    values: Row
    existing: Row | None = None
    lines: Sequence[Row] = ()
    contact: Row = field(default_factory=dict)
    contact_row: Row | None = None
    paid: Decimal | None = None
    paid_on: date | None = None

    @property
    def changes(self) -> Row:
        """What differs from the existing record."""
        existing = self.existing or {}
        return {name: value for name, value in self.values.items() if existing.get(name) != value}
