"""Makes profiles of an organisation's own and opens privileges to them (ACC-2, ACC-3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.changes import change
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Organisation, Profile
from rouage.accounts.privileges import Privilege, Role
from rouage.accounts.validation import errors_of, name_error
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry

_NAME = 60


def create_profile(
    actor: Actor, organisation: Organisation, *, name: str, privileges: Collection[Privilege], now: datetime
) -> Profile:
    """Raises Invalid."""
    with transaction.atomic():
        if errors := errors_of(name=_name_error(organisation.id, name)):
            raise Invalid(errors)
        profile = Profile.objects.create(
            organisation=organisation, name=name.strip(), role=Role.CUSTOM, privileges=_sorted(privileges)
        )
        _journal(actor, profile, "profile.created", now)
    return profile


def rename_profile(actor: Actor, profile: Profile, name: str, *, now: datetime) -> None:
    """Raises Invalid; the four roles keep their names, which the whole documentation uses."""
    if profile.role != Role.CUSTOM:
        raise Invalid({"name": _("The four roles keep their names: create a profile of your own instead.")})
    with transaction.atomic():
        if errors := errors_of(name=_name_error(profile.organisation_id, name, but=profile.id)):
            raise Invalid(errors)
        change(profile, {"name": name.strip()}, kind="profile", actor=actor, now=now)


def change_privileges(actor: Actor, profile: Profile, privileges: Collection[Privilege], *, now: datetime) -> None:
    """Raises Invalid for the administrators' profile, which always has all of them."""
    if profile.role == Role.ADMIN:
        raise Invalid({"privileges": _("Administrators always have all privileges.")})
    change(profile, {"privileges": _sorted(privileges)}, kind="profile", actor=actor, now=now)


def delete_profile(actor: Actor, profile: Profile, *, now: datetime) -> None:
    """Raises Invalid while somebody has it, and for the four roles."""
    if profile.role != Role.CUSTOM:
        raise Invalid({"": _("The four roles cannot be deleted.")})
    with transaction.atomic():
        Profile.objects.select_for_update().filter(id=profile.id).first()
        if profile.members.exists():
            raise Invalid({"": _("Members have this profile: give them another one first.")})
        _journal(actor, profile, "profile.deleted", now)
        profile.delete()


def _name_error(organisation_id: int, name: str, but: int = 0) -> str:
    if error := name_error(name, _NAME):
        return error
    same = Profile.objects.filter(organisation_id=organisation_id, name__iexact=name.strip()).exclude(id=but)
    return _("There is already a profile of this name.") if same.exists() else ""


def _sorted(privileges: Collection[Privilege]) -> list[str]:
    return sorted({Privilege(privilege).value for privilege in privileges})


def _journal(actor: Actor, profile: Profile, verb: str, now: datetime) -> None:
    append_entry(
        organisation_id=profile.organisation_id,
        verb=verb,
        actor=actor,
        kind="profile",
        record_id=profile.id,
        data={"name": profile.name, "privileges": profile.privileges},
        now=now,
    )
