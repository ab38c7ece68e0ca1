"""The kind "event": an event of a client."""

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
    DONE,
    LEAD,
    MOMENTS,
    OWNER,
    RECORD_OWNER,
    person,
    status_field,
)
from rouage.records.models import Event

STATUSES = (
    Status(key="inquiry", label=_("Inquiry")),
    Status(key="option", label=_("Option"), css="wait"),
    Status(
        key="confirmed",
        label=pgettext_lazy("masculine", "Confirmed"),
        feminine=pgettext_lazy("feminine", "Confirmed"),
        css="ok",
    ),
    DONE,
    CANCELLED,
)
_ALL = frozenset(status.key for status in STATUSES)
# Events come and go between option and confirmation; only the present status cannot follow itself.
TRANSITIONS = {key: _ALL - {key} for key in _ALL}

TYPE = RecordKind(
    key="event",
    model=Event,
    label=_("Event"),
    plural=_("Events"),
    icon="calendar",
    fields=(
        Field(name="name", label=_("Name"), writable=True, column="name"),
        status_field(STATUSES, feminine=False),
        Field(
            name="start_at",
            label=_("Start of the event"),
            type=FieldType.MOMENT,
            writable=True,
            anchor=True,
            column="start_at",
        ),
        Field(
            name="end_at",
            label=_("End of the event"),
            type=FieldType.MOMENT,
            writable=True,
            anchor=True,
            column="end_at",
        ),
        Field(name="location", label=_("Place"), writable=True, column="location"),
        Field(name="brief", label=_("Brief"), writable=True, column="brief"),
        *person("lead", _("Project lead"), _("Project lead: name"), _("Project lead: email")),
        *MOMENTS,
        *OWNER,
        *CLIENT,
        *CONTACTS,
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    stop=("cancelled",),
    roles=(*CONTACT_ROLES, LEAD, RECORD_OWNER),
    editable=names("name start_at end_at location brief lead_id owner_id contact_id client_id"),
    required=("name", "client_id"),
    linked=names("quote_id opportunity_id"),
    order="start_at",
    url_name="event",
)
