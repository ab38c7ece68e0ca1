"""The action "wait": the step's own timing is the wait."""

from __future__ import annotations

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.shapes import Strict
from rouage.automations.types import Words
from rouage.planner.model import Done
from rouage.planner.words import N_


class Wait(Action):
    key = "wait"
    label = N_("Wait")
    help = N_("Lets a delay pass, or waits for a date of the record, before the next step.")
    icon = "hourglass"
    group = "control"

    class Config(Strict):
        pass

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        return Outcome(Done())

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("wait"))


TYPE = Wait()
