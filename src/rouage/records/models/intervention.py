"""Interventions at a client's (REC-5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.accounts.models import Member
from rouage.records.models.client import Client, Contact
from rouage.records.models.contract import Contract
from rouage.records.models.quote import Quote
from rouage.records.models.record import Record


class Intervention(Record):
    number = models.CharField(max_length=30, default="", blank=True)
    title = models.CharField(max_length=200)
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    planned_start = models.DateTimeField(null=True, blank=True)
    planned_end = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    status = models.CharField(max_length=20, default="to_plan")
    address = models.CharField(max_length=400, default="", blank=True)
    report = models.TextField(default="", blank=True)
    quote = models.ForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="interventions")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="interventions")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "planned_start", "id"], name="intervention_page"),
            models.Index(fields=["organisation", "client"], name="intervention_by_client"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~Q(number=""), name="intervention_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()
