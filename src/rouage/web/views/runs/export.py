"""The journal as CSV: streamed, filtered as the page is, and safe to open in a spreadsheet (RUN-4)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rouage.accounts.privileges import Privilege
from rouage.automations.queries.runs import RunRow
from rouage.automations.queries.runs import export as export_rows
from rouage.records.kinds import KINDS
from rouage.web.access import MemberRequest, page
from rouage.web.components.words import RUNS
from rouage.web.listing import Listing
from rouage.web.views.runs.wanted import Wanted

# A cell that begins with one of these is a formula to a spreadsheet: somebody else's text must not run there.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"


class _Echo:
    """What csv writes to: gives the line back."""

    def write(self, line: str) -> str:
        return line


@page(Privilege.SEE_RUNS)
def export(request: MemberRequest) -> HttpResponse:
    wanted = Wanted(Listing(request.GET), request.member)
    name = f"{_('runs')}-{timezone.localdate().isoformat()}.csv"
    # The stream is read after the middleware has gone: language and zone go along.
    lines = _lines(request, wanted, translation.get_language() or "fr", timezone.get_current_timezone())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # Django has no common type for the two that has headers.
    return cast("HttpResponse", response)


def _lines(request: MemberRequest, wanted: Wanted, language: str, zone: tzinfo) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";" if language == "fr" else ",")
    with translation.override(language):
        yield BOM + writer.writerow([safe(text) for text in _head()])
    rows = export_rows(request.member, wanted.filter)
    while True:
        # Reading a row puts it into words too. Between two lines another request of this thread may set its own.
        with translation.override(language), timezone.override(zone):
            row = next(rows, None)
            line = writer.writerow([safe(text) for text in _cells(row)]) if row else ""
        if not line:
            return
        yield line


def _head() -> Sequence[str]:
    return (
        _("Run"), _("Automation"), _("Version"), pgettext("record", "Kind"), _("Record"), _("Triggered on"),
        _("Status"), _("Last action"), _("Last action on"), _("Next step on"), _("Why"),
    )  # fmt: skip


def _cells(row: RunRow) -> Sequence[str]:
    return (
        str(row.id),
        row.automation,
        str(row.version),
        str(KINDS[row.kind].label),
        row.label,
        _moment(row.triggered_at),
        str(RUNS[row.status].label),
        row.action,
        _moment(row.last_action_at),
        _moment(row.due_at),
        row.why,
    )


def _moment(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def safe(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
