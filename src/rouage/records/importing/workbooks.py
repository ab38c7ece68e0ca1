"""Reads the first sheet of an XLSX workbook, guarded: a zip file can unfold to a thousand times its size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from rouage.records.importing.problems import FileProblem

_UNFOLDED = 150 * 1024 * 1024
_MEMBERS = 2000
_CHUNK = 1 << 20
MAX_ROWS = 50_000


def is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def workbook_rows(data: bytes, columns: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """Line and values of each row, at most ``columns`` and one more of them.

    A formula counts as its last result; one without a result is refused, since it would read as empty.
    """
    _guard(data)
    import openpyxl  # noqa: PLC0415 -- slow import

    try:
        results = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        pairs = zip(_rows(results, columns), _rows(formulas, columns), strict=True)
        rows = [(line, _values(line, cells, texts)) for line, (cells, texts) in enumerate(pairs, start=1)]
    except FileProblem:
        raise
    except Exception as error:
        # The library raises whatever a damaged file makes it meet: KeyError, ParseError, ValueError ...
        raise FileProblem(_("This workbook is damaged. Open it and save it again.")) from error
    return iter(rows)


def _rows(workbook: Any, columns: int) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 -- the library is not typed
    if not workbook.worksheets:
        raise FileProblem(_("The workbook has no sheet with cells."))
    sheet = workbook.worksheets[0]
    # What the file says of its own size may be wrong, and then rows are cut off.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=columns + 1)):
        if number > MAX_ROWS:
            raise FileProblem(_("The file has more than 50,000 lines. Split it into several files."))
        yield row


def _values(line: int, cells: Sequence[Any], formulas: Sequence[Any]) -> Sequence[Any]:
    for value, text in zip(cells, formulas, strict=False):
        if value is None and text is not None:
            raise FileProblem(
                _("Line %(line)d holds a formula without its result. Save the file again, or as CSV.") % {"line": line}
            )
    return cells


def _guard(data: bytes) -> None:
    """Unfold every part once, counting: what the directory says of their size is not to be trusted."""
    damaged = FileProblem(_("This workbook is damaged. Open it and save it again."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _MEMBERS or not any(part.filename == "xl/workbook.xml" for part in parts):
                raise FileProblem(_("This is not a table. Choose a CSV or XLSX file."))
            left = _UNFOLDED
            for part in parts:
                left = _unfold(archive, part, left)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged from error


def _unfold(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    with archive.open(part) as file:
        first = True
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise FileProblem(_("This workbook is too large once unpacked. Save it as CSV."))
            # No spreadsheet program writes document types; they are how an XML file makes its reader grow.
            if first and b"<!DOCTYPE" in chunk:
                raise FileProblem(_("This is not a table. Choose a CSV or XLSX file."))
            first = False
    return left
