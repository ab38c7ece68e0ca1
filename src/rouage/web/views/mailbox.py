"""The demo mailbox: what this machine would have sent, to read; HTML is shown as its source, never rendered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.journal.paging import Mark
from rouage.mail.demo_mailbox import PAGE, access_mail, content_of, mails
from rouage.mail.models import DemoMail
from rouage.web.access import MemberRequest, page
from rouage.web.listing import Listing, number
from rouage.web.responses import fragment, show

HEADERS: Mapping[str, StrOrPromise] = {
    "From": pgettext_lazy("email", "From"),
    "To": pgettext_lazy("email", "To"),
    "Cc": pgettext_lazy("email", "Copy"),
    "Reply-To": pgettext_lazy("email", "Reply to"),
    "Date": pgettext_lazy("email", "Date"),
    "Subject": pgettext_lazy("email", "Subject"),
}


@page(Privilege.SEE_RUNS)
def listing(request: MemberRequest) -> HttpResponse:
    state, mail_id = Listing(request.GET), number(request.GET.get("panel", ""))
    extra: dict[str, Any] = {}
    if mail_id is not None:
        try:
            extra = _context(access_mail(request.member, mail_id)) | {"panel": "mailbox/panel.html"}
        except NotFound:
            extra = {}
    if extra and (request.htmx.target or "").rpartition("#")[2] == "panel":
        return fragment(request, "mailbox/panel.html", extra)
    mark = Mark.read(state.get("after"))
    found = list(mails(request.member.organisation_id, (mark.at, mark.id) if mark else None, PAGE + 1))
    rows = found[:PAGE]
    more = Mark(rows[-1].received_at, rows[-1].pk) if len(found) > PAGE else None
    context = {
        "lines": [(mail, state.here(panel=mail.pk)) for mail in rows],
        "older": state.older(more),
        "newer": state.newer(),
        "is_empty": not rows and mark is None,
        "foot": "" if mark else _("The %(number)s most recent") % {"number": len(rows)},
    }
    return show(request, "mailbox/list.html", context | extra)


@page(Privilege.SEE_RUNS)
def mail(request: MemberRequest, mail_id: int) -> HttpResponse:
    """One mail as a page of its own."""
    context = _context(access_mail(request.member, mail_id))
    return show(request, "mailbox/mail.html", context | {"list_address": reverse("mailbox")})


def _context(found: DemoMail) -> dict[str, Any]:
    run_id, content = found.message.run_id if found.message else None, content_of(found)
    return {
        "mail": found,
        "content": content,
        "headers": [(str(HEADERS.get(name, name)), value) for name, value in content.headers],
        "run_address": reverse("run", args=[run_id]) if run_id else "",
    }
