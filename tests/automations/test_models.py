"""Versions, runs and steps are written once: the ORM refuses, and so does the database (RUN-5)."""

import pytest
from django.db import DatabaseError, connection, transaction

from rouage.automations.models import Run, Step, Version
from rouage.journal.append_only import Immutable
from tests.factories.accounts import NOW, make_member
from tests.factories.automations import make_published, make_runs
from tests.factories.engine import step

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_runs(make_published(make_member(), step()))[0]


@pytest.mark.req("RUN-5")
@pytest.mark.parametrize("model", [Run, Step, Version])
def test_the_orm_refuses_to_delete(run, model):
    row = model.objects.first()
    for delete in (row.delete, model.objects.all().delete, lambda: model.objects.all()._raw_delete("default")):
        with pytest.raises(Immutable):
            delete()
    assert model.objects.count() == 1


@pytest.mark.req("RUN-5")
@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Run, {"triggered_at": NOW}),
        (Run, {"record_id": 9}),
        (Run, {"facts": {}}),
        (Step, {"config": {}}),
        (Step, {"started_at": NOW}),
        (Version, {"definition": {}}),
    ],
)
def test_the_orm_refuses_to_rewrite_what_happened(run, model, values):
    with pytest.raises(Immutable):
        model.objects.update(**values)
    row = model.objects.first()
    with pytest.raises(Immutable):
        row.save()
    with pytest.raises(Immutable):
        row.save(update_fields=list(values))


@pytest.mark.req("RUN-5")
@pytest.mark.parametrize(
    "sql",
    [
        "delete from automations_run",
        "delete from automations_step",
        "delete from automations_version",
        "update automations_run set triggered_at = entered_at",
        "update automations_run set record_id = 9",
        "update automations_step set config = '{}'",
        "update automations_version set number = 9",
    ],
)
def test_the_database_refuses_as_well(run, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert (Run.objects.count(), Step.objects.count(), Version.objects.count()) == (1, 1, 1)


@pytest.mark.req("RUN-5")
@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["automations_run", "automations_step", "automations_version"])
def test_postgresql_refuses_to_truncate(run, table):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"truncate {table} cascade")
    assert Run.objects.count() == 1


def test_what_a_run_goes_through_may_change(run):
    Run.objects.filter(pk=run.pk).update(status="failed", due_at=NOW)
    run.refresh_from_db()
    assert (run.status, run.due_at) == ("failed", NOW)
