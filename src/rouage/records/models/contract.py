"""Maintenance contracts (REC-5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.records.models.client import Client, Contact
from rouage.records.models.record import Record, money


class Contract(Record):
    """``notice_date`` is the last day to give notice: ``notice_days`` before ``renewal_date``; commands keep it."""

    number = models.CharField(max_length=30, default="", blank=True)
    name = models.CharField(max_length=200)
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    start_date = models.DateField(null=True, blank=True)
    renewal_date = models.DateField(null=True, blank=True)
    term_months = models.IntegerField(default=12)
    notice_days = models.IntegerField(default=30)
    notice_date = models.DateField(null=True, blank=True)
    amount = money(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    status = models.CharField(max_length=20, default="draft")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "renewal_date", "id"], name="contract_page"),
            models.Index(fields=["organisation", "client"], name="contract_by_client"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~Q(number=""), name="contract_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()
