"""Automations: list, make, edit, publish, switch, try (AUT-5 to AUT-7, AUT-13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from rouage.accounts.access import require
from rouage.accounts.privileges import Privilege
from rouage.api import schemas
from rouage.api.auth import member_of
from rouage.automations import commands, dry_run, models
from rouage.automations.access import access_automation
from rouage.automations.commands import Changes
from rouage.automations.commands import delete as delete_for_ever
from rouage.automations.queries.automations import AutomationRow, automations
from rouage.planner.model import Resume

router = Router(tags=["automations"])


@router.get("", response=list[schemas.Automation])
def list_automations(request: HttpRequest, *, hide_inactive: bool = False) -> tuple[AutomationRow, ...]:
    return automations(member_of(request), hide_inactive=hide_inactive)


@router.post("", response={201: schemas.AutomationDetail})
def create_automation(request: HttpRequest, body: schemas.NewAutomation) -> Status[dict[str, Any]]:
    """A draft; it runs once it is published."""
    made = commands.create(
        member_of(request), name=body.name, kind=body.kind, draft=body.draft or None, now=timezone.now()
    )
    return Status(201, _detail(made))


@router.get("/{int:automation_id}", response=schemas.AutomationDetail)
def get_automation(request: HttpRequest, automation_id: int) -> dict[str, Any]:
    require(member_of(request), Privilege.SEE_RUNS)
    return _detail(access_automation(member_of(request), automation_id))


@router.put("/{int:automation_id}/draft", response=schemas.AutomationDetail)
def save_draft(request: HttpRequest, automation_id: int, body: schemas.Draft) -> dict[str, Any]:
    found = access_automation(member_of(request), automation_id)
    saved = commands.save_draft(member_of(request), found, body.definition, base=body.base, now=timezone.now())
    return _detail(saved)


@router.post("/{int:automation_id}/publish", response=schemas.Published)
def publish(request: HttpRequest, automation_id: int, body: schemas.Publication) -> dict[str, Any]:
    done = commands.publish(
        member_of(request),
        access_automation(member_of(request), automation_id),
        waiting=commands.Waiting(body.waiting),
        existing=body.existing,
        note=body.note,
        now=timezone.now(),
    )
    return {"version": done.version.number, "enrolled": done.enrolled, **_counted(done.changes)}


@router.post("/{int:automation_id}/enable", response=schemas.Switched)
def enable(request: HttpRequest, automation_id: int, body: schemas.SwitchOn) -> dict[str, Any]:
    done = commands.enable(
        member_of(request),
        access_automation(member_of(request), automation_id),
        resume=Resume(body.resume),
        existing=body.existing,
        now=timezone.now(),
    )
    return {"enrolled": done.enrolled, **_counted(done.changes)}


@router.post("/{int:automation_id}/disable", response=schemas.Switched)
def disable(request: HttpRequest, automation_id: int, body: schemas.SwitchOff) -> dict[str, Any]:
    found = access_automation(member_of(request), automation_id)
    done = commands.disable(member_of(request), found, runs=commands.Off(body.runs), now=timezone.now())
    return {"enrolled": 0, **_counted(done.changes)}


@router.delete("/{int:automation_id}", response={204: None})
def delete(request: HttpRequest, automation_id: int) -> Status[None]:
    """For ever. Its open runs are cancelled; its runs and their journal stay."""
    delete_for_ever(member_of(request), access_automation(member_of(request), automation_id), now=timezone.now())
    return Status(204, None)


@router.post("/{int:automation_id}/dry-run", response=schemas.Simulation)
def dry_run_automation(request: HttpRequest, automation_id: int, body: schemas.Trial) -> dry_run.Simulation:
    """Try it on a real record, as if its trigger fired now: nothing is sent, created or changed."""
    found = access_automation(member_of(request), automation_id)
    stored = body.definition if body.definition is not None else _content(found)
    return dry_run.simulate(member_of(request), stored, body.record_id, now=timezone.now())


@router.get("/{int:automation_id}/hits", response=list[schemas.Candidate])
def list_hits(request: HttpRequest, automation_id: int) -> list[Any]:
    """The records on which it would do something today, at most a hundred."""
    require(member_of(request), Privilege.SEE_RECORDS)
    found = access_automation(member_of(request), automation_id)
    return list(dry_run.hit_today(member_of(request), _content(found), now=timezone.now()))


def _content(automation: models.Automation) -> Any:  # noqa: ANN401 -- JSON
    if automation.draft is not None:
        return automation.draft
    return automation.published.definition if automation.published else {}


def _counted(changes: Changes) -> dict[str, int]:
    return {"changed": len(changes.done), "refused": len(changes.refused)}


def _detail(automation: models.Automation) -> dict[str, Any]:
    return {
        "id": automation.pk,
        "name": automation.name,
        "kind": automation.kind,
        "is_active": automation.is_active,
        "definition": automation.published.definition if automation.published else None,
        "draft": automation.draft,
        "draft_number": automation.draft_number,
        "draft_saved_at": automation.draft_saved_at,
    }
