"""What one does with a record from its page: status, number, note, conversion, deletion, an automation by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.records import commands
from rouage.records.access import access_record, access_records, access_stage
from rouage.records.errors import Invalid, Refused
from rouage.records.kinds import KINDS
from rouage.web.access import MemberRequest, action, actor
from rouage.web.listing import number
from rouage.web.responses import Undo, back, go, refused, toast
from rouage.web.views.records.buttons import buttons
from rouage.web.views.records.details import page_of
from rouage.web.views.records.pages import PAGES

MOST = 200  # records that one press of a button may start


def address(kind: str, record_id: int) -> str:
    return reverse(KINDS[kind].url_name, args=[record_id])


def done(
    request: MemberRequest, command: Callable[[], object], place: str, said: str, *, undo: Undo | None = None
) -> HttpResponse:
    """Run the command and go to ``place``, with what was done or why it was not in a toast."""
    try:
        command()
    except Refused as refusal:
        return refused(request, refusal.sentence, place)
    except Invalid as error:
        return refused(request, " ".join(error.errors.values()), place)
    toast(request, said, undo=undo)
    return go(request, place)


def _record(request: MemberRequest, kind: str, record_id: int) -> Any:  # noqa: ANN401 -- a record of any kind
    return access_record(request.member, kind, record_id, Privilege.EDIT_RECORDS)


@action(Privilege.EDIT_RECORDS)
def status(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record, known = _record(request, kind, record_id), KINDS[kind]
    old, new = record.status, request.POST.get("status", "")
    expected = request.POST.get("expected") or None
    by, now, place = actor(request), timezone.now(), address(kind, record_id)
    undo = None
    old_status = known.status(old)
    if known.may_follow(new, old) and old_status and old_status.settable:
        undo = Undo(url=reverse(f"{kind}-status", args=[record_id]), fields={"status": old, "expected": new})
    said = _("Status: %(status)s") % {"status": known.status_label(new)}
    return done(
        request, lambda: commands.change_status(by, record, new, now=now, expected=expected), place, said, undo=undo
    )


@action(Privilege.EDIT_RECORDS)
def issue(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record, by, now = _record(request, kind, record_id), actor(request), timezone.now()
    place = address(kind, record_id)
    if kind == "quote":
        return done(request, lambda: commands.issue_quote(by, record, now=now), place, _("The quote has its number."))
    said = _("The invoice is issued: from now on it stands.")
    return done(request, lambda: commands.issue_invoice(by, record, now=now), place, said)


@action(Privilege.EDIT_RECORDS)
def convert(
    request: MemberRequest, record_id: int, kind: str, new: Literal["invoice", "event", "intervention"]
) -> HttpResponse:
    """Make a record of another kind, and go to it."""
    source, by, now = _record(request, kind, record_id), actor(request), timezone.now()
    try:
        made = commands.create_from(by, source, new, now=now)
    except Refused as refusal:
        return refused(request, refusal.sentence, address(kind, record_id))
    toast(request, _("Created. Complete what is missing."))
    return go(request, address(new, made.pk))


@action(Privilege.EDIT_RECORDS)
def note(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record, by, now = _record(request, kind, record_id), actor(request), timezone.now()
    text = request.POST.get("text", "")
    try:
        commands.add_note(by, record, text, now=now)
    except Invalid as error:
        more = {"note_text": text, "note_error": error.errors.get("text", "")}
        return page_of(request, kind, record_id, more=more, status=422)
    toast(request, _("Note added"))
    return go(request, address(kind, record_id) + "#activity")


@action(Privilege.EDIT_RECORDS)
def delete(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record, by, now = _record(request, kind, record_id), actor(request), timezone.now()
    try:
        commands.delete_record(by, record, now=now)
    except Refused as refusal:
        return refused(request, refusal.sentence, address(kind, record_id))
    toast(request, _("Deleted. Its trace stays in the activity log."))
    return go(request, reverse(PAGES[kind].path))


@action(Privilege.EDIT_RECORDS)
def renew(request: MemberRequest, record_id: int) -> HttpResponse:
    contract, by, now = _record(request, "contract", record_id), actor(request), timezone.now()
    said = _("The contract is renewed.")
    return done(request, lambda: commands.renew_contract(by, contract, now=now), address("contract", record_id), said)


@action(Privilege.EDIT_RECORDS)
def stage(request: MemberRequest, record_id: int) -> HttpResponse:
    """Move an opportunity; back to the board or to its page."""
    opportunity, by, now = _record(request, "opportunity", record_id), actor(request), timezone.now()
    wanted = access_stage(request.member, number(request.POST.get("stage", "")) or 0)
    former = opportunity.stage_id
    try:
        commands.move_stage(by, opportunity, wanted, now=now)
    except Refused as refusal:
        return refused(request, refusal.sentence, address("opportunity", record_id))
    place = {"next": request.POST["next"]} if "next" in request.POST else {}
    undo = Undo(url=request.path, fields={"stage": str(former), **place})
    toast(request, _("“%(name)s”: %(stage)s") % {"name": opportunity.name, "stage": wanted.name}, undo=undo)
    return back(request, address("opportunity", record_id))


@action(Privilege.ACT_ON_RUNS)
def press(request: MemberRequest, record_id: int, kind: str) -> HttpResponse:
    record = access_record(request.member, kind, record_id)
    return _press(request, kind, [record], address(kind, record_id))


@action(Privilege.ACT_ON_RUNS)
def press_many(request: MemberRequest, kind: str) -> HttpResponse:
    ids = [found for text in request.POST.getlist("id")[:MOST] if (found := number(text))]
    place = reverse(PAGES[kind].path)
    if not ids:
        return refused(request, _("Select at least one record first."), place)
    return _press(request, kind, access_records(request.member, kind, ids), place)


def _press(request: MemberRequest, kind: str, records: list[Any], place: str) -> HttpResponse:
    wanted = number(request.POST.get("automation", ""))
    button = next((one for one in buttons(request.member, kind) if one.automation_id == wanted), None)
    if button is None:
        raise NotFound
    payload = {"automation_id": button.automation_id, "member": request.member.user.name}
    commands.press_button(actor(request), records, now=timezone.now(), payload=payload)
    said = ngettext(
        "“%(name)s” was started on %(count)d record.", "“%(name)s” was started on %(count)d records.", len(records)
    )
    toast(request, said % {"name": button.text, "count": len(records)})
    return back(request, place)
