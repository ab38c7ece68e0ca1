"""Who takes which rows: locks, leases, turns."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from rouage.automations.models import Run
from rouage.automations.outcome import NEW_RUN
from rouage.engine import claim, pumps
from rouage.engine.claim import Turn
from rouage.journal import bulk
from rouage.journal.models import DomainEvent
from rouage.records.models import Task
from tests.factories.accounts import NOW, make_organisation
from tests.factories.engine import make_automation, sent, step
from tests.factories.records import make_client, make_quote

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
PERIOD = timedelta(seconds=60)


def due_runs(organisation_id, count, due_at=NOW, *, automation_id=1, version_id=1, record_id=1):
    """Bare rows: enough for a claim."""
    with transaction.atomic():
        ids = bulk.reserve_ids(Run, count)
        bulk.insert(Run, NEW_RUN, [
            (id_, organisation_id, automation_id, version_id, "quote", record_id, None, "D-1", -id_, "[]", "{}",
             "waiting", "", 0, due_at, due_at, due_at, None, 0, None, due_at, "", None)
            for id_ in ids
        ])  # fmt: skip
    return ids


def lease(limit=10, now=NOW, turn=None):
    return claim.lease(pumps.RUNS, now, limit, turn or Turn(), period=PERIOD)


@pytest.mark.django_db
def test_without_backlog_the_oldest_go_first():
    due_runs(1, 5, NOW)
    old = due_runs(1, 5, NOW - WEEK)
    assert {row[0] for row in lease(5)} == set(old)


@pytest.mark.django_db
def test_what_is_not_due_is_not_taken_and_the_idle_question_knows():
    due_runs(1, 3, NOW + HOUR)
    assert not claim.any_due(Run, NOW)
    assert lease() == []
    assert claim.any_due(Run, NOW + HOUR)
    assert len(lease(now=NOW + HOUR)) == 3


@pytest.mark.django_db
def test_a_lease_keeps_rows_away_until_it_ends_and_counts_each_try():
    due_runs(1, 3)
    attempt = pumps.RUNS.columns.index("attempt")
    assert [row[attempt] for row in lease()] == [1, 1, 1]
    assert lease() == []
    assert not claim.any_due(Run, NOW, leased=True)
    assert [row[attempt] for row in lease(now=NOW + 2 * PERIOD)] == [2, 2, 2]


@pytest.mark.django_db
@pytest.mark.req("OPS-2")
def test_a_row_claimed_by_a_clock_that_was_moved_back_afterwards_is_not_stuck():
    due_runs(1, 1, NOW)
    lease(now=NOW + HOUR)
    # An hour back: the lease ends an hour later than meant, and then the row is free again.
    assert lease(now=NOW) == []
    assert len(lease(now=NOW + HOUR + 2 * PERIOD)) == 1


@pytest.mark.django_db
def test_under_backlog_every_organisation_gets_its_share():
    due_runs(1, 2000, NOW - WEEK)
    small = list(range(2, 32))
    for organisation_id in small:
        due_runs(organisation_id, 3)
    turn, served = Turn(backlog=True), Counter()
    for _ in range(4):
        served.update(row[1] for row in lease(100, turn=turn))
    assert sum(served.values()) == 400
    assert {served[organisation_id] for organisation_id in small} == {3}


@pytest.mark.django_db
def test_one_organisation_alone_fills_the_batch_under_backlog():
    due_runs(1, 300)
    assert len(lease(100, turn=Turn(backlog=True))) == 100


@pytest.mark.django_db
def test_a_batch_that_was_not_full_ends_the_backlog():
    due_runs(1, 150)
    turn = Turn()
    assert len(lease(100, turn=turn)) == 100
    assert turn.backlog
    assert len(lease(100, turn=turn)) == 50
    assert not turn.backlog


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.req("OPS-1")
def test_a_hundred_thousand_due_runs_of_one_organisation_delay_another_by_two_batches_at_most():
    due_runs(1, 100_000, NOW - WEEK)
    [late] = due_runs(2, 1, NOW)
    turn, batches = Turn(), 0
    while True:
        rows = lease(500, turn=turn)
        batches += 1
        assert len(rows) == 500
        if late in {row[0] for row in rows}:
            break
        assert batches < 10
    assert batches <= 1 + 2  # the first one met no backlog yet


@pytest.mark.django_db
def test_among_many_organisations_the_turn_goes_round():
    for organisation_id in range(1, 601):
        due_runs(organisation_id, 2, NOW - WEEK if organisation_id == 1 else NOW)
    due_runs(1, 3000, NOW - WEEK)
    turn, served = Turn(backlog=True), set()
    for _ in range(16):
        served |= {row[1] for row in lease(250, turn=turn)}
    assert served == set(range(1, 601))


@pytest.mark.django_db
def test_organisations_whose_runs_all_wait_do_not_slow_the_turn():
    for organisation_id in range(1, 21):
        due_runs(organisation_id, 5, NOW + WEEK)
    due_runs(21, 300, NOW - WEEK)
    due_runs(22, 1, NOW)
    turn = Turn(backlog=True)
    assert 22 in {row[1] for row in lease(100, turn=turn)}


@pytest.mark.django_db
def test_counting_takes_a_suspect_alone_and_fresh_rows_together():
    fresh = due_runs(1, 3)
    assert claim.count_suspect(pumps.RUNS, NOW) == []
    assert sorted(claim.count_fresh(pumps.RUNS, NOW, 10)) == fresh
    assert claim.count_fresh(pumps.RUNS, NOW, 10) == []
    # The one with the fewest tries comes next, so each has its turn.
    assert sorted(claim.count_suspect(pumps.RUNS, NOW) for _ in range(3)) == [[id_] for id_ in fresh]
    assert set(Run.objects.values_list("attempt", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_workers_in_threads_never_lease_the_same_row():
    due_runs(1, 500)
    taken = []

    def take():
        try:
            while rows := lease(7):
                taken.extend(row[0] for row in rows)
        finally:
            connection.close()

    _together(4, take)
    assert Counter(Counter(taken).values()) == {1: 500}


@pytest.mark.django_db(transaction=True)
def test_two_pumps_at_once_start_each_run_once():
    client = make_client()
    make_automation(client.organisation)
    for _ in range(40):
        sent(make_quote(client))
    DomainEvent.objects.exclude(type="quote.status_changed").update(due_at=None)
    barrier = threading.Barrier(2)

    def pump():
        try:
            barrier.wait()
            while pumps.pump_events(NOW, 3):
                pass
        finally:
            connection.close()

    _together(2, pump)
    assert Run.objects.count() == Task.objects.count() == 40


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_rows_locked_by_another_worker_are_passed_over():
    due_runs(1, 10)
    counts = []

    def other():
        with transaction.atomic():
            counts.append(len(claim.lock(pumps.RUNS, NOW, 100, Turn())))
        connection.close()

    with transaction.atomic():
        claim.lock(pumps.RUNS, NOW, 4, Turn())
        _together(1, other)
    assert counts == [6]


@pytest.mark.postgresql
@pytest.mark.req("AUT-8")
@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_decide_about_one_record_at_the_same_time():
    quote = make_quote()
    make_automation(quote.organisation, step(), reentry="always")
    DomainEvent.objects.update(due_at=None)
    sent(quote)
    sent(quote)
    handled = []

    def other():
        handled.append(pumps.pump_events(NOW, 100))
        handled.append(Run.objects.count())
        connection.close()

    with transaction.atomic():
        rows = claim.lock_oldest(pumps.EVENTS, NOW, 1)
        assert len(claim.own(rows, lambda row: claim.record_key(row[3], row[4]))) == 1
        _together(1, other)
    assert handled == [1, 0]  # it took the other event, and left it alone
    assert pumps.pump_events(NOW, 100) == 2
    assert Run.objects.count() == 2


def _together(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.django_db
def test_records_of_different_kinds_have_different_keys():
    kinds = ("client", "quote", "invoice", "event", "intervention", "contract", "opportunity", "task")
    keys = {claim.record_key(kind, number) for kind in kinds for number in (1, 2, 2**40)}
    assert len(keys) == 24
    assert all(-(2**63) <= key < 2**63 for key in keys)
    assert make_organisation().pk
