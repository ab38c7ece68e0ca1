"""The trigger "date reached": before, on or after a date of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from rouage.automations.shapes import LocalTime, Strict
from rouage.automations.types import Trigger, Words
from rouage.planner.model import Around, Event, Snapshot, Timing, Unit
from rouage.planner.words import N_

_DATES_MOVE = ("created", "changed", "status_changed", "stage_changed")


class DateReached(Trigger):
    """Its run waits from the moment that the record has the date, so that people see it coming; it follows the date."""

    key = "date_reached"
    label = N_("Date reached")
    help = N_(
        "Triggers a number of days before or after a date of the record. The run is planned as soon as the record has "
        "that date; the conditions are looked at when it comes."
    )
    icon = "calendar-clock"
    example_kind = "invoice"
    example = {"field": "due_date", "amount": 7, "direction": "after", "at": "09:00"}

    class Config(Strict):
        amount: int = Field(default=0, ge=0, le=3660, title=N_("How many"))
        unit: Unit = Field(default=Unit.DAYS, title=N_("Unit"), json_schema_extra={"widget": "unit"})
        direction: Literal["before", "after"] = Field(
            default="before",
            title=N_("Before or after"),
            json_schema_extra={"labels": {"before": N_("before"), "after": N_("after")}},
        )
        field: str = Field(title=N_("Date"), json_schema_extra={"widget": "date_field"})
        at: LocalTime | None = Field(
            default=None,
            title=N_("At what time"),
            description=N_("Local time. Without it: when the sending hours open, or the time of the date itself."),
            json_schema_extra={"widget": "time"},
        )
        past: Literal["skip", "run"] = Field(
            default="skip",
            title=N_("If this date has already passed"),
            json_schema_extra={"labels": {"skip": N_("Do not start, and note why"), "run": N_("Act at once")}},
        )

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset(f"{kind}.{what}" for what in _DATES_MOVE)

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        if snapshot.get(config.field) is None:
            return None
        if event.type.endswith(".created") or config.field in event.payload.get("changes", ()):
            return {}
        return None

    def starts(self, config: Config) -> Timing:
        return Around(
            field=config.field,
            amount=config.amount,
            unit=config.unit,
            direction=config.direction,
            at=config.at,
            past=config.past,
        )

    def summary(self, config: Config, words: Words) -> str:
        return words(N_("%(delay)s of %(record)s"), delay=words.delay(self.starts(config)), record=words.record())


TYPE = DateReached()
