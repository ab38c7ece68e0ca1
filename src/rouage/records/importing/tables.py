"""Reads CSV and XLSX files into rows of cells, whatever program wrote them, and refuses what is neither."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath

from django.utils.translation import gettext as _

from rouage.records.importing.problems import FileProblem
from rouage.records.importing.workbooks import MAX_ROWS, is_workbook, workbook_rows

type Cell = str | int | float | bool | date | datetime | time | None

MAX_BYTES = 10 * 1024 * 1024
MAX_COLUMNS = 200
MAX_CELL = 10_000
_DELIMITERS = ";,\t|"
_SAMPLE = 20
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = frozenset(range(32)) - {9, 10, 13}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``rows``: the line in the file and its cells, as many as there are headings. ``name`` is the file's."""

    name: str
    header: tuple[str, ...]
    rows: Sequence[tuple[int, tuple[Cell, ...]]]


def read_table(data: bytes, name: str) -> Table:
    """The first sheet of a workbook, or a CSV file in any usual encoding and with any usual separator.

    Raises FileProblem.
    """
    name = PurePath(name.replace("\\", "/")).name[:200]
    if len(data) > MAX_BYTES:
        raise FileProblem(_("The file is larger than 10 MB. Split it into several files."))
    if not data.strip():
        raise FileProblem(_("The file is empty. Choose another one."))
    if data.startswith(_OLD_EXCEL):
        raise FileProblem(_("This is an old Excel file (.xls). Save it as .xlsx or CSV and choose it again."))
    rows = workbook_rows(data, MAX_COLUMNS) if is_workbook(data) else _csv_rows(_text(data))
    return _table(name, rows)


def shown(cell: Cell) -> str:
    """The cell as the person sees it in the spreadsheet, more or less."""
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
        case _:
            return str(cell).strip()


def _table(name: str, found: Iterable[tuple[int, Sequence[Cell]]]) -> Table:
    rows = iter(found)
    header = next(((line, cells) for line, cells in rows if _is_filled(cells)), None)
    if header is None:
        raise FileProblem(_("The file is empty. Choose another one."))
    headings = [shown(cell) for cell in header[1]]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise FileProblem(
            _("The file has more than %(number)d columns. Delete those you do not need.") % {"number": MAX_COLUMNS}
        )
    kept = [(line, _fitted(line, cells, len(headings))) for line, cells in rows if _is_filled(cells)]
    if not kept:
        raise FileProblem(_("The file has headings but no line below them."))
    return Table(name=name, header=tuple(headings), rows=kept)


def _fitted(line: int, cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    if _is_filled(cells[width:]):
        raise FileProblem(
            _("Line %(line)d has more cells than there are headings. Put quotation marks around the text.")
            % {"line": line}
        )
    for cell in cells:
        if isinstance(cell, str) and len(cell) > MAX_CELL:
            raise FileProblem(_("Line %(line)d: a text has more than 10,000 characters. Shorten it.") % {"line": line})
    return (*cells[:width], *[None] * (width - len(cells)))


def _is_filled(cells: Sequence[Cell]) -> bool:
    return any(cell is not None and shown(cell) for cell in cells)


def limited[T](rows: Iterable[T]) -> Iterator[T]:
    """The rows, until they are too many."""
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise FileProblem(_("The file has more than 50,000 lines. Split it into several files."))
        yield row


def _text(data: bytes) -> str:
    """UTF-8, or what Excel writes in Western Europe. Neither has a zero byte, or many control characters."""
    if data.startswith(_UTF_16):
        encodings = ("utf-16",)
    elif b"\x00" in data or sum(byte in _CONTROL for byte in data[:4096]) > len(data[:4096]) // 100:
        raise FileProblem(_("This is not a table. Choose a CSV or XLSX file."))
    else:
        encodings = ("utf-8-sig", "cp1252")  # type: ignore[assignment]  # one or two of them
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblem(_("The letters of this file cannot be read. Save it as “CSV UTF-8” and choose it again."))


def _csv_rows(text: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    return limited(_records(text, _delimiter(text)))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileProblem(
                _("Line %(line)d cannot be read: a quotation mark is missing, or stands where it should be doubled.")
                % {"line": line}
            ) from error
        yield line, [cell.replace("\x00", "") for cell in cells]
        line = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The separator that gives most lines the same number of cells, more than one."""
    scores = {}
    sample = "".join(text.splitlines(keepends=True)[: _SAMPLE * 3])
    for delimiter in _DELIMITERS:
        widths = Counter(width for width in _widths(sample, delimiter) if width > 1)
        if widths:
            width, number = widths.most_common(1)[0]
            scores[delimiter] = (number, width)
    return max(scores, key=lambda delimiter: scores[delimiter], default=",")


def _widths(sample: str, delimiter: str) -> Iterator[int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader):
            if number == _SAMPLE:
                return
            yield len(cells)
    except csv.Error:
        return
