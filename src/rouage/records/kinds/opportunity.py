"""The kind "opportunity"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Field, RecordKind, Status, names
from rouage.records.kinds._shared import (
    CLIENT,
    CONTACT_ROLES,
    CONTACTS,
    MOMENTS,
    OWNER,
    RECORD_OWNER,
    status_field,
)
from rouage.records.models import Opportunity

STATUSES = (
    Status(
        key="open",
        label=pgettext_lazy("masculine", "Open"),
        feminine=pgettext_lazy("feminine", "Open"),
        css="info",
    ),
    Status(key="won", label=pgettext_lazy("masculine", "Won"), feminine=pgettext_lazy("feminine", "Won"), css="ok"),
    Status(key="lost", label=pgettext_lazy("masculine", "Lost"), feminine=pgettext_lazy("feminine", "Lost")),
)
_ALL = frozenset(status.key for status in STATUSES)
TRANSITIONS = {key: _ALL - {key} for key in _ALL}

TYPE = RecordKind(
    key="opportunity",
    model=Opportunity,
    label=_("Opportunity"),
    plural=_("Opportunities"),
    icon="target",
    feminine=True,
    fields=(
        Field(name="name", label=_("Name"), writable=True, column="name"),
        status_field(STATUSES, feminine=True),
        Field(name="amount", label=_("Amount"), type=FieldType.MONEY, writable=True, column="amount"),
        Field(name="currency", label=_("Currency")),
        Field(name="pipeline.id", label=_("Pipeline"), type=FieldType.CHOICE),
        Field(name="pipeline.name", label=_("Pipeline: name")),
        Field(name="stage.id", label=_("Stage"), type=FieldType.CHOICE),
        Field(name="stage.name", label=_("Stage: name")),
        Field(
            name="close_date",
            label=_("Expected close"),
            type=FieldType.DATE,
            writable=True,
            anchor=True,
            column="close_date",
        ),
        Field(name="won_at", label=_("Won on"), type=FieldType.MOMENT, anchor=True),
        Field(name="lost_at", label=_("Lost on"), type=FieldType.MOMENT, anchor=True),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("won", "lost"),
    roles=(*CONTACT_ROLES, RECORD_OWNER),
    editable=names("name amount currency close_date owner_id contact_id client_id"),
    required=("name", "client_id"),
    order="last_activity_at",
    url_name="opportunity",
)
