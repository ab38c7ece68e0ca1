"""The first page: what needs the member, in ten seconds."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.text import capfirst

from rouage.web.access import MemberRequest, page
from rouage.web.components import dates
from rouage.web.context import Shell
from rouage.web.responses import show


@page()
def home(request: MemberRequest) -> HttpResponse:
    # The counts of the navigation are what waits: one query each serves both.
    shell = Shell(request)
    waiting = [link for group in shell.groups for link in group.links if link.number]
    context = {
        "shell": shell,
        "first_name": request.member.user.name.split(" ")[0],
        "date": capfirst(dates.day(timezone.localdate(), dates.Style.LONG)),
        "waiting": waiting,
    }
    return show(request, "home.html", context)
