"""What the member has been told in the application (RUN-10)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from rouage.accounts import notifications as told
from rouage.accounts.privileges import Privilege
from rouage.journal.paging import Mark
from rouage.records.queries import labels
from rouage.web.access import MemberRequest, action, may, page
from rouage.web.listing import number
from rouage.web.responses import go, show


@page()
def notifications(request: MemberRequest) -> HttpResponse:
    member = request.member
    mark = Mark.read(request.GET.get("after", ""))
    before: tuple[datetime, int] | None = (mark.at, mark.id) if mark else None
    rows = told.latest(member, before)
    refs = {(row.kind, row.record_id) for row in rows if row.kind and row.record_id}
    found = labels(member.organisation_id, refs) if refs and may(member, Privilege.SEE_RECORDS) else {}
    shown = {
        "rows": [(row, found.get((row.kind, row.record_id or 0))) for row in rows],
        "unread": any(row.read_at is None for row in rows),
        "older": "?" + urlencode({"after": Mark(rows[-1].created_at, rows[-1].pk)}) if len(rows) == PAGE else "",
        "newer": "?" if mark else "",
    }
    return show(request, "notifications/list.html", shown)


@action()
def read(request: MemberRequest) -> HttpResponse:
    """One of them, or all."""
    told.mark_read(request.member, timezone.now(), number(request.POST.get("id", "")))
    return go(request, reverse("notifications"))


PAGE = 50  # as many as accounts.notifications gives
