"""Why nothing happened: triggers that were evaluated and started no run (RUN-9)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from rouage.api import schemas
from rouage.api.auth import member_of
from rouage.automations.queries.evaluations import evaluations_page
from rouage.automations.queries.ranges import Key

router = Router(tags=["evaluations"])


class Filter(Schema):
    automation_id: int | None = None


@router.get("", response=schemas.EvaluationPage)
def list_evaluations(request: HttpRequest, wanted: Query[Filter], place: Query[schemas.Place]) -> dict[str, Any]:
    found = evaluations_page(
        member_of(request), automation_id=wanted.automation_id, after=Key.read(place.after), size=place.size
    )
    return {"evaluations": found.rows, "next": found.next.text if found.next else None}
