"""One run beside the journal or a record, and as a page of its own; the forms of what people do with it (RUN-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from rouage.accounts.access import NotFound
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.queries.timeline import Timeline, timeline
from rouage.journal.queries import Filters, entries
from rouage.planner.model import OPEN, RunStatus
from rouage.records.queries import labels
from rouage.web.access import MemberRequest, may, page
from rouage.web.components.stories import story
from rouage.web.listing import number
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import fragment, show
from rouage.web.views.runs.places import back_to, is_panel

type Extra = dict[str, Any]
PANELS = "runs/panels"
MOMENT = timedelta(seconds=1)  # the run ends in the same breath as the status changes


@page(Privilege.SEE_RUNS)
def run(request: MemberRequest, run_id: int) -> HttpResponse:
    """A run by its own address; asked by htmx, for the panel."""
    told = timeline(request.member, run_id)
    return beside(request, "run", told, run_context(request, told))


def opened(request: MemberRequest, asked: str) -> Extra:
    """What the journal adds when its address names a run: the panel, open. Nothing for a run that does not exist."""
    run_id = number(asked)
    if run_id is None:
        return {}
    try:
        told = timeline(request.member, run_id)
    except NotFound:
        return {}
    return run_context(request, told) | {"panel": f"{PANELS}/run.html"}


def panel(request: MemberRequest, asked: str) -> HttpResponse:
    run_id = number(asked)
    if run_id is None:
        raise NotFound
    return fragment(request, f"{PANELS}/run.html", run_context(request, timeline(request.member, run_id)))


def beside(
    request: MemberRequest, name: str, told: Timeline, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """A panel's content: alone for htmx, else as a page."""
    template = f"{PANELS}/{name}.html"
    if is_panel(request):
        return fragment(request, template, context, status=status)
    shown = {
        **context,
        "content": template,
        "number": told.run.id,
        "runs_address": reverse("runs"),
        "automations_address": reverse("automations") if may(request.member, *AUTOMATE) else "",
    }
    return show(request, "runs/run.html", shown, status=status)


def _author(member: Member, told: Timeline) -> str:
    """Who changed the status that ended a run by its stop condition (AUT-9)."""
    ended = [entry.at for entry in told.entries if entry.verb == "run.cancelled"]
    if told.explanation is None or told.explanation.code != "stop.condition" or not ended:
        return ""
    row = told.run
    wanted = Filters(
        kind=row.kind, record_id=row.record_id, verb=f"{row.kind}.status_changed", until=ended[-1] + MOMENT
    )
    found = entries(member.organisation_id, wanted, size=1).rows
    return found[0].actor_label if found else ""


def run_context(request: MemberRequest, told: Timeline) -> Extra:
    """What every panel of a run knows."""
    member, row = request.member, told.run
    reference = (row.kind, row.record_id)
    hit = labels(member.organisation_id, [reference]).get(reference)
    may_automate = may(member, *AUTOMATE)
    return {
        "told": told,
        "run": row,
        "story": story(told, editable=may_automate, author=_author(member, told)),
        "client": hit.client if hit else "",
        "record_id": row.record_id if hit else None,
        "may_act": may(member, Privilege.ACT_ON_RUNS),
        "is_open": row.status in OPEN,
        "is_waiting": row.status is RunStatus.WAITING,
        "is_paused": row.status is RunStatus.PAUSED,
        "is_held": row.hold == "automation",
        "automation_address": reverse("automation", args=[row.automation_id])
        if may_automate and not row.is_automation_deleted
        else "",
        "next": back_to(request, row.id),
        "title_of_page": _("Run %(number)s") % {"number": row.id},
    }
