"""Mail as rows: how an organisation sends, its templates, every message and recipient, and what became of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rouage.accounts.models import Organisation
from rouage.journal.append_only import AppendOnlyModel
from rouage.mail.states import MessageStatus, Mode, RecipientState, Security


class MailAccount(models.Model):
    """How an organisation sends; without one it sends through the deployment's service (SND-1).

    ``secret`` is encrypted (mail.secrets) or names a variable of the deployment: ``env:NAME``.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(
        max_length=10,
        choices=[
            (Mode.DEPLOYMENT.value, _("The deployment's mail service")),
            (Mode.PROVIDER.value, _("A provider's API")),
            (Mode.SMTP.value, _("Own SMTP server")),
            (Mode.MANUAL.value, _("Manual sending")),
        ],
        default=Mode.DEPLOYMENT.value,
    )
    provider = models.CharField(max_length=20, default="", blank=True)
    host = models.CharField(max_length=253, default="", blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(
        max_length=8,
        choices=[
            (Security.STARTTLS.value, _("STARTTLS")),
            (Security.TLS.value, _("TLS from the first byte")),
            (Security.NONE.value, _("None")),
        ],
        default=Security.STARTTLS.value,
    )
    auth = models.CharField(
        max_length=8, choices=[("password", _("Password")), ("xoauth2", "XOAUTH2")], default="password"
    )
    user = models.CharField(max_length=254, default="", blank=True)
    secret = models.TextField(default="", blank=True)
    from_name = models.CharField(max_length=100, default="", blank=True)
    from_address = models.CharField(max_length=254, default="", blank=True)
    reply_to = models.CharField(max_length=254, default="", blank=True)
    dsn_seen = models.BooleanField(null=True)  # None: not asked yet

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="mail_account_once")]


class EmailTemplate(models.Model):
    """A subject and a text with merge fields (mail.merge), one row per language (SND-6)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    language = models.CharField(max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr")
    kind = models.CharField(max_length=20, default="", blank=True)  # the record kind it is written for; empty: any
    subject = models.CharField(max_length=300)
    body = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name", "language"], name="template_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Message(AppendOnlyModel):
    """One mail as it was decided: its content never changes, a resend is a new row with ``resend_of``.

    ``due_at`` says when to look at it, null once nothing is left to do. ``attempt`` counts the claims: with the status
    it is the fence. ``cause`` is the chain of run links that led here, as in journal.DomainEvent.
    """

    mutable: ClassVar[frozenset[str]] = frozenset({"status", "due_at", "claimed_until", "attempt", "sent_at"})

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    idempotency_key = models.CharField(max_length=100)
    message_id = models.CharField(max_length=320)  # the mail's Message-ID, the same on every attempt
    run_id = models.BigIntegerField(null=True)
    position = models.SmallIntegerField(null=True)
    automation_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20, default="")
    record_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    template_id = models.BigIntegerField(null=True)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(default="")  # empty: made from the text when the mail is composed
    language = models.CharField(max_length=2)
    reminder = models.BooleanField(default=False)
    cause = models.JSONField(default=list)
    resend_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    status = models.CharField(max_length=16, default=MessageStatus.QUEUED.value)
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        # claimed_until and status are in no index on purpose: on PostgreSQL a claim is then a HOT update.
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="message_due"),
            models.Index(
                fields=["organisation", "due_at"], condition=Q(due_at__isnull=False), name="message_due_by_organisation"
            ),
            models.Index(fields=["run_id", "position"], condition=Q(run_id__isnull=False), name="message_by_run"),
            models.Index(fields=["organisation", "kind", "record_id", "created_at"], name="message_by_record"),
            models.Index(
                fields=["organisation", "client_id", "created_at"], condition=Q(reminder=True), name="message_reminders"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["idempotency_key"], name="message_once"),
            models.UniqueConstraint(fields=["message_id"], name="message_id_once"),
        ]


class Recipient(AppendOnlyModel):
    """One address of a message. ``state`` and what stands beside it are kept from its events (mail.fold).

    ``dot_pending_at``: committed before the final dot of the SMTP dialogue and cleared by its reply; a worker that dies
    in between leaves it behind, and the outcome is unknown.
    """

    mutable: ClassVar[frozenset[str]] = frozenset(
        {"state", "state_at", "dot_pending_at", "reason", "smtp_code", "enhanced", "diagnostic"}
    )

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    message = models.ForeignKey(Message, models.PROTECT, related_name="recipients", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=3, choices=[("to", _("To")), ("cc", _("Cc"))], default="to")
    address = models.CharField(max_length=320)  # as it stands on the card: it may be empty or wrong
    name = models.CharField(max_length=200, default="")
    role = models.CharField(max_length=20, default="")
    contact_id = models.BigIntegerField(null=True)
    token = models.CharField(max_length=40)  # holds the id and a signature (mail.tokens), so it needs no index
    state = models.CharField(max_length=12, default=RecipientState.QUEUED.value)
    state_at = models.DateTimeField()
    dot_pending_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=24, default="")  # mail.reasons
    smtp_code = models.SmallIntegerField(null=True)
    enhanced = models.CharField(max_length=12, default="")  # RFC 3463
    diagnostic = models.TextField(default="")  # the server's own words

    class Meta:
        indexes = [models.Index(fields=["message"], name="recipient_by_message")]


class DeliveryEvent(AppendOnlyModel):
    """What was observed about a recipient: nothing is ever taken back, and the same observation counts once."""

    mutable: ClassVar[frozenset[str]] = frozenset()

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="events", db_index=False, db_constraint=False)
    kind = models.CharField(max_length=20)
    attempt = models.SmallIntegerField(default=0)  # the message's attempt that it belongs to
    source = models.CharField(max_length=10)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    evidence = models.JSONField(default=dict)
    dedup_key = models.CharField(max_length=100)

    class Meta:
        indexes = [models.Index(fields=["recipient"], name="delivery_by_recipient")]
        constraints = [models.UniqueConstraint(fields=["dedup_key"], name="delivery_once")]


class DemoMail(models.Model):
    """A mail that the demo mailbox caught. Without an organisation nobody sees it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", db_index=False)
    message = models.ForeignKey(
        Message, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    mail_from = models.CharField(max_length=320)
    rcpt_to = models.CharField(max_length=320)
    subject = models.TextField(default="")
    raw = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "received_at", "id"], name="demo_mail_page")]
