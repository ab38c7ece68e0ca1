"""Lets tests with real transactions empty their database afterwards: the product's triggers refuse exactly that.

It changes only what Django's ``flush`` command does in a test process.
"""

from django.db import connection, transaction

_SQLITE_TRIGGERS = "select name, sql from sqlite_master where type = 'trigger'"
_POSTGRESQL_TABLES = """select distinct t.tgrelid::regclass::text from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where p.proname = 'rouage_refuse'"""


def _flush_postgresql(operations, sql_list):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL_TABLES)
        tables = [row[0] for row in cursor.fetchall()]
        for switch in ("disable", "enable"):
            for table in tables:
                cursor.execute(f"alter table {table} {switch} trigger user")
            if switch == "disable":
                for sql in sql_list:
                    cursor.execute(sql)


def _flush_sqlite(operations, sql_list):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SQLITE_TRIGGERS)
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'drop trigger "{name}"')
        for sql in sql_list:
            cursor.execute(sql)
        for _, sql in triggers:
            cursor.execute(sql)


def allow_flush():
    flush = _flush_postgresql if connection.vendor == "postgresql" else _flush_sqlite
    type(connection.ops).execute_sql_flush = flush
