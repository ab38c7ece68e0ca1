"""Events of a client: a gala, a seminar, a site visit (REC-4). What the engine reads is journal.DomainEvent."""

from __future__ import annotations

from django.db import models

from rouage.accounts.models import Member
from rouage.records.models.client import Client, Contact
from rouage.records.models.opportunity import Opportunity
from rouage.records.models.quote import Quote
from rouage.records.models.record import Record


class Event(Record):
    """``start_at`` and ``end_at`` stand on its brief page, with the ``brief`` itself."""

    name = models.CharField(max_length=200)
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    start_at = models.DateTimeField(null=True, blank=True)
    end_at = models.DateTimeField(null=True, blank=True)
    brief = models.TextField(default="", blank=True)
    location = models.CharField(max_length=300, default="", blank=True)
    status = models.CharField(max_length=20, default="inquiry")
    lead = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    quote = models.ForeignKey(Quote, models.PROTECT, null=True, blank=True, related_name="events")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="events")

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "start_at", "id"], name="event_page"),
            models.Index(fields=["organisation", "client"], name="event_by_client"),
        ]

    def __str__(self) -> str:
        return self.name
