"""The trigger "stage changed" of opportunities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from rouage.automations.shapes import Strict
from rouage.automations.types import Trigger, Words
from rouage.planner.model import Event, Snapshot
from rouage.planner.words import N_


class StageChanged(Trigger):
    key = "stage_changed"
    label = N_("Stage changed")
    help = N_("Triggers when an opportunity moves from one stage of its pipeline to another.")
    icon = "square-kanban"
    kinds = frozenset({"opportunity"})
    example_kind = "opportunity"
    example = {"to_stages": [1]}

    class Config(Strict):
        from_stages: tuple[int, ...] = Field(
            default=(),
            title=N_("From which stage"),
            description=N_("No choice means any stage."),
            json_schema_extra={"widget": "stages"},
        )
        to_stages: tuple[int, ...] = Field(
            default=(),
            title=N_("To which stage"),
            description=N_("No choice means any stage."),
            json_schema_extra={"widget": "stages"},
        )

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset({f"{kind}.stage_changed"})

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        old, new = event.payload.get("from"), event.payload.get("to")
        if config.from_stages and old not in config.from_stages:
            return None
        if config.to_stages and new not in config.to_stages:
            return None
        return {}

    def holds(self, config: Config, snapshot: Snapshot) -> bool:
        return not config.to_stages or snapshot.get("stage.id") in config.to_stages

    def stages(self, config: Config) -> frozenset[int]:
        return frozenset(config.to_stages)

    def summary(self, config: Config, words: Words) -> str:
        if config.to_stages and config.from_stages:
            return words(
                N_("when %(record)s goes from %(old)s to %(new)s"),
                record=words.record(),
                old=_named(config.from_stages, words),
                new=_named(config.to_stages, words),
            )
        if config.to_stages:
            return words(
                N_("when %(record)s moves to %(stage)s"), record=words.record(), stage=_named(config.to_stages, words)
            )
        if config.from_stages:
            return words(
                N_("when %(record)s leaves %(stage)s"), record=words.record(), stage=_named(config.from_stages, words)
            )
        return words(N_("when %(record)s changes stage"), record=words.record())


def _named(stages: tuple[int, ...], words: Words) -> str:
    return words.listing([words.quoted(words.stage(stage)) for stage in stages], "or")


TYPE = StageChanged()
