"""The tables that carry the plan: automations, their versions, runs, steps, calls and evaluations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from rouage.accounts.models import Member, Organisation, Team
from rouage.journal.append_only import AppendOnlyModel
from rouage.planner.model import Hold, RunStatus


class Automation(models.Model):
    """A rule of an organisation. ``published`` is the version that new runs take; the draft is edited beside it.

    ``draft`` is the content of the revision ``draft_number``: undo and redo move that number and copy. Deleting one
    sets ``deleted_at``: its runs and their journal stay, with its name.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    owner = models.ForeignKey(Member, models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=False)
    published = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+", db_index=False)
    draft = models.JSONField(null=True)
    draft_number = models.IntegerField(default=0)
    draft_saved_at = models.DateTimeField(null=True)
    draft_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    template_key = models.CharField(max_length=60, default="", blank=True)
    switched_off_at = models.DateTimeField(null=True)
    flooded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation", "kind"],
                condition=Q(is_active=True, deleted_at__isnull=True),
                name="automation_live",
            ),
            models.Index(fields=["organisation", "name"], name="automation_by_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                "organisation", Lower("name"), condition=Q(deleted_at__isnull=True), name="automation_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DraftRevision(models.Model):
    """One saved state of a draft: undo and redo walk them on the server."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False, related_name="+")
    automation = models.ForeignKey(Automation, models.CASCADE, related_name="revisions")
    number = models.IntegerField()
    definition = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["automation", "number"], name="draft_revision_once")]


class Version(AppendOnlyModel):
    """What was published, immutable. ``number`` counts from 1 within the automation."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, db_index=False, related_name="+")
    automation = models.ForeignKey(Automation, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    definition = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["automation", "number"], name="version_once")]


class Run(AppendOnlyModel):
    """One execution of a version on a record. Nobody can delete it (RUN-5).

    ``position`` is the step to do next (-1: the trigger's date is awaited); ``planned_at`` when that is planned (kept
    while paused), ``due_at`` when the engine has to look, null when nothing is due by itself. ``attempt`` counts the
    tries of the current position: with status and position it is the fence of every write.
    """

    mutable: ClassVar[frozenset[str]] = frozenset(
        {
            "version", "version_id", "status", "position", "planned_at", "due_at", "entered_at", "remaining", "hold",
            "claimed_until", "attempt", "outcome", "last_action_at", "last_action",
        }
    )  # fmt: skip

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    automation = models.ForeignKey(Automation, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    client_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=120, default="")  # the record's number or name when the run began
    event_id = models.BigIntegerField()
    cause = models.JSONField(default=list)  # links that led here, without this run
    facts = models.JSONField(default=dict)  # what the trigger told, as trigger.* in conditions and merge fields
    status = models.CharField(max_length=10, choices=[(s.value, s.value) for s in RunStatus])
    hold = models.CharField(max_length=10, default="", choices=[(h.value, h.value) for h in Hold])
    position = models.SmallIntegerField(default=0)
    entered_at = models.DateTimeField()
    planned_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    remaining = models.DurationField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)
    outcome = models.JSONField(null=True)  # a Reason as {"code", "data"}: why it ended, waits or was moved
    relaunched_from = models.BigIntegerField(null=True)
    spared = models.JSONField(null=True)  # of a relaunch: positions that were done before and are left out
    triggered_at = models.DateTimeField()
    last_action_at = models.DateTimeField(null=True)
    last_action = models.CharField(max_length=40, default="")  # key of the last action, for the list

    class Meta:
        # claimed_until is in no index on purpose: on PostgreSQL a claim is then a HOT update. The pages of the journal,
        # whatever their filter, are merged from a few ranges of run_page or run_by_version (queries.ranges): one index
        # more would be paid by every start.
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="run_due"),
            models.Index(
                fields=["organisation", "due_at"], condition=Q(due_at__isnull=False), name="run_due_by_organisation"
            ),
            models.Index(fields=["organisation", "kind", "record_id"], name="run_by_record"),
            models.Index(fields=["organisation", "status", "triggered_at", "id"], name="run_page"),
            models.Index(fields=["version", "status", "triggered_at", "id"], name="run_by_version"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "version", "record_id"],
                condition=Q(relaunched_from__isnull=True),
                name="event_starts_version_once",
            )
        ]


class Step(AppendOnlyModel):
    """One try of one step of a run, with the configuration as it was run."""

    mutable: ClassVar[frozenset[str]] = frozenset({"status", "ended_at", "result", "reason"})

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    run = models.ForeignKey(Run, models.PROTECT, db_constraint=False, db_index=False, related_name="steps")
    position = models.SmallIntegerField()
    attempt = models.SmallIntegerField()
    action = models.CharField(max_length=40)
    config = models.JSONField()
    status = models.CharField(max_length=10)  # started | done | skipped | failed
    planned_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    reason = models.JSONField(null=True)  # a Reason as {"code", "data"}: why skipped or failed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position", "attempt"], name="step_once")]


class Call(models.Model):
    """An HTTP request that a step asked for; made by the calls pump, at least once, with an idempotency key."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    run_id = models.BigIntegerField()
    position = models.SmallIntegerField()
    automation_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    cause = models.JSONField(default=list)
    idempotency_key = models.CharField(max_length=60, unique=True)
    method = models.CharField(max_length=6, default="POST")
    url = models.CharField(max_length=2000)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    status = models.CharField(max_length=10, default="queued")  # queued | waiting | done | failed
    due_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)  # status, headers, body excerpt, milliseconds
    reason = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="call_due"),
            models.Index(
                fields=["organisation", "due_at"], condition=Q(due_at__isnull=False), name="call_due_by_organisation"
            ),
            models.Index(fields=["run_id", "position"], name="call_by_step"),
        ]


class Evaluation(models.Model):
    """A trigger that was evaluated and started no run, with the reason (RUN-9). Kept for a short time only."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    automation_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    event_id = models.BigIntegerField()
    event_type = models.CharField(max_length=60)
    reason = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "at", "id"], name="evaluation_page"),
            models.Index(fields=["organisation", "kind", "record_id", "at"], name="evaluation_by_record"),
        ]
