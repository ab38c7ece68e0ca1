"""What the passing of time does by itself: invoices fall due, quotes expire, and what is kept for a short time goes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from rouage.automations.models import Evaluation
from rouage.journal import bulk
from rouage.records.commands.daily import expire_quotes, mark_overdue

QUARTER = timedelta(minutes=15)  # every time zone's midnight falls on one
PURGED = 5000  # rows deleted in one transaction
_LOCK = 0x526F_7561_6765  # one worker of a deployment does this, whichever is first

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Clock:
    """When this worker last looked. After a clock was moved back it looks again: doing this twice changes nothing."""

    looked_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        return self.looked_at is None or _quarter(self.looked_at) != _quarter(now)

    def tick(self, now: datetime) -> int:
        """Do what the time calls for; how many records changed."""
        if not self.is_due(now):
            return 0
        self.looked_at = now
        return turn(now)


def turn(now: datetime) -> int:
    """Mark invoices as overdue and quotes as expired where their day is over; forget what was kept long enough."""
    if not _is_mine():
        return 0
    try:
        changed = mark_overdue(now) + expire_quotes(now)
        purge_evaluations(now)
    finally:
        _give_back()
    return changed


def purge_evaluations(now: datetime) -> int:
    """Forget why triggers started nothing, after the days of ROUAGE_EVALUATION_DAYS (RUN-9); the oldest come first."""
    before = now - timedelta(days=settings.ROUAGE_EVALUATION_DAYS)
    purged = 0
    while True:
        with transaction.atomic():
            oldest = Evaluation.objects.order_by("id").values_list("id", "at")[:PURGED]
            ids = [id_ for id_, at in oldest if at < before]
            Evaluation.objects.filter(id__in=ids).delete()
        purged += len(ids)
        if len(ids) < PURGED:
            return purged


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER.total_seconds())


def _is_mine() -> bool:
    return connection.vendor != "postgresql" or bool(bulk.query("select pg_try_advisory_lock(%s)", (_LOCK,))[0][0])


def _give_back() -> None:
    if connection.vendor == "postgresql" and connection.is_usable():
        bulk.query("select pg_advisory_unlock(%s)", (_LOCK,))
