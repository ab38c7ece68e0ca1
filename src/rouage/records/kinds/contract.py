"""The kind "contract": a maintenance contract."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Field, RecordKind, Status, names
from rouage.records.kinds._shared import (
    CLIENT,
    CONTACT_ROLES,
    CONTACTS,
    DRAFT,
    MOMENTS,
    OWNER,
    RECORD_OWNER,
    status_field,
)
from rouage.records.models import Contract

STATUSES = (
    DRAFT,
    Status(key="active", label=_("Active"), css="ok"),
    Status(key="notice_given", label=_("Notice given"), css="wait"),
    Status(key="ended", label=pgettext_lazy("masculine", "Ended"), feminine=pgettext_lazy("feminine", "Ended")),
    Status(key="terminated", label=_("Terminated")),
)
TRANSITIONS = {
    "draft": frozenset({"active", "terminated"}),
    "active": frozenset({"notice_given", "ended", "terminated"}),
    "notice_given": frozenset({"active", "ended", "terminated"}),
    "ended": frozenset({"active"}),
    "terminated": frozenset({"active"}),
}

TYPE = RecordKind(
    key="contract",
    model=Contract,
    label=_("Maintenance contract"),
    plural=_("Maintenance contracts"),
    icon="shield-check",
    fields=(
        Field(name="number", label=_("Number")),
        Field(name="name", label=_("Name"), writable=True, column="name"),
        status_field(STATUSES, feminine=False),
        Field(
            name="start_date",
            label=_("Start date"),
            type=FieldType.DATE,
            writable=True,
            anchor=True,
            column="start_date",
        ),
        Field(
            name="renewal_date",
            label=_("Renewal date"),
            type=FieldType.DATE,
            writable=True,
            anchor=True,
            column="renewal_date",
        ),
        Field(name="notice_days", label=_("Notice period (days)"), type=FieldType.NUMBER),
        Field(name="notice_date", label=_("Last day to give notice"), type=FieldType.DATE, anchor=True),
        Field(name="term_months", label=_("Term (months)"), type=FieldType.NUMBER),
        Field(name="amount", label=_("Amount"), type=FieldType.MONEY, writable=True, column="amount"),
        Field(name="currency", label=_("Currency")),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("notice_given", "ended", "terminated"),
    roles=(*CONTACT_ROLES, RECORD_OWNER),
    editable=names(
        "name start_date renewal_date notice_days term_months amount currency owner_id contact_id client_id"
    ),
    required=("name", "client_id"),
    order="renewal_date",
    descending=False,
    url_name="contract",
    series="CM",
    yearly=False,
)
