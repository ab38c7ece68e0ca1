"""The versions of an automation: what each was, what changed between two, and a former one as a new draft (AUT-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.automations import commands
from rouage.automations.access import access_automation, can_edit, require_edit
from rouage.automations.models import Automation
from rouage.automations.queries.automations import Difference, VersionRow, compare, versions
from rouage.automations.queries.ranges import COUNTED, RunFilter, counts
from rouage.planner.model import OPEN
from rouage.web.access import MemberRequest, action, page
from rouage.web.components.merge_fields import plain_differences
from rouage.web.listing import Listing
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import go, show, toast

DRAFT = "draft"
COUNT_FOR = 10  # versions whose runs are counted: one query each


@dataclass(frozen=True, kw_only=True)
class Line:
    """A version in the list; ``waiting``: its open runs, None where they are not counted."""

    version: VersionRow
    waiting: int | None
    address: str
    is_chosen: bool


@page(*AUTOMATE)
def listing(request: MemberRequest, automation_id: int) -> HttpResponse:
    member = request.member
    automation = access_automation(member, automation_id)
    rows = versions(member, automation_id)
    before, after = _compared(Listing(request.GET), rows, has_draft=automation.draft is not None)
    found: Sequence[Difference] = ()
    if before is not None and after is not None:
        found = compare(member, automation_id, before, None if after == DRAFT else int(after))
    context = {
        "automation": automation,
        "lines": [_line(automation, row, number, before, after) for number, row in enumerate(rows)],
        "rows": rows,
        "before": before,
        "after": after,
        "draft": DRAFT,
        "differences": plain_differences(found, automation.kind),
        "can_edit": can_edit(member, automation),
        "has_draft": automation.draft is not None,
        "restorable": before if before is not None and before != _current(rows) else None,
        "list_address": reverse("automations"),
        "address": reverse("automation", args=[automation_id]),
    }
    return show(request, "automations/versions.html", context, fragments={"compared": "compared"})


@action(*AUTOMATE)
def restore(request: MemberRequest, automation_id: int, number: int) -> HttpResponse:
    """Nothing runs by it until it is published."""
    automation = access_automation(request.member, automation_id)
    require_edit(request.member, automation)
    commands.restore(request.member, automation, number, now=timezone.now())
    toast(request, _("Version %(number)s is your draft now. Publish it to make it run.") % {"number": number})
    return go(request, reverse("automation", args=[automation_id]))


def _compared(listing: Listing, rows: Sequence[VersionRow], *, has_draft: bool) -> tuple[int | None, int | str | None]:
    """Two versions: those of the address, else the current one with the draft, or with the one before."""
    numbers = [row.number for row in rows]
    if not numbers:
        return None, None
    asked, other = listing.number("before"), listing.get("after")
    before = asked if asked in numbers else _first(rows, has_draft=has_draft)
    if other == DRAFT and has_draft:
        return before, DRAFT
    if other.isdigit() and int(other) in numbers:
        return before, int(other)
    return before, DRAFT if has_draft else (_current(rows) or numbers[0])


def _first(rows: Sequence[VersionRow], *, has_draft: bool) -> int:
    current = _current(rows) or rows[0].number
    if has_draft:
        return current
    return next((row.number for row in rows if row.number < current), current)


def _current(rows: Sequence[VersionRow]) -> int | None:
    return next((row.number for row in rows if row.is_current), None)


def _line(automation: Automation, row: VersionRow, place: int, before: int | None, after: object) -> Line:
    counted: Mapping[str, Any] = {}
    if place < COUNT_FOR:
        counted = counts(automation.organisation_id, RunFilter(version_id=row.id))
    return Line(
        version=row,
        waiting=min(sum(counted.get(status.value, 0) for status in OPEN), COUNTED) if place < COUNT_FOR else None,
        address=f"?before={row.number}" + (f"&after={after}" if after is not None else ""),
        is_chosen=row.number == before,
    )
