"""What a member is told in the application (RUN-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rouage.accounts.models import Member, Notification
from rouage.journal import bulk
from rouage.planner.values import frozen

_COLUMNS = ("organisation_id", "member_id", "text", "kind", "record_id", "run_id", "created_at")
_LONGEST = 500
_PAGE = 50


@frozen(kw_only=True)
class NewNotification:
    organisation_id: int
    member_id: int
    text: str
    kind: str = ""
    record_id: int | None = None
    run_id: int | None = None


def write(notifications: Sequence[NewNotification], now: datetime) -> None:
    bulk.insert(
        Notification,
        _COLUMNS,
        [
            (new.organisation_id, new.member_id, new.text[:_LONGEST], new.kind, new.record_id, new.run_id, now)
            for new in notifications
        ],
    )


def unread(member: Member) -> int:
    """How many notifications the member has not read, counted to 100 at most."""
    mine = Notification.objects.filter(organisation_id=member.organisation_id, member_id=member.id)
    return mine.filter(read_at__isnull=True).order_by()[:100].count()


def latest(member: Member, before: tuple[datetime, int] | None = None) -> list[Notification]:
    """The newest ones, or those before (created_at, id) of the last one shown."""
    mine = Notification.objects.filter(organisation_id=member.organisation_id, member_id=member.id)
    if before:
        moment, last = before
        mine = mine.filter(created_at__lte=moment).exclude(created_at=moment, id__gte=last)
    return list(mine.order_by("-created_at", "-id")[:_PAGE])


def mark_read(member: Member, now: datetime, notification_id: int | None = None) -> int:
    """Mark one or all of the member's notifications as read; how many were not yet."""
    mine = Notification.objects.filter(
        organisation_id=member.organisation_id, member_id=member.id, read_at__isnull=True
    )
    if notification_id is not None:
        mine = mine.filter(id=notification_id)
    return mine.update(read_at=now)
