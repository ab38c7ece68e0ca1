"""Tasks (REC-6): made by people here, by runs in records.effects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.records.commands.basics import author, create, made
from rouage.records.commands.changes import change_fields, change_status
from rouage.records.errors import refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Record, Task
from rouage.records.writing import About, entry, journal


@transaction.atomic
def create_task(
    actor: Actor, organisation: Organisation, values: Mapping[str, Any], *, about: Record | None = None, now: datetime
) -> Task:
    """``about``: the record it is linked to. Raises Invalid."""
    computed: dict[str, Any] = {"created_by": actor.label}
    if about is not None:
        if about.organisation_id != organisation.pk:
            raise refuse("record.gone")
        computed |= {"kind": type(about).__name__.lower(), "record_id": about.pk}
    row = create(actor, organisation, KINDS["task"], values, computed=computed, now=now, cause=())
    task = made(Task, row)
    _tell(actor, task, "task.created", now=now)
    return task


def change_task(actor: Actor, task: Task, values: Mapping[str, Any], *, now: datetime) -> bool:
    return change_fields(actor, task, values, now=now)


def complete_task(actor: Actor, task: Task, *, now: datetime) -> None:
    _close(actor, task, "done", "task.completed", now=now)


def reopen_task(actor: Actor, task: Task, *, now: datetime) -> None:
    _close(actor, task, "open", "task.reopened", now=now)


def cancel_task(actor: Actor, task: Task, *, now: datetime) -> None:
    _close(actor, task, "cancelled", "task.cancelled", now=now)


@transaction.atomic
def _close(actor: Actor, task: Task, status: str, verb: str, *, now: datetime) -> None:
    change_status(actor, task, status, now=now)
    _tell(actor, task, verb, now=now)


def _tell(actor: Actor, task: Task, verb: str, *, now: datetime) -> None:
    """In the activity of the record that the task is about, beside that of the task itself."""
    if task.record_id is not None:
        about = About(task.organisation_id, task.kind, task.record_id)
        journal([entry(author(actor), about, verb, {"task_id": task.pk, "title": task.title}, now)])
