"""Makes teams and names their leads (ACC-2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.changes import change
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Member, Organisation, Team
from rouage.accounts.validation import name_error
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry

_NAME = 60


def create_team(
    actor: Actor, organisation: Organisation, *, name: str, lead: Member | None = None, now: datetime
) -> Team:
    """Raises Invalid."""
    with transaction.atomic():
        _check(organisation.id, name, lead)
        team = Team.objects.create(organisation=organisation, name=name.strip(), lead=lead)
        _journal(actor, team, "team.created", now)
    return team


def change_team(actor: Actor, team: Team, *, name: str, lead: Member | None, now: datetime) -> None:
    """Raises Invalid."""
    with transaction.atomic():
        _check(team.organisation_id, name, lead, but=team.id)
        values = {"name": name.strip(), "lead_id": lead.id if lead else None}
        change(team, values, kind="team", actor=actor, now=now, names={"lead_id": _member_name})


def delete_team(actor: Actor, team: Team, *, now: datetime) -> None:
    """Its members belong to no team afterwards."""
    with transaction.atomic():
        Member.objects.filter(organisation_id=team.organisation_id, team=team).update(team=None)
        _journal(actor, team, "team.deleted", now)
        team.delete()


def _check(organisation_id: int, name: str, lead: Member | None, but: int = 0) -> None:
    if lead and lead.organisation_id != organisation_id:
        raise ValueError(f"member {lead.id} belongs to another organisation")
    if error := name_error(name, _NAME):
        raise Invalid({"name": error})
    if lead and not lead.is_active:
        raise Invalid({"lead": _("Choose an active member.")})
    if Team.objects.filter(organisation_id=organisation_id, name__iexact=name.strip()).exclude(id=but).exists():
        raise Invalid({"name": _("There is already a team of this name.")})


def _member_name(member_id: int | None) -> str:
    return Member.objects.select_related("user").get(id=member_id).user.name if member_id else ""


def _journal(actor: Actor, team: Team, verb: str, now: datetime) -> None:
    append_entry(
        organisation_id=team.organisation_id,
        verb=verb,
        actor=actor,
        kind="team",
        record_id=team.id,
        data={"name": team.name},
        now=now,
    )
