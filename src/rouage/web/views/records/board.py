"""The board of a pipeline: its stages with their opportunities, moved by a form (REC-5)."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.records.queries import board as lanes_of
from rouage.records.queries import pipelines
from rouage.web.access import MemberRequest, may, page
from rouage.web.components.parts import Tab
from rouage.web.listing import number
from rouage.web.responses import show
from rouage.web.views.records.pages import PAGES


@page(Privilege.SEE_RECORDS)
def board(request: MemberRequest) -> HttpResponse:
    organisation_id = request.member.organisation_id
    found = pipelines(organisation_id)
    wanted = number(request.GET.get("pipeline", ""))
    current = next((one for one in found if one.pk == wanted), found[0] if found else None)
    lanes = lanes_of(organisation_id, current.pk) if current else []
    shown = {
        "pages": PAGES["opportunity"],
        "pipeline": current,
        "tabs": [Tab(label=one.name, address=f"?pipeline={one.pk}", is_current=one == current) for one in found]
        if len(found) > 1
        else (),
        "lanes": lanes,
        "stages": [lane.stage for lane in lanes],
        "open_count": sum(lane.count for lane in lanes if lane.stage.outcome == "open"),
        "open_amount": sum(lane.amount for lane in lanes if lane.stage.outcome == "open"),
        "is_empty": not any(lane.count for lane in lanes),
        "may_edit": may(request.member, Privilege.EDIT_RECORDS),
        "may_set_up": may(request.member, Privilege.MANAGE_SETTINGS),
        "new_address": reverse("opportunity-new"),
        "here": request.get_full_path(),
        "today": timezone.localdate(),
    }
    return show(request, "records/board.html", shown)
