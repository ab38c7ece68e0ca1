"""The verbs of the whole journal in words, for the history of activities: what an entry of any room says."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from rouage.automations.verbs import VERBS, verb_label
from rouage.journal.models import Entry

_WORDS: Mapping[str, StrOrPromise] = {
    "organisation.created": _("Organisation created"),
    "organisation.changed": _("Settings changed"),
    "calendar.changed": _("Calendar changed"),
    "member.added": _("Member added"),
    "member.changed": _("Member changed"),
    "member.deactivated": _("Member removed"),
    "member.reactivated": _("Member back"),
    "member.signed_in": _("Signed in"),
    "profile.created": _("Profile created"),
    "profile.changed": _("Privileges changed"),
    "profile.deleted": _("Profile deleted"),
    "team.created": _("Team created"),
    "team.changed": _("Team changed"),
    "team.deleted": _("Team deleted"),
    "pipeline.created": _("Pipeline created"),
    "pipeline.changed": _("Pipeline changed"),
    "pipeline.deleted": _("Pipeline deleted"),
    "records.imported": _("Records imported"),
    "task.completed": _("Task completed"),
    "task.cancelled": _("Task cancelled"),
    "task.reopened": _("Task reopened"),
    "email_template.created": _("Email template created"),
    "email_template.changed": _("Email template changed"),
    "email_template.deleted": _("Email template deleted"),
    "mail_account.changed": _("Sending settings changed"),
    "mail_account.password_changed": _("Password of the mail server changed"),
    "person.masked": _("Personal data erased"),
}
_FROM_RUNS = ("run.", "step.", "message.", "call.", "automation.", "stop.")


def title(entry: Entry, usual: str) -> str:
    """``usual`` is what the activity of one record says: it speaks of the record without naming its kind."""
    if entry.verb in _WORDS:
        return str(_WORDS[entry.verb])
    if entry.verb.startswith(_FROM_RUNS) and entry.verb in VERBS:
        return verb_label(entry.verb)
    return usual
