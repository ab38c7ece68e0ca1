"""Who may see a page: every view of the web room carries @page, @action or @public (ACC-2).

    @page(Privilege.SEE_RUNS)                    GET; several privileges mean any one of them, none means every member
    def runs(request: MemberRequest) -> HttpResponse: ...

    @page(Privilege.EDIT_RECORDS, methods=FORM)  GET shows the form, POST takes it
    def edit_quote(request: MemberRequest, quote_id: int) -> HttpResponse: ...

    @action(Privilege.ACT_ON_RUNS)               POST alone
    def pause(request: MemberRequest, run_id: int) -> HttpResponse: ...

    @public                                      anybody; request.member may be None
    def sign_in(request: ShellRequest) -> HttpResponse: ...

Within a view ``request.member`` is the member, in the organisation they work for now, with ``profile``,
``organisation`` and ``user`` loaded, and ``actor(request)`` is what commands want as actor. What belongs to another
organisation does not exist for them: look it up through the ``access_*`` functions of the rooms. Their NotFound becomes
the page 404, their Refused the page 403 with the names of those who can help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, cast
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from rouage.accounts.access import Refused, administrators, can
from rouage.accounts.actors import actor_of
from rouage.accounts.models import Member, User
from rouage.accounts.privileges import Privilege
from rouage.journal.actors import Actor

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

GET = ("GET", "HEAD")
FORM = (*GET, "POST")
POST = ("POST",)


class ShellRequest(HttpRequest):
    """What the middleware adds; ``member`` is None for a visitor and for a user without an organisation."""

    member: Member | None
    memberships: Sequence[Member]
    htmx: HtmxDetails


class MemberRequest(ShellRequest):
    """The request of a view behind @page or @action."""

    member: Member
    user: User


type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]
type MemberView[**P] = Callable[Concatenate[MemberRequest, P], HttpResponse]
type ShellView[**P] = Callable[Concatenate[ShellRequest, P], HttpResponse]


def page[**P](*privileges: Privilege, methods: Sequence[str] = GET) -> Callable[[MemberView[P]], View[P]]:
    """A view for members who hold one of the privileges; others are told whom to ask."""

    def declare(view: MemberView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            refusal = _refusal(cast("ShellRequest", request), privileges, methods)
            return refusal or view(cast("MemberRequest", request), *args, **kwargs)

        guarded.declared = "page"  # type: ignore[attr-defined]  # read by is_public and by the sweep over all addresses
        return guarded

    return declare


def action[**P](*privileges: Privilege) -> Callable[[MemberView[P]], View[P]]:
    """A view that changes something: POST alone."""
    return page(*privileges, methods=POST)


def public[**P](view: ShellView[P]) -> View[P]:
    """A view that a visitor may open."""

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(cast("ShellRequest", request), *args, **kwargs)

    opened.declared = "public"  # type: ignore[attr-defined]  # read by is_public and by the sweep over all addresses
    return opened


def is_public(view: Callable[..., object]) -> bool:
    return getattr(view, "declared", "") == "public"


def may(member: Member, *privileges: Privilege) -> bool:
    """Whether the member holds one of the privileges; asked for none, everybody does."""
    return not privileges or any(can(member, privilege) for privilege in privileges)


def actor(request: MemberRequest) -> Actor:
    """Whom the journal names for what this request changes."""
    return actor_of(request.member, client_address(request))


def client_address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Sends a visitor to the sign-in page, and from there back to where they were going."""
    shell = cast("ShellRequest", request)
    wanted = request.get_full_path() if request.method in GET else ""
    if shell.htmx:
        # The fragment's own address is no page to come back to.
        wanted = shell.htmx.current_url_abs_path or ""
    address = reverse("sign-in") + ("?" + urlencode({"next": wanted}) if wanted not in {"", "/"} else "")
    return HttpResponseClientRedirect(address) if shell.htmx else redirect(address)


def _refusal(request: ShellRequest, privileges: Sequence[Privilege], methods: Sequence[str]) -> HttpResponse | None:
    if isinstance(request.user, AnonymousUser):
        return ask_to_sign_in(request)
    if request.member is None:
        return render(request, "no_organisation.html", status=403)
    if not may(request.member, *privileges):
        return explain(request, Refused(privileges[0], administrators(request.member.organisation_id)))
    if request.method not in methods:
        response = render(request, "405.html", status=405)
        response["Allow"] = ", ".join(methods)
        return response
    return None


def explain(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page that says which privilege is missing, and whom to ask for it."""
    return render(request, "403.html", {"sentence": refusal.sentence}, status=403)
