"""Which stage of a pipeline stands for open, won or lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rouage.records.models import Stage


def stages_by_outcome(pipeline_ids: Collection[int]) -> Mapping[tuple[int, str], int]:
    """The first stage of each pipeline and outcome."""
    found: dict[tuple[int, str], int] = {}
    rows = Stage.objects.filter(pipeline_id__in=pipeline_ids, deleted_at__isnull=True).order_by("position", "id")
    for number, pipeline_id, outcome in rows.values_list("id", "pipeline_id", "outcome"):
        found.setdefault((pipeline_id, outcome), number)
    return found


def stage_for(pipeline_id: int, outcome: str) -> int:
    """Every pipeline keeps at least one stage of each outcome (records.commands.pipelines)."""
    return stages_by_outcome([pipeline_id])[pipeline_id, outcome]
