"""Small planner values for tests: a Wednesday morning in Paris, and parts of definitions with sensible defaults."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rouage.planner.calendar import Calendar
from rouage.planner.model import (
    ALWAYS,
    NEVER,
    Around,
    Definition,
    Event,
    Group,
    Immediately,
    Later,
    PlannedStep,
    Published,
    Run,
    RunStatus,
    Test,
    Timing,
    Tree,
    Unit,
)

PARIS = ZoneInfo("Europe/Paris")
CALENDAR = Calendar(PARIS)
NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)  # Wednesday, 10:00 in Paris
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def paris(text: str) -> datetime:
    """A local time as UTC; only for times that exist once."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def row(field: str, operator: str, value: Any = None) -> Test:
    return Test(field=field, operator=operator, value=value)


def every(*of: Tree) -> Group:
    return Group(mode="all", of=of)


def some(*of: Tree) -> Group:
    return Group(mode="any", of=of)


def none(*of: Tree) -> Group:
    return Group(mode="none", of=of)


def later(amount: int, unit: Unit = Unit.DAYS, at: time | None = None) -> Later:
    return Later(amount=amount, unit=unit, at=at)


def around(amount: int, direction: str = "before", field: str = "due_date", **rest: Any) -> Around:
    return Around(field=field, amount=amount, unit=rest.pop("unit", Unit.DAYS), direction=direction, **rest)


def step(timing: Timing | None = None, when: Tree = ALWAYS, **rest: Any) -> PlannedStep:
    given = {"action": "create_task", "config": None, "text": "{}", **rest}
    return PlannedStep(timing=timing or Immediately(), when=when, **given)


def definition(*steps: PlannedStep, **rest: Any) -> Definition:
    given: dict[str, Any] = {
        "kind": "invoice",
        "trigger": "status_changed",
        "trigger_config": None,
        "listens": frozenset({"invoice.status_changed"}),
        "starts": None,
        "conditions": ALWAYS,
        "stop": NEVER,
        "steps": steps,
    }
    return Definition(**{**given, **rest})


def published(planned: Definition, automation_id: int = 1, version_id: int = 10) -> Published:
    return Published(automation_id=automation_id, version_id=version_id, definition=planned)


def event(**rest: Any) -> Event:
    given: dict[str, Any] = {
        "id": 1,
        "organisation_id": 1,
        "type": "invoice.status_changed",
        "kind": "invoice",
        "record_id": 7,
        "payload": {"from": "draft", "to": "sent"},
        "cause": (),
        "occurred_at": NOW,
    }
    return Event(**{**given, **rest})


def waiting(position: int = 0, at: datetime = NOW, **rest: Any) -> Run:
    """A run that entered its position at NOW and is due ``at``."""
    given: dict[str, Any] = {"entered_at": NOW, "planned_at": at, "due_at": at}
    return Run(status=RunStatus.WAITING, position=position, **{**given, **rest})


SNAPSHOT: dict[str, Any] = {"status": "sent", "due_date": date(2026, 11, 30), "client.name": "Durand", "amount": None}
