"""Writes what happened, in the transaction of whoever made it happen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from rouage.journal import bulk, wake
from rouage.journal.actors import Actor
from rouage.journal.models import DomainEvent, Entry
from rouage.planner.model import Link

EVENT_COLUMNS = (
    "organisation_id", "type", "kind", "record_id", "payload", "cause", "depth", "occurred_at", "due_at",
)  # fmt: skip
ENTRY_COLUMNS = (
    "organisation_id", "verb", "actor_kind", "actor_id", "actor_label", "run_id", "kind", "record_id", "data", "at",
)  # fmt: skip


def append_event(
    *,
    organisation_id: int,
    type: str,  # noqa: A002 -- the column's name
    kind: str,
    record_id: int,
    payload: Mapping[str, Any] | None = None,
    cause: Sequence[Link] = (),
    now: datetime,
) -> None:
    """Write what happened to a record, for the engine, and wake it after the commit."""
    append_events([
        (organisation_id, type, kind, record_id, json_text(payload or {}), cause_text(cause), len(cause), now, now),
    ])  # fmt: skip


def append_events(rows: Sequence[tuple[Any, ...]]) -> None:
    """Write many at once; a row is in the order of EVENT_COLUMNS, its JSON columns as text."""
    if rows:
        bulk.insert(DomainEvent, EVENT_COLUMNS, rows)
        wake.after_commit()


def append_entry(
    *,
    organisation_id: int,
    verb: str,
    actor: Actor,
    kind: str = "",
    record_id: int | None = None,
    run_id: int | None = None,
    data: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Write one line of the journal. ``verb`` is ``<thing>.<past participle>``."""
    Entry.objects.create(
        organisation_id=organisation_id,
        verb=verb,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        address=actor.address or None,
        run_id=run_id,
        kind=kind,
        record_id=record_id,
        data=dict(data or {}),
        at=now,
    )


def append_entries(rows: Sequence[tuple[Any, ...]]) -> None:
    """Write many lines at once; a row is in the order of ENTRY_COLUMNS, its JSON column as text."""
    bulk.insert(Entry, ENTRY_COLUMNS, rows)


# One for all: json.dumps makes an encoder for each call, which takes as long as the encoding.
_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def json_text(value: Any) -> str:  # noqa: ANN401 -- JSON
    """JSON text in which dates are ISO 8601 and decimals are text, so that no digit is lost."""
    return _encode(value)


def cause_text(cause: Sequence[Link]) -> str:
    return json.dumps([[link.run_id, link.automation_id, link.kind, link.record_id] for link in cause])


def read_cause(value: Any) -> tuple[Link, ...]:  # noqa: ANN401 -- JSON
    """The inverse of ``cause_text``, from the column's text or what was read from it."""
    links = json.loads(value) if isinstance(value, str) else value
    return tuple(Link(run_id=run, automation_id=auto, kind=kind, record_id=record) for run, auto, kind, record in links)
