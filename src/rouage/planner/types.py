"""Contracts of the types that one file adds: triggers, actions, condition operators.

A type file defines one name, ``TYPE``: an object that fits one of these contracts (for a condition operator, an
``Operator`` value). Its ``key`` is the name of its file. ``Config`` is a pydantic model; it is typed loosely here,
because the planner needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from rouage.planner.model import Event, Result, Snapshot, Timing
from rouage.planner.operators import FieldType, Operator

__all__ = ["ALL", "ActionType", "FieldType", "Operator", "TriggerType", "Words", "fits"]

ALL = frozenset({"*"})
"""For ``kinds``: the type fits every kind of record."""


def fits(kinds: frozenset[str], kind: str) -> bool:
    """Whether a type with these ``kinds`` can be used for records of ``kind``."""
    return kind in kinds or "*" in kinds


class Words(Protocol):
    """Puts a type's summary into the reader's language. Built by the automations room, used by ``summary``."""

    def __call__(self, text: str, /, **values: str) -> str:
        """Translate ``text`` (marked with N_) and fill in its ``%(name)s`` places."""
        ...

    def plural(self, one: str, many: str, number: int, /, **values: str) -> str:
        """As above, by ``number``; ``%(number)s`` is filled in too."""
        ...

    def field(self, kind: str, field: str) -> str:
        """The label of a record's field."""
        ...

    def value(self, kind: str, field: str, raw: Any) -> str:  # noqa: ANN401 -- a JSON value
        """A field's value as people read it: a status's label, an amount, a date."""
        ...


class Type(Protocol):
    """What every type of the registries has. The first paragraph of ``help`` is shown in the editor."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def kinds(self) -> frozenset[str]: ...
    @property
    def Config(self) -> type[Any]: ...  # noqa: N802 -- a class

    def summary(self, config: Any, words: Words) -> str:  # noqa: ANN401 -- an instance of Config
        """One clause that says what ``config`` does, in the reader's language (AUT-15)."""
        ...


class TriggerType(Type, Protocol):
    """What starts a run (AUT-2). Pure: it reads its config, the event and the snapshot, and nothing else."""

    def listens(self, config: Any, kind: str) -> frozenset[str]:  # noqa: ANN401 -- an instance of Config
        """Event types that may start a run on a record of ``kind``, such as ``quote.status_changed``."""
        ...

    def matches(self, config: Any, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:  # noqa: ANN401 -- same
        """The trigger's facts (read as ``trigger.<name>``), or None when the event is not meant: that leaves no trace.

        ``snapshot`` is empty when the record is gone.
        """
        ...

    def starts(self, config: Any) -> Timing | None:  # noqa: ANN401 -- same
        """The date that a run waits for before its conditions are looked at, or None to begin at once."""
        ...


class ActionType(Type, Protocol):
    """What a step does (AUT-4).

    ``outside``: its effect leaves the database, so that it ends when an outcome arrives. ``window``: only inside the
    organisation's sending window. ``reminder``: counts for the gap and the cap of a client (AUT-11).
    """

    @property
    def outside(self) -> bool: ...
    @property
    def window(self) -> bool: ...
    @property
    def reminder(self) -> bool: ...

    def execute(self, config: Any, context: Any) -> Result:  # noqa: ANN401 -- Config, and the automations room's context
        """Write the rows of the step, in the transaction of the pump. Never raises for an expected outcome."""
        ...
