"""What quotes and invoices have in common: a client, dates, lines and totals."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from rouage.records.models.client import Client, Contact
from rouage.records.models.record import Owned, Record, money


class Document(Record):
    """``number`` is empty until it is given for good. Totals follow from the lines (records.totals).

    ``issue_date`` of a draft is the day it was made; issuing it sets the day that counts.
    """

    number = models.CharField(max_length=30, default="", blank=True)
    subject = models.CharField(max_length=200, default="", blank=True)
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    currency = models.CharField(max_length=3, default="EUR")
    issue_date = models.DateField()
    total_net = money()
    total_tax = money()
    total_gross = money()
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number or self.subject or f"#{self.pk}"


class Line(Owned):
    """One line: ``quantity`` times ``unit_price``, less ``discount`` percent; ``net`` is that, to the cent."""

    position = models.IntegerField()
    description = models.TextField()
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=Decimal(1))
    unit = models.CharField(max_length=20, default="", blank=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(0))
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(20))
    net = money()

    class Meta:
        abstract = True
        ordering = ["position"]
