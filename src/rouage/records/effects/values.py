"""What a run's step wants of the records, as plain values; records.effects.write makes rows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from rouage.planner.model import Link
from rouage.planner.values import frozen


# Compared and hashed by identity: two runs may want the very same thing, and each gets its own answer.
@frozen(kw_only=True, eq=False)
class Effect:
    """``kind`` and ``record_id``: the record it is about. ``run_id``, ``position``: the step that does it.

    ``actor``: the label that the journal keeps (the automation's name). ``cause``: the links that led here, the last
    one this run's.
    """

    organisation_id: int
    kind: str
    record_id: int
    run_id: int
    position: int
    actor: str
    cause: tuple[Link, ...]


@frozen(kw_only=True, eq=False)
class NewTask(Effect):
    """One task for one assignee; several recipients are several effects."""

    title: str
    description: str = ""
    due_at: datetime | None = None
    assignee_id: int | None = None


@frozen(kw_only=True, eq=False)
class StatusChange(Effect):
    """``expected``: the status that the step has seen; if it is another one by now, the change is refused."""

    status: str
    expected: str | None = None


@frozen(kw_only=True, eq=False)
class FieldChange(Effect):
    """``field`` is the name of a writable field of the kind; ``value`` a JSON value or one of the field's type."""

    field: str
    value: Any


@frozen(kw_only=True, eq=False)
class NewNote(Effect):
    text: str


@frozen(kw_only=True, eq=False)
class NewRecord(Effect):
    """A record made from the one it is about (``effects.SOURCES`` says which from which).

    ``values``: writable fields of the new one by name, JSON values or values of their types.
    """

    new: Literal["event", "intervention", "invoice"]
    values: Mapping[str, Any] = field(default_factory=dict)
