"""Invoices and their payments (REC-3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.records.models.document import Document, Line
from rouage.records.models.quote import Quote
from rouage.records.models.record import Owned, money


class Invoice(Document):
    """Issued once it has a number: from then on its lines stand and it cannot be deleted."""

    quote = models.ForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="invoices")
    due_date = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, default="draft")
    paid_total = money()
    balance = money()
    paid_on = models.DateField(null=True, blank=True)  # the day of the payment that settled it

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "issue_date", "id"], name="invoice_page"),
            models.Index(fields=["organisation", "client"], name="invoice_by_client"),
            # The daily clock asks for all organisations at once, hence without one in front.
            models.Index(
                fields=["due_date"],
                condition=Q(status__in=["sent", "opened", "partially_paid"]),
                name="invoice_to_fall_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~Q(number=""), name="invoice_number_once"
            )
        ]


class InvoiceLine(Line):
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")


class Payment(Owned):
    """Money received. Taking one back sets ``removed_at``: the row stays, the journal says why."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    amount = money()
    paid_on = models.DateField()
    method = models.CharField(max_length=20, default="transfer")
    reference = models.CharField(max_length=100, default="", blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
