"""Tasks (REC-6), by people and by runs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rouage.accounts.models import Member, Organisation


class Task(models.Model):
    """Something to do, about the record (``kind``, ``record_id``) or about none.

    Runs write them in bulk, so the foreign keys have no constraint; ``run_id`` and ``position`` name the step that did.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(default="", blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=20, default="", blank=True)
    record_id = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=20, default="open")
    run_id = models.BigIntegerField(null=True, blank=True)
    position = models.SmallIntegerField(null=True, blank=True)
    created_by = models.CharField(max_length=150, default="", blank=True)  # the actor's label: a person, an automation
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "assignee", "due_at"], condition=Q(status="open"), name="task_open_of_member"
            ),
            models.Index(fields=["organisation", "kind", "record_id"], name="task_by_record"),
            models.Index(fields=["organisation", "due_at", "id"], name="task_page"),
        ]

    def __str__(self) -> str:
        return self.title
