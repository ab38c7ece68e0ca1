"""Two organisations whose data could leak, and the questions that must not let it (ACC-1).

Every room that answers questions has a module ``tests/<room>/sealed.py``:

    def fill(side: Side) -> None:     makes the room's rows of one organisation; ``side.things`` keeps what is asked for
    ASKS = {"queries.lines": lambda me, of: lines(me.organisation.id, of.things["quote"].id), ...}
    EXEMPT = {"access.can": "asks about a member at hand, no row"}

``me`` asks about things of ``of``. A function of the room's queries, access, history, notifications or calendars that
is in neither table fails the test of tests/accounts/test_sealed.py.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from types import ModuleType
from typing import Any

from django.db.models import Manager, Model, QuerySet
from django.http import Http404

import rouage
from rouage.accounts.models import Member, Organisation
from tests.factories.accounts import make_member, make_organisation

ROOMS = ("journal", "accounts", "records", "mail", "functions", "automations")
READS = frozenset({"queries", "access", "history", "notifications", "calendars"})


@dataclass
class Side:
    """One organisation with an administrator, and what the rooms made for it."""

    organisation: Organisation
    member: Member
    things: dict[str, Any] = field(default_factory=dict)


type Ask = Callable[[Side, Side], Any]


def make_side(name: str) -> Side:
    organisation = make_organisation(name)
    return Side(organisation, make_member(organisation, name=f"Administratrice {name}"))


def fill(side: Side, *, up_to: str = ROOMS[-1]) -> Side:
    """By storey, so that a room can build on what those below it have made."""
    for room in ROOMS[: ROOMS.index(up_to) + 1]:
        if found := table(room):
            found.fill(side)
    return side


def table(room: str) -> ModuleType | None:
    name = f"tests.{room}.sealed"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def questions(room: str) -> dict[str, Callable[..., Any]]:
    """The public functions of the modules of a room that read for others, by their name within the room."""
    return {
        f"{module.__name__.removeprefix(f'rouage.{room}.')}.{name}": function
        for module in _reading_modules(room)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def _reading_modules(room: str) -> Iterator[ModuleType]:
    package = importlib.import_module(f"{rouage.__name__}.{room}")
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if READS.intersection(found.name.split(".")[2:]):
            yield importlib.import_module(found.name)


def plain(value: Any) -> Any:
    """What a question answered, as values that can be compared after the rows have changed."""
    match value:
        case Model():
            return {name: plain(stored) for name, stored in vars(value).items() if not name.startswith("_")}
        case Manager():
            return plain(value.all())
        case str() | bytes() | Enum():
            return value
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case QuerySet() | list() | tuple() | Iterator():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=repr)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.repr}
        case _:
            return value


def is_nothing(answer: Any) -> bool:
    """Nothing found: no value, or containers that hold none."""
    if isinstance(answer, Mapping):
        return all(is_nothing(item) for item in answer.values())
    if isinstance(answer, list):
        return all(is_nothing(item) for item in answer)
    return not answer


def answer(ask: Ask, me: Side, of: Side) -> Any:
    """What the question finds, None when it says that there is nothing."""
    try:
        return plain(ask(me, of))
    except (Http404, LookupError):
        return None
