"""Quotes (REC-2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.records.models.document import Document, Line


class Quote(Document):
    validity_date = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, default="draft")
    accepted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "issue_date", "id"], name="quote_page"),
            models.Index(fields=["organisation", "client"], name="quote_by_client"),
            # The daily clock asks for all organisations at once, hence without one in front.
            models.Index(fields=["validity_date"], condition=Q(status__in=["sent", "opened"]), name="quote_to_expire"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~Q(number=""), name="quote_number_once"
            )
        ]


class QuoteLine(Line):
    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines")
