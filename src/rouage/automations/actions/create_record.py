"""The action "create a record" from the one that the run is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import Strict
from rouage.automations.types import Words
from rouage.mail.merge import Output
from rouage.planner.model import Done, Failed, Reason
from rouage.planner.words import N_
from rouage.records.conversion import SOURCES
from rouage.records.effects import NewRecord

_NEW = {
    "event": N_("create the event"),
    "intervention": N_("create the intervention"),
    "invoice": N_("create the invoice"),
}
_NAMED = {"event": "name", "intervention": "title", "invoice": "subject"}


class CreateRecord(Action):
    """A draft invoice from an accepted quote, an event from a won opportunity …; the journal links the two."""

    key = "create_record"
    label = N_("Create a record")
    help = N_("Makes an event, an intervention or an invoice from the record, with its client and its lines.")
    icon = "file-plus"
    group = "organise"
    kinds = frozenset(source for source, _ in SOURCES)
    example = {"new": "event", "name": "{{ subject }}"}

    class Config(Strict):
        new: Literal["event", "intervention", "invoice"] = Field(
            title=N_("What to create"),
            json_schema_extra={
                "labels": {"event": N_("Event"), "intervention": N_("Intervention"), "invoice": N_("Invoice")}
            },
        )
        name: str = Field(
            default="",
            max_length=200,
            title=N_("Name"),
            description=N_("Empty: that of the record it is made from."),
            json_schema_extra={"widget": "merge_line"},
        )

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        allowed = SOURCES.get((context.kind, config.new))
        data = {"kind": context.kind, "new": config.new, "status": context.snapshot["status"]}
        if allowed is None:
            return Outcome(Failed(reason=Reason(code="create.wrong_source", data=data)))
        if context.snapshot["status"] not in allowed:
            return Outcome(Failed(reason=Reason(code="create.not_ready", data=data)))
        values: Mapping[str, Any] = {}
        if config.name:
            name = merged(config.name, context, output=Output.LINE, where="name")
            if isinstance(name, Failed):
                return Outcome(name)
            values = {_NAMED[config.new]: name[:200]}
        new = NewRecord(
            **context.origin,
            new=config.new,
            values=values,
        )
        return Outcome(Done(data={"new": config.new}), (new,))

    def summary(self, config: Config, words: Words) -> str:
        return words(_NEW[config.new])


TYPE = CreateRecord()
