"""Clients and the people to write to (REC-1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.records.models.record import Owned, Record

LANGUAGES = [("fr", "Français"), ("en", "English")]


class Client(Record):
    """A company or a person. Its e-mail address may be missing or wrong: sending says so, the card takes it."""

    code = models.CharField(max_length=30, default="", blank=True)
    type = models.CharField(max_length=10, default="company", choices=[("company", "company"), ("person", "person")])
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    address = models.CharField(max_length=300, default="", blank=True)
    postal_code = models.CharField(max_length=20, default="", blank=True)
    city = models.CharField(max_length=100, default="", blank=True)
    country = models.CharField(max_length=60, default="", blank=True)
    language = models.CharField(max_length=2, default="fr", choices=LANGUAGES)
    payment_days = models.IntegerField(default=30)  # from an invoice's issue to its due date
    automations_paused_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "search_text", "id"], name="client_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "code"],
                condition=~Q(code="") & Q(deleted_at__isnull=True),
                name="client_code_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Owned):
    """A person at a client's. At most one contact of a client has each role; ``main`` answers for a missing one."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=150, default="", blank=True)
    position = models.CharField(max_length=100, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)
    phone = models.CharField(max_length=40, default="", blank=True)
    language = models.CharField(max_length=2, default="fr", choices=LANGUAGES)
    is_main = models.BooleanField(default=False)
    is_billing = models.BooleanField(default=False)
    is_dunning = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(is_main=True, deleted_at__isnull=True), name="contact_main_once"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(is_billing=True, deleted_at__isnull=True), name="contact_billing_once"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(is_dunning=True, deleted_at__isnull=True), name="contact_dunning_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email
