"""Adds people to an organisation, changes what they may do and how Rouage looks to them, and lets them leave."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.actors import actor_of
from rouage.accounts.changes import change
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Member, Organisation, Profile, Team, User, normalised
from rouage.accounts.privileges import Role
from rouage.accounts.validation import email_error, errors_of, language_error, name_error, theme_error
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry

_NAME = 100


def add_member(
    actor: Actor,
    organisation: Organisation,
    *,
    email: str,
    name: str,
    profile: Profile,
    now: datetime,
    password: str | None = None,
    team: Team | None = None,
    language: str | None = None,
) -> Member:
    """Make the person a member; somebody who is known by the email keeps their name and password. Raises Invalid."""
    _refuse_foreign(organisation.id, profile, team)
    language = language or organisation.language
    errors = errors_of(email=email_error(email), name=name_error(name, _NAME), language=language_error(language))
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=normalised(email)).first()
        if user is None:
            user = _create_user(email, name, password, now)
        elif Member.objects.filter(organisation=organisation, user=user).exists():
            raise Invalid({"email": _("This person is already a member.")})
        member = Member.objects.create(
            organisation=organisation, user=user, profile=profile, team=team, language=language, created_at=now
        )
        _journal(member, "member.added", actor, now, profile=profile.name, email=user.email)
    return member


def assign_profile(actor: Actor, member: Member, profile: Profile, *, now: datetime) -> None:
    """Give the member another profile. Raises Invalid if no administrator would be left."""
    _refuse_foreign(member.organisation_id, profile, None)
    with transaction.atomic():
        if profile.role != Role.ADMIN:
            _keep_an_administrator(member)
        names = {"profile_id": _profile_name}
        change(member, {"profile_id": profile.id}, kind="member", actor=actor, now=now, names=names)


def assign_team(actor: Actor, member: Member, team: Team | None, *, now: datetime) -> None:
    _refuse_foreign(member.organisation_id, None, team)
    team_id = team.id if team else None
    change(member, {"team_id": team_id}, kind="member", actor=actor, now=now, names={"team_id": _team_name})


def deactivate_member(actor: Actor, member: Member, *, now: datetime) -> None:
    """The person leaves: they see nothing of the organisation any more; what they did stays. Raises Invalid.

    Handing over their automations is the business of ``automations.commands``, which a door calls with it (ACC-3).
    """
    with transaction.atomic():
        _keep_an_administrator(member)
        Team.objects.filter(organisation_id=member.organisation_id, lead=member).update(lead=None)
        change(member, {"is_active": False}, kind="member", actor=actor, now=now)


def reactivate_member(actor: Actor, member: Member, *, now: datetime) -> None:
    change(member, {"is_active": True}, kind="member", actor=actor, now=now)


def change_preferences(
    member: Member, *, language: str | None = None, theme: str | None = None, now: datetime, address: str = ""
) -> None:
    """What is None stays as it is. Raises Invalid."""
    values = {name: value for name, value in (("language", language), ("theme", theme)) if value is not None}
    checks = {"language": language_error, "theme": theme_error}
    if errors := errors_of(**{name: checks[name](value) for name, value in values.items()}):
        raise Invalid(errors)
    change(member, values, kind="member", actor=actor_of(member, address), now=now)


def rename_user(member: Member, name: str, *, now: datetime) -> None:
    """Change the name of the person behind the member, in all their organisations. Raises Invalid."""
    if error := name_error(name, _NAME):
        raise Invalid({"name": error})
    with transaction.atomic():
        old, member.user.name = member.user.name, name.strip()
        if old == member.user.name:
            return
        member.user.save(update_fields=["name"])
        _journal(member, "member.changed", actor_of(member), now, changes={"name": [old, member.user.name]})


def change_password(member: Member, *, current: str, new: str, now: datetime) -> None:
    """The member's own change. Raises Invalid. The door keeps the session with ``update_session_auth_hash``."""
    if not member.user.check_password(current):
        raise Invalid({"current": _("This is not your current password.")})
    set_password(actor_of(member), member, new, now=now)


def set_password(actor: Actor, member: Member, new: str, *, now: datetime) -> None:
    """Set the password; all sessions of the person end. Raises Invalid."""
    _check_password(new, member.user, field="new")
    with transaction.atomic():
        member.user.set_password(new)
        member.user.save(update_fields=["password"])
        _journal(member, "password.changed", actor, now)


def _create_user(email: str, name: str, password: str | None, now: datetime) -> User:
    user = User(email=normalised(email), name=name.strip(), created_at=now)
    if password is not None:
        _check_password(password, user, field="password")
    user.set_password(password)
    user.save()
    return user


def _check_password(password: str, user: User, *, field: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({field: " ".join(error.messages)}) from None


def _keep_an_administrator(member: Member) -> None:
    """Refuse to take away the last active administrator; the lock keeps two of them from leaving at once."""
    list(Profile.objects.select_for_update().filter(organisation_id=member.organisation_id, role=Role.ADMIN))
    others = Member.objects.filter(
        organisation_id=member.organisation_id, is_active=True, user__is_active=True, profile__role=Role.ADMIN
    ).exclude(id=member.id)
    if member.profile.role == Role.ADMIN and not others.exists():
        raise Invalid({"": _("An organisation needs an administrator: give another member this profile first.")})


def _refuse_foreign(organisation_id: int, profile: Profile | None, team: Team | None) -> None:
    """A door has looked them up with ``access_*``; anything else is a fault in the code (ACC-1)."""
    for row in (profile, team):
        if row is not None and row.organisation_id != organisation_id:
            raise ValueError(f"{row._meta.label} {row.pk} belongs to another organisation")


def _profile_name(profile_id: int) -> str:
    return Profile.objects.get(id=profile_id).name


def _team_name(team_id: int | None) -> str:
    return Team.objects.get(id=team_id).name if team_id else ""


def _journal(member: Member, verb: str, actor: Actor, now: datetime, **data: object) -> None:
    append_entry(
        organisation_id=member.organisation_id,
        verb=verb,
        actor=actor,
        kind="member",
        record_id=member.id,
        data=data,
        now=now,
    )
