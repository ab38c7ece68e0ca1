"""The working calendars of organisations, as the planner wants them (AUT-10)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from rouage.accounts.models import ClosingDate, Organisation
from rouage.accounts.public_holidays import holidays_in
from rouage.journal import bulk
from rouage.planner.calendar import Calendar

# Years whose holidays a calendar knows. A date asked for outside is taken for a working day, weekends apart.
YEARS = range(2020, 2061)
_KEPT = 2000  # calendars in memory

# The hours as text: SQLite's driver would parse them for each row, and they are needed for changed ones only.
_SETTINGS = "zone, country, region, working_days, opens || '', closes || '', closing_stamp"
_SQL = f'select id, {_SETTINGS} from "{Organisation._meta.db_table}" where id '  # noqa: S608 -- our own names


@dataclass(frozen=True, slots=True)
class _Kept:
    """A calendar and the settings it was made of: as long as the organisation has the same ones, it holds."""

    settings: list[Any]
    calendar: Calendar


_kept: dict[int, _Kept] = {}


def calendar_of(organisation_id: int) -> Calendar:
    """Raises KeyError for an organisation that does not exist."""
    return calendars_of([organisation_id])[organisation_id]


def calendars_of(organisation_ids: Collection[int]) -> dict[int, Calendar]:
    """The calendars of a batch in one query, and a second one for those that have changed since the last time.

    What comes back is the same object as long as nothing changed, with its own answers cached in it.
    """
    if not organisation_ids:
        return {}
    among, these = bulk.id_list(list(set(organisation_ids)))
    current, stale = {}, {}
    for organisation_id, *settings in bulk.query(_SQL + among, (these,)):
        kept = _kept.get(organisation_id)
        if kept and kept.settings == settings:
            current[organisation_id] = kept.calendar
        else:
            stale[organisation_id] = settings
    return current | _make(stale) if stale else current


def _make(settings: dict[int, list[Any]]) -> dict[int, Calendar]:
    """Closing dates are read after their stamp: newer ones are read again the next time, older ones cannot come."""
    closings: dict[int, set[date]] = {}
    found = ClosingDate.objects.filter(organisation_id__in=settings).values_list(
        "organisation_id", "first_day", "last_day"
    )
    for organisation_id, first_day, last_day in found:
        closings.setdefault(organisation_id, set()).update(_days(first_day, last_day))
    made = {id_: _calendar(row, closings.get(id_, set())) for id_, row in settings.items()}
    if len(_kept) + len(made) > _KEPT:
        _kept.clear()
    _kept.update({id_: _Kept(settings[id_], calendar) for id_, calendar in made.items()})
    return made


def _calendar(settings: list[Any], closed: set[date]) -> Calendar:
    zone, country, region, working_days, opens, closes, _ = settings
    public = _public_holidays(country, region)
    return Calendar(
        zone=ZoneInfo(zone),
        working_days=frozenset(json.loads(working_days) if isinstance(working_days, str) else working_days),
        opens=time.fromisoformat(opens),
        closes=time.fromisoformat(closes),
        closed=public | closed if closed else public,
    )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@lru_cache(maxsize=64)
def _public_holidays(country: str, region: str) -> frozenset[date]:
    """One set for all organisations of a region."""
    return frozenset().union(*(holidays_in(country, region, year) for year in YEARS))
