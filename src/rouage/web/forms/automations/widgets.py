"""What the editor offers for one setting: a small family of widgets, chosen by the schema and never by the type."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from rouage.planner.operators import FieldType
from rouage.records.kinds import Field
from rouage.web.components.merge_fields import label as merge_label
from rouage.web.forms.automations import trees
from rouage.web.forms.automations.environment import Environment, Options, Readable
from rouage.web.forms.automations.posted import Node
from rouage.web.forms.automations.schema import MISSING, Spec, inner, widget_of
from rouage.web.forms.automations.timings import date_options, unit_options
from rouage.web.forms.automations.values import draw as draw_value
from rouage.web.forms.automations.values import figure, to_json, whole

type Json = Any
SPARE = 1  # empty lines below typed addresses and headers, for one more


@dataclass(frozen=True, kw_only=True)
class Control:
    """One setting as it is drawn: ``template`` with what it needs in ``data``."""

    template: str
    name: str
    ident: str
    label: str
    help: str
    is_optional: bool
    errors: Sequence[str]
    value: Any = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a widget draws: the setting's value, and the settings that it stands among."""

    value: Json
    spec: Spec
    env: Environment
    config: Mapping[str, Any]


type Read = Callable[[Node, Spec, Environment], Json]
type Draw = Callable[[Given], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Widget:
    """``read`` takes the setting from the place of its config; ``draw`` gives what the template needs beside the value.

    ``initial``: what a new step begins with, where the schema has no default.
    """

    template: str
    read: Read
    draw: Draw | None = None
    initial: Callable[[Environment], Json] | None = None


def control(spec: Spec, config: Mapping[str, Any], env: Environment) -> Control:
    widget = WIDGETS[widget_of(spec, WIDGETS)]
    value = config.get(spec.key, None if spec.default is MISSING else spec.default)
    return Control(
        template=f"automations/widgets/{widget.template}.html",
        name=spec.name,
        ident=env.drawn(spec.name),
        label=spec.label,
        help=spec.help,
        is_optional=not spec.is_required and spec.type != "boolean",
        errors=env.errors(spec.name, whole=widget.template != "tree"),
        value="" if value is None else value,
        data=widget.draw(Given(value=value, spec=spec, env=env, config=config)) if widget.draw else {},
    )


def read_config(specs: Sequence[Spec], node: Node, env: Environment) -> dict[str, Json]:
    """What the form holds for a type's settings; what was left empty and must not be is left out."""
    found = {spec.key: WIDGETS[widget_of(spec, WIDGETS)].read(node, spec, env) for spec in specs}
    return {key: value for key, value in found.items() if value is not MISSING}


def initial_config(specs: Sequence[Spec], env: Environment) -> dict[str, Json]:
    found = {spec.key: _initial(spec, env) for spec in specs}
    return {key: value for key, value in found.items() if value is not MISSING}


def _initial(spec: Spec, env: Environment) -> Json:
    own = WIDGETS[widget_of(spec, WIDGETS)].initial
    return own(env) if own else spec.default


def _text(node: Node, spec: Spec, env: Environment) -> Json:
    text = node.text(spec.key)
    return None if spec.is_nullable and not text.strip() else text


def _chosen(node: Node, spec: Spec, env: Environment) -> Json:
    """A choice of one: nothing chosen is nothing."""
    text = node.text(spec.key).strip()
    if not text:
        return None if spec.is_nullable else MISSING
    whole_ones = {str(value): value for value in spec.schema.get("enum", ())}
    if text in whole_ones:
        return whole_ones[text]
    return int(text) if spec.type == "integer" and text.isdigit() else text


def _number(node: Node, spec: Spec, env: Environment) -> Json:
    text = node.text(spec.key)
    if not text.strip():
        return None if spec.is_nullable else MISSING
    if spec.type == "integer":
        return whole(text)
    try:
        return float(figure(text))
    except ValueError:
        return text


def _boolean(node: Node, spec: Spec, env: Environment) -> Json:
    return bool(node.at(spec.key).values)


def _several(node: Node, spec: Spec, env: Environment) -> Json:
    """A choice of several; numbers where the schema counts."""
    counts = spec.schema.get("items", {}).get("type") == "integer"
    return [int(text) if counts and text.isdigit() else text for text in node.texts(spec.key) if text]


def _lines(node: Node, spec: Spec, env: Environment) -> Json:
    counts = spec.schema.get("items", {}).get("type") in {"integer", "number"}
    lines = [line.strip() for line in node.text(spec.key).splitlines() if line.strip()]
    return [whole(line) for line in lines] if counts else lines


def _time(node: Node, spec: Spec, env: Environment) -> Json:
    text = node.text(spec.key).strip()
    return text or (None if spec.is_nullable else MISSING)


def _json(node: Node, spec: Spec, env: Environment) -> Json:
    text = node.text(spec.key)
    if not text.strip():
        return None if spec.is_nullable else spec.default
    try:
        return json.loads(text)
    except ValueError:
        return text


def _group(node: Node, spec: Spec, env: Environment) -> Json:
    return read_config(inner(spec, spec.name), node.at(spec.key), env)


def _recipients(node: Node, spec: Spec, env: Environment) -> Json:
    place = node.at(spec.key)
    addresses = [text.strip() for text in place.texts("addresses") if text.strip()]
    return {**_people(node, spec, env), "addresses": addresses}


def _people(node: Node, spec: Spec, env: Environment) -> Json:
    place = node.at(spec.key)
    return {
        "roles": place.texts("roles"),
        "members": [int(text) for text in place.texts("members") if text.isdigit()],
    }


def _headers(node: Node, spec: Spec, env: Environment) -> Json:
    rows = [(row.text("name").strip(), row.text("value")) for row in node.at(spec.key).items()]
    return {name: value.strip() for name, value in rows if name}


def _tree(node: Node, spec: Spec, env: Environment) -> Json:
    return trees.read_group(node.at(spec.key), env)


def _value_of_field(node: Node, spec: Spec, env: Environment) -> Json:
    """By the field that is chosen beside it; another field than before takes no value over."""
    name = node.text("field")
    known = env.kind.writable.get(name)
    if known is None or node.text(f"{spec.key}_was", name) != name:
        return None
    text = node.text(spec.key)
    if known.type is FieldType.TEXT:
        return text or None
    return to_json(text, _readable(known), env)


def _readable(known: Field) -> Readable:
    return Readable(
        name=known.name, label=str(known.label), type=FieldType(known.type), group="", choices=known.choices
    )


def _merge(given: Given) -> Mapping[str, Any]:
    """The fields that a text may name, to be put in by a click or copied."""
    env = given.env
    names = [*(known.name for known in env.kind.fields if not known.name.endswith(".id"))]
    names += [fact.field for fact in env.facts] + ["organisation.name", "organisation.email"]
    labels = {fact.field: _(fact.label) for fact in env.facts}
    return {
        "fields": [(f"{{{{ {name} }}}}", labels.get(name) or merge_label(env.kind.key, name)) for name in names],
        "longest": given.spec.schema.get("maxLength", ""),
    }


def _options(options: Options, value: Json) -> Mapping[str, Any]:
    text = "" if value is None else str(value)
    gone = [] if not text or text in dict(options) else [(text, _("%(value)s (gone)") % {"value": text})]
    return {"options": [*options, *gone], "chosen": text}


def _marked(options: Options, values: Json) -> Mapping[str, Any]:
    chosen = [str(value) for value in values] if isinstance(values, list | tuple) else []
    gone = [(value, _("%(value)s (gone)") % {"value": value}) for value in chosen if value not in dict(options)]
    return {"options": [(key, label, key in chosen) for key, label in (*options, *gone)]}


def _statuses(env: Environment, *, settable: bool = False) -> Options:
    return [
        (status.key, str(env.kind.status_label(status.key)))
        for status in env.kind.statuses
        if status.settable or not settable
    ]


def _draw_people(given: Given) -> Mapping[str, Any]:
    env, people = given.env, given.value if isinstance(given.value, Mapping) else {}
    has_addresses = "addresses" in given.spec.schema.get("properties", {})
    roles = [
        (role.key, str(role.label)) for role in env.kind.roles if has_addresses or not role.key.startswith("contact.")
    ]
    addresses = [str(one) for one in people.get("addresses", ())]
    return {
        "roles": _marked(roles, people.get("roles"))["options"],
        "members": _marked(env.members, people.get("members"))["options"],
        "addresses": [*addresses, *[""] * SPARE] if has_addresses else None,
        "typed": addresses,
        "chosen": {str(one) for one in people.get("members", ())},
    }


def _draw_headers(given: Given) -> Mapping[str, Any]:
    rows = list(given.value.items()) if isinstance(given.value, Mapping) else []
    return {"rows": [*rows, *[("", "")] * SPARE]}


def _draw_value(given: Given) -> Mapping[str, Any]:
    name = str(given.config.get("field") or "")
    known = given.env.kind.writable.get(name)
    if known is None or known.type is FieldType.TEXT:
        return {**_merge(given), "input": None, "was": name}
    return {"input": draw_value(given.value, _readable(known), given.env), "was": name}


def _contact(env: Environment) -> Json:
    contacts = [role.key for role in env.kind.roles if role.key.startswith("contact.")]
    wished = "contact.document" if "contact.document" in contacts else next(iter(contacts), "")
    return {"roles": [wished] if wished else [], "members": [], "addresses": []}


def _in_charge(env: Environment) -> Json:
    return {"roles": ["owner"] if any(role.key == "owner" for role in env.kind.roles) else [], "members": []}


def _choice_of(options: Callable[[Environment], Options]) -> Widget:
    return Widget(template="select", read=_chosen, draw=lambda given: _options(options(given.env), given.value))


def _chips_of(options: Callable[[Environment], Options]) -> Widget:
    return Widget(template="chips", read=_several, draw=lambda given: _marked(options(given.env), given.value))


def _draw_group(given: Given) -> Mapping[str, Any]:
    values = given.value if isinstance(given.value, Mapping) else {}
    return {"controls": [control(one, values, given.env) for one in inner(given.spec, given.spec.name)]}


def _longest(given: Given) -> Mapping[str, Any]:
    return {"longest": given.spec.schema.get("maxLength", "")}


def _item_options(spec: Spec) -> Options:
    items = spec.schema.get("items", {})
    labels: Mapping[str, str] = spec.schema.get("labels", items.get("labels", {}))
    return [(str(value), str(labels.get(str(value), value))) for value in items.get("enum", ())]


WIDGETS: Mapping[str, Widget] = {
    # By what a schema asks for.
    "merge_line": Widget(template="merge_line", read=_text, draw=_merge),
    "merge_text": Widget(template="merge_text", read=_text, draw=_merge),
    "merge_json": Widget(template="merge_json", read=_text, draw=_merge),
    "url": Widget(template="url", read=_text),
    "time": Widget(template="time", read=_time),
    "unit": Widget(
        template="select",
        read=_chosen,
        draw=lambda given: _options(unit_options(given.spec.schema.get("only")), given.value),
    ),
    "date_field": _choice_of(date_options),
    "writable_field": _choice_of(lambda env: [(known.name, str(known.label)) for known in env.kind.writable.values()]),
    "value_of_field": Widget(template="value", read=_value_of_field, draw=_draw_value),
    "settable_status": _choice_of(lambda env: _statuses(env, settable=True)),
    "statuses": _chips_of(_statuses),
    "stages": _chips_of(lambda env: env.stages),
    "template": _choice_of(lambda env: env.templates),
    "recipients": Widget(template="people", read=_recipients, draw=_draw_people, initial=_contact),
    "people": Widget(template="people", read=_people, draw=_draw_people, initial=_in_charge),
    "headers": Widget(template="headers", read=_headers, draw=_draw_headers),
    "conditions": Widget(
        template="tree",
        read=_tree,
        draw=lambda given: {"tree": trees.draw_group(given.value, given.spec.name, given.env)},
        initial=lambda env: {"mode": "any", "of": [trees.new_row(env)]},
    ),
    # By the type of the value, for what a schema does not name.
    "line": Widget(template="line", read=_text, draw=_longest),
    "text": Widget(template="text", read=_text),
    "date": Widget(template="date", read=_time),
    "number": Widget(template="number", read=_number, draw=lambda given: {"schema": given.spec.schema}),
    "boolean": Widget(template="boolean", read=_boolean),
    "choice": Widget(template="select", read=_chosen, draw=lambda given: _options(given.spec.options, given.value)),
    "choices": Widget(
        template="chips", read=_several, draw=lambda given: _marked(_item_options(given.spec), given.value)
    ),
    "lines": Widget(
        template="lines", read=_lines, draw=lambda given: {"text": "\n".join(str(one) for one in given.value or ())}
    ),
    "group": Widget(template="group", read=_group, draw=_draw_group),
    "json": Widget(
        template="text",
        read=_json,
        draw=lambda given: {"text": json.dumps(given.value, ensure_ascii=False, indent=1)},
    ),
}
