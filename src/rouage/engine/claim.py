"""Takes due rows so that no two workers ever hold the same one: a lock for rows, a lease for effects outside.

A lock lives as long as the transaction: a worker that dies gives its rows back at once. A lease (``claimed_until``) is
for rows whose work leaves the database and must not hold a transaction open.
"""

# ruff: noqa: S608 -- the names of tables and columns come from the models, values are always bound
from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from rouage.journal import bulk

type Row = tuple[Any, ...]

FREE = "due_at <= %s and (claimed_until is null or claimed_until <= %s)"
PLANS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
SHARE = 20  # the first fair batch is divided among this many organisations
AMONG = 5000  # the oldest due rows among which a suspect is looked for
VISITED = 200  # organisations looked at in one fair claim
PREPARE_AFTER = 3  # executions after which a worker's statement is prepared on the server
PATIENCE = 5000  # milliseconds that a worker waits for SQLite's lock before it says so

_steady = threading.local()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A table of due rows. ``columns`` are what a claim answers: the id first, the organisation second.

    ``texts`` among them come as text (JSON columns), ``moments`` on SQLite: converting all of them at once would cost
    more than the rest of the claim.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    moments: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @property
    def table(self) -> str:
        return f'"{self.model._meta.db_table}"'


@dataclass(slots=True)
class Turn:
    """Whose turn it is under backlog. Each worker has its own: nothing is written, nothing is contended.

    ``crowd`` is how many organisations shared the last fair batch; the next one is divided by it. ``idle``: the last
    claim found nothing, so the next one asks first.
    """

    organisation_id: int = 0
    backlog: bool = False
    idle: bool = False
    crowd: int = field(default=SHARE)


def steady_connection() -> None:
    """Prepare a worker's connection: before each turn, for settings die with a connection; it costs nothing twice.

    PostgreSQL: everything a pump asks is by key or by due date, so the plans are pinned to indexes. Left to itself, a
    statement that was planned while its table was small reads all of it for each batch, until the next analyze.
    SQLite: a worker that waits for a lock says so after a few seconds.
    """
    connection.ensure_connection()
    if getattr(_steady, "connection", None) is connection.connection:
        _plan_again()
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            settings = [*((name, "off") for name in PLANS), ("plan_cache_mode", "force_generic_plan")]
            cursor.execute("select " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings))
            connection.connection.prepare_threshold = PREPARE_AFTER
        else:
            cursor.execute(f"pragma busy_timeout = {PATIENCE}")
    _steady.connection, _steady.turns = connection.connection, 0


def _plan_again() -> None:
    """Forget the plans after 4, 16, 64 ... turns: on an empty table one index is as good as another.

    A plan that is kept would go on with its first choice until the next analyze, which comes minutes later.
    """
    _steady.turns += 1
    turns = _steady.turns
    if connection.vendor == "postgresql" and turns & (turns - 1) == 0 and turns.bit_length() % 2:
        with connection.cursor() as cursor:
            cursor.execute("discard plans")


def any_due(model: type[models.Model], now: datetime, *, leased: bool = False) -> bool:
    """The cheap question that an idle worker asks; ``leased``: rows that are under way do not count."""
    moment = bulk.moment(now)
    free, params = (FREE, (moment, moment)) if leased else ("due_at <= %s", (moment,))
    return bool(bulk.query(f'select 1 from "{model._meta.db_table}" where {free} limit 1', params))


def lock_oldest(queue: Queue, now: datetime, limit: int) -> list[Row]:
    """Lock the oldest due rows until the end of the caller's transaction."""
    sql = f"select {_names(queue)} from {queue.table} where due_at <= %s order by due_at limit %s {_skip_locked()}"
    return bulk.query(sql, (bulk.moment(now), limit))


def lock(queue: Queue, now: datetime, limit: int, turn: Turn) -> list[Row]:
    """Lock due rows until the end of the caller's transaction; under backlog a fair share of each organisation."""
    rows = _lock_fairly(queue, now, limit, turn) if turn.backlog else []
    if len(rows) < limit:
        # Our own locks do not make us skip a row, so what the fair half took is named.
        among, taken = bulk.id_list([row[0] for row in rows])
        sql = (
            f"select {_names(queue)} from {queue.table} where {FREE} and not (id {among}) "
            f"order by due_at limit %s {_skip_locked()}"
        )
        rows += bulk.query(sql, (*_free(now), taken, limit - len(rows)))
    turn.backlog = len(rows) == limit
    return rows


def lease(queue: Queue, now: datetime, limit: int, turn: Turn, *, period: timedelta) -> list[Row]:
    """Take due rows for ``period``; each answers with ``attempt`` counted on. Commits by itself."""
    with transaction.atomic():
        rows = lock(queue, now, limit, turn)
        if not rows:
            return []
        among, taken = bulk.id_list([row[0] for row in rows])
        sql = (
            f"update {queue.table} set claimed_until = %s, attempt = attempt + 1 where id {among} "
            f"returning {_names(queue)}"
        )
        return bulk.query(sql, (bulk.moment(now + period), taken))


def renew(queue: Queue, pairs: Sequence[Sequence[int]], now: datetime, period: timedelta) -> int:
    """Keep leased rows for another ``period``, given as pairs of an id and the attempt; how many are still ours."""
    rows = [(id_, attempt, now + period) for id_, attempt in pairs]
    return len(bulk.update(queue.model, ("attempt",), ("claimed_until",), rows))


def count_fresh(queue: Queue, now: datetime, limit: int) -> list[int]:
    """Count a try of due rows before anybody works at them, and commit: a row that kills its worker is then known."""
    due = f"due_at <= %s and attempt = 0 order by due_at limit %s {_skip_locked()}"
    return _count(queue, due, (bulk.moment(now), limit))


def count_suspect(queue: Queue, now: datetime) -> list[int]:
    """Count another try of one row that was counted before. It comes alone, so that it takes no others with it.

    The one with the fewest tries comes first: the row that kills comes when all others are done.
    """
    oldest = f"select id, attempt, due_at from {queue.table} where due_at <= %s order by due_at limit %s"
    suspect = f"select id from ({oldest}) o where attempt > 0 order by attempt, due_at limit 1"
    return _count(queue, f"id = ({suspect}) {_skip_locked()}", (bulk.moment(now), AMONG))


def _count(queue: Queue, where: str, params: tuple[Any, ...]) -> list[int]:
    with transaction.atomic():
        ids = [row[0] for row in bulk.query(f"select id from {queue.table} where {where}", params)]
        if ids:
            among, these = bulk.id_list(ids)
            bulk.query(f"update {queue.table} set attempt = attempt + 1 where id {among}", (these,))
    return ids


def push_ahead(queue: Queue, row_id: int, until: datetime) -> None:
    bulk.query(f"update {queue.table} set due_at = %s where id = %s", (bulk.moment(until), row_id))


def lock_these(queue: Queue, now: datetime, ids: Sequence[int]) -> list[Row]:
    """Lock those of ``ids`` that are still due and that nobody else holds."""
    among, these = bulk.id_list(ids)
    sql = (
        f"select {_names(queue)} from {queue.table} where id {among} and due_at <= %s order by due_at {_skip_locked()}"
    )
    return bulk.query(sql, (these, bulk.moment(now)))


def record_key(kind: str, record_id: int) -> int:
    """A number for a record, as ``own`` wants it: two records may share one, which costs a delay and nothing else."""
    return (zlib.crc32(kind.encode()) & 0x7FFF) << 48 | (record_id & 0xFFFF_FFFF_FFFF)


def own[T](rows: Sequence[T], key: Callable[[T], int]) -> list[T]:
    """Those of ``rows`` whose key no other worker owns, which are ours until the end of the transaction.

    Two workers that decide about one record at the same time would not see each other's runs. SQLite has one writer.
    """
    if connection.vendor != "postgresql" or not rows:
        return list(rows)
    keys = [key(row) for row in rows]
    sql = "select k from unnest(%s::bigint[]) k where pg_try_advisory_xact_lock(k)"
    ours = {row[0] for row in bulk.query(sql, (sorted(set(keys)),))}
    return [row for row, own_key in zip(rows, keys, strict=True) if own_key in ours]


def _lock_fairly(queue: Queue, now: datetime, limit: int, turn: Turn) -> list[Row]:
    organisations = _next_organisations(queue, turn.organisation_id)
    share = -(-limit // turn.crowd)
    wanted = bulk.id_list(organisations)[1]
    rows = bulk.query(_fair_sql(queue), (wanted, *_free(now), share, limit))
    served = {row[1] for row in rows}
    full = len(rows) == limit
    turn.organisation_id = next((id_ for id_ in reversed(organisations) if not full or id_ in served), 0)
    turn.crowd = max(1, len(served))
    return rows


def _fair_sql(queue: Queue) -> str:
    names = _names(queue)
    if connection.vendor == "postgresql":
        return f"""select r.* from unnest(%s::bigint[]) o(id) cross join lateral (
            select {names} from {queue.table} where organisation_id = o.id and {FREE}
            order by due_at limit %s {_skip_locked()}) r limit %s"""
    return f"""select {names} from (select value as wanted from json_each(%s)) join {queue.table} on id in (
        select id from {queue.table} where organisation_id = wanted and {FREE} order by due_at limit %s) limit %s"""


def _next_organisations(queue: Queue, after: int) -> list[int]:
    """The organisations behind ``after`` that have anything planned, round and round, by hops over the index."""
    hop = f"select min(organisation_id) from {queue.table} where due_at is not null and organisation_id >"
    sql = f"""with recursive o(id) as ({hop} %s union all select ({hop} o.id) from o where o.id is not null)
        select id from o where id is not null limit %s"""
    later = [row[0] for row in bulk.query(sql, (after, VISITED))]
    if after and len(later) < VISITED:
        later += [row[0] for row in bulk.query(sql, (0, VISITED - len(later))) if row[0] <= after]
    return later


def _names(queue: Queue) -> str:
    if connection.vendor == "postgresql":
        return ", ".join(f"{name}::text" if name in queue.texts else name for name in queue.columns)
    return ", ".join(f"{name} || ''" if name in queue.moments else name for name in queue.columns)


def _free(now: datetime) -> tuple[Any, Any]:
    return bulk.moment(now), bulk.moment(now)


def _skip_locked() -> str:
    return "for update skip locked" if connection.features.has_select_for_update_skip_locked else ""
