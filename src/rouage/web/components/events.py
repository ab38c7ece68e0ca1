"""What happened to a record, in words: the domain events that automations listen to."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

# By the last word of the event's type.
_WORDS: Mapping[str, StrOrPromise] = {
    "created": _("Record created"),
    "changed": _("Record changed"),
    "status_changed": _("Status changed"),
    "stage_changed": _("Stage changed"),
    "deleted": _("Record deleted"),
    "button": _("Button pressed"),
    "enrolled": _("Taken in as an existing record"),
    "opened": _("Document opened"),
    "sent": _("Email sent"),
    "failed": _("Email not sent"),
    "delivered": _("Email delivered"),
    "bounced": _("Email returned"),
}


def event_words(event_type: str) -> str:
    """A type that is not known here is told as a change."""
    return str(_WORDS.get(event_type.rpartition(".")[2], _("Record changed")))
