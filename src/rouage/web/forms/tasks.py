"""The form of a task."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from rouage.web.forms.base import label
from rouage.web.forms.fields import MomentField
from rouage.web.forms.records import RecordForm, person_field


class TaskForm(RecordForm):
    kind = "task"
    title = forms.CharField(
        label=label("task", "title"),
        max_length=200,
        error_messages={"required": _("Say in a few words what is to be done.")},
    )
    due_at = MomentField(label=label("task", "due_at"), required=False)
    assignee = person_field(_("Assigned to"))
    description = forms.CharField(
        label=label("task", "description"), required=False, max_length=20_000, widget=forms.Textarea
    )
