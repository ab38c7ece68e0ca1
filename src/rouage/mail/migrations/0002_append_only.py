"""The database refuses to erase or rewrite what was sent to whom, and keeps the outbox small."""

from django.db import migrations

from rouage.journal.migration_operations import AppendOnly, Autovacuum


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial"), ("journal", "0002_append_only")]

    operations = [
        AppendOnly("mail_message", ("status", "due_at", "claimed_until", "attempt", "sent_at")),
        AppendOnly(
            "mail_recipient", ("state", "state_at", "dot_pending_at", "reason", "smtp_code", "enhanced", "diagnostic")
        ),
        AppendOnly("mail_deliveryevent"),
        Autovacuum("mail_message", fillfactor=70),
        Autovacuum("mail_recipient", fillfactor=70),
        Autovacuum("mail_deliveryevent"),
    ]
