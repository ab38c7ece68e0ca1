"""Two worker processes on PostgreSQL share the work: no row is taken twice."""

import re
import signal
import time
from collections import Counter

import pytest
from django.utils import timezone

from rouage.automations.models import Run, Step
from rouage.journal import bulk
from rouage.journal.append import EVENT_COLUMNS
from rouage.journal.models import DomainEvent, Entry
from rouage.records.models import Task
from tests.engine.processes import process
from tests.factories.engine import later, make_automation, step
from tests.factories.records import make_client, make_quote

RUNS = 10_000


@pytest.mark.slow
@pytest.mark.serial
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.req("OPS-1")
def test_two_workers_never_take_one_row_twice():
    client = make_client()
    steps = (step(title="un"), step(title="deux", timing=later(0, "minutes")))
    make_automation(client.organisation, *steps, reentry="always")
    quotes = [make_quote(client).pk for _ in range(500)]
    DomainEvent.objects.update(due_at=None)
    now, payload = timezone.now(), '{"from": "draft", "to": "sent"}'
    bulk.insert(DomainEvent, EVENT_COLUMNS, [
        (client.organisation_id, "quote.status_changed", "quote", quotes[n % 500], payload, "[]", 0, now, now)
        for n in range(RUNS)
    ])  # fmt: skip
    arguments = ("work", "--pumps", "events,runs", "--batch", "100")
    with process(*arguments, ROUAGE_FLOOD_LIMIT="0") as one, process(*arguments, ROUAGE_FLOOD_LIMIT="0") as two:
        end = time.monotonic() + 180
        while Run.objects.filter(status="finished").count() < RUNS:
            assert time.monotonic() < end, Counter(Run.objects.values_list("status", flat=True))
            time.sleep(0.2)
        taken = [_ended(worker) for worker in (one, two)]
    assert Run.objects.count() == RUNS
    steps = Counter(Step.objects.values_list("run_id", "position", "attempt"))
    assert set(steps.values()) == {1}
    assert set(Step.objects.values_list("attempt", flat=True)) <= {1, 2}
    assert len({(run, position) for run, position, _ in steps}) == len(steps) == 2 * RUNS
    tasks = Counter(Task.objects.values_list("run_id", "title"))
    assert (len(tasks), set(tasks.values())) == (2 * RUNS, {1})
    assert Entry.objects.filter(verb="run.finished").count() == RUNS
    assert sum(taken) >= 2 * RUNS
    assert min(taken) > RUNS / 10, "only one of them has worked"


def _ended(worker):
    """How many rows it says that it has taken up."""
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=20)
    return int(re.search(r"(\d+) (?:events|évènements)", output)[1])
