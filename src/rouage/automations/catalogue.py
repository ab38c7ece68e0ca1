"""All that an automation can be made of, as data for the editor and the API: kinds, operators, types, schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from pydantic import BaseModel

from rouage.automations.definition import DefinitionIn
from rouage.automations.merging import ORGANISATION
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.automations.types import AnyType, Fact
from rouage.planner.model import Reentry, Resume, Unit
from rouage.planner.types import fits
from rouage.planner.words import N_
from rouage.records.kinds import KINDS, Field, RecordKind

UNITS: Mapping[Unit, str] = {
    Unit.MINUTES: N_("minutes"),
    Unit.HOURS: N_("hours"),
    Unit.DAYS: N_("days"),
    Unit.WORKING_DAYS: N_("working days"),
}
REENTRY: Mapping[Reentry, str] = {
    Reentry.IGNORE: N_("Ignore it, the run under way goes on"),
    Reentry.RESTART: N_("Start again from the beginning"),
    Reentry.ONCE: N_("Once per record only"),
    Reentry.ALWAYS: N_("Start each time"),
}
RESUME: Mapping[Resume, str] = {
    Resume.KEEP_DATES: N_("Keep the dates"),
    Resume.RESTART_DELAYS: N_("Start the delays again"),
    Resume.ACTIVE_TIME: N_("Count active time only"),
}
GROUPS: Mapping[str, str] = {
    "write": N_("Write"),
    "organise": N_("Organise"),
    "control": N_("Control"),
    "connect": N_("Connect"),
    "": N_("Other"),
}
_TRANSLATED = ("title", "description")

type Json = dict[str, Any]


def catalogue(language: str) -> Json:
    """All of it, labels and schemas in ``language``. The same for every organisation."""
    with translation.override(language):
        return {
            "kinds": [_kind(kind) for kind in KINDS.values() if kind.automatable],
            "operators": [_operator(key) for key in OPERATORS],
            "units": _labelled(UNITS),
            "reentry": _labelled(REENTRY),
            "resume": _labelled(RESUME),
            "groups": _labelled(GROUPS),
            "triggers": [_trigger(key) for key in sorted(TRIGGERS)],
            "actions": [_action(key) for key in sorted(ACTIONS)],
            "definition": definition_schema(language),
        }


def types_for(kind: str, language: str) -> Json:
    """The triggers and actions that go with a kind of record, for the chooser of the editor."""
    with translation.override(language):
        return {
            "triggers": [_trigger(key) for key in sorted(TRIGGERS) if fits(TRIGGERS[key].kinds, kind)],
            "actions": [_action(key) for key in sorted(ACTIONS) if fits(ACTIONS[key].kinds, kind)],
        }


def definition_schema(language: str) -> Json:
    """The JSON schema of a definition, with the settings of every installed type: what the API documents."""
    with translation.override(language):
        schema = DefinitionIn.model_json_schema()
        parts = schema["$defs"]
        parts["Trigger"] = {"oneOf": [_typed(TRIGGERS[key], parts) for key in sorted(TRIGGERS)]}
        parts["Action"] = {"oneOf": [_typed(ACTIONS[key], parts) for key in sorted(ACTIONS)]}
        schema["properties"]["trigger"] = {"$ref": "#/$defs/Trigger"}
        parts["StepIn"]["properties"]["action"] = {"$ref": "#/$defs/Action"}
        return schema


def _typed(found: AnyType, parts: Json) -> Json:
    """A trigger or an action of one type; the definitions that its settings use go to ``parts``."""
    config = config_schema(found.Config)
    parts.update(config.pop("$defs", {}))
    return {
        "type": "object",
        "title": gettext(found.label),
        "description": gettext(found.help),
        "properties": {
            "type": {"const": found.key},
            "version": {"type": "integer", "default": found.version},
            "config": config,
        },
        "required": ["type"],
        "additionalProperties": False,
    }


def config_schema(config: type[BaseModel]) -> Json:
    """The JSON schema of a type's settings in the current language. ``widget`` says what the editor offers."""
    schema: Json = _translated(config.model_json_schema())
    schema.pop("title", None)
    for name, info in config.model_fields.items():
        # Pydantic leaves them out beside a reference.
        if info.title:
            schema["properties"][name].setdefault("title", gettext(info.title))
        if info.description:
            schema["properties"][name].setdefault("description", gettext(info.description))
    return schema


def _translated(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, list):
        return [_translated(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _translated(item) for name, item in value.items()}
    for name in _TRANSLATED:
        if isinstance(found.get(name), str) and found[name]:
            found[name] = gettext(found[name])
    if isinstance(found.get("labels"), dict):
        found["labels"] = {key: gettext(label) for key, label in found["labels"].items()}
    return found


def _labelled[K: str](labels: Mapping[K, str]) -> list[Json]:
    return [{"key": str(key), "label": gettext(label)} for key, label in labels.items()]


def _kind(kind: RecordKind) -> Json:
    return {
        "key": kind.key,
        "label": str(kind.label),
        "plural": str(kind.plural),
        "icon": kind.icon,
        "fields": [_field(field) for field in kind.fields],
        "merge_fields": [_field(field) for field in kind.fields] + [_fact(fact, fact.name) for fact in ORGANISATION],
        "dates": [field.name for field in kind.date_fields],
        "statuses": [
            {"key": status.key, "label": str(kind.status_label(status.key)), "settable": status.settable}
            for status in kind.statuses
        ],
        "stop": list(kind.stop),
        "roles": [{"key": role.key, "label": str(role.label)} for role in kind.roles],
    }


def _field(field: Field) -> Json:
    return {
        "name": field.name,
        "label": str(field.label),
        "type": str(field.type),
        "choices": [{"key": choice.key, "label": str(choice.label)} for choice in field.choices],
        "writable": field.writable,
        "date": field.anchor,
        "operators": [operator.key for operator in OPERATORS.values() if field.type in operator.types],
    }


def _fact(fact: Fact, name: str) -> Json:
    return {
        "name": name,
        "label": gettext(fact.label),
        "type": str(fact.type),
        "choices": [],
        "writable": False,
        "date": False,
        "operators": [operator.key for operator in OPERATORS.values() if fact.type in operator.types],
    }


def _operator(key: str) -> Json:
    operator = OPERATORS[key]
    return {
        "key": key,
        "label": gettext(operator.label),
        "types": sorted(str(type_) for type_ in operator.types),
        "operand": str(operator.operand),
    }


def _any(found: AnyType) -> Json:
    return {
        "key": found.key,
        "label": gettext(found.label),
        "help": gettext(found.help),
        "icon": found.icon,
        "kinds": sorted(found.kinds),
        "version": found.version,
        "schema": config_schema(found.Config),
    }


def _trigger(key: str) -> Json:
    trigger = TRIGGERS[key]
    return {**_any(trigger), "facts": [_fact(fact, fact.field) for fact in trigger.facts]}


def _action(key: str) -> Json:
    action = ACTIONS[key]
    return {
        **_any(action),
        "group": action.group,
        "outside": action.outside,
        "window": action.window,
        "reminder": action.reminder,
    }
