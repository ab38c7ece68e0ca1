"""The kind "quote"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Field, RecordKind, Status, names
from rouage.records.kinds._shared import (
    CANCELLED,
    CLIENT,
    CONTACT_ROLES,
    CONTACTS,
    DOCUMENT,
    DRAFT,
    MOMENTS,
    OPENED,
    OWNER,
    RECORD_OWNER,
    SENT,
    status_field,
)
from rouage.records.models import Quote

STATUSES = (
    DRAFT,
    SENT,
    OPENED,
    Status(
        key="accepted",
        label=pgettext_lazy("masculine", "Accepted"),
        feminine=pgettext_lazy("feminine", "Accepted"),
        css="ok",
    ),
    Status(key="refused", label=pgettext_lazy("masculine", "Refused"), feminine=pgettext_lazy("feminine", "Refused")),
    Status(
        key="expired",
        label=pgettext_lazy("masculine", "Expired"),
        feminine=pgettext_lazy("feminine", "Expired"),
        css="wait",
    ),
    Status(
        key="invoiced",
        label=pgettext_lazy("masculine", "Invoiced"),
        feminine=pgettext_lazy("feminine", "Invoiced"),
        css="ok",
    ),
    CANCELLED,
)
# A client who changes their mind, and a click on the wrong button, can both be put right; a cancelled quote is over.
TRANSITIONS = {
    "draft": frozenset({"sent", "accepted", "refused", "cancelled"}),
    "sent": frozenset({"opened", "accepted", "refused", "expired", "cancelled"}),
    "opened": frozenset({"accepted", "refused", "expired", "cancelled"}),
    "accepted": frozenset({"sent", "refused", "invoiced", "cancelled"}),
    "refused": frozenset({"sent", "accepted", "cancelled"}),
    "expired": frozenset({"sent", "accepted", "refused", "cancelled"}),
    "invoiced": frozenset({"accepted"}),
}

TYPE = RecordKind(
    key="quote",
    model=Quote,
    label=_("Quote"),
    plural=_("Quotes"),
    icon="file-text",
    fields=(
        *DOCUMENT,
        status_field(STATUSES, feminine=False),
        Field(
            name="validity_date",
            label=_("Valid until"),
            type=FieldType.DATE,
            writable=True,
            anchor=True,
            column="validity_date",
        ),
        Field(name="accepted_at", label=_("Accepted on"), type=FieldType.MOMENT, anchor=True),
        Field(name="refused_at", label=_("Refused on"), type=FieldType.MOMENT, anchor=True),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("accepted", "refused", "invoiced", "cancelled"),
    roles=(*CONTACT_ROLES, RECORD_OWNER),
    editable=names("subject validity_date owner_id contact_id client_id currency issue_date sent_at"),
    required=("client_id",),
    order="issue_date",
    url_name="quote",
    series="D",
)
