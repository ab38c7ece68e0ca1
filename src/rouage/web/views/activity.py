"""The history of activities: who changed what in the organisation, and when; nobody can erase it (ACC-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.accounts.queries import members
from rouage.journal.actors import ActorKind
from rouage.journal.models import Entry
from rouage.journal.paging import Mark
from rouage.journal.queries import Filters, entries
from rouage.records.kinds import KINDS
from rouage.records.queries import Hit, labels
from rouage.web.access import MemberRequest, may, page
from rouage.web.components import activity
from rouage.web.components.journal_words import title
from rouage.web.listing import Listing
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import show

# What an entry is about, beside the kinds of records.
TOPICS: Mapping[str, tuple[StrOrPromise, Filters]] = {
    "automations": (gettext_lazy("Automations"), Filters(thing="automation")),
    "runs": (gettext_lazy("Runs"), Filters(thing="run")),
    "emails": (gettext_lazy("Emails"), Filters(thing="message")),
    "members": (gettext_lazy("Members"), Filters(thing="member")),
    "profiles": (gettext_lazy("Privileges"), Filters(thing="profile")),
    "organisation": (gettext_lazy("Settings"), Filters(thing="organisation")),
    "imports": (gettext_lazy("Imports"), Filters(verb="records.imported")),
}
ACTORS: Mapping[str, StrOrPromise] = {
    ActorKind.MEMBER: gettext_lazy("Every member"),
    ActorKind.RUN: gettext_lazy("Automations"),
    ActorKind.CLIENT: gettext_lazy("Clients"),
    ActorKind.TOKEN: gettext_lazy("Other programs"),
    ActorKind.SYSTEM: gettext_lazy("Rouage"),
}
PERIODS: Mapping[str, tuple[StrOrPromise, int]] = {
    "today": (gettext_lazy("Today"), 0),
    "7-days": (gettext_lazy("Last 7 days"), 7),
    "30-days": (gettext_lazy("Last 30 days"), 30),
    "90-days": (gettext_lazy("Last 90 days"), 90),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """An entry in words. ``on``: what it is about, with its page when there is one."""

    line: activity.Line
    entry: Entry
    title: str
    on: str
    address: str

    @property
    def is_person(self) -> bool:
        return self.entry.actor_kind == ActorKind.MEMBER


@page(Privilege.SEE_AUDIT)
def listing(request: MemberRequest) -> HttpResponse:
    member, state = request.member, Listing(request.GET)
    found = entries(member.organisation_id, _filters(state), after=Mark.read(state.get("after")))
    context = {
        "rows": _rows(member, found.rows),
        "topics": [(key, label) for key, (label, _filters_) in TOPICS.items()],
        "kinds": list(KINDS.values()),
        "topic": state.get("about"),
        "people": [(f"m{one.pk}", one.user.name) for one in members(member.organisation_id, active=None)],
        "actors": [(str(key), label) for key, label in ACTORS.items()],
        "who": state.get("who"),
        "periods": [(key, label) for key, (label, _days) in PERIODS.items()],
        "period": state.choice("period", [*PERIODS]),
        "older": state.older(found.next),
        "newer": state.newer(),
        "is_narrowed": bool(state.get("about") or state.get("who") or state.get("period")),
        "foot": "" if state.get("after") else _("The %(number)s most recent") % {"number": len(found.rows)},
    }
    return show(request, "activity/list.html", context, fragments={"results": "results"})


def _filters(state: Listing) -> Filters:
    about, who = state.get("about"), state.get("who")
    found = TOPICS[about][1] if about in TOPICS else Filters(kind=about if about in KINDS else "")
    if who in ACTORS:
        found = replace(found, actor_kind=ActorKind(who))
    elif who.startswith("m") and who[1:].isdigit() and len(who) < len(str(2**63)):
        found = replace(found, actor_kind=ActorKind.MEMBER, actor_id=int(who[1:]))
    period = state.choice("period", [*PERIODS])
    return replace(found, since=_since(PERIODS[period][1])) if period else found


def _since(days: int) -> datetime:
    first: date = timezone.localdate() - timedelta(days=days)
    return datetime.combine(first, time.min, timezone.get_current_timezone())


def _rows(member: Member, found: Sequence[Entry]) -> list[Row]:
    """With the names of the records: one query for each kind that occurs."""
    references = {(entry.kind, entry.record_id) for entry in found if entry.kind in KINDS and entry.record_id}
    hits = labels(member.organisation_id, references)
    can_open = may(member, *AUTOMATE)
    return [_row(entry, hits, member, can_open=can_open) for entry in found]


def _row(entry: Entry, hits: Mapping[tuple[str, int], Hit], member: Member, *, can_open: bool) -> Row:
    line = activity.line(entry, currency=member.organisation.currency)
    hit = hits.get((entry.kind, entry.record_id or 0))
    return Row(
        line=line,
        entry=entry,
        title=title(entry, line.title),
        on=hit.label if hit else _named(entry),
        address=_address(entry, hit, can_open=can_open),
    )


def _named(entry: Entry) -> str:
    """What the journal itself keeps of the name."""
    data: Mapping[str, Any] = entry.data
    wanted: Iterable[str] = ("number", "name", "subject", "title", "email", "file")
    return next((str(data[key]) for key in wanted if data.get(key)), "")


def _address(entry: Entry, hit: Hit | None, *, can_open: bool) -> str:
    try:
        if entry.run_id is not None and entry.verb.startswith(("run.", "step.", "message.", "call.")):
            return reverse("run", args=[entry.run_id])
        if hit is not None:
            return reverse(KINDS[entry.kind].url_name, args=[hit.id])
        if entry.kind == "automation" and entry.record_id and can_open:
            return reverse("automation", args=[entry.record_id])
    except NoReverseMatch:
        return ""
    return ""
