import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from rouage.journal import wake
from rouage.journal.append import append_event

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def quiet():
    wake.clear()
    yield
    wake.clear()


@pytest.fixture
def listener(transactional_db, quiet):
    stop = threading.Event()
    thread = wake.listen(stop)
    # It rings once when it starts to listen.
    assert wake.wait(10)
    wake.clear()
    yield thread
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_wait_ends_at_once_when_woken_and_stays_so_until_cleared(quiet):
    assert not wake.wait(0)
    wake.wake()
    assert wake.wait(10)
    assert wake.wait(10)
    wake.clear()
    assert not wake.wait(0)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_sqlite_needs_no_listener():
    assert wake.listen(threading.Event()) is None


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_this_process(quiet):
    with transaction.atomic():
        append_event(organisation_id=1, type="quote.created", kind="quote", record_id=1, now=NOW)
        assert not wake.wait(0)
    assert wake.wait(0)


def elsewhere():
    """A connection of another process, as far as PostgreSQL can tell."""
    return psycopg.connect(**connection.get_connection_params(), autocommit=True)


@pytest.mark.postgresql
def test_a_commit_of_another_process_wakes_this_one(listener):
    with elsewhere() as other:
        other.execute("begin")
        other.execute(f"notify {wake.CHANNEL}")
        assert not wake.wait(0.3)
        other.execute("commit")
        assert wake.wait(10)


@pytest.mark.postgresql
def test_an_appended_event_tells_the_other_processes(listener):
    with elsewhere() as other:
        other.execute(f"listen {wake.CHANNEL}")
        append_event(organisation_id=1, type="quote.created", kind="quote", record_id=1, now=NOW)
        assert [notice.channel for notice in other.notifies(timeout=10, stop_after=1)] == [wake.CHANNEL]


@pytest.mark.postgresql
def test_the_listener_comes_back_after_its_connection_was_cut(listener, caplog):
    with elsewhere() as other:
        ends = """select pg_terminate_backend(pid) from pg_stat_activity
            where query = %s and datname = current_database()"""
        assert other.execute(ends, [f"listen {wake.CHANNEL}"]).fetchall() == [(True,)]
        # It rings when it listens again, for what it may have missed ...
        assert wake.wait(20)
        wake.clear()
        time.sleep(0.1)
        other.execute(f"notify {wake.CHANNEL}")
        # ... and hears the next notice.
        assert wake.wait(10)
    assert "no notices from PostgreSQL" in caplog.text
