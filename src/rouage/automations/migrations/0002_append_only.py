"""The database itself refuses to erase or rewrite versions, runs and steps (RUN-5), and keeps the hot tables small."""

from django.db import migrations

from rouage.journal.migration_operations import AppendOnly, Autovacuum


class Migration(migrations.Migration):
    dependencies = [("automations", "0001_initial"), ("journal", "0002_append_only")]

    operations = [
        AppendOnly("automations_version"),
        AppendOnly(
            "automations_run",
            (
                "version_id",
                "status",
                "position",
                "planned_at",
                "due_at",
                "entered_at",
                "remaining",
                "hold",
                "claimed_until",
                "attempt",
                "outcome",
                "last_action_at",
                "last_action",
            ),
        ),
        AppendOnly("automations_step", ("status", "ended_at", "result", "reason")),
        Autovacuum("automations_run", fillfactor=80),
        Autovacuum("automations_step", fillfactor=90),
        Autovacuum("automations_call", fillfactor=80),
        Autovacuum("automations_evaluation"),
    ]
