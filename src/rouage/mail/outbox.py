"""The outbox: a mail that was decided becomes rows, in the transaction of whoever decided it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rouage.journal import bulk
from rouage.journal.append import cause_text
from rouage.mail import tokens
from rouage.mail.models import DeliveryEvent, Message, Recipient
from rouage.mail.states import DeliveryKind, MessageStatus, RecipientKind, RecipientState, Source
from rouage.planner.model import Link
from rouage.planner.values import frozen

MESSAGE_COLUMNS = (
    "id", "organisation_id", "idempotency_key", "message_id", "run_id", "position", "automation_id", "kind",
    "record_id", "client_id", "template_id", "subject", "text", "html", "language", "reminder", "cause",
    "resend_of_id", "status", "due_at", "attempt", "created_at",
)  # fmt: skip
RECIPIENT_COLUMNS = (
    "id", "organisation_id", "message_id", "kind", "address", "name", "role", "contact_id", "token", "state",
    "state_at", "reason", "enhanced", "diagnostic",
)  # fmt: skip
EVENT_COLUMNS = (
    "organisation_id", "recipient_id", "kind", "attempt", "source", "occurred_at", "received_at", "evidence",
    "dedup_key",
)  # fmt: skip
_ADDRESS, _NAME = 320, 200  # what the columns hold
# Plain text, looked up once: an enumeration's value costs as much as a column of the row.
_QUEUED, _WAITING = MessageStatus.QUEUED.value, RecipientState.QUEUED.value
_OBSERVED, _SOURCE = DeliveryKind.QUEUED.value, Source.OUTBOX.value


@frozen(kw_only=True)
class NewRecipient:
    """``address`` as it stands on the card: missing or malformed ones are kept and fail visibly when sent (REC-1)."""

    address: str
    name: str = ""
    kind: RecipientKind = RecipientKind.TO
    role: str = ""
    contact_id: int | None = None


@frozen(kw_only=True)
class NewMessage:
    """``idempotency_key`` is "run:position", with ":n" behind it for a deliberate resend: it exists only once.

    ``html`` may stay empty: a simple alternative is then made from the text. ``cause``: the links incl. this run's.
    """

    organisation_id: int
    idempotency_key: str
    recipients: tuple[NewRecipient, ...]
    subject: str
    text: str
    html: str = ""
    language: str = "fr"
    run_id: int | None = None
    position: int | None = None
    automation_id: int | None = None
    kind: str = ""
    record_id: int | None = None
    client_id: int | None = None
    template_id: int | None = None
    reminder: bool = False
    cause: tuple[Link, ...] = ()
    resend_of: int | None = None


type _Person = tuple[int, int, NewRecipient]  # organisation, message


def queue(messages: Sequence[NewMessage], now: datetime) -> None:
    """Write the messages, due at once, with their recipients and their first events; a fixed number of statements.

    A key that exists already is an IntegrityError: who decides the same mail twice is wrong, and nothing is written.
    """
    if not messages:
        return
    ids = bulk.reserve_ids(Message, len(messages))
    people = [
        (message.organisation_id, id_, recipient)
        for id_, message in zip(ids, messages, strict=True)
        for recipient in once_each(message.recipients)
    ]
    recipient_ids = bulk.reserve_ids(Recipient, len(people))
    named = zip(ids, messages, tokens.message_ids(ids), strict=True)
    bulk.insert(Message, MESSAGE_COLUMNS, [_message_row(*each, now) for each in named])
    signed = zip(recipient_ids, people, tokens.tokens("recipient", recipient_ids), strict=True)
    bulk.insert(
        Recipient, RECIPIENT_COLUMNS, [_recipient_row(id_, token, person, now) for id_, person, token in signed]
    )
    queued = zip(recipient_ids, people, strict=True)
    bulk.insert(DeliveryEvent, EVENT_COLUMNS, [_queued_row(id_, person[0], now) for id_, person in queued])


def once_each(recipients: tuple[NewRecipient, ...]) -> tuple[NewRecipient, ...]:
    """The same address twice, as To and Cc or in two roles, is one recipient: the first. Missing ones are all kept."""
    if len(recipients) < 2:  # noqa: PLR2004 -- nearly always
        return recipients
    first: dict[str | int, NewRecipient] = {}
    ordered = sorted(recipients, key=lambda recipient: recipient.kind is not RecipientKind.TO)
    for number, recipient in enumerate(ordered):
        first.setdefault(recipient.address.strip().lower() or number, recipient)
    return tuple(first.values())


def _message_row(id_: int, message: NewMessage, message_id: str, now: datetime) -> tuple[Any, ...]:
    return (
        id_,
        message.organisation_id,
        message.idempotency_key,
        message_id,
        message.run_id,
        message.position,
        message.automation_id,
        message.kind,
        message.record_id,
        message.client_id,
        message.template_id,
        _clean(message.subject),
        _clean(message.text),
        _clean(message.html),
        message.language,
        message.reminder,
        cause_text(message.cause),
        message.resend_of,
        _QUEUED,
        now,
        0,
        now,
    )


def _recipient_row(id_: int, token: str, person: _Person, now: datetime) -> tuple[Any, ...]:
    organisation_id, message_id, recipient = person
    return (
        id_,
        organisation_id,
        message_id,
        recipient.kind.value,
        _clean(recipient.address)[:_ADDRESS],
        _clean(recipient.name)[:_NAME],
        recipient.role,
        recipient.contact_id,
        token,
        _WAITING,
        now,
        "",
        "",
        "",
    )


def _queued_row(id_: int, organisation_id: int, now: datetime) -> tuple[Any, ...]:
    return (organisation_id, id_, _OBSERVED, 0, _SOURCE, now, now, "{}", f"{id_}:{_OBSERVED}:0")


def _clean(text: str) -> str:
    """PostgreSQL has no place for the character 0."""
    return text.replace("\0", "") if "\0" in text else text
