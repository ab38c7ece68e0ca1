"""The fields, statuses and roles that several kinds share."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Choice, Field, RecipientRole, Status

LANGUAGES = (Choice(key="fr", label=_("French")), Choice(key="en", label=_("English")))

CLIENT = (
    Field(name="client.name", label=_("Client: name")),
    Field(name="client.email", label=_("Client: email")),
    Field(name="client.phone", label=_("Client: phone")),
    Field(name="client.city", label=_("Client: city")),
    Field(name="client.postal_code", label=_("Client: postal code")),
    Field(name="client.country", label=_("Client: country")),
    Field(name="client.language", label=_("Client: language"), type=FieldType.CHOICE, choices=LANGUAGES),
    Field(name="client.code", label=_("Client: code")),
)
CONTACTS = (
    Field(name="contact.main.name", label=_("Main contact: name")),
    Field(name="contact.main.email", label=_("Main contact: email")),
    Field(name="contact.billing.name", label=_("Billing contact: name")),
    Field(name="contact.billing.email", label=_("Billing contact: email")),
    Field(name="contact.dunning.name", label=_("Dunning contact: name")),
    Field(name="contact.dunning.email", label=_("Dunning contact: email")),
    Field(name="contact.document.name", label=_("Contact of the record: name")),
    Field(name="contact.document.email", label=_("Contact of the record: email")),
)
OWNER = (
    Field(name="owner.id", label=_("Owner"), type=FieldType.PERSON, writable=True, column="owner_id"),
    Field(name="owner.name", label=_("Owner: name")),
    Field(name="owner.email", label=_("Owner: email")),
)
MOMENTS = (
    Field(name="created_at", label=_("Created on"), type=FieldType.MOMENT, anchor=True),
    Field(name="last_activity_at", label=_("Last activity"), type=FieldType.MOMENT),
)
DOCUMENT = (
    Field(name="number", label=_("Number")),
    Field(name="subject", label=_("Subject"), writable=True, column="subject"),
    Field(name="issue_date", label=_("Issue date"), type=FieldType.DATE, anchor=True),
    Field(name="total_net", label=_("Total excluding VAT"), type=FieldType.MONEY),
    Field(name="total_tax", label=_("VAT"), type=FieldType.MONEY),
    Field(name="total_gross", label=_("Total including VAT"), type=FieldType.MONEY),
    Field(name="currency", label=_("Currency")),
    Field(name="sent_at", label=_("Sent on"), type=FieldType.MOMENT, anchor=True),
    Field(name="opened_at", label=_("Opened on"), type=FieldType.MOMENT, anchor=True),
)

MAIN = RecipientRole(key="contact.main", label=_("Main contact of the client"))
BILLING = RecipientRole(key="contact.billing", label=_("Billing contact"))
DUNNING = RecipientRole(key="contact.dunning", label=_("Dunning contact"))
DOCUMENT_CONTACT = RecipientRole(key="contact.document", label=_("Contact of the record"))
RECORD_OWNER = RecipientRole(key="owner", label=_("Document owner"))
LEAD = RecipientRole(key="lead", label=_("Project lead"))
ASSIGNEE = RecipientRole(key="assignee", label=_("Assignee"))
CONTACT_ROLES = (MAIN, DOCUMENT_CONTACT, BILLING, DUNNING)

DRAFT = Status(key="draft", label=_("Draft"))
SENT = Status(
    key="sent", label=pgettext_lazy("masculine", "Sent"), feminine=pgettext_lazy("feminine", "Sent"), css="info"
)
OPENED = Status(
    key="opened", label=pgettext_lazy("masculine", "Opened"), feminine=pgettext_lazy("feminine", "Opened"), css="info"
)
CANCELLED = Status(
    key="cancelled", label=pgettext_lazy("masculine", "Cancelled"), feminine=pgettext_lazy("feminine", "Cancelled")
)
DONE = Status(
    key="done", label=pgettext_lazy("masculine", "Done"), feminine=pgettext_lazy("feminine", "Done"), css="ok"
)


def status_field(statuses: Iterable[Status], *, feminine: bool) -> Field:
    choices = tuple(
        Choice(key=status.key, label=status.feminine if feminine and status.feminine else status.label)
        for status in statuses
    )
    return Field(name="status", label=_("Status"), type=FieldType.CHOICE, choices=choices)


def person(key: str, label: StrOrPromise, name_label: StrOrPromise, email_label: StrOrPromise) -> tuple[Field, ...]:
    """The three fields of a member who has a part in the record."""
    return (
        Field(name=f"{key}.id", label=label, type=FieldType.PERSON, writable=True, column=f"{key}_id"),
        Field(name=f"{key}.name", label=name_label),
        Field(name=f"{key}.email", label=email_label),
    )
