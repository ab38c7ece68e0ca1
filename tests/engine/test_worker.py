"""The worker as a process and as threads: it starts, finishes what is in hand, and stands through trouble."""

import signal
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone
from psycopg.errors import DiskFull

from rouage.automations.models import Call, Run
from rouage.engine import worker
from rouage.journal import bulk, wake
from rouage.journal.models import DomainEvent
from rouage.mail.models import Message
from rouage.records.models import Task
from tests.engine.processes import process
from tests.factories.engine import later, mail, make_automation, sent, step
from tests.factories.receiver import Receiver
from tests.factories.records import make_client, make_quote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]


def wait_for(condition, timeout=15.0):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.02)


@contextmanager
def working(**options):
    crew = worker.begin(**options)
    try:
        yield crew
    finally:
        assert crew.end()


def finished(number=1):
    return lambda: Run.objects.filter(status="finished").count() == number


@pytest.mark.req("OPS-1")
def test_a_commit_wakes_the_worker(sink):
    client = make_client()
    make_automation(client.organisation, mail(), step())
    organisation = client.organisation
    organisation.working_days, organisation.opens, organisation.closes = list(range(7)), "00:00", "00:00"
    organisation.save()
    with working(poll=30):
        time.sleep(0.2)
        started = time.monotonic()
        sent(make_quote(client), now=timezone.now())
        wait_for(finished())
        assert time.monotonic() - started < 5
    assert len(sink.mails) == 1


@pytest.mark.req("OPS-1")
def test_the_poll_finds_what_nobody_has_rung_for():
    client = make_client()
    make_automation(client.organisation)
    with working(poll=0.2):
        time.sleep(0.5)
        sent(make_quote(client), now=timezone.now())
        # As from another process that could not ring.
        wake.clear()
        wait_for(finished())


@pytest.mark.req("OPS-2")
def test_a_clean_end_is_remembered_and_anything_else_makes_the_next_start_careful(monkeypatch):
    (Path(settings.ROUAGE_HOME) / "worker-ended-well").unlink(missing_ok=True)
    counted = []
    count = worker.claim.count_fresh
    monkeypatch.setattr(worker.claim, "count_fresh", lambda *a: counted.append(1) or count(*a))
    client = make_client()
    make_automation(client.organisation)
    for expected in (True, False):
        counted.clear()
        sent(make_quote(client), now=timezone.now())
        with working(poll=0.1):
            wait_for(lambda: not DomainEvent.objects.filter(due_at__isnull=False).exists())
            time.sleep(0.3)
            number = len(counted)
            sent(make_quote(client), now=timezone.now())
            wait_for(lambda: not DomainEvent.objects.filter(due_at__isnull=False).exists())
            assert len(counted) == number  # once all was caught up, it is as fast as ever
        assert bool(counted) is expected


def test_only_the_chosen_pumps_turn():
    client = make_client()
    make_automation(client.organisation, step(timing=later(0, "minutes")))
    with working(names=["events"], poll=0.1):
        sent(make_quote(client), now=timezone.now())
        wait_for(Run.objects.exists)
    DomainEvent.objects.update(due_at=None)
    assert Message.objects.count() == 0


@pytest.mark.req("OPS-2")
def test_what_is_in_hand_comes_to_its_end_before_the_worker_does(settings):
    with Receiver(answers=["hang"], hang=1.0) as receiver:
        settings.ROUAGE_OUTBOUND_ALLOW = [f"127.0.0.1:{receiver.port}"]
        client = make_client()
        make_automation(client.organisation, step("call_webhook", url=receiver.url))
        with working(poll=0.1):
            sent(make_quote(client), now=timezone.now())
            assert receiver.wait_for(1)
    # The receiver hung up on us after a second: that was waited for and written down.
    assert Call.objects.values_list("status", "claimed_until").get() == ("waiting", None)


@pytest.mark.req("OPS-2", "API-3")
def test_the_process_ends_well_when_it_is_told_to():
    client = make_client()
    make_automation(client.organisation)
    for _ in range(30):
        sent(make_quote(client), now=timezone.now())
    with process("work", "--batch", "5") as made:
        wait_for(Task.objects.exists)
        made.send_signal(signal.SIGTERM)
        started = time.monotonic()
        output, _ = made.communicate(timeout=15)
        assert made.returncode == 0, output
        assert time.monotonic() - started < 10
    assert Run.objects.count() == Task.objects.count()
    assert (Path(settings.ROUAGE_HOME) / "worker-ended-well").exists()


@pytest.mark.req("API-3")
def test_a_pump_that_does_not_exist_is_named():
    with process("work", "--pumps", "events,pumpe") as made:
        output, _ = made.communicate(timeout=30)
    assert made.returncode == 1
    assert "pumpe" in output
    assert "calls, events, messages, runs" in output


@pytest.mark.slow
@pytest.mark.sqlite
@pytest.mark.req("OPS-2")
def test_a_locked_database_is_said_and_waited_for(caplog, monkeypatch):
    monkeypatch.setattr(worker.claim, "PATIENCE", 200)
    client = make_client()
    make_automation(client.organisation)
    with working(poll=0.1):
        time.sleep(0.3)
        sent(make_quote(client), now=timezone.now())
        blocker = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=20)
        blocker.execute("begin immediate")
        before = Run.objects.count()
        time.sleep(10)
        assert Run.objects.count() == before
        blocker.execute("rollback")
        blocker.close()
        wait_for(lambda: not DomainEvent.objects.filter(due_at__isnull=False).exists())
    assert Run.objects.filter(status="finished").count() == Task.objects.count() == 1
    if not before:
        assert "database is locked" in caplog.text
        assert "the work is written again" in caplog.text


@pytest.mark.sqlite
@pytest.mark.req("OPS-2")
def test_a_full_disk_is_said_and_nothing_is_lost_or_done_twice(caplog):
    client = make_client()
    make_automation(client.organisation)
    for _ in range(60):
        sent(make_quote(client), now=timezone.now())
    DomainEvent.objects.exclude(type="quote.status_changed").update(due_at=None)
    limit = _full_disk()
    with working(poll=0.1, limit=30):
        wait_for(lambda: "database or disk is full" in caplog.text)
        time.sleep(0.3)
        limit.clear()
        wait_for(lambda: not DomainEvent.objects.filter(due_at__isnull=False).exists())
    assert Run.objects.filter(status="finished").count() == Task.objects.count() == 60
    assert not DomainEvent.objects.filter(attempt__gt=1).exists()


def _full_disk():
    """Every new connection may use the pages that the file has, and no more, until the answer is cleared."""
    full = threading.Event()
    full.set()
    with connection.cursor() as cursor:
        cursor.execute("vacuum")  # no page is left over from other tests

    def tighten(connection, **_):
        if full.is_set():
            with connection.cursor() as cursor:
                cursor.execute("pragma page_count")
                pages = cursor.fetchone()[0]
                cursor.execute(f"pragma max_page_count = {pages}")

    connection_created.connect(tighten, weak=False, dispatch_uid="full-disk")
    full.disconnect = lambda: connection_created.disconnect(dispatch_uid="full-disk")
    return full


@pytest.mark.postgresql
@pytest.mark.req("OPS-2")
def test_a_database_that_goes_away_is_said_and_waited_for(caplog):
    """Every connection of the worker is cut, again and again, as when the server restarts."""
    client = make_client()
    make_automation(client.organisation, step(), step(timing=later(0, "minutes")))
    with working(poll=0.1, limit=20):
        for _ in range(10):
            for _ in range(20):
                sent(make_quote(client), now=timezone.now())
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            time.sleep(0.1)
        wait_for(lambda: Run.objects.filter(status="finished").count() == 200, 30)
    assert Task.objects.count() == 400
    assert "the work cannot be written" in caplog.text
    assert "the work is written again" in caplog.text


@pytest.mark.postgresql
@pytest.mark.req("OPS-2")
def test_a_full_disk_of_the_server_is_said_and_nothing_is_lost(caplog, monkeypatch):
    """The server's own error, raised where our statement leaves for it."""
    client = make_client()
    make_automation(client.organisation)
    for _ in range(20):
        sent(make_quote(client), now=timezone.now())
    copy, full = bulk._copy, threading.Event()
    full.set()

    def refuse(*arguments):
        if full.is_set():
            with connection.wrap_database_errors:
                raise DiskFull("could not extend file: No space left on device")
        copy(*arguments)

    monkeypatch.setattr(bulk, "_copy", refuse)
    with working(poll=0.1):
        wait_for(lambda: "No space left on device" in caplog.text)
        assert not Run.objects.exists()
        full.clear()
        wait_for(lambda: Run.objects.filter(status="finished").count() == 20)
    assert Task.objects.count() == 20
