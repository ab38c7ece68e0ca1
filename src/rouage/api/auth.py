"""Who asks: a member through their session (with CSRF protection). Tokens with scopes come beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from ninja.security import APIKeyCookie

from rouage.accounts.models import Member

if TYPE_CHECKING:

    class ApiRequest(HttpRequest):
        """A request behind the API's authentication."""

        member: Member


def member_of(request: HttpRequest) -> Member:
    """The member behind an authenticated request, in the organisation they work for now."""
    return cast("ApiRequest", request).member


class MemberSession(APIKeyCookie):
    """The session of a signed-in member; writing requests must carry the CSRF token."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Member | None:
        return getattr(request, "member", None)
