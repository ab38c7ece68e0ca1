"""Answers of the views: a page or its fragment for htmx, a redirect, a form with errors, a toast.

    return show(request, "runs/list.html", context, fragments={"panel": "panel", "rows": "rows"})

gives the page; asked by htmx for the target ``#rows`` it gives ``{% partialdef rows %}`` of the same template alone,
with the pending toasts. ``"*"`` stands for any other target. A command's outcome:

    if not form.is_valid():
        return invalid(request, "quotes/edit.html", context)
    match change_status(...):
        case Refused() as refusal:
            return refused(request, describe(refusal), quote_address)
    toast(request, _("Quote accepted"), undo=Undo(url=..., fields={"status": "sent"}))
    return go(request, quote_address)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from rouage.web.access import ShellRequest

type Context = Mapping[str, Any]  # whatever the template names
UNPROCESSABLE, CONFLICT = 422, 409


@dataclass(frozen=True, kw_only=True)
class Undo:
    """What the button "Undo" of a toast posts, and where to."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Toast:
    text: str
    is_failure: bool = False
    undo: Undo | None = None


def show(
    request: HttpRequest,
    template: str,
    context: Context | None = None,
    *,
    fragments: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the fragment (a partial's name) that belongs to the id of the target that htmx asks for."""
    partial = _asked_fragment(request, fragments or {})
    if partial is None:
        response = render(request, template, context, status=status)
    else:
        response = fragment(request, f"{template}#{partial}", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def fragment(request: HttpRequest, template: str, context: Context | None = None, *, status: int = 200) -> HttpResponse:
    """A template (``name.html`` or ``name.html#partial``) without the shell, followed by the pending toasts."""
    body = render_to_string(template, context, request=request)
    return HttpResponse(body + render_to_string("components/toasts.html#late", request=request), status=status)


def invalid(
    request: HttpRequest, template: str, context: Context, *, fragments: Mapping[str, str] | None = None
) -> HttpResponse:
    """The form again, with its errors (422: htmx swaps it in)."""
    return show(request, template, context, fragments=fragments, status=UNPROCESSABLE)


def go(request: HttpRequest, address: str) -> HttpResponse:
    """To another page. htmx would swap the page that a plain redirect leads to into its target."""
    htmx = cast("ShellRequest", request).htmx
    if not htmx:
        return redirect(address)
    page, _, part = address.partition("#")
    if part and (htmx.current_url_abs_path or "").partition("#")[0] == page:
        # To a part of the page that is open the browser would scroll, and load nothing.
        return HttpResponseClientRefresh()
    return HttpResponseClientRedirect(address)


def back(request: HttpRequest, default: str) -> HttpResponse:
    """To where the form's ``next`` says, when that is a page of ours."""
    return go(request, safe_next(request, default))


def refused(request: HttpRequest, text: str, address: str) -> HttpResponse:
    """The command said no: the page as it was, with the reason in a toast."""
    toast(request, text, is_failure=True)
    if cast("ShellRequest", request).htmx:
        return HttpResponse(render_to_string("components/toasts.html#late", request=request), status=CONFLICT)
    return redirect(address)


def safe_next(request: HttpRequest, default: str) -> str:
    """The ``next`` of the form or the address, unless it leads away from this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else default


def toast(request: HttpRequest, text: str, *, is_failure: bool = False, undo: Undo | None = None) -> None:
    """Says something on the next page or fragment that is shown; it goes away by itself, a failure when closed."""
    extra = json.dumps({"url": undo.url, "fields": dict(undo.fields)}) if undo else ""
    messages.add_message(request, messages.ERROR if is_failure else messages.SUCCESS, text, extra_tags=extra)


def pending_toasts(request: HttpRequest) -> Sequence[Toast]:
    """Takes them: they are shown once."""
    return [
        Toast(
            text=str(message.message),
            is_failure=message.level >= messages.ERROR,
            undo=Undo(**json.loads(message.extra_tags)) if message.extra_tags else None,
        )
        for message in messages.get_messages(request)
    ]


def _asked_fragment(request: HttpRequest, fragments: Mapping[str, str]) -> str | None:
    htmx = cast("ShellRequest", request).htmx
    if not fragments or not htmx or htmx.history_restore_request:
        return None
    # htmx 4 names the target "dialog#panel".
    target = (htmx.target or "").rpartition("#")[2]
    return fragments.get(target, fragments.get("*"))
