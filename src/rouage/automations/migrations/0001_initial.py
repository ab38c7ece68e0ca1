
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Automation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("is_active", models.BooleanField(default=False)),
                ("draft", models.JSONField(null=True)),
                ("draft_number", models.IntegerField(default=0)),
                ("draft_saved_at", models.DateTimeField(null=True)),
                ("template_key", models.CharField(blank=True, default="", max_length=60)),
                ("switched_off_at", models.DateTimeField(null=True)),
                ("flooded_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "draft_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.member"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("definition", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                (
                    "automation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="automations.automation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("record_id", models.BigIntegerField()),
                ("client_id", models.BigIntegerField(null=True)),
                ("label", models.CharField(default="", max_length=120)),
                ("event_id", models.BigIntegerField()),
                ("cause", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("paused", "paused"),
                            ("finished", "finished"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "hold",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("person", "person"),
                            ("automation", "automation"),
                            ("flood", "flood"),
                            ("now", "now"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("position", models.SmallIntegerField(default=0)),
                ("entered_at", models.DateTimeField()),
                ("planned_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("remaining", models.DurationField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempt", models.SmallIntegerField(default=0)),
                ("outcome", models.JSONField(null=True)),
                ("relaunched_from", models.BigIntegerField(null=True)),
                ("spared", models.JSONField(null=True)),
                ("triggered_at", models.DateTimeField()),
                ("last_action_at", models.DateTimeField(null=True)),
                ("last_action", models.CharField(default="", max_length=40)),
                (
                    "automation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="automations.automation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="automations.version",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="automation",
            name="published",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="automations.version",
            ),
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("run_id", models.BigIntegerField()),
                ("position", models.SmallIntegerField()),
                ("automation_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("record_id", models.BigIntegerField()),
                ("cause", models.JSONField(default=list)),
                ("idempotency_key", models.CharField(max_length=60, unique=True)),
                ("method", models.CharField(default="POST", max_length=6)),
                ("url", models.CharField(max_length=2000)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.TextField(default="")),
                ("status", models.CharField(default="queued", max_length=10)),
                ("due_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempt", models.SmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("reason", models.JSONField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="call_due"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["organisation", "due_at"],
                        name="call_due_by_organisation",
                    ),
                    models.Index(fields=["run_id", "position"], name="call_by_step"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("definition", models.JSONField()),
                ("saved_at", models.DateTimeField()),
                (
                    "automation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="automations.automation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "saved_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("automation", "number"), name="draft_revision_once")],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("automation_id", models.BigIntegerField()),
                ("version_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("record_id", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("event_type", models.CharField(max_length=60)),
                ("reason", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "at", "id"], name="evaluation_page"),
                    models.Index(fields=["organisation", "kind", "record_id", "at"], name="evaluation_by_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.SmallIntegerField()),
                ("attempt", models.SmallIntegerField()),
                ("action", models.CharField(max_length=40)),
                ("config", models.JSONField()),
                ("status", models.CharField(max_length=10)),
                ("planned_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(null=True)),
                ("reason", models.JSONField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="automations.run",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "position", "attempt"), name="step_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(fields=("automation", "number"), name="version_once"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="run_due"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["organisation", "due_at"],
                name="run_due_by_organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organisation", "kind", "record_id"], name="run_by_record"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["organisation", "status", "triggered_at", "id"], name="run_page"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["version", "status", "triggered_at", "id"], name="run_by_version"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("relaunched_from__isnull", True)),
                fields=("event_id", "version", "record_id"),
                name="event_starts_version_once",
            ),
        ),
        migrations.AddIndex(
            model_name="automation",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("is_active", True)),
                fields=["organisation", "kind"],
                name="automation_live",
            ),
        ),
        migrations.AddIndex(
            model_name="automation",
            index=models.Index(fields=["organisation", "name"], name="automation_by_name"),
        ),
        migrations.AddConstraint(
            model_name="automation",
            constraint=models.UniqueConstraint(
                models.F("organisation"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("deleted_at__isnull", True)),
                name="automation_name_once",
            ),
        ),
    ]
