"""The words that people read for the states of mails and for what was observed about them (SND-3)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext

from rouage.mail.states import DeliveryKind, RecipientState
from rouage.planner.words import N_

STATES: Mapping[RecipientState, str] = {
    RecipientState.QUEUED: N_("Queued"),
    RecipientState.SENDING: N_("Sending"),
    RecipientState.NOT_SENT: N_("Not sent"),
    RecipientState.UNKNOWN: N_("To check"),
    RecipientState.SENT: N_("Sent"),
    RecipientState.DELAYED: N_("Delayed"),
    RecipientState.RELAYED: N_("Handed over (no receipt possible)"),
    RecipientState.DELIVERED: N_("Delivered"),
    RecipientState.FAILED: N_("Not delivered"),
    RecipientState.COMPLAINED: N_("Marked as spam"),
    RecipientState.CONFIRMED: N_("Viewed / Read / Replied"),
}

EVENTS: Mapping[DeliveryKind, str] = {
    DeliveryKind.QUEUED: N_("The email was queued"),
    DeliveryKind.SENDING: N_("The email is being handed over to the mail server"),
    DeliveryKind.RETRY: N_("Not handed over yet: another try is planned"),
    DeliveryKind.NOT_SENT: N_("The email was not sent"),
    DeliveryKind.LOST: N_("The connection broke at the last moment"),
    DeliveryKind.ACCEPTED: N_("The mail server took the email"),
    DeliveryKind.REFUSED: N_("The mail server refused the email"),
    DeliveryKind.JOURNAL_COPY: N_("The control copy arrived"),
    DeliveryKind.FOUND_IN_SENT: N_("The email was found among the sent ones"),
    DeliveryKind.MARKED_SENT: N_("Marked as sent by a person"),
    DeliveryKind.DSN_DELAYED: N_("A server reports a delay"),
    DeliveryKind.DSN_RELAYED: N_("Handed over to a server that gives no receipts"),
    DeliveryKind.DSN_EXPANDED: N_("Handed over to a mailing list"),
    DeliveryKind.DSN_DELIVERED: N_("The recipient's server confirms the delivery"),
    DeliveryKind.DSN_FAILED: N_("The email came back"),
    DeliveryKind.PROVIDER_DEFERRED: N_("The provider reports a delay"),
    DeliveryKind.PROVIDER_DELIVERED: N_("The provider confirms the delivery"),
    DeliveryKind.PROVIDER_BOUNCED: N_("The provider reports that the email came back"),
    DeliveryKind.PROVIDER_REJECTED: N_("The provider refused the email"),
    DeliveryKind.COMPLAINED: N_("The recipient marked the email as spam"),
    DeliveryKind.DISPLAYED: N_("The recipient sent a reading receipt"),
    DeliveryKind.CONFIRMED: N_("The recipient opened the document"),
    DeliveryKind.REPLIED: N_("The recipient replied"),
    DeliveryKind.AUTO_REPLIED: N_("An answering machine replied"),
    DeliveryKind.CHALLENGED: N_("The recipient's server asks for a confirmation"),
    DeliveryKind.NOT_DISPLAYED: N_("The email was deleted unread"),
    DeliveryKind.ACKNOWLEDGED: N_("The problem was acknowledged"),
}


def state_label(state: str) -> str:
    return gettext(STATES[RecipientState(state)])


def event_label(kind: str) -> str:
    return gettext(EVENTS[DeliveryKind(kind)])
