"""Many runs at once: what was chosen, what would happen, and what became of each (RUN-7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.commands import Asked, On, Sent, Wish
from rouage.automations.explain import sentence
from rouage.automations.names import names_of
from rouage.automations.queries.runs import RunRow, rows_of
from rouage.planner.commands import Origin
from rouage.planner.model import Reason
from rouage.web.access import MemberRequest, action
from rouage.web.listing import number
from rouage.web.responses import go, refused, safe_next, show, toast
from rouage.web.views.runs.acting import asked

MOST = 500


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one run; ``new``: the run that takes it up."""

    run: RunRow
    is_done: bool
    text: str
    new: int | None = None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """``asks``: it is confirmed on a page of its own first."""

    title: StrOrPromise
    verb: StrOrPromise
    icon: str
    asks: bool
    said: Callable[[int], str]


DEEDS: Mapping[str, Deed] = {
    "relaunch": Deed(
        title=gettext_lazy("Relaunch these runs?"),
        verb=gettext_lazy("Relaunch"),
        icon="rotate-cw",
        asks=True,
        said=lambda count: ngettext("%(number)s run relaunched.", "%(number)s runs relaunched.", count),
    ),
    "pause": Deed(
        title=gettext_lazy("Pause these runs?"),
        verb=gettext_lazy("Pause"),
        icon="pause",
        asks=False,
        said=lambda count: ngettext("%(number)s run paused.", "%(number)s runs paused.", count),
    ),
    "resume": Deed(
        title=gettext_lazy("Resume these runs?"),
        verb=gettext_lazy("Resume"),
        icon="play",
        asks=False,
        said=lambda count: ngettext("%(number)s run resumed.", "%(number)s runs resumed.", count),
    ),
    "cancel": Deed(
        title=gettext_lazy("Cancel these runs?"),
        verb=gettext_lazy("Cancel the runs"),
        icon="ban",
        asks=True,
        said=lambda count: ngettext("%(number)s run cancelled.", "%(number)s runs cancelled.", count),
    ),
}


@action(Privilege.ACT_ON_RUNS)
def bulk(request: MemberRequest) -> HttpResponse:
    """Asks where something final follows; then does it and says what became of each."""
    address = safe_next(request, reverse("runs"))
    name, ids = request.POST.get("do", ""), _chosen(request.POST.getlist("run"))
    if name not in DEEDS:
        return refused(request, _("Choose what to do with the runs."), address)
    if not ids:
        return refused(request, _("Tick at least one run first."), address)
    rows = rows_of(request.member, ids)
    context = {"deed": DEEDS[name], "do": name, "rows": rows, "next": address, "runs_address": reverse("runs")}
    if DEEDS[name].asks and "confirmed" not in request.POST:
        return show(request, "runs/bulk.html", context)
    outcomes = _outcomes(request, name, rows)
    done = sum(outcome.is_done for outcome in outcomes)
    text = DEEDS[name].said(done) % {"number": done}
    if done == len(outcomes) and name != "relaunch":
        toast(request, text)
        return go(request, address)
    return show(request, "runs/outcomes.html", context | {"outcomes": outcomes, "text": text, "done": done})


def _chosen(texts: Sequence[str]) -> list[int]:
    ids = [found for text in texts[:MOST] if (found := number(text))]
    return list(dict.fromkeys(ids))


def _outcomes(request: MemberRequest, name: str, rows: Sequence[RunRow]) -> list[Outcome]:
    ids, who = [row.id for row in rows], asked(request)
    if name == "relaunch":
        return _relaunched(request, who, rows)
    changed = _COMMANDS[name](who, ids)
    done = set(changed.done)
    texts = _refusals(request, changed.refused, rows)
    return [Outcome(run=row, is_done=row.id in done, text=texts.get(row.id, "")) for row in rows]


_COMMANDS: Mapping[str, Callable[[Asked, Sequence[int]], commands.Changes]] = {
    "pause": commands.pause_runs,
    "resume": commands.resume_runs,
    "cancel": commands.cancel_runs,
}


def _relaunched(request: MemberRequest, who: Asked, rows: Sequence[RunRow]) -> list[Outcome]:
    """From the failed step, or the start; never an e-mail a second time unless it is asked for."""
    start = request.POST.get("origin") == Origin.START.value
    wish = Wish(
        origin=Origin.START if start else Origin.FAILED_STEP,
        on=On.CURRENT if request.POST.get("on") == On.CURRENT.value else On.OWN,
        repeat="repeat" in request.POST,
    )
    found = commands.relaunch_runs(who, [row.id for row in rows], wish)
    texts = _refusals(request, found.refused, rows)
    return [
        Outcome(
            run=row,
            is_done=row.id in found.done,
            text=texts.get(row.id, "") or _spared(found.sent.get(row.id, ())),
            new=found.done.get(row.id),
        )
        for row in rows
    ]


def _spared(sent: Sequence[Sent]) -> str:
    if not sent:
        return ""
    subjects = ", ".join(f"“{mail.subject}”" for mail in sent)
    return _("Not sent again: %(emails)s") % {"emails": subjects}


def _refusals(request: MemberRequest, refused_: Mapping[int, Reason], rows: Sequence[RunRow]) -> dict[int, str]:
    if not refused_:
        return {}
    names = names_of(request.member.organisation_id)
    kinds: dict[int, Any] = {row.id: row.kind for row in rows}
    return {run_id: sentence(reason, kinds.get(run_id, ""), names) for run_id, reason in refused_.items()}
