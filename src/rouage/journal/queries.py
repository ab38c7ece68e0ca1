"""Reads the journal: what was done to a record, in a run, by somebody; the newest first, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from rouage.journal.actors import ActorKind
from rouage.journal.models import Entry
from rouage.journal.paging import PAGE, Mark, Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which entries; what is not given does not restrict. ``until`` is excluded.

    ``thing``: the first word of the verb (``quote``, ``member`` ...).
    """

    kind: str = ""
    record_id: int | None = None
    run_id: int | None = None
    thing: str = ""
    verb: str = ""
    actor_kind: ActorKind | None = None
    actor_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries(
    organisation_id: int, filters: Filters | None = None, *, after: Mark | None = None, size: int = PAGE
) -> Page[Entry]:
    """One query."""
    return page(_filtered(organisation_id, filters or Filters()), "at", after, size)


def activity(
    organisation_id: int, kind: str, record_id: int, *, after: Mark | None = None, size: int = PAGE
) -> Page[Entry]:
    """What was done to one record (REC-9). One query."""
    return entries(organisation_id, Filters(kind=kind, record_id=record_id), after=after, size=size)


def _filtered(organisation_id: int, filters: Filters) -> QuerySet[Entry]:
    exact = {
        "kind": filters.kind,
        "record_id": filters.record_id,
        "run_id": filters.run_id,
        "verb": filters.verb,
        "actor_kind": filters.actor_kind,
        "actor_id": filters.actor_id,
        "at__gte": filters.since,
        "at__lt": filters.until,
    }
    conditions = Q(**{name: value for name, value in exact.items() if value not in (None, "")})
    if filters.thing:
        conditions &= Q(verb__startswith=f"{filters.thing}.")
    return Entry.objects.filter(conditions, organisation_id=organisation_id)
