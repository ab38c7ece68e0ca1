"""The form of the editor read into a draft: its structure is the form's own, its settings by each type's schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rouage.automations.definition import MAX_STEPS, NotRunnable, parse, stop_statuses
from rouage.automations.names import Names
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.automations.types import AnyType
from rouage.planner.registry import Registry
from rouage.records.kinds import KINDS
from rouage.web.components.sentences import lenient
from rouage.web.forms.automations import timings, trees
from rouage.web.forms.automations.environment import Environment
from rouage.web.forms.automations.posted import Node
from rouage.web.forms.automations.schema import specs
from rouage.web.forms.automations.values import whole
from rouage.web.forms.automations.widgets import initial_config, read_config

type Json = dict[str, Any]
STATUS, ONE_OF = "status", "is_one_of"


def read(form: Node, before: Mapping[str, Any], env: Environment, names: Names) -> Json:
    """``before``: the draft that the form was drawn from; what the form does not show stays as it was there."""
    draft: Json = {
        **before,
        "kind": env.kind.key,
        "trigger": _typed(form.at("trigger"), TRIGGERS, before.get("trigger"), env, "trigger"),
        "conditions": trees.read_group(form.at("conditions"), env),
        "steps": _steps(form.at("steps"), before, env),
        "continue_despite_status": bool(form.at("continue_despite_status").values),
        "reentry": form.text("reentry", "ignore"),
        "limits": _limits(form.at("limits")),
        "max_late_hours": whole(form.text("max_late_hours")),
        "self_trigger": bool(form.at("self_trigger").values),
    }
    return {**draft, **_stop(form, draft, before, env, names)}


def _typed(
    node: Node,
    registry: Registry[Any],
    before: Any,  # noqa: ANN401 -- JSON
    env: Environment,
    place: str,
) -> Json:
    key = node.text("type")
    found: AnyType | None = registry.get(key)
    if found is None:
        # A type that is not installed: its settings are kept as they are.
        return dict(before) if isinstance(before, Mapping) else {"type": key}
    config = read_config(specs(found.Config, f"{place}.config"), node.at("config"), env)
    return {"type": key, "version": found.version, "config": config}


def _steps(node: Node, before: Mapping[str, Any], env: Environment) -> list[Json]:
    former = {str(step.get("id", "")): step for step in before.get("steps", ()) if isinstance(step, Mapping)}
    return [_step(one, number, former, env) for number, one in enumerate(node.items())][:MAX_STEPS]


def _step(node: Node, number: int, former: Mapping[str, Any], env: Environment) -> Json:
    known = former.get(node.text("id"), {})
    return {
        "id": node.text("id")[:12],
        "timing": timings.read(node.at("timing")),
        "when": trees.read_group(node.at("when"), env),
        "action": _typed(node.at("action"), ACTIONS, known.get("action"), env, f"steps.{number}.action"),
    }


def _limits(node: Node) -> Json:
    return {
        "gap_days": whole(node.text("gap_days")),
        "cap": whole(node.text("cap")),
        "period_days": whole(node.text("period_days")) or 7,
    }


def _stop(form: Node, draft: Json, before: Mapping[str, Any], env: Environment, names: Names) -> Json:
    """The ticked statuses as one row; the kind's own defaults stay defaults as long as nobody has changed them."""
    if not form.has("stop_shown"):
        return {
            "stop": before.get("stop", {"mode": "any", "of": []}),
            "stop_defaults": before.get("stop_defaults", True),
        }
    ticked = [status.key for status in env.kind.statuses if status.key in form.texts("stop_statuses")]
    rows = trees.read_group(form.at("stop"), env)["of"]
    usual = default_statuses(draft, names)
    if before.get("stop_defaults", True) and set(ticked) == set(usual):
        return {"stop": {"mode": "any", "of": rows}, "stop_defaults": True}
    own = [{"field": STATUS, "operator": ONE_OF, "value": ticked}] if ticked else []
    return {"stop": {"mode": "any", "of": [*own, *rows]}, "stop_defaults": False}


def default_statuses(draft: Mapping[str, Any], names: Names) -> Sequence[str]:
    """Those that stop it by themselves, whether the switch to continue is on or not."""
    definition = lenient({**draft, "stop_defaults": True, "continue_despite_status": False})
    try:
        return stop_statuses(definition, names.outcomes)
    except (ValueError, KeyError):
        # Settings that cannot be read yet.
        return KINDS[definition.kind].stop if definition.kind in KINDS else ()


def stop_rows(draft: Mapping[str, Any], names: Names) -> tuple[list[str], Json]:
    """The statuses that are ticked, and the other stop conditions as a group whose places are those of the draft."""
    stop = any_group(draft.get("stop"))
    ticked = list(default_statuses(draft, names)) if draft.get("stop_defaults", True) else []
    for row in stop["of"]:
        if is_statuses(row):
            ticked += row["value"] if isinstance(row["value"], list) else [row["value"]]
    return ticked, stop


def is_statuses(row: Any) -> bool:  # noqa: ANN401 -- JSON
    """A row that the ticks stand for."""
    return (
        isinstance(row, Mapping)
        and row.get("field") == STATUS
        and row.get("operator") in {ONE_OF, "is"}
        and row.get("value") is not None
    )


def any_group(tree: Any) -> Json:  # noqa: ANN401 -- JSON
    """A stop condition as "any of"; another mode goes into a group of its own."""
    given = tree if isinstance(tree, Mapping) else {}
    rows = list(given.get("of", ()))
    if given.get("mode", "any") == "any" or not rows:
        return {"mode": "any", "of": rows}
    return {"mode": "any", "of": [dict(given)]}


def is_same(one: Json, other: Json) -> bool:
    """Whether both mean the same, with what the forms fill in by themselves."""
    try:
        return _meaning(one) == _meaning(other)
    except (NotRunnable, ValueError, KeyError):
        return one == other


def _meaning(stored: Json) -> Json:
    found: dict[str, Any] = parse(stored).stored()
    parts: list[tuple[AnyType, Json]] = [(TRIGGERS[found["trigger"]["type"]], found["trigger"])]
    parts += [(ACTIONS[step["action"]["type"]], step["action"]) for step in found["steps"]]
    for type_, given in parts:
        given["config"] = type_.read(given["config"], given["version"]).model_dump(mode="json")
    return found


def new_trigger(key: str, env: Environment) -> Json:
    found = TRIGGERS[key]
    config = initial_config(specs(found.Config, "trigger.config"), env)
    return {"type": key, "version": found.version, "config": config}


def new_step(key: str, draft: Mapping[str, Any], env: Environment) -> Json:
    found = ACTIONS[key]
    config = initial_config(specs(found.Config, "steps.0.action.config"), env)
    return {
        "id": fresh_id(draft),
        "timing": {"type": "immediately"},
        "when": {"mode": "all", "of": []},
        "action": {"type": key, "version": found.version, "config": config},
    }


def fresh_id(draft: Mapping[str, Any]) -> str:
    """One that no step of the draft has: waiting runs find their place by it."""
    taken = {str(step.get("id", "")) for step in draft.get("steps", ()) if isinstance(step, Mapping)}
    return next(f"s{number}" for number in range(1, 10_000) if f"s{number}" not in taken)


def editable(stored: Mapping[str, Any]) -> Json:
    """A stored draft with every part in its place, and an id for every step."""
    draft: Json = {
        "conditions": {"mode": "all", "of": []},
        "steps": [],
        "stop_defaults": True,
        "continue_despite_status": False,
        "reentry": "ignore",
        "limits": {"gap_days": None, "cap": None, "period_days": 7},
        "max_late_hours": None,
        "self_trigger": False,
        **stored,
    }
    draft["stop"] = any_group(stored.get("stop"))
    steps: list[Any] = []
    for step in draft["steps"]:
        given = dict(step) if isinstance(step, Mapping) else {"action": {"type": ""}}
        steps.append({**given, "id": given.get("id") or fresh_id({"steps": [*steps, *draft["steps"]]})})
    return {**draft, "steps": steps}
