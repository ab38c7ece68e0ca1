"""Reads the JSON schema of a type's settings: one specification for each setting, and which widget fits it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from rouage.automations.catalogue import config_schema

type Schema = Mapping[str, Any]
MISSING: Any = object()  # no default, or nothing was entered
LONG = 300  # characters from which a text has several lines


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One setting: ``name`` is its place in the draft, ``key`` its own name."""

    name: str
    key: str
    label: str
    help: str
    schema: Schema
    is_required: bool
    is_nullable: bool
    default: Any = MISSING

    @property
    def type(self) -> str:
        return str(self.schema.get("type", ""))

    @property
    def options(self) -> list[tuple[str, str]]:
        """Of an enumeration, with the labels that the type gives."""
        labels: Mapping[str, str] = self.schema.get("labels", {})
        return [(str(value), str(labels.get(str(value), value))) for value in self.schema.get("enum", ())]


def specs(config: type[BaseModel], place: str) -> list[Spec]:
    """The settings of a type in their order, in the current language; ``place``: where its config stands."""
    schema = config_schema(config)
    return list(_specs(schema, schema.get("$defs", {}), place))


def _specs(schema: Schema, parts: Schema, place: str) -> Iterator[Spec]:
    required = set(schema.get("required", ()))
    for key, raw in schema.get("properties", {}).items():
        found, nullable = _resolved(raw, parts)
        yield Spec(
            name=f"{place}.{key}",
            key=key,
            label=str(raw.get("title") or found.get("title") or key),
            help=str(raw.get("description", "")),
            schema=found,
            is_required=key in required,
            is_nullable=nullable,
            default=raw.get("default", MISSING),
        )


def inner(spec: Spec, place: str) -> list[Spec]:
    """The settings of a setting that is an object itself."""
    return list(_specs(spec.schema, spec.schema.get("$defs", {}), place))


def _resolved(raw: Schema, parts: Schema) -> tuple[Schema, bool]:
    """A reference replaced by what it names; of "this or nothing" the this."""
    found, nullable = dict(raw), False
    if "anyOf" in found:
        kinds = [kind for kind in found["anyOf"] if kind.get("type") != "null"]
        nullable = len(kinds) < len(found["anyOf"])
        if len(kinds) == 1:
            found = {**_named(kinds[0], parts), **{key: value for key, value in found.items() if key != "anyOf"}}
    found = {**_named(found, parts), **{key: value for key, value in found.items() if key != "$ref"}}
    return {**found, "$defs": parts}, nullable


def _named(raw: Schema, parts: Schema) -> Schema:
    reference = raw.get("$ref", "")
    return parts.get(reference.rpartition("/")[2], {}) if reference else raw


def widget_of(spec: Spec, known: Mapping[str, Any]) -> str:
    """What its type asks for, if the editor has that; else what fits its JSON type."""
    asked = str(spec.schema.get("widget", ""))
    if asked in known:
        return asked
    if "enum" in spec.schema:
        return "choice"
    match spec.type:
        case "boolean":
            return "boolean"
        case "integer" | "number":
            return "number"
        case "string":
            return _of_text(spec.schema)
        case "array":
            return _of_list(spec.schema)
        case "object" if spec.schema.get("properties"):
            return "group"
    return "json"


def _of_text(schema: Schema) -> str:
    if schema.get("format") in {"time", "date"}:
        return str(schema["format"])
    return "text" if schema.get("maxLength", 0) > LONG else "line"


def _of_list(schema: Schema) -> str:
    items, _nullable = _resolved(schema.get("items", {}), schema.get("$defs", {}))
    if "enum" in items:
        return "choices"
    return "lines" if items.get("type") in {"string", "integer", "number"} else "json"
