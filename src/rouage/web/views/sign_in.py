"""Signing in with e-mail and password, and out (ACC-5)."""

from __future__ import annotations

from math import ceil

from django.contrib.auth import login, logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from rouage.accounts.sign_in import Wrong
from rouage.accounts.sign_in import sign_in as check
from rouage.accounts.throttle import TooMany
from rouage.web.access import ShellRequest, client_address, public
from rouage.web.forms.sign_in import SignInForm
from rouage.web.responses import go, invalid, safe_next, show


@sensitive_post_parameters("password")
@never_cache
@public
def sign_in(request: ShellRequest) -> HttpResponse:
    """The page, and its form. What is wrong with an account is never said: only that the two do not go together."""
    wanted = safe_next(request, "/")
    if request.user.is_authenticated:
        return go(request, wanted)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _let_in(request, form):
        return go(request, wanted)
    context = {"form": form, "next": "" if wanted == "/" else wanted}
    return invalid(request, "sign_in.html", context) if form.is_bound else show(request, "sign_in.html", context)


@never_cache
@public
def sign_out(request: ShellRequest) -> HttpResponse:
    # By POST alone: a picture in an e-mail must not sign anybody out.
    if request.method != "POST":
        return redirect("/")
    logout(request)
    return redirect(reverse("sign-in"))


def _let_in(request: ShellRequest, form: SignInForm) -> bool:
    now = timezone.now()
    match check(request, **form.cleaned_data, address=client_address(request), now=now):
        case TooMany(until=until):
            form.add_error(None, _too_often(ceil((until - now).total_seconds() / 60)))
        case Wrong():
            text = _("This email address and this password do not go together. Check both and try again.")
            form.add_error(None, text)
        case user:
            login(request, user)
            return True
    return False


def _too_often(minutes: int) -> str:
    text = ngettext(
        "Too many attempts to sign in. Try again in %(n)s minute.",
        "Too many attempts to sign in. Try again in %(n)s minutes.",
        minutes,
    )
    return text % {"n": minutes}
