"""(b) The same with a million runs that wait: they must cost nothing."""

import statistics
import time
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from bench import company
from bench.pipeline import beside
from bench.report import Report
from rouage.automations.models import Automation, Run
from rouage.engine import claim
from rouage.journal import bulk
from rouage.journal.models import DomainEvent

RATIO = 0.7
FAR = timedelta(days=60)
RECORD = 10**9  # the waiting runs are about records of their own, one each


def waiting(report: Report, without: float, *, runs: int, batch: int, events: int, repeats: int) -> None:
    """``without``: what the pipeline did a second without them."""
    started = time.monotonic()
    _insert(runs)
    company.vacuum()
    report.note(f"{runs:,} waiting runs inserted", f"{time.monotonic() - started:9.1f} s")
    _idle(report, "idle question")
    name = "event to first step, beside them"
    ours, _ = beside(report, name, company.load_events, batch=batch, amount=events, repeats=repeats)
    report.goal("  of what it is without them", ours / without, RATIO)
    _idle(report, "idle question, right after the bursts")


def _insert(runs: int) -> None:
    now = bulk.moment(timezone.now())
    automation, version = Automation.objects.filter(name="Relance accepted").values_list("id", "published_id")[0]
    due = bulk.moment(timezone.now() + FAR)
    columns = (
        "organisation_id, automation_id, version_id, kind, record_id, label, event_id, cause, facts, status, hold, "
        "position, entered_at, planned_at, due_at, attempt, triggered_at, last_action_at, last_action"
    )
    organisation = f"1 + n - n / {company.COMPANIES} * {company.COMPANIES}"
    later = _LATER[connection.vendor]
    values = (
        f"{organisation}, {automation}, {version}, 'quote', {RECORD} + n, 'D', -n, '[]', '{{}}', 'waiting', '', 1, %s, "
        f"{later}, {later}, 0, %s, %s, 'create_task'"
    )
    sql = f"insert into automations_run ({columns}) select {values} from {_SERIES[connection.vendor]}"  # noqa: S608 -- numbers
    with transaction.atomic():
        bulk.query(sql, (now, due, due, now, now, runs))


_SERIES = {
    "postgresql": "generate_series(1, %s) g(n)",
    "sqlite": "(with recursive g(n) as (select 1 union all select n + 1 from g where n < %s) select n from g) g",
}
_LATER = {
    "postgresql": "%s::timestamptz + interval '1 second' * n",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', %s, '+' || n || ' seconds')",
}


def _idle(report: Report, name: str) -> None:
    times = []
    for _ in range(50):
        started = time.perf_counter()
        claim.any_due(DomainEvent, timezone.now())
        claim.any_due(Run, timezone.now())
        times.append((time.perf_counter() - started) * 1000)
    report.note(name, f"{statistics.median(times):9.3f} ms, first {times[0]:.3f} ms")
