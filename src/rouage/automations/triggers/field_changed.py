"""The trigger "field changed"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from rouage.automations.shapes import Strict
from rouage.automations.types import Trigger, Words
from rouage.planner.model import Event, Snapshot
from rouage.planner.words import N_


class FieldChanged(Trigger):
    key = "field_changed"
    label = N_("Field changed")
    help = N_("Triggers when somebody changes a field of a record, such as its dates or its owner.")
    icon = "pencil"
    enrolls = False
    example = {"field": "owner.id"}

    class Config(Strict):
        field: str = Field(title=N_("Field"), json_schema_extra={"widget": "writable_field"})

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset({f"{kind}.changed", f"{kind}.status_changed", f"{kind}.stage_changed"})

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        return {} if config.field in event.payload.get("changes", ()) else None

    def summary(self, config: Config, words: Words) -> str:
        return words(
            N_("when %(field)s of %(record)s changes"),
            field=words.quoted(words.field(words.kind, config.field)),
            record=words.record(),
        )


TYPE = FieldChanged()
