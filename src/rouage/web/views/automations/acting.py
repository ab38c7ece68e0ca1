"""What one does with an automation as a whole: switch, rename, duplicate, delete, end a flood (AUT-5, AUT-14)."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.automations import commands
from rouage.automations.access import access_automation, require_edit, require_publish
from rouage.automations.commands import Off, Switched
from rouage.automations.commands import delete as delete_automation
from rouage.automations.errors import Invalid, Refused
from rouage.automations.models import Automation
from rouage.planner.model import Resume
from rouage.web.access import MemberRequest, action
from rouage.web.forms.automations.small import NameForm, SwitchOffForm, SwitchOnForm
from rouage.web.navigation import AUTOMATE
from rouage.web.responses import Undo, go, refused, safe_next, show, toast
from rouage.web.views.automations import lists, panels


@action(*AUTOMATE)
def switch(request: MemberRequest, automation_id: int) -> HttpResponse:
    """ON or OFF as ``on`` says; asks first when there are runs or records that somebody has to decide about."""
    automation = access_automation(request.member, automation_id)
    require_publish(request.member, automation)
    try:
        if request.POST.get("on") == "true":
            return _switch_on(request, automation)
        return _switch_off(request, automation)
    except Refused as refusal:
        return refused(request, refusal.sentence, safe_next(request, reverse("automations")))


def _switch_off(request: MemberRequest, automation: Automation) -> HttpResponse:
    asks = "runs" not in request.POST
    if asks and panels.open_count(automation):
        return _ask(request, automation, "off")
    form = SwitchOffForm({"runs": Off.HOLD.value} if asks else request.POST)
    if not form.is_valid():
        return _faulty(request, panels.drawn(request, "off", automation, form))
    done = commands.disable(request.member, automation, runs=Off(form.cleaned_data["runs"]), now=timezone.now())
    text = _("“%(name)s” is switched off.") % {"name": automation.name}
    undo = Undo(url=reverse("automation-switch", args=[automation.pk]), fields={"on": "true", "resume": "keep_dates"})
    return _said(request, " ".join([text, *_told(done, form.cleaned_data["runs"])]), undo=undo)


def _switch_on(request: MemberRequest, automation: Automation) -> HttpResponse:
    asks = not {"resume", "existing"} & set(request.POST)
    held = panels.held_count(automation)
    count = panels.existing_count(automation) if asks or "existing" in request.POST else None
    if asks and (held or (count and count.number)):
        return _ask(request, automation, "on")
    form = SwitchOnForm({} if asks else request.POST, held=held, matching=count)
    if not form.is_valid():
        return _faulty(request, panels.drawn(request, "on", automation, form))
    resume = Resume(form.cleaned_data.get("resume") or Resume.KEEP_DATES)
    taken = form.taken()
    done = commands.enable(request.member, automation, resume=resume, existing=taken, now=timezone.now())
    text = _("“%(name)s” is switched on.") % {"name": automation.name}
    return _said(request, " ".join([text, *_told(done, "on")]))


def _told(done: Switched, how: str) -> list[str]:
    """What became of its runs, in sentences."""
    count, told = len(done.changes.done), []
    if count and how == Off.HOLD:
        told.append(ngettext("%(number)s run is held.", "%(number)s runs are held.", count) % {"number": count})
    if count and how == Off.CANCEL:
        told.append(ngettext("%(number)s run cancelled.", "%(number)s runs cancelled.", count) % {"number": count})
    if count and how == "on":
        told.append(ngettext("%(number)s run goes on.", "%(number)s runs go on.", count) % {"number": count})
    if done.enrolled:
        text = ngettext("%(number)s existing record taken in.", "%(number)s existing records taken in.", done.enrolled)
        told.append(text % {"number": done.enrolled})
    return told


@action(*AUTOMATE)
def rename(request: MemberRequest, automation_id: int) -> HttpResponse:
    automation = access_automation(request.member, automation_id)
    require_edit(request.member, automation)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            commands.rename(request.member, automation, form.cleaned_data["name"], now=timezone.now())
        except Invalid as invalid:
            form.take(invalid.errors)
        else:
            toast(request, _("Renamed."))
            return go(request, safe_next(request, reverse("automations")))
    return _faulty(request, panels.drawn(request, "rename", automation, form))


@action(*AUTOMATE)
def duplicate(request: MemberRequest, automation_id: int) -> HttpResponse:
    """A draft of one's own with the same content, opened in the editor."""
    automation = access_automation(request.member, automation_id)
    copy = commands.duplicate(request.member, automation, now=timezone.now())
    toast(request, _("“%(name)s” was made as a draft.") % {"name": copy.name})
    return go(request, reverse("automation", args=[copy.pk]))


@action(*AUTOMATE)
def delete(request: MemberRequest, automation_id: int) -> HttpResponse:
    automation = access_automation(request.member, automation_id)
    require_edit(request.member, automation)
    changes = delete_automation(request.member, automation, now=timezone.now())
    count = len(changes.done)
    text = _("“%(name)s” was deleted.") % {"name": automation.name}
    if count:
        text += " " + ngettext("%(number)s run cancelled.", "%(number)s runs cancelled.", count) % {"number": count}
    toast(request, text)
    return go(request, reverse("automations"))


@action(*AUTOMATE)
def flood(request: MemberRequest, automation_id: int) -> HttpResponse:
    """Ends a flood: the runs that it held go on, or are cancelled."""
    automation = access_automation(request.member, automation_id)
    require_publish(request.member, automation)
    now = timezone.now()
    if request.POST.get("do") == "purge":
        count = len(commands.purge_flood(request.member, automation, now=now).done)
        text = ngettext("%(number)s run cancelled.", "%(number)s runs cancelled.", count)
    else:
        count = len(commands.release_flood(request.member, automation, now=now).done)
        text = ngettext("%(number)s run goes on.", "%(number)s runs go on.", count)
    toast(request, text % {"number": count})
    return go(request, safe_next(request, reverse("automations")))


def _ask(request: MemberRequest, automation: Automation, what: str) -> HttpResponse:
    """The page below, with the question open beside it."""
    below = panels.back(request)
    if request.method == "POST" and not request.htmx:
        below = safe_next(request, reverse("automations"))
    query = panels.query_of(below)
    query["panel"] = f"{what}-{automation.pk}"
    return go(request, f"{below.partition('?')[0]}?{query.urlencode()}")


def _faulty(request: MemberRequest, panel: panels.Panel) -> HttpResponse:
    if (request.htmx.target or "").rpartition("#")[2] == "panel":
        return panels.alone(request, panel, status=422)
    context = lists.context(request) | {"panel": panel.template, **panel.context}
    return show(request, "automations/list.html", context, status=422)


def _said(request: MemberRequest, text: str, undo: Undo | None = None) -> HttpResponse:
    toast(request, text, undo=undo)
    if (request.htmx.target or "").rpartition("#")[2] == "automations-page":
        return lists.again(request)
    return go(request, safe_next(request, reverse("automations")))
