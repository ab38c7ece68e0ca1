"""The board of a pipeline: its stages as lanes, the opportunities in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Sum, Window
from django.db.models.functions import RowNumber

from rouage.records.models import Opportunity, Pipeline, Stage
from rouage.records.totals import ZERO, cents

CARDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """``opportunities`` are the latest ones, ``count`` and ``amount`` those of all."""

    stage: Stage
    count: int
    amount: Decimal
    opportunities: Sequence[Opportunity]


def pipelines(organisation_id: int) -> list[Pipeline]:
    """In the organisation's order. One query."""
    found = Pipeline.objects.filter(organisation_id=organisation_id, deleted_at__isnull=True)
    return list(found.order_by("position", "id"))


def stages(organisation_id: int, pipeline_id: int) -> list[Stage]:
    """In their order. One query."""
    found = Stage.objects.filter(organisation_id=organisation_id, pipeline_id=pipeline_id, deleted_at__isnull=True)
    return list(found.order_by("position", "id"))


def board(organisation_id: int, pipeline_id: int) -> list[Lane]:
    """Three queries, whatever the pipeline holds."""
    inside = Opportunity.objects.filter(
        organisation_id=organisation_id, pipeline_id=pipeline_id, deleted_at__isnull=True
    )
    sums = {
        row["stage_id"]: (row["number"], cents(row["sum"] or ZERO))
        for row in inside.order_by().values("stage_id").annotate(number=Count("id"), sum=Sum("amount"))
    }
    place = Window(RowNumber(), partition_by=F("stage_id"), order_by=(F("last_activity_at").desc(), F("id").desc()))
    cards: dict[int, list[Opportunity]] = defaultdict(list)
    for card in (
        inside.annotate(place=place).filter(place__lte=CARDS).select_related("client", "owner__user").order_by("place")
    ):
        cards[card.stage_id].append(card)
    return [
        Lane(
            stage=stage,
            count=sums.get(stage.pk, (0, ZERO))[0],
            amount=sums.get(stage.pk, (0, ZERO))[1],
            opportunities=cards[stage.pk],
        )
        for stage in stages(organisation_id, pipeline_id)
    ]
