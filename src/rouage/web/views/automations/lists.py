"""The list of automations: what each does, whether it is on, how its last run went; and its small forms (AUT-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.queries.automations import AutomationRow, automations
from rouage.automations.queries.ranges import RunFilter
from rouage.automations.queries.runs import Counted, RunRow, coming_up, status_counts
from rouage.planner.model import RunStatus
from rouage.records.search import fold
from rouage.web.access import MemberRequest, may, page
from rouage.web.components import dates
from rouage.web.components.kinds import automatable, plural
from rouage.web.components.merge_fields import plain
from rouage.web.components.parts import Chip
from rouage.web.listing import Listing
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import show
from rouage.web.views.automations import panels
from rouage.web.views.automations.last_runs import last_runs
from rouage.web.views.runs.wanted import shown

MONTH = timedelta(days=30)
FRAGMENTS = {"automations-page": "page"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """``last``: its newest run. The addresses are this list with a form beside it."""

    row: AutomationRow
    sentence: str
    last: RunRow | None
    rename_address: str
    delete_address: str

    @property
    def when(self) -> datetime | None:
        return (self.last.last_action_at or self.last.triggered_at) if self.last else None

    @property
    def is_planned(self) -> bool:
        return self.last is not None and self.last.status is RunStatus.WAITING and self.last.due_at is not None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number above the list, which leads to what it counts."""

    label: str
    value: str
    note: str
    address: str
    is_failure: bool = False


@page(*AUTOMATE)
def listing(request: MemberRequest) -> HttpResponse:
    """The list; with ``?panel=…`` a form beside it: rename, delete, what becomes of runs."""
    found = panels.asked(request, request.GET.get("panel", ""))
    if found and (request.htmx.target or "").rpartition("#")[2] == "panel":
        return panels.alone(request, found)
    extra = {"panel": found.template, **found.context} if found else {}
    return show(request, "automations/list.html", context(request) | extra, fragments=FRAGMENTS)


def again(request: MemberRequest) -> HttpResponse:
    """The list as it stands after a switch was pressed, for htmx."""
    return show(request, "automations/list.html", context(request), fragments=FRAGMENTS)


def context(request: MemberRequest) -> dict[str, Any]:
    member, state = request.member, _listing(request)
    every = automations(member)
    chosen = _chosen(every, state)
    last = last_runs(member, [row.id for row in chosen])
    return {
        "lines": [_line(row, last.get(row.id), state) for row in chosen],
        "figures": _figures(member, every) if may(member, Privilege.SEE_RUNS) else (),
        "text": state.get("q"),
        "kind": state.get("kind"),
        "hides": bool(state.get("hide")),
        "hide_address": state.address(hide="" if state.get("hide") else "1"),
        "hidden": sum(not row.is_active for row in every),
        "chips": _chips(state),
        "is_empty": not every,
        "is_narrowed": bool(state.get("q") or state.get("kind") or state.get("hide")),
        "new_address": reverse("automation-new") if may(member, Privilege.CREATE_AUTOMATIONS) else "",
        **_fields(reverse("automations") + state.address()),
    }


def _line(row: AutomationRow, last: RunRow | None, state: Listing) -> Line:
    return Line(
        row=row,
        sentence=plain(row.sentence, row.kind),
        last=last,
        rename_address=reverse("automations") + state.here(panel=f"rename-{row.id}"),
        delete_address=reverse("automations") + state.here(panel=f"delete-{row.id}"),
    )


def _fields(here: str) -> dict[str, Any]:
    """What the forms of a row send along."""
    return {
        "fields": {"next": here},
        "release": {"do": "release", "next": here},
        "purge": {"do": "purge", "next": here},
    }


def _listing(request: MemberRequest) -> Listing:
    """The switch posts to an address of its own: the list is the one that the reader looks at."""
    if request.method == "GET" or not request.htmx:
        return Listing(request.GET)
    return Listing(panels.query_of(request.htmx.current_url_abs_path or ""))


def _chosen(rows: Sequence[AutomationRow], state: Listing) -> list[AutomationRow]:
    wanted, kind, hides = fold(state.get("q")), state.get("kind"), bool(state.get("hide"))
    return [
        row
        for row in rows
        if (not kind or row.kind == kind)
        and (row.is_active or not hides)
        and (not wanted or wanted in fold(f"{row.name} {row.sentence}"))
    ]


def _chips(state: Listing) -> list[Chip]:
    chosen = state.get("kind")
    every = Chip(label=pgettext("records", "All"), address=state.address(kind=""), is_current=not chosen)
    return [
        every,
        *(
            Chip(label=plural(kind), address=state.address(kind=kind.key), is_current=kind.key == chosen)
            for kind in automatable()
        ),
    ]


def _figures(member: Member, rows: Sequence[AutomationRow]) -> list[Figure]:
    now = timezone.now()
    every = status_counts(member)
    month = status_counts(member, RunFilter(since=now - MONTH))
    active = sum(row.is_active for row in rows)
    runs = reverse("runs")
    return [
        Figure(
            label=pgettext("automations", "Active"),
            value=str(active),
            note=_("of %(number)s automations") % {"number": len(rows)},
            address="?hide=1",
        ),
        _figure(pgettext("runs", "Waiting"), every[RunStatus.WAITING], _next(member), f"{runs}?status=waiting"),
        _figure(
            pgettext("runs", "Finished"),
            month[RunStatus.FINISHED],
            _("in the last 30 days"),
            f"{runs}?status=finished&period=30-days",
        ),
        _figure(
            _("To be dealt with"),
            month[RunStatus.FAILED],
            _("failed in the last 30 days"),
            f"{runs}?status=failed&period=30-days",
            is_failure=month[RunStatus.FAILED].number > 0,
        ),
    ]


def _figure(label: str, counted: Counted, note: str, address: str, *, is_failure: bool = False) -> Figure:
    return Figure(label=label, value=str(shown(counted)), note=note, address=address, is_failure=is_failure)


def _next(member: Member) -> str:
    found = coming_up(member, limit=1)
    if not found or found[0].due_at is None:
        return _("none is planned")
    return _("the next one on %(moment)s") % {"moment": dates.moment(found[0].due_at, "plan")}
