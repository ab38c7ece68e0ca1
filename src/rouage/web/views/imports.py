"""The import of clients, quotes, invoices and events: file, columns, check, result; nothing half-imported (REC-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from rouage.accounts.privileges import Privilege
from rouage.journal.queries import Filters, entries
from rouage.records.errors import Refused
from rouage.records.importing import (
    KINDS,
    MAX_BYTES,
    FileProblem,
    Preview,
    Source,
    Table,
    access_upload,
    change_columns,
    keep_upload,
    preview,
    refused_rows,
    run_import,
    source_of,
    targets,
)
from rouage.records.models import Upload
from rouage.web.access import FORM, MemberRequest, action, actor, page
from rouage.web.responses import go, invalid, refused, show
from rouage.web.templatetags.records import percent
from rouage.web.views.records.pages import PAGES, Pages

SHOWN_PROBLEMS = 100
SHOWN_VALUES = 3
RATES = ("20", "10", "5.5", "2.1", "0")
WITH_LINES = frozenset({"quote", "invoice"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the file: its first values, and what it is taken for ("" for nothing)."""

    position: int
    heading: str
    values: Sequence[str]
    chosen: str


def _pages(path: str) -> Pages:
    found = next((pages for pages in PAGES.values() if pages.path == path and pages.key in KINDS), None)
    if found is None:
        raise Http404
    return found


@page(Privilege.EDIT_RECORDS, methods=FORM)
def upload(request: MemberRequest, path: str) -> HttpResponse:
    """Step 1: the file, and for documents the file of their lines."""
    pages = _pages(path)
    shown = _context(pages, 1) | {"has_lines": pages.key in WITH_LINES, "errors": {}}
    if request.method != "POST":
        return show(request, "imports/upload.html", shown)
    file, lines = request.FILES.get("file"), request.FILES.get("lines")
    if not isinstance(file, UploadedFile):
        return invalid(request, "imports/upload.html", shown | {"errors": {"file": _("Choose a file first.")}})
    both = (lines.name or "", _bytes(lines)) if isinstance(lines, UploadedFile) and pages.key in WITH_LINES else None
    try:
        kept = keep_upload(request.member, pages.key, file.name or "", _bytes(file), lines=both, now=timezone.now())
    except FileProblem as problem:
        return invalid(request, "imports/upload.html", shown | {"errors": {"file": problem.sentence}})
    return go(request, reverse("import-columns", args=[kept.pk]))


@page(Privilege.EDIT_RECORDS, methods=FORM)
def columns(request: MemberRequest, upload_id: int) -> HttpResponse:
    """Step 2: what each column of the file means."""
    kept = access_upload(request.member, upload_id)
    source = source_of(kept)
    errors: Sequence[str] = ()
    if request.method == "POST":
        chosen, twice = _chosen(request, "column", kept.kind, source.table)
        lines, twice_lines = (
            _chosen(request, "line", kept.kind, source.lines, lines=True) if source.lines else (None, ())
        )
        errors = [*twice, *twice_lines]
        if not errors:
            change_columns(kept, chosen, lines)
            return go(request, reverse("import-check", args=[upload_id]) + f"?vat={_rate(request)}")
        source = source_of(kept)
    shown = _context(PAGES[kept.kind], 2) | {
        "upload": kept,
        "errors": errors,
        "columns": _columns(source.table, _posted(request, "column") or kept.mapped),
        "targets": targets(kept.kind),
        "line_columns": _columns(source.lines, _posted(request, "line") or kept.lines_mapped) if source.lines else (),
        "line_targets": targets(kept.kind, lines=True) if source.lines else (),
        "rates": [(rate, percent(Decimal(rate))) for rate in RATES] if kept.kind in WITH_LINES else (),
        "rate": _rate(request),
        "missing": preview(request.member.organisation, source, now=timezone.now()).missing,
    }
    return invalid(request, "imports/columns.html", shown) if errors else show(request, "imports/columns.html", shown)


@page(Privilege.EDIT_RECORDS)
def check(request: MemberRequest, upload_id: int) -> HttpResponse:
    """Step 3: what would be imported, and the lines to correct; nothing is written."""
    kept, _source, found = _checked(request, upload_id)
    good = found.new + found.updated
    names = {target.key: target.label for target in targets(kept.kind)}
    shown = _context(PAGES[kept.kind], 3) | {
        "upload": kept,
        "found": found,
        "good": good,
        "problems": found.problems[:SHOWN_PROBLEMS],
        "hidden": max(len(found.problems) - SHOWN_PROBLEMS, 0),
        "sample_heads": _sample_heads(found, names),
        "sample": _sample(found),
        "rate": _rate(request),
        "verb": _verb(found, good),
        "heading": _heading(found),
        "has_refused_rows": any(not problem.lines for problem in found.problems),
    }
    return show(request, "imports/check.html", shown)


@action(Privilege.EDIT_RECORDS)
def run(request: MemberRequest, upload_id: int) -> HttpResponse:
    """Step 4: all of it in one transaction."""
    kept = access_upload(request.member, upload_id)
    skip, announce = request.POST.get("skip") == "yes", request.POST.get("announce") == "yes"
    source = source_of(kept, vat_rate=Decimal(_rate(request)))
    now = timezone.now()
    try:
        run_import(actor(request), request.member.organisation, source, now=now, skip_refused=skip, announce=announce)
    except Refused as refusal:
        return refused(request, refusal.sentence, reverse("import-check", args=[upload_id]) + f"?vat={_rate(request)}")
    return go(request, reverse("import-result", args=[upload_id]))


@page(Privilege.EDIT_RECORDS)
def result(request: MemberRequest, upload_id: int) -> HttpResponse:
    """What was imported, as the journal keeps it."""
    kept = access_upload(request.member, upload_id)
    filters = Filters(verb="records.imported", actor_id=request.member.pk, since=kept.created_at)
    done = next((one for one in entries(request.member.organisation_id, filters, size=5).rows), None)
    if done is None or done.data.get("file") != kept.name:
        return go(request, reverse("import-check", args=[upload_id]))
    pages = PAGES[kept.kind]
    shown = _context(pages, 5) | {"upload": kept, "counts": done.data, "list_address": reverse(pages.path)}
    return show(request, "imports/result.html", shown)


@page(Privilege.EDIT_RECORDS)
def wrong_rows(request: MemberRequest, upload_id: int) -> HttpResponse:
    """The lines to correct, as a file for the spreadsheet."""
    kept, source, found = _checked(request, upload_id)
    response = HttpResponse(refused_rows(source, found.problems), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{PAGES[kept.kind].path}-{_("to-correct")}.csv"'
    return response


def _checked(request: MemberRequest, upload_id: int) -> tuple[Upload, Source, Preview]:
    kept = access_upload(request.member, upload_id)
    source = source_of(kept, vat_rate=Decimal(_rate(request)))
    return kept, source, preview(request.member.organisation, source, now=timezone.now())


def _bytes(file: UploadedFile[Any]) -> bytes:
    # One byte more than is allowed is enough to know that it is too large.
    data: bytes = file.read(MAX_BYTES + 1)
    return data


def _rate(request: MemberRequest) -> str:
    asked = request.POST.get("vat") or request.GET.get("vat", "")
    return asked if asked in RATES else RATES[0]


def _posted(request: MemberRequest, prefix: str) -> Mapping[str, int]:
    """What the person had chosen, when the form comes back."""
    return {
        str(target): int(name.rpartition("-")[2])
        for name, target in request.POST.items()
        if name.startswith(f"{prefix}-") and name.rpartition("-")[2].isdigit() and target
    }


def _chosen(
    request: MemberRequest, prefix: str, kind: str, table: Table, *, lines: bool = False
) -> tuple[dict[str, int], Sequence[str]]:
    """The position of each target, and a sentence for each that was chosen twice."""
    labels = {target.key: target.label for target in targets(kind, lines=lines)}
    mapped: dict[str, int] = {}
    twice: list[str] = []
    for position in range(len(table.header)):
        key = request.POST.get(f"{prefix}-{position}", "")
        if key not in labels:
            continue
        if key in mapped:
            twice.append(_("“%(target)s” is chosen for two columns. Keep one of them.") % {"target": labels[key]})
        mapped[key] = position
    return mapped, twice


def _columns(table: Table, mapped: Mapping[str, int]) -> list[Column]:
    by_position = {position: key for key, position in mapped.items()}
    return [
        Column(
            position=position,
            heading=heading or _("Column %(number)d") % {"number": position + 1},
            values=[text for _line, row in table.rows[:SHOWN_VALUES] if (text := _cell(row[position]))],
            chosen=by_position.get(position, ""),
        )
        for position, heading in enumerate(table.header)
    ]


def _cell(value: Any) -> str:  # noqa: ANN401 -- a cell of a spreadsheet
    text = "" if value is None else str(value).strip()
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 -- what fits below a heading


def _sample_heads(found: Preview, names: Mapping[str, StrOrPromise]) -> list[StrOrPromise]:
    return [names.get(key, key) for key in (found.sample[0][1] if found.sample else {})]


def _sample(found: Preview) -> list[tuple[int, list[str]]]:
    return [(line, list(texts.values())) for line, texts in found.sample]


def _heading(found: Preview) -> str:
    text = ngettext(
        "%(wrong)d line of %(total)d needs to be corrected",
        "%(wrong)d lines of %(total)d need to be corrected",
        found.refused,
    )
    return text % {"wrong": found.refused, "total": found.total}


def _verb(found: Preview, good: int) -> str:
    """What the button does, in figures."""
    if not found.problems:
        return ngettext("Import %(count)d line", "Import %(count)d lines", good) % {"count": good}
    text = ngettext(
        "Leave out %(wrong)d line and import %(count)d", "Leave out %(wrong)d lines and import %(count)d", found.refused
    )
    return text % {"wrong": found.refused, "count": good}


def _context(pages: Pages, step: int) -> dict[str, Any]:
    names = (_("File"), _("Columns"), _("Check"), _("Import"))
    return {
        "pages": pages,
        "title": _("Import: %(kind)s") % {"kind": str(pages.title).lower()},
        "list_address": reverse(pages.path),
        "upload_address": reverse("import", args=[pages.path]),
        "steps": [(number, name, number < step, number == step) for number, name in enumerate(names, start=1)],
    }
