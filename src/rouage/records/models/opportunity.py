"""Opportunities, and the pipelines and stages that an organisation makes for itself (REC-5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.records.models.client import Client, Contact
from rouage.records.models.record import Owned, Record, money


class Pipeline(Owned):
    name = models.CharField(max_length=60)
    position = models.IntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"], condition=Q(deleted_at__isnull=True), name="pipeline_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stage(Owned):
    """A column of a pipeline. ``outcome`` says what an opportunity that stands in it is: open, won or lost."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages")
    name = models.CharField(max_length=60)
    position = models.IntegerField()
    outcome = models.CharField(max_length=4, default="open", choices=[(key, key) for key in ("open", "won", "lost")])
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline", "name"], condition=Q(deleted_at__isnull=True), name="stage_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Opportunity(Record):
    """``status`` always is its stage's outcome."""

    name = models.CharField(max_length=200)
    client = models.ForeignKey(Client, models.PROTECT, db_index=False, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, db_index=False, related_name="+")
    amount = money(null=True)
    currency = models.CharField(max_length=3, default="EUR")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    close_date = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, default="open")
    won_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "opportunities"
        indexes = [
            models.Index(fields=["organisation", "last_activity_at", "id"], name="opportunity_page"),
            models.Index(fields=["organisation", "client"], name="opportunity_by_client"),
        ]

    def __str__(self) -> str:
        return self.name
