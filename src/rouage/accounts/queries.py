"""What the doors ask about organisations and their people; every answer stays inside one organisation (ACC-1)."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from rouage.accounts.models import ClosingDate, Member, Profile, Team, User
from rouage.accounts.privileges import ROLE_LABELS, Role


def members(organisation_id: int, *, active: bool | None = True) -> QuerySet[Member]:
    """By name, with their user, profile and team; ``active`` None for all."""
    found = Member.objects.filter(organisation_id=organisation_id).select_related("user", "profile", "team")
    if active is not None:
        found = found.filter(is_active=active)
    return found.order_by("user__name", "id")


def profiles(organisation_id: int) -> QuerySet[Profile]:
    """The roles first; ``member_count`` is the number of members that have it."""
    found = Profile.objects.filter(organisation_id=organisation_id)
    return found.annotate(member_count=Count("members")).order_by("id")


def teams(organisation_id: int) -> QuerySet[Team]:
    found = Team.objects.filter(organisation_id=organisation_id).select_related("lead__user")
    return found.annotate(member_count=Count("members")).order_by("name", "id")


def closing_dates(organisation_id: int) -> QuerySet[ClosingDate]:
    return ClosingDate.objects.filter(organisation_id=organisation_id).order_by("first_day", "id")


def memberships(user: User) -> QuerySet[Member]:
    """The organisations among which the user chooses, by name."""
    found = Member.objects.filter(user_id=user.pk, user__is_active=True, is_active=True)
    return found.select_related("organisation", "user", "profile").order_by("organisation__name", "id")


def led_members(member: Member) -> frozenset[int]:
    """The ids of the members of the teams that the member leads, and their own."""
    led = Member.objects.filter(organisation_id=member.organisation_id, team__lead_id=member.id)
    return frozenset(led.values_list("id", flat=True)) | {member.id}


def people(organisation_id: int, member_ids: set[int] | frozenset[int]) -> dict[int, tuple[str, str]]:
    """Name and email of the active members among the ids, for a batch."""
    found = Member.objects.filter(organisation_id=organisation_id, id__in=member_ids, is_active=True)
    return {id_: (name, email) for id_, name, email in found.values_list("id", "user__name", "user__email")}


def profile_label(profile: Profile) -> str:
    """A role in the reader's language as long as nobody has renamed it; otherwise the organisation's own name."""
    role = Role(profile.role)
    return profile.name if role is Role.CUSTOM else str(ROLE_LABELS[role])
