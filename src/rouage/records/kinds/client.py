"""The kind "client": a company or a person; no automations start on it yet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Choice, Field, RecordKind, names
from rouage.records.kinds._shared import CONTACTS, LANGUAGES, MAIN, MOMENTS, OWNER, RECORD_OWNER
from rouage.records.models import Client

TYPES = (Choice(key="company", label=_("Company")), Choice(key="person", label=_("Person")))

TYPE = RecordKind(
    key="client",
    model=Client,
    label=_("Client"),
    plural=_("Clients"),
    icon="users",
    fields=(
        Field(name="code", label=_("Code")),
        Field(name="name", label=_("Name")),
        Field(name="type", label=_("Type"), type=FieldType.CHOICE, choices=TYPES),
        Field(name="email", label=_("Email")),
        Field(name="phone", label=_("Phone")),
        Field(name="address", label=_("Address")),
        Field(name="postal_code", label=_("Postal code")),
        Field(name="city", label=_("City")),
        Field(name="country", label=_("Country")),
        Field(name="language", label=_("Language"), type=FieldType.CHOICE, choices=LANGUAGES),
        Field(name="payment_days", label=_("Payment term (days)"), type=FieldType.NUMBER),
        Field(name="automations_paused_until", label=_("Automations paused until"), type=FieldType.MOMENT),
        *MOMENTS,
        *OWNER,
        *CONTACTS,
    ),
    roles=(MAIN, RECORD_OWNER),
    editable=names(
        "code name type email phone address "
        "postal_code city country language payment_days automations_paused_until owner_id"
    ),
    required=("name",),
    order="search_text",
    descending=False,
    url_name="client",
    automatable=False,
)
