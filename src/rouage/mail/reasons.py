"""Why a mail did not arrive, in plain words, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext

from rouage.planner.words import N_


class Code(StrEnum):
    """The first group is found before anything is sent, the second at our mail server, the third at the recipient's."""

    ADDRESS_MISSING = "address_missing"
    ADDRESS_MALFORMED = "address_malformed"
    ADDRESS_SEVERAL = "address_several"
    ADDRESS_NO_DOT = "address_no_dot"
    ADDRESS_NON_ASCII = "address_non_ascii"
    NO_RECIPIENT = "no_recipient"
    ACCOUNT_MANUAL = "account_manual"
    ACCOUNT_INCOMPLETE = "account_incomplete"
    NOT_COMPOSED = "not_composed"

    CONNECTION = "connection"
    TLS = "tls"
    SIGN_IN = "sign_in"
    SENDER = "sender_bad"
    RELAY = "relay"
    LOST = "lost"

    USER_UNKNOWN = "user_unknown"
    DOMAIN_UNKNOWN = "domain_unknown"
    MAILBOX_FULL = "mailbox_full"
    DISABLED = "disabled"
    TOO_BIG = "too_big"
    SPAM = "spam"
    BLOCKED = "blocked"
    AUTH = "auth"
    NO_PTR = "no_ptr"
    GREYLIST = "greylist"
    RATE = "rate"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    VIRUS = "virus"
    POLICY = "policy"
    LOOP = "loop"
    MOVED = "moved"
    SYSTEM = "system"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    sentence: str
    advice: str


_CORRECT = N_("Correct the address and send again.")
_ACCOUNT = N_("Check the sending account in the settings, then send again.")
_LATER = N_("Send again later.")

REASONS: Mapping[Code, Reason] = {
    Code.ADDRESS_MISSING: Reason(
        N_("The email address is missing."), N_("Add it to the client's card and send again.")
    ),
    Code.ADDRESS_MALFORMED: Reason(N_("This is not an email address."), _CORRECT),
    Code.ADDRESS_SEVERAL: Reason(
        N_("The field holds several addresses."), N_("Leave one, add the others as contacts, and send again.")
    ),
    Code.ADDRESS_NO_DOT: Reason(N_("The domain of the address has no dot (for example orange.fr)."), _CORRECT),
    Code.ADDRESS_NON_ASCII: Reason(
        N_("The address has accents or special letters before the @."), N_("Ask for an address without them.")
    ),
    Code.NO_RECIPIENT: Reason(
        N_("There is nobody to send the email to."), N_("Add a contact to the record, or choose other recipients.")
    ),
    Code.ACCOUNT_MANUAL: Reason(
        N_("Your organisation sends by post or by hand: no email leaves by itself."),
        N_("Choose an online sending mode in the settings, or send it yourself."),
    ),
    Code.ACCOUNT_INCOMPLETE: Reason(N_("The sending account is not fully set up."), _ACCOUNT),
    Code.NOT_COMPOSED: Reason(N_("The email could not be written."), N_("Check the template and send again.")),
    Code.CONNECTION: Reason(N_("Your mail server does not answer."), _ACCOUNT),
    Code.TLS: Reason(N_("No secure connection to your mail server could be made."), _ACCOUNT),
    Code.SIGN_IN: Reason(
        N_("Your mail server refused the sign-in."), N_("Enter the password again in the settings, then send again.")
    ),
    Code.SENDER: Reason(N_("The sender's address was refused."), N_("Review the sending account.")),
    Code.RELAY: Reason(N_("Your mail server refuses to forward this email."), N_("Review the sending account.")),
    Code.LOST: Reason(
        N_("The connection broke at the last moment: nobody can know whether the email has left."),
        N_("Ask the recipient, or look in your sent mail; then send again or mark it as sent."),
    ),
    Code.USER_UNKNOWN: Reason(N_("The address does not exist."), _CORRECT),
    Code.DOMAIN_UNKNOWN: Reason(
        N_("The domain does not exist or takes no email."), N_("Correct the address (a typing error?) and send again.")
    ),
    Code.MAILBOX_FULL: Reason(N_("The recipient's mailbox is full."), N_("Send again tomorrow, or call.")),
    Code.DISABLED: Reason(N_("The mailbox is disabled or archived."), N_("Ask for another address.")),
    Code.TOO_BIG: Reason(N_("The message is too large for this server."), N_("Send again with a link.")),
    Code.SPAM: Reason(N_("The server took it for spam."), N_("Send the link to the document, and check your domain.")),
    Code.BLOCKED: Reason(N_("Your sending server is blocked there."), N_("Choose another sending mode.")),
    Code.AUTH: Reason(N_("Your domain is not authenticated (SPF/DKIM/DMARC)."), N_("Open the check of the domain.")),
    Code.NO_PTR: Reason(N_("The sending server has no reverse name."), N_("Tell your hosting company.")),
    Code.GREYLIST: Reason(N_("The server asks to try again later."), N_("Wait: it is done by itself.")),
    Code.RATE: Reason(N_("The server takes no more emails for the moment."), N_("Wait: it is done by itself.")),
    Code.UNREACHABLE: Reason(N_("The recipient's server does not answer."), _LATER),
    Code.EXPIRED: Reason(N_("The recipient's server did not answer in time; no further try is made."), _LATER),
    Code.VIRUS: Reason(N_("The server believes that the email holds a virus."), N_("Send the link to the document.")),
    Code.POLICY: Reason(
        N_("A rule of the recipient's server refuses this email."), N_("Read the server's answer, or call.")
    ),
    Code.LOOP: Reason(N_("The email goes round in circles between servers."), N_("Ask for another address.")),
    Code.MOVED: Reason(N_("The recipient has changed address."), N_("Ask for the new address.")),
    Code.SYSTEM: Reason(N_("The mail server has a fault."), _LATER),
    Code.OTHER: Reason(N_("The server refused the email."), N_("Read the server's answer.")),
}


def sentence(code: str) -> str:
    """What happened, in the language that is active; empty for no reason."""
    return gettext(REASONS[Code(code)].sentence) if code else ""


def advice(code: str) -> str:
    """What to do about it."""
    return gettext(REASONS[Code(code)].advice) if code else ""
