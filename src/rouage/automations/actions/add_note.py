"""The action "add a note"."""

from __future__ import annotations

from pydantic import Field

from rouage.automations.context import Action, ActionContext, Outcome
from rouage.automations.merging import merged
from rouage.automations.shapes import Strict
from rouage.automations.types import Words
from rouage.planner.model import Done, Failed
from rouage.planner.words import N_
from rouage.records.effects import NewNote


class AddNote(Action):
    key = "add_note"
    label = N_("Add a note")
    help = N_("Writes a note into the activity of the record.")
    icon = "notebook-pen"
    group = "write"
    example = {"text": "Third reminder sent to {{ client.name }}."}

    class Config(Strict):
        text: str = Field(min_length=1, max_length=5000, title=N_("Note"), json_schema_extra={"widget": "merge_text"})

    def execute(self, config: Config, context: ActionContext) -> Outcome:
        text = merged(config.text, context, where="text")
        if isinstance(text, Failed):
            return Outcome(text)
        note = NewNote(
            **context.origin,
            text=text,
        )
        return Outcome(Done(data={"text": text}), (note,))

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("add a note"))


TYPE = AddNote()
