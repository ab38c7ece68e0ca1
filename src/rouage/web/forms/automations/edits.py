"""What the buttons of the editor do to a draft: add, remove, move, copy; each names a place of its JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from rouage.automations.definition import MAX_STEPS
from rouage.automations.registry import ACTIONS, TRIGGERS
from rouage.planner.types import fits
from rouage.web.components.sentences import TRIGGER, step_ident
from rouage.web.forms.automations import trees
from rouage.web.forms.automations.draft import fresh_id, new_step, new_trigger
from rouage.web.forms.automations.environment import Environment, ident

type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Edited:
    """The draft afterwards; ``lands``: the id of what the reader looks at next."""

    draft: Json
    lands: str = ""


def apply(do: str, draft: Json, env: Environment) -> Edited:
    """``do`` is ``verb:place``, such as ``remove:steps.2``; an unknown one changes nothing."""
    verb, _, place = do.partition(":")
    act = _VERBS.get(verb)
    return act(place, deepcopy(draft), env) if act else Edited(draft=draft)


def _set_trigger(key: str, draft: Json, env: Environment) -> Edited:
    if key not in TRIGGERS or not fits(TRIGGERS[key].kinds, env.kind.key):
        return Edited(draft=draft)
    return Edited(draft={**draft, "trigger": new_trigger(key, env)}, lands=TRIGGER)


def _add_step(place: str, draft: Json, env: Environment) -> Edited:
    """``send_email``, or ``send_email.2`` for its place."""
    key, _, number = place.partition(".")
    steps = draft["steps"]
    if key not in ACTIONS or not fits(ACTIONS[key].kinds, env.kind.key) or len(steps) >= MAX_STEPS:
        return Edited(draft=draft)
    at = int(number) if number.isdigit() else len(steps)
    step = new_step(key, draft, env)
    steps.insert(at, step)
    return Edited(draft=draft, lands=step_ident(min(at, len(steps) - 1), step["id"]))


def _copy_step(place: str, draft: Json, env: Environment) -> Edited:
    found = _step_at(place, draft)
    if found is None or len(draft["steps"]) >= MAX_STEPS:
        return Edited(draft=draft)
    copy = {**deepcopy(draft["steps"][found]), "id": fresh_id(draft)}
    draft["steps"].insert(found + 1, copy)
    return Edited(draft=draft, lands=step_ident(found + 1, copy["id"]))


def _move(place: str, draft: Json, env: Environment, by: int) -> Edited:
    found = _step_at(place, draft)
    if found is None or not 0 <= found + by < len(draft["steps"]):
        return Edited(draft=draft)
    steps = draft["steps"]
    steps[found], steps[found + by] = steps[found + by], steps[found]
    return Edited(draft=draft, lands=step_ident(found + by, steps[found + by].get("id", "")))


def _remove(place: str, draft: Json, env: Environment) -> Edited:
    """A step, a row or a group. A group that this leaves empty goes with it, but for the outermost."""
    parts = place.split(".")
    holder = _at(draft, parts[:-1])
    if not isinstance(holder, list) or not parts[-1].isdigit() or int(parts[-1]) >= len(holder):
        return Edited(draft=draft)
    del holder[int(parts[-1])]
    if parts[:-1] == ["steps"]:
        return Edited(draft=draft, lands="add-step")
    owner = parts[:-2]
    if not holder and len(owner) > 1 and owner[-1].isdigit() and owner[-2] == "of":
        return _remove(".".join(owner), draft, env)
    return Edited(draft=draft, lands=f"{ident('.'.join(owner))}-add")


def _add_row(place: str, draft: Json, env: Environment) -> Edited:
    group = _at(draft, place.split("."))
    if not isinstance(group, dict):
        return Edited(draft=draft)
    group.setdefault("mode", "all")
    rows = group.setdefault("of", [])
    rows.append(trees.new_row(env))
    return Edited(draft=draft, lands=f"{ident(f'{place}.of.{len(rows) - 1}')}-field")


def _add_group(place: str, draft: Json, env: Environment) -> Edited:
    """Beside loose rows, those become a group of their own first: both then have to hold."""
    group = _at(draft, place.split("."))
    if not isinstance(group, dict):
        return Edited(draft=draft)
    rows = group.setdefault("of", [])
    if rows and any("field" in row for row in rows) and place == "conditions":
        inner = {"mode": group.get("mode", "all"), "of": rows}
        group["mode"], group["of"] = "all", [inner]
        rows = group["of"]
    rows.append({"mode": "any", "of": [trees.new_row(env)]})
    return Edited(draft=draft, lands=f"{ident(f'{place}.of.{len(rows) - 1}.of.0')}-field")


def _step_at(place: str, draft: Json) -> int | None:
    number = place.rpartition(".")[2]
    return int(number) if number.isdigit() and int(number) < len(draft["steps"]) else None


def _at(value: Any, parts: list[str]) -> Any:  # noqa: ANN401 -- JSON
    """What stands at a place of the draft; None for a place that is not there."""
    for part in parts:
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return None
    return value


type Verb = Callable[[str, Json, Environment], Edited]
_VERBS: Mapping[str, Verb] = {
    "trigger": _set_trigger,
    "add-step": _add_step,
    "copy": _copy_step,
    "up": lambda place, draft, env: _move(place, draft, env, -1),
    "down": lambda place, draft, env: _move(place, draft, env, 1),
    "remove": _remove,
    "add-row": _add_row,
    "add-group": _add_group,
}
