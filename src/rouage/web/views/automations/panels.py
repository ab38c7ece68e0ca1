"""The forms beside the list and the editor: rename, delete, switch off and on; each with its effect on real numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone

from rouage.accounts.access import NotFound
from rouage.automations import definition as definitions
from rouage.automations.access import access_automation, can_edit, can_publish
from rouage.automations.candidates import Count, can_enroll, matching
from rouage.automations.commands.changing import open_runs_of
from rouage.automations.models import Automation
from rouage.automations.queries import ranges
from rouage.automations.queries.ranges import RunFilter
from rouage.planner.model import OPEN, Hold
from rouage.web.access import MemberRequest
from rouage.web.forms.automations.small import NameForm, SwitchOffForm, SwitchOnForm
from rouage.web.listing import number
from rouage.web.responses import fragment, safe_next

type Extra = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Panel:
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


def asked(request: MemberRequest, name: str) -> Panel | None:
    """What ``?panel=rename-12`` opens; None for what does not exist or is not allowed."""
    what, _, text = name.rpartition("-")
    automation_id = number(text)
    if what not in _MAKERS or automation_id is None:
        return None
    try:
        automation = access_automation(request.member, automation_id)
    except NotFound:
        return None
    allowed = can_publish if what in {"off", "on"} else can_edit
    if not allowed(request.member, automation):
        return None
    return drawn(request, what, automation)


def drawn(request: MemberRequest, what: str, automation: Automation, form: Any = None) -> Panel:  # noqa: ANN401 -- a form
    """``form``: the one that was sent and has errors."""
    context = {"automation": automation, "next": back(request), **_MAKERS[what](automation)}
    return Panel(template=f"automations/panels/{what}.html", context=context | ({"form": form} if form else {}))


def alone(request: MemberRequest, panel: Panel, *, status: int = 200) -> HttpResponse:
    return fragment(request, panel.template, panel.context, status=status)


def back(request: MemberRequest) -> str:
    """The page below the panel."""
    here = (request.htmx.current_url_abs_path or "") if request.htmx else request.get_full_path()
    query = query_of(here)
    query.pop("panel", None)
    path = urlsplit(here).path or reverse("automations")
    found = safe_next(request, "")
    return found or (f"{path}?{query.urlencode()}" if query else path)


def query_of(address: str) -> QueryDict:
    return QueryDict(urlsplit(address).query, mutable=True)


def open_count(automation: Automation) -> int:
    """Its open runs, counted to a thousand of each status."""
    counted = ranges.counts(automation.organisation_id, RunFilter(automation_id=automation.pk))
    return sum(counted.get(status.value, 0) for status in OPEN)


def held_count(automation: Automation) -> int:
    return len(open_runs_of(automation.pk, statuses=("paused",), hold=Hold.AUTOMATION))


def existing_count(automation: Automation) -> Count | None:
    """Records that the published version would take in now; None when that means nothing for its trigger."""
    if automation.published_id is None:
        return None
    compiled = definitions.load([automation.published_id]).get(automation.published_id)
    if compiled is None or not can_enroll(compiled):
        return None
    return matching(automation.organisation_id, compiled, now=timezone.now(), automation=automation)


def _rename(automation: Automation) -> Extra:
    return {"form": NameForm(initial={"name": automation.name})}


def _delete(automation: Automation) -> Extra:
    return {"waiting": open_count(automation)}


def _off(automation: Automation) -> Extra:
    return {"form": SwitchOffForm(), "waiting": open_count(automation)}


def _on(automation: Automation) -> Extra:
    held, count = held_count(automation), existing_count(automation)
    return {"form": SwitchOnForm(held=held, matching=count), "held": held, "matching": count}


_MAKERS: Mapping[str, Callable[[Automation], Extra]] = {
    "rename": _rename,
    "delete": _delete,
    "off": _off,
    "on": _on,
}
