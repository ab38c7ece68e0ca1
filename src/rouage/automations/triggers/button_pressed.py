"""The trigger "button": a person starts the automation on the records that they look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from rouage.automations.shapes import Strict
from rouage.automations.types import Fact, Trigger, Words
from rouage.planner.model import Event, Snapshot
from rouage.planner.words import N_


class ButtonPressed(Trigger):
    """The event names its automation; the planner has compared it before this type is asked."""

    key = "button_pressed"
    label = N_("Button")
    help = N_("Triggers when somebody presses a button on a record, or on several selected ones in a list.")
    icon = "pointer"
    enrolls = False
    facts = (Fact(name="member", label=N_("Who pressed the button")),)
    example = {"text": "Préparer le chantier"}

    class Config(Strict):
        text: str = Field(
            min_length=1,
            max_length=40,
            title=N_("Text of the button"),
            description=N_("A verb that says what it does."),
        )

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset({f"{kind}.button"})

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        if event.payload.get("automation_id") is None:
            return None
        return {"member": event.payload.get("member", "")}

    def summary(self, config: Config, words: Words) -> str:
        return words(
            N_("when somebody presses %(button)s on %(record)s"),
            button=words.quoted(config.text),
            record=words.record(),
        )


TYPE = ButtonPressed()
