"""Loads claimed messages ready for hand-over, and finds what can be said of them without any mail server."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from rouage.accounts.models import Organisation
from rouage.mail import tokens
from rouage.mail.accounts import Channel, channel_of
from rouage.mail.addresses import Mailbox, check_address
from rouage.mail.compose import Letter, compose
from rouage.mail.fold import UNDER_WAY
from rouage.mail.models import MailAccount, Message, Recipient
from rouage.mail.reasons import Code
from rouage.mail.record import Handled, Observation
from rouage.mail.smtp import Server
from rouage.mail.states import OPEN, DeliveryKind, RecipientKind, Source

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that the pump claimed: ``attempt`` is the value of its column after the claim."""

    message_id: int
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A composed mail and to whom it still has to be handed over: (recipient id, address on the wire, token)."""

    message_id: int
    attempt: int
    server: Server
    sender: str
    mail: bytes
    open: tuple[tuple[int, str, str], ...]


@dataclass(slots=True)
class Loaded:
    """``said`` holds what is certain already; parcels stand in the order in which the messages were claimed."""

    parcels: list[Parcel] = field(default_factory=list)
    said: list[Observation | Handled] = field(default_factory=list)


def load(leased: Sequence[Leased]) -> Loaded:
    """A fixed number of queries, whatever the number of messages. What is no longer ours is left out."""
    claims = {item.message_id: item.attempt for item in leased}
    messages = {
        message.id: message
        for message in Message.objects.filter(id__in=claims, status__in=[status.value for status in OPEN])
        if message.attempt == claims[message.id]
    }
    people: defaultdict[int, list[Recipient]] = defaultdict(list)
    for recipient in Recipient.objects.filter(message_id__in=messages).order_by("id"):
        people[recipient.message_id].append(recipient)
    organisations, channels = _channels({message.organisation_id for message in messages.values()})
    loaded = Loaded()
    for item in leased:
        if message := messages.get(item.message_id):
            organisation_id = message.organisation_id
            _sort_out(message, people[message.id], organisations[organisation_id], channels[organisation_id], loaded)
    return loaded


def _channels(ids: Collection[int]) -> tuple[dict[int, Organisation], dict[int, Channel | Code]]:
    organisations = Organisation.objects.in_bulk(ids)
    accounts = {account.organisation_id: account for account in MailAccount.objects.filter(organisation_id__in=ids)}
    channels = {id_: channel_of(organisation, accounts.get(id_)) for id_, organisation in organisations.items()}
    return organisations, channels


def _sort_out(
    message: Message,
    people: Sequence[Recipient],
    organisation: Organisation,
    channel: Channel | Code,
    loaded: Loaded,
) -> None:
    """Say what is certain: a lost dot, a bad address, no way out. What remains becomes a parcel."""
    sendable: list[tuple[Recipient, str]] = []
    for recipient in people:
        if recipient.state not in UNDER_WAY:
            continue
        found = _way(recipient, channel)
        if isinstance(found, Mailbox):
            sendable.append((recipient, found.address))
        elif found is Code.LOST:
            loaded.said.append(_seen(message, recipient, DeliveryKind.LOST, found, Source.WORKER))
        else:
            loaded.said.append(_seen(message, recipient, DeliveryKind.NOT_SENT, found))
    if isinstance(channel, Code) or not sendable:
        loaded.said.append(Handled(message_id=message.id, attempt=message.attempt))
        return
    try:
        mail = compose(_letter(message, people, organisation, channel))
    except Exception as error:  # noqa: BLE001 -- one mail that cannot be written must not hold the others up
        _log.exception("message %s cannot be composed", message.id)
        loaded.said += [_not_composed(message, recipient, error) for recipient, _ in sendable]
        loaded.said.append(Handled(message_id=message.id, attempt=message.attempt))
        return
    open_ = tuple((recipient.id, address, recipient.token) for recipient, address in sendable)
    loaded.parcels.append(_parcel(message, channel, mail, open_))


def _way(recipient: Recipient, channel: Channel | Code) -> Mailbox | Code:
    """The address to hand over to, or what is certain without asking any server."""
    if recipient.dot_pending_at is not None:
        return Code.LOST
    return channel if isinstance(channel, Code) else check_address(recipient.address)


def _seen(
    message: Message, recipient: Recipient, kind: DeliveryKind, code: Code, source: Source = Source.OUTBOX
) -> Observation:
    return Observation(
        message_id=message.id,
        attempt=message.attempt,
        recipient_id=recipient.id,
        kind=kind,
        source=source,
        reason=code,
    )


def _not_composed(message: Message, recipient: Recipient, error: Exception) -> Observation:
    return Observation(
        message_id=message.id,
        attempt=message.attempt,
        recipient_id=recipient.id,
        kind=DeliveryKind.NOT_SENT,
        source=Source.OUTBOX,
        reason=Code.NOT_COMPOSED,
        detail=f"{type(error).__name__}: {error}"[:500],
    )


def _parcel(message: Message, channel: Channel, mail: bytes, open_: tuple[tuple[int, str, str], ...]) -> Parcel:
    return Parcel(
        message_id=message.id,
        attempt=message.attempt,
        server=channel.server,
        sender=channel.sender.address,
        mail=mail,
        open=open_,
    )


def _letter(message: Message, people: Sequence[Recipient], organisation: Organisation, channel: Channel) -> Letter:
    """The date is that of the decision, not of the attempt: every attempt sends the same bytes."""
    named = [
        (RecipientKind(recipient.kind), recipient.name, checked.address)
        for recipient in people
        if isinstance(checked := check_address(recipient.address), Mailbox)
    ]
    return Letter(
        message_id=message.message_id,
        token=tokens.token("message", message.id),
        date=message.created_at,
        zone=organisation.zone,
        sender=channel.sender,
        recipients=named,
        subject=message.subject,
        text=message.text,
        html=message.html,
        language=message.language,
    )
