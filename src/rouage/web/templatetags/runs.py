"""The box "Automatisations" for the page of a record: {% load runs %}{% automations_box kind.key record.pk %}."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from rouage.accounts.privileges import Privilege
from rouage.records.kinds import KINDS
from rouage.web.access import may
from rouage.web.views.runs.box import box_context

register = template.Library()


@register.inclusion_tag("runs/box.html", takes_context=True)
def automations_box(context: Context, kind: str, record_id: int) -> dict[str, Any]:
    """Nothing for those who may not see runs, and for kinds that have no automations."""
    member = getattr(context.get("shell"), "member", None)
    if member is None or not may(member, Privilege.SEE_RUNS) or not KINDS[kind].automatable:
        return {}
    request = context["request"]
    shown = box_context(member, kind, record_id, request.path)
    return shown | {"csrf_token": context.get("csrf_token"), "shell": context.get("shell"), "request": request}
