"""Pipelines, their stages, and the opportunities that move along them (REC-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from rouage.accounts.models import Organisation
from rouage.journal.actors import Actor
from rouage.planner.model import Link
from rouage.records.commands.basics import author, create, locked, made, write
from rouage.records.errors import Invalid, refuse
from rouage.records.kinds import KINDS
from rouage.records.models import Opportunity, Pipeline, Stage
from rouage.records.rules import MOMENTS, Change
from rouage.records.stages import stage_for
from rouage.records.writing import About, Write, entry, journal

OUTCOMES = ("open", "won", "lost")
# What a new pipeline begins with, in the organisation's language.
STAGES = (
    (pgettext_lazy("stage", "New"), "open"),
    (pgettext_lazy("stage", "Qualified"), "open"),
    (pgettext_lazy("stage", "Proposal"), "open"),
    (pgettext_lazy("stage", "Negotiation"), "open"),
    (pgettext_lazy("stage", "Won"), "won"),
    (pgettext_lazy("stage", "Lost"), "lost"),
)
_NAME = 60


@transaction.atomic
def create_pipeline(
    actor: Actor, organisation: Organisation, name: str = "", stages: Sequence[tuple[str, str]] = (), *, now: datetime
) -> Pipeline:
    """``stages``: (name, outcome) in order; the usual ones when none are given. Raises Invalid."""
    with translation.override(organisation.language):
        name = name.strip() or _("Sales")
        stages = stages or [(str(label), outcome) for label, outcome in STAGES]
    _check_name(Pipeline.objects.filter(organisation=organisation), name)
    _check_stages(stages)
    position = Pipeline.objects.filter(organisation=organisation).aggregate(last=Max("position"))["last"]
    pipeline = Pipeline.objects.create(organisation=organisation, name=name, position=(position or 0) + 1)
    Stage.objects.bulk_create(
        Stage(organisation=organisation, pipeline=pipeline, name=label, outcome=outcome, position=number)
        for number, (label, outcome) in enumerate(stages, start=1)
    )
    _tell(actor, pipeline, "pipeline.created", {"stages": [label for label, _outcome in stages]}, now=now)
    return pipeline


@transaction.atomic
def rename_pipeline(actor: Actor, pipeline: Pipeline, name: str, *, now: datetime) -> None:
    name, old = name.strip(), pipeline.name
    _check_name(Pipeline.objects.filter(organisation_id=pipeline.organisation_id).exclude(pk=pipeline.pk), name)
    pipeline.name = name
    pipeline.save(update_fields=["name"])
    _tell(actor, pipeline, "pipeline.changed", {"changes": {"name": [old, name]}}, now=now)


@transaction.atomic
def delete_pipeline(actor: Actor, pipeline: Pipeline, *, now: datetime) -> None:
    """Only an empty one, and not the last. Raises Refused."""
    others = Pipeline.objects.select_for_update().filter(
        organisation_id=pipeline.organisation_id, deleted_at__isnull=True
    )
    if len(others) == 1:
        raise refuse("pipeline.last")
    _require_empty(Opportunity.objects.filter(pipeline=pipeline).count())
    pipeline.deleted_at = now
    pipeline.save(update_fields=["deleted_at"])
    _tell(actor, pipeline, "pipeline.deleted", {}, now=now)


@transaction.atomic
def add_stage(actor: Actor, pipeline: Pipeline, name: str, *, outcome: str = "open", now: datetime) -> Stage:
    """After the last stage of the same outcome. Raises Invalid."""
    name = name.strip()
    stages = _stages(pipeline)
    _check_name(Stage.objects.filter(pipeline=pipeline), name)
    _check_outcome(outcome)
    stage = Stage(organisation_id=pipeline.organisation_id, pipeline=pipeline, name=name, outcome=outcome, position=0)
    stage.save()
    following = OUTCOMES.index(outcome) + 1
    place = sum(1 for other in stages if OUTCOMES.index(other.outcome) < following)
    _place([*stages[:place], stage, *stages[place:]])
    _tell(actor, pipeline, "pipeline.changed", {"changes": {"stage": [None, name]}}, now=now)
    return stage


@transaction.atomic
def rename_stage(actor: Actor, stage: Stage, name: str, *, now: datetime) -> None:
    name, old = name.strip(), stage.name
    _check_name(Stage.objects.filter(pipeline_id=stage.pipeline_id).exclude(pk=stage.pk), name)
    stage.name = name
    stage.save(update_fields=["name"])
    _tell(actor, stage.pipeline, "pipeline.changed", {"changes": {"stage": [old, name]}}, now=now)


@transaction.atomic
def order_stages(actor: Actor, pipeline: Pipeline, stage_ids: Sequence[int], *, now: datetime) -> None:
    """Put the stages into this order; it must name each of them once. Raises Invalid."""
    stages = {stage.pk: stage for stage in _stages(pipeline)}
    if sorted(stage_ids) != sorted(stages):
        raise Invalid({"stages": _("The stages have changed meanwhile. Look at them again.")})
    _place([stages[number] for number in stage_ids])
    order = [stages[number].name for number in stage_ids]
    _tell(actor, pipeline, "pipeline.changed", {"changes": {"order": [None, order]}}, now=now)


@transaction.atomic
def delete_stage(actor: Actor, stage: Stage, *, now: datetime) -> None:
    """Only an empty one, and not the last of its outcome. Raises Refused."""
    stages = _stages(stage.pipeline)
    if sum(1 for other in stages if other.outcome == stage.outcome) == 1:
        raise refuse("stage.last")
    _require_empty(Opportunity.objects.filter(stage=stage, deleted_at__isnull=True).count())
    stage.deleted_at = now
    stage.save(update_fields=["deleted_at"])
    _tell(actor, stage.pipeline, "pipeline.changed", {"changes": {"stage": [stage.name, None]}}, now=now)


@transaction.atomic
def create_opportunity(
    actor: Actor,
    organisation: Organisation,
    values: Mapping[str, Any],
    *,
    stage: Stage | None = None,
    now: datetime,
    cause: Sequence[Link] = (),
) -> Opportunity:
    """In ``stage``, else in the first open one of the first pipeline, which is made if there is none."""
    if stage is None:
        stage = _first_stage(actor, organisation, now=now)
    if stage.organisation_id != organisation.pk or stage.deleted_at:
        raise refuse("record.gone")
    moment = MOMENTS["opportunity"].get(stage.outcome)
    computed = {
        "currency": organisation.currency,
        "pipeline_id": stage.pipeline_id,
        "stage_id": stage.pk,
        "status": stage.outcome,
        **({moment: now} if moment else {}),
    }
    row = create(actor, organisation, KINDS["opportunity"], values, computed=computed, now=now, cause=cause)
    return made(Opportunity, row)


@transaction.atomic
def move_stage(
    actor: Actor, opportunity: Opportunity, stage: Stage, *, now: datetime, cause: Sequence[Link] = ()
) -> bool:
    """Put the opportunity into another stage, of this pipeline or another; its status follows. Whether it moved."""
    row = locked(opportunity)
    stage = Stage.objects.get(pk=stage.pk)
    if stage.organisation_id != opportunity.organisation_id or stage.deleted_at:
        raise refuse("record.gone")
    if row["stage_id"] == stage.pk:
        return False
    values: dict[str, Any] = {"stage_id": stage.pk, "pipeline_id": stage.pipeline_id, "status": stage.outcome}
    if stage.outcome != row["status"]:
        values |= {
            column: now if stage.outcome == status else None for status, column in MOMENTS["opportunity"].items()
        }
    change = Change(values=values)
    done = Write(kind=KINDS["opportunity"], row=row, change=change, author=author(actor, cause))
    write(opportunity, done, now=now)
    return True


def _first_stage(actor: Actor, organisation: Organisation, *, now: datetime) -> Stage:
    pipelines = Pipeline.objects.filter(organisation=organisation, deleted_at__isnull=True)
    pipeline = pipelines.order_by("position", "id").first() or create_pipeline(actor, organisation, now=now)
    return Stage.objects.get(pk=stage_for(pipeline.pk, "open"))


def _stages(pipeline: Pipeline) -> list[Stage]:
    """The pipeline's stages in order; nobody else changes them until this transaction ends."""
    Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    return list(Stage.objects.filter(pipeline=pipeline, deleted_at__isnull=True).order_by("position", "id"))


def _place(stages: Sequence[Stage]) -> None:
    for position, stage in enumerate(stages, start=1):
        stage.position = position
    Stage.objects.bulk_update(stages, ["position"])


def _check_name(others: Any, name: str) -> None:  # noqa: ANN401 -- a query set of pipelines or of stages
    if not name or len(name) > _NAME:
        raise Invalid({"name": _("Enter a name of at most %(number)d characters.") % {"number": _NAME}})
    if others.filter(name__iexact=name, deleted_at__isnull=True).exists():
        raise Invalid({"name": _("This name is taken. Choose another one.")})


def _check_outcome(outcome: str) -> None:
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": _("This choice no longer exists. Choose another one.")})


def _check_stages(stages: Sequence[tuple[str, str]]) -> None:
    for name, outcome in stages:
        _check_outcome(outcome)
        if not name.strip() or len(name) > _NAME:
            raise Invalid({"stages": _("Enter a name of at most %(number)d characters.") % {"number": _NAME}})
    if len({name.casefold() for name, _outcome in stages}) != len(stages):
        raise Invalid({"stages": _("This name is taken. Choose another one.")})
    if {outcome for _name, outcome in stages} != set(OUTCOMES):
        raise refuse("stage.last")


def _require_empty(count: int) -> None:
    if count:
        raise refuse("stage.in_use", count=count)


def _tell(actor: Actor, pipeline: Pipeline, verb: str, data: Mapping[str, Any], *, now: datetime) -> None:
    about = About(pipeline.organisation_id, "pipeline", pipeline.pk)
    journal([entry(author(actor), about, verb, {"name": pipeline.name, **data}, now)])
