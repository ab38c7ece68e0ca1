"""Publishes the draft as a version, after a question that says what changes and what becomes of what waits (AUT-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.automations import commands
from rouage.automations.access import access_automation, can_publish, require_publish
from rouage.automations.candidates import can_enroll, matching
from rouage.automations.dry_run import compiled_draft
from rouage.automations.errors import NotPublishable, Refused
from rouage.automations.models import Automation
from rouage.automations.names import names_of
from rouage.automations.queries.automations import differences
from rouage.web.access import MemberRequest, action
from rouage.web.components.merge_fields import plain_differences
from rouage.web.forms.automations.publish import PublishForm
from rouage.web.forms.automations.small import NEW, TOO
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import fragment, go, refused, toast
from rouage.web.views.automations import panels

PANEL = "automations/panels/publish.html"
type Extra = dict[str, Any]


def opened(request: MemberRequest, found: Automation) -> Extra:
    """The panel beside the editor; nothing while it cannot be published."""
    if found.draft is None or not can_publish(request.member, found):
        return {}
    compiled = compiled_draft(found.organisation_id, found.draft)
    if compiled is None:
        return {}
    return _context(found, _form(found, None)) | {"panel": PANEL}


def alone(request: MemberRequest, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return fragment(request, PANEL, context, status=status)


@action(*AUTOMATE)
def publish(request: MemberRequest, automation_id: int) -> HttpResponse:
    found = access_automation(request.member, automation_id)
    require_publish(request.member, found)
    address = reverse("automation", args=[found.pk])
    form = _form(found, request.POST)
    if not form.is_valid():
        return go(request, f"{address}?panel=publish")
    try:
        done = commands.publish(
            request.member,
            found,
            waiting=form.wish(),
            existing=form.taken(),
            note=form.cleaned_data["note"],
            now=timezone.now(),
        )
    except NotPublishable:
        return go(request, f"{address}?check=1&at=problems#problems")
    except Refused as refusal:
        return refused(request, refusal.sentence, address)
    toast(request, _told(done, found))
    return go(request, reverse("automations"))


def _form(found: Automation, data: Mapping[str, Any] | None) -> PublishForm:
    compiled = compiled_draft(found.organisation_id, found.draft) if found.draft else None
    count = None
    if compiled is not None and can_enroll(compiled):
        count = matching(found.organisation_id, compiled, now=timezone.now(), automation=found)
    former = found.published.number if found.published else 0
    return PublishForm(data, former=former, waiting=panels.open_count(found) if former else 0, matching=count)


def _context(found: Automation, form: PublishForm) -> Extra:
    before = found.published.definition if found.published else None
    changed = differences(before, found.draft, names_of(found.organisation_id)) if before else ()
    return {
        "automation": found,
        "form": form,
        "changed": plain_differences(changed, found.kind),
        "number": (found.published.number if found.published else 0) + 1,
        "waiting": panels.open_count(found),
        "existing_notes": {
            NEW: _("Those to which it happens from now on."),
            TOO: _("Their first step is planned at once. Look at the list before."),
        },
        "is_off": found.published_id is not None and not found.is_active,
    }


def _told(done: commands.Published, found: Automation) -> str:
    number = done.version.number
    if number == 1:
        told = [_("“%(name)s” is active.") % {"name": found.name}]
    else:
        told = [_("Version %(number)s of “%(name)s” is published.") % {"number": number, "name": found.name}]
    count = len(done.changes.done)
    if count:
        text = ngettext("%(number)s waiting run was settled.", "%(number)s waiting runs were settled.", count)
        told.append(text % {"number": count})
    if done.enrolled:
        text = ngettext("%(number)s existing record taken in.", "%(number)s existing records taken in.", done.enrolled)
        told.append(text % {"number": done.enrolled})
    return " ".join(told)
