"""What a kind of record is: its fields, statuses and dates as data; conditions, merge fields and the editor read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.db import models
from django_stubs_ext import StrOrPromise

from rouage.planner.operators import FieldType


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    key: str
    label: StrOrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """``name`` is the key in a snapshot. ``column``: where a writable field is kept.

    ``writable``: an automation may change it (AUT-4). ``anchor``: a date that triggers and steps may count from.
    A choice without ``choices`` takes them from the organisation's own data (queries.choices).
    """

    name: str
    label: StrOrPromise
    type: FieldType = FieldType.TEXT
    choices: tuple[Choice, ...] = ()
    writable: bool = False
    anchor: bool = False
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """``css`` is the class of its badge. ``settable``: people and automations may choose it; the others follow."""

    key: str
    label: StrOrPromise
    feminine: StrOrPromise = ""
    css: str = ""
    settable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRole:
    """Someone to write to; ``key`` is the prefix of ``.name``, ``.email`` and ``.language`` in a snapshot."""

    key: str
    label: StrOrPromise


@dataclass(frozen=True, kw_only=True)
class RecordKind:
    """``transitions``: from a status to those that may follow. ``stop``: the statuses that end an automation (AUT-9).

    ``editable``: columns that people may change, a superset of the writable fields' columns; ``linked``: further ones
    that are chosen when the record is made; ``required``: those that may not be empty.
    ``order``: the column of lists; ``descending`` its direction.
    """

    key: str
    model: type[models.Model]
    label: StrOrPromise
    plural: StrOrPromise
    icon: str
    feminine: bool = False
    fields: tuple[Field, ...]
    statuses: tuple[Status, ...] = ()
    transitions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stop: tuple[str, ...] = ()
    roles: tuple[RecipientRole, ...] = ()
    editable: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    order: str = "id"
    descending: bool = True
    url_name: str
    automatable: bool = True
    series: str = ""  # the prefix of its numbers
    yearly: bool = True  # numbers begin anew each year

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields}

    @cached_property
    def date_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.anchor)

    @cached_property
    def writable(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.fields if field.writable}

    def status(self, key: str) -> Status | None:
        return next((status for status in self.statuses if status.key == key), None)

    def status_label(self, key: str) -> StrOrPromise:
        """The status in the gender of the kind; an unknown one as it is stored."""
        found = self.status(key)
        if found is None:
            return key
        return found.feminine if self.feminine and found.feminine else found.label

    def may_follow(self, old: str, new: str) -> bool:
        return new in self.transitions.get(old, frozenset())
