"""The editor: a form made from the schemas of the types, saved as a draft by every button and on every input (TPL-4).

Nothing lives in the browser. The form posts all of itself; the answer is the editor drawn from the draft as it was
saved, morphed in by htmx or loaded anew. A button's ``do`` says what it changes besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.access import access_automation, can_edit, can_publish, require_edit
from rouage.automations.errors import Invalid, Refused
from rouage.automations.models import Automation, DraftRevision
from rouage.automations.names import names_of
from rouage.automations.problems import Problem
from rouage.automations.scope import scope_of
from rouage.automations.validation import problems
from rouage.web.access import MemberRequest, action, may, page
from rouage.web.forms.automations import draft as drafts
from rouage.web.forms.automations import edits, parts, posted
from rouage.web.forms.automations.environment import environment
from rouage.web.listing import number
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import go, refused, show, toast
from rouage.web.views.automations import publishing, reading, trying

TEMPLATE = "automations/editor.html"
FRAGMENTS = {"editor": "editor"}
PUBLISH = "publish"
type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class State:
    """What the address says besides the draft. ``checks``: the problems are shown; ``lands``: where the reader goes."""

    record_id: int | None = None
    checks: bool = False
    lands: str = ""
    name_error: str = ""
    name: str = ""

    def address(self, automation: Automation) -> str:
        query: dict[str, str] = {}
        if self.record_id is not None:
            query["record"] = str(self.record_id)
        if self.checks:
            query["check"] = "1"
        if self.lands:
            query["at"] = self.lands
        told = f"?{urlencode(query)}" if query else ""
        return reverse("automation", args=[automation.pk]) + told + (f"#{self.lands}" if self.lands else "")


@page(*AUTOMATE)
def automation(request: MemberRequest, automation_id: int) -> HttpResponse:
    found = access_automation(request.member, automation_id)
    if not can_edit(request.member, found):
        return reading.detail(request, found)
    state = State(
        record_id=number(request.GET.get("record", "")),
        checks=request.GET.get("check") == "1",
        lands=request.GET.get("at", "")[:60],
    )
    panel = publishing.opened(request, found) if request.GET.get("panel") == PUBLISH else {}
    if panel and (request.htmx.target or "").rpartition("#")[2] == "panel":
        return publishing.alone(request, panel)
    return show(request, TEMPLATE, context(request, found, state) | panel, fragments=FRAGMENTS)


@action(*AUTOMATE)
def save(request: MemberRequest, automation_id: int) -> HttpResponse:
    """The form as a draft, then what the pressed button asks for."""
    found = access_automation(request.member, automation_id)
    require_edit(request.member, found)
    name_error = _rename(request, found)
    try:
        found, lands = _saved(request, found)
    except Refused as refusal:
        # Somebody else's draft is newer: what was typed stays on the screen.
        return refused(request, refusal.sentence, reverse("automation", args=[found.pk]))
    except Invalid as invalid:
        return refused(request, " ".join(invalid.errors.values()), reverse("automation", args=[found.pk]))
    do, checks = request.POST.get("do", ""), request.POST.get("check") == "1"
    state = State(
        record_id=_record(request),
        checks=checks or do == PUBLISH,
        lands=lands,
        name_error=name_error,
        name=request.POST.get("name", "") if name_error else "",
    )
    if do == PUBLISH:
        return _to_publish(request, found, state)
    return _answer(request, found, state)


@action(*AUTOMATE)
def undo(request: MemberRequest, automation_id: int) -> HttpResponse:
    return _turn(request, automation_id, commands.undo)


@action(*AUTOMATE)
def redo(request: MemberRequest, automation_id: int) -> HttpResponse:
    return _turn(request, automation_id, commands.redo)


@action(*AUTOMATE)
def discard(request: MemberRequest, automation_id: int) -> HttpResponse:
    """Back to what was published."""
    found = access_automation(request.member, automation_id)
    require_edit(request.member, found)
    try:
        commands.discard_draft(request.member, found, now=timezone.now())
    except Refused as refusal:
        return refused(request, refusal.sentence, reverse("automation", args=[found.pk]))
    return go(request, reverse("automation", args=[found.pk]))


def context(request: MemberRequest, found: Automation, state: State, draft: Json | None = None) -> dict[str, Any]:
    """``draft``: what was typed and could not be saved; else the stored one."""
    member = request.member
    stored = drafts.editable(draft or reading.stored(found))
    wrong = problems(stored, scope_of(member.organisation_id))
    shown: Sequence[Problem] = wrong if state.checks else ()
    env = environment(member, stored["kind"], _trigger(stored), shown)
    drawn = parts.page(stored, env, names_of(member.organisation_id), shown)
    return {
        "automation": found,
        "kind": env.kind,
        "page": drawn,
        "state": state,
        "problem_count": len(wrong),
        "trial": trying.trial(request, stored, state.record_id, wrong=wrong, told=drawn.summary),
        "can_publish": can_publish(member, found),
        "can_undo": _has_revision(found, -1),
        "can_redo": _has_revision(found, 1),
        "version": found.published.number if found.published else 0,
        "saved_today": _is_today(found),
        "list_address": reverse("automations"),
        "address": reverse("automation", args=[found.pk]),
        "record_fields": {"record": state.record_id or "", "check": "1" if state.checks else ""},
        "sees_runs": may(member, Privilege.SEE_RUNS),
    }


def _saved(request: MemberRequest, found: Automation) -> tuple[Automation, str]:
    member, now = request.member, timezone.now()
    before = drafts.editable(reading.stored(found))
    env = environment(member, before["kind"], request.POST.get("trigger.type", ""))
    typed = drafts.read(posted.read(request.POST), before, env, names_of(member.organisation_id))
    edited = edits.apply(request.POST.get("do", ""), typed, env)
    # Typed in a row, the answers of one's own saves may be still under way: only another's draft is a collision.
    is_own = found.draft is None or found.draft_by_id == member.pk
    base = None if is_own else number(request.POST.get("base", "")) or 0
    if found.draft is None and drafts.is_same(edited.draft, before):
        # What was only opened makes no draft.
        return found, edited.lands
    return commands.save_draft(member, found, edited.draft, base=base, now=now), edited.lands


def _rename(request: MemberRequest, found: Automation) -> str:
    """What is wrong with the name; the draft is saved all the same."""
    if "name" not in request.POST:
        return ""
    try:
        found.name = commands.rename(request.member, found, request.POST["name"], now=timezone.now()).name
    except Invalid as invalid:
        return invalid.errors.get("name", "")
    return ""


def _to_publish(request: MemberRequest, found: Automation, state: State) -> HttpResponse:
    """The question of publishing; or what is still missing."""
    if problems(found.draft or {}, scope_of(request.member.organisation_id)) if found.draft else False:
        return _answer(request, found, State(record_id=state.record_id, checks=True, lands="problems"))
    return go(request, f"{reverse('automation', args=[found.pk])}?panel={PUBLISH}")


def _answer(request: MemberRequest, found: Automation, state: State) -> HttpResponse:
    if not request.htmx and not state.name_error:
        return go(request, state.address(found))
    found = access_automation(request.member, found.pk)
    status = 422 if state.name_error else 200
    response = show(request, TEMPLATE, context(request, found, state), fragments=FRAGMENTS, status=status)
    response["HX-Replace-Url"] = State(record_id=state.record_id, checks=state.checks).address(found)
    return response


def _turn(request: MemberRequest, automation_id: int, command: Any) -> HttpResponse:  # noqa: ANN401 -- undo or redo
    found = access_automation(request.member, automation_id)
    require_edit(request.member, found)
    try:
        command(request.member, found, now=timezone.now())
    except Refused as refusal:
        toast(request, refusal.sentence, is_failure=True)
    state = State(record_id=number(request.POST.get("record", "")), checks=request.POST.get("check") == "1")
    return _answer(request, found, state)


def _has_revision(found: Automation, by: int) -> bool:
    if found.draft is None:
        return False
    return DraftRevision.objects.filter(automation=found, number=found.draft_number + by).exists()


def _record(request: MemberRequest) -> int | None:
    """The record that the reader has chosen to try; None for the one that was offered by itself."""
    asked = request.POST.get("record", "")
    return None if asked == request.POST.get("record_offered") else number(asked)


def _is_today(found: Automation) -> bool:
    saved = found.draft_saved_at
    return saved is not None and timezone.localtime(saved).date() == timezone.localdate()


def _trigger(stored: Json) -> str:
    given = stored.get("trigger")
    return str(given.get("type", "")) if isinstance(given, dict) else ""
