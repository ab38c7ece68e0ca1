"""The action "stop if"."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.definition import field_types, typed
from rouage.automations.shapes import GroupIn, Strict
from rouage.automations.types import Words
from rouage.planner.conditions import evaluate
from rouage.planner.model import Done, Ended, Tree
from rouage.planner.reasons import Why, to_json
from rouage.planner.words import N_
from rouage.records.kinds import KINDS


class StopIf(Action):
    """An unknown condition does not stop; the step's result says why nobody could know."""

    key = "stop_if"
    label = N_("Stop if…")
    help = N_("Ends the run when a condition is true at that moment.")
    icon = "circle-stop"
    group = "control"
    example = {"when": {"mode": "any", "of": [{"field": "client.email", "operator": "is_empty"}]}}

    class Config(Strict):
        when: GroupIn = Field(title=N_("Stop if"), json_schema_extra={"widget": "conditions"})

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        verdict = evaluate(_tree(config.when, context.kind), context.snapshot, context.calendar.local(context.now))
        if verdict.value is True:
            return Outcome(Ended(reason=verdict.because(Why.STOP_CONDITION)))
        if verdict.value is None:
            return Outcome(Done(data={"unknown": to_json(verdict.because(Why.STOP_UNKNOWN))}))
        return Outcome(Done())

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("stop if %(condition)s"), condition=words.condition(config.when))


@lru_cache(maxsize=1024)
def _tree(when: GroupIn, kind: str) -> Tree:
    return typed(when, field_types(KINDS[kind]))


TYPE = StopIf()
