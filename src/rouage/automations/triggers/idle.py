"""The trigger "no activity": a record that nobody has touched for some days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from rouage.automations.shapes import LocalTime, Strict
from rouage.automations.types import Trigger, Words
from rouage.planner.model import Around, Event, Snapshot, Timing, Unit
from rouage.planner.words import N_

_ACTIVITY = ("created", "changed", "status_changed", "stage_changed")


class Idle(Trigger):
    """Each change moves the date that the run waits for; after it has run, the next change starts it anew."""

    key = "idle"
    label = N_("No activity")
    help = N_("Triggers when nobody has changed a record for a number of days.")
    icon = "hourglass"
    example_kind = "opportunity"
    example = {"days": 21}

    class Config(Strict):
        days: int = Field(ge=1, le=3660, title=N_("Days without activity"))
        at: LocalTime | None = Field(
            default=None,
            title=N_("At what time"),
            description=N_("Local time. Without it: the time of the last change."),
            json_schema_extra={"widget": "time"},
        )

    def listens(self, config: Config, kind: str) -> frozenset[str]:
        return frozenset(f"{kind}.{what}" for what in _ACTIVITY)

    def matches(self, config: Config, event: Event, snapshot: Snapshot) -> Mapping[str, Any] | None:
        return {} if snapshot else None

    def starts(self, config: Config) -> Timing:
        # "run": a record that was idle for longer already is just what is looked for.
        return Around(
            field="last_activity_at", amount=config.days, unit=Unit.DAYS, direction="after", at=config.at, past="run"
        )

    def summary(self, config: Config, words: Words) -> str:
        return words.plural(
            N_("after %(number)s day without activity on %(record)s"),
            N_("after %(number)s days without activity on %(record)s"),
            config.days,
            record=words.record(),
        )


TYPE = Idle()
