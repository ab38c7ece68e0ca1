"""The kind "intervention"."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Field, RecordKind, Status, names
from rouage.records.kinds._shared import (
    ASSIGNEE,
    CANCELLED,
    CLIENT,
    CONTACT_ROLES,
    CONTACTS,
    DONE,
    MOMENTS,
    OWNER,
    RECORD_OWNER,
    person,
    status_field,
)
from rouage.records.models import Intervention

STATUSES = (
    Status(key="to_plan", label=_("To plan"), css="wait"),
    Status(
        key="planned",
        label=pgettext_lazy("masculine", "Planned"),
        feminine=pgettext_lazy("feminine", "Planned"),
        css="info",
    ),
    Status(key="in_progress", label=_("In progress"), css="info"),
    DONE,
    CANCELLED,
)
_ALL = frozenset(status.key for status in STATUSES)
TRANSITIONS = {key: _ALL - {key} for key in _ALL}

TYPE = RecordKind(
    key="intervention",
    model=Intervention,
    label=_("Intervention"),
    plural=_("Interventions"),
    icon="wrench",
    feminine=True,
    fields=(
        Field(name="number", label=_("Number")),
        Field(name="title", label=_("Title"), writable=True, column="title"),
        status_field(STATUSES, feminine=True),
        Field(
            name="planned_start",
            label=_("Planned start"),
            type=FieldType.MOMENT,
            writable=True,
            anchor=True,
            column="planned_start",
        ),
        Field(
            name="planned_end",
            label=_("Planned end"),
            type=FieldType.MOMENT,
            writable=True,
            anchor=True,
            column="planned_end",
        ),
        Field(name="address", label=_("Address"), writable=True, column="address"),
        Field(name="report", label=_("Report"), writable=True, column="report"),
        *person("assignee", _("Assignee"), _("Assignee: name"), _("Assignee: email")),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("done", "cancelled"),
    roles=(*CONTACT_ROLES, ASSIGNEE, RECORD_OWNER),
    editable=names(
        "title planned_start planned_end address report assignee_id owner_id contact_id client_id contract_id"
    ),
    required=("title", "client_id"),
    linked=names("quote_id"),
    order="planned_start",
    url_name="intervention",
    series="I",
)
