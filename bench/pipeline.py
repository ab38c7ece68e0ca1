"""(a) From an event to the first step in the journal, in runs a second; and due runs that move on to their mail."""

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from bench import company, reference
from bench.report import Report
from rouage.automations.models import Run

GOALS = {"sqlite": 6000.0, "postgresql": 4000.0}
RATIO, TWO = 0.7, 1.5

type Load = Callable[[int], None]


def pipeline(report: Report, *, batch: int, events: int, repeats: int) -> float:
    """Measure, say and hold against the goals; the median of runs a second."""
    ours, bare = beside(report, "event to first step", company.load_events, batch=batch, amount=events, repeats=repeats)
    report.goal("  of the bare loop", ours / bare, RATIO)
    report.goal("  on an idle machine", ours, GOALS[connection.vendor], unit="/s")
    return ours


def wake(report: Report, *, batch: int, events: int, repeats: int) -> None:
    """A due run: conditions asked again, mail written with its recipient. It has no goal of its own."""
    name = "due run to its mail"
    ours, bare = beside(report, name, company.load_due_runs, batch=batch, amount=events, repeats=repeats)
    report.note("  of the bare loop", f"{ours / bare:9.2f}")


def beside(report: Report, name: str, load: Load, *, batch: int, amount: int, repeats: int) -> tuple[float, float]:
    """Alternate ours and the bare loop, so that both meet the same machine; the medians."""
    rates: list[float] = []
    cpus: list[float] = []
    bare: list[float] = []
    bare_cpus: list[float] = []
    report.begin()
    for _ in range(repeats):
        before = Run.objects.filter(last_action_at__isnull=False).count()
        load(amount)
        report.calm()
        taken, wall, cpu = company.drain(batch)
        if taken != amount:
            raise RuntimeError(f"{taken} rows taken instead of {amount}")
        rates.append(amount / wall)
        cpus.append(cpu / amount)
        _check(before, amount, started=load is company.load_events)
        reference.load(amount // 3)
        report.calm()
        rate, cpu = reference.drain(batch)
        bare.append(rate)
        bare_cpus.append(cpu)
    ours = report.rate(f"{name}, batch {batch}", rates, cpus)
    return ours, report.rate(f"  the bare loop, batch {batch}", bare, bare_cpus)


def _check(before: int, amount: int, *, started: bool) -> None:
    """A burst in which nothing was started would be very fast."""
    if started:
        done = Run.objects.filter(last_action_at__isnull=False).count() - before
        if done != amount:
            raise RuntimeError(f"{done} first steps instead of {amount}")


def two(report: Report, *, batch: int, events: int, repeats: int) -> None:
    """Two worker processes on one PostgreSQL, beside one."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    report.begin()
    for _ in range(repeats):
        for workers, found in rates.items():
            found.append(_race(report, batch, 2 * events, workers))
    one = report.rate(f"event to first step, 1 worker process, batch {batch}", rates[1])
    both = report.rate(f"event to first step, 2 worker processes, batch {batch}", rates[2])
    report.goal("  two workers to one", both / one, TWO)


def _race(report: Report, batch: int, events: int, workers: int) -> float:
    """Runs a second from the first worker's start to the last one's end."""
    spawn = multiprocessing.get_context("spawn")
    ready, results = spawn.Barrier(workers + 1), spawn.Queue()
    company.load_events(batch)
    children = [spawn.Process(target=_work, args=(batch, ready, results)) for _ in range(workers)]
    for child in children:
        child.start()
    while ready.n_waiting < workers:
        time.sleep(0.02)
    company.load_events(events)
    company.vacuum()
    report.calm()
    ready.wait()
    found: list[tuple[float, float, int]] = [results.get() for _ in children]
    for child in children:
        child.join()
    return events / (max(end for _, end, _ in found) - min(start for start, _, _ in found))


def _work(batch: int, ready: Any, results: Any) -> None:  # noqa: ANN401 -- multiprocessing's own objects
    import django  # noqa: PLC0415 -- app ready: a process of its own, in which it is not yet

    django.setup()
    company.drain(batch)
    ready.wait()
    start = time.time()
    taken, _, _ = company.drain(batch)
    results.put((start, time.time(), taken))
