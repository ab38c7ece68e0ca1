"""An automation for those who may not change it: what it does, part by part, in words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from rouage.automations.models import Automation
from rouage.automations.names import names_of
from rouage.web.access import MemberRequest
from rouage.web.components.sentences import summary
from rouage.web.responses import show


def detail(request: MemberRequest, automation: Automation) -> HttpResponse:
    context: dict[str, Any] = {
        "automation": automation,
        "summary": summary(stored(automation), names_of(automation.organisation_id)),
        "list_address": reverse("automations"),
    }
    return show(request, "automations/detail.html", context)


def stored(automation: Automation) -> dict[str, Any]:
    """The draft, else what was published."""
    if automation.draft is not None:
        return dict(automation.draft)
    return dict(automation.published.definition) if automation.published else {"kind": automation.kind}
