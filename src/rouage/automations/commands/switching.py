"""Switches automations on and off, deletes them, ends their floods; settles what becomes of their runs (AUT-6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from rouage.accounts.access import require
from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations import definition as definitions
from rouage.automations.commands.changing import Case, Changes, Decide, Decision, Verb, change_runs, open_runs_of
from rouage.automations.commands.drafts import journal, locked
from rouage.automations.commands.publishing import cancel_runs_of, enroll_confirmed
from rouage.automations.errors import refuse
from rouage.automations.models import Automation
from rouage.planner import commands as planner
from rouage.planner.model import Definition, Hold, Reason, Refused, Resume

SWITCHED_OFF = Reason(code="automation.switched_off")
DELETED = Reason(code="automation.deleted")
PURGED = Reason(code="automation.flood_purged")


class Off(StrEnum):
    """What switching off does with the runs that wait."""

    HOLD = "hold"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """``changes``: what became of the runs; ``enrolled``: how many existing records were taken in."""

    changes: Changes
    enrolled: int = 0


def disable(member: Member, automation: Automation, *, runs: Off = Off.HOLD, now: datetime) -> Switched:
    """Start nothing more. A step that is under way ends; its run is held, or cancelled, before the next one."""
    with transaction.atomic():
        automation = _locked(member, automation)
        if automation.is_active:
            automation.is_active, automation.switched_off_at = False, now
            automation.save(update_fields=["is_active", "switched_off_at"])
            journal(member, automation, "automation.switched_off", {"runs": str(runs)}, now)
    ids = open_runs_of(automation.pk)
    if runs is Off.CANCEL:
        return Switched(changes=cancel_runs_of(member, automation, ids, SWITCHED_OFF, now=now))

    def keep(case: Case) -> Decision:
        held = planner.hold(case.state, now, Hold.AUTOMATION)
        return Decision(state=held.run, reason=held.reason)

    return Switched(changes=_change(member, automation, ids, keep, "run.held", now))


def enable(
    member: Member,
    automation: Automation,
    *,
    resume: Resume = Resume.KEEP_DATES,
    existing: int | None = None,
    now: datetime,
) -> Switched:
    """Start runs again, and let those that were held go on as ``resume`` says.

    ``existing``: also take in the records that match already, as many as the member has confirmed.
    """
    with transaction.atomic():
        automation = _locked(member, automation)
        compiled = _published(automation)
        if not automation.is_active:
            automation.is_active, automation.switched_off_at = True, None
            automation.save(update_fields=["is_active", "switched_off_at"])
            journal(member, automation, "automation.switched_on", {"resume": str(resume)}, now)
        taken = 0 if existing is None else enroll_confirmed(member, automation, compiled, existing, now)
    ids = open_runs_of(automation.pk, statuses=("paused",), hold=Hold.AUTOMATION)
    return Switched(changes=_unhold(member, automation, ids, resume, now), enrolled=taken)


def delete(member: Member, automation: Automation, *, now: datetime) -> Changes:
    """For ever: its open runs are cancelled, its journal stays under its name (AUT-5)."""
    with transaction.atomic():
        automation = locked(member, automation)
        automation.is_active, automation.deleted_at = False, now
        automation.save(update_fields=["is_active", "deleted_at"])
        journal(member, automation, "automation.deleted", {}, now)
    return cancel_runs_of(member, automation, open_runs_of(automation.pk), DELETED, now=now)


def release_flood(member: Member, automation: Automation, *, now: datetime) -> Changes:
    """Let the runs that a flood held go on, and new ones start again."""
    ids = _end_flood(member, automation, "automation.flood_released", now)
    return _unhold(member, automation, ids, Resume.KEEP_DATES, now)


def purge_flood(member: Member, automation: Automation, *, now: datetime) -> Changes:
    """Cancel the runs that a flood held; new ones start again."""
    ids = _end_flood(member, automation, "automation.flood_purged", now)
    return cancel_runs_of(member, automation, ids, PURGED, now=now)


def _end_flood(member: Member, automation: Automation, verb: str, now: datetime) -> list[int]:
    with transaction.atomic():
        automation = _locked(member, automation)
        if automation.flooded_at is not None:
            automation.flooded_at = None
            automation.save(update_fields=["flooded_at"])
            journal(member, automation, verb, {}, now)
    return open_runs_of(automation.pk, statuses=("paused",), hold=Hold.FLOOD)


def _unhold(member: Member, automation: Automation, ids: Collection[int], resume: Resume, now: datetime) -> Changes:
    def go_on(case: Case) -> Decision:
        if case.definition is None:
            raise Refused(definitions.why_not(case.held.version_id))
        changed = planner.unhold(case.state, now, resume, case.definition, case.snapshot, case.calendar)
        return Decision(state=changed.run, reason=changed.reason, passed=changed.passed, moved=changed.moved)

    return _change(member, automation, ids, go_on, "run.resumed", now)


def _change(
    member: Member, automation: Automation, ids: Collection[int], decide: Decide, verb: str, now: datetime
) -> Changes:
    return change_runs(automation.organisation_id, ids, decide, Verb(name=verb, actor=actor_of(member)), now=now)


def _locked(member: Member, automation: Automation) -> Automation:
    found = locked(member, automation)
    require(member, Privilege.PUBLISH)
    return found


def _published(automation: Automation) -> Definition:
    """What it runs by. Raises Refused when it was never published, or cannot run here."""
    if automation.published_id is None:
        raise refuse("automation.not_published")
    compiled = definitions.load([automation.published_id]).get(automation.published_id)
    if compiled is None:
        raise refuse(definitions.why_not(automation.published_id).code)
    return compiled
