"""The kind "task"; no automations start on it yet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rouage.planner.operators import FieldType
from rouage.records.kinds._kind import Field, RecordKind, Status, names
from rouage.records.kinds._shared import CANCELLED, DONE, person, status_field
from rouage.records.models import Task

STATUSES = (
    Status(key="open", label=_("To do"), feminine=_("To do"), css="wait"),
    DONE,
    CANCELLED,
)
TRANSITIONS = {
    "open": frozenset({"done", "cancelled"}),
    "done": frozenset({"open"}),
    "cancelled": frozenset({"open"}),
}

TYPE = RecordKind(
    key="task",
    model=Task,
    label=_("Task"),
    plural=_("Tasks"),
    icon="square-check-big",
    feminine=True,
    fields=(
        Field(name="title", label=_("Title")),
        Field(name="description", label=_("Description")),
        Field(name="due_at", label=_("Due"), type=FieldType.MOMENT),
        Field(name="done_at", label=_("Done on"), type=FieldType.MOMENT),
        status_field(STATUSES, feminine=True),
        *person("assignee", _("Assignee"), _("Assignee: name"), _("Assignee: email")),
    ),
    statuses=STATUSES,
    transitions=TRANSITIONS,
    editable=names("title description due_at assignee_id"),
    required=("title",),
    order="due_at",
    descending=False,
    url_name="task",
    automatable=False,
)
