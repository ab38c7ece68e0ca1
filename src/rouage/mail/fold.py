"""The state of a recipient as a fold over the set of its events, and the status of a message over its recipients.

Reports arrive late, twice and out of order, so the state is the highest rank that any of them proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rouage.mail.states import DeliveryKind, MessageStatus, RecipientKind, RecipientState

# Servers accept and then bounce, so "failed" outranks "delivered"; a sign of a human reader outranks both.
RANK: Mapping[RecipientState, int] = {state: rank for rank, state in enumerate(RecipientState)}

PROVES: Mapping[DeliveryKind, RecipientState] = {
    DeliveryKind.QUEUED: RecipientState.QUEUED,
    DeliveryKind.SENDING: RecipientState.SENDING,
    DeliveryKind.RETRY: RecipientState.SENDING,
    DeliveryKind.NOT_SENT: RecipientState.NOT_SENT,
    DeliveryKind.LOST: RecipientState.UNKNOWN,
    DeliveryKind.ACCEPTED: RecipientState.SENT,
    DeliveryKind.JOURNAL_COPY: RecipientState.SENT,
    DeliveryKind.FOUND_IN_SENT: RecipientState.SENT,
    DeliveryKind.MARKED_SENT: RecipientState.SENT,
    DeliveryKind.DSN_DELAYED: RecipientState.DELAYED,
    DeliveryKind.PROVIDER_DEFERRED: RecipientState.DELAYED,
    DeliveryKind.DSN_RELAYED: RecipientState.RELAYED,
    DeliveryKind.DSN_EXPANDED: RecipientState.RELAYED,
    DeliveryKind.DSN_DELIVERED: RecipientState.DELIVERED,
    DeliveryKind.PROVIDER_DELIVERED: RecipientState.DELIVERED,
    DeliveryKind.REFUSED: RecipientState.FAILED,
    DeliveryKind.DSN_FAILED: RecipientState.FAILED,
    DeliveryKind.PROVIDER_BOUNCED: RecipientState.FAILED,
    DeliveryKind.PROVIDER_REJECTED: RecipientState.FAILED,
    DeliveryKind.COMPLAINED: RecipientState.COMPLAINED,
    DeliveryKind.DISPLAYED: RecipientState.CONFIRMED,
    DeliveryKind.CONFIRMED: RecipientState.CONFIRMED,
    DeliveryKind.REPLIED: RecipientState.CONFIRMED,
}
NOTES = frozenset(DeliveryKind) - PROVES.keys()
UNDER_WAY = frozenset({RecipientState.QUEUED, RecipientState.SENDING})
_LOST_CAUSES = frozenset({RecipientState.NOT_SENT, RecipientState.FAILED})


def fold(events: Iterable[DeliveryKind], start: RecipientState = RecipientState.QUEUED) -> RecipientState:
    """The state that these events prove, on top of one that was proved before."""
    return max([start, *(PROVES[event] for event in events if event in PROVES)], key=RANK.__getitem__)


def worst(recipients: Iterable[tuple[RecipientKind, RecipientState]]) -> MessageStatus:
    """The status of a message with whose recipients nothing is left to do: those of "To" decide.

    A copy that fails does not make the mail fail; the outcome names it all the same (mail.record).
    """
    known = list(recipients)
    direct = [state for kind, state in known if kind is RecipientKind.TO] or [state for _, state in known]
    if RecipientState.UNKNOWN in direct:
        return MessageStatus.UNKNOWN
    if not direct or not _LOST_CAUSES.isdisjoint(direct):
        return MessageStatus.FAILED
    return MessageStatus.SENT
