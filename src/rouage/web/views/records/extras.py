"""What the page of one kind shows besides what all records show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from rouage.planner.model import Reason
from rouage.records.errors import sentence
from rouage.records.kinds import KINDS
from rouage.records.models import Client, Contact, Payment
from rouage.records.queries import Detail, records_of_client, stages
from rouage.records.rules import FOLLOWING
from rouage.web.components import dates
from rouage.web.components.addresses import address_problem
from rouage.web.components.words import METHODS
from rouage.web.views.records.pages import PAGES
from rouage.web.views.records.possible import name

type Extra = dict[str, Any]
OF_CLIENT = 5


@dataclass(frozen=True, kw_only=True)
class More:
    """An action of the menu, or the main one. ``panel``: it opens a form beside the page."""

    address: str
    label: StrOrPromise
    icon: str
    panel: bool = False
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    payment: Payment
    means: StrOrPromise


@dataclass(frozen=True, kw_only=True)
class ContactRow:
    """``problem``: why nothing can be sent to this contact."""

    row: Contact
    called: str
    problem: str

    @property
    def address(self) -> str:
        return f"?panel=contact&contact={self.row.pk}"

    @property
    def dialog(self) -> str:
        return f"contact-{self.row.pk}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A record in a short list of a client's."""

    label: str
    sub: str
    address: str
    status: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, kw_only=True)
class Group:
    kind: str
    address: str
    rows: Sequence[Row]


def extra(kind: str, found: Detail) -> Extra:
    make = _EXTRAS.get(kind)
    return make(found) if make else {}


def _quote(found: Detail) -> Extra:
    record = found.record
    number = More(
        address=reverse("quote-issue", args=[record.pk]),
        label=_("Give the quote its number"),
        icon="hash",
        reason=_no_lines(found),
    )
    return {"has_discount": _has_discount(found), "more": [number] if not record.number else []}


def _invoice(found: Detail) -> Extra:
    record = found.record
    issued, is_open = bool(record.number), record.status in FOLLOWING
    issue = More(
        address=reverse("invoice-issue", args=[record.pk]),
        label=_("Issue the invoice"),
        icon="file-check",
        reason=_no_lines(found),
    )
    return {
        "has_discount": _has_discount(found),
        "payments": [PaymentRow(payment=one, means=METHODS.get(one.method, one.method)) for one in found.payments],
        "is_open": is_open,
        "is_payable": issued and is_open and record.balance > 0,
        "due_text": dates.day(record.due_date) if record.due_date else "",
        "first": issue if not issued and record.status == "draft" else None,
    }


def _contract(found: Detail) -> Extra:
    record, today = found.record, timezone.localdate()
    near = record.notice_date is not None and record.notice_date <= today
    return {
        "is_renewable": record.status in {"active", "notice_given"} and record.renewal_date is not None and near,
        "notice_text": dates.day(record.notice_date, dates.Style.LONG) if record.notice_date else "",
    }


def _opportunity(found: Detail) -> Extra:
    record = found.record
    known = stages(record.organisation_id, record.pipeline_id)
    won = next((stage for stage in known if stage.outcome == "won"), None)
    first = won and More(
        address=reverse("opportunity-stage", args=[record.pk]),
        label=_("Mark the opportunity as won"),
        icon="trophy",
        fields={"stage": str(won.pk)},
    )
    return {"stages": known, "first": first if record.status == "open" else None}


def _client(found: Detail) -> Extra:
    client: Client = found.record
    until: datetime | None = client.automations_paused_until
    paused = until is not None and until > timezone.now()
    pause = More(address="?panel=pause", label=_("Pause the automations"), icon="pause", panel=True)
    return {
        "contacts": [
            ContactRow(row=one, called=one.name or one.email, problem=address_problem(one.email))
            for one in found.contacts
        ],
        "groups": list(_groups(client)),
        "type_label": KINDS["client"].by_name["type"].choices[client.type == "person"].label,
        "is_paused": paused,
        "paused_text": dates.day(timezone.localdate(until)) if until else "",
        "email_problem": address_problem(client.email) if client.email else "",
        "more": [] if paused else [pause],
    }


def _groups(client: Client) -> Iterator[Group]:
    for kind, rows in records_of_client(client.organisation_id, client.pk).items():
        if rows:
            pages = PAGES[kind]
            place = reverse(pages.path if kind != "opportunity" else pages.name("list"))
            yield Group(
                kind=kind, address=f"{place}?client={client.pk}", rows=[_row(kind, row) for row in rows[:OF_CLIENT]]
            )


def _row(kind: str, record: Any) -> Row:  # noqa: ANN401 -- a record of any kind
    called = name(kind, record)
    subject = getattr(record, "subject", "")
    return Row(
        label=called,
        sub=subject if subject != called else "",
        address=reverse(KINDS[kind].url_name, args=[record.pk]),
        status=record.status,
        amount=getattr(record, "total_gross", getattr(record, "amount", None)),
        currency=getattr(record, "currency", ""),
    )


def _has_discount(found: Detail) -> bool:
    return any(line.discount for line in found.lines)


def _no_lines(found: Detail) -> str:
    return "" if found.lines else sentence(Reason(code="document.empty"))


_EXTRAS: Mapping[str, Callable[[Detail], Extra]] = {
    "quote": _quote,
    "invoice": _invoice,
    "contract": _contract,
    "opportunity": _opportunity,
    "client": _client,
}
