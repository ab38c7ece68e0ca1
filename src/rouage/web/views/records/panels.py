"""The small forms that open beside a record's page: a payment, a contact, a pause of a client's automations.

Each is a link first (``?panel=payment``): without script the page comes back with the form open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.records.access import access_contact
from rouage.web.access import MemberRequest, may
from rouage.web.forms.clients import ContactForm, PauseForm
from rouage.web.forms.payments import PaymentForm
from rouage.web.listing import number

type Extra = dict[str, Any]
PAYMENT, CONTACT, PAUSE = (f"records/panels/{name}.html" for name in ("payment", "contact", "pause"))


def asked(request: MemberRequest, kind: str, record: Any) -> tuple[str, Extra]:  # noqa: ANN401 -- a record of any kind
    """The template of the panel that the address asks for, and what it needs; ("", {}) for none."""
    found = _PANELS.get((kind, request.GET.get("panel", "")))
    if found is None or not may(request.member, Privilege.EDIT_RECORDS):
        return "", {}
    template, make = found
    return template, make(request, record)


def _payment(request: MemberRequest, invoice: Any) -> Extra:  # noqa: ANN401 -- an invoice
    given = {"amount": invoice.balance, "paid_on": timezone.localdate(), "method": "transfer"}
    return {"panel_form": PaymentForm(request.member, initial=given)}


def _contact(request: MemberRequest, client: Any) -> Extra:  # noqa: ANN401 -- a client
    contact_id = number(request.GET.get("contact", ""))
    contact = access_contact(request.member, contact_id) if contact_id else None
    if contact is not None and contact.client_id != client.pk:
        raise NotFound
    return {"panel_form": ContactForm(request.member, contact=contact, language=client.language), "contact": contact}


def _pause(request: MemberRequest, client: Any) -> Extra:  # noqa: ANN401 -- same
    return {"panel_form": PauseForm(request.member)}


_PANELS: Mapping[tuple[str, str], tuple[str, Callable[[MemberRequest, Any], Extra]]] = {
    ("invoice", "payment"): (PAYMENT, _payment),
    ("client", "contact"): (CONTACT, _contact),
    ("client", "pause"): (PAUSE, _pause),
}
