"""Puts a row aside that could not be written: later it is tried again, in the end it fails with its reason."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from rouage.automations import alerts, continuation
from rouage.automations.held import GUARD, Arrived, Held
from rouage.automations.models import Run
from rouage.automations.moves import begin, ending
from rouage.automations.outcome import MOVED, Outcome
from rouage.automations.world import World, automations, load_definitions
from rouage.journal import bulk
from rouage.journal.actors import SYSTEM
from rouage.journal.append import append_entries
from rouage.journal.models import DomainEvent
from rouage.planner import model as plan
from rouage.planner.model import Failed, Hold, Reason, RunStatus
from rouage.planner.retry import GiveUp, Retry, after_failure

RETRY = Retry()
_LONGEST = 500  # characters kept of an error

_log = logging.getLogger(__name__)


def park_event(arrived: Arrived, error: Exception, now: datetime) -> None:
    """Try the event again later; after the last try it is left unprocessed, with its error."""
    event, attempt, text = arrived.event, arrived.tries + 1, _text(error)
    after = after_failure(RETRY, attempt, permanent=False, now=now)
    due_at = None if isinstance(after, GiveUp) else after.moment
    bulk.mark(DomainEvent, [event.id], attempt=attempt, due_at=due_at, error=text)
    data = {"event": event.id, "type": event.type, "try": attempt, "final": due_at is None, "error": text}
    append_entries(
        [(event.organisation_id, "event.failed", SYSTEM.kind, SYSTEM.id, SYSTEM.label, None, event.kind,
          event.record_id, json.dumps(data, ensure_ascii=False), now)]
    )  # fmt: skip
    if due_at is None and event.type in continuation.REPORTS:
        # A report that cannot be taken must not leave its run under way for ever.
        for run in continuation.waiting_for(event):
            _park(run, _failed(run.state, run.tries), error, now)


def park_run(held: Held, error: Exception, now: datetime) -> None:
    """Push the run ahead, or fail it for good; the try is counted, so that the next claim counts on."""
    state, attempt = held.state, held.tries + 1
    after = after_failure(RETRY, attempt, permanent=False, now=now)
    if isinstance(after, GiveUp):
        _park(held, _failed(state, attempt), error, now)
    else:
        _park(held, _later(state, attempt, after.moment), error, now)


def _later(state: plan.Run, attempt: int, moment: datetime) -> plan.Run:
    return plan.Run(
        state.status, state.position, state.entered_at, state.planned_at, moment, state.remaining, state.hold, attempt
    )  # fmt: skip


def _failed(state: plan.Run, attempt: int) -> plan.Run:
    return plan.Run(
        RunStatus.FAILED, state.position, state.entered_at, state.planned_at, None, None, Hold.NONE, attempt
    )  # fmt: skip


def _park(held: Held, state: plan.Run, error: Exception, now: datetime) -> None:
    try:
        with transaction.atomic():
            _park_and_tell(held, state, error, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # noqa: BLE001 -- as for the batch itself
        # What poisons the row may poison its own report: then only the row itself is put aside.
        _log.exception("run %s was put aside without a journal", held.id)
        decided = begin(held, World(now))
        decided.state = state
        bulk.update(Run, GUARD, MOVED, [decided.moved_row()])


def _park_and_tell(held: Held, state: plan.Run, error: Exception, now: datetime) -> None:
    world = World(now)
    world.automations = automations([held.automation_id])
    definition = load_definitions([held.version_id]).get(held.version_id)
    reason = Reason(code="action.fault", data={"error": _text(error)})
    decided = begin(held, world)
    decided.state = state
    is_step = definition is not None and 0 <= state.position < len(definition.steps)
    if definition is not None and is_step and held.state.status is RunStatus.WAITING:
        step = definition.steps[state.position]
        decided.steps.append(
            (held.organisation_id, held.id, state.position, held.tries + 1, step.action, step.text,
             *ending(Failed(reason=reason), held.state, now, now))
        )  # fmt: skip
    if state.status is RunStatus.FAILED:
        decided.end(reason)
    else:
        decided.note = reason
        decided.explain("step.failed", state.position, reason)
    outcome = Outcome(now, moved=[decided])
    alerts.tell_failures(outcome.write(), world.automations, now)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\0", "")[:_LONGEST]
