"""Checks a definition before it is published: every place that people filled in, against what the organisation has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from rouage.automations.definition import MAX_CONDITION_DEPTH, MAX_STEPS, DefinitionIn, StepIn, TypeIn, field_types
from rouage.automations.explain import sentence as reason_sentence
from rouage.automations.merging import merge_types
from rouage.automations.problems import Path, Problem, shape_problems
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.automations.shapes import AroundIn, GroupIn, LaterIn, People, Recipients, TestIn
from rouage.automations.types import AnyType
from rouage.mail.addresses import check_address
from rouage.mail.merge import check
from rouage.mail.merge_errors import sentence as merge_sentence
from rouage.mail.reasons import Code
from rouage.mail.reasons import sentence as mail_sentence
from rouage.planner.conditions import BadOperand, operand
from rouage.planner.model import Unit
from rouage.planner.operators import FieldType
from rouage.planner.registry import Registry
from rouage.planner.types import fits
from rouage.records.kinds import KINDS, RecordKind
from rouage.records.typed import typed

_LONGEST_DAYS = 3660
_TIMED = frozenset({Unit.DAYS, Unit.WORKING_DAYS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an organisation has that a definition may name.

    ``stages``: the outcome of each stage. ``templates``: the texts of each e-mail template.
    """

    members: Collection[int] = frozenset()
    stages: Mapping[int, str] = field(default_factory=dict)
    templates: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def problems(stored: Any, scope: Scope) -> list[Problem]:  # noqa: ANN401 -- JSON
    """Everything that keeps the definition from being published; empty if nothing does."""
    try:
        definition = DefinitionIn.model_validate(stored)
    except ValidationError as error:
        return shape_problems(error)
    kind = KINDS.get(definition.kind)
    if kind is None or not kind.automatable:
        return [Problem(path=("kind",), text=_("Choose a kind of record."), code="kind.unknown")]
    return list(_Check(definition, kind, scope).all())


@dataclass(slots=True)
class _Check:
    definition: DefinitionIn
    kind: RecordKind
    scope: Scope
    types: Mapping[str, FieldType] = field(default_factory=dict)

    def all(self) -> Iterator[Problem]:
        trigger = list(self._type(TRIGGERS, self.definition.trigger, ("trigger",)))
        self.types = field_types(self.kind, self.definition.trigger)
        yield from trigger
        yield from self._tree(self.definition.conditions, ("conditions",))
        yield from self._tree(self.definition.stop, ("stop",))
        if not self.definition.steps:
            text = _("There is no action yet. Add at least one.")
            yield Problem(path=("steps",), text=text, code="steps.none")
        seen: set[str] = set()
        for position, step in enumerate(self.definition.steps[:MAX_STEPS]):
            if step.id and step.id in seen:
                text = _("Two steps have the same identifier.")
                yield Problem(path=("steps", position, "id"), text=text, code="step.twice")
            seen.add(step.id)
            yield from self._step(step, ("steps", position))

    def _step(self, step: StepIn, path: Path) -> Iterator[Problem]:
        yield from self._timing(step, (*path, "timing"))
        yield from self._tree(step.when, (*path, "when"))
        yield from self._type(ACTIONS, step.action, (*path, "action"))

    def _timing(self, step: StepIn, path: Path) -> Iterator[Problem]:
        timing = step.timing
        if not isinstance(timing, LaterIn | AroundIn):
            return
        if timing.unit in _TIMED and timing.amount > _LONGEST_DAYS:
            text = _("Enter %(number)s days or less.") % {"number": _LONGEST_DAYS}
            yield Problem(path=(*path, "amount"), text=text, code="timing.too_long")
        if isinstance(timing, LaterIn) and timing.at is not None and timing.unit not in _TIMED:
            text = _("A time of day goes with days only. Take it out, or count in days.")
            yield Problem(path=(*path, "at"), text=text, code="timing.time")
        if isinstance(timing, AroundIn):
            yield from self._date_field(timing.field, (*path, "field"))

    def _date_field(self, name: str, path: Path) -> Iterator[Problem]:
        known = self.kind.by_name.get(name)
        if known is None or known.type not in {FieldType.DATE, FieldType.MOMENT}:
            text = _("%(kind)s: there is no date “%(field)s”. Choose one of its dates.")
            yield Problem(path=path, text=text % {"kind": self.kind.label, "field": name}, code="date.unknown")

    def _type(self, registry: Registry[Any], given: TypeIn, path: Path) -> Iterator[Problem]:
        found: AnyType | None = registry.get(given.type)
        if found is None:
            text = _("“%(type)s” is not installed. Choose another one.") % {"type": given.type}
            yield Problem(path=(*path, "type"), text=text, code="type.unknown")
            return
        if not fits(found.kinds, self.kind.key):
            text = _("“%(type)s” cannot be used for this kind of record. Choose another one.")
            yield Problem(path=(*path, "type"), text=text % {"type": _(found.label)}, code="type.unfit")
            return
        try:
            config = found.read(given.config, given.version)
        except ValidationError as error:
            yield from shape_problems(error, (*path, "config"))
            return
        yield from self._settings(config, (*path, "config"))

    def _settings(self, config: BaseModel, path: Path) -> Iterator[Problem]:
        """Each setting by what the editor offers for it, so that a new type is checked without a line here."""
        for name, info in type(config).model_fields.items():
            extra = info.json_schema_extra
            look = _LOOKS.get(str(extra.get("widget"))) if isinstance(extra, dict) else None
            value = getattr(config, name)
            if look and value not in (None, "", ()):
                yield from look(self, value, (*path, name), config)

    def _tree(self, group: GroupIn, path: Path, depth: int = 1) -> Iterator[Problem]:
        if depth > MAX_CONDITION_DEPTH:
            text = _("Groups may be nested %(number)s deep at most.") % {"number": MAX_CONDITION_DEPTH}
            yield Problem(path=path, text=text, code="conditions.depth")
            return
        for position, row in enumerate(group.of):
            place = (*path, "of", position)
            if isinstance(row, TestIn):
                yield from self._test(row, place)
            else:
                yield from self._tree(row, place, depth + 1)

    def _test(self, test: TestIn, path: Path) -> Iterator[Problem]:
        type_, operator = self.types.get(test.field), OPERATORS.get(test.operator)
        if type_ is None:
            text = _("The field “%(field)s” does not exist (any more). Choose another one.") % {"field": test.field}
            yield Problem(path=(*path, "field"), text=text, code="field.unknown")
            return
        if operator is None or type_ not in operator.types:
            text = _("This comparison does not go with the field. Choose another one.")
            yield Problem(path=(*path, "operator"), text=text, code="operator.unfit")
            return
        try:
            value = operand(operator, type_, test.value, field=test.field)
        except BadOperand as bad:
            text = reason_sentence(bad.reason, self.kind.key)
            yield Problem(path=(*path, "value"), text=text, code=bad.reason.code)
            return
        yield from self._choice(test.field, value, (*path, "value"))

    def _choice(self, name: str, value: Any, path: Path) -> Iterator[Problem]:  # noqa: ANN401 -- an operand
        known = self.kind.by_name.get(name)
        if known is None or known.type is not FieldType.CHOICE or not known.choices:
            return
        keys = {choice.key for choice in known.choices}
        for item in value if isinstance(value, tuple) else (value,):
            if item is not None and item not in keys:
                text = _("“%(value)s” is none of the values of “%(field)s”. Choose another one.")
                yield Problem(path=path, text=text % {"value": item, "field": known.label}, code="choice.unknown")

    def look_statuses(self, value: Any, path: Path, config: BaseModel) -> Iterator[Problem]:  # noqa: ANN401 -- a setting
        for status in value if isinstance(value, tuple) else (value,):
            if self.kind.status(status) is None:
                text = _("%(kind)s: there is no status “%(status)s”. Choose one of its statuses.")
                text %= {"kind": self.kind.label, "status": status}
                yield Problem(path=path, text=text, code="status.unknown")

    def look_settable(self, value: str, path: Path, config: BaseModel) -> Iterator[Problem]:
        yield from self.look_statuses(value, path, config)
        status = self.kind.status(value)
        if status is not None and not status.settable:
            text = _("Nobody sets “%(status)s” by hand: it follows from payments and dates. Choose another one.")
            yield Problem(path=path, text=text % {"status": self.kind.status_label(value)}, code="status.follows")

    def look_stages(self, value: tuple[int, ...], path: Path, config: BaseModel) -> Iterator[Problem]:
        if not set(value) <= set(self.scope.stages):
            text = _("A stage named here does not exist (any more). Choose another one.")
            yield Problem(path=path, text=text, code="stage.unknown")

    def look_date_field(self, value: str, path: Path, config: BaseModel) -> Iterator[Problem]:
        yield from self._date_field(value, path)

    def look_writable(self, value: str, path: Path, config: BaseModel) -> Iterator[Problem]:
        if value not in self.kind.writable:
            text = _("The field “%(field)s” cannot be changed by an automation. Choose another one.")
            yield Problem(path=path, text=text % {"field": value}, code="field.not_writable")

    def look_value(self, value: Any, path: Path, config: BaseModel) -> Iterator[Problem]:  # noqa: ANN401 -- same
        name = getattr(config, "field", "")
        known = self.kind.writable.get(name)
        if known is None:
            return
        if known.type is FieldType.TEXT and isinstance(value, str):
            yield from self.look_text(value, path, config)
            return
        found = typed(self.kind, name, value)
        if not isinstance(found, tuple):
            yield Problem(path=path, text=reason_sentence(found, self.kind.key), code=found.code)

    def look_recipients(self, value: Recipients, path: Path, config: BaseModel) -> Iterator[Problem]:
        if value.is_empty:
            text = _("Nobody would receive it. Choose at least one recipient.")
            yield Problem(path=path, text=text, code="recipients.none")
        yield from self._parts(value.roles, value.members, path, {role.key for role in self.kind.roles})
        for position, address in enumerate(value.addresses):
            fault = check_address(address)
            if isinstance(fault, Code):
                text = f"{address}: {mail_sentence(fault)}"
                yield Problem(path=(*path, "addresses", position), text=text, code=f"mail.{fault}")

    def look_people(self, value: People, path: Path, config: BaseModel) -> Iterator[Problem]:
        roles = {role.key for role in self.kind.roles if not role.key.startswith("contact.")}
        yield from self._parts(value.roles, value.members, path, roles)

    def _parts(
        self, roles: Collection[str], members: Collection[int], path: Path, known: Collection[str]
    ) -> Iterator[Problem]:
        for role in roles:
            if role not in known:
                text = _("%(kind)s: nobody has the part “%(role)s”. Choose another recipient.")
                text %= {"kind": self.kind.label, "role": role}
                yield Problem(path=(*path, "roles"), text=text, code="role.unknown")
        if not set(members) <= set(self.scope.members):
            text = _("A member named here has left. Choose somebody else.")
            yield Problem(path=(*path, "members"), text=text, code="member.unknown")

    def look_template(self, value: int, path: Path, config: BaseModel) -> Iterator[Problem]:
        texts = self.scope.templates.get(value)
        if texts is None:
            text = _("This email template does not exist (any more). Choose another one.")
            yield Problem(path=path, text=text, code="template.unknown")
            return
        for text in texts:
            yield from self.look_text(text, path, config)

    def look_text(self, value: str, path: Path, config: BaseModel) -> Iterator[Problem]:
        for error in check(value, merge_types(self.types)):
            yield Problem(path=path, text=merge_sentence(error), code=f"merge.{error.code}")

    def look_tree(self, value: GroupIn, path: Path, config: BaseModel) -> Iterator[Problem]:
        if not value.of:
            yield Problem(path=path, text=_("Add at least one condition."), code="conditions.none")
        yield from self._tree(value, path)


type _Look = Callable[[_Check, Any, Path, BaseModel], Iterator[Problem]]
_LOOKS: Mapping[str, _Look] = {
    "statuses": _Check.look_statuses,
    "settable_status": _Check.look_settable,
    "stages": _Check.look_stages,
    "date_field": _Check.look_date_field,
    "writable_field": _Check.look_writable,
    "value_of_field": _Check.look_value,
    "recipients": _Check.look_recipients,
    "people": _Check.look_people,
    "template": _Check.look_template,
    "merge_line": _Check.look_text,
    "merge_text": _Check.look_text,
    "merge_json": _Check.look_text,
    "conditions": _Check.look_tree,
}
