"""The box "Automatisations" of a record: its runs, and what one does with them without leaving the record (RUN-6)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rouage.accounts.access import NotFound
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations import commands
from rouage.automations.commands import Asked
from rouage.automations.queries.runs import RunRow, runs_of
from rouage.planner.model import OPEN, Hold, RunStatus
from rouage.records.access import access_record
from rouage.records.kinds import KINDS
from rouage.web.access import MemberRequest, action, client_address, may
from rouage.web.listing import number
from rouage.web.responses import fragment, go, safe_next, toast
from rouage.web.views.runs.places import BOX, target

SHOWN = 8
TEMPLATE = "runs/box.html"


class Row:
    """A run in the box, with what can be done with it now."""

    def __init__(self, run: RunRow) -> None:
        self.run = run
        self.is_open = run.status in OPEN
        self.is_waiting = run.status is RunStatus.WAITING
        self.is_paused = run.status is RunStatus.PAUSED
        self.is_failed = run.status is RunStatus.FAILED
        # Its automation is switched off, or too many runs began at once: switching it on lets it go on.
        self.is_held = self.is_paused and run.hold in {Hold.AUTOMATION, Hold.FLOOD}
        self.can_act = self.is_waiting or (self.is_paused and not self.is_held)
        # The badge says already that it is paused, or that it has finished.
        says_nothing = run.status is RunStatus.FINISHED or (run.hold is Hold.PERSON and run.due_at is None)
        self.why = "" if says_nothing else run.why


def box_context(member: Member, kind: str, record_id: int, address: str) -> dict[str, Any]:
    """``address``: the record's page, where the forms come back to. Two queries."""
    rows = runs_of(member, kind, record_id, limit=SHOWN + 1)
    drawn = [Row(row) for row in rows[:SHOWN]]
    query = f"?kind={kind}&record={record_id}"
    return {
        "box": BOX,
        "kind": KINDS[kind],
        "record_id": record_id,
        "rows": drawn,
        "more": len(rows) > SHOWN,
        "all_address": reverse("runs") + query,
        "why_address": reverse("evaluations") + query,
        "next": f"{address}#{BOX}",
        "may_act": may(member, Privilege.ACT_ON_RUNS),
        "can_pause": any(row.is_waiting for row in drawn),
        "can_resume": any(row.is_paused and not row.is_held for row in drawn),
        "fields": {"kind": kind, "record": str(record_id), "next": f"{address}#{BOX}"},
    }


def answer(request: MemberRequest, text: str, address: str, *, is_failure: bool = False) -> HttpResponse | None:
    """The box again with a toast, when htmx asks for it; None when it does not."""
    kind, record_id = request.POST.get("kind", ""), number(request.POST.get("record", ""))
    if target(request) != BOX or kind not in KINDS or record_id is None:
        return None
    toast(request, text, is_failure=is_failure)
    context = box_context(request.member, kind, record_id, address.partition("#")[0])
    return fragment(request, f"{TEMPLATE}#drawn", context)


@action(Privilege.ACT_ON_RUNS)
def pause_all(request: MemberRequest, kind: str, record_id: int) -> HttpResponse:
    """Every open run of the record ("Tout mettre en pause")."""
    return _all(request, kind, record_id, is_pause=True)


@action(Privilege.ACT_ON_RUNS)
def resume_all(request: MemberRequest, kind: str, record_id: int) -> HttpResponse:
    return _all(request, kind, record_id, is_pause=False)


def _all(request: MemberRequest, kind: str, record_id: int, *, is_pause: bool) -> HttpResponse:
    if kind not in KINDS or not KINDS[kind].automatable:
        raise NotFound
    access_record(request.member, kind, record_id)
    asked = Asked(member=request.member, now=timezone.now(), address=client_address(request))
    changed = (commands.pause_all if is_pause else commands.resume_all)(asked, kind, record_id)
    count = len(changed.done)
    text = (
        ngettext("%(number)s run paused.", "%(number)s runs paused.", count)
        if is_pause
        else ngettext("%(number)s run resumed.", "%(number)s runs resumed.", count)
    ) % {"number": count}
    if not count:
        text = _("There was nothing to pause.") if is_pause else _("There was nothing to resume.")
    address = safe_next(request, reverse(KINDS[kind].url_name, args=[record_id]))
    found = answer(request, text, address)
    if found is not None:
        return found
    toast(request, text)
    return go(request, address)
