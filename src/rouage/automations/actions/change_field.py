"""The action "change a field"."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import Scalar, Strict
from rouage.automations.types import Words
from rouage.mail.merge import Output
from rouage.planner.model import Done, Failed, Reason
from rouage.planner.operators import FieldType
from rouage.planner.words import N_
from rouage.records.effects import FieldChange
from rouage.records.kinds import KINDS


class ChangeField(Action):
    key = "change_field"
    label = N_("Change a field")
    help = N_("Writes a new value into a field of the record; the journal keeps the former one.")
    icon = "pencil"
    group = "organise"
    example = {"field": "subject", "value": "{{ client.name }}"}

    class Config(Strict):
        field: str = Field(min_length=1, title=N_("Field"), json_schema_extra={"widget": "writable_field"})
        value: Scalar | None = Field(
            default=None,
            title=N_("New value"),
            description=N_("A text may hold merge fields. Empty: the field is cleared."),
            json_schema_extra={"widget": "value_of_field"},
        )

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        field = KINDS[context.kind].writable.get(config.field)
        if field is None:
            data = {"kind": context.kind, "field": config.field}
            return Outcome(Failed(reason=Reason(code="field.gone", data=data)))
        value: Any = config.value
        if isinstance(value, str) and field.type is FieldType.TEXT:
            value = merged(value, context, output=Output.LINE, where="value")
            if isinstance(value, Failed):
                return Outcome(value)
        change = FieldChange(
            **context.origin,
            field=config.field,
            value=value,
        )
        return Outcome(Done(data={"field": config.field, "value": value}), (change,))

    def summary(self, config: Config, words: Words) -> str:
        field = words.quoted(words.field(words.kind, config.field))
        if config.value in (None, ""):
            return words(N_("clear %(field)s"), field=field)
        return words(
            N_("set %(field)s to %(value)s"),
            field=field,
            value=words.quoted(words.value(words.kind, config.field, config.value)),
        )


TYPE = ChangeField()
