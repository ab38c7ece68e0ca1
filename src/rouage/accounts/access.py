"""Who may do what: the look-ups and questions that every door asks first."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from rouage.accounts.models import Member, Profile, Team, User
from rouage.accounts.privileges import PRIVILEGE_LABELS, Privilege, Role


class NotFound(Http404):
    """It does not exist, or belongs to another organisation: the answer is the same, and says nothing (ACC-1)."""


class Refused(PermissionDenied):
    """The member's profile lacks ``privilege``; ``administrators`` are the names of those who can give it."""

    def __init__(self, privilege: Privilege, administrators: Sequence[str]) -> None:
        super().__init__(privilege.value)
        self.privilege = privilege
        self.administrators = tuple(administrators)

    @property
    def sentence(self) -> str:
        if not self.administrators:
            return _("Your profile does not have the privilege “%(privilege)s”.") % {
                "privilege": PRIVILEGE_LABELS[self.privilege]
            }
        return _("Your profile does not have the privilege “%(privilege)s”. An administrator can help: %(names)s.") % {
            "privilege": PRIVILEGE_LABELS[self.privilege],
            "names": ", ".join(self.administrators),
        }


def access_member(user: User, organisation_id: int | None = None) -> Member:
    """The user's active membership of the organisation, or of the one they joined first. Raises NotFound."""
    memberships = Member.objects.select_related("organisation", "user", "profile", "team").filter(
        user_id=user.pk, user__is_active=True, is_active=True
    )
    if organisation_id is not None:
        memberships = memberships.filter(organisation_id=organisation_id)
    member = memberships.order_by("id").first()
    if member is None:
        raise NotFound
    return member


def access_colleague(member: Member, member_id: int) -> Member:
    """Any member of the same organisation, active or not. Raises NotFound."""
    found = (
        Member.objects.select_related("organisation", "user", "profile", "team")
        .filter(organisation_id=member.organisation_id, id=member_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def access_profile(member: Member, profile_id: int) -> Profile:
    profile = Profile.objects.filter(organisation_id=member.organisation_id, id=profile_id).first()
    if profile is None:
        raise NotFound
    return profile


def access_team(member: Member, team_id: int) -> Team:
    team = Team.objects.filter(organisation_id=member.organisation_id, id=team_id).first()
    if team is None:
        raise NotFound
    return team


def can(member: Member, privilege: Privilege) -> bool:
    """An administrator may do everything, also what a later version adds."""
    if not member.is_active:
        return False
    return member.profile.role == Role.ADMIN or privilege in member.profile.privileges


def require(member: Member, privilege: Privilege) -> None:
    """Raise Refused, with the people to ask, unless the member has the privilege."""
    if not can(member, privilege):
        raise Refused(privilege, administrators(member.organisation_id))


def leads(member: Member, other: Member) -> bool:
    """Whether ``other`` is in a team that ``member`` leads (ACC-2: a team lead handles the team's automations)."""
    return (
        other.organisation_id == member.organisation_id and other.team is not None and other.team.lead_id == member.id
    )


def administrators(organisation_id: int) -> tuple[str, ...]:
    """The names of the people who can change privileges, at most five."""
    names = (
        Member.objects.filter(
            organisation_id=organisation_id, is_active=True, user__is_active=True, profile__role=Role.ADMIN
        )
        .order_by("id")
        .values_list("user__name", flat=True)
    )
    return tuple(names[:5])
