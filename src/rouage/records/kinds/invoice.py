"""The kind "invoice"."""

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
from rouage.records.models import Invoice

STATUSES = (
    DRAFT,
    SENT,
    OPENED,
    # Payments and the due date decide these three, nobody else.
    Status(key="partially_paid", label=_("Partly paid"), feminine=_("Partly paid"), css="wait", settable=False),
    Status(
        key="paid",
        label=pgettext_lazy("masculine", "Paid"),
        feminine=pgettext_lazy("feminine", "Paid"),
        css="ok",
        settable=False,
    ),
    Status(key="overdue", label=_("Overdue"), css="fail", settable=False),
    CANCELLED,
    Status(key="credited", label=_("Credit note issued")),
)
TRANSITIONS = {
    "draft": frozenset({"sent", "cancelled"}),
    "sent": frozenset({"opened", "partially_paid", "paid", "overdue", "cancelled", "credited"}),
    "opened": frozenset({"sent", "partially_paid", "paid", "overdue", "cancelled", "credited"}),
    "partially_paid": frozenset({"sent", "opened", "paid", "overdue", "credited"}),
    "paid": frozenset({"sent", "opened", "partially_paid", "overdue", "credited"}),
    "overdue": frozenset({"sent", "opened", "partially_paid", "paid", "cancelled", "credited"}),
}

TYPE = RecordKind(
    key="invoice",
    model=Invoice,
    label=_("Invoice"),
    plural=_("Invoices"),
    icon="receipt",
    feminine=True,
    fields=(
        *DOCUMENT,
        status_field(STATUSES, feminine=True),
        Field(
            name="due_date",
            label=_("Due date"),
            type=FieldType.DATE,
            writable=True,
            anchor=True,
            column="due_date",
        ),
        Field(name="paid_total", label=_("Amount paid"), type=FieldType.MONEY),
        Field(name="balance", label=_("Balance due"), type=FieldType.MONEY),
        Field(name="paid_on", label=_("Paid on"), type=FieldType.DATE, anchor=True),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("paid", "cancelled", "credited"),
    roles=(*CONTACT_ROLES, RECORD_OWNER),
    editable=names("subject due_date owner_id contact_id client_id currency issue_date sent_at"),
    required=("client_id",),
    linked=names("quote_id"),
    order="issue_date",
    url_name="invoice",
    series="F",
)
