"""Checks a file and imports it: all of it in one transaction, or nothing (REC-8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, models, transaction

from rouage.accounts.models import Organisation
from rouage.journal.actors import SYSTEM, Actor
from rouage.records.errors import refuse
from rouage.records.importing.clients import ClientChecker, attach_contacts, write_clients
from rouage.records.importing.columns import Mapped, unmapped
from rouage.records.importing.documents import DocumentChecker, LineChecker, write_documents
from rouage.records.importing.events import EventChecker, write_events
from rouage.records.importing.problems import Problem
from rouage.records.importing.rows import Item, RowReader
from rouage.records.importing.tables import Cell, Table, shown
from rouage.records.importing.writing import Import
from rouage.records.kinds import KINDS
from rouage.records.local import local_day
from rouage.records.reading import read
from rouage.records.writing import About, Author, entry, journal

SAMPLE = 5
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file with what its columns mean. ``lines``: the file with the lines of its documents.

    ``vat_rate``: that of lines which say nothing of it.
    """

    kind: str
    table: Table
    mapped: Mapped
    lines: Table | None = None
    lines_mapped: Mapped | None = None
    vat_rate: Decimal = Decimal(20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would do. ``missing``: columns that must be chosen first; then nothing else is known.

    ``sample``: the first rows, each with its line and its text by target.
    """

    total: int
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    problems: Sequence[Problem] = ()
    sample: Sequence[tuple[int, Mapping[str, str]]] = ()
    missing: Sequence[str] = ()


@dataclass(slots=True, kw_only=True)
class _Checked:
    items: list[Item]
    problems: list[Problem]


def preview(organisation: Organisation, source: Source, *, now: datetime) -> Preview:
    """Reads and compares; writes nothing."""
    missing = _missing(source)
    sample = [(line, _texts(row, source.mapped)) for line, row in source.table.rows[:SAMPLE]]
    if missing:
        return Preview(total=len(source.table.rows), missing=missing, sample=sample)
    run = _run(Author(actor=SYSTEM), organisation, now=now, announce=False)
    return _counted(source, _check(source, run, lock=False), sample)


@transaction.atomic
def run_import(
    actor: Actor,
    organisation: Organisation,
    source: Source,
    *,
    now: datetime,
    skip_refused: bool = False,
    announce: bool = False,
) -> Preview:
    """Import everything, or raise Refused and change nothing.

    ``skip_refused``: leave out the rows with problems instead. ``announce``: automations start on what is new; by
    default what was taken over from elsewhere starts nothing.
    """
    if _missing(source):
        raise refuse("import.columns", columns=", ".join(_missing(source)))
    run = _run(Author(actor=actor), organisation, now=now, announce=announce)
    checked = _check(source, run, lock=True)
    result = _counted(source, checked, ())
    if checked.problems and not skip_refused:
        raise refuse("import.problems", count=len(checked.problems))
    try:
        with transaction.atomic():
            _write(source.kind, checked.items, run)
    except IntegrityError as error:
        # Somebody else has taken a number or a code since we looked.
        raise refuse("record.moved") from error
    counts = {"new": result.new, "updated": result.updated, "unchanged": result.unchanged, "refused": result.refused}
    data = {"kind": source.kind, "file": source.table.name, **counts}
    journal([entry(run.author, About(organisation.pk, "", None), "records.imported", data, now)])
    return result


def refused_rows(source: Source, problems: Sequence[Problem]) -> str:
    """The rows with problems as CSV, with what is wrong in a last column: to be corrected and imported again."""
    wrong: dict[int, list[str]] = {}
    for problem in problems:
        if not problem.lines:
            text = f"{problem.column}: {problem.text}" if problem.column else problem.text
            wrong.setdefault(problem.line, []).append(text)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([*(_harmless(text) for text in source.table.header), "!"])
    for line, row in source.table.rows:
        if line in wrong:
            writer.writerow([*(_harmless(shown(cell)) for cell in row), " ".join(wrong[line])])
    return "\ufeff" + out.getvalue()


def _harmless(text: str) -> str:
    """A spreadsheet would carry out a cell that begins like a formula."""
    is_number = text[1:].replace(",", "").replace(".", "").isdigit()
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def _missing(source: Source) -> list[str]:
    missing = unmapped(source.kind, source.mapped)
    if source.lines is not None:
        missing += unmapped(source.kind, source.lines_mapped or {}, lines=True)
    return missing


def _run(author: Author, organisation: Organisation, *, now: datetime, announce: bool) -> Import:
    today = local_day(now, organisation.zone)
    return Import(organisation=organisation, author=author, now=now, today=today, announce=announce)


def _check(source: Source, run: Import, *, lock: bool) -> _Checked:
    problems: list[Problem] = []
    lines = _checked_lines(source, problems)
    checker = _checker(source, run, lines)
    found: list[tuple[Item, RowReader]] = []
    for line, row in source.table.rows:
        reader = RowReader(table=source.table, mapped=source.mapped, line=line, row=row, problems=problems)
        item = checker.item(reader)
        if item is not None:
            found.append((item, reader))
    if lines is not None and isinstance(checker, DocumentChecker):
        lines.complain_of_strangers(set(checker.seen))
    _attach(KINDS[source.kind].model, [item for item, _reader in found], lock=lock)
    if isinstance(checker, DocumentChecker):
        for item, reader in found:
            if item.existing:
                checker.reconcile(item, reader)
    elif isinstance(checker, ClientChecker):
        attach_contacts([item for item, _reader in found])
    good = [item for item, reader in found if reader.is_good]
    problems.sort(key=lambda problem: (problem.lines, problem.line))
    return _Checked(items=good, problems=problems)


def _checker(source: Source, run: Import, lines: LineChecker | None) -> ClientChecker | EventChecker | DocumentChecker:
    match source.kind:
        case "client":
            return ClientChecker(run.organisation)
        case "event":
            return EventChecker(run.organisation)
        case "quote" | "invoice":
            return DocumentChecker(source.kind, run, lines, source.vat_rate)
        case other:
            raise ValueError(f"{other} cannot be imported")


def _checked_lines(source: Source, problems: list[Problem]) -> LineChecker | None:
    if source.lines is None:
        return None
    checker = LineChecker(source.vat_rate)
    mapped = source.lines_mapped or {}
    for line, row in source.lines.rows:
        reader = RowReader(table=source.lines, mapped=mapped, line=line, row=row, problems=problems, lines=True)
        checker.read(reader)
    return checker


def _attach(model: type[models.Model], items: Sequence[Item], *, lock: bool) -> None:
    """The rows of the records that are there already."""
    rows = {row["id"]: row for row in read(model, [item.existing["id"] for item in items if item.existing], lock=lock)}
    for item in items:
        if item.existing:
            item.existing = rows[item.existing["id"]]


def _counted(source: Source, checked: _Checked, sample: Sequence[tuple[int, Mapping[str, str]]]) -> Preview:
    new = sum(1 for item in checked.items if not item.existing)
    updated = sum(1 for item in checked.items if item.existing and (item.changes or item.contact))
    return Preview(
        total=len(source.table.rows),
        new=new,
        updated=updated,
        unchanged=len(checked.items) - new - updated,
        refused=len(source.table.rows) - len(checked.items),
        problems=checked.problems,
        sample=sample,
    )


def _texts(row: Sequence[Cell], mapped: Mapped) -> Mapping[str, str]:
    return {key: shown(row[position])[:200] for key, position in mapped.items()}


def _write(kind: str, items: Sequence[Item], run: Import) -> None:
    match kind:
        case "client":
            write_clients(items, run)
        case "event":
            write_events(items, run)
        case _:
            write_documents(kind, items, run)
