"""Measures bulk writes beside Django's own, and what the append-only triggers cost; in microseconds a row.

python -m tests.journal.bench_bulk        on a database of its own, SQLite or that of ROUAGE_DATABASE
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import django
from django.db import connection, transaction

ROWS = 500
REPEATS = 15


def measure(repeats: int = REPEATS, rows: int = ROWS) -> dict[str, float]:
    """Medians; the ways alternate, so that a neighbour's load hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in _WAYS}
    for _ in range(repeats):
        for name, (prepare, work) in _WAYS.items():
            times[name].append(_once(prepare, work, rows) * 1e6 / rows)
    return {name: round(statistics.median(found), 1) for name, found in times.items()}


def _once(prepare: Callable, work: Callable, rows: int) -> float:
    """One transaction, of which nothing is kept."""
    with transaction.atomic():
        given = prepare(rows)
        _insert(_new_entries(1))  # the first write of a transaction costs more, whichever it is
        started = time.perf_counter()
        work(given)
        taken = time.perf_counter() - started
        transaction.set_rollback(True)
    return taken


def _new_events(count: int) -> list[tuple]:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    payload = json.dumps({"from": "sent", "to": "accepted", "text": "x" * 60})
    return [(1, "quote.status_changed", "quote", number, payload, "[]", 0, now, now) for number in range(count)]


def _new_entries(count: int) -> list[tuple]:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    data = json.dumps({"position": 1, "text": "x" * 60})
    return [(1, "run.started", "run", number, "Relance", number, "quote", number, data, now) for number in range(count)]


def _written_events(count: int) -> list:
    from rouage.journal.append import EVENT_COLUMNS  # noqa: PLC0415 -- app ready
    from rouage.journal.bulk import insert, reserve_ids  # noqa: PLC0415 -- app ready
    from rouage.journal.models import DomainEvent  # noqa: PLC0415 -- app ready

    ids = reserve_ids(DomainEvent, count)
    rows = [(id_, *row) for id_, row in zip(ids, _new_events(count), strict=True)]
    insert(DomainEvent, ("id", *EVENT_COLUMNS), rows)
    return list(DomainEvent.objects.filter(id__in=ids))


def _bulk_create(rows: list[tuple]) -> None:
    from rouage.journal.append import ENTRY_COLUMNS  # noqa: PLC0415 -- app ready
    from rouage.journal.models import Entry  # noqa: PLC0415 -- app ready

    Entry.objects.bulk_create(Entry(**dict(zip(ENTRY_COLUMNS, row, strict=True)) | {"data": {}}) for row in rows)


def _insert(rows: list[tuple]) -> None:
    from rouage.journal.append import append_entries  # noqa: PLC0415 -- app ready

    append_entries(rows)


def _bulk_update(events: list) -> None:
    from rouage.journal.models import DomainEvent  # noqa: PLC0415 -- app ready

    for event in events:
        event.attempt, event.error = 1, "tried"
    DomainEvent.objects.bulk_update(events, ["attempt", "error"])


def _update(events: list) -> None:
    from rouage.journal.bulk import update  # noqa: PLC0415 -- app ready
    from rouage.journal.models import DomainEvent  # noqa: PLC0415 -- app ready

    rows = [(event.id, 0, 1, "tried") for event in events]
    assert len(update(DomainEvent, ("attempt",), ("attempt", "error"), rows)) == len(events)


def _bare(prepare: Callable, table: str) -> Callable:
    """The same on a table whose triggers are gone until the end of the transaction."""

    def prepared(count: int) -> list:
        on = f' on "{table}"' if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            for event in ("update", "delete", "truncate"):
                cursor.execute(f'drop trigger if exists "{table}_no_{event}"{on}')
        return prepare(count)

    return prepared


_WAYS: dict[str, tuple[Callable, Callable]] = {
    "insert, bulk_create": (_new_entries, _bulk_create),
    "insert": (_new_entries, _insert),
    "insert, no triggers": (_bare(_new_entries, "journal_entry"), _insert),
    "update, bulk_update": (_written_events, _bulk_update),
    "update": (_written_events, _update),
    "update, no triggers": (_bare(_written_events, "journal_domainevent"), _update),
}


def main() -> None:
    django.setup()
    connection.creation.create_test_db(verbosity=0)
    try:
        for name, microseconds in measure().items():
            print(f"{connection.vendor}  {name:24} {microseconds:8.1f} us a row")  # noqa: T201 -- its purpose
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
