"""A new automation: what is to be watched is chosen first; the name comes by itself and can be changed (TPL-4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.errors import Invalid
from rouage.automations.models import Automation
from rouage.automations.registry import TRIGGERS
from rouage.planner.types import fits
from rouage.records.kinds import KINDS, RecordKind
from rouage.records.search import fold
from rouage.web.access import FORM, MemberRequest, page
from rouage.web.components.kinds import automatable, plural
from rouage.web.components.sentences import TRIGGER
from rouage.web.forms.automations.draft import editable, new_trigger
from rouage.web.forms.automations.environment import environment
from rouage.web.forms.automations.parts import Pick, picks
from rouage.web.responses import go, show

TRIES = 100


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of record with the triggers that fit it."""

    kind: RecordKind
    label: str
    triggers: Sequence[Pick]


@page(Privilege.CREATE_AUTOMATIONS, methods=FORM)
def create(request: MemberRequest) -> HttpResponse:
    """``start`` is what was pressed, such as "quote:status_changed"."""
    name, wanted = request.POST.get("name", "").strip(), request.POST.get("start", "")
    errors: dict[str, str] = {}
    if request.method == "POST":
        kind, _colon, trigger = wanted.partition(":")
        if kind in KINDS and trigger in TRIGGERS and fits(TRIGGERS[trigger].kinds, kind) and KINDS[kind].automatable:
            try:
                return _created(request, name, kind, trigger)
            except Invalid as invalid:
                errors = dict(invalid.errors)
        else:
            errors = {"start": _("Choose what is to be watched.")}
    text = request.GET.get("q", "")
    context = {
        "families": _families(text),
        "text": text,
        "name": name,
        "errors": errors,
        "list_address": reverse("automations"),
    }
    return show(
        request, "automations/new.html", context, fragments={"families": "families"}, status=422 if errors else 200
    )


def _created(request: MemberRequest, name: str, kind: str, trigger: str) -> HttpResponse:
    member = request.member
    draft = editable({"kind": kind, "trigger": new_trigger(trigger, environment(member, kind, trigger))})
    if name:
        made = commands.create(member, name=name, kind=kind, draft=draft, now=timezone.now())
    else:
        made = _named(member, kind, trigger, draft)
    return go(request, reverse("automation", args=[made.pk]) + f"?at={TRIGGER}#{TRIGGER}")


def _named(member: Member, kind: str, trigger: str, draft: dict[str, object]) -> Automation:
    """The first free name of "Quote: status changed", "Quote: status changed 2" and so on."""
    base = _("%(kind)s: %(trigger)s") % {"kind": KINDS[kind].label, "trigger": _(TRIGGERS[trigger].label).lower()}
    for number in range(1, TRIES):
        name = base if number == 1 else f"{base} {number}"
        try:
            return commands.create(member, name=name, kind=kind, draft=draft, now=timezone.now())
        except Invalid as invalid:
            if "name" not in invalid.errors:
                raise
    raise Invalid({"name": _("Give the automation a name.")})


def _families(text: str) -> list[Family]:
    """Every kind with its triggers; a search looks at the words of both."""
    wanted = fold(text)
    families = []
    for kind in automatable():
        label = str(plural(kind))
        found = [
            pick
            for pick in picks(TRIGGERS, kind.key)
            if not wanted or wanted in fold(f"{label} {pick.label} {pick.help}")
        ]
        if found:
            families.append(Family(kind=kind, label=label, triggers=found))
    return families
