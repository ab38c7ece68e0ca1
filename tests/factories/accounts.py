"""Organisations and members for tests."""

from datetime import UTC, datetime
from itertools import count

from rouage.accounts.commands import add_member, create_organisation
from rouage.accounts.models import Member, Organisation, Profile
from rouage.accounts.privileges import Privilege, Role
from rouage.journal.actors import SYSTEM

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in Paris
PASSWORD = "correct-horse-battery"
_numbers = count(1)


def make_organisation(name: str | None = None, **settings) -> Organisation:
    """With its four profiles; ``settings`` are those of ``create_organisation`` (language, zone, country ...)."""
    return create_organisation(name or f"Atelier {next(_numbers)}", now=settings.pop("now", NOW), **settings)


def make_member(
    organisation: Organisation | None = None,
    *,
    role: Role = Role.ADMIN,
    privileges: set[Privilege] | None = None,
    name: str | None = None,
    email: str | None = None,
    **settings,
) -> Member:
    """With PASSWORD as password. ``privileges`` gives them exactly these, by a profile of their own."""
    organisation = organisation or make_organisation()
    number = next(_numbers)
    if privileges is None:
        profile = Profile.objects.get(organisation=organisation, role=role)
    else:
        profile = Profile.objects.create(
            organisation=organisation, name=f"Profil {number}", privileges=sorted(privileges)
        )
    return add_member(
        SYSTEM,
        organisation,
        email=email or f"personne{number}@exemple.fr",
        name=name or f"Personne {number}",
        profile=profile,
        password=settings.pop("password", PASSWORD),
        now=settings.pop("now", NOW),
        **settings,
    )


def sign_in(client, member: Member):
    """Sign the test client in as this member, in this member's organisation; returns the client."""
    client.force_login(member.user)
    session = client.session
    session["organisation"] = member.organisation_id
    session.save()
    return client
