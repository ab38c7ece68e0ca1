"""The database itself refuses to erase or rewrite what happened (RUN-5), and keeps the outbox small."""

from django.db import migrations

from rouage.journal.migration_operations import AppendOnly, Autovacuum


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [
        AppendOnly("journal_domainevent", ("due_at", "attempt", "processed_at", "error")),
        AppendOnly("journal_entry"),
        Autovacuum("journal_domainevent", fillfactor=80),
        Autovacuum("journal_entry"),
    ]
