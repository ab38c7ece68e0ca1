"""What happened: DomainEvent (what the engine reads) and Entry (what people read). Append-only."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rouage.journal.append_only import AppendOnlyModel


class DomainEvent(AppendOnlyModel):
    """What happened (outbox). ``due_at`` is null once processed; ``cause`` is the chain of run links that led here.

    ``cause``: a list of [run id, automation id, record kind, record id], oldest first; ``depth`` is its length.
    """

    mutable: ClassVar[frozenset[str]] = frozenset({"due_at", "attempt", "processed_at", "error"})

    organisation_id = models.BigIntegerField()
    type = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    cause = models.JSONField(default=list)
    depth = models.SmallIntegerField(default=0)
    occurred_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    attempt = models.SmallIntegerField(default=0, db_default=0)
    processed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="event_due")]


class Entry(AppendOnlyModel):
    """The journal: one line of what was done, by whom, to which record, in which run."""

    organisation_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=150, default="")
    address = models.GenericIPAddressField(null=True)  # of the person or program at a door (ACC-4)
    run_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=20, default="")
    record_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "at", "id"], name="entry_page"),
            models.Index(fields=["organisation_id", "kind", "record_id", "at"], name="entry_by_record"),
            # All three: without statistics SQLite would rather read everything that the organisation has.
            models.Index(
                fields=["organisation_id", "run_id", "at"], condition=Q(run_id__isnull=False), name="entry_by_run"
            ),
            # What one person did (ACC-4). The entries of runs, by far the most, are not in it.
            models.Index(
                fields=["organisation_id", "actor_id", "at"], condition=Q(actor_kind="member"), name="entry_by_member"
            ),
        ]
