"""Changes when an organisation works: its zone, days, hours, public holidays and closing dates (AUT-10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from rouage.accounts.changes import change
from rouage.accounts.errors import Invalid
from rouage.accounts.models import ClosingDate, Organisation, fresh_stamp
from rouage.accounts.public_holidays import countries, regions
from rouage.accounts.validation import errors_of, zone_error
from rouage.journal.actors import Actor
from rouage.journal.append import append_entry

_WEEK = range(7)
_MIDNIGHT = time(0)  # as a closing time: the end of the day
_LABEL = 100
_LONGEST_CLOSING = 366  # days


def change_calendar(
    actor: Actor,
    organisation: Organisation,
    *,
    zone: str,
    working_days: Collection[int],
    opens: time,
    closes: time,
    country: str,
    region: str = "",
    now: datetime,
) -> None:
    """``working_days``: 0 is Monday. In force from the next batch of every worker on. Raises Invalid."""
    errors = place_errors(zone, country, region) | errors_of(
        working_days=_days_error(working_days),
        closes="" if opens < closes or closes == _MIDNIGHT else _("The closing time must be after the opening time."),
    )
    if errors:
        raise Invalid(errors)
    values = {
        "zone": zone,
        "working_days": sorted(set(working_days)),
        "opens": opens,
        "closes": closes,
        "country": country,
        "region": region,
    }
    change(organisation, values, kind="organisation", actor=actor, now=now)


def add_closing_date(
    actor: Actor, organisation: Organisation, *, first_day: date, last_day: date, label: str = "", now: datetime
) -> ClosingDate:
    """Close on these days, both included. Raises Invalid."""
    errors = errors_of(
        last_day=_range_error(first_day, last_day),
        label="" if len(label) <= _LABEL else _("Enter a label of at most %(count)d characters.") % {"count": _LABEL},
    )
    if errors:
        raise Invalid(errors)
    with transaction.atomic():
        _stamp(organisation)
        closing = ClosingDate.objects.create(
            organisation=organisation, first_day=first_day, last_day=last_day, label=label.strip()
        )
        _journal(actor, closing, "closing_date.added", now)
    return closing


def remove_closing_date(actor: Actor, organisation: Organisation, closing_date_id: int, *, now: datetime) -> None:
    """Work on these days again; nothing if somebody has removed it already."""
    with transaction.atomic():
        _stamp(organisation)
        closing = ClosingDate.objects.filter(organisation=organisation, id=closing_date_id).first()
        if closing:
            _journal(actor, closing, "closing_date.removed", now)
            closing.delete()


def place_errors(zone: str, country: str, region: str) -> dict[str, str]:
    """What is wrong with where an organisation works."""
    found = errors_of(zone=zone_error(zone))
    if country not in countries():
        return found | {"country": _("Choose a country of the list: its public holidays must be known.")}
    if region and region not in regions(country):
        return found | {"region": _("Choose a region of the country, or none.")}
    return found


def _days_error(days: Collection[int]) -> str:
    if not days:
        return _("Choose at least one working day.")
    return "" if all(day in _WEEK for day in days) else _("Choose days of the week.")


def _range_error(first_day: date, last_day: date) -> str:
    if last_day < first_day:
        return _("The last day must not be before the first.")
    if (last_day - first_day).days >= _LONGEST_CLOSING:
        return _("Close for at most a year at a time.")
    return ""


def _stamp(organisation: Organisation) -> None:
    """Tell the caches of calendars in all processes that theirs is old; locks the organisation, too."""
    organisation.closing_stamp = fresh_stamp()
    organisation.save(update_fields=["closing_stamp"])


def _journal(actor: Actor, closing: ClosingDate, verb: str, now: datetime) -> None:
    append_entry(
        organisation_id=closing.organisation_id,
        verb=verb,
        actor=actor,
        kind="organisation",
        record_id=closing.organisation_id,
        data={"first_day": closing.first_day, "last_day": closing.last_day, "label": closing.label},
        now=now,
    )
