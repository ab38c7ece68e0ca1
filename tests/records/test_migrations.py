import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from rouage.records.models import Invoice, InvoiceLine
from tests.factories.records import make_invoice


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.req("REC-3")
@pytest.mark.parametrize(
    "sql",
    [
        "delete from records_invoice",
        "update records_invoice set number = 'F-2026-0099' where number <> ''",
        "update records_invoice set number = '' where number <> ''",
    ],
)
def test_the_database_refuses_to_delete_or_renumber_an_issued_invoice(sql):
    invoice = make_invoice()
    InvoiceLine.objects.all().delete()
    with pytest.raises(Error, match="issued invoice"), transaction.atomic():
        execute(sql)
    assert Invoice.objects.get() == invoice


@pytest.mark.django_db
def test_the_orm_meets_the_same_refusal():
    invoice = make_invoice()
    for attempt in (invoice.delete, Invoice.objects.all().delete):
        with pytest.raises(Error, match="issued invoice"), transaction.atomic():
            attempt()
    assert Invoice.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_may_go_and_an_issued_invoice_may_change():
    draft = make_invoice(status="draft")
    issued = make_invoice(draft.client)
    execute(f"update records_invoice set subject = 'Autre', number = number where id = {issued.pk}")
    InvoiceLine.objects.filter(invoice=draft).delete()
    execute(f"delete from records_invoice where id = {draft.pk}")
    assert list(Invoice.objects.values_list("id", "subject")) == [(issued.pk, "Autre")]


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "records", check=True, dry_run=True, verbosity=0)
    assert not MigrationExecutor(connection).migration_plan([("records", "0002_issued_invoices_stay")])
