"""The addresses of a list: the same list with other filters, its older and its newer page; all state is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

LARGEST_ID = 2**63 - 1
TRAIL = 30  # how many pages back an address remembers
_PLACE = ("after", "trail", "panel")


@dataclass(frozen=True)
class Listing:
    """``query`` is what stands in the address of the list."""

    query: QueryDict

    def get(self, name: str, longest: int = 200) -> str:
        return self.query.get(name, "").replace("\x00", "").strip()[:longest]

    def number(self, name: str) -> int | None:
        return number(self.get(name))

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """The empty text for what is none of them."""
        asked = self.get(name)
        return asked if asked in allowed else ""

    def address(self, **changes: object) -> str:
        """This list with other filters, at its head; "" and None take a filter away."""
        query = self.query.copy()
        for name in _PLACE:
            query.pop(name, None)
        return self._changed(query, changes)

    def here(self, **changes: object) -> str:
        """This page of the list, with something more or less."""
        return self._changed(self.query.copy(), changes)

    def older(self, mark: object | None) -> str:
        if mark is None:
            return ""
        return self._at(str(mark), [*self.query.getlist("trail"), self.query.get("after", "")][-TRAIL:])

    def newer(self) -> str:
        """The page that one came from; without knowing it, the head of the list."""
        if "after" not in self.query:
            return ""
        *before, last = self.query.getlist("trail") or [""]
        return self._at(last, before)

    def _at(self, after: str, trail: Sequence[str]) -> str:
        query = self.query.copy()
        for name in _PLACE:
            query.pop(name, None)
        query.setlist("trail", list(trail))
        if after:
            query["after"] = after
        return "?" + query.urlencode()

    def _changed(self, query: QueryDict, changes: dict[str, object]) -> str:
        for name, value in changes.items():
            query.pop(name, None)
            if value not in ("", None):
                query[name] = str(value)
        return "?" + query.urlencode()


def number(text: str) -> int | None:
    """An id out of an address; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_ID else None
