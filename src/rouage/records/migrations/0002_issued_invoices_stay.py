"""The database itself refuses to delete or renumber an issued invoice (REC-3), and keeps the busy tables small.

On SQLite a later migration that alters records_invoice makes a new table without these triggers: repeat this one then.
"""

from django.db import migrations

from rouage.journal.migration_operations import Autovacuum

_CREATE = {
    "postgresql": (
        """
        create or replace function rouage_refuse_issued() returns trigger language plpgsql as $$
        begin
            raise exception 'an issued invoice is never deleted or renumbered' using errcode = 'restrict_violation';
        end $$
        """,
        """
        create trigger records_invoice_stays before delete on records_invoice
        for each row when (old.number <> '') execute function rouage_refuse_issued()
        """,
        """
        create trigger records_invoice_keeps_number before update of number on records_invoice
        for each row when (old.number <> '' and new.number <> old.number) execute function rouage_refuse_issued()
        """,
    ),
    "sqlite": (
        """
        create trigger records_invoice_stays before delete on records_invoice when old.number <> ''
        begin select raise(abort, 'an issued invoice is never deleted or renumbered'); end
        """,
        """
        create trigger records_invoice_keeps_number before update of number on records_invoice
        when old.number <> '' and new.number <> old.number
        begin select raise(abort, 'an issued invoice is never deleted or renumbered'); end
        """,
    ),
}


def create(apps, schema_editor):
    drop(apps, schema_editor)
    for statement in _CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    on = " on records_invoice" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("records_invoice_stays", "records_invoice_keeps_number"):
        schema_editor.execute(f"drop trigger if exists {name}{on}", params=None)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial"), ("journal", "0002_append_only")]

    operations = [
        migrations.RunPython(create, drop),
        Autovacuum("records_task", fillfactor=90),
        Autovacuum("records_quote", fillfactor=80),
        Autovacuum("records_invoice", fillfactor=80),
        # One row for each organisation and series, rewritten at each number.
        Autovacuum("records_counter", fillfactor=50, threshold=500),
    ]
