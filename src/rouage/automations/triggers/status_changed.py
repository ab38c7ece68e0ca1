"""The trigger "status changed"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from rouage.automations.shapes import Strict
from rouage.automations.types import Fact, Trigger, Words
from rouage.planner.model import Event, Snapshot
from rouage.planner.operators import FieldType
from rouage.planner.words import N_


class StatusChanged(Trigger):
    key = "status_changed"
    label = N_("Status changed")
    help = N_(
        "Triggers when the status of a record changes: from any status to any other, or only between those named."
    )
    icon = "arrow-right"
    kinds = frozenset({"quote", "invoice", "event", "intervention", "contract", "opportunity"})
    facts = (
        Fact(name="from", label=N_("Former status"), type=FieldType.CHOICE, like="status"),
        Fact(name="to", label=N_("New status"), type=FieldType.CHOICE, like="status"),
    )
    example = {"to_statuses": ["sent"]}

    class Config(Strict):
        from_statuses: tuple[str, ...] = Field(
            default=(),
            title=N_("From which status"),
            description=N_("No choice means any status."),
            json_schema_extra={"widget": "statuses"},
        )
        to_statuses: tuple[str, ...] = Field(
            default=(),
            title=N_("To which status"),
            description=N_("No choice means any status."),
            json_schema_extra={"widget": "statuses"},
        )

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset({f"{kind}.status_changed"})

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        old, new = event.payload.get("from"), event.payload.get("to")
        if config.from_statuses and old not in config.from_statuses:
            return None
        if config.to_statuses and new not in config.to_statuses:
            return None
        return {"from": old, "to": new}

    def holds(self, config: Config, snapshot: Snapshot) -> bool:
        return not config.to_statuses or snapshot.get("status") in config.to_statuses

    def statuses(self, config: Config) -> frozenset[str]:
        return frozenset(config.to_statuses)

    def summary(self, config: Config, words: Words) -> str:
        if config.to_statuses and config.from_statuses:
            return words(
                N_("when %(record)s goes from %(old)s to %(new)s"),
                record=words.record(),
                old=_named(config.from_statuses, words),
                new=_named(config.to_statuses, words),
            )
        if config.to_statuses:
            return words(
                N_("when %(record)s is %(status)s"), record=words.record(), status=_inside(config.to_statuses, words)
            )
        if config.from_statuses:
            return words(
                N_("when %(record)s is no longer %(status)s"),
                record=words.record(),
                status=_inside(config.from_statuses, words),
            )
        return words(N_("when the status of %(record)s changes"), record=words.record())


def _inside(statuses: tuple[str, ...], words: Words) -> str:
    return words.listing([words.status(status) for status in statuses], "or")


def _named(statuses: tuple[str, ...], words: Words) -> str:
    return words.listing([words.quoted(words.value(words.kind, "status", status)) for status in statuses], "or")


TYPE = StatusChanged()
