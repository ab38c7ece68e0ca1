"""Runs: the journal page by page, one run's timeline, and what people do to runs (RUN-1 to RUN-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from rouage.api import schemas
from rouage.api.auth import member_of
from rouage.automations import commands
from rouage.automations.commands import Asked, Changes, On, Wish
from rouage.automations.explain import sentence
from rouage.automations.queries.ranges import Key, RunFilter
from rouage.automations.queries.runs import runs_page
from rouage.automations.queries.timeline import Timeline, timeline
from rouage.planner.commands import Origin
from rouage.planner.model import Reason, RunStatus

router = Router(tags=["runs"])


class Filter(Schema):
    automation_id: int | None = None
    version_id: int | None = None
    kind: str = ""
    record_id: int | None = None
    client_id: int | None = None
    status: RunStatus | Literal[""] = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


@router.get("", response=schemas.RunPage)
def list_runs(request: HttpRequest, wanted: Query[Filter], place: Query[schemas.Place]) -> dict[str, Any]:
    """Newest first; the order stays as it is while new runs come."""
    found = runs_page(member_of(request), RunFilter(**wanted.dict()), Key.read(place.after), place.size)
    return {"runs": found.rows, "next": found.next.text if found.next else None}


@router.get("/{int:run_id}", response=schemas.Timeline)
def get_run(request: HttpRequest, run_id: int) -> Timeline:
    """Each step with its times, what was sent and answered, and why it failed."""
    return timeline(member_of(request), run_id)


@router.post("/pause", response=schemas.Acted)
def pause(request: HttpRequest, body: schemas.Pause) -> dict[str, Any]:
    return _acted(commands.pause_runs(_asked(request, body), body.runs, until=body.until))


@router.post("/resume", response=schemas.Acted)
def resume(request: HttpRequest, body: schemas.ResumeRuns) -> dict[str, Any]:
    return _acted(commands.resume_runs(_asked(request, body), body.runs, mode=body.mode))


@router.post("/skip-step", response=schemas.Acted)
def skip_step(request: HttpRequest, body: schemas.Ask) -> dict[str, Any]:
    """Leave out the step that is next."""
    return _acted(commands.skip_steps(_asked(request, body), body.runs))


@router.post("/run-now", response=schemas.Acted)
def run_now(request: HttpRequest, body: schemas.Ask) -> dict[str, Any]:
    """Carry out the next step at once."""
    return _acted(commands.run_now(_asked(request, body), body.runs))


@router.post("/cancel", response=schemas.Acted)
def cancel(request: HttpRequest, body: schemas.Ask) -> dict[str, Any]:
    return _acted(commands.cancel_runs(_asked(request, body), body.runs))


@router.post("/relaunch", response=schemas.Relaunched)
def relaunch(request: HttpRequest, body: schemas.Relaunch) -> dict[str, Any]:
    """Start ended runs again; an e-mail that has left is not sent again unless ``repeat`` says so."""
    origin = body.origin if isinstance(body.origin, int) else Origin(body.origin)
    wish = Wish(origin=origin, on=On(body.on), repeat=body.repeat)
    done = commands.relaunch_runs(_asked(request, body), body.runs, wish)
    return {"done": done.done, "refused": _refused(done.refused)}


def _asked(request: HttpRequest, body: schemas.Ask) -> Asked:
    address = str(request.META.get("REMOTE_ADDR", ""))
    return Asked(member=member_of(request), now=timezone.now(), note=body.note, address=address)


def _acted(changes: Changes) -> dict[str, Any]:
    return {"done": changes.done, "refused": _refused(changes.refused)}


def _refused(refused: Mapping[int, Reason]) -> list[dict[str, Any]]:
    return [{"run": run_id, "code": reason.code, "text": sentence(reason)} for run_id, reason in refused.items()]
