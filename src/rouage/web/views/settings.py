"""The settings of the organisation: its name and sender, and when it works (AUT-10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rouage.accounts import commands, queries
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Organisation
from rouage.accounts.privileges import Privilege
from rouage.web.access import FORM, MemberRequest, action, actor, may, page
from rouage.web.components.parts import Tab
from rouage.web.components.places import holiday_names
from rouage.web.forms.base import CommandForm
from rouage.web.forms.settings import CalendarForm, ClosingForm, OrganisationForm
from rouage.web.responses import go, invalid, show, toast

CLOSED_SHOWN = 8


def tabs(request: MemberRequest, current: str) -> list[Tab]:
    """The settings that the member may change."""
    known = (
        ("organisation", _("Organisation"), Privilege.MANAGE_SETTINGS),
        ("calendar", _("Calendar"), Privilege.MANAGE_SETTINGS),
        ("pipelines", _("Pipelines"), Privilege.MANAGE_SETTINGS),
        ("members", _("Members"), Privilege.MANAGE_MEMBERS),
        ("profiles", _("Profiles"), Privilege.MANAGE_MEMBERS),
    )
    return [
        Tab(label=label, address=reverse(f"settings-{name}"), is_current=name == current)
        for name, label, privilege in known
        if may(request.member, privilege)
    ]


@page(Privilege.MANAGE_SETTINGS, Privilege.MANAGE_MEMBERS)
def settings(request: MemberRequest) -> HttpResponse:
    return go(request, tabs(request, "")[0].address)


@page(Privilege.MANAGE_SETTINGS, methods=FORM)
def organisation(request: MemberRequest) -> HttpResponse:
    own = request.member.organisation
    given = {name: getattr(own, name) for name in OrganisationForm.base_fields}
    form = OrganisationForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_bound and form.is_valid():
        try:
            commands.change_organisation(actor(request), own, **form.cleaned_data, now=timezone.now())
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("Saved"))
            return go(request, request.path)
    shown = {"form": form, "tabs": tabs(request, "organisation")}
    return answer(request, "settings/organisation.html", shown, form)


@page(Privilege.MANAGE_SETTINGS, methods=FORM)
def calendar(request: MemberRequest) -> HttpResponse:
    own = request.member.organisation
    form = CalendarForm(own, request.POST if request.method == "POST" else None)
    if form.is_bound and request.POST.get("do") == "refresh":
        form.full_clean()
        form.quiet = True
        return show(request, "settings/calendar.html", _calendar(request, form, ClosingForm()))
    if form.is_bound and form.is_valid():
        try:
            commands.change_calendar(actor(request), own, **form.cleaned_data, now=timezone.now())
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("Calendar saved. Work that is planned follows it from now on."))
            return go(request, request.path)
    return answer(request, "settings/calendar.html", _calendar(request, form, ClosingForm()), form)


@action(Privilege.MANAGE_SETTINGS)
def add_closing(request: MemberRequest) -> HttpResponse:
    own, form = request.member.organisation, ClosingForm(request.POST)
    if form.is_valid():
        try:
            commands.add_closing_date(actor(request), own, **form.cleaned_data, now=timezone.now())
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("Saved"))
            return go(request, reverse("settings-calendar") + "#closings")
    return invalid(request, "settings/calendar.html", _calendar(request, CalendarForm(own), form))


@action(Privilege.MANAGE_SETTINGS)
def remove_closing(request: MemberRequest, closing_id: int) -> HttpResponse:
    own = request.member.organisation
    commands.remove_closing_date(actor(request), own, closing_id, now=timezone.now())
    toast(request, _("Removed: you work on these days again."))
    return go(request, reverse("settings-calendar") + "#closings")


def _calendar(request: MemberRequest, form: CalendarForm, closing_form: ClosingForm) -> dict[str, Any]:
    own, today = request.member.organisation, timezone.localdate()
    closings = list(queries.closing_dates(own.pk))
    coming = [(one.first_day, one.label or _("Closed"), "wait") for one in closings if one.first_day >= today]
    holidays = [(day, name, "info") for day, name in _holidays(own, today)]
    return {
        "form": form,
        "closing_form": closing_form,
        "closings": closings,
        "coming": sorted([*coming, *holidays])[:CLOSED_SHOWN],
        "tabs": tabs(request, "calendar"),
    }


def _holidays(own: Organisation, today: date) -> list[tuple[date, str]]:
    """The public holidays of the next twelve months."""
    language, end = (get_language() or "fr")[:2], today + timedelta(days=365)
    found = [
        pair
        for year in (today.year, today.year + 1)
        for pair in holiday_names(own.country, own.region, year, language).items()
    ]
    return [(day, name) for day, name in found if today <= day <= end]


def answer(request: MemberRequest, template: str, shown: dict[str, Any], form: CommandForm) -> HttpResponse:
    """The page with its form, with 422 when the form came back with errors."""
    return invalid(request, template, shown) if form.is_bound else show(request, template, shown)
