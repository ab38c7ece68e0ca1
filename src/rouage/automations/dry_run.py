"""Tries an automation on a real record: what it would do, when, to whom, in which words. Changes nothing (AUT-13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext

from rouage.accounts.calendars import calendar_of
from rouage.accounts.models import Member
from rouage.automations import surroundings
from rouage.automations.candidates import Candidate
from rouage.automations.candidates import hit_today as find_hits
from rouage.automations.context import ActionContext, Effect, Outcome
from rouage.automations.definition import DefinitionIn, compile_definition, settled
from rouage.automations.explain import Explanation, explain
from rouage.automations.names import Names, names_of
from rouage.automations.phrases import Phrases
from rouage.automations.problems import Problem
from rouage.automations.queries.runs import action_label
from rouage.automations.registry import ACTIONS, OPERATORS, TRIGGERS
from rouage.automations.scope import scope_of
from rouage.automations.sentence import phrases_for, sentence, step_clause, trigger_clause
from rouage.automations.surroundings import Surroundings
from rouage.automations.validation import problems
from rouage.mail import history
from rouage.mail.outbox import NewMessage
from rouage.planner import conditions
from rouage.planner.advance import Completed, Entered, advance, complete, enter, enter_trigger
from rouage.planner.calendar import Calendar
from rouage.planner.model import (
    TRIGGER,
    Act,
    Begin,
    Definition,
    Done,
    Failed,
    Link,
    Move,
    Pass,
    Postpone,
    Reason,
    Result,
    Run,
    RunStatus,
    Snapshot,
    Started,
    Stop,
    Tree,
)
from rouage.planner.reasons import Why
from rouage.planner.throttle import Throttle
from rouage.records import snapshot
from rouage.records.access import access_record
from rouage.records.effects import FieldChange, StatusChange

_MOVES = 400  # of one simulated run; a run of fifty steps with its postponements stays far below


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """One row of a condition with what was read; ``value`` None: nobody can know, ``why`` says why.

    ``mode`` is that of its group, ``depth`` how deep the group lies.
    """

    field: str
    operator: str
    wanted: str
    found: str
    value: bool | None
    why: str
    mode: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMessage:
    """An e-mail as it would be sent; ``to``: (name, address)."""

    to: tuple[tuple[str, str], ...]
    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStep:
    """``status``: planned, skipped, failed, stopped. ``due_at`` differs from ``planned_at`` when it was moved."""

    position: int
    action: str
    label: str
    icon: str
    summary: str
    status: str
    planned_at: datetime | None
    due_at: datetime | None
    explanation: Explanation | None = None
    message: RenderedMessage | None = None
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """``problems``: why it cannot be published yet; with some it cannot be tried at all, and the rest is empty.

    ``matches``: whether the record is in the state that the trigger speaks of. ``holds``: what the conditions say.
    """

    record: str
    sentence: str
    problems: tuple[Problem, ...]
    trigger: str = ""
    matches: bool = False
    starts_at: datetime | None = None
    not_started: Explanation | None = None
    holds: bool | None = None
    conditions: tuple[ConditionRow, ...] = ()
    stops: tuple[ConditionRow, ...] = ()
    steps: tuple[SimulatedStep, ...] = ()
    ends_at: datetime | None = None


def simulate(member: Member, stored: Any, record_id: int, *, now: datetime) -> Simulation:  # noqa: ANN401 -- JSON
    """Try a definition (a draft or a version, as JSON) on a record, as if its trigger fired now.

    In the current language. Raises NotFound for a record of another organisation, Refused without the privilege.
    """
    scope = scope_of(member.organisation_id)
    found = problems(stored, scope)
    if found:
        return Simulation(record="", sentence="", problems=tuple(found))
    definition = settled(DefinitionIn.model_validate(stored), scope.stages)
    access_record(member, definition.kind, record_id)
    return _Trial(member, definition, record_id, now).simulation()


def hit_today(member: Member, stored: Any, *, now: datetime, limit: int = 100) -> list[Candidate]:  # noqa: ANN401 -- JSON
    """The records on which it would do something today if it were switched on for existing ones too."""
    compiled = compiled_draft(member.organisation_id, stored)
    if compiled is None:
        return []
    return find_hits(member.organisation_id, compiled, now=now, limit=limit)


def compiled_draft(organisation_id: int, stored: Any) -> Definition | None:  # noqa: ANN401 -- JSON
    """A draft as it would run if it were published now; None when it cannot be."""
    scope = scope_of(organisation_id)
    if problems(stored, scope):
        return None
    return compile_definition(settled(DefinitionIn.model_validate(stored), scope.stages))


class _Trial:
    """One definition, one record, and a clock that jumps from step to step."""

    def __init__(self, member: Member, definition: DefinitionIn, record_id: int, now: datetime) -> None:
        organisation_id = member.organisation_id
        self.definition = definition
        self.compiled: Definition = compile_definition(definition)
        self.reference = (definition.kind, record_id)
        self.facts: Snapshot = snapshot.take([self.reference])[self.reference]
        self.calendar: Calendar = calendar_of(organisation_id)
        self.around: Surroundings = surroundings.load([organisation_id])[organisation_id]
        self.names: Names = names_of(organisation_id)
        self.phrases: Phrases = phrases_for(definition, self.names)
        self.throttle = self._reminders(organisation_id, now)
        self.now = now
        self.results: dict[int, Result] = {}

    def _reminders(self, organisation_id: int, now: datetime) -> Throttle:
        client_id, limits = self.facts.get("client.id"), self.compiled.limits
        if client_id is None:
            return Throttle()
        span = max(limits.gap or timedelta(), limits.period)
        return Throttle(history.reminders_sent(organisation_id, [client_id], now - span).get(client_id, ()))

    def simulation(self) -> Simulation:
        begun = self._begin()
        run = None if isinstance(begun, Reason) else begun.run
        steps = () if isinstance(begun, Reason) else tuple(self._play(begun))
        ends = [step.due_at for step in steps if step.due_at is not None]
        return Simulation(
            record=str(self.facts["label"]),
            sentence=sentence(self.definition, get_language() or "fr", self.names),
            problems=(),
            trigger=trigger_clause(self.definition, self.phrases),
            matches=TRIGGERS[self.compiled.trigger].holds(self.compiled.trigger_config, self.facts),
            starts_at=run.due_at if run else None,
            not_started=self._explain(begun) if isinstance(begun, Reason) else None,
            holds=self._verdict(self.compiled.conditions).value,
            conditions=tuple(self._rows(self.compiled.conditions)),
            stops=tuple(self._rows(self.compiled.stop)),
            steps=steps,
            ends_at=max(ends, default=None),
        )

    def _begin(self) -> Entered | Reason:
        """The run as the trigger would start it; a date trigger's waits, and looks at its conditions then."""
        if self.compiled.starts is not None:
            return enter_trigger(self.compiled, self.now, self.facts, self.calendar, reached=self.now)
        verdict = self._verdict(self.compiled.conditions)
        if verdict.value is not True:
            return verdict.because(_START[verdict.value])
        return enter(self.compiled, 0, self.now, self.facts, self.calendar)

    def _verdict(self, tree: Tree) -> conditions.Verdict:
        return conditions.evaluate(tree, self.facts, self.calendar.local(self.now))

    def _play(self, begun: Entered) -> Iterator[SimulatedStep]:
        """Each move at the moment when it is due, with the facts that the record has now."""
        for left in begun.passed:
            yield self._step(left.position, "skipped", None, left.reason)
        run = begun.run
        for _ in range(_MOVES):
            if run.due_at is None:
                if run.status is RunStatus.WAITING:
                    yield self._step(run.position, "planned", run, None)
                return
            at = max(run.due_at, self.now)
            move = advance(self.compiled, run, self.facts, at, self.calendar, self.throttle)
            if move is None:
                return
            yield from self._tell(move, run, at)
            if isinstance(move.effect, Stop):
                return
            after = self._after(move, at)
            for left in after.passed:
                yield self._step(left.position, "skipped", None, left.reason)
            run = after.run

    def _tell(self, move: Move, run: Run, at: datetime) -> Iterator[SimulatedStep]:
        match move.effect:
            case Act(position=position):
                yield self._act(position, run, at)
            case Pass(position=position, reason=reason):
                yield self._step(position, "skipped", run, reason)
            case Stop(reason=reason):
                yield self._step(run.position, "stopped", run, reason)
            case Postpone() | Begin():
                pass
        for left in move.passed:
            yield self._step(left.position, "skipped", None, left.reason)

    def _act(self, position: int, run: Run, at: datetime) -> SimulatedStep:
        outcome = self._execute(position, at)
        message = next((effect for effect in outcome.effects if isinstance(effect, NewMessage)), None)
        failed = outcome.result.reason if isinstance(outcome.result, Failed) else None
        if self.compiled.steps[position].reminder and failed is None:
            self.throttle = self.throttle.also(at)
        self._apply(outcome.effects)
        step = self._step(position, "failed" if failed else "planned", run, failed or self._moved(run, at))
        return replace(step, due_at=at, message=_rendered(message), result=_told(outcome.result))

    def _moved(self, run: Run, at: datetime) -> Reason | None:
        """Why it would be done later than planned."""
        if run.planned_at is None or at <= max(run.planned_at, self.now):
            return None
        return Reason(code=Why.WINDOW, data={"planned": run.planned_at, "due": at})

    def _after(self, move: Move, at: datetime) -> Entered | Completed:
        """As if every effect outside succeeded."""
        if not isinstance(move.effect, Act):
            return Entered(move.run)
        outcome = self.results[move.effect.position]
        result: Result = Done() if isinstance(outcome, Started) else outcome
        return complete(self.compiled, move.run, result, self.facts, now=at, calendar=self.calendar)

    def _execute(self, position: int, at: datetime) -> Outcome:
        step = self.compiled.steps[position]
        context = ActionContext(
            organisation=self.around.organisation,
            calendar=self.calendar,
            members=self.around.members,
            templates=self.around.templates,
            run_id=0,
            automation_id=0,
            automation_name="",
            kind=self.reference[0],
            record_id=self.reference[1],
            position=position,
            attempt=1,
            snapshot=self.facts,
            cause=(Link(run_id=0, automation_id=0, kind=self.reference[0], record_id=self.reference[1]),),
            now=at,
        )
        outcome = ACTIONS[step.action].execute(step.config, context)
        self.results[position] = outcome.result
        return outcome

    def _apply(self, effects: tuple[Effect, ...]) -> None:
        """Let later steps see what this one would change."""
        for effect in effects:
            if isinstance(effect, StatusChange):
                self.facts = {**self.facts, "status": effect.status}
            elif isinstance(effect, FieldChange):
                self.facts = {**self.facts, effect.field: effect.value}

    def _step(self, position: int, status: str, run: Run | None, reason: Reason | None) -> SimulatedStep:
        own = run is not None and run.position == position
        if position == TRIGGER:
            action, label, icon = "", gettext("The date of the trigger"), "calendar-clock"
            summary = trigger_clause(self.definition, self.phrases)
        else:
            step = self.definition.steps[position]
            action, label = step.action.type, action_label(step.action.type)
            icon, summary = ACTIONS[action].icon, step_clause(step, self.phrases)
        return SimulatedStep(
            position=position,
            action=action,
            label=label,
            icon=icon,
            summary=summary,
            status=status,
            planned_at=run.planned_at if own and run else None,
            due_at=run.due_at if own and run else None,
            explanation=self._explain(reason),
        )

    def _explain(self, reason: Reason | None) -> Explanation | None:
        return explain(reason, self.reference[0], self.names)

    def _rows(self, tree: Tree) -> Iterator[ConditionRow]:
        trail = conditions.explain(tree, self.facts, self.calendar.local(self.now))
        yield from self._trail(trail, "all", 0)

    def _trail(self, trail: conditions.Trail, mode: str, depth: int) -> Iterator[ConditionRow]:
        if isinstance(trail, conditions.Branch):
            for inner in trail.of:
                yield from self._trail(inner, trail.mode, depth + 1)
            return
        test = trail.test
        kind, operator = self.reference[0], OPERATORS.get(test.operator)
        wanted = "" if test.value is None else self.phrases.value(kind, test.field, test.value)
        explained = None if trail.value is not None else self._explain(trail.reason)
        yield ConditionRow(
            field=self.phrases.field(kind, test.field),
            operator=gettext(operator.label) if operator else test.operator,
            wanted=wanted,
            found="" if trail.found is None else self.phrases.value(kind, test.field, trail.found),
            value=trail.value,
            why=explained.text if explained else "",
            mode=mode,
            depth=depth,
        )


_START = {False: Why.START_NOT_MET, None: Why.START_UNKNOWN}


def _rendered(message: NewMessage | None) -> RenderedMessage | None:
    if message is None:
        return None
    to = tuple((recipient.name, recipient.address) for recipient in message.recipients)
    return RenderedMessage(to=to, subject=message.subject, text=message.text, language=message.language)


def _told(result: Result) -> Mapping[str, Any]:
    return result.data if isinstance(result, Done | Started) else {}
