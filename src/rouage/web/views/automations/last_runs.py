"""The newest run of each automation, for the list: one short look into an index for each version and status."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import OuterRef, Subquery

from rouage.accounts.models import Member
from rouage.automations.models import Run, Version
from rouage.automations.queries.runs import RunRow, rows_of
from rouage.planner.model import RunStatus


def last_runs(member: Member, automation_ids: Collection[int]) -> Mapping[int, RunRow]:
    """By automation; those that have never run are missing. Two queries."""
    newest = {
        f"newest_{status.value}": Subquery(
            Run.objects.filter(version_id=OuterRef("id"), status=status.value)
            .order_by("-triggered_at", "-id")
            .values("id")[:1]
        )
        for status in RunStatus
    }
    versions = Version.objects.filter(
        organisation_id=member.organisation_id, automation_id__in=automation_ids
    ).annotate(**newest)
    ids = {found for row in versions.values_list(*newest) for found in row if found is not None}
    latest: dict[int, RunRow] = {}
    for run in rows_of(member, ids):
        known = latest.get(run.automation_id)
        if known is None or (run.triggered_at, run.id) > (known.triggered_at, known.id):
            latest[run.automation_id] = run
    return latest
