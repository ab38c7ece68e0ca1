"""Makes the HTTP calls that steps asked for, at least once each, and tells the engine what came of them.

Threads make the calls and never touch the database; the thread that was called records, in groups of what has come back
meanwhile. A worker that dies in between leaves calls whose lease ends: they are made again with the same
``Idempotency-Key``, by which a receiver knows them.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from rouage.automations.models import Call
from rouage.automations.outcome import reason_text
from rouage.functions import outbound
from rouage.functions.outbound import Code, Request
from rouage.journal import bulk
from rouage.journal.append import append_events, json_text
from rouage.planner.model import Reason
from rouage.planner.reasons import Why, nested
from rouage.planner.retry import GiveUp, Retry, after_failure

RETRY = Retry()
CONNECTIONS = 16  # calls at a time in one batch
GROUPED = 0.01  # seconds for which outcomes are collected before they are written together
_RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds: the database may be locked or gone for a while
_OPEN = ("queued", "waiting")

_COLUMNS = (
    "id", "organisation_id", "run_id", "position", "automation_id", "kind", "record_id", "cause", "idempotency_key",
    "method", "url", "headers", "body", "status", "attempt",
)  # fmt: skip
_GUARD = ("status", "attempt")
_SETTLED = ("status", "due_at", "claimed_until", "ended_at", "answer", "reason")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leased:
    """A call that the pump claimed: ``attempt`` is the value of its column after the claim."""

    call_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class _Call:
    id: int
    organisation_id: int
    run_id: int
    position: int
    automation_id: int
    kind: str
    record_id: int
    cause: Any  # JSON: text on SQLite, values on PostgreSQL
    idempotency_key: str
    method: str
    url: str
    headers: Any  # same
    body: str
    status: str
    attempt: int

    def request(self) -> Request:
        headers = json.loads(self.headers) if isinstance(self.headers, str) else self.headers
        body = self.body.encode()
        if body and not any(name.lower() == "content-type" for name in headers):
            headers = {**headers, "Content-Type": "application/json"}
        headers = {**headers, "Idempotency-Key": self.idempotency_key}
        return Request(url=self.url, method=self.method, headers=headers, body=body)


def make_batch(leased: Sequence[Leased], now: datetime) -> None:
    """Make claimed calls and record their outcomes. Calls that are no longer ours are left alone."""
    calls = _load(leased)
    if not calls:
        return
    started = time.monotonic()
    with ThreadPoolExecutor(min(CONNECTIONS, len(calls)), thread_name_prefix="rouage-call") as threads:
        made = {threads.submit(outbound.send, call.request()): call for call in calls}
        left: set[Future[outbound.Outcome]] = set(made)
        while left:
            done, left = wait(left, return_when=FIRST_COMPLETED)
            if left:
                more, left = wait(left, timeout=GROUPED)
                done |= more
            moment = now + timedelta(seconds=time.monotonic() - started)
            _record([(made[future], future.result()) for future in done], moment)


def _load(leased: Sequence[Leased]) -> list[_Call]:
    attempts = {item.call_id: item.attempt for item in leased}
    among, these = bulk.id_list(list(attempts))
    sql = f'select {", ".join(_COLUMNS)} from "{Call._meta.db_table}" where id {among}'  # noqa: S608 -- our own names
    calls = [_Call(*row) for row in bulk.query(sql, (these,))]
    return [call for call in calls if call.attempt == attempts[call.id] and call.status in _OPEN]


def _record(outcomes: Sequence[tuple[_Call, outbound.Outcome]], now: datetime) -> None:
    """Write a group; patient, since what was answered would otherwise be asked again."""
    for delay in (*_RECORD_AGAIN, None):
        try:
            with transaction.atomic(durable=True):
                _write(outcomes, now)
        except (OperationalError, InterfaceError):
            if delay is None:
                raise
            _log.warning("the database does not answer; trying again to record what was called", exc_info=True)
            time.sleep(delay)
            connection.close_if_unusable_or_obsolete()
        else:
            return


def _write(outcomes: Sequence[tuple[_Call, outbound.Outcome]], now: datetime) -> None:
    """A call that is settled already stays as it is: by somebody else, or by a commit whose answer was lost."""
    settled = [(call, _settle(call, outcome, now)) for call, outcome in outcomes]
    rows = [(call.id, call.status, call.attempt, *columns) for call, columns in settled]
    ours = bulk.update(Call, _GUARD, _SETTLED, rows)
    append_events(
        [_news(call, columns, now) for call, columns in settled if call.id in ours and columns[0] != "waiting"]
    )


def _settle(call: _Call, outcome: outbound.Outcome, now: datetime) -> tuple[Any, ...]:
    """The columns of _SETTLED."""
    answer = json_text(_answer(outcome))
    if outcome.ok:
        return "done", None, None, now, answer, None
    reason = _reason(call, outcome)
    after = after_failure(RETRY, call.attempt, permanent=outcome.permanent, now=now)
    if isinstance(after, GiveUp):
        if not outcome.permanent:
            reason = Reason(code=Why.STEP_GAVE_UP, data={"tries": after.tries, "because": nested(reason)})
        return "failed", None, None, now, answer, reason_text(reason)
    return "waiting", after.moment, None, None, answer, reason_text(reason)


def _answer(outcome: outbound.Outcome) -> Mapping[str, Any]:
    return {
        "code": outcome.code.value,
        "status": outcome.status,
        "headers": dict(outcome.headers),
        "body": outcome.excerpt,
        "milliseconds": round(outcome.duration * 1000),
        "detail": outcome.detail,
        "reached": outcome.reached,
    }


def _reason(call: _Call, outcome: outbound.Outcome) -> Reason:
    error = f"{outcome.code.value}: {outcome.detail}" if outcome.detail else outcome.code.value
    match outcome.code:
        case Code.HTTP_4XX | Code.HTTP_5XX:
            return Reason(code="call.refused", data={"status": outcome.status, "error": outcome.excerpt[:300]})
        case Code.REDIRECTED:
            return Reason(code="call.redirected", data={"location": outcome.detail, "status": outcome.status})
        case Code.BLOCKED:
            return Reason(code="call.blocked", data={"url": call.url})
        case Code.TIMEOUT:
            return Reason(code="call.timeout", data={"seconds": round(outbound.TIME_LIMIT), "url": call.url})
    return Reason(code="call.failed", data={"url": call.url, "error": error})


def _news(call: _Call, columns: tuple[Any, ...], now: datetime) -> tuple[Any, ...]:
    """A row of append.EVENT_COLUMNS."""
    succeeded = columns[0] == "done"
    payload = {
        "call": call.id,
        "run": call.run_id,
        "position": call.position,
        "automation": call.automation_id,
        "attempt": call.attempt,
        "reason": None if succeeded else json.loads(columns[-1]),
    }
    cause = call.cause if isinstance(call.cause, str) else json.dumps(call.cause)
    depth = len(json.loads(cause))
    return (
        call.organisation_id, "call.succeeded" if succeeded else "call.failed", call.kind, call.record_id,
        json_text(payload), cause, depth, now, now,
    )  # fmt: skip
