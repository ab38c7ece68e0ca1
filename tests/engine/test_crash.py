"""kill -9 at random moments, under load: nothing is lost, no step is repeated, no mail leaves twice.

ROUAGE_CRASH_KILLS says how many times (default 60); a kill counts only if it hit work in progress.
"""

import logging
import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from rouage.accounts.models import Organisation
from rouage.automations.models import Run, Step
from rouage.journal import bulk
from rouage.journal.append import EVENT_COLUMNS
from rouage.journal.models import DomainEvent, Entry
from rouage.mail.models import Message, Recipient
from rouage.records.models import Task
from tests.engine import crash_worker
from tests.engine.processes import environment
from tests.factories.engine import mail, make_automation, step
from tests.factories.records import make_client, make_quote

KILLS = int(os.environ.get("ROUAGE_CRASH_KILLS", "60"))
RUNS = max(200, 12 * KILLS)
DAWDLE = "0.006"
_log = logging.getLogger(__name__)
PATIENCE = 60 + 6 * KILLS  # seconds


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
@pytest.mark.req("OPS-2", "SND-5")
def test_workers_killed_at_random_lose_nothing_and_repeat_nothing(sink, monkeypatch):
    _load()
    for name, value in environment(ROUAGE_CRASH_DAWDLE=DAWDLE, ROUAGE_FLOOD_LIMIT="0").items():
        monkeypatch.setenv(name, value)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.engine.crash_worker"])
    count = 2 if connection.vendor == "postgresql" else 1
    workers = [_start(context) for _ in range(count)]
    began, kills, in_flight = time.monotonic(), 0, 0
    try:
        while left := _unfinished():
            assert time.monotonic() - began < PATIENCE, f"{left} runs left after {kills} kills"
            if in_flight >= KILLS or not _progressed():
                time.sleep(0.1)
                continue
            time.sleep(random.uniform(0, 0.15))
            in_flight += _kill(workers.pop(0))
            kills += 1
            workers.append(_start(context))
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    tried = Step.objects.filter(attempt__gt=1).count()
    _log.info(
        "%s: %s kills, %s in the middle of a transaction, %s runs in %.0f s, %s steps at a second try",
        connection.vendor, kills, in_flight, RUNS, time.monotonic() - began, tried,
    )  # fmt: skip
    assert in_flight == KILLS, "the work was over before all kills had hit it"
    _check(sink)


def _load():
    client = make_client()
    # Open day and night: a mail must not wait for the morning.
    Organisation.objects.update(working_days=list(range(7)), opens="00:00", closes="00:00")
    steps = (step(title="un"), mail(), step("add_note", text="vu"), step(title="trois"))
    make_automation(client.organisation, *steps, reentry="always")
    quotes = [make_quote(client) for _ in range(20)]
    DomainEvent.objects.update(due_at=None)
    now, payload = timezone.now(), '{"from": "draft", "to": "sent"}'
    bulk.insert(DomainEvent, EVENT_COLUMNS, [
        (client.organisation_id, "quote.status_changed", "quote", quotes[n % 20].pk, payload, "[]", 0, now, now)
        for n in range(RUNS)
    ])  # fmt: skip


def _start(context):
    worker = context.Process(target=crash_worker.work, daemon=True)
    worker.start()
    return worker


def _unfinished():
    return RUNS - Run.objects.exclude(status__in=("waiting", "running")).count()


def _progressed():
    """Wait for a new step: a worker that is still starting up proves nothing by its death."""
    before, end = Step.objects.count(), time.monotonic() + 3
    while (after := Step.objects.count()) == before and time.monotonic() < end:
        time.sleep(0.01)
    return after > before


def _kill(worker):
    """Stop the worker where it stands, look, and kill it; whether it was in the middle of a transaction."""
    os.kill(worker.pid, signal.SIGSTOP)
    inside = _has_transaction()
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    return inside


def _has_transaction():
    if connection.vendor == "postgresql":
        sql = """select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
            and state = 'idle in transaction'"""
        return bulk.query(sql)[0][0] > 0
    looking = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=0)
    try:
        looking.execute("begin immediate")
    except sqlite3.OperationalError:
        return True
    else:
        looking.execute("rollback")
        return False
    finally:
        looking.close()


def _check(sink):
    """Whatever was killed when: each run has ended, each effect is there once."""
    ends = Counter(Run.objects.values_list("status", flat=True))
    unknown = Message.objects.filter(status="unknown").count()
    assert Run.objects.count() == RUNS
    # Nobody can know of a mail whose worker died behind the dot: its run has failed, and says so.
    assert ends == Counter({"finished": RUNS - unknown, "failed": unknown}) + Counter()
    assert set(Run.objects.filter(status="failed").values_list("outcome__code", flat=True)) <= {"mail.lost"}
    steps = Counter(Step.objects.filter(status="done").values_list("run_id", "position"))
    assert set(steps.values()) == {1}
    assert len(steps) == 4 * (RUNS - unknown) + unknown
    assert not Step.objects.filter(status="started").exists()
    tasks = Counter(Task.objects.values_list("run_id", "title"))
    assert set(tasks.values()) == {1}
    assert len(tasks) == 2 * RUNS - unknown
    assert Message.objects.count() == Recipient.objects.count() == RUNS
    verbs = Counter(Entry.objects.filter(run_id__isnull=False).values_list("verb", flat=True))
    # A run that acts at once is told by what it does: none has a line "started" beside it.
    assert Entry.objects.filter(run_id__isnull=False).values("run_id").distinct().count() == RUNS
    assert (verbs["run.started"], verbs["message.queued"]) == (0, RUNS)
    assert verbs["task.created"] == 2 * RUNS - unknown
    notes = Entry.objects.filter(verb="note.added").count()
    assert notes == RUNS - unknown
    assert not DomainEvent.objects.filter(due_at__isnull=False).exists()
    arrived = Counter(_message_id(raw) for _, raw in sink.mails)
    assert set(arrived.values()) == {1}, "a mail left twice"
    sent = Message.objects.filter(status="sent").count()
    assert sent <= len(arrived) <= sent + unknown


def _message_id(raw):
    return next(line for line in raw.split(b"\r\n") if line.lower().startswith(b"message-id:"))
