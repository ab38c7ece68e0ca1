"""Rows in a worker's hands: due events and runs as the planner's values, with what their rows held when taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from rouage.journal import bulk
from rouage.journal.append import read_cause
from rouage.planner import model as plan
from rouage.planner.model import Event, Hold, Link, RunStatus

type Row = tuple[Any, ...]
type Reference = tuple[str, int]

EVENT_COLUMNS = (
    "id", "organisation_id", "type", "kind", "record_id", "payload", "cause", "occurred_at", "attempt",
)  # fmt: skip
RUN_COLUMNS = (
    "id", "organisation_id", "automation_id", "version_id", "kind", "record_id", "client_id", "label", "event_id",
    "cause", "facts", "spared", "last_action", "last_action_at", "status", "position", "entered_at", "planned_at",
    "due_at", "remaining", "hold", "attempt",
)  # fmt: skip
JSON = frozenset({"payload", "cause", "facts", "spared"})
"""Columns that a claim reads as text: the same few texts come again and again, and are parsed once."""

MOMENTS = frozenset({"occurred_at", "last_action_at", "entered_at", "planned_at", "due_at"})
"""Columns that a claim reads as text on SQLite: Django's converters cost four times what ``read_moment`` does."""

GUARD = ("status", "position", "attempt")
"""The fence: a row whose guard columns still hold is still ours."""


@dataclass(slots=True, eq=False)
class Arrived:
    """A due event. ``tries`` were made before this one, ``fence`` is what its attempt column holds."""

    event: Event
    tries: int
    fence: int

    @property
    def reference(self) -> Reference:
        return self.event.kind, self.event.record_id


@dataclass(slots=True, eq=False)
class Held:
    """A run in our hands, or one about to be written. ``fence`` is what its attempt column holds meanwhile."""

    id: int
    organisation_id: int
    automation_id: int
    version_id: int
    kind: str
    record_id: int
    client_id: int | None
    label: str
    event_id: int
    cause: tuple[Link, ...]
    facts: Mapping[str, Any]
    spared: tuple[int, ...]
    last_action: str
    last_action_at: datetime | None
    state: plan.Run
    fence: int

    @property
    def tries(self) -> int:
        return self.state.attempt

    @property
    def reference(self) -> Reference:
        return self.kind, self.record_id

    @property
    def guard(self) -> tuple[int, str, int, int]:
        """The id and the GUARD columns of the row as it was taken."""
        return self.id, self.state.status._value_, self.state.position, self.fence


def read_event(row: Row, *, counted: bool = False) -> Arrived:
    """A row of EVENT_COLUMNS; ``counted``: its attempt column counts this try already."""
    id_, organisation_id, type_, kind, record_id, payload, cause, occurred_at, attempt = row
    event = Event(
        id=id_,
        organisation_id=organisation_id,
        type=type_,
        kind=kind,
        record_id=record_id,
        payload=_json(payload),
        cause=() if cause == "[]" else read_cause(cause),
        occurred_at=_moment(occurred_at),
    )
    return Arrived(event, attempt - counted, attempt)


def read_run(row: Row, *, counted: bool = False) -> Held:
    """A row of RUN_COLUMNS; ``counted``: its attempt column counts this try already."""
    (id_, organisation_id, automation_id, version_id, kind, record_id, client_id, label, event_id, cause,
     facts, spared, last_action, last_action_at, status, position, entered_at, planned_at, due_at,
     remaining, hold, attempt) = row  # fmt: skip
    state = plan.Run(
        _STATUSES[status],
        position,
        _moment(entered_at),
        _moment_or_none(planned_at),
        _moment_or_none(due_at),
        timedelta(microseconds=remaining) if isinstance(remaining, int) else remaining,
        _HOLDS[hold],
        attempt - counted,
    )
    return Held(
        id_, organisation_id, automation_id, version_id, kind, record_id, client_id, label, event_id,
        () if cause == "[]" else read_cause(cause), _json(facts), () if spared is None else tuple(_json(spared)),
        last_action, _moment_or_none(last_action_at), state, attempt,
    )  # fmt: skip


_STATUSES = {status.value: status for status in RunStatus}
_HOLDS = {hold.value: hold for hold in Hold}


@lru_cache(maxsize=4096)
def _json(text: str) -> Any:  # noqa: ANN401 -- JSON
    """Shared by all rows that hold the same text: never to be changed."""
    return json.loads(text)


def _moment(value: Any) -> datetime:  # noqa: ANN401 -- text on SQLite, a moment on PostgreSQL
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return bulk.aware(value)


def _moment_or_none(value: Any) -> datetime | None:  # noqa: ANN401 -- same
    return None if value is None else _moment(value)
