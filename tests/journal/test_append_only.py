from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core import serializers
from django.db import Error, connection, models, transaction
from django.db.models.deletion import Collector
from django.test.utils import isolate_apps

from rouage.journal import bulk
from rouage.journal.append_only import AppendOnlyManager, AppendOnlyModel, Immutable, mutable_columns
from rouage.journal.models import DomainEvent, Entry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
APPEND_ONLY = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]
# How to try what the database itself must refuse, whichever way the statement comes.
RAW = {
    "delete": 'delete from "{table}"',
    "update": 'update "{table}" set "{column}" = "{column}"',
    "truncate": 'truncate "{table}"',
    "truncate cascade": 'truncate "{table}" cascade',
}


@pytest.fixture
def entry(db):
    return Entry.objects.create(organisation_id=1, verb="quote.changed", actor_kind="system", at=NOW)


@pytest.fixture
def event(db):
    return DomainEvent.objects.create(organisation_id=1, type="quote.created", kind="quote", record_id=1)


def refuse_all(attempts):
    for attempt in attempts:
        with pytest.raises(Immutable), transaction.atomic():
            attempt()


@pytest.mark.req("RUN-5")
def test_the_orm_deletes_no_entry(entry):
    refuse_all([
        entry.delete,
        Entry.objects.all().delete,
        Entry.objects.filter(id=entry.id).delete,
        lambda: Entry.objects.all()._raw_delete("default"),
        Entry._base_manager.all().delete,
        Entry._default_manager.all().delete,
        lambda: _collect(entry),
        lambda: _collect(Entry.objects.all()),
    ])  # fmt: skip
    assert Entry.objects.get() == entry


def _collect(what):
    """As the admin deletes."""
    collector = Collector(using="default")
    collector.collect(what if isinstance(what, models.QuerySet) else type(what).objects.filter(id=what.id))
    collector.delete()


@pytest.mark.req("RUN-5")
def test_the_orm_rewrites_no_entry(entry):
    def save(**options):
        entry.verb = "quote.forgotten"
        entry.save(**options)

    def save_as_fixture():
        entry.verb = "quote.forgotten"
        [loaded] = serializers.deserialize("json", serializers.serialize("json", [entry]))
        loaded.save()

    def bulk_update():
        entry.verb = "quote.forgotten"
        Entry.objects.bulk_update([entry], ["verb"])

    same_key = {"id": entry.id, "organisation_id": 1, "verb": "quote.forgotten", "actor_kind": "system", "at": NOW}
    refuse_all([
        save,
        lambda: save(update_fields=["verb"]),
        lambda: save(force_update=True),
        save_as_fixture,
        bulk_update,
        lambda: Entry.objects.update(verb="quote.forgotten"),
        lambda: Entry.objects.filter(id=entry.id).update(verb="quote.forgotten"),
        lambda: Entry._base_manager.update(verb="quote.forgotten"),
        lambda: Entry.objects.update_or_create(id=entry.id, defaults={"verb": "quote.forgotten"}),
        lambda: Entry.objects.bulk_create(
            [Entry(**same_key)], update_conflicts=True, unique_fields=["id"], update_fields=["verb"]
        ),
        lambda: bulk.update(Entry, (), ("verb",), [(entry.id, "quote.forgotten")]),
        lambda: bulk.mark(Entry, [entry.id], verb="quote.forgotten"),
    ])  # fmt: skip
    with pytest.raises(Error), transaction.atomic():
        Entry(**same_key).save()
    assert Entry.objects.values_list("verb", flat=True).get(id=entry.id) == "quote.changed"


def test_what_may_change_does(event):
    event.attempt = 1
    event.save(update_fields=["attempt"])
    DomainEvent.objects.filter(id=event.id).update(due_at=None, processed_at=NOW)
    event.error = "x"
    DomainEvent.objects.bulk_update([event], ["error"])

    event.refresh_from_db()
    assert (event.attempt, event.due_at, event.processed_at, event.error) == (1, None, NOW, "x")


def test_an_update_that_names_one_fixed_column_changes_none(event):
    refuse_all([
        lambda: DomainEvent.objects.update(attempt=1, type="quote.deleted"),
        lambda: event.save(update_fields=["attempt", "payload"]),
    ])  # fmt: skip
    event.refresh_from_db()
    assert (event.attempt, event.type) == (0, "quote.created")


async def _try_async(attempt):
    with pytest.raises(Immutable):
        await attempt()


def _try_in_a_loop(attempt):
    """In a thread of its own: the browser tests leave an event loop in the one that runs the tests."""

    def run():
        async_to_sync(_try_async)(attempt)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


@pytest.mark.django_db(transaction=True)
def test_the_asynchronous_orm_refuses_too():
    entry = Entry.objects.create(organisation_id=1, verb="quote.changed", actor_kind="system", at=NOW)
    _try_in_a_loop(entry.adelete)
    _try_in_a_loop(Entry.objects.all().adelete)
    _try_in_a_loop(lambda: Entry.objects.aupdate(verb="x"))
    assert Entry.objects.get().verb == "quote.changed"


@pytest.mark.req("RUN-5")
@pytest.mark.parametrize("how", RAW)
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.label)
def test_the_database_refuses_too(db, model, how):
    """Every append-only table of every room: its migrations must say AppendOnly, after the last change of the table."""
    if how.startswith("truncate") and connection.vendor == "sqlite":
        how = "delete"
    if model is Entry:
        Entry.objects.create(organisation_id=1, verb="quote.changed", actor_kind="system", at=NOW)
    table = model._meta.db_table
    fixed = [f.column for f in model._meta.concrete_fields if f.column not in mutable_columns(model)]

    for column in fixed if how == "update" else [""]:
        if connection.vendor == "sqlite" and model is not Entry:
            # SQLite fires for each row, and this table may be empty: its triggers are read instead.
            assert _sqlite_trigger_covers(table, how, column), (table, how, column)
            continue
        with (
            pytest.raises(Error, match=_refusal(table, how)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(RAW[how].format(table=table, column=column))


def _refusal(table, how):
    if how == "truncate cascade":
        return "is append-only: truncate refused"  # of this table or of one that refers to it
    refusal = f"{table} is append-only: {how} refused"
    return f"{refusal}|referenced in a foreign key" if how == "truncate" else refusal


def _sqlite_trigger_covers(table, event, column):
    with connection.cursor() as cursor:
        cursor.execute(
            "select sql from sqlite_master where type = 'trigger' and tbl_name = %s and name = %s",
            (table, f"{table}_no_{event}"),
        )
        found = cursor.fetchone()
    return bool(found) and (not column or f'"{column}"' in found[0])


@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.label)
def test_the_database_lets_change_what_may_change(db, model):
    with connection.cursor() as cursor:
        for column in mutable_columns(model):
            cursor.execute(RAW["update"].format(table=model._meta.db_table, column=column))
    assert model._base_manager.name == "objects"
    assert isinstance(model._base_manager, AppendOnlyManager)


@isolate_apps("rouage.journal")
def test_a_model_that_a_cascade_could_empty_is_refused_by_the_checks():
    class Parent(models.Model):
        class Meta:
            app_label = "journal"

    class Careless(AppendOnlyModel):
        mutable = frozenset({"status", "parent_id"})
        parent = models.ForeignKey(Parent, models.CASCADE)

        class Meta:
            app_label = "journal"

    found = {(error.id, error.msg) for error in Careless.check()}

    assert found == {
        ("journal.E001", "mutable names no field: status"),
        ("journal.E002", "parent: on_delete must be PROTECT or DO_NOTHING"),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_tests_with_real_transactions_start_empty(turn):
    assert Entry.objects.count() == 0
    Entry.objects.create(organisation_id=1, verb="quote.changed", actor_kind="system", at=NOW)
