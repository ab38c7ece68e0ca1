"""Payments of invoices: what came in, and what was recorded by mistake."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from rouage.accounts.access import NotFound
from rouage.accounts.privileges import Privilege
from rouage.records import commands
from rouage.records.access import access_payment, access_record
from rouage.records.errors import Invalid, Refused
from rouage.web.access import MemberRequest, action, actor
from rouage.web.components.amounts import money
from rouage.web.forms.payments import PaymentForm
from rouage.web.responses import go, toast
from rouage.web.views.records.actions import address, done
from rouage.web.views.records.details import page_of
from rouage.web.views.records.panels import PAYMENT


@action(Privilege.EDIT_RECORDS)
def record(request: MemberRequest, record_id: int) -> HttpResponse:
    invoice = access_record(request.member, "invoice", record_id, Privilege.EDIT_RECORDS)
    form = PaymentForm(request.member, request.POST)
    if form.is_valid():
        try:
            commands.record_payment(actor(request), invoice, **form.cleaned_data, now=timezone.now())
        except Invalid as error:
            form.take(error.errors)
        except Refused as refusal:
            form.add_error("amount" if refusal.reason.code == "payment.too_much" else None, refusal.sentence)
        else:
            amount = money(form.cleaned_data["amount"], invoice.currency)
            toast(request, _("Payment of %(amount)s recorded") % {"amount": amount})
            return go(request, address("invoice", record_id))
    return page_of(request, "invoice", record_id, panel=PAYMENT, more={"panel_form": form}, status=422)


@action(Privilege.EDIT_RECORDS)
def remove(request: MemberRequest, record_id: int, payment_id: int) -> HttpResponse:
    payment = access_payment(request.member, payment_id, Privilege.EDIT_RECORDS)
    if payment.invoice_id != record_id:
        raise NotFound
    payment.invoice.organisation = request.member.organisation
    by, now, reason = actor(request), timezone.now(), request.POST.get("reason", "")
    said = _("The payment counts no longer.")
    place = address("invoice", record_id)
    return done(request, lambda: commands.remove_payment(by, payment, reason=reason, now=now), place, said)
