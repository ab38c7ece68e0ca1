import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from rouage.records import commands, numbering
from rouage.records.kinds import KINDS
from rouage.records.models import Counter, Invoice
from tests.factories.accounts import NOW, make_organisation
from tests.factories.records import ACTOR, make_client, make_contract, make_intervention, make_invoice, make_quote

DAY = date(2026, 3, 2)


def _take(organisation_id, count=1, key="invoice", day=DAY):
    return numbering.take([(numbering.series_of(KINDS[key], organisation_id, day), day)] * count)


@pytest.mark.django_db
@pytest.mark.req("REC-3")
def test_numbers_follow_one_another_within_organisation_series_and_year():
    one, other = make_organisation(), make_organisation()
    assert _take(one.pk, 2) == ["F-2026-0001", "F-2026-0002"]
    assert _take(one.pk) == ["F-2026-0003"]
    assert _take(other.pk) == ["F-2026-0001"]
    assert _take(one.pk, key="quote") == ["D-2026-0001"]
    assert _take(one.pk, key="intervention") == ["I-2026-0001"]
    assert _take(one.pk, key="contract") == ["CM-0001"]
    assert _take(one.pk, day=date(2027, 1, 1)) == ["F-2027-0001"]
    assert _take(one.pk, key="contract", day=date(2027, 1, 1)) == ["CM-0002"]


@pytest.mark.django_db
def test_take_of_several_series_answers_in_order_with_one_statement(django_assert_num_queries):
    one, other = make_organisation(), make_organisation()
    series = [numbering.series_of(KINDS["invoice"], organisation.pk, DAY) for organisation in (one, other, one)]
    with django_assert_num_queries(1):
        numbers = numbering.take([(each, DAY) for each in series])
    assert numbers == ["F-2026-0001", "F-2026-0001", "F-2026-0002"]


@pytest.mark.django_db
def test_take_of_nothing_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert numbering.take([]) == []


def test_number_after_9999_grows():
    assert numbering.Series(organisation_id=1, prefix="F", year=2026).write(12_345) == "F-2026-12345"


@pytest.mark.django_db
def test_counter_remembers_the_latest_day():
    organisation = make_organisation()
    _take(organisation.pk, day=DAY + timedelta(days=3))
    _take(organisation.pk, day=DAY)
    assert Counter.objects.get().last_date == DAY + timedelta(days=3)


@pytest.mark.django_db
def test_failed_transaction_gives_its_number_back():
    organisation = make_organisation()
    with transaction.atomic():
        assert len(_take(organisation.pk, 5)) == 5
        transaction.set_rollback(True)
    assert _take(organisation.pk) == ["F-2026-0001"]


@pytest.mark.django_db
def test_pass_over_moves_counters_past_our_own_form_only():
    organisation = make_organisation()
    numbers = ["F-2026-0007", "F-2026-0003", "NW-10248", "F-0090", "D-2026-0099", "F-2025-0002", "F-2026-12"]
    numbering.pass_over(KINDS["invoice"], organisation.pk, numbers)
    assert _take(organisation.pk) == ["F-2026-0008"]
    assert _take(organisation.pk, day=date(2025, 5, 5)) == ["F-2025-0003"]
    numbering.pass_over(KINDS["invoice"], organisation.pk, ["F-2026-0004"])
    assert _take(organisation.pk) == ["F-2026-0009"]
    numbering.pass_over(KINDS["contract"], organisation.pk, ["CM-0029", "CM-2026-0031"])
    assert _take(organisation.pk, key="contract") == ["CM-0030"]


@pytest.mark.django_db
@pytest.mark.req("REC-5")
def test_records_take_their_number_when_they_should():
    client = make_client()
    assert make_quote(client).number == ""
    assert make_invoice(client, status="draft").number == ""
    assert make_intervention(client).number == "I-2026-0001"
    assert make_contract(client).number == "CM-0001"
    assert make_quote(client, status="sent").number == "D-2026-0001"
    assert make_invoice(client).number == "F-2026-0001"


@pytest.mark.django_db
def test_year_of_a_number_is_that_of_the_organisations_own_day():
    organisation = make_organisation(zone="Pacific/Auckland")
    # 31 December, 12:00 in Greenwich is New Year's Day in Auckland.
    invoice = make_invoice(make_client(organisation), now=NOW.replace(year=2026, month=12, day=31, hour=12), due=40)
    assert (invoice.number, invoice.issue_date) == ("F-2027-0001", date(2027, 1, 1))


class TestGapless(TestCase):
    @given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=12))
    def test_numbers_have_no_gap_whatever_fails(self, takes):
        organisation = make_organisation()
        given_out = []
        for count, fails in takes:
            with transaction.atomic():
                numbers = _take(organisation.pk, count)
                transaction.set_rollback(fails)
            given_out += [] if fails else numbers
        assert given_out == [f"F-2026-{number:04}" for number in range(1, len(given_out) + 1)]


@pytest.mark.postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.req("REC-3")
def test_numbers_are_gapless_when_many_issue_at_once():
    client = make_client(make_organisation())
    drafts = [make_invoice(client, status="draft") for _ in range(40)]
    failures = []

    def issue(some, *, abort):
        try:
            for position, invoice in enumerate(some):
                with transaction.atomic():
                    commands.issue_invoice(ACTOR, invoice, now=NOW)
                    transaction.set_rollback(abort and position % 3 == 0)
        except Exception as error:  # noqa: BLE001 -- a thread's failure must reach the test
            failures.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=issue, args=(drafts[part::4],), kwargs={"abort": part % 2 == 0}) for part in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    numbers = sorted(Invoice.objects.exclude(number="").values_list("number", flat=True))
    assert numbers == [f"F-2026-{number:04}" for number in range(1, len(numbers) + 1)]
    # Two of four threads lost every third of their ten.
    assert len(numbers) == 32
    assert Counter.objects.get(series="F").last == 32
