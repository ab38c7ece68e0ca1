"""The tasks pages: mine, the team's, what is late (REC-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from django.db.models import F, Q, QuerySet

from rouage.accounts.models import Member
from rouage.records.local import local_day, local_moment
from rouage.records.models import Task

_SHOWN = 100
_DAYS = 7


class Bucket(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"  # until Sunday
    LATER = "later"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskGroup:
    bucket: Bucket
    tasks: Sequence[Task]


def my_tasks(member: Member, now: datetime) -> list[TaskGroup]:
    """The member's open tasks by when they are due, the soonest first; empty groups are left out. One query."""
    mine = _open(member.organisation_id).filter(assignee_id=member.pk)
    return grouped(_soonest(mine), now, member.organisation.zone)


def team_tasks(member: Member, now: datetime) -> list[TaskGroup]:
    """Open tasks of the member's team, or of the whole organisation for those who have none, in the same groups."""
    found = _open(member.organisation_id)
    if member.team_id is not None:
        found = found.filter(Q(assignee__team_id=member.team_id) | Q(assignee__isnull=True))
    return grouped(_soonest(found), now, member.organisation.zone)


def closed_tasks(member: Member) -> list[Task]:
    """What the member has done or cancelled, the latest first. One query."""
    found = Task.objects.filter(
        organisation_id=member.organisation_id,
        assignee_id=member.pk,
        status__in=("done", "cancelled"),
        deleted_at__isnull=True,
    )
    return list(found.select_related("assignee__user").order_by("-updated_at", "-id")[:_SHOWN])


def overdue_tasks(member: Member, now: datetime) -> int:
    """How many of the member's tasks are late. One query."""
    return _open(member.organisation_id).filter(assignee_id=member.pk, due_at__lt=now).count()


def open_tasks(member: Member) -> int:
    return _open(member.organisation_id).filter(assignee_id=member.pk).count()


def grouped(tasks: Sequence[Task], now: datetime, zone: str) -> list[TaskGroup]:
    today = local_day(now, zone)
    tomorrow = local_moment(today + timedelta(days=1), time.min, zone)
    next_week = local_moment(today + timedelta(days=_DAYS - today.weekday()), time.min, zone)

    def bucket(task: Task) -> Bucket:
        if task.due_at is None:
            return Bucket.UNDATED
        if task.due_at < now:
            return Bucket.OVERDUE
        if task.due_at < tomorrow:
            return Bucket.TODAY
        return Bucket.THIS_WEEK if task.due_at < next_week else Bucket.LATER

    groups = {name: [task for task in tasks if bucket(task) == name] for name in Bucket}
    return [TaskGroup(bucket=name, tasks=some) for name, some in groups.items() if some]


def _open(organisation_id: int) -> QuerySet[Task]:
    return Task.objects.filter(organisation_id=organisation_id, status="open", deleted_at__isnull=True)


def _soonest(found: QuerySet[Task]) -> list[Task]:
    ordered = found.select_related("assignee__user").order_by(F("due_at").asc(nulls_last=True), "id")
    return list(ordered[:_SHOWN])
