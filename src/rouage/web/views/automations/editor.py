"""The editor of an automation."""

from __future__ import annotations

from django.http import HttpResponse

from rouage.automations.access import access_automation
from rouage.web.access import MemberRequest, page
from rouage.web.navigation import AUTOMATE
from rouage.web.views.automations import reading


@page(*AUTOMATE)
def automation(request: MemberRequest, automation_id: int) -> HttpResponse:
    return reading.detail(request, access_automation(request.member, automation_id))
