"""Pipelines and their stages (REC-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.privileges import Privilege
from rouage.records import commands, queries
from rouage.records.access import access_pipeline, access_stage
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Pipeline, Stage
from rouage.web.access import MemberRequest, action, actor, page
from rouage.web.forms.settings import NameForm, StageForm
from rouage.web.responses import go, invalid, refused, show, toast
from rouage.web.views.settings import tabs


@page(Privilege.MANAGE_SETTINGS)
def pipelines(request: MemberRequest) -> HttpResponse:
    return show(request, "settings/pipelines.html", _context(request))


@action(Privilege.MANAGE_SETTINGS)
def create(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST)
    if form.is_valid():
        name, now = form.cleaned_data["name"], timezone.now()
        try:
            commands.create_pipeline(actor(request), request.member.organisation, name, now=now)
        except Invalid as error:
            form.take(error.errors)
        else:
            return _saved(request)
    return invalid(request, "settings/pipelines.html", _context(request, form=form))


@action(Privilege.MANAGE_SETTINGS)
def rename(request: MemberRequest, pipeline_id: int) -> HttpResponse:
    pipeline, by = _pipeline(request, pipeline_id), actor(request)
    name, now = request.POST.get("name", ""), timezone.now()
    return _do(request, lambda: commands.rename_pipeline(by, pipeline, name, now=now))


@action(Privilege.MANAGE_SETTINGS)
def delete(request: MemberRequest, pipeline_id: int) -> HttpResponse:
    pipeline, by, now = _pipeline(request, pipeline_id), actor(request), timezone.now()
    return _do(request, lambda: commands.delete_pipeline(by, pipeline, now=now))


@action(Privilege.MANAGE_SETTINGS)
def add_stage(request: MemberRequest, pipeline_id: int) -> HttpResponse:
    pipeline, form = _pipeline(request, pipeline_id), StageForm(request.POST)
    if form.is_valid():
        name, outcome, now = form.cleaned_data["name"], form.cleaned_data["outcome"], timezone.now()
        try:
            commands.add_stage(actor(request), pipeline, name, outcome=outcome, now=now)
        except Invalid as error:
            form.take(error.errors)
        else:
            return _saved(request)
    return invalid(request, "settings/pipelines.html", _context(request, stage_form=form, of=pipeline_id))


@action(Privilege.MANAGE_SETTINGS)
def rename_stage(request: MemberRequest, stage_id: int) -> HttpResponse:
    stage, by = _stage(request, stage_id), actor(request)
    name, now = request.POST.get("name", ""), timezone.now()
    return _do(request, lambda: commands.rename_stage(by, stage, name, now=now))


@action(Privilege.MANAGE_SETTINGS)
def move_stage(request: MemberRequest, stage_id: int) -> HttpResponse:
    """One place up or down."""
    stage, by, now = _stage(request, stage_id), actor(request), timezone.now()
    order = [one.pk for one in queries.stages(stage.organisation_id, stage.pipeline_id)]
    place = order.index(stage.pk)
    other = place - 1 if request.POST.get("to") == "up" else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return _do(request, lambda: commands.order_stages(by, stage.pipeline, order, now=now))


@action(Privilege.MANAGE_SETTINGS)
def delete_stage(request: MemberRequest, stage_id: int) -> HttpResponse:
    stage, by, now = _stage(request, stage_id), actor(request), timezone.now()
    return _do(request, lambda: commands.delete_stage(by, stage, now=now))


def _pipeline(request: MemberRequest, pipeline_id: int) -> Pipeline:
    return access_pipeline(request.member, pipeline_id, Privilege.MANAGE_SETTINGS)


def _stage(request: MemberRequest, stage_id: int) -> Stage:
    return access_stage(request.member, stage_id, Privilege.MANAGE_SETTINGS)


def _do(request: MemberRequest, command: Callable[[], object]) -> HttpResponse:
    place = reverse("settings-pipelines")
    try:
        command()
    except Refused as refusal:
        return refused(request, refusal.sentence, place)
    except Invalid as error:
        return refused(request, " ".join(error.errors.values()), place)
    return _saved(request)


def _saved(request: MemberRequest) -> HttpResponse:
    toast(request, _("Saved"))
    return go(request, reverse("settings-pipelines"))


def _context(
    request: MemberRequest, *, form: NameForm | None = None, stage_form: StageForm | None = None, of: int = 0
) -> dict[str, Any]:
    organisation_id = request.member.organisation_id
    found = [
        {
            "row": pipeline,
            "stages": queries.stages(organisation_id, pipeline.pk),
            "form": stage_form if stage_form is not None and pipeline.pk == of else StageForm(prefix=""),
        }
        for pipeline in queries.pipelines(organisation_id)
    ]
    return {"pipelines": found, "form": form or NameForm(), "tabs": tabs(request, "pipelines")}
