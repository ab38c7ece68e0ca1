"""Pages of a list that grows at its head: by the place of the last row shown, never by a number of rows to skip.

A page costs the same wherever it is, and rows that arrive meanwhile move nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Model, Q, QuerySet

PAGE = 50
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the list: after the row of this moment and id. Its text form stands in an address."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no mark: the list then starts at its head."""
        moment, _, number = text.rpartition("_")
        try:
            mark = cls(datetime.fromisoformat(moment), int(number))
        except ValueError:
            return None
        return mark if mark.at.tzinfo and 0 <= mark.id <= _LARGEST else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[M: Model]:
    """``next`` is the mark of the page that follows, or None on the last one."""

    rows: Sequence[M]
    next: Mark | None


def page[M: Model](rows: QuerySet[M], moment: str, after: Mark | None, size: int = PAGE) -> Page[M]:
    """The newest rows by the column ``moment`` and their id, or those that follow ``after``. One query."""
    if after:
        # Not "before, or at the same moment and with a smaller id": databases read an index by a range, not by an "or".
        same = Q(**{moment: after.at}, id__gte=after.id)
        rows = rows.filter(~same, **{f"{moment}__lte": after.at})
    found = list(rows.order_by(f"-{moment}", "-id")[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(rows=shown, next=Mark(getattr(shown[-1], moment), shown[-1].pk) if more else None)
