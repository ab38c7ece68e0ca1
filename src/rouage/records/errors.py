"""What commands answer when they cannot do what was asked, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rouage.accounts.errors import Invalid
from rouage.planner.model import Reason
from rouage.records.kinds import KINDS

__all__ = ["Invalid", "Refused", "sentence"]


class Refused(Exception):
    """The command does not fit the record's state; ``reason`` is data, ``sentence`` says it and what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason

    @property
    def sentence(self) -> str:
        return sentence(self.reason)


def refuse(code: str, **data: object) -> Refused:
    return Refused(Reason(code=code, data=data))


def sentence(reason: Reason) -> str:
    """A reason of this room in the current language; KeyError for one of another room."""
    text = _SENTENCES[reason.code]
    return text(reason.data) if callable(text) else str(text)


def knows(code: str) -> bool:
    return code in _SENTENCES


def _label(kind: str, status: str) -> str:
    return str(KINDS[kind].status_label(status)) if kind in KINDS else status


def _field(kind: str, name: str) -> str:
    found = KINDS[kind].by_name.get(name) if kind in KINDS else None
    return str(found.label) if found else name


def _money(data: Mapping[str, Any], name: str) -> str:
    return f"{number_format(Decimal(str(data[name])), 2, force_grouping=True)}\u00a0{data.get('currency', 'EUR')}"


def _day(value: Any) -> str:  # noqa: ANN401 -- a date, or its text from the journal
    return date_format(value if isinstance(value, date) else date.fromisoformat(value), "SHORT_DATE_FORMAT")


def _not_allowed(data: Mapping[str, Any]) -> str:
    return _("The status cannot go from “%(old)s” to “%(new)s”.") % {
        "old": _label(data["kind"], data["from"]),
        "new": _label(data["kind"], data["to"]),
    }


def _same(data: Mapping[str, Any]) -> str:
    return _("The status already is “%(status)s”.") % {"status": _label(data["kind"], data["status"])}


def _unknown_status(data: Mapping[str, Any]) -> str:
    return _("“%(status)s” is not a status of this kind of record.") % {"status": data["status"]}


def _follows(data: Mapping[str, Any]) -> str:
    return _(
        "Nobody sets “%(status)s” by hand: record the payments or change the due date, and the status follows."
    ) % {"status": _label(data["kind"], data["status"])}


def _too_much(data: Mapping[str, Any]) -> str:
    return _("%(amount)s is more than the balance of %(balance)s. Enter the balance at most.") % {
        "amount": _money(data, "amount"),
        "balance": _money(data, "balance"),
    }


def _before_last(data: Mapping[str, Any]) -> str:
    return _("Invoices are numbered by date, and the last one is of %(last)s. Choose that day or a later one.") % {
        "last": _day(data["last"])
    }


def _order(data: Mapping[str, Any]) -> str:
    return (
        _("The end is before the start. Correct one of the two dates.")
        if data["first"].startswith(("start", "planned"))
        else _("This date is before the date of the record. Correct one of the two dates.")
    )


def _unknown_field(data: Mapping[str, Any]) -> str:
    return _("“%(field)s” cannot be changed here.") % {"field": _field(data["kind"], data["field"])}


def _bad_value(data: Mapping[str, Any]) -> str:
    return _("“%(value)s” does not fit the field “%(field)s”.") % {
        "value": data["value"],
        "field": _field(data["kind"], data["field"]),
    }


def _in_use(data: Mapping[str, Any]) -> str:
    number = int(data["count"])
    return ngettext(
        "%(number)d record belongs to this client. Delete or move it first.",
        "%(number)d records belong to this client. Delete or move them first.",
        number,
    ) % {"number": number}


def _stage_in_use(data: Mapping[str, Any]) -> str:
    number = int(data["count"])
    return ngettext(
        "%(number)d opportunity stands in this stage. Move it first.",
        "%(number)d opportunities stand in this stage. Move them first.",
        number,
    ) % {"number": number}


def _problems(data: Mapping[str, Any]) -> str:
    number = int(data["count"])
    return ngettext(
        "%(number)d cell of the file must be corrected. Nothing has been imported.",
        "%(number)d cells of the file must be corrected. Nothing has been imported.",
        number,
    ) % {"number": number}


def _columns(data: Mapping[str, Any]) -> str:
    return _("Choose the columns for: %(columns)s.") % {"columns": data["columns"]}


_SENTENCES: Mapping[str, object | Callable[[Mapping[str, Any]], str]] = {
    "status.not_allowed": _not_allowed,
    "status.same": _same,
    "status.unknown": _unknown_status,
    "status.follows": _follows,
    "record.moved": gettext_lazy("Somebody else has just changed this. Look at it again, then repeat your change."),
    "record.gone": gettext_lazy("This record has been deleted."),
    "field.not_writable": _unknown_field,
    "field.invalid": _bad_value,
    "dates.order": _order,
    "invoice.issued": gettext_lazy(
        "This invoice has been issued: it cannot be changed or deleted. Cancel it or issue a credit note."
    ),
    "invoice.not_issued": gettext_lazy("This invoice is a draft. Issue it first."),
    "invoice.closed": gettext_lazy("This invoice is cancelled or credited: it takes no payment."),
    "invoice.has_payments": gettext_lazy("Payments are recorded on this invoice. Remove them, or issue a credit note."),
    "invoice.before_last": _before_last,
    "invoice.in_future": gettext_lazy("An invoice cannot be issued on a day to come. Choose today or an earlier day."),
    "document.empty": gettext_lazy("There is no line yet. Add one before you issue it."),
    "document.issued": gettext_lazy("It already has its number."),
    "quote.closed": gettext_lazy("This quote has been answered or cancelled: its lines stand. Make a new quote."),
    "quote.not_accepted": gettext_lazy("This quote is not accepted. Mark it as accepted first."),
    "quote.invoiced": gettext_lazy("This quote has already been invoiced."),
    "source.not_ready": gettext_lazy("The record is not in the status that allows this."),
    "payment.too_much": _too_much,
    "payment.removed": gettext_lazy("This payment has already been removed."),
    "client.in_use": _in_use,
    "stage.in_use": _stage_in_use,
    "stage.last": gettext_lazy("A pipeline needs at least one open, one won and one lost stage."),
    "pipeline.last": gettext_lazy("This is the last pipeline. Make another one first."),
    "import.problems": _problems,
    "import.columns": _columns,
    "contract.no_date": gettext_lazy("This contract has no renewal date. Enter one first."),
}
