"""What every page of the shell needs: ``{{ shell }}`` in templates, worked out only when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import cast

from django.conf import settings
from django.http import HttpRequest

from rouage.accounts.models import Member
from rouage.web import navigation, responses
from rouage.web.access import ShellRequest

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


class Shell:
    """Fragments are rendered with the same context processors as pages: nothing here may be eager."""

    languages = settings.LANGUAGES

    def __init__(self, request: HttpRequest) -> None:
        self._request = cast("ShellRequest", request)

    @cached_property
    def member(self) -> Member | None:
        # The pages of an early error are drawn before the middleware has set it.
        return getattr(self._request, "member", None)

    @cached_property
    def memberships(self) -> Sequence[Member]:
        return getattr(self._request, "memberships", ())

    @cached_property
    def layout(self) -> str:
        """What an error page extends: the shell, a page of its own for visitors, or a toast alone for htmx."""
        if getattr(self._request, "htmx", None):
            return "fragment.html"
        return "base.html" if self.member else "base_solo.html"

    @cached_property
    def theme(self) -> str:
        """What the person has chosen, "light" or "dark"; "" follows the device."""
        chosen = self.member.theme if self.member else self._request.COOKIES.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def section(self) -> str:
        return navigation.section(self._request.path)

    @cached_property
    def groups(self) -> Sequence[navigation.LinkGroup]:
        return navigation.groups(self.member, self.section) if self.member else ()

    @cached_property
    def tabs(self) -> Sequence[navigation.Link]:
        return navigation.tabs(self.groups, self.section)

    @cached_property
    def settings_address(self) -> str | None:
        return self._address(navigation.SETTINGS)

    @cached_property
    def search_address(self) -> str | None:
        return self._address(navigation.SEARCH)

    @cached_property
    def here(self) -> str:
        """Where a preference's form comes back to: this page, not the fragment or the form that was posted."""
        return self._request.get_full_path() if self._request.method == "GET" else "/"

    @cached_property
    def toasts(self) -> Sequence[responses.Toast]:
        return responses.pending_toasts(self._request)

    def _address(self, entry: navigation.Entry) -> str | None:
        if self.member is None or not navigation.is_reachable(entry, self.member):
            return None
        return navigation.address(entry.route)


def shell(request: HttpRequest) -> dict[str, object]:
    return {"shell": Shell(request)}
