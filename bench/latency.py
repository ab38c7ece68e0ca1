"""(c) From the commit of a person's change to the commit of the first step, with the worker in this process."""

import threading
import time
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from bench import company
from bench.report import Report
from rouage.engine import pumps, worker
from rouage.journal.append import append_event

GOALS = {"sqlite": (5.0, 20.0), "postgresql": (12.0, 40.0)}  # ms: p50, p99
PAUSE = 0.005  # seconds between two changes: this is about an idle machine


def latency(report: Report, *, changes: int) -> None:
    quotes = company.make_quotes(changes)
    company.vacuum()
    stepped = threading.Event()
    ended: list[float] = []

    def noticed(now: datetime, limit: int, *, careful: bool = False) -> int:
        done = pump(now, limit, careful=careful)
        if done:
            ended.append(time.perf_counter())
            stepped.set()
        return done

    pump, pumps.pump_events = pumps.pump_events, noticed
    crew = worker.begin(["events", "runs"])
    try:
        time.sleep(2)  # until it is no longer careful
        report.begin()
        report.calm()
        started = [_change(organisation, quote, stepped) for organisation, quote, _ in quotes]
    finally:
        crew.end()
        pumps.pump_events = pump
    times = sorted((end - start) * 1000 for start, end in zip(started, ended, strict=True))
    middle, worst = GOALS[connection.vendor]
    report.goal("commit to first step committed, p50", times[len(times) // 2], middle, unit="ms", at_most=True)
    report.goal("commit to first step committed, p99", times[len(times) * 99 // 100], worst, unit="ms", at_most=True)


def _change(organisation_id: int, quote_id: int, stepped: threading.Event) -> float:
    """Write what a command writes, and wait for the step; when it was committed."""
    committed: list[float] = []
    stepped.clear()
    with transaction.atomic():
        append_event(
            organisation_id=organisation_id,
            type="quote.status_changed",
            kind="quote",
            record_id=quote_id,
            payload={"from": "draft", "to": "sent"},
            now=timezone.now(),
        )
        transaction.on_commit(lambda: committed.append(time.perf_counter()))
    if not stepped.wait(10):
        raise RuntimeError("no step within ten seconds")
    time.sleep(PAUSE)
    return committed[0]
