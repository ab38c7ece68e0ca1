"""Why did nothing happen? Triggers that were evaluated and started no run, with the reason (RUN-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rouage.accounts.access import require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.explain import Explanation, explain
from rouage.automations.models import Automation, Evaluation
from rouage.automations.names import Names, names_of
from rouage.automations.queries.ranges import Key

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRow:
    """``explanation`` names the condition that did not hold, with the value that was read."""

    id: int
    automation_id: int
    automation: str
    kind: str
    record_id: int
    event_type: str
    at: datetime
    explanation: Explanation | None

    @property
    def key(self) -> Key:
        return Key(triggered_at=self.at, id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPage:
    rows: tuple[EvaluationRow, ...]
    next: Key | None


def evaluations_of(member: Member, kind: str, record_id: int, *, limit: int = PAGE) -> tuple[EvaluationRow, ...]:
    """Of one record, newest first; a fixed number of queries."""
    require(member, Privilege.SEE_RUNS)
    found = Evaluation.objects.filter(organisation_id=member.organisation_id, kind=kind, record_id=record_id)
    return _rows(member, list(found.order_by("-at", "-id").values()[:limit]))


def evaluations_page(
    member: Member, *, automation_id: int | None = None, after: Key | None = None, size: int = PAGE
) -> EvaluationPage:
    """Of the organisation, newest first; kept for a short time only, so that a filter may look through them."""
    require(member, Privilege.SEE_RUNS)
    found = Evaluation.objects.filter(organisation_id=member.organisation_id)
    if automation_id is not None:
        found = found.filter(automation_id=automation_id)
    if after is not None:
        found = found.filter(at__lte=after.triggered_at).exclude(at=after.triggered_at, id__gte=after.id)
    read = list(found.order_by("-at", "-id").values()[: size + 1])
    rows = _rows(member, read[:size])
    return EvaluationPage(rows=rows, next=rows[-1].key if len(read) > size else None)


def _rows(member: Member, found: Sequence[Mapping[str, Any]]) -> tuple[EvaluationRow, ...]:
    if not found:
        return ()
    names = names_of(member.organisation_id)
    called = dict(Automation.objects.filter(organisation_id=member.organisation_id).values_list("id", "name"))
    return tuple(_row(row, called, names) for row in found)


def _row(row: Mapping[str, Any], called: Mapping[int, str], names: Names) -> EvaluationRow:
    return EvaluationRow(
        id=row["id"],
        automation_id=row["automation_id"],
        automation=called.get(row["automation_id"], ""),
        kind=row["kind"],
        record_id=row["record_id"],
        event_type=row["event_type"],
        at=row["at"],
        explanation=explain(row["reason"], row["kind"], names),
    )
