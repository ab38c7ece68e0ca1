"""Definitions as they are stored: JSON of one shape, read once by pydantic and kept as planner values by version id."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field, ValidationError

from rouage.automations.models import Version
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.automations.shapes import GroupIn, ImmediatelyIn, Strict, TestIn, TimingIn
from rouage.planner import model as plan
from rouage.planner.conditions import BadOperand, compile_tree
from rouage.planner.model import ENROLLED, Reentry
from rouage.planner.operators import FieldType
from rouage.planner.registry import Registry
from rouage.planner.timing import watched
from rouage.records.kinds import KINDS, RecordKind

MAX_STEPS = 50
MAX_CONDITION_DEPTH = 5
_KEPT = 20_000  # compiled versions in memory; about 2 kB each

_log = logging.getLogger(__name__)


class TypeIn(Strict):
    """A trigger or an action: the key of its type, the version of its settings, the settings."""

    type: str = Field(max_length=40)
    version: int = Field(default=1, ge=1)
    config: dict[str, Any] = Field(default_factory=dict)


class StepIn(Strict):
    """``id`` stays the same from version to version: by it steps are compared and waiting runs find their place."""

    id: str = Field(default="", pattern=r"^[a-z0-9]{0,12}$")
    timing: TimingIn = ImmediatelyIn()
    when: GroupIn = GroupIn()
    action: TypeIn


class LimitsIn(Strict):
    """AUT-11, in days; None is no limit."""

    gap_days: int | None = Field(default=None, ge=1, le=365)
    cap: int | None = Field(default=None, ge=1, le=1000)
    period_days: int = Field(default=7, ge=1, le=365)

    def plan(self) -> plan.Limits:
        return plan.Limits(
            gap=None if self.gap_days is None else timedelta(days=self.gap_days),
            cap=self.cap,
            period=timedelta(days=self.period_days),
        )


class DefinitionIn(Strict):
    """An automation as it is written, stored, exported and published.

    ``stop_defaults`` adds the kind's own stop conditions (AUT-9). ``continue_despite_status`` ("Continuer malgré le
    changement de statut") switches all stop conditions off. ``max_late_hours``: after downtime a step later than
    this is left out; None: it is done late. ``self_trigger``: its own changes may start it again on the same record.
    """

    kind: str = Field(max_length=20)
    trigger: TypeIn
    conditions: GroupIn = GroupIn()
    stop: GroupIn = GroupIn(mode="any")
    stop_defaults: bool = True
    continue_despite_status: bool = False
    steps: tuple[StepIn, ...] = Field(default=(), max_length=MAX_STEPS)
    reentry: Reentry = Reentry.IGNORE
    limits: LimitsIn = LimitsIn()
    max_late_hours: int | None = Field(default=None, ge=1, le=8760)
    self_trigger: bool = False

    def stored(self) -> dict[str, Any]:
        """As JSON for a version or a draft."""
        return self.model_dump(mode="json")

    def trees(self) -> Iterator[GroupIn]:
        """Every condition tree but those inside the settings of actions."""
        yield self.conditions
        yield self.stop
        for step in self.steps:
            yield step.when


def parse(stored: Any) -> DefinitionIn:  # noqa: ANN401 -- JSON
    """A stored definition. Raises NotRunnable for one that no version of the product has written."""
    try:
        return DefinitionIn.model_validate(stored)
    except ValidationError as error:
        raise NotRunnable(_refusal(error)) from error


type Outcomes = Mapping[int, str]
"""What an opportunity is that stands in a stage: open, won or lost, by the stage's number."""

_NO_OUTCOMES: Outcomes = {}


def settled(definition: DefinitionIn, outcomes: Outcomes = _NO_OUTCOMES) -> DefinitionIn:
    """The definition as it is published: every step has its id, and the kind's stop conditions are spelled out.

    A version must go on meaning the same when a later release of the product stops at other statuses.
    """
    taken = {step.id for step in definition.steps}
    fresh = (f"s{number}" for number in range(1, 2 * MAX_STEPS + 1) if f"s{number}" not in taken)
    steps = tuple(step if step.id else step.model_copy(update={"id": next(fresh)}) for step in definition.steps)
    statuses = stop_statuses(definition, outcomes)
    stop = definition.stop
    if statuses:
        row = TestIn(field="status", operator="is_one_of", value=statuses)
        own = stop.of if stop.mode == "any" else ((stop,) if stop.of else ())
        stop = GroupIn(mode="any", of=(row, *own))
    return definition.model_copy(update={"steps": steps, "stop": stop, "stop_defaults": False})


class NotRunnable(Exception):
    """A definition that cannot be compiled: a type that is not installed (any more), or settings that it refuses."""

    def __init__(self, reason: plan.Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def stop_statuses(definition: DefinitionIn, outcomes: Outcomes = _NO_OUTCOMES) -> tuple[str, ...]:
    """The kind's own stop conditions as far as they apply.

    Not those that start the automation, and not those that its own steps set: "when a quote is accepted" must not stop
    because the quote is accepted.
    """
    if not definition.stop_defaults or definition.continue_despite_status:
        return ()
    trigger, config = TRIGGERS[definition.trigger.type], _settings(TRIGGERS, definition.trigger)
    own = trigger.statuses(config) | {outcomes.get(stage, "") for stage in trigger.stages(config)}
    for step in definition.steps:
        own |= ACTIONS[step.action.type].statuses(_settings(ACTIONS, step.action))
    return tuple(status for status in KINDS[definition.kind].stop if status not in own)


def field_types(kind: RecordKind, trigger: TypeIn | None = None) -> dict[str, FieldType]:
    """The fields that conditions may read: the kind's, and what the trigger tells."""
    types = {field.name: FieldType(field.type) for field in kind.fields}
    if trigger is not None and trigger.type in TRIGGERS:
        types |= {fact.field: fact.type for fact in TRIGGERS[trigger.type].facts}
    return types


def compile_definition(definition: DefinitionIn) -> plan.Definition:
    """The planner's form. Raises NotRunnable."""
    missing = [step.action.type for step in definition.steps if step.action.type not in ACTIONS]
    if definition.trigger.type not in TRIGGERS:
        missing.append(definition.trigger.type)
    if missing:
        raise NotRunnable(plan.Reason(code="definition.type_unknown", data={"type": missing[0]}))
    try:
        return _compile(definition)
    except ValidationError as error:
        raise NotRunnable(_refusal(error)) from error


def _refusal(error: ValidationError) -> plan.Reason:
    first = error.errors(include_url=False, include_input=False)[0]
    data = {"where": ".".join(str(part) for part in first["loc"]), "error": first["msg"]}
    return plan.Reason(code="definition.settings_refused", data=data)


def _compile(definition: DefinitionIn) -> plan.Definition:
    kind, trigger = KINDS[definition.kind], TRIGGERS[definition.trigger.type]
    types = field_types(kind, definition.trigger)
    config = _settings(TRIGGERS, definition.trigger)
    starts = trigger.starts(config)
    steps = tuple(_step(step, types) for step in definition.steps)
    return plan.Definition(
        kind=kind.key,
        trigger=trigger.key,
        trigger_config=config,
        listens=trigger.listens(config, kind.key) | {ENROLLED},
        starts=starts,
        conditions=typed(definition.conditions, types),
        stop=_stop(definition, types),
        steps=steps,
        reentry=definition.reentry,
        limits=definition.limits.plan(),
        max_late=None if definition.max_late_hours is None else timedelta(hours=definition.max_late_hours),
        self_trigger=definition.self_trigger,
        watches=watched(starts, steps),
    )


def _stop(definition: DefinitionIn, types: Mapping[str, FieldType]) -> plan.Tree:
    if definition.continue_despite_status:
        return plan.NEVER
    statuses = stop_statuses(definition)
    defaults = [plan.Test(field="status", operator="is_one_of", value=statuses)] if statuses else []
    own = definition.stop.plan()
    rows = own.of if own.mode == "any" else ((own,) if own.of else ())
    return _typed(plan.Group(mode="any", of=(*defaults, *rows)), types)


def _step(step: StepIn, types: Mapping[str, FieldType]) -> plan.PlannedStep:
    action = ACTIONS[step.action.type]
    config = _settings(ACTIONS, step.action)
    return plan.PlannedStep(
        timing=step.timing.plan(),
        when=typed(step.when, types),
        action=action.key,
        config=config,
        text=config.model_dump_json(),
        outside=action.outside,
        window=action.window,
        reminder=action.reminder and bool(getattr(config, "reminder", True)),
    )


def _settings(registry: Registry[Any], given: TypeIn) -> Any:  # noqa: ANN401 -- an instance of the type's Config
    return registry[given.type].read(given.config, given.version)


def typed(tree: GroupIn, types: Mapping[str, FieldType]) -> plan.Tree:
    """The tree for the planner, its values in the types of their fields."""
    return _typed(tree.plan(), types)


def _typed(tree: plan.Tree, types: Mapping[str, FieldType]) -> plan.Tree:
    if isinstance(tree, plan.Group):
        if not tree.of:
            return plan.NEVER if tree.mode == "any" else plan.ALWAYS
        return plan.Group(mode=tree.mode, of=tuple(_typed(child, types) for child in tree.of))
    try:
        return compile_tree(tree, types, OPERATORS)
    except BadOperand:
        # Refused when it was published; its field has another type since. The row answers "unknown", and says why.
        return tree


_compiled: dict[int, plan.Definition] = {}
_refused: dict[int, plan.Reason] = {}


def compiled(version_id: int) -> plan.Definition | None:
    """A version that ``load`` has read before and that is still kept."""
    return _compiled.get(version_id)


def load(version_ids: Collection[int]) -> dict[int, plan.Definition]:
    """The versions, compiled; one query for those not met before. One that cannot run is missing: see ``why_not``.

    A version is immutable, so nothing that is kept goes stale.
    """
    wanted = set(version_ids)
    unread = [version_id for version_id in wanted if version_id not in _compiled and version_id not in _refused]
    if unread:
        _read(unread)
    return {version_id: _compiled[version_id] for version_id in wanted if version_id in _compiled}


def why_not(version_id: int) -> plan.Reason:
    """Why ``load`` left a version out."""
    return _refused.get(version_id) or plan.Reason(code="definition.gone")


def forget() -> None:
    """For tests: another database gives the same numbers to other versions."""
    _compiled.clear()
    _refused.clear()


def _read(version_ids: Collection[int]) -> None:
    if len(_compiled) + len(_refused) > _KEPT:
        forget()
    for version_id, stored in Version.objects.filter(id__in=version_ids).values_list("id", "definition"):
        try:
            _compiled[version_id] = compile_definition(parse(stored))
        except NotRunnable as refused:
            _refused[version_id] = refused.reason
            _log.error("version %s cannot run: %s %s", version_id, refused.reason.code, dict(refused.reason.data))
