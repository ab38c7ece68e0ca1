"""Who may see and change automations and their runs (ACC-1, ACC-2)."""

from __future__ import annotations

from rouage.accounts.access import NotFound, Refused, administrators, can, leads, require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.models import Automation, Run


def access_automation(member: Member, automation_id: int) -> Automation:
    """An automation of the member's organisation, deleted ones included for their journal. Raises NotFound, Refused."""
    require(member, Privilege.SEE_RUNS)
    found = (
        Automation.objects.select_related("owner__user", "owner__team", "team", "published", "organisation")
        .filter(organisation_id=member.organisation_id, id=automation_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def access_run(member: Member, run_id: int) -> Run:
    require(member, Privilege.SEE_RUNS)
    found = (
        Run.objects.select_related("automation", "version", "organisation")
        .filter(organisation_id=member.organisation_id, id=run_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def can_edit(member: Member, automation: Automation) -> bool:
    """Their own, their team's if they lead it, or all with the privilege."""
    if automation.organisation_id != member.organisation_id or automation.deleted_at is not None:
        return False
    if can(member, Privilege.EDIT_ALL_AUTOMATIONS):
        return True
    if not can(member, Privilege.CREATE_AUTOMATIONS):
        return False
    leads_team = automation.team is not None and automation.team.lead_id == member.id
    return automation.owner_id == member.id or leads_team or leads(member, automation.owner)


def can_publish(member: Member, automation: Automation) -> bool:
    return can_edit(member, automation) and can(member, Privilege.PUBLISH)


def require_edit(member: Member, automation: Automation) -> None:
    if automation.organisation_id != member.organisation_id or automation.deleted_at is not None:
        raise NotFound
    if not can_edit(member, automation):
        own = can(member, Privilege.CREATE_AUTOMATIONS)
        needed = Privilege.EDIT_ALL_AUTOMATIONS if own else Privilege.CREATE_AUTOMATIONS
        raise Refused(needed, administrators(member.organisation_id))


def require_publish(member: Member, automation: Automation) -> None:
    require_edit(member, automation)
    require(member, Privilege.PUBLISH)
