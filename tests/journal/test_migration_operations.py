import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from rouage.journal.migration_operations import AppendOnly, Autovacuum

STATE = ProjectState()


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute('create table tests_written (id integer primary key, "text" varchar(10), status varchar(10))')
        cursor.execute("insert into tests_written values (1, 'a', 'new')")
    return "tests_written"


class Editor:
    """What a migration hands to an operation, inside the test's transaction (SQLite's own editor wants none)."""

    connection = connection

    def execute(self, sql, params=()):
        assert params is None, "a % in the statement would be taken for a parameter"
        with connection.cursor() as cursor:
            cursor.execute(sql)


def refused(sql):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.req("RUN-5")
def test_append_only_protects_all_columns_but_the_mutable_ones_and_can_be_taken_back(table):
    operation = AppendOnly(table, ("status",))

    operation.database_forwards("journal", Editor(), STATE, STATE)
    operation.database_forwards("journal", Editor(), STATE, STATE)

    assert refused(f"update {table} set text = 'b'")
    assert refused(f"update {table} set status = 'done', id = 2")
    assert refused(f"delete from {table}")
    assert not refused(f"update {table} set status = 'done'")
    assert not refused(f"insert into {table} values (2, 'b', 'new')")

    operation.database_backwards("journal", Editor(), STATE, STATE)

    assert not refused(f"update {table} set text = 'b'")
    assert not refused(f"delete from {table}")


def test_append_only_repeated_after_a_new_column_protects_it(table):
    operation = AppendOnly(table, ("status",))
    operation.database_forwards("journal", Editor(), STATE, STATE)
    Editor().execute(f"alter table {table} add column later varchar(10)", params=None)
    assert not refused(f"update {table} set later = 'x'")

    operation.database_forwards("journal", Editor(), STATE, STATE)

    assert refused(f"update {table} set later = 'x'")


@pytest.mark.postgresql
@pytest.mark.django_db
def test_autovacuum_sets_and_resets_what_postgresql_keeps_of_the_table(table):
    def options():
        with connection.cursor() as cursor:
            cursor.execute("select reloptions from pg_class where relname = %s", [table])
            return cursor.fetchone()[0] or []

    operation = Autovacuum(table, fillfactor=70, threshold=1000)
    operation.database_forwards("journal", Editor(), STATE, STATE)
    assert {"fillfactor=70", "autovacuum_vacuum_threshold=1000"} < set(options())

    operation.database_backwards("journal", Editor(), STATE, STATE)
    assert options() == []


@pytest.mark.postgresql
@pytest.mark.django_db
def test_the_outbox_keeps_room_on_its_pages():
    with connection.cursor() as cursor:
        cursor.execute("select reloptions from pg_class where relname = 'journal_domainevent'")
        assert "fillfactor=80" in cursor.fetchone()[0]


def test_operations_say_what_they_do():
    assert AppendOnly("journal_entry").describe() == "Make journal_entry append-only"
    assert Autovacuum("journal_entry").describe() == "Settings of PostgreSQL for journal_entry"
