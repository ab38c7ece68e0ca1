"""Decides one run's move on fresh facts: what the planner says, and what the action of its step comes to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rouage.automations.context import ActionContext
from rouage.automations.context import Outcome as ActionOutcome
from rouage.automations.definition import why_not
from rouage.automations.held import Held
from rouage.automations.outcome import Decided, link, reason_text
from rouage.automations.registry import ACTIONS
from rouage.automations.world import World
from rouage.journal.append import json_text
from rouage.mail.outbox import NewMessage
from rouage.planner import model as plan
from rouage.planner.advance import advance, complete
from rouage.planner.commands import hold
from rouage.planner.match import with_facts
from rouage.planner.model import (
    Act,
    Begin,
    Definition,
    Done,
    Ended,
    Failed,
    Hold,
    Move,
    Pass,
    Postpone,
    Reason,
    Result,
    RunStatus,
    Snapshot,
    Started,
    Stop,
    Wake,
)
from rouage.planner.throttle import Throttle

_log = logging.getLogger(__name__)


def decide(decided: Decided, definition: Definition, world: World) -> bool:
    """Move the run on at ``world.now``; whether anything was due. One snapshot carries out one step at most."""
    held = decided.held
    snapshot = world.snapshot(held.reference, held.organisation_id)
    if snapshot is not None:
        snapshot = with_facts(snapshot, held.facts)
    calendar = world.calendars[held.organisation_id]
    moved = False
    while True:
        state = decided.state
        move = advance(definition, state, snapshot, world.now, calendar, _throttle(held, world), done=held.spared)
        if move is None:
            return moved
        moved = True
        if move.doubt is not None:
            decided.explain("stop.unknown", state.position, move.doubt)
        if isinstance(move.effect, Act):
            _act(decided, move.effect, move, definition, snapshot or {}, world)
            return True
        _tell(decided, move, definition)
        if isinstance(move.effect, Stop | Postpone):
            return True


def begin(held: Held, world: World) -> Decided:
    facts = world.automations.get(held.automation_id)
    return Decided(
        held,
        held.state,
        facts.name if facts else "",
        world.now,
        last_action=held.last_action,
        last_action_at=held.last_action_at,
    )


def switched_off(held: Held, world: World) -> Decided | None:
    """A run whose automation was switched off or deleted while it was being started is caught here."""
    facts = world.automations.get(held.automation_id)
    if facts is not None and (facts.is_active or held.state.status is not RunStatus.WAITING):
        return None
    decided = begin(held, world)
    if facts is None or facts.is_deleted:
        state = held.state
        decided.state = plan.Run(RunStatus.CANCELLED, state.position, state.entered_at, state.planned_at, None)
        decided.end(Reason(code="automation.deleted"))
    else:
        changed = hold(held.state, world.now, Hold.AUTOMATION)
        decided.state, decided.note = changed.run, changed.reason
        decided.explain("run.held", held.state.position, changed.reason)
    return decided


def not_runnable(held: Held, world: World) -> Decided:
    """The version cannot be compiled (any more): a type of it is not installed."""
    decided = begin(held, world)
    state = held.state
    decided.state = plan.Run(RunStatus.FAILED, state.position, state.entered_at, state.planned_at, None)
    decided.end(why_not(held.version_id))
    return decided


def reminding(runs: Iterable[tuple[Held, Definition]]) -> list[tuple[int, int, Definition]]:
    """The clients whose history of reminders counts, as ``world.read_throttles`` wants them."""
    return [
        (held.organisation_id, held.client_id, definition)
        for held, definition in runs
        if held.client_id is not None and is_limited(definition)
    ]


def is_limited(definition: Definition) -> bool:
    limits = definition.limits
    return (limits.gap is not None or limits.cap is not None) and any(step.reminder for step in definition.steps)


def _throttle(held: Held, world: World) -> Throttle | None:
    return None if held.client_id is None else world.throttles.get(held.client_id)


def _tell(decided: Decided, move: Move, definition: Definition) -> None:
    """Journal a move that carries out no action."""
    position = decided.state.position
    match move.effect:
        case Pass() as passed:
            decided.note = None
            decided.leave_out((passed,), definition)
        case Stop(reason=reason):
            decided.state = move.run
            decided.end(reason)
            return
        case Postpone(reason=reason):
            decided.state, decided.note = move.run, reason
            decided.explain("run.postponed", position, reason)
            return
        case Begin():
            decided.note = None
            decided.say("run.begun", "{}")
        case Wake(reason=reason):
            decided.note = None
            decided.explain("run.woken", position, reason)
        case Act():
            raise AssertionError("an action is carried out, not told")
    decided.leave_out(move.passed, definition)
    decided.move_to(move.run, move.moved)


def _act(decided: Decided, act: Act, move: Move, definition: Definition, snapshot: Snapshot, world: World) -> None:
    held, now = decided.held, world.now
    attempt = move.run.attempt + 1
    done = _execute(act, _context(decided, act, snapshot, world, attempt))
    result = done.result
    calendar = world.calendars[held.organisation_id]
    after = complete(definition, move.run, result, snapshot, now=now, calendar=calendar)
    decided.act = len(decided.steps)
    decided.steps.append(
        (held.organisation_id, held.id, act.position, attempt, act.step.action, act.step.text,
         *ending(result, move.run, now, now))
    )  # fmt: skip
    if act.late is not None:
        decided.say("step.caught_up", f'{{"position": {act.position}, "late": {act.late.total_seconds():.0f}}}')
    decided.note = None
    decided.last_action, decided.last_action_at = act.step.action, now
    if after.passed:
        decided.leave_out(after.passed, definition)
    decided.move_to(after.run, after.moved)
    if after.reason is not None:
        _explain_end(decided, act.position, after.reason)
    if not isinstance(result, Failed):
        decided.effects = done.effects
        for effect in done.effects:
            if isinstance(effect, NewMessage):
                decided.say("message.queued", json_text({"position": act.position, "subject": effect.subject}))
        if act.step.reminder and held.client_id in world.throttles:
            world.throttles[held.client_id] = world.throttles[held.client_id].also(now)


def _explain_end(decided: Decided, position: int, reason: Reason) -> None:
    if decided.state.status is RunStatus.WAITING:
        decided.note = reason
        decided.explain("step.failed", position, reason)
    else:
        decided.end(reason)


def _execute(act: Act, context: ActionContext) -> ActionOutcome:
    """What the action decides. One that raises has a fault: it fails its own step, never the batch."""
    try:
        return ACTIONS[act.step.action].execute(act.step.config, context)
    except Exception as error:  # noqa: BLE001 -- an installed action may raise anything
        _log.exception("the action %s of run %s raised", act.step.action, context.run_id)
        data = {"action": act.step.action, "error": f"{type(error).__name__}: {error}"[:500].replace("\0", "")}
        return ActionOutcome(Failed(reason=Reason(code="action.fault", data=data)))


def _context(decided: Decided, act: Act, snapshot: Snapshot, world: World, attempt: int) -> ActionContext:
    held = decided.held
    around = world.surroundings[held.organisation_id]
    return ActionContext(
        organisation=around.organisation,
        calendar=world.calendars[held.organisation_id],
        members=around.members,
        templates=around.templates,
        run_id=held.id,
        automation_id=held.automation_id,
        automation_name=decided.name,
        kind=held.kind,
        record_id=held.record_id,
        position=act.position,
        attempt=attempt,
        snapshot=snapshot,
        cause=(*held.cause, link(held)),
        now=world.now,
    )


def ending(result: Result, run: plan.Run, started_at: datetime, now: datetime) -> tuple[Any, ...]:
    """The columns of a step from its status on."""
    planned = run.planned_at
    match result:
        case Done(data=data):
            return "done", planned, started_at, now, json_text(data) if data else None, None
        case Started(data=data):
            return "started", planned, started_at, None, json_text(data) if data else None, None
        case Ended(reason=reason):
            return "done", planned, started_at, now, None, reason_text(reason)
        case Failed(reason=reason):
            return "failed", planned, started_at, now, None, reason_text(reason)
