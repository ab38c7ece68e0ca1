"""What an entry of the journal says: a sentence, who did it, and what it changed from what to what (REC-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.journal.actors import ActorKind
from rouage.journal.models import Entry
from rouage.records.kinds import KINDS
from rouage.web.components import amounts
from rouage.web.components.values import field_label, value


@dataclass(frozen=True, kw_only=True)
class Change:
    """Before and after; "" for nothing."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry as a timeline draws it. ``address``: the page of what the sentence is about, when there is one."""

    css: str
    icon: str
    title: str
    by: str
    at: datetime
    text: str = ""
    changes: Sequence[Change] = ()
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class _Look:
    icon: str
    title: Callable[[Entry], str]
    css: str = ""


def lines(entries: Iterable[Entry], *, currency: str) -> list[Line]:
    """A run's small steps are left out: its own page tells them."""
    return [line(entry, currency=currency) for entry in entries if entry.verb not in _UNTOLD]


def line(entry: Entry, *, currency: str) -> Line:
    look = _LOOKS.get(entry.verb) or _LOOKS.get(entry.verb.rpartition(".")[2]) or _OTHER
    return Line(
        css=look.css,
        icon=look.icon,
        title=look.title(entry),
        by=_by(entry),
        at=entry.at,
        text=_text(entry, currency),
        changes=tuple(_changes(entry, currency)),
        address=_address(entry),
    )


def _changes(entry: Entry, currency: str) -> Iterator[Change]:
    names: Mapping[str, Any] = entry.data.get("names", {})
    found: dict[str, Any] = dict(entry.data.get("changes", {}))
    if "lines" in entry.data:
        found["lines"] = entry.data["lines"]
    for name, pair in found.items():
        if not (isinstance(pair, list) and len(pair) == 2) or name in _SILENT:  # noqa: PLR2004 -- old and new
            continue
        # Of a person, a client or a stage the journal keeps the name that they had.
        old, new = names.get(name) or pair
        before, after = (value(entry.kind, name, raw, currency=currency) for raw in (old, new))
        if name in names or not name.endswith(".id"):
            yield Change(label=field_label(entry.kind, name), old=before, new=after)


def _by(entry: Entry) -> str:
    match entry.actor_kind:
        case ActorKind.RUN:
            return _("by the automation “%(name)s”") % {"name": entry.actor_label}
        case ActorKind.SYSTEM:
            return _("by Rouage")
        case ActorKind.CLIENT:
            return _("by the client, %(name)s") % {"name": entry.actor_label}
        case ActorKind.TOKEN:
            return _("by the program “%(name)s”") % {"name": entry.actor_label}
        case ActorKind.FUNCTION:
            return _("by the function “%(name)s”") % {"name": entry.actor_label}
        case _:
            return _("by %(name)s") % {"name": entry.actor_label}


def _text(entry: Entry, currency: str) -> str:
    data = entry.data
    if entry.verb == "note.added":
        return str(data.get("text", ""))
    if "payment" in data:
        return amounts.money(Decimal(str(data["payment"]["amount"])), currency)
    if entry.verb == "task.created":
        return str(data.get("title", ""))
    if "contact" in data:
        return str(data["contact"].get("name", ""))
    return ""


def _address(entry: Entry) -> str:
    """The run that did it, or the record that was made from this one."""
    try:
        if "invoice_id" in entry.data:
            return reverse(KINDS["invoice"].url_name, args=[entry.data["invoice_id"]])
        if "task_id" in entry.data:
            return reverse(KINDS["task"].url_name, args=[entry.data["task_id"]])
        if "source" in entry.data:
            kind, record_id = entry.data["source"]
            return reverse(KINDS[kind].url_name, args=[record_id])
    except (NoReverseMatch, KeyError):
        return ""
    return ""


_UNTOLD = frozenset(
    {
        "run.waiting", "run.running", "run.moved", "run.begun", "run.woken", "run.postponed", "run.asked_now",
        "step.caught_up", "message.queued", "stop.unknown",
    }
)  # fmt: skip
# What follows from another change that is told beside it.
_SILENT = frozenset({"search_text"})
_CREATED: Mapping[str, StrOrPromise] = {
    "quote": gettext_lazy("Quote created"),
    "invoice": gettext_lazy("Invoice created"),
    "event": gettext_lazy("Event created"),
    "intervention": gettext_lazy("Intervention created"),
    "contract": gettext_lazy("Contract created"),
    "opportunity": gettext_lazy("Opportunity created"),
    "client": gettext_lazy("Client created"),
    "task": gettext_lazy("Task created"),
}


def _created(entry: Entry) -> str:
    return str(_CREATED.get(entry.kind, gettext_lazy("Created")))


def _changed(entry: Entry) -> str:
    if "contact" not in entry.data:
        return _("Details changed")
    pairs = list(entry.data.get("changes", {}).values())
    if pairs and all(old is None for old, _new in pairs):
        return _("Contact added")
    return _("Contact removed") if pairs and all(new is None for _old, new in pairs) else _("Contact changed")


def _said(text: StrOrPromise) -> Callable[[Entry], str]:
    return lambda _entry: str(text)


# By the whole verb, else by its last word.
_LOOKS: Mapping[str, _Look] = {
    "created": _Look(icon="plus", title=_created),
    "imported": _Look(icon="upload", title=_said(gettext_lazy("Imported from a file"))),
    "changed": _Look(icon="pencil", title=_changed),
    "status_changed": _Look(icon="circle-dot", title=_said(gettext_lazy("Status changed")), css="info"),
    "stage_changed": _Look(icon="arrow-right", title=_said(gettext_lazy("Stage changed")), css="info"),
    "deleted": _Look(icon="trash-2", title=_said(gettext_lazy("Deleted")), css="fail"),
    "quote.issued": _Look(icon="file-check", title=_said(gettext_lazy("Quote numbered")), css="info"),
    "invoice.issued": _Look(icon="file-check", title=_said(gettext_lazy("Invoice issued")), css="info"),
    "contract.renewed": _Look(icon="refresh-cw", title=_said(gettext_lazy("Contract renewed")), css="ok"),
    "payment.recorded": _Look(icon="banknote", title=_said(gettext_lazy("Payment recorded")), css="ok"),
    "payment.removed": _Look(icon="undo-2", title=_said(gettext_lazy("Payment removed")), css="wait"),
    "note.added": _Look(icon="message-square", title=_said(gettext_lazy("Note"))),
    "task.created": _Look(icon="square-check-big", title=_said(gettext_lazy("Task created"))),
    "button_pressed": _Look(icon="pointer", title=_said(gettext_lazy("Automation started by hand"))),
    "run.started": _Look(icon="workflow", title=_said(gettext_lazy("Automation started")), css="info"),
    "run.finished": _Look(icon="check", title=_said(gettext_lazy("Automation finished")), css="ok"),
    "run.failed": _Look(icon="x", title=_said(gettext_lazy("Automation failed")), css="fail"),
    "run.cancelled": _Look(icon="ban", title=_said(gettext_lazy("Automation stopped"))),
    "run.paused": _Look(icon="pause", title=_said(gettext_lazy("Automation paused")), css="hold"),
    "run.held": _Look(icon="pause", title=_said(gettext_lazy("Automation held")), css="hold"),
    "run.resumed": _Look(icon="play", title=_said(gettext_lazy("Automation resumed")), css="info"),
    "run.relaunched": _Look(icon="rotate-cw", title=_said(gettext_lazy("Automation relaunched")), css="info"),
    "run.replanned": _Look(icon="calendar-clock", title=_said(gettext_lazy("Steps re-planned")), css="info"),
    "run.step_skipped": _Look(icon="skip-forward", title=_said(gettext_lazy("Step skipped"))),
    "step.skipped": _Look(icon="skip-forward", title=_said(gettext_lazy("Step skipped"))),
    "step.missed": _Look(icon="skip-forward", title=_said(gettext_lazy("Step missed")), css="wait"),
    "step.failed": _Look(icon="x", title=_said(gettext_lazy("Step failed")), css="fail"),
    "message.sent": _Look(icon="send", title=_said(gettext_lazy("Email sent")), css="ok"),
    "message.failed": _Look(icon="mail-x", title=_said(gettext_lazy("Email not sent")), css="fail"),
    "message.unknown": _Look(icon="mail-question-mark", title=_said(gettext_lazy("Email to check")), css="wait"),
    "call.succeeded": _Look(icon="webhook", title=_said(gettext_lazy("Webhook called")), css="ok"),
    "call.failed": _Look(icon="webhook", title=_said(gettext_lazy("Webhook failed")), css="fail"),
    "person.masked": _Look(icon="eye-off", title=_said(gettext_lazy("Personal data erased"))),
}
_OTHER = _Look(icon="circle", title=_said(gettext_lazy("Entry of an automation")))
