"""The yardstick: a bare Django loop that claims rows and writes what became of them, with the same batch, no more.

It has no conditions, no calendar, no versions, no fence and no journal of reasons: what it does in a second bounds what
any engine on this machine could do with Django's own means.
"""

import time
from datetime import timedelta

from django.db import connection, models, transaction
from django.utils import timezone

LEASE = timedelta(seconds=60)


class Run(models.Model):
    tenant = models.IntegerField()
    automation = models.IntegerField()
    record = models.BigIntegerField()
    status = models.SmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        app_label = "reference"


class Step(models.Model):
    run = models.ForeignKey(Run, models.DO_NOTHING, db_constraint=False)
    tenant = models.IntegerField()
    seq = models.SmallIntegerField()
    kind = models.CharField(max_length=20)
    state = models.SmallIntegerField(default=0)
    due = models.DateTimeField()
    lease = models.DateTimeField(null=True)
    attempt = models.SmallIntegerField(default=0)

    class Meta:
        app_label = "reference"
        indexes = [models.Index(fields=["due"], condition=models.Q(state=0), name="reference_due")]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="reference_once")]


class Journal(models.Model):
    step = models.OneToOneField(Step, models.DO_NOTHING, db_constraint=False)
    of_run = models.BigIntegerField(db_index=True)
    seq = models.SmallIntegerField()
    at = models.DateTimeField()
    outcome = models.JSONField()
    actor = models.CharField(max_length=40)

    class Meta:
        app_label = "reference"


def create() -> None:
    with connection.schema_editor() as editor:
        for model in (Run, Step, Journal):
            editor.create_model(model)


def load(count: int) -> None:
    now = timezone.now()
    with transaction.atomic():
        runs = Run.objects.bulk_create(
            [Run(tenant=number % 100, automation=1, record=number) for number in range(count)], batch_size=2000
        )
        steps = [Step(run=run, tenant=run.tenant, seq=0, kind="noop", due=now) for run in runs]
        Step.objects.bulk_create(steps, batch_size=2000)


def drain(batch: int, steps: int = 3) -> tuple[float, float]:
    """Steps a second, and seconds of processor time a step; two transactions a batch, as a lease has it."""
    done, wall, cpu = 0, time.perf_counter(), time.process_time()
    while rows := _claim(batch):
        outcomes = [{"ok": True, "ref": f"task-{row[1]}-{row[3]}"} for row in rows]
        _finish(rows, outcomes, steps)
        done += len(rows)
    return done / (time.perf_counter() - wall), (time.process_time() - cpu) / done


def _claim(batch: int) -> list[tuple[int, int, int, int, str]]:
    now = timezone.now()
    lock = "for update skip locked" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update reference_step set state = 1, attempt = attempt + 1, lease = %s where id in"  # noqa: S608 -- a number
            f" (select id from reference_step where state = 0 and due <= %s order by due limit {batch} {lock})"
            " returning id, run_id, tenant, seq, kind",
            (now + LEASE, now),
        )
        return cursor.fetchall()


def _finish(rows: list[tuple[int, int, int, int, str]], outcomes: list[dict[str, object]], steps: int) -> None:
    now = timezone.now()
    with transaction.atomic():
        Step.objects.filter(id__in=[row[0] for row in rows], state=1).update(state=2)
        Journal.objects.bulk_create([
            Journal(step_id=row[0], of_run=row[1], seq=row[3], at=now, outcome=outcome, actor="engine")
            for row, outcome in zip(rows, outcomes, strict=True)
        ])  # fmt: skip
        following = [
            Step(run_id=row[1], tenant=row[2], seq=row[3] + 1, kind="noop", due=now)
            for row in rows
            if row[3] + 1 < steps
        ]
        Step.objects.bulk_create(following)
        finished = [row[1] for row in rows if row[3] + 1 >= steps]
        if finished:
            Run.objects.filter(id__in=finished).update(status=2, finished=now)
