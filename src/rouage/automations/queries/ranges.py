"""Finds a page of runs among millions, whatever the filter: a few index ranges, each newest first, merged.

Every run lies in the range of its organisation and status (``run_page``) and in that of its version and status
(``run_by_version``). A page takes as many rows from each range as it shows, so that it costs the same at any depth.
What names records (a record, a client, a search) goes by their few runs (``run_by_record``).
"""

# ruff: noqa: S608 -- the names of tables and columns come from the models, values are always bound
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from rouage.automations.models import Automation, Run, Version
from rouage.journal import bulk
from rouage.planner.model import RunStatus
from rouage.records.kinds import KINDS
from rouage.records.models import Client
from rouage.records.search import fold

COUNTED = 1000
"""Runs of a status are counted up to this many."""

_FOUND = 500  # records of each kind that a search looks at
_RUN = f'"{Run._meta.db_table}"'
_VERSION = f'"{Version._meta.db_table}"'
_AUTOMATION = f'"{Automation._meta.db_table}"'
_STATUSES = tuple(status.value for status in RunStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """What a person looks for; everything may be left open. ``since`` is included, ``until`` is not."""

    automation_id: int | None = None
    version_id: int | None = None
    kind: str = ""
    record_id: int | None = None
    client_id: int | None = None
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Where a run stands in the list; a page begins behind one."""

    triggered_at: datetime
    id: int

    @property
    def text(self) -> str:
        """For an address: "2026-03-02T09:00:00.000000Z_42"."""
        return f"{self.triggered_at:%Y-%m-%dT%H:%M:%S.%fZ}_{self.id}"

    @staticmethod
    def read(text: str) -> Key | None:
        """None for anything that is no key: the list then begins at its top."""
        moment, _, number = text.partition("_")
        try:
            return Key(triggered_at=datetime.fromisoformat(moment), id=int(number))
        except ValueError:
            return None


@dataclass(slots=True)
class _Sql:
    """SQL in pieces with its parameters, in the order in which they are written."""

    text: str
    params: tuple[Any, ...] = ()

    def __add__(self, other: _Sql) -> _Sql:
        return _Sql(self.text + other.text, self.params + other.params)


def page(organisation_id: int, wanted: RunFilter, after: Key | None, limit: int) -> list[int]:
    """The ids of the next ``limit`` runs, newest first; one query."""
    if not is_possible(wanted):
        return []
    where = _bounds(wanted, "x") + _behind(after, "x")
    order = f" order by x.triggered_at desc, x.id desc limit {int(limit)}"
    if _names_records(wanted):
        found = (
            _records(organisation_id, wanted) + _statuses_of(wanted, "x") + _scope(wanted, "x") + where + _Sql(order)
        )
        sql = _Sql("select x.id from ") + found
    else:
        sql = _merged(_Sql("x.id, x.triggered_at"), organisation_id, wanted, where + _Sql(order))
        sql = _Sql("select id from (") + sql + _Sql(f") m order by triggered_at desc, id desc limit {int(limit)}")
    return [row[0] for row in bulk.query(sql.text, sql.params)]


def counts(organisation_id: int, wanted: RunFilter) -> dict[str, int]:
    """How many runs of each status there are, counted to COUNTED; one query. The filter's own status does not count."""
    if not is_possible(wanted):
        return {}
    if _names_records(wanted):
        found = _records(organisation_id, wanted) + _scope(wanted, "x") + _bounds(wanted, "x")
        sql = _Sql("select status, count(*) from (select x.status from ") + found
        sql += _Sql(f" limit {len(_STATUSES) * COUNTED}) m group by status")
    else:
        one = _Sql("(select count(*) from (select 1 from ") + _Sql(f"{_RUN} x where ") + _key(wanted)
        one += _bounds(wanted, "x") + _Sql(f" limit {COUNTED}) c)")
        keys = _keys(organisation_id, wanted, _STATUSES)
        sql = _Sql("select status, sum(number) from (select s.status, ") + one + _Sql(" as number from ") + keys
        sql += _Sql(") m group by status")
    return {status: min(int(number), COUNTED) for status, number in bulk.query(sql.text, sql.params) if number}


def is_possible(wanted: RunFilter) -> bool:
    """A filter with words that do not exist finds nothing, rather than everything."""
    return (not wanted.status or wanted.status in _STATUSES) and (not wanted.kind or wanted.kind in KINDS)


def _names_records(wanted: RunFilter) -> bool:
    return wanted.record_id is not None or wanted.client_id is not None or bool(wanted.search.strip())


def _merged(columns: _Sql, organisation_id: int, wanted: RunFilter, rest: _Sql) -> _Sql:
    """The rows of every range, each as far as ``rest`` goes."""
    statuses = (wanted.status,) if wanted.status else _STATUSES
    keys = _keys(organisation_id, wanted, statuses)
    if connection.vendor == "postgresql":
        inner = _Sql(f"select {columns.text} from {_RUN} x where ") + _key(wanted) + rest
        return _Sql("select r.* from ") + keys + _Sql(" cross join lateral (") + inner + _Sql(") r")
    inner = _Sql(f"select x.id from {_RUN} x where ") + _key(wanted) + rest
    found = _Sql("select r.id, r.triggered_at from ") + keys
    return found + _Sql(f" cross join {_RUN} r on r.id in (") + inner + _Sql(")")


def _keys(organisation_id: int, wanted: RunFilter, statuses: Sequence[str]) -> _Sql:
    """The ranges, one a row: ``s.status`` with the organisation, or with a version ``v.id``."""
    if connection.vendor == "postgresql":
        these = _Sql("unnest(%s::varchar[]) s(status)", (list(statuses),))
    else:
        these = _Sql("(select value as status from json_each(%s)) s", (json.dumps(statuses),))
    if not _by_version(wanted):
        return _Sql("(select %s as id) v cross join ", (organisation_id,)) + these
    versions = _Sql(
        f"(select w.id from {_VERSION} w join {_AUTOMATION} a on a.id = w.automation_id where a.organisation_id = %s",
        (organisation_id,),
    )
    for column, value in (("w.id", wanted.version_id), ("a.id", wanted.automation_id), ("a.kind", wanted.kind or None)):
        if value is not None:
            versions += _Sql(f" and {column} = %s", (value,))
    return versions + _Sql(") v cross join ") + these


def _by_version(wanted: RunFilter) -> bool:
    return wanted.version_id is not None or wanted.automation_id is not None or bool(wanted.kind)


def _key(wanted: RunFilter) -> _Sql:
    column = "version_id" if _by_version(wanted) else "organisation_id"
    return _Sql(f"x.{column} = v.id and x.status = s.status")


def _records(organisation_id: int, wanted: RunFilter) -> _Sql:
    """The runs of the records that are named, as ``x``, up to and including a where."""
    if wanted.record_id is not None:
        kind = _Sql(" and x.kind = %s", (wanted.kind,))
        return (
            _Sql(f"{_RUN} x where x.organisation_id = %s", (organisation_id,))
            + kind
            + _Sql(" and x.record_id = %s", (wanted.record_id,))
        )
    kinds = [kind for kind in KINDS.values() if kind.automatable and wanted.kind in {"", kind.key}]
    parts = [
        part for kind in kinds for part in _references(kind.key, kind.model._meta.db_table, organisation_id, wanted)
    ]
    union = _clients(organisation_id, wanted) + parts[0]
    for part in parts[1:]:
        union += _Sql(" union ") + part
    join = _Sql(f") f cross join {_RUN} x where x.organisation_id = %s", (organisation_id,))
    return _Sql("(") + union + join + _Sql(" and x.kind = f.kind and x.record_id = f.id")


def _clients(organisation_id: int, wanted: RunFilter) -> _Sql:
    """Those that a search finds, looked for once."""
    if not wanted.search.strip():
        return _Sql("")
    table = f'"{Client._meta.db_table}"'
    found = f"select id from {table} where organisation_id = %s and search_text like %s escape '!' limit {_FOUND}"
    return _Sql(f"with c as materialized ({found}) ", (organisation_id, _like(wanted)))


def _references(kind: str, table: str, organisation_id: int, wanted: RunFilter) -> list[_Sql]:
    """The records of one kind that are meant; what a search finds by their own text, and by their client."""
    select = f"select '{kind}' as kind, d.id as id from \"{table}\" d where d.organisation_id = %s"
    of_client = _Sql("")
    if wanted.client_id is not None:
        of_client = _Sql(" and d.client_id = %s", (wanted.client_id,))
    if not wanted.search.strip():
        return [_Sql(select, (organisation_id,)) + of_client]
    # The plus keeps SQLite from an index: for a text it has to read every row, and in their own order that is quickest.
    every = select.replace("d.organisation_id", "+d.organisation_id") if connection.vendor == "sqlite" else select
    by_text = (
        _Sql(every, (organisation_id,)) + of_client + _Sql(" and d.search_text like %s escape '!'", (_like(wanted),))
    )
    by_client = _Sql(select, (organisation_id,)) + of_client + _Sql(" and d.client_id in (select id from c)")
    return [
        _Sql("select * from (") + found + _Sql(f" order by d.id desc limit {_FOUND}) {kind}_{number}")
        for number, found in enumerate((by_text, by_client))
    ]


def _like(wanted: RunFilter) -> str:
    return f"%{_escaped(fold(wanted.search.strip()))}%"


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _scope(wanted: RunFilter, table: str) -> _Sql:
    """The filters that choose versions, for runs that were found by their records."""
    sql = _Sql("")
    for column, value in (("version_id", wanted.version_id), ("automation_id", wanted.automation_id)):
        if value is not None:
            sql += _Sql(f" and {table}.{column} = %s", (value,))
    return sql


def _statuses_of(wanted: RunFilter, table: str) -> _Sql:
    return _Sql(f" and {table}.status = %s", (wanted.status,)) if wanted.status else _Sql("")


def _bounds(wanted: RunFilter, table: str) -> _Sql:
    sql = _Sql("")
    if wanted.since is not None:
        sql += _Sql(f" and {table}.triggered_at >= %s", (bulk.moment(wanted.since),))
    if wanted.until is not None:
        sql += _Sql(f" and {table}.triggered_at < %s", (bulk.moment(wanted.until),))
    return sql


def _behind(key: Key | None, table: str) -> _Sql:
    if key is None:
        return _Sql("")
    return _Sql(f" and ({table}.triggered_at, {table}.id) < (%s, %s)", (bulk.moment(key.triggered_at), key.id))
