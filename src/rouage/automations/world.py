"""What a batch needs to know to decide: read with a fixed number of queries, however many rows the batch has."""

# ruff: noqa: S608 -- the names of tables and columns come from the models, values are always bound
from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from rouage.accounts.calendars import calendars_of
from rouage.automations import definition, surroundings
from rouage.automations.held import JSON, MOMENTS, RUN_COLUMNS, Held, Reference, read_run
from rouage.automations.models import Automation, Run
from rouage.automations.surroundings import Surroundings
from rouage.journal import bulk
from rouage.mail import history
from rouage.planner.calendar import Calendar
from rouage.planner.model import Definition, Known, Published, Snapshot
from rouage.planner.throttle import Throttle
from rouage.records import snapshot
from rouage.records.models import Client

_AUTOMATION = (
    "id, organisation_id, kind, name, owner_id, published_id, is_active, deleted_at is not null, flooded_at is not null"
)


@dataclass(frozen=True, slots=True)
class AutomationFacts:
    """An automation as its row says at this moment."""

    id: int
    organisation_id: int
    kind: str
    name: str
    owner_id: int
    published_id: int | None
    is_active: bool
    is_deleted: bool
    is_flooded: bool


@dataclass(slots=True)
class World:
    """Facts of one batch. ``throttles`` are of the clients to whom a reminder may be due; the batch adds its own."""

    now: datetime
    automations: dict[int, AutomationFacts] = field(default_factory=dict)
    definitions: dict[int, Definition] = field(default_factory=dict)
    calendars: dict[int, Calendar] = field(default_factory=dict)
    snapshots: dict[Reference, Snapshot] = field(default_factory=dict)
    surroundings: dict[int, Surroundings] = field(default_factory=dict)
    throttles: dict[int, Throttle] = field(default_factory=dict)

    def see(self, references: Collection[Reference], organisation_ids: Collection[int]) -> None:
        """Take fresh snapshots, and the calendars that their times are read by."""
        self.snapshots = snapshot.take(references)
        self.calendars = calendars_of(organisation_ids)

    def snapshot(self, reference: Reference, organisation_id: int) -> Snapshot | None:
        """None for a record that is gone, and for one of another organisation, which nobody may name (ACC-1)."""
        found = self.snapshots.get(reference)
        return found if found is None or found["organisation_id"] == organisation_id else None

    def meet(self, organisation_ids: Collection[int]) -> None:
        """Read what actions need beside the record."""
        self.surroundings = surroundings.load(organisation_ids) if organisation_ids else {}


def live_automations(organisation_ids: Collection[int]) -> list[AutomationFacts]:
    """Those that are switched on and published. Read for each batch anew: switching one off must work at once."""
    among, these = bulk.id_list(list(organisation_ids))
    return _automations(
        f"organisation_id {among} and is_active and deleted_at is null and published_id is not null", these
    )


def automations(ids: Collection[int]) -> dict[int, AutomationFacts]:
    among, these = bulk.id_list(list(ids))
    return {facts.id: facts for facts in _automations(f"id {among}", these)}


def _automations(where: str, these: object) -> list[AutomationFacts]:
    sql = f'select {_AUTOMATION} from "{Automation._meta.db_table}" where {where} order by id'
    return [AutomationFacts(*row) for row in bulk.query(sql, (these,))]


_published: dict[tuple[int, int], Published] = {}
_KEPT = 20_000


def published(facts: AutomationFacts, compiled: Definition) -> Published:
    """The planner's value, the same one each time: a version never changes."""
    key = (facts.id, facts.published_id or 0)
    found = _published.get(key)
    if found is None or found.definition is not compiled:
        if len(_published) > _KEPT:
            _published.clear()
        found = Published(automation_id=facts.id, version_id=key[1], definition=compiled)
        _published[key] = found
    return found


def open_runs(references: Iterable[tuple[int, str, int]]) -> list[Held]:
    """The open runs of records, given as (organisation, kind, id)."""
    sql = f"select {_names('r')} from {_wanted()} and r.status in ('waiting', 'running', 'paused') order by r.id"
    return [read_run(row) for row in bulk.query(sql, _triples(references))]


def ended_runs(
    references: Iterable[tuple[int, str, int]], automation_ids: Collection[int]
) -> dict[Reference, list[Known]]:
    """One ended run of each of these automations on each record: enough to know that it ran."""
    among, these = bulk.id_list(list(automation_ids))
    sql = f"""select r.kind, r.record_id, r.automation_id, max(r.id), max(r.version_id), max(r.status) from {_wanted()}
        and r.status not in ('waiting', 'running', 'paused') and r.automation_id {among} group by 1, 2, 3"""
    found: dict[Reference, list[Known]] = defaultdict(list)
    for kind, record_id, automation_id, run_id, version_id, status in bulk.query(sql, (*_triples(references), these)):
        known = Known(run_id=run_id, automation_id=automation_id, version_id=version_id, status=status)
        found[kind, record_id].append(known)
    return found


def lock_runs(ids: Collection[int]) -> list[Held]:
    """Runs as they are once nobody else writes them, until the end of the transaction; in the order of their ids."""
    among, these = bulk.id_list(list(ids))
    lock = "for update" if connection.vendor == "postgresql" else ""
    sql = f'select {_names("r")} from "{Run._meta.db_table}" r where r.id {among} order by r.id {lock}'
    return [read_run(row) for row in bulk.query(sql, (these,))]


def read_throttles(wanted: Iterable[tuple[int, int, Definition]], now: datetime) -> dict[int, Throttle]:
    """The reminders of clients, given as (organisation, client, definition with limits).

    Two workers that hold reminders to one client must not both find that none was sent: on PostgreSQL the clients are
    locked, in the order of their ids, until the messages of this batch can be seen.
    """
    clients: dict[int, int] = {}
    longest = timedelta()
    for organisation_id, client_id, compiled in wanted:
        limits = compiled.limits
        clients[client_id] = organisation_id
        longest = max(longest, limits.gap or longest, limits.period if limits.cap is not None else longest)
    if not clients:
        return {}
    if connection.vendor == "postgresql":
        among, these = bulk.id_list(sorted(clients))
        bulk.query(f'select id from "{Client._meta.db_table}" where id {among} order by id for no key update', (these,))
    pairs = [(organisation_id, client_id) for client_id, organisation_id in clients.items()]
    sent = history.reminders_sent_to(pairs, now - longest)
    return {client_id: Throttle(sent.get(client_id, ())) for client_id in clients}


def load_definitions(version_ids: Collection[int]) -> dict[int, Definition]:
    return definition.load(version_ids)


def _names(table: str) -> str:
    """The columns of a run as ``held`` wants them: JSON as text, and moments too on SQLite."""
    texts, cast = (JSON, "::text") if connection.vendor == "postgresql" else (MOMENTS, " || ''")
    return ", ".join(f"{table}.{name}{cast if name in texts else ''}" for name in RUN_COLUMNS)


def _wanted() -> str:
    table = f'"{Run._meta.db_table}"'
    if connection.vendor == "postgresql":
        # offset 0: by the status alone it would read all open runs of the organisation, for each record.
        return f"""unnest(%s::bigint[], %s::varchar[], %s::bigint[]) w(organisation_id, kind, record_id)
            cross join lateral (select * from {table} r where r.organisation_id = w.organisation_id and r.kind = w.kind
            and r.record_id = w.record_id offset 0) r where true"""
    return f"""json_each(%s) w join {table} r on r.organisation_id = json_extract(w.value, '$[0]')
        and r.kind = json_extract(w.value, '$[1]') and r.record_id = json_extract(w.value, '$[2]') where true"""


def _triples(references: Iterable[tuple[int, str, int]]) -> tuple[object, ...]:
    rows = sorted(set(references))
    if connection.vendor == "postgresql":
        return tuple(list(column) for column in zip(*rows, strict=True))
    return (json.dumps(rows),)
