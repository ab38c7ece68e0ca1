"""The records that an automation would take in now, and those whose first step would come today (AUT-7, AUT-13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.automations.access import access_automation
from rouage.automations.candidates import Candidate, Count, can_enroll, candidates, hit_today, matching
from rouage.automations.dry_run import compiled_draft
from rouage.automations.models import Automation
from rouage.planner.model import Definition
from rouage.records.queries import labels
from rouage.web.access import MemberRequest, page
from rouage.web.components.parts import Tab
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import show
from rouage.web.views.automations.reading import stored

SHOWN = 100
TODAY = "today"


@dataclass(frozen=True, kw_only=True)
class Line:
    record: Candidate
    client: str


@page(*AUTOMATE)
def listing(request: MemberRequest, automation_id: int) -> HttpResponse:
    automation = access_automation(request.member, automation_id)
    compiled = compiled_of(automation)
    is_today = request.GET.get("when") == TODAY
    found = _found(automation, compiled, is_today=is_today) if compiled else ()
    hits = labels(automation.organisation_id, {(one.kind, one.record_id) for one in found})
    lines = [
        Line(record=one, client=hit.client if (hit := hits.get((one.kind, one.record_id))) else "") for one in found
    ]
    context = {
        "automation": automation,
        "lines": lines,
        "tabs": [
            Tab(label=_("All that match"), address="?", is_current=not is_today),
            Tab(label=_("Would be hit today"), address=f"?when={TODAY}", is_current=is_today),
        ],
        "is_today": is_today,
        "is_runnable": compiled is not None,
        "has_meaning": compiled is not None and can_enroll(compiled),
        "most": SHOWN,
        "is_cut": len(found) == SHOWN,
        "list_address": reverse("automations"),
        "address": reverse("automation", args=[automation_id]),
    }
    return show(request, "automations/candidates.html", context)


@page(*AUTOMATE)
def count(request: MemberRequest, automation_id: int) -> HttpResponse:
    """How many match, for the editor: asked for by itself, since it reads many records."""
    automation = access_automation(request.member, automation_id)
    compiled = compiled_of(automation)
    counted: Count | None = None
    if compiled is not None and can_enroll(compiled):
        counted = matching(automation.organisation_id, compiled, now=timezone.now(), automation=automation)
    context = {"automation": automation, "counted": counted, "number": shown_count(counted)}
    return show(request, "automations/_count.html", context)


def compiled_of(automation: Automation) -> Definition | None:
    """The draft, else the published version; None when it cannot run as it is."""
    return compiled_draft(automation.organisation_id, stored(automation))


def shown_count(counted: Count | None) -> str:
    if counted is None:
        return ""
    return str(counted.number) if counted.exact else f"{counted.number}+"


def _found(automation: Automation, compiled: Definition, *, is_today: bool) -> Sequence[Candidate]:
    now, organisation_id = timezone.now(), automation.organisation_id
    if is_today:
        return hit_today(organisation_id, compiled, now=now, limit=SHOWN, automation=automation)
    return list(islice(candidates(organisation_id, compiled, now=now, automation=automation), SHOWN))
