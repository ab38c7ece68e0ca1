"""The words of sending: what becomes of a message, of a recipient, and what tells us so."""

from enum import StrEnum


class Mode(StrEnum):
    """How an organisation's mails leave (SND-1)."""

    DEPLOYMENT = "deployment"  # the mail service of the deployment, from the settings
    PROVIDER = "provider"  # a provider's API
    SMTP = "smtp"  # the organisation's own server
    MANUAL = "manual"  # by post or by hand: nothing leaves by itself


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MessageStatus(StrEnum):
    """Where a message stands with us; what the recipients' servers said is in ``RecipientState``."""

    QUEUED = "queued"
    SENDING = "sending"
    AWAITING_RETRY = "awaiting_retry"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


OPEN = frozenset({MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.AWAITING_RETRY})


class RecipientKind(StrEnum):
    TO = "to"
    CC = "cc"


class RecipientState(StrEnum):
    """The state of one recipient, in the order of its rank: the highest that an event proves holds (mail.fold)."""

    QUEUED = "queued"  # En attente
    SENDING = "sending"  # En cours
    NOT_SENT = "not_sent"  # Non envoyé: our side, nothing was handed over
    UNKNOWN = "unknown"  # À vérifier: nobody can know whether the hand-over took place
    SENT = "sent"  # Envoyé: the next server took it
    DELAYED = "delayed"  # Retardé
    RELAYED = "relayed"  # Transmis (accusé impossible)
    DELIVERED = "delivered"  # Réceptionné
    FAILED = "failed"  # Non réceptionné
    COMPLAINED = "complained"  # Signalé indésirable
    CONFIRMED = "confirmed"  # Consulté, lu, répondu


class DeliveryKind(StrEnum):
    """What was observed about one recipient. Notes prove no state."""

    QUEUED = "queued"
    SENDING = "sending"  # the whole mail was transmitted but for the final dot
    RETRY = "retry"  # not handed over for a passing reason; another try is planned
    NOT_SENT = "not_sent"  # nothing was handed over, and no try is left
    LOST = "lost"  # the worker or the connection died after the marker
    ACCEPTED = "accepted"  # 250 after the final dot
    REFUSED = "refused"  # 5xx to the recipient, the mail or the final dot
    JOURNAL_COPY = "journal_copy"  # the copy to our own mailbox arrived: the relay took the mail
    FOUND_IN_SENT = "found_in_sent"  # the mail is in the mailbox's "Sent" folder
    MARKED_SENT = "marked_sent"  # a person said so
    DSN_DELAYED = "dsn_delayed"
    DSN_RELAYED = "dsn_relayed"
    DSN_EXPANDED = "dsn_expanded"
    DSN_DELIVERED = "dsn_delivered"
    DSN_FAILED = "dsn_failed"
    PROVIDER_DEFERRED = "provider_deferred"
    PROVIDER_DELIVERED = "provider_delivered"
    PROVIDER_BOUNCED = "provider_bounced"
    PROVIDER_REJECTED = "provider_rejected"
    COMPLAINED = "complained"  # the provider or an abuse report (ARF)
    DISPLAYED = "displayed"  # a reading receipt (MDN) that a person sent
    CONFIRMED = "confirmed"  # a click on the public document page
    REPLIED = "replied"
    AUTO_REPLIED = "auto_replied"  # note
    CHALLENGED = "challenged"  # note: the recipient's server asks for a confirmation
    NOT_DISPLAYED = "not_displayed"  # note: deleted or denied unread (MDN)
    ACKNOWLEDGED = "acknowledged"  # note: a member has seen the problem


class Source(StrEnum):
    """Who observed it."""

    OUTBOX = "outbox"
    SMTP = "smtp"
    WORKER = "worker"
    DSN = "dsn"
    IMAP = "imap"
    WEBHOOK = "webhook"
    JOURNAL = "journal"
    PORTAL = "portal"
    USER = "user"
