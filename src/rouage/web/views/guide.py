"""The living guide: every component in every state, for whoever builds pages; served in development only."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from rouage.records.kinds import KINDS
from rouage.web.access import FORM, MemberRequest, page
from rouage.web.components.parts import Chip, Tab
from rouage.web.components.words import RECIPIENTS, RUNS
from rouage.web.forms.fields import AmountField, DayField, MomentField, TimeOfDayField
from rouage.web.responses import Undo, show, toast

CHOICES = [("finish", "Finish on their version"), ("move", "Move to the new one"), ("cancel", "Cancel")]
NOTES = {"finish": "Nothing changes for them.", "cancel": "No further email leaves."}


class GuideForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As it appears in lists")
    delay = forms.IntegerField(label="Delay", min_value=0)
    amount = AmountField(label="Amount", max_digits=14, decimal_places=2, required=False)
    day = DayField(label="Day", required=False)
    time = TimeOfDayField(label="Time of day", required=False)
    moment = MomentField(label="Date and time", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("quote", "Quote"), ("invoice", "Invoice")])
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="Existing records too", help_text="18 of 24 match", required=False)
    waiting = forms.ChoiceField(label="Waiting runs", choices=CHOICES, widget=forms.RadioSelect)
    when = forms.ChoiceField(label="When", choices=CHOICES[:2], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(label="Days", choices=CHOICES, widget=forms.CheckboxSelectMultiple)


@page(methods=FORM)
def guide(request: MemberRequest) -> HttpResponse:
    """A switch posts here: its part of the page comes back, with a toast that can be undone."""
    now = timezone.now()
    on = request.POST.get("on", "true") == "true"
    if request.method == "POST":
        undo = Undo(url=request.path, fields={"on": "false" if on else "true"})
        toast(request, "Switched on" if on else "Switched off", undo=undo)
    context = {
        "form": GuideForm(initial={"waiting": "finish", "when": "finish", "amount": Decimal("1284.50")}),
        "wrong": GuideForm({"name": "", "delay": "-3", "waiting": "", "note": ""}),
        "notes": NOTES,
        "kinds": KINDS,
        "runs": RUNS,
        "recipients": RECIPIENTS,
        "statuses": [(kind.key, status.key) for kind in KINDS.values() for status in kind.statuses],
        "on": on,
        "now": now,
        "soon": now + timedelta(days=4),
        "amount": Decimal("1284.5"),
        "negative": Decimal(-12),
        "tabs": [
            Tab(label="All", address="?", is_current=True, count=231),
            Tab(label="Waiting", address="?status=waiting", dot="wait", count=14),
            Tab(label="Failed", address="?status=failed", dot="fail", count=2, is_failure=True),
        ],
        "chips": [
            Chip(label="All", address="?", is_current=True),
            Chip(label="Last 30 days", address="?", removes=True),
            Chip(label="Client", address="?pick=client", adds=True),
            Chip(label="Not delivered", address="?undelivered=1", is_failure=True),
        ],
        "extra": {"id": "12"},
        "panel": "guide.html#panel" if request.GET.get("panel") else "",
    }
    return show(request, "guide.html", context, fragments={"panel": "panel", "try": "try"})
