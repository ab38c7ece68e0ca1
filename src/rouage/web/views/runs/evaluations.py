"""Why did nothing happen? Triggers that were looked at and started nothing, with the condition that failed (RUN-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from rouage.accounts.privileges import Privilege
from rouage.automations.queries.evaluations import EvaluationRow, evaluations_of, evaluations_page
from rouage.automations.queries.ranges import Key
from rouage.records.kinds import KINDS
from rouage.records.queries import Hit, labels
from rouage.web.access import MemberRequest, may, page
from rouage.web.components.events import event_words
from rouage.web.listing import Listing
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import show
from rouage.web.views.runs.wanted import automation_choices


@dataclass(frozen=True, kw_only=True)
class Line:
    """``what``: the event in words; ``hit``: the record, when it is still there."""

    row: EvaluationRow
    what: str
    hit: Hit | None


@page(Privilege.SEE_RUNS)
def evaluations(request: MemberRequest) -> HttpResponse:
    """All of the organisation, of one automation, or of one record."""
    listing, member = Listing(request.GET), request.member
    kind, record_id = listing.choice("kind", [*KINDS]), listing.number("record")
    automation_id = listing.number("automation")
    about: Hit | None = None
    if kind and record_id:
        rows: Sequence[EvaluationRow] = evaluations_of(member, kind, record_id)
        older = ""
        about = labels(member.organisation_id, [(kind, record_id)]).get((kind, record_id))
    else:
        found = evaluations_page(member, automation_id=automation_id, after=Key.read(listing.get("after")))
        rows, older = found.rows, listing.older(found.next.text if found.next else None)
    hits = labels(member.organisation_id, {(row.kind, row.record_id) for row in rows})
    context = {
        "lines": [_line(row, hits) for row in rows],
        "listing": listing,
        "about": about,
        "kind": kind,
        "automation_id": automation_id,
        "automations": automation_choices(member.organisation_id),
        "is_narrowed": bool(about or automation_id),
        "older": older,
        "newer": listing.newer(),
        "days": settings.ROUAGE_EVALUATION_DAYS,
        "runs_address": reverse("runs"),
        "automations_address": reverse("automations") if may(member, *AUTOMATE) else "",
        "foot": _("The %(number)s most recent") % {"number": len(rows)},
    }
    return show(request, "runs/evaluations.html", context, fragments={"results": "results"})


def _line(row: EvaluationRow, hits: Mapping[tuple[str, int], Any]) -> Line:
    return Line(row=row, what=event_words(row.event_type), hit=hits.get((row.kind, row.record_id)))
