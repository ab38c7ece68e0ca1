"""What people do with one run: relaunch, pause, resume, skip a step, run it now, cancel (RUN-6, RUN-7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.access import access_run
from rouage.automations.commands import Asked, Sent, Wish
from rouage.automations.definition import NotRunnable, parse
from rouage.automations.errors import Refused
from rouage.automations.models import Run
from rouage.automations.names import names_of
from rouage.automations.queries.timeline import timeline
from rouage.automations.sentence import action_clause, phrases_for
from rouage.planner.commands import Origin
from rouage.planner.model import Resume, RunStatus
from rouage.web.access import FORM, MemberRequest, action, client_address, page
from rouage.web.components import dates
from rouage.web.components.stories import capital
from rouage.web.forms.runs import PauseUntilForm, RelaunchForm
from rouage.web.responses import go, refused, safe_next, toast
from rouage.web.views.runs.box import answer
from rouage.web.views.runs.panels import beside, run_context

NOTE = 500


def asked(request: MemberRequest) -> Asked:
    return Asked(
        member=request.member,
        now=timezone.now(),
        note=request.POST.get("note", "")[:NOTE],
        address=client_address(request),
    )


@action(Privilege.ACT_ON_RUNS)
def pause(request: MemberRequest, run_id: int) -> HttpResponse:
    return _done(request, run_id, lambda: commands.pause_run(asked(request), run_id), _("Run paused."))


@action(Privilege.ACT_ON_RUNS)
def resume(request: MemberRequest, run_id: int) -> HttpResponse:
    mode = Resume(request.POST["mode"]) if request.POST.get("mode") in set(Resume) else Resume.KEEP_DATES
    text = _("Run resumed.")
    return _done(request, run_id, lambda: commands.resume_run(asked(request), run_id, mode=mode), text)


@action(Privilege.ACT_ON_RUNS)
def skip(request: MemberRequest, run_id: int) -> HttpResponse:
    return _done(request, run_id, lambda: commands.skip_step(asked(request), run_id), _("Step skipped."))


@action(Privilege.ACT_ON_RUNS)
def run_now(request: MemberRequest, run_id: int) -> HttpResponse:
    text = _("The step is carried out now.")
    return _done(request, run_id, lambda: commands.run_step_now(asked(request), run_id), text)


@page(Privilege.ACT_ON_RUNS, methods=FORM)
def pause_until(request: MemberRequest, run_id: int) -> HttpResponse:
    told = timeline(request.member, run_id)
    form = PauseUntilForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        try:
            commands.pause_run(asked(request), run_id, until=until)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            said = _("Paused until %(moment)s.") % {"moment": dates.moment(until)} if until else _("Run paused.")
            toast(request, said)
            return go(request, safe_next(request, reverse("run", args=[run_id])))
    context = run_context(request, told) | {"form": form}
    return beside(request, "pause", told, context, status=422 if form.errors else 200)


@page(Privilege.ACT_ON_RUNS, methods=FORM)
def cancel(request: MemberRequest, run_id: int) -> HttpResponse:
    """Asks first: a cancelled run goes on only by a relaunch."""
    if request.method == "POST":
        return _done(request, run_id, lambda: commands.cancel_run(asked(request), run_id), _("Run cancelled."))
    told = timeline(request.member, run_id)
    return beside(request, "cancel", told, run_context(request, told))


@page(Privilege.ACT_ON_RUNS, methods=FORM)
def relaunch(request: MemberRequest, run_id: int) -> HttpResponse:
    """From the failed step at once when the form brings no choice (the arrow of the box); else as it says (RUN-7)."""
    run = access_run(request.member, run_id)
    if request.method == "POST" and "origin" not in request.POST:
        return _relaunched(request, run, _shortest(run))
    form = _relaunch_form(request, run)
    if request.method == "POST" and form.is_valid():
        return _relaunched(request, run, form.wish())
    told = timeline(request.member, run_id)
    sent, refusal = _preview(request, run)
    context = run_context(request, told) | {"form": form, "sent": _named(sent, run), "refusal": refusal}
    return beside(request, "relaunch", told, context, status=422 if form.errors else 200)


def _relaunched(request: MemberRequest, run: Run, wish: Wish) -> HttpResponse:
    address = safe_next(request, reverse("run", args=[run.pk]))
    try:
        new, spared = commands.relaunch(asked(request), run.pk, wish)
    except Refused as refusal:
        return answer(request, refusal.sentence, address, is_failure=True) or refused(
            request, refusal.sentence, address
        )
    text = _("Relaunched as run %(number)s.") % {"number": new}
    if spared:
        text += " " + _("What had already left is not sent again.")
    if address.startswith(reverse("runs")):
        address = address.replace(f"panel={run.pk}", f"panel={new}").replace(f"/{run.pk}", f"/{new}")
    return _said(request, text, address)


def _shortest(run: Run) -> Wish:
    """The step that failed or was reached; what has finished begins anew."""
    return Wish(origin=Origin.START if run.status == RunStatus.FINISHED else Origin.FAILED_STEP)


def _relaunch_form(request: MemberRequest, run: Run) -> RelaunchForm:
    published = run.automation.published
    return RelaunchForm(
        request.POST if request.method == "POST" else None,
        steps=steps(run),
        versions=(run.version.number, published.number if published else run.version.number),
        status=RunStatus(run.status),
    )


def steps(run: Run) -> Sequence[tuple[int, str]]:
    """Position and title of each step of the run's version."""
    try:
        definition = parse(run.version.definition)
    except NotRunnable:
        return ()
    phrases = phrases_for(definition, names_of(run.organisation_id))
    return [(position, capital(action_clause(step, phrases))) for position, step in enumerate(definition.steps)]


def _preview(request: MemberRequest, run: Run) -> tuple[Sequence[Sent], str]:
    """What has left already, and why a relaunch is not possible."""
    try:
        # It looks through the locks of a relaunch, and lets go of them.
        with transaction.atomic():
            return commands.preview_relaunch(asked(request), run.pk, Wish(origin=Origin.START)).sent, ""
    except Refused as refusal:
        return (), refusal.sentence


def _named(sent: Sequence[Sent], run: Run) -> list[dict[str, Any]]:
    return [{"number": mail.position + 1, "subject": mail.subject, "at": mail.at} for mail in sent]


def _done(request: MemberRequest, run_id: int, do: Callable[[], None], text: str) -> HttpResponse:
    address = safe_next(request, reverse("run", args=[run_id]))
    try:
        do()
    except Refused as refusal:
        return answer(request, refusal.sentence, address, is_failure=True) or refused(
            request, refusal.sentence, address
        )
    return _said(request, text, address)


def _said(request: MemberRequest, text: str, address: str) -> HttpResponse:
    found = answer(request, text, address)
    if found is not None:
        return found
    toast(request, text)
    return go(request, address)
