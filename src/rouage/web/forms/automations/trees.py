"""Groups of conditions in the editor: rows of field, operator and value in groups of all, any or none (AUT-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from rouage.automations.definition import MAX_CONDITION_DEPTH
from rouage.automations.registry import OPERATORS
from rouage.planner.operators import FieldType, Operand, Operator
from rouage.web.forms.automations.environment import Environment, Options, Readable
from rouage.web.forms.automations.posted import Node
from rouage.web.forms.automations.values import CHOSEN, Input, draw, to_json, whole

MODES = ("all", "any", "none")
PAIR = 2
type Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One condition as it is drawn. ``join``: the word before it; ``number``: how it is spoken of."""

    name: str
    ident: str
    number: str
    join: str
    field: str
    groups: Sequence[tuple[str, Options]]
    operator: str
    operators: Options
    operand: str
    inputs: Sequence[Input]
    chosen: Sequence[str]
    errors: Sequence[str]
    is_group: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """``is_split``: its groups are drawn one below the other, with the joining word between them."""

    name: str
    ident: str
    number: str
    mode: str
    modes: Options
    join: str
    of: Sequence[Row | Group]
    errors: Sequence[str]
    is_split: bool
    is_root: bool
    can_nest: bool
    is_group: bool = True


def read_group(node: Node, env: Environment, depth: int = 1) -> Json:
    """What the form holds, as JSON; an empty group for a tree that is not on the form."""
    mode = node.text("mode", "all")
    rows: list[Json] = []
    for item in node.at("of").items():
        if item.has("field"):
            rows.append(_read_row(item, env))
        elif item.has("mode") and depth <= MAX_CONDITION_DEPTH:
            rows.append(read_group(item, env, depth + 1))
    return {"mode": mode if mode in MODES else "all", "of": rows}


def _read_row(item: Node, env: Environment) -> Json:
    """Another field than before takes no operator or value over that does not fit it."""
    name = item.text("field")
    readable = env.fields.get(name)
    if readable is None:
        return {"field": name, "operator": item.text("operator"), "value": item.text("value") or None}
    fitting = operators_for(readable.type)
    asked = item.text("operator")
    operator = OPERATORS[asked] if asked in dict(fitting) else OPERATORS[fitting[0][0]]
    is_same = item.text("was", name) == name
    value = _read_value(item.texts("value"), operator, readable, env) if is_same else None
    return {"field": name, "operator": operator.key, "value": value}


def _read_value(texts: Sequence[str], operator: Operator, readable: Readable, env: Environment) -> Any:  # noqa: ANN401 -- JSON
    first = texts[0] if texts else ""
    match operator.operand:
        case Operand.NONE:
            return None
        case Operand.DAYS:
            return whole(first)
        case Operand.MANY:
            # Typed into one line, or chosen one by one.
            many = texts if readable.type in CHOSEN else [part for text in texts for part in text.split(";")]
            return [found for text in many if (found := to_json(text, readable, env)) is not None]
        case Operand.PAIR:
            pair = [to_json(text, readable, env) for text in (*texts, "", "")[:PAIR]]
            return None if pair == [None, None] else pair
    return to_json(first, readable, env)


def operators_for(type_: FieldType) -> Options:
    return [(key, _(operator.label)) for key, operator in OPERATORS.items() if type_ in operator.types]


def draw_group(tree: Any, name: str, env: Environment, *, depth: int = 1, number: str = "") -> Group:  # noqa: ANN401 -- JSON
    """``tree`` as it stands in the draft; what has no shape is an empty group."""
    given: Mapping[str, Any] = tree if isinstance(tree, Mapping) else {}
    mode = given.get("mode") if given.get("mode") in MODES else "all"
    rows = [item for item in given.get("of", ()) if isinstance(item, Mapping)]
    is_split = depth == 1 and mode == "all" and bool(rows) and all("field" not in item for item in rows)
    drawn = list(_drawn(rows, name, env, depth, number, str(mode)))
    return Group(
        name=name,
        ident=env.drawn(name),
        number=number,
        mode=str(mode),
        modes=[
            ("all", pgettext("conditions", "All")),
            ("any", _("At least one")),
            ("none", pgettext("conditions", "None")),
        ],
        join=_join(str(mode)),
        of=drawn,
        errors=env.errors(name),
        is_split=is_split,
        is_root=depth == 1,
        can_nest=depth < MAX_CONDITION_DEPTH,
    )


def _drawn(
    rows: Sequence[Mapping[str, Any]], name: str, env: Environment, depth: int, number: str, mode: str
) -> Iterator[Row | Group]:
    for place, item in enumerate(rows):
        inner, spoken = f"{name}.of.{place}", f"{number}.{place + 1}" if number else str(place + 1)
        if "field" in item:
            yield _draw_row(item, inner, env, spoken, _("If") if place == 0 else _join(mode))
        else:
            yield draw_group(item, inner, env, depth=depth + 1, number=spoken)


def _draw_row(item: Mapping[str, Any], name: str, env: Environment, number: str, join: str) -> Row:
    field, asked = str(item.get("field") or ""), str(item.get("operator") or "")
    readable, value = env.fields.get(field), item.get("value")
    operator = OPERATORS.get(asked)
    known = operators_for(readable.type) if readable else []
    for part in ("field", "operator", "value"):
        env.drawn(f"{name}.{part}")
    return Row(
        name=name,
        ident=env.drawn(name),
        number=number,
        join=join,
        field=field,
        groups=_field_groups(field, env),
        operator=asked,
        operators=known if asked in dict(known) or not asked else [*known, (asked, asked)],
        operand=str(operator.operand) if operator else "same",
        inputs=_inputs(value, operator, readable, env),
        chosen=[str(one) for one in value] if isinstance(value, list | tuple) else [],
        errors=env.errors(name, whole=True),
    )


def _inputs(value: Any, operator: Operator | None, readable: Readable | None, env: Environment) -> Sequence[Input]:  # noqa: ANN401 -- JSON
    many = list(value) if isinstance(value, list | tuple) else ([] if value is None else [value])
    first = many[0] if many else None
    match operator.operand if operator else Operand.SAME:
        case Operand.NONE:
            return ()
        case Operand.DAYS:
            return (Input(kind="number", value="" if first is None else str(first)),)
        case Operand.PAIR:
            return tuple(draw(one, readable, env) for one in (*many, None, None)[:PAIR])
        case Operand.MANY if readable and readable.type in CHOSEN:
            return (Input(kind="chips", options=env.choices(readable)),)
        case Operand.MANY:
            texts = [draw(one, readable, env).value for one in many]
            return (Input(kind="text", value="; ".join(texts)),)
    return (draw(first, readable, env),)


_HEADINGS = ("", "client", "contact", "people", "trigger")
_PEOPLE = frozenset({"owner", "lead", "assignee"})


def _field_groups(chosen: str, env: Environment) -> Sequence[tuple[str, Options]]:
    """The fields below what they belong to; one that is gone stays visible, so that it is seen and changed."""
    labels = {
        "": str(env.kind.label),
        "client": _("Client"),
        "contact": _("Contacts"),
        "people": _("People"),
        "trigger": _("What the trigger tells"),
    }
    found: dict[str, list[tuple[str, str]]] = {heading: [] for heading in _HEADINGS}
    for readable in env.fields.values():
        heading = "people" if readable.group in _PEOPLE else readable.group if readable.group in found else ""
        found[heading].append((readable.name, readable.label))
    if chosen and chosen not in env.fields:
        found[""].append((chosen, _("%(value)s (gone)") % {"value": chosen}))
    return [(labels[heading], options) for heading, options in found.items() if options]


def _join(mode: str) -> str:
    return _("and") if mode == "all" else _("or")


def new_row(env: Environment) -> Json:
    """The first amount of the record, else its status, else its first field: something to begin with."""
    first = next((one for one in env.fields.values() if one.type is FieldType.MONEY), None)
    chosen = first or env.fields.get("status") or next(iter(env.fields.values()))
    return {"field": chosen.name, "operator": _usual(chosen), "value": None}


def _usual(readable: Readable) -> str:
    return "is_at_least" if readable.type is FieldType.MONEY else operators_for(readable.type)[0][0]
