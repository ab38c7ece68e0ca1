"""What to ask of every address of the project, for the sweep of tests/web/test_sealed.py (ACC-1).

Each module has a ``TABLE``: the name of a route, and a function that gives the calls to make on it.

    TABLE = {
        "quote": lambda me, of: [Call(args=[of["quote"].pk], gone=True)],
        "quotes": lambda me, of: [Call(query={"client": of["client"].pk, "q": "beau"})],
        "opportunity-stage": lambda me, of: [
            Call(args=[of["opportunity"].pk], data={"stage": me["opportunity"].stage_id}, gone=True),
            Call(args=[me["opportunity"].pk], data={"stage": of["opportunity"].stage_id}, gone=True),
        ],
    }

``me`` is the organisation of the member who asks, ``of`` the one whose things are named: another organisation in the
sweep, the member's own when the table itself is checked. ``gone``: an object of another organisation is named, and the
answer must be that it does not exist. Every call is made by GET with its ``query`` and by POST with its ``data``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Call:
    """``json``: the body of a program's request, sent by ``method`` instead of a form's."""

    args: Sequence[Any] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    method: str = "POST"
    gone: bool = False


# Routes that answer nobody, with the reason.
EXEMPT = {"api-1:api-root": "the prefix of the API: no page"}

type Things = Mapping[str, Any]
type Calls = Callable[[Things, Things], Sequence[Call]]


def table() -> dict[str, Calls]:
    """All modules' entries; two for one route are a mistake."""
    found: dict[str, Calls] = {}
    for module in pkgutil.iter_modules(__path__):
        own = importlib.import_module(f"{__name__}.{module.name}").TABLE
        assert found.keys().isdisjoint(own), sorted(found.keys() & own.keys())
        found |= own
    return found
