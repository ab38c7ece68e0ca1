"""Collects what a batch decided as rows, and writes them with one statement for each table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rouage.accounts import notifications
from rouage.accounts.notifications import NewNotification
from rouage.automations.calls import NewCall
from rouage.automations.context import Effect
from rouage.automations.held import GUARD, Held, Row
from rouage.automations.models import Call, Evaluation, Run, Step
from rouage.journal import bulk
from rouage.journal.actors import ActorKind
from rouage.journal.append import append_entries, cause_text, json_text
from rouage.mail import outbox
from rouage.mail.outbox import NewMessage
from rouage.planner import model as plan
from rouage.planner.model import Link, Pass, Reason, RunStatus
from rouage.planner.reasons import Why, to_json
from rouage.records import effects

NEW_RUN = (
    "id", "organisation_id", "automation_id", "version_id", "kind", "record_id", "client_id", "label", "event_id",
    "cause", "facts", "status", "hold", "position", "entered_at", "planned_at", "due_at", "remaining", "attempt",
    "outcome", "triggered_at", "last_action", "last_action_at",
)  # fmt: skip
MOVED = (
    "status", "hold", "position", "entered_at", "planned_at", "due_at", "remaining", "attempt", "outcome",
    "last_action", "last_action_at",
)  # fmt: skip
STEP = (
    "organisation_id", "run_id", "position", "attempt", "action", "config", "status", "planned_at", "started_at",
    "ended_at", "result", "reason",
)  # fmt: skip
CALL = (
    "organisation_id", "run_id", "position", "automation_id", "kind", "record_id", "cause", "idempotency_key", "method",
    "url", "headers", "body", "status", "due_at", "attempt", "created_at",
)  # fmt: skip
EVALUATION = (
    "organisation_id", "automation_id", "version_id", "kind", "record_id", "event_id", "event_type", "reason", "at",
)  # fmt: skip

_RUN = ActorKind.RUN.value
_POSITION, _STATUS, _REASON = (STEP.index(name) for name in ("position", "status", "reason"))


def reason_text(reason: Reason) -> str:
    return json.dumps(to_json(reason), ensure_ascii=False)


def _explained(position: int, reason: Reason) -> str:
    return f'{{"position": {position}, "reason": {reason_text(reason)}}}'


@dataclass(slots=True, eq=False)
class Decided:
    """What became of one run: its next state, and the rows that tell of it. ``note`` is why it waits or ended.

    ``act`` is where in ``steps`` the action stands that ``effects`` belong to.
    """

    held: Held
    state: plan.Run
    name: str
    now: datetime
    steps: list[Row] = field(default_factory=list)
    entries: list[Row] = field(default_factory=list)
    effects: tuple[Effect, ...] = ()
    act: int = 0
    note: Reason | None = None
    last_action: str = ""
    last_action_at: datetime | None = None

    def say(self, verb: str, data: str) -> None:
        """A line of the journal; ``data`` is JSON text."""
        self.entries.append(self._entry(verb, data))

    def explain(self, verb: str, position: int, reason: Reason) -> None:
        self.say(verb, _explained(position, reason))

    def _entry(self, verb: str, data: str) -> Row:
        held = self.held
        return (
            held.organisation_id, verb, _RUN, held.id, self.name, held.id, held.kind, held.record_id, data,
            self.now,
        )  # fmt: skip

    def leave_out(self, passed: Iterable[Pass], definition: plan.Definition) -> None:
        """Journal steps that were left out, the one in hand or later ones that were never reached."""
        for left in passed:
            step = definition.steps[left.position]
            own = left.position == self.held.state.position
            attempt, planned = (self.held.tries + 1, self.held.state.planned_at) if own else (1, None)
            self.steps.append(
                (self.held.organisation_id, self.held.id, left.position, attempt, step.action, step.text, "skipped",
                 planned, self.now, self.now, None, reason_text(left.reason))
            )  # fmt: skip
            missed = left.reason.code == Why.STEP_MISSED
            self.explain("step.missed" if missed else "step.skipped", left.position, left.reason)

    def move_to(self, state: plan.Run, moved: Reason | None) -> None:
        """``moved``: the next step is planned outside the sending window."""
        self.state = state
        if state.status is RunStatus.FINISHED:
            self.say("run.finished", "{}")
        if moved is not None:
            self.note = moved
            self.explain("run.postponed", state.position, moved)

    def end(self, reason: Reason) -> None:
        """The state says how: cancelled or failed."""
        self.note = reason
        self.explain(f"run.{self.state.status.value}", self.state.position, reason)

    def new_row(self, event: plan.Event, facts: str) -> Row:
        """For NEW_RUN; ``facts`` is JSON text."""
        held, state = self.held, self.state
        return (
            held.id, held.organisation_id, held.automation_id, held.version_id, held.kind, held.record_id,
            held.client_id, held.label, held.event_id, cause_text(event.cause) if event.cause else "[]", facts,
            *_columns(state), self._note(), min(event.occurred_at, self.now), self.last_action, self.last_action_at,
        )  # fmt: skip

    def moved_row(self) -> Row:
        """The id, GUARD and MOVED."""
        return (*self.held.guard, *_columns(self.state), self._note(), self.last_action, self.last_action_at)

    def refused(self, reason: Reason) -> Row:
        """The records would not have what the action wanted, as when somebody else was first: the step says so."""
        row = list(self.steps[self.act])
        row[_STATUS], row[_REASON] = "skipped", reason_text(reason)
        self.steps[self.act] = tuple(row)
        return self._entry("step.skipped", _explained(row[_POSITION], reason))

    def _note(self) -> str | None:
        return None if self.note is None else reason_text(self.note)


def _columns(state: plan.Run) -> Row:
    # Not .value: that is a Python call for each of them.
    return (
        state.status._value_, state.hold._value_, state.position, state.entered_at, state.planned_at, state.due_at,
        state.remaining, state.attempt,
    )  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """All rows of one batch. ``now`` is when it was decided."""

    now: datetime
    begun: list[Decided] = field(default_factory=list)
    moved: list[Decided] = field(default_factory=list)
    new_runs: list[Row] = field(default_factory=list)
    evaluations: list[Row] = field(default_factory=list)

    def write(self) -> list[Decided]:
        """Write everything; answer those that came to pass: what somebody else changed meanwhile leaves no trace."""
        # The fence goes first: of what we no longer hold, no step, no task and no message may be written.
        ours = bulk.update(Run, GUARD, MOVED, [decided.moved_row() for decided in self.moved])
        real = [*(decided for decided in self.moved if decided.held.id in ours), *self.begun]
        bulk.insert(Run, NEW_RUN, self.new_runs)
        append_entries([row for decided in real for row in decided.entries])
        self._write_effects(real)
        bulk.insert(Step, STEP, [row for decided in real for row in decided.steps])
        bulk.insert(Evaluation, EVALUATION, self.evaluations)
        return real

    def _write_effects(self, real: Sequence[Decided]) -> None:
        messages: list[NewMessage] = []
        calls: list[NewCall] = []
        told: list[NewNotification] = []
        changes: dict[Any, Decided] = {}
        for decided in real:
            for effect in decided.effects:
                match effect:
                    case NewMessage():
                        messages.append(effect)
                    case NewCall():
                        calls.append(effect)
                    case NewNotification():
                        told.append(effect)
                    case _:
                        changes[effect] = decided
        outbox.queue(messages, self.now)
        bulk.insert(Call, CALL, [_call_row(call, self.now) for call in calls])
        notifications.write(told, self.now)
        if changes:
            refused = effects.write(list(changes), now=self.now)
            append_entries([changes[change].refused(reason) for change, reason in refused.items()])


def _call_row(call: NewCall, now: datetime) -> Row:
    return (
        call.organisation_id, call.run_id, call.position, call.automation_id, call.kind, call.record_id,
        cause_text(call.cause), call.idempotency_key, call.method, call.url, json_text(dict(call.headers)), call.body,
        "queued", now, 0, now,
    )  # fmt: skip


def link(held: Held) -> Link:
    return Link(run_id=held.id, automation_id=held.automation_id, kind=held.kind, record_id=held.record_id)
