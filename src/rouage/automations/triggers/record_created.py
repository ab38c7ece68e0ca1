"""The trigger "record created"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rouage.automations.shapes import Strict
from rouage.automations.types import Trigger, Words
from rouage.planner.model import Event, Snapshot
from rouage.planner.words import N_


class RecordCreated(Trigger):
    key = "record_created"
    label = N_("Record created")
    help = N_("Triggers when a record of this kind is created, by hand, by an import or by another automation.")
    icon = "file-plus"

    class Config(Strict):
        pass

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset({f"{kind}.created"})

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        return {}

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("when %(record)s is created"), record=words.record())


TYPE = RecordCreated()
