"""The words of statuses: label and badge, in one place; those of records come from the kinds themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.mail.states import RecipientState
from rouage.planner.model import RunStatus
from rouage.records.kinds import KINDS


@dataclass(frozen=True, kw_only=True)
class Word:
    """``css`` is the class of the badge: "" grey, ok, wait, fail, info, paused."""

    label: StrOrPromise
    css: str = ""


# RUN-2. The context: French says "Annulée" of a run and "Annulé" of a quote.
RUNS: Mapping[str, Word] = {
    RunStatus.WAITING: Word(label=pgettext_lazy("run", "Waiting"), css="wait"),
    RunStatus.RUNNING: Word(label=pgettext_lazy("run", "Running"), css="info"),
    RunStatus.PAUSED: Word(label=pgettext_lazy("run", "Paused"), css="paused"),
    RunStatus.FINISHED: Word(label=pgettext_lazy("run", "Finished"), css="ok"),
    RunStatus.FAILED: Word(label=pgettext_lazy("run", "Failed"), css="fail"),
    RunStatus.CANCELLED: Word(label=pgettext_lazy("run", "Cancelled")),
}
# SND-3.
RECIPIENTS: Mapping[str, Word] = {
    RecipientState.QUEUED: Word(label=pgettext_lazy("email", "Waiting"), css="wait"),
    RecipientState.SENDING: Word(label=pgettext_lazy("email", "In progress"), css="info"),
    RecipientState.NOT_SENT: Word(label=pgettext_lazy("email", "Not sent"), css="fail"),
    RecipientState.UNKNOWN: Word(label=pgettext_lazy("email", "To check"), css="wait"),
    RecipientState.SENT: Word(label=pgettext_lazy("email", "Sent"), css="info"),
    RecipientState.DELAYED: Word(label=pgettext_lazy("email", "Delayed"), css="wait"),
    RecipientState.RELAYED: Word(label=pgettext_lazy("email", "Passed on, no receipt possible"), css="info"),
    RecipientState.DELIVERED: Word(label=pgettext_lazy("email", "Delivered"), css="ok"),
    RecipientState.FAILED: Word(label=pgettext_lazy("email", "Not delivered"), css="fail"),
    RecipientState.COMPLAINED: Word(label=pgettext_lazy("email", "Reported as spam"), css="fail"),
    RecipientState.CONFIRMED: Word(label=pgettext_lazy("email", "Read"), css="ok"),
}

# How money came in.
METHODS: Mapping[str, StrOrPromise] = {
    "transfer": _("Bank transfer"),
    "card": _("Card"),
    "cheque": _("Cheque"),
    "cash": _("Cash"),
    "direct_debit": _("Direct debit"),
    "other": _("Other means"),
}

# What an opportunity is that stands in a stage.
OUTCOMES: Mapping[str, StrOrPromise] = {
    "open": pgettext_lazy("feminine", "Open"),
    "won": pgettext_lazy("feminine", "Won"),
    "lost": pgettext_lazy("feminine", "Lost"),
}


def record_status(kind: str, status: str) -> Word:
    """In the gender of the kind; a status that the kind does not have is shown as it is stored."""
    found = KINDS[kind].status(status)
    return Word(label=KINDS[kind].status_label(status), css=found.css if found else "")
