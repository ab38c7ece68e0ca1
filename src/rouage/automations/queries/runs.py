"""The page of all runs (RUN-1, RUN-4), their counts, the box of a record (RUN-6), and the export."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from rouage.accounts.access import require
from rouage.accounts.models import Member
from rouage.accounts.privileges import Privilege
from rouage.automations.explain import sentence
from rouage.automations.models import Run
from rouage.automations.names import Names
from rouage.automations.queries import ranges
from rouage.automations.queries.ranges import COUNTED, Key, RunFilter
from rouage.automations.registry import ACTIONS
from rouage.planner.model import OPEN, Hold, RunStatus

PAGE = 50
_EXPORTED = 500
_BOX = 20

ALL = RunFilter()
_COLUMNS = (
    "id", "automation_id", "automation__name", "automation__deleted_at", "version_id", "version__number", "kind",
    "record_id", "client_id", "label", "status", "hold", "position", "attempt", "triggered_at", "planned_at", "due_at",
    "last_action", "last_action_at", "relaunched_from", "outcome",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One line of the list. ``why``: the sentence of its outcome, or why it waits; ``action``: the last one's label."""

    id: int
    automation_id: int
    automation: str
    is_automation_deleted: bool
    version_id: int
    version: int
    kind: str
    record_id: int
    client_id: int | None
    label: str
    status: RunStatus
    hold: Hold
    position: int
    attempt: int
    triggered_at: datetime
    planned_at: datetime | None
    due_at: datetime | None
    action: str
    last_action_at: datetime | None
    relaunched_from: int | None
    why: str

    @property
    def key(self) -> Key:
        return Key(triggered_at=self.triggered_at, id=self.id)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """``next``: the key to ask for the following page with; None on the last one."""

    rows: tuple[RunRow, ...]
    next: Key | None


@dataclass(frozen=True, slots=True)
class Counted:
    """``exact`` is False when there are more than were counted: shown as "1,000+"."""

    number: int
    exact: bool


def runs_page(member: Member, wanted: RunFilter = ALL, after: Key | None = None, size: int = PAGE) -> RunPage:
    """Newest first; two queries, whatever the filter and however far down."""
    require(member, Privilege.SEE_RUNS)
    ids = ranges.page(member.organisation_id, wanted, after, size + 1)
    rows = _rows(member, ids[:size])
    return RunPage(rows=rows, next=rows[-1].key if len(ids) > size else None)


def status_counts(member: Member, wanted: RunFilter = ALL) -> dict[RunStatus, Counted]:
    """For the tabs of the list, under its other filters; one query, bounded."""
    require(member, Privilege.SEE_RUNS)
    found = ranges.counts(member.organisation_id, wanted)
    return {status: Counted(found.get(status, 0), found.get(status, 0) < COUNTED) for status in RunStatus}


def export(member: Member, wanted: RunFilter = ALL) -> Iterator[RunRow]:
    """All runs of the filter, newest first, read 500 at a time."""
    after: Key | None = None
    while True:
        page = runs_page(member, wanted, after, _EXPORTED)
        yield from page.rows
        if page.next is None:
            return
        after = page.next


def runs_of(member: Member, kind: str, record_id: int, *, limit: int = _BOX) -> tuple[RunRow, ...]:
    """For the box "Automatisations" of a record: open runs first, then the newest; two queries."""
    require(member, Privilege.SEE_RUNS)
    runs = Run.objects.filter(organisation_id=member.organisation_id, kind=kind, record_id=record_id)
    found = list(runs.values_list("id", "status", "triggered_at"))
    found.sort(key=lambda row: (row[1] in OPEN, row[2], row[0]), reverse=True)
    return _rows(member, [row[0] for row in found[:limit]])


def coming_up(member: Member, *, limit: int = 5) -> tuple[RunRow, ...]:
    """The runs whose next step is planned soonest ("Prochaines exécutions"); two queries."""
    require(member, Privilege.SEE_RUNS)
    runs = Run.objects.filter(organisation_id=member.organisation_id, due_at__isnull=False).order_by("due_at")
    return _rows(member, list(runs.values_list("id", flat=True)[:limit]))


def rows_of(member: Member, ids: Collection[int]) -> tuple[RunRow, ...]:
    """Runs of the member's organisation, in the order of ``ids``."""
    require(member, Privilege.SEE_RUNS)
    return _rows(member, list(ids))


def _rows(member: Member, ids: Sequence[int]) -> tuple[RunRow, ...]:
    if not ids:
        return ()
    names = Names(zone=member.organisation.zone, currency=member.organisation.currency)
    # By the key alone: with the organisation beside it SQLite goes through all of the organisation's runs.
    found = Run.objects.filter(id__in=ids).values("organisation_id", *_COLUMNS)
    by_id = {row["id"]: _row(row, names) for row in found if row["organisation_id"] == member.organisation_id}
    return tuple(by_id[id_] for id_ in ids if id_ in by_id)


def _row(row: Mapping[str, Any], names: Names) -> RunRow:
    return RunRow(
        id=row["id"],
        automation_id=row["automation_id"],
        automation=row["automation__name"],
        is_automation_deleted=row["automation__deleted_at"] is not None,
        version_id=row["version_id"],
        version=row["version__number"],
        kind=row["kind"],
        record_id=row["record_id"],
        client_id=row["client_id"],
        label=row["label"],
        status=RunStatus(row["status"]),
        hold=Hold(row["hold"]),
        position=row["position"],
        attempt=row["attempt"],
        triggered_at=row["triggered_at"],
        planned_at=row["planned_at"],
        due_at=row["due_at"],
        action=action_label(row["last_action"]),
        last_action_at=row["last_action_at"],
        relaunched_from=row["relaunched_from"],
        why=sentence(row["outcome"], row["kind"], names) if row["outcome"] else "",
    )


def action_label(key: str) -> str:
    """In the current language; that of an action that is not installed any more is its key."""
    return gettext(ACTIONS[key].label) if key in ACTIONS else key
