"""The shapes of answers and bodies. They are a promise: they do not follow the rooms below on their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from rouage.planner.model import Hold, Resume, RunStatus


class Place(Schema):
    """Where in a list: behind ``after`` (a page's ``next``), so many rows."""

    after: str = ""
    size: int = Field(default=50, ge=1, le=200)


class Explanation(Schema):
    """``code`` for programs, the sentences for people in the member's language."""

    code: str
    text: str
    advice: str = ""
    technical: str = ""


class Problem(Schema):
    where: str
    text: str


class Automation(Schema):
    id: int
    name: str
    kind: str
    sentence: str
    is_active: bool
    is_flooded: bool
    has_draft: bool
    version: int = Field(description="The published version's number; 0: none yet")
    owner: str


class AutomationDetail(Schema):
    id: int
    name: str
    kind: str
    is_active: bool
    definition: dict[str, Any] | None = Field(description="The published version, as JSON (schema Definition)")
    draft: dict[str, Any] | None
    draft_number: int
    draft_saved_at: datetime | None


class NewAutomation(Schema):
    name: str
    kind: str
    draft: dict[str, Any] = Field(default_factory=dict)


class Draft(Schema):
    definition: dict[str, Any]
    base: int | None = Field(default=None, description="The draft_number that was edited")


class Publication(Schema):
    waiting: Literal["finish", "move", "cancel"] = "finish"
    existing: int | None = Field(default=None, description="Take in this many records that match already")
    note: str = ""


class Published(Schema):
    version: int
    enrolled: int
    changed: int
    refused: int


class SwitchOn(Schema):
    resume: Resume = Resume.KEEP_DATES
    existing: int | None = None


class SwitchOff(Schema):
    runs: Literal["hold", "cancel"] = "hold"


class Switched(Schema):
    changed: int
    refused: int
    enrolled: int = 0


class Trial(Schema):
    """What to try: the record, and a definition if not the automation's draft or published version."""

    record_id: int
    definition: dict[str, Any] | None = None


class ConditionRow(Schema):
    field: str
    operator: str
    wanted: str
    found: str
    value: bool | None = Field(description="null: nobody can know; see why")
    why: str
    mode: str
    depth: int


class RenderedMessage(Schema):
    to: list[tuple[str, str]]
    subject: str
    text: str
    language: str


class SimulatedStep(Schema):
    position: int
    action: str
    label: str
    summary: str
    status: str
    planned_at: datetime | None
    due_at: datetime | None
    explanation: Explanation | None
    message: RenderedMessage | None


class Simulation(Schema):
    record: str
    sentence: str
    problems: list[Problem]
    trigger: str
    matches: bool
    starts_at: datetime | None
    not_started: Explanation | None
    holds: bool | None
    conditions: list[ConditionRow]
    stops: list[ConditionRow]
    steps: list[SimulatedStep]
    ends_at: datetime | None


class Candidate(Schema):
    kind: str
    record_id: int
    label: str
    due_at: datetime | None


class Run(Schema):
    id: int
    automation_id: int
    automation: str
    version: int
    kind: str
    record_id: int
    client_id: int | None
    label: str
    status: RunStatus
    hold: Hold
    position: int
    triggered_at: datetime
    planned_at: datetime | None
    due_at: datetime | None
    action: str
    last_action_at: datetime | None
    relaunched_from: int | None
    why: str


class RunPage(Schema):
    runs: list[Run]
    next: str | None = Field(description="Ask for the following page with ?after=")


class Recipient(Schema):
    name: str
    address: str
    role: str
    state: str
    state_at: datetime
    reason: str
    advice: str
    diagnostic: str


class Message(Schema):
    subject: str
    text: str
    status: str
    sent_at: datetime | None
    recipients: list[Recipient]


class Call(Schema):
    method: str
    url: str
    body: str
    status: str
    attempt: int
    ended_at: datetime | None
    answer: dict[str, Any]
    explanation: Explanation | None


class Step(Schema):
    position: int
    attempt: int
    action: str
    label: str
    summary: str
    config: dict[str, Any]
    status: str
    planned_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    explanation: Explanation | None
    message: Message | None
    call: Call | None


class PlannedStep(Schema):
    position: int
    action: str
    label: str
    summary: str
    planned_at: datetime | None
    due_at: datetime | None
    explanation: Explanation | None


class Entry(Schema):
    verb: str
    label: str
    actor: str
    at: datetime
    explanation: Explanation | None
    note: str


class Timeline(Schema):
    run: Run
    sentence: str
    explanation: Explanation | None
    steps: list[Step]
    planned: list[PlannedStep]
    entries: list[Entry]
    relaunched_as: list[int]


class Ask(Schema):
    """Runs to act on, and a note for the journal."""

    runs: list[int] = Field(min_length=1, max_length=10_000)
    note: str = ""


class Pause(Ask):
    until: datetime | None = None


class ResumeRuns(Ask):
    mode: Resume = Resume.KEEP_DATES


class Relaunch(Ask):
    origin: Literal["failed_step", "start"] | int = "failed_step"
    on: Literal["own", "current"] = "own"
    repeat: bool = Field(default=False, description="Send e-mails again that have left already")


class RefusedRun(Schema):
    run: int
    code: str
    text: str


class Acted(Schema):
    done: list[int]
    refused: list[RefusedRun]


class Relaunched(Schema):
    done: dict[int, int] = Field(description="The new run of each old one")
    refused: list[RefusedRun]


class Evaluation(Schema):
    id: int
    automation_id: int
    automation: str
    kind: str
    record_id: int
    event_type: str
    at: datetime
    explanation: Explanation | None


class EvaluationPage(Schema):
    evaluations: list[Evaluation]
    next: str | None
