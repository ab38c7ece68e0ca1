"""The page of one record: its details, document, tasks and activity, and the forms of what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.journal.paging import Mark
from rouage.records import queries
from rouage.records.access import access_record
from rouage.records.kinds import KINDS
from rouage.web import navigation
from rouage.web.access import MemberRequest, may, page
from rouage.web.components import activity
from rouage.web.components.places import country_name
from rouage.web.responses import fragment, show
from rouage.web.views.records import panels, possible
from rouage.web.views.records.buttons import buttons
from rouage.web.views.records.extras import extra
from rouage.web.views.records.pages import PAGES
from rouage.web.views.tasks import rows

RECENT = 12  # lines of the activity on the record's own page
# Made by the pages of runs; until then there is no box.
AUTOMATIONS_BOX = ("runs/_box.html", "records/_no_box.html")


@page(Privilege.SEE_RECORDS)
def detail(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record = access_record(request.member, kind, record_id) if request.GET.get("panel") else None
    panel, more = panels.asked(request, kind, record) if record else ("", {})
    return page_of(request, kind, record_id, panel=panel, more=more)


def page_of(
    request: MemberRequest,
    kind: str,
    record_id: int,
    *,
    panel: str = "",
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The record's page. ``panel``: the template of a form in the side panel; asked by htmx for it, that alone."""
    shown = context(request, kind, record_id) | dict(more or {})
    if panel and (request.htmx.target or "").rpartition("#")[2] == "panel":
        return fragment(request, panel, shown, status=status)
    return show(
        request,
        f"records/details/{kind}.html",
        shown | {"panel": panel},
        status=status,
    )


def context(request: MemberRequest, kind: str, record_id: int) -> dict[str, Any]:
    member = request.member
    found = queries.detail(member.organisation_id, kind, record_id)
    if found is None:
        raise NotFound
    record, pages = found.record, PAGES[kind]
    record.organisation = member.organisation
    log = queries.activity(member.organisation_id, kind, record_id, size=RECENT)
    may_edit = may(member, Privilege.EDIT_RECORDS)
    currency = getattr(record, "currency", "") or member.organisation.currency
    return {
        "pages": pages,
        "kind": pages.kind,
        "found": found,
        "record": record,
        "title": possible.title(kind, record),
        "name": possible.name(kind, record),
        "address": reverse(pages.kind.url_name, args=[record_id]),
        "list_address": reverse(pages.path),
        "currency": currency,
        "may_edit": may_edit,
        "choices": possible.choices(kind, found) if may_edit else (),
        "conversions": possible.conversions(kind, record) if may_edit else (),
        "undeletable": possible.undeletable(kind, record) if may_edit else "",
        "linked": possible.linked(found),
        "tasks": rows(request, found.tasks, timezone.now()),
        "buttons": buttons(member, kind) if pages.kind.automatable else (),
        "lines": activity.lines(log.rows, currency=currency),
        "more_lines": log.next is not None,
        "today": timezone.localdate(),
        "automations_box": AUTOMATIONS_BOX if pages.kind.automatable and navigation.address("runs") else (),
        "country": country_name(record.country if kind == "client" else record.client.country),
        **extra(kind, found),
    }


@page(Privilege.SEE_RECORDS)
def log(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    """All of a record's activity, page by page."""
    member, pages = request.member, PAGES[kind]
    found = queries.detail(member.organisation_id, kind, record_id)
    if found is None:
        raise NotFound
    after = request.GET.get("after", "")
    entries = queries.activity(member.organisation_id, kind, record_id, after=Mark.read(after))
    currency = getattr(found.record, "currency", "") or member.organisation.currency
    shown = {
        "kind": KINDS[kind],
        "title": possible.title(kind, found.record),
        "pages_title": pages.title,
        "list_address": reverse(pages.path),
        "address": reverse(pages.kind.url_name, args=[record_id]),
        "lines": activity.lines(entries.rows, currency=currency),
        "older": "?" + urlencode({"after": entries.next}) if entries.next else "",
        "newer": "?" if after else "",
    }
    return show(request, "records/activity.html", shown)
