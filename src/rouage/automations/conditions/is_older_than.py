"""The operator "is more than … days ago"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rouage.planner.operators import FieldType, Operand, Operator, day
from rouage.planner.words import N_


def _older(found: Any, wanted: Any, now: datetime) -> bool:  # noqa: ANN401 -- what a record holds
    return day(found, now) < now.date() - timedelta(days=wanted)


TYPE = Operator(
    key="is_older_than",
    label=N_("is more than … days ago"),
    types=frozenset({FieldType.DATE, FieldType.MOMENT}),
    judge=_older,
    operand=Operand.DAYS,
)
