"""One run with everything that it did and is going to do: what the side panel shows (RUN-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import ValidationError

from rouage.accounts.models import Member
from rouage.automations.access import access_run
from rouage.automations.definition import DefinitionIn, NotRunnable, StepIn, TypeIn, parse
from rouage.automations.explain import Explanation, explain
from rouage.automations.models import Call, Run, Step
from rouage.automations.names import Names, names_of
from rouage.automations.phrases import Phrases
from rouage.automations.queries.runs import RunRow, action_label, rows_of
from rouage.automations.registry import ACTIONS
from rouage.automations.sentence import action_clause, phrases_for, sentence, step_clause
from rouage.automations.verbs import verb_label
from rouage.journal.models import Entry
from rouage.mail import reasons as mail_reasons
from rouage.mail.models import Message, Recipient
from rouage.planner.model import OPEN
from rouage.records.kinds import KINDS

_ENTRIES = 500
_ICON = "circle-question-mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientView:
    """``state`` is a RecipientState; ``reason`` and ``advice`` say why it did not arrive, ``diagnostic`` verbatim."""

    name: str
    address: str
    role: str
    state: str
    state_at: datetime
    reason: str
    advice: str
    diagnostic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    id: int
    subject: str
    text: str
    html: str
    language: str
    status: str
    sent_at: datetime | None
    recipients: tuple[RecipientView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """``answer``: status, headers, the beginning of the body, milliseconds."""

    id: int
    method: str
    url: str
    body: str
    status: str
    attempt: int
    ended_at: datetime | None
    answer: Mapping[str, Any]
    explanation: Explanation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One try of one step as it was run. ``summary`` is a clause, ``config`` the settings that it had."""

    position: int
    attempt: int
    action: str
    label: str
    icon: str
    summary: str
    config: Mapping[str, Any]
    status: str
    planned_at: datetime | None
    started_at: datetime
    ended_at: datetime | None
    result: Mapping[str, Any]
    explanation: Explanation | None
    message: MessageView | None
    call: CallView | None

    @property
    def has_failed(self) -> bool:
        return self.status == "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedView:
    """A step that has not come yet; only the next one has a date."""

    position: int
    action: str
    label: str
    icon: str
    summary: str
    planned_at: datetime | None = None
    due_at: datetime | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One line of the run's journal. ``note``: what the person wrote beside it."""

    verb: str
    label: str
    actor_kind: str
    actor: str
    at: datetime
    position: int | None
    explanation: Explanation | None
    note: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """``explanation``: why the run ended or waits. ``relaunched_as``: the runs that took it up."""

    run: RunRow
    sentence: str
    explanation: Explanation | None
    steps: tuple[StepView, ...]
    planned: tuple[PlannedView, ...]
    entries: tuple[EntryView, ...]
    relaunched_as: tuple[int, ...]
    facts: Mapping[str, Any]


def timeline(member: Member, run_id: int) -> Timeline:
    """The run, in the current language; a fixed number of queries. Raises NotFound, Refused."""
    run = access_run(member, run_id)
    (row,) = rows_of(member, [run.pk])
    names = names_of(member.organisation_id)
    definition = _definition(run)
    phrases = phrases_for(definition, names) if definition else Phrases(KINDS[run.kind], names)
    return Timeline(
        run=row,
        sentence=sentence(definition, get_language() or "fr", names) if definition else "",
        explanation=explain(run.outcome, run.kind, names),
        steps=_steps(run, phrases, names),
        planned=_planned(run, definition, phrases, names),
        entries=_entries(run, names),
        relaunched_as=_successors(run),
        facts=run.facts,
    )


def _definition(run: Run) -> DefinitionIn | None:
    """None when it was written by a version of the product, or with a type, that is gone."""
    try:
        return parse(run.version.definition)
    except NotRunnable:
        return None


def _successors(run: Run) -> tuple[int, ...]:
    runs = Run.objects.filter(
        organisation_id=run.organisation_id, kind=run.kind, record_id=run.record_id, relaunched_from=run.pk
    )
    return tuple(runs.order_by("id").values_list("id", flat=True))


def _steps(run: Run, phrases: Phrases, names: Names) -> tuple[StepView, ...]:
    messages, calls = _messages(run), _calls(run, names)
    found = Step.objects.filter(run_id=run.pk).order_by("position", "attempt")
    views = []
    for step in found:
        action = ACTIONS.get(step.action)
        # The last try of a step has its message and its call.
        views.append(
            StepView(
                position=step.position,
                attempt=step.attempt,
                action=step.action,
                label=action_label(step.action),
                icon=action.icon if action else _ICON,
                summary=_summary(step, phrases),
                config=step.config,
                status=step.status,
                planned_at=step.planned_at,
                started_at=step.started_at,
                ended_at=step.ended_at,
                result=step.result or {},
                explanation=explain(step.reason, run.kind, names),
                message=messages.get(step.position),
                call=calls.get(step.position),
            )
        )
    return tuple(views)


def _summary(step: Step, phrases: Phrases) -> str:
    return action_clause(StepIn(action=TypeIn(type=step.action, config=step.config)), phrases)


def _messages(run: Run) -> dict[int, MessageView]:
    found = list(Message.objects.filter(run_id=run.pk).order_by("id"))
    recipients: dict[int, list[RecipientView]] = defaultdict(list)
    for recipient in Recipient.objects.filter(message_id__in=[message.pk for message in found]).order_by("id"):
        recipients[recipient.message_id].append(_recipient(recipient))
    return {
        message.position: MessageView(
            id=message.pk,
            subject=message.subject,
            text=message.text,
            html=message.html,
            language=message.language,
            status=message.status,
            sent_at=message.sent_at,
            recipients=tuple(recipients[message.pk]),
        )
        for message in found
        if message.position is not None
    }


def _recipient(recipient: Recipient) -> RecipientView:
    return RecipientView(
        name=recipient.name,
        address=recipient.address,
        role=recipient.role,
        state=recipient.state,
        state_at=recipient.state_at,
        reason=mail_reasons.sentence(recipient.reason),
        advice=mail_reasons.advice(recipient.reason),
        diagnostic=recipient.diagnostic,
    )


def _calls(run: Run, names: Names) -> dict[int, CallView]:
    return {
        call.position: CallView(
            id=call.pk,
            method=call.method,
            url=call.url,
            body=call.body,
            status=call.status,
            attempt=call.attempt,
            ended_at=call.ended_at,
            answer=call.answer or {},
            explanation=explain(call.reason, run.kind, names),
        )
        for call in Call.objects.filter(run_id=run.pk).order_by("id")
    }


def _planned(run: Run, definition: DefinitionIn | None, phrases: Phrases, names: Names) -> tuple[PlannedView, ...]:
    """What an open run has before it; a run whose step is under way shows it among its steps."""
    if definition is None or run.status not in OPEN:
        return ()
    first = run.position + 1 if run.status == "running" else run.position
    views = [_trigger(run, names)] if run.position < 0 else []
    for position in range(max(first, 0), len(definition.steps)):
        step = definition.steps[position]
        action = ACTIONS.get(step.action.type)
        view = PlannedView(
            position=position,
            action=step.action.type,
            label=action_label(step.action.type),
            icon=action.icon if action else _ICON,
            summary=_clause(step, phrases),
        )
        views.append(_dated(view, run, names) if position == run.position else view)
    return tuple(views)


def _trigger(run: Run, names: Names) -> PlannedView:
    view = PlannedView(
        position=-1,
        action="",
        label=_("The date of the trigger"),
        icon="calendar-clock",
        summary=_("check the conditions"),
    )
    return _dated(view, run, names)


def _dated(view: PlannedView, run: Run, names: Names) -> PlannedView:
    return PlannedView(
        position=view.position,
        action=view.action,
        label=view.label,
        icon=view.icon,
        summary=view.summary,
        planned_at=run.planned_at,
        due_at=run.due_at,
        explanation=explain(run.outcome, run.kind, names),
    )


def _clause(step: StepIn, phrases: Phrases) -> str:
    try:
        return step_clause(step, phrases)
    except (ValidationError, KeyError):
        return "…"


def _entries(run: Run, names: Names) -> tuple[EntryView, ...]:
    found = Entry.objects.filter(run_id=run.pk).order_by("at", "id")[:_ENTRIES]
    return tuple(
        EntryView(
            verb=entry.verb,
            label=verb_label(entry.verb),
            actor_kind=entry.actor_kind,
            actor=entry.actor_label,
            at=entry.at,
            position=entry.data.get("position"),
            explanation=explain(entry.data.get("reason"), run.kind, names),
            note=str(entry.data.get("note", "")),
            data=entry.data,
        )
        for entry in found
    )
