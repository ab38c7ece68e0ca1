"""What the passing of time does by itself."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings

from rouage.automations.models import Evaluation
from rouage.engine import clock
from rouage.engine.clock import Clock
from rouage.records.models import Invoice, Quote
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import make_client, make_invoice, make_quote

DAY = timedelta(days=1)


def evaluations(number, at):
    organisation = make_organisation()
    rows = [
        Evaluation(
            organisation=organisation, automation_id=1, version_id=1, kind="quote", record_id=n, event_id=n,
            event_type="quote.created", reason={}, at=at,
        )
        for n in range(number)
    ]  # fmt: skip
    Evaluation.objects.bulk_create(rows)


@pytest.mark.django_db
@pytest.mark.req("RUN-9")
def test_why_nothing_happened_is_kept_for_the_days_of_the_setting(monkeypatch):
    monkeypatch.setattr(clock, "PURGED", 4)
    evaluations(9, NOW - 15 * DAY)
    evaluations(3, NOW - 13 * DAY)
    assert clock.purge_evaluations(NOW) == 9
    assert Evaluation.objects.count() == 3
    with override_settings(ROUAGE_EVALUATION_DAYS=10):
        assert clock.purge_evaluations(NOW) == 3
    assert clock.purge_evaluations(NOW) == 0


@pytest.mark.django_db
@pytest.mark.req("REC-2", "REC-3")
def test_at_the_end_of_its_day_an_invoice_is_overdue_and_a_quote_expired():
    client = make_client()
    invoice, quote = make_invoice(client, due=2), make_quote(client, status="sent", validity_date=NOW.date() + 2 * DAY)
    assert clock.turn(NOW + 2 * DAY) == 0
    # 23:30 UTC is half an hour past midnight in Paris.
    assert clock.turn((NOW + 2 * DAY).replace(hour=23, minute=30)) == 2
    assert Invoice.objects.get(pk=invoice.pk).status == "overdue"
    assert Quote.objects.get(pk=quote.pk).status == "expired"


def test_a_worker_looks_once_each_quarter_of_an_hour_and_again_when_the_clock_went_back(monkeypatch):
    looked = []
    monkeypatch.setattr(clock, "turn", lambda now: looked.append(now) or 1)
    hand = Clock()
    for minutes in (0, 1, 14, 15, 29, 30, 3):
        hand.tick(NOW + timedelta(minutes=minutes))
    assert [int((now - NOW).total_seconds() // 60) for now in looked] == [0, 15, 30, 3]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_worker_of_a_deployment_looks_and_gives_the_turn_back():
    make_invoice(due=0)
    answers = []

    def other():
        answers.append(clock.turn(NOW + 5 * DAY))
        connection.close()

    assert clock._is_mine()
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert answers == [0]
    clock._give_back()
    assert clock.turn(NOW + 5 * DAY) == 1
