"""Writes what was observed about recipients: events, their state, the message's status, and the news for the engine.

One transaction for a whole group of observations. Evidence is always kept, also when the message is no longer ours;
what follows from it is read from the rows as they are then, so that a report that arrived first is not undone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from rouage.journal import append, bulk
from rouage.mail.fold import PROVES, RANK, UNDER_WAY, worst
from rouage.mail.models import DeliveryEvent, Message, Recipient
from rouage.mail.outbox import EVENT_COLUMNS
from rouage.mail.reasons import Code
from rouage.mail.replies import Reply
from rouage.mail.states import OPEN, DeliveryKind, MessageStatus, RecipientKind, RecipientState, Source

_OUTCOME: Mapping[MessageStatus, str] = {
    MessageStatus.SENT: "message.sent",
    MessageStatus.FAILED: "message.failed",
    MessageStatus.UNKNOWN: "message.unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The dot is about to go to this recipient."""

    message_id: int
    attempt: int
    recipient_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen of one recipient. ``detail`` is for technicians, where there is no reply to show them."""

    message_id: int
    attempt: int
    recipient_id: int
    kind: DeliveryKind
    source: Source = Source.SMTP
    reason: Code | None = None
    reply: Reply | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Nothing is left to do in this attempt. With ``retry_at`` the recipients still under way are tried again then."""

    message_id: int
    attempt: int
    retry_at: datetime | None = None


@dataclass(slots=True)
class Group:
    """What is written together."""

    marks: list[Mark] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)

    def message_ids(self) -> list[int]:
        items: list[Mark | Observation | Handled] = [*self.marks, *self.observations, *self.handled]
        return list({item.message_id for item in items})

    @classmethod
    def of(cls, items: Iterable[Mark | Observation | Handled]) -> Group:
        group = cls()
        for item in items:
            match item:
                case Mark():
                    group.marks.append(item)
                case Observation():
                    group.observations.append(item)
                case Handled():
                    group.handled.append(item)
        return group


@dataclass(slots=True)
class _Message:
    id: int
    organisation_id: int
    run_id: int | None
    position: int | None
    automation_id: int | None
    kind: str
    record_id: int | None
    cause: Any  # JSON: text on SQLite, parsed by PostgreSQL's driver
    status: MessageStatus
    attempt: int

    def __post_init__(self) -> None:
        self.status = MessageStatus(self.status)


@dataclass(slots=True)
class _Recipient:
    id: int
    organisation_id: int
    message_id: int
    kind: RecipientKind
    address: str
    state: RecipientState
    reason: str

    def __post_init__(self) -> None:
        self.kind, self.state = RecipientKind(self.kind), RecipientState(self.state)


_MESSAGE = tuple(each.name for each in fields(_Message))
_RECIPIENT = tuple(each.name for each in fields(_Recipient))


def write(group: Group, at: datetime, *, again: bool = False) -> set[int]:
    """Write the group and commit. Returns the recipients whose dot may go: the marks of messages that are still ours.

    ``again``: the same group was tried before, and the answer to its commit may have been lost on the way.
    """
    with transaction.atomic(durable=True):
        return _write(_without_known(group) if again else group, at)


def _without_known(group: Group) -> Group:
    keys = {_dedup_key(seen.recipient_id, seen.kind, seen.attempt): seen for seen in group.observations}
    known = set(DeliveryEvent.objects.filter(dedup_key__in=keys).values_list("dedup_key", flat=True))
    return Group(observations=[seen for key, seen in keys.items() if key not in known], handled=group.handled)


def _write(group: Group, at: datetime) -> set[int]:
    ids = group.message_ids()
    messages = _lock_messages(ids)
    recipients = _lock_recipients(ids)
    marked = [mark for mark in group.marks if _is_ours(messages.get(mark.message_id), mark.attempt)]
    _mark(marked, messages, at)
    _append_events(marked, group.observations, recipients, at)
    _observe(group.observations, recipients, at)
    _conclude(group, messages, recipients, at)
    return {mark.recipient_id for mark in marked}


def _lock_messages(ids: Sequence[int]) -> dict[int, _Message]:
    rows = _locked(Message, "id", ids, _MESSAGE)
    return {row[0]: _Message(*row) for row in rows}


def _lock_recipients(message_ids: Sequence[int]) -> dict[int, _Recipient]:
    rows = _locked(Recipient, "message_id", message_ids, _RECIPIENT)
    return {row[0]: _Recipient(*row) for row in rows}


def _locked(model: type[models.Model], column: str, ids: Sequence[int], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """In the order of their ids, so that two workers never wait for each other crosswise."""
    among, these = bulk.id_list(ids)
    sql = f'select {", ".join(names)} from "{model._meta.db_table}" where {column} {among} order by id {_for_update()}'  # noqa: S608 -- our own names
    return bulk.query(sql, (these,))


def _for_update() -> str:
    return "for no key update" if connection.vendor == "postgresql" else ""


def _is_ours(message: _Message | None, attempt: int) -> bool:
    return message is not None and message.attempt == attempt and message.status in OPEN


def _mark(marks: Sequence[Mark], messages: Mapping[int, _Message], at: datetime) -> None:
    if not marks:
        return
    bulk.mark(
        Recipient,
        [mark.recipient_id for mark in marks],
        dot_pending_at=at,
        state=RecipientState.SENDING.value,
        state_at=at,
    )
    waiting = [id_ for id_ in {m.message_id for m in marks} if messages[id_].status is not MessageStatus.SENDING]
    bulk.mark(Message, waiting, status=MessageStatus.SENDING.value)
    for id_ in waiting:
        messages[id_].status = MessageStatus.SENDING


def _append_events(
    marks: Iterable[Mark],
    observations: Iterable[Observation],
    recipients: Mapping[int, _Recipient],
    at: datetime,
) -> None:
    rows = [
        _event_row(recipients[mark.recipient_id], DeliveryKind.SENDING, mark.attempt, Source.SMTP, "{}", at)
        for mark in marks
    ]
    rows += [
        _event_row(recipients[seen.recipient_id], seen.kind, seen.attempt, seen.source, _evidence(seen), at)
        for seen in observations
    ]
    bulk.insert(DeliveryEvent, EVENT_COLUMNS, rows)


def _event_row(
    recipient: _Recipient, kind: DeliveryKind, attempt: int, source: Source, evidence: str, at: datetime
) -> tuple[Any, ...]:
    key = _dedup_key(recipient.id, kind, attempt)
    return (recipient.organisation_id, recipient.id, kind.value, attempt, source.value, at, at, evidence, key)


def _dedup_key(recipient_id: int, kind: DeliveryKind, attempt: int) -> str:
    """One worker works at an attempt, so it sees each thing once."""
    return f"{recipient_id}:{kind.value}:{attempt}"


def _evidence(seen: Observation) -> str:
    evidence: dict[str, Any] = {}
    if seen.reason:
        evidence["reason"] = seen.reason.value
    if seen.reply:
        evidence |= {"code": seen.reply.code, "text": seen.reply.text}
    if seen.detail:
        evidence["detail"] = seen.detail
    return append.json_text(evidence).replace("\\u0000", "")


OBSERVED = ("state", "state_at", "dot_pending_at", "reason", "smtp_code", "enhanced", "diagnostic")


def _observe(observations: Sequence[Observation], recipients: Mapping[int, _Recipient], at: datetime) -> None:
    """Raise the states. The reason shown is that of the event which gave the state; a lost dot stays marked."""
    by_marker: dict[bool, dict[int, tuple[Any, ...]]] = {True: {}, False: {}}
    for seen in observations:
        recipient, state = recipients[seen.recipient_id], PROVES[seen.kind]
        if RANK[state] < RANK[recipient.state]:
            continue
        recipient.state, recipient.reason = state, seen.reason.value if seen.reason else ""
        lost = seen.kind is DeliveryKind.LOST
        by_marker[lost][recipient.id] = (recipient.id, *_observed(seen, recipient, at, lost=lost))
    bulk.update(Recipient, (), OBSERVED, list(by_marker[False].values()))
    bulk.update(Recipient, (), _WITHOUT_MARKER, list(by_marker[True].values()))


_WITHOUT_MARKER = tuple(name for name in OBSERVED if name != "dot_pending_at")


def _observed(seen: Observation, recipient: _Recipient, at: datetime, *, lost: bool) -> tuple[Any, ...]:
    reply = seen.reply
    code, enhanced = (reply.code, reply.enhanced) if reply else (None, "")
    diagnostic = str(reply) if reply else seen.detail
    marker = () if lost else (None,)
    return (recipient.state.value, at, *marker, recipient.reason, code, enhanced, diagnostic.replace("\0", ""))


CONCLUDED = ("status", "due_at", "claimed_until", "sent_at")


def _conclude(
    group: Group, messages: Mapping[int, _Message], recipients: Mapping[int, _Recipient], at: datetime
) -> None:
    people: defaultdict[int, list[_Recipient]] = defaultdict(list)
    for recipient in recipients.values():
        people[recipient.message_id].append(recipient)
    ours = {item.message_id: item for item in group.handled if _is_ours(messages.get(item.message_id), item.attempt)}
    rows, news = [], []
    for message in messages.values():
        status = _next_status(message, ours.get(message.id), people[message.id])
        if status is None:
            continue
        retry_at = ours[message.id].retry_at if status is MessageStatus.AWAITING_RETRY else None
        sent_at = at if status is MessageStatus.SENT else None
        rows.append((message.id, message.status.value, message.attempt, status.value, retry_at, None, sent_at))
        if status in _OUTCOME:
            news.append(_news(message, status, people[message.id], at))
    bulk.update(Message, ("status", "attempt"), CONCLUDED, rows)
    append.append_events(news)


def _next_status(message: _Message, handled: Handled | None, people: Sequence[_Recipient]) -> MessageStatus | None:
    """Where the message goes; None where it stays.

    Besides what was handled now, a message of unknown outcome may be settled by evidence that came late.
    """
    if handled is not None:
        if handled.retry_at and any(recipient.state in UNDER_WAY for recipient in people):
            return MessageStatus.AWAITING_RETRY
        return _worst(people)
    if message.status is MessageStatus.UNKNOWN and (settled := _worst(people)) is not MessageStatus.UNKNOWN:
        return settled
    return None


def _worst(people: Iterable[_Recipient]) -> MessageStatus:
    return worst((recipient.kind, recipient.state) for recipient in people)


def _news(message: _Message, status: MessageStatus, people: Sequence[_Recipient], at: datetime) -> tuple[Any, ...]:
    """A row of append.EVENT_COLUMNS. A message about no record speaks of itself."""
    failed = [
        {"address": recipient.address, "state": recipient.state, "reason": recipient.reason}
        for recipient in people
        if recipient.reason
    ]
    payload = {
        "message": message.id,
        "run": message.run_id,
        "position": message.position,
        "automation": message.automation_id,
        "attempt": message.attempt,
        "reason": _reason(people) if status is not MessageStatus.SENT else "",
        "failed": failed,
    }
    about = (message.kind, message.record_id) if message.record_id is not None else ("message", message.id)
    depth = len(json.loads(message.cause))
    return (
        message.organisation_id, _OUTCOME[status], *about, append.json_text(payload), message.cause, depth, at, at,
    )  # fmt: skip


def _reason(people: Sequence[_Recipient]) -> str:
    """Why the message did not go: the reason of the recipients that decided, or that there are none."""
    decisive = sorted(people, key=lambda recipient: (recipient.kind is not RecipientKind.TO, -RANK[recipient.state]))
    return (
        next((recipient.reason for recipient in decisive if recipient.reason), "")
        if people
        else Code.NO_RECIPIENT.value
    )
