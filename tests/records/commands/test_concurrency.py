import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from rouage.journal.models import DomainEvent
from rouage.records import commands, effects
from rouage.records.effects import StatusChange
from rouage.records.errors import Refused
from rouage.records.models import Invoice, Payment, Quote
from tests.factories.accounts import NOW
from tests.factories.records import ACTOR, TODAY, make_client, make_invoice, make_quote

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def together(*acts):
    """Run them at the same time; what each of them came to."""
    ready = threading.Barrier(len(acts))
    results = [None] * len(acts)

    def run(place, act):
        try:
            ready.wait(timeout=30)
            results[place] = act()
        except Exception as error:  # noqa: BLE001 -- a thread's failure must reach the test
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.req("REC-3")
def test_payments_at_the_same_time_never_exceed_the_balance():
    invoice = make_invoice()

    def pay():
        mine = Invoice.objects.get(pk=invoice.pk)
        return commands.record_payment(ACTOR, mine, amount=Decimal(50), paid_on=TODAY, now=NOW)

    results = together(*[pay] * 6)
    refused = [result for result in results if isinstance(result, Refused)]
    assert len(refused) == 4
    assert {each.reason.code for each in refused} == {"payment.too_much"}
    invoice.refresh_from_db()
    assert (invoice.paid_total, invoice.balance, Payment.objects.count()) == (Decimal(100), Decimal(20), 2)


@pytest.mark.req("REC-2")
def test_of_two_answers_at_the_same_time_one_is_told():
    quote = make_quote(status="sent")

    def answer(status):
        return lambda: commands.change_status(ACTOR, Quote.objects.get(pk=quote.pk), status, expected="sent", now=NOW)

    results = together(answer("accepted"), answer("refused"), answer("cancelled"))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refused", "Refused"]
    assert DomainEvent.objects.filter(type="quote.status_changed", payload__from="sent").count() == 1


def test_two_invoices_of_one_quote_are_never_made():
    quote = make_quote(status="accepted")
    results = together(*[lambda: commands.invoice_quote(ACTOR, Quote.objects.get(pk=quote.pk), now=NOW)] * 4)
    assert sum(isinstance(result, Invoice) for result in results) == 1
    assert Invoice.objects.count() == 1


def test_batches_over_the_same_records_do_not_lock_each_other_up():
    client = make_client()
    quotes = [make_quote(client, status="sent") for _ in range(20)]
    invoices = [make_invoice(client) for _ in range(20)]

    def batch(records, run):
        def write():

            some = [
                StatusChange(
                    organisation_id=record.organisation_id,
                    kind=type(record).__name__.lower(),
                    record_id=record.pk,
                    run_id=run,
                    position=0,
                    actor="Essai",
                    cause=(),
                    status="opened",
                    expected="sent",
                )
                for record in records
            ]
            with transaction.atomic():
                return len(effects.write(some, now=NOW))

        return write

    results = together(batch([*quotes, *invoices], 1), batch([*reversed(invoices), *reversed(quotes)], 2))
    assert sorted(results) == [0, 40]
    assert DomainEvent.objects.filter(payload__to="opened").count() == 40


def test_the_daily_clock_of_two_machines_tells_each_invoice_once():
    client = make_client()
    for _ in range(30):
        make_invoice(client, due=-1)
    results = together(lambda: commands.mark_overdue(NOW), lambda: commands.mark_overdue(NOW))
    assert sum(results) == 30
    assert DomainEvent.objects.filter(payload__to="overdue").count() == 30
