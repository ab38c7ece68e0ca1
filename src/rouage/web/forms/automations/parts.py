"""The editor's page as data: its cards with their forms, the problems at their places, what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from rouage.automations.catalogue import GROUPS, REENTRY
from rouage.automations.names import Names
from rouage.automations.problems import Problem
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.automations.types import AnyType
from rouage.planner.registry import Registry
from rouage.planner.types import fits
from rouage.web.components.merge_fields import plain
from rouage.web.components.sentences import CONDITIONS, SETTINGS, STOP, TRIGGER, Summary, step_ident, summary
from rouage.web.forms.automations import timings, trees
from rouage.web.forms.automations.draft import default_statuses, is_statuses, stop_rows
from rouage.web.forms.automations.environment import Environment, Options, ident
from rouage.web.forms.automations.schema import specs
from rouage.web.forms.automations.timings import Timing
from rouage.web.forms.automations.trees import Group
from rouage.web.forms.automations.widgets import Control, control

# What is chosen most comes first; a type that is not named here follows by its label.
USUAL = (
    "record_created", "status_changed", "stage_changed", "date_reached", "idle", "field_changed", "send_email",
    "notify_member", "create_task",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A type that can be chosen."""

    key: str
    label: str
    help: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class TypeCard:
    """The trigger or the action of a card: its type's words and its settings."""

    name: str
    key: str
    label: str
    help: str
    icon: str
    version: int
    controls: Sequence[Control]
    errors: Sequence[str]
    is_known: bool


@dataclass(frozen=True, kw_only=True)
class StepCard:
    """``first_error``: what its closed card says in red."""

    ident: str
    name: str
    number: int
    id: str
    what: str
    when: str
    timing: Timing
    conditions: Group
    action: TypeCard
    errors: Sequence[str]
    is_first: bool
    is_last: bool
    waits: bool

    @property
    def first_error(self) -> str:
        return self.errors[0] if self.errors else ""


@dataclass(frozen=True, kw_only=True)
class StopCard:
    statuses: Sequence[tuple[str, str, bool, bool]]
    conditions: Group
    goes_on: bool
    errors: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A problem with a link to where it stands."""

    text: str
    where: str
    ident: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that the editor draws from a draft."""

    summary: Summary
    trigger: TypeCard
    trigger_errors: Sequence[str]
    triggers: Sequence[Pick]
    conditions: Group
    condition_errors: Sequence[str]
    steps: Sequence[StepCard]
    actions: Sequence[tuple[str, Sequence[Pick]]]
    stop: StopCard
    reentry: Options
    chosen_reentry: str
    limits: Mapping[str, Any]
    max_late: str
    self_trigger: bool
    setting_errors: Sequence[str]
    found: Sequence[Found]


def page(draft: Mapping[str, Any], env: Environment, names: Names, problems: Sequence[Problem]) -> Page:
    """``problems``: those to show; their places are taken from what was drawn before."""
    told = summary(draft, names)
    trigger = _card(draft.get("trigger"), TRIGGERS, TRIGGER, env)
    steps = [_step(step, number, draft, env, told) for number, step in enumerate(draft["steps"])]
    return Page(
        summary=told,
        trigger=trigger,
        trigger_errors=env.errors(TRIGGER, whole=True),
        triggers=picks(TRIGGERS, env.kind.key),
        conditions=trees.draw_group(draft.get("conditions"), "conditions", env),
        condition_errors=env.errors(CONDITIONS, whole=True),
        steps=steps,
        actions=_groups(env.kind.key),
        stop=_stop(draft, env, names),
        reentry=[(str(key), _(label)) for key, label in REENTRY.items()],
        chosen_reentry=str(draft.get("reentry", "")),
        limits=_mapping(draft.get("limits")),
        max_late=str(draft.get("max_late_hours") or ""),
        self_trigger=bool(draft.get("self_trigger")),
        setting_errors=[
            text for place in ("limits", "max_late_hours", "reentry") for text in env.errors(place, whole=True)
        ],
        found=[_found(problem, draft, env) for problem in problems],
    )


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 -- JSON
    return value if isinstance(value, Mapping) else {}


def picks(registry: Registry[Any], kind: str) -> list[Pick]:
    """The most usual ones first, then by their words."""
    found: list[AnyType] = [registry[key] for key in registry if fits(registry[key].kinds, kind)]
    rank = {key: place for place, key in enumerate(USUAL)}
    return sorted((_pick(one) for one in found), key=lambda pick: (rank.get(pick.key, len(rank)), pick.label))


def _pick(found: AnyType) -> Pick:
    return Pick(key=found.key, label=_(found.label), help=_(found.help), icon=found.icon)


def _groups(kind: str) -> list[tuple[str, Sequence[Pick]]]:
    """The actions by what they are for; a group that an installed package has made up comes last."""
    every = {pick.key: pick for pick in picks(ACTIONS, kind)}
    order = [
        *(key for key in GROUPS if key),
        *{ACTIONS[key].group for key in every if ACTIONS[key].group not in GROUPS},
        "",
    ]
    found = [
        (
            _(GROUPS[group]) if group in GROUPS else group,
            [pick for pick in every.values() if ACTIONS[pick.key].group == group],
        )
        for group in order
    ]
    return [(label, own) for label, own in found if own]


def _card(given: Any, registry: Registry[Any], place: str, env: Environment) -> TypeCard:  # noqa: ANN401 -- JSON
    stored = _mapping(given)
    key = str(stored.get("type", ""))
    found: AnyType | None = registry.get(key)
    config = _mapping(stored.get("config"))
    env.drawn(f"{place}.type")
    if found is None:
        return TypeCard(
            name=place, key=key, label=key, help="", icon="circle-question-mark", version=1, controls=(),
            errors=env.errors(place, whole=True), is_known=False,
        )  # fmt: skip
    config = found.upgrade(config, int(stored.get("version") or 1)) if _is_old(stored, found) else config
    return TypeCard(
        name=place,
        key=key,
        label=_(found.label),
        help=_(found.help),
        icon=found.icon,
        version=found.version,
        controls=[control(spec, config, env) for spec in specs(found.Config, f"{place}.config")],
        errors=[*env.errors(f"{place}.type"), *env.errors(f"{place}.config"), *env.errors(place)],
        is_known=True,
    )


def _is_old(stored: Mapping[str, Any], found: AnyType) -> bool:
    return isinstance(stored.get("version"), int) and stored["version"] < found.version


def _step(step: Any, number: int, draft: Mapping[str, Any], env: Environment, told: Summary) -> StepCard:  # noqa: ANN401 -- JSON
    name = f"steps.{number}"
    action = _card(step.get("action"), ACTIONS, f"{name}.action", env)
    words = told.steps[number] if number < len(told.steps) else None
    return StepCard(
        ident=step_ident(number, str(step.get("id", ""))),
        name=name,
        number=number + 1,
        id=str(step.get("id", "")),
        what=plain(words.what if words else "", env.kind.key) or action.label,
        when=words.when if words else "",
        timing=timings.draw(step.get("timing"), f"{name}.timing", env),
        conditions=trees.draw_group(step.get("when"), f"{name}.when", env),
        action=action,
        errors=env.errors(name, whole=True),
        is_first=number == 0,
        is_last=number == len(draft["steps"]) - 1,
        waits=action.key == "wait",
    )


def _stop(draft: Mapping[str, Any], env: Environment, names: Names) -> StopCard:
    ticked, stop = stop_rows(draft, names)
    usual = set(default_statuses(draft, names))
    group = trees.draw_group(stop, "stop", env)
    # The rows that the ticks stand for are not drawn twice.
    shown = [item for item, row in zip(group.of, stop["of"], strict=True) if not is_statuses(row)]
    env.drawn("stop_statuses")
    return StopCard(
        statuses=[
            (status.key, str(env.kind.status_label(status.key)), status.key in ticked, status.key in usual)
            for status in env.kind.statuses
        ],
        conditions=replace(group, of=shown),
        goes_on=bool(draft.get("continue_despite_status")),
        errors=env.errors("stop", whole=True),
    )


def _found(problem: Problem, draft: Mapping[str, Any], env: Environment) -> Found:
    """The nearest place that the page shows."""
    parts = [str(part) for part in problem.path]
    while parts and ".".join(parts) not in env.places:
        parts.pop()
    place = ".".join(parts)
    where, card = _where(problem, draft)
    return Found(text=problem.text, where=where, ident=ident(place) if place else card)


def _where(problem: Problem, draft: Mapping[str, Any]) -> tuple[str, str]:
    """What the place is called, and its card."""
    if problem.step is not None and problem.step < len(draft["steps"]):
        step = draft["steps"][problem.step]
        return _("Action %(number)s") % {"number": problem.step + 1}, step_ident(problem.step, str(step.get("id", "")))
    top = str(problem.path[0]) if problem.path else ""
    places = {
        "trigger": (_("Trigger"), TRIGGER),
        "conditions": (_("Conditions"), CONDITIONS),
        "stop": (_("Stop conditions"), STOP),
        "steps": (_("Actions"), "add-step"),
    }
    return places.get(top, (_("Settings of the automation"), SETTINGS))
