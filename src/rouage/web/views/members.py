"""Members and their profiles: who works here, and what each may do (ACC-2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts import commands, queries
from rouage.accounts.access import access_colleague, access_profile
from rouage.accounts.errors import Invalid
from rouage.accounts.models import Profile
from rouage.accounts.privileges import PRIVILEGE_LABELS, Privilege, Role
from rouage.web.access import FORM, MemberRequest, action, actor, page
from rouage.web.forms.settings import AddMemberForm, ProfileForm, profile_choices
from rouage.web.listing import number
from rouage.web.responses import go, refused, show, toast
from rouage.web.views.settings import answer, tabs


@page(Privilege.MANAGE_MEMBERS)
def members(request: MemberRequest) -> HttpResponse:
    found = list(queries.members(request.member.organisation_id, active=None))
    shown = {
        "members": sorted(found, key=lambda one: not one.is_active),
        "profiles": profile_choices(request.member),
        "tabs": tabs(request, "members"),
    }
    return show(request, "settings/members.html", shown)


@page(Privilege.MANAGE_MEMBERS, methods=FORM)
def add(request: MemberRequest) -> HttpResponse:
    form = AddMemberForm(request.member, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        profile = access_profile(request.member, data["profile"])
        try:
            commands.add_member(
                actor(request),
                request.member.organisation,
                email=data["email"],
                name=data["name"],
                profile=profile,
                password=data["password"] or None,
                now=timezone.now(),
            )
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("%(name)s is a member now.") % {"name": data["name"]})
            return go(request, reverse("settings-members"))
    return answer(request, "settings/member_form.html", {"form": form, "tabs": tabs(request, "members")}, form)


@action(Privilege.MANAGE_MEMBERS)
def assign(request: MemberRequest, member_id: int) -> HttpResponse:
    """Another profile for a member."""
    colleague = access_colleague(request.member, member_id)
    profile = access_profile(request.member, number(request.POST.get("profile", "")) or 0)
    place = reverse("settings-members")
    try:
        commands.assign_profile(actor(request), colleague, profile, now=timezone.now())
    except Invalid as error:
        return refused(request, " ".join(error.errors.values()), place)
    said = _("%(name)s has the profile “%(profile)s” now.")
    toast(request, said % {"name": colleague.user.name, "profile": queries.profile_label(profile)})
    return go(request, place)


@action(Privilege.MANAGE_MEMBERS)
def deactivate(request: MemberRequest, member_id: int) -> HttpResponse:
    colleague, place = access_colleague(request.member, member_id), reverse("settings-members")
    if colleague.pk == request.member.pk:
        return refused(request, _("You cannot remove yourself: ask another administrator."), place)
    try:
        commands.deactivate_member(actor(request), colleague, now=timezone.now())
    except Invalid as error:
        return refused(request, " ".join(error.errors.values()), place)
    toast(request, _("%(name)s has no access any more.") % {"name": colleague.user.name})
    return go(request, place)


@action(Privilege.MANAGE_MEMBERS)
def reactivate(request: MemberRequest, member_id: int) -> HttpResponse:
    colleague = access_colleague(request.member, member_id)
    commands.reactivate_member(actor(request), colleague, now=timezone.now())
    toast(request, _("%(name)s has access again.") % {"name": colleague.user.name})
    return go(request, reverse("settings-members"))


@page(Privilege.MANAGE_MEMBERS)
def profiles(request: MemberRequest) -> HttpResponse:
    shown = {
        "profiles": [_profile(one) for one in queries.profiles(request.member.organisation_id)],
        "tabs": tabs(request, "profiles"),
    }
    return show(request, "settings/profiles.html", shown)


@page(Privilege.MANAGE_MEMBERS, methods=FORM)
def profile(request: MemberRequest, profile_id: int | None = None) -> HttpResponse:
    """A new profile, or the privileges of one."""
    own = access_profile(request.member, profile_id) if profile_id is not None else None
    form = ProfileForm(request.POST if request.method == "POST" else None, profile=own)
    if own and own.role != Role.CUSTOM:
        # The four roles keep their names, and administrators all privileges.
        form.fields["name"].disabled = True
        form.fields["privileges"].disabled = own.role == Role.ADMIN
    if form.is_bound and form.is_valid():
        try:
            _save(request, own, form)
        except Invalid as error:
            form.take(error.errors)
        else:
            toast(request, _("Saved"))
            return go(request, reverse("settings-profiles"))
    is_admin = own is not None and own.role == Role.ADMIN
    title = queries.profile_label(own) if own else _("New profile")
    shown: dict[str, Any] = {"form": form, "profile": own, "title": title, "is_admin": is_admin}
    return answer(request, "settings/profile_form.html", shown | {"tabs": tabs(request, "profiles")}, form)


@action(Privilege.MANAGE_MEMBERS)
def delete_profile(request: MemberRequest, profile_id: int) -> HttpResponse:
    own, place = access_profile(request.member, profile_id), reverse("settings-profiles")
    try:
        commands.delete_profile(actor(request), own, now=timezone.now())
    except Invalid as error:
        return refused(request, " ".join(error.errors.values()), place)
    toast(request, _("The profile is deleted."))
    return go(request, place)


def _save(request: MemberRequest, own: Profile | None, form: ProfileForm) -> None:
    by, now, name = actor(request), timezone.now(), form.cleaned_data["name"]
    privileges = [Privilege(one) for one in form.cleaned_data["privileges"]]
    if own is None:
        commands.create_profile(by, request.member.organisation, name=name, privileges=privileges, now=now)
        return
    if own.role == Role.CUSTOM and name != own.name:
        commands.rename_profile(by, own, name, now=now)
    if own.role != Role.ADMIN:
        commands.change_privileges(by, own, privileges, now=now)


def _profile(own: Any) -> dict[str, Any]:  # noqa: ANN401 -- a profile with its number of members
    held = set(Privilege) if own.role == Role.ADMIN else {Privilege(one) for one in own.privileges}
    return {
        "row": own,
        "label": queries.profile_label(own),
        "members": own.member_count,
        "privileges": [PRIVILEGE_LABELS[one] for one in Privilege if one in held],
        "has_all": held == set(Privilege),
        "is_custom": own.role == Role.CUSTOM,
    }
