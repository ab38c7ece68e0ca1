"""The journal of all runs: newest first, filtered by its address, in pages that cost the same at any depth (RUN-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.queries.ranges import Key
from rouage.automations.queries.runs import RunRow, runs_page, status_counts
from rouage.records.queries import labels
from rouage.web.access import MemberRequest, may, page
from rouage.web.components.kinds import automatable, plural
from rouage.web.listing import Listing
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import show
from rouage.web.views.runs import panels
from rouage.web.views.runs.wanted import CUSTOM, PERIODS, Wanted, automation_choices

KEPT = ("status", "record", "client", "version")  # filters of the address without a field in the toolbar


@dataclass(frozen=True, kw_only=True)
class Line:
    """A run as the list shows it. ``is_gone``: its record was deleted, so that nothing is linked."""

    run: RunRow
    client: str
    is_gone: bool
    address: str

    @property
    def record_id(self) -> int | None:
        return None if self.is_gone else self.run.record_id

    @property
    def is_paused(self) -> bool:
        return self.run.status == "paused"


@page(Privilege.SEE_RUNS)
def journal(request: MemberRequest) -> HttpResponse:
    """The list; asked by htmx, its results or the side panel alone."""
    wanted = Wanted(Listing(request.GET), request.member)
    asked, target = request.GET.get("panel", ""), (request.htmx.target or "").rpartition("#")[2]
    if asked and target == "panel":
        return panels.panel(request, asked)
    context = results(request, wanted) | panels.opened(request, asked)
    return show(request, "runs/list.html", context, fragments={"results": "results"})


def results(request: MemberRequest, wanted: Wanted) -> dict[str, Any]:
    member, listing = request.member, wanted.listing
    found = runs_page(member, wanted.filter, Key.read(listing.get("after")))
    return {
        "wanted": wanted,
        "lines": lines(member, found.rows, listing),
        "tabs": wanted.tabs(status_counts(member, wanted.filter)),
        "chips": wanted.chips(),
        "automations": automation_choices(member.organisation_id),
        "kinds": [(kind.key, plural(kind)) for kind in automatable()],
        "periods": [(name, label) for name, (label, _span) in PERIODS.items()],
        "custom": CUSTOM,
        "kept": [(name, listing.get(name)) for name in KEPT if listing.get(name)],
        "older": listing.older(found.next.text if found.next else None),
        "newer": listing.newer(),
        "is_empty": not found.rows and not wanted.is_narrowed and not listing.get("after"),
        "foot": _("The %(number)s most recent") % {"number": len(found.rows)} if not listing.get("after") else "",
        "may_act": may(member, Privilege.ACT_ON_RUNS),
        "automations_address": reverse("automations") if may(member, *AUTOMATE) else "",
        "export_address": reverse("runs-export") + listing.address(),
        "here": request.path + listing.here(panel=""),
    }


def lines(member: Member, rows: Sequence[RunRow], listing: Listing) -> list[Line]:
    """With the clients of their records: one query for each kind that occurs."""
    hits = labels(member.organisation_id, {(row.kind, row.record_id) for row in rows})
    return [_line(row, hits, listing) for row in rows]


def _line(row: RunRow, hits: Mapping[tuple[str, int], Any], listing: Listing) -> Line:
    hit = hits.get((row.kind, row.record_id))
    return Line(run=row, client=hit.client if hit else "", is_gone=hit is None, address=listing.here(panel=str(row.id)))
