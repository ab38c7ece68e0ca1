"""What a mail that came back says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the mail is. Of several recipients with different outcomes, the first in this order gives its name."""

    FAILURE = "failure"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    COMPLAINT = "complaint"  # RFC 5965
    READ_RECEIPT = "read_receipt"  # RFC 8098
    AUTO_REPLY = "auto_reply"  # RFC 3834
    CHALLENGE = "challenge"  # the recipient's server asks the sender to prove that he is a person
    NO_REPORT = "no_report"


class Action(StrEnum):
    """What became of the mail for one recipient; the names are those of ``states.DeliveryKind``."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    COMPLAINED = "complained"
    DISPLAYED = "displayed"
    NOT_DISPLAYED = "not_displayed"
    AUTO_REPLIED = "auto_replied"
    CHALLENGED = "challenged"


class Cause(StrEnum):
    """Why it did not arrive: the third group of ``reasons.Code``, which this pure room cannot import."""

    SENDER = "sender_bad"
    RELAY = "relay"
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


class Evidence(StrEnum):
    """What a cause was read from, the most trustworthy first."""

    PROVIDER_CODE = "provider_code"  # OFR_416, RecipientNotFound
    DIAGNOSTIC_CODE = "diagnostic_code"  # the enhanced code in the remote server's own answer
    TEXT = "text"
    STATUS = "status"  # the field Status, often the reporter's own guess
    SMTP_CODE = "smtp_code"
    NONE = "none"


class Confidence(StrEnum):
    """How the mail was understood."""

    CERTAIN = "certain"  # the parts of the standard
    LIKELY = "likely"  # the fields of the standard, in a broken or wrapped mail
    GUESSED = "guessed"  # from its prose and its headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The outcome for one address, lower-cased; ``original`` is the address that we wrote to, where it differs."""

    address: str
    action: Action
    original: str = ""
    enhanced: str = ""  # RFC 3463: "5.1.1"
    smtp: str = ""  # "550"
    diagnostic: str = ""  # the server's answer on one line, at most 1,000 characters; untrusted text
    remote_mta: str = ""
    cause: Cause | None = None
    evidence: Evidence = Evidence.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``returned_to`` holds the addresses that the report came to: a token may be in their local part."""

    kind: Kind
    confidence: Confidence | None = None
    recipients: tuple[Recipient, ...] = ()
    message_id: str = ""  # of the mail that it is about, with its angle brackets
    rouage_id: str = ""
    envelope_id: str = ""
    returned_to: tuple[str, ...] = ()
