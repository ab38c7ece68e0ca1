"""Finds the member behind a request, speaks their language and keeps the time of their organisation."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Sequence
from typing import cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from rouage.accounts import queries
from rouage.accounts.access import Refused
from rouage.accounts.models import Member
from rouage.web.access import ShellRequest, ask_to_sign_in, explain, is_public

ORGANISATION = "organisation"  # the session's key: the id of the organisation that the member works for now


class MemberMiddleware:
    """Sets ``request.member`` and ``request.memberships``; sends visitors of pages that are not public to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shell = cast("ShellRequest", request)
        shell.memberships = memberships(request)
        shell.member = chosen(request, shell.memberships)
        with translation.override(language(shell)), timezone.override(zone(shell.member)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        if shell.memberships:
            # Client data: no shared cache keeps it, and a browser asks again before it shows it.
            patch_cache_control(response, private=True, no_cache=True)
        else:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: Sequence[object], _kwargs: dict[str, object]
    ) -> HttpResponse | None:
        """The other doors guard themselves; in this room what does not say that it is public is not."""
        if not getattr(view, "__module__", "").startswith("rouage.web.") or is_public(view):
            return None
        return ask_to_sign_in(request) if isinstance(request.user, AnonymousUser) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal of the rooms below, raised anywhere in a view."""
        return explain(request, error) if isinstance(error, Refused) else None


def memberships(request: HttpRequest) -> Sequence[Member]:
    """The active memberships of the signed-in user, by the organisation's name."""
    return () if isinstance(request.user, AnonymousUser) else tuple(queries.memberships(request.user))


def chosen(request: HttpRequest, members: Sequence[Member]) -> Member | None:
    """The membership that the session names; without one, or when it has ended, the oldest."""
    if not members:
        return None
    wanted = request.session.get(ORGANISATION)
    oldest = min(members, key=lambda member: member.pk)
    return next((member for member in members if member.organisation_id == wanted), oldest)


def language(request: ShellRequest) -> str:
    """The member's; a visitor's is the one chosen before (cookie), else the browser's, else French."""
    if request.member is not None:
        return request.member.language
    return translation.get_language_from_request(request)


def zone(member: Member | None) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(member.organisation.zone if member else settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        # A zone that this machine's database does not know must not take every page away.
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
