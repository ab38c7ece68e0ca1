"""The action "change the status"."""

from __future__ import annotations

from pydantic import Field

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.shapes import Strict
from rouage.automations.types import Words
from rouage.planner.model import Done, Failed, Reason
from rouage.planner.words import N_
from rouage.records.effects import StatusChange
from rouage.records.kinds import KINDS


class ChangeStatus(Action):
    key = "change_status"
    label = N_("Change the status")
    help = N_("Gives the record another status, if that may follow the one it has.")
    icon = "arrow-right"
    group = "organise"
    kinds = frozenset({"quote", "invoice", "event", "intervention", "contract"})
    example = {"status": "expired"}

    class Config(Strict):
        status: str = Field(min_length=1, title=N_("New status"), json_schema_extra={"widget": "settable_status"})

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        old, new = context.snapshot["status"], config.status
        data = {"kind": context.kind, "from": old, "to": new, "status": new}
        if old == new:
            return Outcome(Done(data={"unchanged": True, "to": new}))
        kind = KINDS[context.kind]
        if kind.status(new) is None:
            return Outcome(Failed(reason=Reason(code="status.unknown", data=data)))
        if not kind.may_follow(old, new):
            return Outcome(Failed(reason=Reason(code="status.not_allowed", data=data)))
        change = StatusChange(
            **context.origin,
            status=new,
            expected=old,
        )
        return Outcome(Done(data={"from": old, "to": new}), (change,))

    def statuses(self, config: Config) -> frozenset[str]:
        return frozenset({config.status})

    def summary(self, config: Config, words: Words) -> str:
        return words(
            N_("change the status to %(status)s"),
            status=words.quoted(words.value(words.kind, "status", config.status)),
        )


TYPE = ChangeStatus()
