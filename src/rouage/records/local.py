"""The organisation's own day: what "today" is where it works."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # A zone that this machine's database does not know must not take the work of the others away.
        return ZoneInfo("UTC")


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(_zone(zone)).date()


def local_moment(day: date, at: time, zone: str) -> datetime:
    """That time of the organisation's day, in UTC."""
    return datetime.combine(day, at, _zone(zone)).astimezone(UTC)
