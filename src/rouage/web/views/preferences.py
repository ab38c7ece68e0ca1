"""The member's own choices, made in the account menu: language, theme, organisation to work for."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from rouage.accounts.commands import change_preferences
from rouage.web.access import MemberRequest, ShellRequest, action, client_address, public
from rouage.web.context import THEME_COOKIE, THEMES
from rouage.web.middleware import ORGANISATION
from rouage.web.responses import back, go, toast

YEAR = 365 * 24 * 3600


@public
@require_POST
def language(request: ShellRequest) -> HttpResponse:
    """A visitor's choice is kept in a cookie; the next visitor of this browser finds it on the sign-in page."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise Http404
    if request.member is not None:
        change_preferences(request.member, language=chosen, now=timezone.now(), address=client_address(request))
    return _remember(request, back(request, "/"), settings.LANGUAGE_COOKIE_NAME, chosen)


@public
@require_POST
def theme(request: ShellRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    if chosen not in {*THEMES, "system"}:
        raise Http404
    if request.member is not None:
        change_preferences(request.member, theme=chosen, now=timezone.now(), address=client_address(request))
    return _remember(request, back(request, "/"), THEME_COOKIE, chosen)


@action()
def organisation(request: MemberRequest) -> HttpResponse:
    """To the home page: what is open here does not exist there."""
    wanted = request.POST.get("organisation", "")
    chosen = next((member for member in request.memberships if str(member.organisation_id) == wanted), None)
    if chosen is None:
        raise Http404
    request.session[ORGANISATION] = chosen.organisation_id
    with override(chosen.language):
        toast(request, _("You now work for %(name)s.") % {"name": chosen.organisation.name})
    return go(request, "/")


def _remember(request: ShellRequest, response: HttpResponse, cookie: str, value: str) -> HttpResponse:
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
