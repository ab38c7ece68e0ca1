"""The page of all runs over a million of them: first page, hundredth page, every filter, the counts (RUN-1, RUN-4)."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from bench.company import vacuum
from bench.report import Report
from rouage.accounts.commands import add_member, create_organisation
from rouage.accounts.models import Member, Profile
from rouage.accounts.privileges import Role
from rouage.automations.definition import DefinitionIn
from rouage.automations.models import Automation, Run, Version
from rouage.automations.outcome import NEW_RUN
from rouage.automations.queries import ranges
from rouage.automations.queries.ranges import Key, RunFilter
from rouage.automations.queries.runs import runs_page, status_counts
from rouage.journal import bulk
from rouage.journal.actors import SYSTEM
from rouage.records.kinds import KINDS
from rouage.records.models import Client
from rouage.records.search import fold

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 900
CLIENTS = 2000
DOCUMENTS = 20_000  # quotes, and as many invoices
GOAL = 60.0  # ms, p95
REPEATS = 40
_CHUNK = 50_000

# Kind, share of the runs, number of versions. The last two are rare, and old.
AUTOMATIONS = (
    ("Relances de devis", "quote", 0.35, 5),
    ("Relances de factures impayées", "invoice", 0.35, 4),
    ("Devis accepté", "quote", 0.12, 3),
    ("Remerciement", "invoice", 0.10, 2),
    ("Rappel de la veille", "intervention", 0.05, 3),
    ("Brief technique", "event", 0.0299, 2),
    ("Renouvellement", "contract", 0.0001, 1),
)
# Most runs have ended; paused ones are few, and all of the first month.
STATUSES = (("finished", 0.80), ("cancelled", 0.14), ("waiting", 0.04), ("failed", 0.02))


def fill(runs: int) -> Member:
    """One company that has all of them."""
    organisation = create_organisation("Le grand journal", now=START)
    profile = Profile.objects.get(organisation=organisation, role=Role.ADMIN)
    member = add_member(
        SYSTEM, organisation, email="journal@exemple.fr", name="Camille Renaud", profile=profile,
        password="correct-horse-battery", now=START,  # noqa: S106 -- nobody signs in
    )  # fmt: skip
    random.seed(7)
    clients = _clients(organisation.pk)
    documents = {kind: _documents(kind, organisation.pk, clients) for kind in ("quote", "invoice")}
    versions = [_automation(member, *each) for each in AUTOMATIONS]
    for first in range(0, runs, _CHUNK):
        _runs(organisation.pk, versions, documents, first, min(first + _CHUNK, runs), runs)
    vacuum()
    return Member.objects.select_related("organisation", "profile", "user").get(pk=member.pk)


def _clients(organisation_id: int) -> list[int]:
    names = [f"Atelier Perrin {n}" for n in range(CLIENTS)]
    return _write(
        Client, [{"organisation_id": organisation_id, "name": name, "search_text": fold(name)} for name in names]
    )


def _documents(kind: str, organisation_id: int, clients: list[int]) -> list[tuple[int, int]]:
    owners = [random.choice(clients) for _ in range(DOCUMENTS)]  # noqa: S311 -- figures
    rows = []
    for n, client in enumerate(owners):
        number = f"{kind[0].upper()}-2025-{n:05}"
        own = {"organisation_id": organisation_id, "client_id": client, "number": number, "search_text": fold(number)}
        rows.append(own | {"status": "sent", "issue_date": START.date()})
    return list(zip(_write(KINDS[kind].model, rows), owners, strict=True))


def _write(model: type[models.Model], rows: list[dict[str, Any]]) -> list[int]:
    """Write rows of which only these columns matter; their ids."""
    fields = model._meta.concrete_fields
    usual = {field.attname: field.get_default() for field in fields}
    usual |= {"created_at": START, "updated_at": START, "last_activity_at": START}
    columns = tuple(field.attname for field in fields)
    with transaction.atomic():
        ids = bulk.reserve_ids(model, len(rows))
        full = [usual | row | {"id": id_} for id_, row in zip(ids, rows, strict=True)]
        bulk.insert(model, columns, [tuple(row[column] for column in columns) for row in full])
    return ids


def _automation(member: Member, name: str, kind: str, share: float, versions: int) -> tuple[float, str, int, list[int]]:
    automation = Automation.objects.create(
        organisation_id=member.organisation_id, name=name, kind=kind, owner=member, is_active=True
    )
    step = {"action": {"type": "add_note", "config": {"text": "Vu"}}}
    stored = DefinitionIn(kind=kind, trigger={"type": "record_created"}, steps=[step]).stored()
    made = [
        Version.objects.create(
            organisation_id=member.organisation_id, automation=automation, number=number, definition=stored,
            published_at=START + timedelta(days=DAYS * (number - 1) / versions),
        )
        for number in range(1, versions + 1)
    ]  # fmt: skip
    automation.published = made[-1]
    automation.save()
    return share, kind, automation.pk, [version.pk for version in made]


def _runs(
    organisation_id: int,
    versions: list[tuple[float, str, int, list[int]]],
    documents: dict[str, list[tuple[int, int]]],
    first: int,
    last: int,
    total: int,
) -> None:
    shares, states = [each[0] for each in versions], [name for name, _ in STATUSES]
    weights = [share for _, share in STATUSES]
    rows = []
    with transaction.atomic():
        for n, id_ in zip(range(first, last), bulk.reserve_ids(Run, last - first), strict=True):
            at = START + timedelta(days=DAYS * n / total)
            # Rare automations and pauses lie at the very bottom.
            early = n < total // 30
            rare = early and n % 9999 == 0
            _, kind, automation, ids = versions[-1] if rare else random.choices(versions, shares)[0]  # noqa: S311 -- figures
            record, client = random.choice(documents.get(kind) or documents["quote"])  # noqa: S311 -- figures
            status = "paused" if early and n % 1000 == 0 else random.choices(states, weights)[0]  # noqa: S311 -- figures
            version = ids[int(len(ids) * n / total)]
            due_at = START + timedelta(days=DAYS + 365) if status == "waiting" else None
            rows.append(
                (id_, organisation_id, automation, version, kind, record, client, f"D-{record}", -id_, "[]", "{}",
                 status, "", 1, at, due_at, due_at, None, 0, None, at, "add_note", at)
            )  # fmt: skip
        bulk.insert(Run, NEW_RUN, rows)


def filters(member: Member) -> Iterator[tuple[str, RunFilter]]:
    """Each filter of the page, the frequent and the rare, and some together."""
    organisation = member.organisation_id
    automations = dict(Automation.objects.filter(organisation_id=organisation).values_list("name", "id"))
    busy, rare = automations["Relances de devis"], automations["Renouvellement"]
    first = Version.objects.filter(automation_id=busy).order_by("number").first()
    run = Run.objects.filter(organisation_id=organisation).order_by("-id").first()
    assert first is not None  # noqa: S101 -- for the types
    assert run is not None  # noqa: S101 -- same
    yield "no filter", RunFilter()
    yield "automation, frequent", RunFilter(automation_id=busy)
    yield "automation, rare and old", RunFilter(automation_id=rare)
    yield "version, the oldest", RunFilter(version_id=first.pk)
    yield "kind, frequent", RunFilter(kind="quote")
    yield "kind, rare", RunFilter(kind="contract")
    yield "kind, none", RunFilter(kind="opportunity")
    for status in ("finished", "failed", "waiting", "paused", "running"):
        yield f"status {status}", RunFilter(status=status)
    yield "period, a week two years ago", RunFilter(since=START + timedelta(days=90), until=START + timedelta(days=97))
    yield "record", RunFilter(kind=run.kind, record_id=run.record_id)
    yield "client", RunFilter(client_id=run.client_id)
    yield "search, a number", RunFilter(search="2025-01234")
    yield "search, a client", RunFilter(search="Perrin 77")
    yield "search, nothing", RunFilter(search="introuvable")
    yield "automation and status, rare", RunFilter(automation_id=busy, status="paused")
    yield "kind, status and period", RunFilter(kind="invoice", status="failed", until=START + timedelta(days=60))


def measure(report: Report, runs: int = 1_000_000) -> None:
    """Server time of the page, with its rows and their labels, and of the counts beside it."""
    member = fill(runs)
    report.calm()
    worst = 0.0
    for name, wanted in filters(member):
        worst = max(worst, _p95(report, f"  {name}", lambda wanted=wanted: runs_page(member, wanted)))
    deep = _hundredth(member)
    worst = max(worst, _p95(report, "  hundredth page", lambda: runs_page(member, after=deep)))
    for name, wanted in (
        ("", RunFilter()),
        (", one kind", RunFilter(kind="quote")),
        (", a client", RunFilter(search="Perrin 77")),
    ):
        worst = max(
            worst, _p95(report, f"  counts by status{name}", lambda wanted=wanted: status_counts(member, wanted))
        )
    report.goal(f"journal of {runs:,} runs: slowest page, p95", worst, GOAL, unit="ms", at_most=True)
    with CaptureQueriesContext(connection) as asked:
        runs_page(member, after=deep)
    report.goal("journal: queries of a page", len(asked), 2, at_most=True)


def _hundredth(member: Member) -> Key | None:
    after: Key | None = None
    for _ in range(99):
        after = runs_page(member, after=after).next
    return after


def _p95(report: Report, name: str, ask: Callable[[], object]) -> float:
    ask()
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    p95 = times[int(len(times) * 0.95) - 1]
    report.note(name, f"p50 {statistics.median(times):7.2f} ms  p95 {p95:7.2f} ms")
    return p95


def explain(member: Member, wanted: RunFilter) -> str:
    """How the database finds a page: for people who tune it."""
    recorded: list[str] = []
    original = bulk.query

    def spy(sql: str, params: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        plan = "explain (analyze, buffers) " if connection.vendor == "postgresql" else "explain query plan "
        recorded.extend(str(row) for row in original(plan + sql, params))
        return original(sql, params)

    ranges.bulk.query = spy  # type: ignore[attr-defined] -- a tool for a terminal
    try:
        runs_page(member, wanted)
    finally:
        ranges.bulk.query = original  # type: ignore[attr-defined] -- same
    return "\n".join(recorded)
