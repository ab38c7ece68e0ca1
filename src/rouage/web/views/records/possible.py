"""What can be done with a record as it stands now: statuses to choose, records to make of it, whether it may go.

The commands decide; this only keeps pages from offering what they would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from rouage.planner.model import Reason
from rouage.records.commands.changes import records_of_client
from rouage.records.conversion import SOURCES
from rouage.records.errors import sentence
from rouage.records.kinds import KINDS
from rouage.records.queries import Detail


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A status that may follow. ``is_main``: the one that usually comes next. ``reason``: why not now."""

    status: str
    label: str
    icon: str
    is_main: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """A record of another kind that can be made of this one."""

    kind: str
    label: StrOrPromise
    is_main: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    kind: str
    record_id: int
    label: str
    sub: StrOrPromise = ""


def title(kind: str, record: Any) -> str:  # noqa: ANN401 -- a record of any kind
    """What the page is called: "Quote D-2026-0147", "Draft invoice", "Gala d'hiver"."""
    label = KINDS[kind].label
    match kind:
        case "quote" | "invoice" if not record.number:
            return _("Draft quote") if kind == "quote" else _("Draft invoice")
        case "quote" | "invoice":
            return f"{label} {record.number}"
        case _:
            return name(kind, record)


def name(kind: str, record: Any) -> str:  # noqa: ANN401 -- same
    """How a link to it reads."""
    match kind:
        case "quote" | "invoice":
            return record.number or record.subject or title(kind, record)
        case "intervention" | "task":
            return str(record.title)
        case _:
            return str(record.name)


def choices(kind: str, found: Detail) -> Sequence[Choice]:
    """Of an opportunity the stage decides, of a client nothing."""
    if kind in {"client", "opportunity"}:
        return ()
    record, known = found.record, KINDS[kind]
    following = [one for one in known.statuses if one.settable and known.may_follow(record.status, one.key)]
    main = next((key for key in _USUAL.get((kind, record.status), ()) if any(one.key == key for one in following)), "")
    empty = kind in {"quote", "invoice"} and not record.number and not found.lines
    return [
        Choice(
            status=one.key,
            label=_verb(kind, one.key),
            icon=_ICONS.get(one.key, "arrow-right"),
            is_main=one.key == main,
            reason=sentence(Reason(code="document.empty")) if empty and one.key != "cancelled" else "",
        )
        for one in following
    ]


def conversions(kind: str, record: Any) -> Sequence[Conversion]:  # noqa: ANN401 -- a record of any kind
    return [
        Conversion(kind=new, label=_CONVERSIONS[new], is_main=(source, new) == ("quote", "invoice"))
        for (source, new), statuses in SOURCES.items()
        if source == kind and record.status in statuses
    ]


def undeletable(kind: str, record: Any) -> str:  # noqa: ANN401 -- same
    """Why it cannot be deleted, or ""."""
    if kind == "invoice" and record.number:
        return sentence(Reason(code="invoice.issued"))
    if kind == "quote" and record.status == "invoiced":
        return sentence(Reason(code="quote.invoiced"))
    if kind == "client" and (count := records_of_client(record.organisation_id, record.pk)):
        return sentence(Reason(code="client.in_use", data={"count": count}))
    return ""


def linked(found: Detail) -> Sequence[Link]:
    """The records that this one comes from, and those that were made of it."""
    record = found.record
    sources = [(kind, getattr(record, kind, None)) for kind in ("quote", "opportunity", "contract")]
    made = [(kind, other) for kind, others in found.linked.items() for other in others]
    return [
        Link(kind=kind, record_id=other.pk, label=name(kind, other), sub=KINDS[kind].status_label(other.status))
        for kind, other in [*sources, *made]
        if other is not None and other.deleted_at is None
    ]


def _verb(kind: str, status: str) -> str:
    own = _VERBS.get((kind, status))
    return str(own) if own else _("Change to “%(status)s”") % {"status": KINDS[kind].status_label(status)}


# What usually comes next: it has a button of its own.
_USUAL: Mapping[tuple[str, str], Sequence[str]] = {
    ("quote", "draft"): ("sent",),
    ("quote", "sent"): ("accepted",),
    ("quote", "opened"): ("accepted",),
    ("quote", "expired"): ("accepted",),
    ("quote", "refused"): ("accepted",),
    ("invoice", "draft"): ("sent",),
    ("event", "inquiry"): ("confirmed",),
    ("event", "option"): ("confirmed",),
    ("event", "confirmed"): ("done",),
    ("intervention", "to_plan"): ("planned",),
    ("intervention", "planned"): ("done",),
    ("intervention", "in_progress"): ("done",),
    ("contract", "draft"): ("active",),
}
_VERBS: Mapping[tuple[str, str], StrOrPromise] = {
    ("quote", "sent"): gettext_lazy("Mark the quote as sent"),
    ("quote", "accepted"): gettext_lazy("Mark the quote as accepted"),
    ("quote", "refused"): gettext_lazy("Mark the quote as refused"),
    ("quote", "cancelled"): gettext_lazy("Cancel the quote"),
    ("invoice", "sent"): gettext_lazy("Mark the invoice as sent"),
    ("invoice", "cancelled"): gettext_lazy("Cancel the invoice"),
    ("event", "confirmed"): gettext_lazy("Confirm the event"),
    ("event", "cancelled"): gettext_lazy("Cancel the event"),
    ("event", "done"): gettext_lazy("Mark the event as done"),
    ("intervention", "done"): gettext_lazy("Mark the intervention as done"),
    ("intervention", "cancelled"): gettext_lazy("Cancel the intervention"),
    ("contract", "active"): gettext_lazy("Put the contract into force"),
    ("contract", "notice_given"): gettext_lazy("Record the notice"),
    ("contract", "terminated"): gettext_lazy("Terminate the contract"),
}
_ICONS: Mapping[str, str] = {
    "sent": "send",
    "accepted": "check",
    "refused": "x",
    "cancelled": "ban",
    "confirmed": "check",
    "done": "check",
    "active": "check",
    "terminated": "ban",
    "credited": "undo-2",
}
_CONVERSIONS: Mapping[str, StrOrPromise] = {
    "invoice": gettext_lazy("Create the invoice"),
    "event": gettext_lazy("Create an event"),
    "intervention": gettext_lazy("Create an intervention"),
}
