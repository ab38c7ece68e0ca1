"""The form of a payment that came in for an invoice."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from rouage.web.components.words import METHODS
from rouage.web.forms.base import MemberForm
from rouage.web.forms.fields import AmountField, DayField


class PaymentForm(MemberForm):
    amount = AmountField(label=_("Amount received"), max_digits=14, decimal_places=2)
    paid_on = DayField(label=_("Received on"))
    method = forms.ChoiceField(label=_("Means of payment"), choices=list(METHODS.items()))
    reference = forms.CharField(label=_("Reference"), max_length=100, required=False)
