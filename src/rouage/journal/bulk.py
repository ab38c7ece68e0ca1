"""Writes many rows with one statement, from Django models, on PostgreSQL and SQLite.

Rows are tuples in the order of ``columns``. JSON columns take JSON text. Every column that neither is nullable nor has
a database default must be named. Errors come out as Django's (``django.db.DataError`` ...), so ``transaction.atomic``
works around all of this. Measured: 5 to 12 times faster than ``bulk_create``, 25 to 100 times than ``bulk_update``.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.db import DataError, connection, models, transaction

from rouage.journal.append_only import refuse_changes

type Model = type[models.Model]
type Row = tuple[Any, ...]


def insert(model: Model, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    if rows:
        with _whole():
            (_copy if connection.vendor == "postgresql" else _executemany)(model, columns, rows)


def update(model: Model, guard: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[Row]) -> set[int]:
    """Set ``columns`` on each row whose ``guard`` columns still hold; a row is (id, *guard, *columns).

    Returns the ids that were updated: an id that is missing was changed by somebody else. A guard of None holds for
    null. Each id may stand in one row only.
    """
    if not rows:
        return set()
    refuse_changes(model, columns)
    with _whole():
        return (_update_from_unnest if connection.vendor == "postgresql" else _update_each)(model, guard, columns, rows)


def mark(model: Model, ids: Sequence[int], **values: Any) -> None:
    """Give the same values to all rows of ``ids``; the names are those of columns."""
    if not ids:
        return
    columns = tuple(values)
    refuse_changes(model, columns)
    given = tuple(values.values())
    if connection.vendor != "postgresql":
        given = next(iter(_sqlite_rows(model, columns, [given])))
    among, these = id_list(ids)
    settings = ", ".join(f"{name} = %s" for name in columns)
    query(f'update "{model._meta.db_table}" set {settings} where id {among}', (*given, these))  # noqa: S608 -- names of columns


def id_list(ids: Sequence[int]) -> tuple[str, Any]:
    """The condition and its one parameter for "among these ids": the statement text does not depend on their number."""
    if connection.vendor == "postgresql":
        return "= any(%s)", list(ids)
    return "in (select value from json_each(%s))", json.dumps(list(ids))


def reserve_ids(model: Model, count: int) -> list[int]:
    """Return ``count`` fresh primary keys, so that children can be written without reading their parents back."""
    if not count:
        return []
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        sql = "select nextval(%s::regclass) from generate_series(1, %s)"
        return [row[0] for row in query(sql, (_sequence(table), count))]
    with _whole():
        found = query("update sqlite_sequence set seq = seq + %s where name = %s returning seq", (count, table))
        if not found:
            # No row was ever inserted: SQLite has not written the table down yet.
            query("insert into sqlite_sequence (name, seq) values (%s, %s)", (table, count))
    last: int = found[0][0] if found else count
    return list(range(last - count + 1, last + 1))


def query(sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run SQL with %s marks and return its rows; bound on the server on PostgreSQL. A literal % must be doubled there.

    Values come back as the database gives them: on SQLite moments naive or as text (see ``aware``), decimals as numbers
    (see ``decimal``).
    """
    with _cursor(sql, 1) as cursor:
        cursor.execute(sql if connection.vendor == "postgresql" else sql.replace("%s", "?"), params)
        rows: list[Row] = cursor.fetchall() if cursor.description else []
    return rows


def moment(value: datetime) -> Any:  # noqa: ANN401 -- the driver's own
    """An aware datetime as a parameter of ``query``."""
    return value if connection.vendor == "postgresql" else _sqlite_moment(value)


def aware(value: datetime | str) -> datetime:
    """The inverse of ``moment``: SQLite gives naive values for columns declared as ``datetime``, text for all else."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def decimal(value: Decimal | float | str, places: int) -> Decimal:
    """What ``query`` read from a decimal column: SQLite keeps numbers, which have lost their places."""
    return value if isinstance(value, Decimal) else Decimal(str(value)).quantize(Decimal(1).scaleb(-places))


def _whole() -> AbstractContextManager[object]:
    """All rows or none, also when the caller has opened no transaction."""
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


@contextmanager
def _cursor(sql: str, rows: int) -> Iterator[Any]:
    """A cursor of the driver itself, with Django's errors; statements are counted where Django counts its own."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        cursor = (
            _postgresql_cursor() if connection.vendor == "postgresql" else connection.connection.cursor(sqlite3.Cursor)
        )
        started = time.monotonic()
        try:
            yield cursor
        finally:
            cursor.close()
            if connection.queries_logged:
                text = sql if rows == 1 else f"{rows} times: {sql}"
                connection.queries_log.append({"sql": text, "time": f"{time.monotonic() - started:.3f}"})


def _postgresql_cursor() -> Any:  # noqa: ANN401 -- optional dependency
    import psycopg  # noqa: PLC0415 -- optional dependency

    # Django's own cursor binds in the client: 500 rows become one statement text that the server parses each time.
    return psycopg.Cursor(connection.connection)


def _copy(model: Model, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    sql = _copy_sql(model, columns)
    with _cursor(sql, len(rows)) as cursor, cursor.copy(sql) as copy:
        write = copy.write_row
        for row in _postgresql_rows(model, columns, rows):
            write(row)


def _executemany(model: Model, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    sql = _insert_sql(model, columns)
    with _cursor(sql, len(rows)) as cursor:
        cursor.executemany(sql, _sqlite_rows(model, columns, rows))


def _update_from_unnest(
    model: Model, guard: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[Row]
) -> set[int]:
    sql = _update_sql(model, guard, columns)
    with _cursor(sql, len(rows)) as cursor:
        cursor.execute(sql, [list(values) for values in zip(*rows, strict=True)])
        return {row[0] for row in cursor.fetchall()}


def _update_each(model: Model, guard: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[Row]) -> set[int]:
    sql, width = _update_sql(model, guard, columns), 1 + len(guard)
    adapted = _sqlite_rows(model, ("id", *guard, *columns), rows)
    with _cursor(sql, len(rows)) as cursor:
        execute = cursor.execute
        return {row[0] for row in adapted if execute(sql, row[width:] + row[:width]).rowcount}


@lru_cache
def _sequence(table: str) -> str:
    # Its name, looked up once: a nextval of pg_get_serial_sequence(..) looks it up for each row, three times slower.
    return str(query("select pg_get_serial_sequence(%s, 'id')", (table,))[0][0])


@lru_cache
def _copy_sql(model: Model, columns: tuple[str, ...]) -> str:
    return f'copy "{model._meta.db_table}" ({_names(model, columns)}) from stdin'


@lru_cache
def _insert_sql(model: Model, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f'insert into "{model._meta.db_table}" ({_names(model, columns)}) values ({marks})'  # noqa: S608 -- names of columns


@lru_cache
def _update_sql(model: Model, guard: tuple[str, ...], columns: tuple[str, ...]) -> str:
    table = f'"{model._meta.db_table}"'
    if connection.vendor != "postgresql":
        values = ", ".join(f'"{name}" = ?' for name in columns)
        same = "".join(f' and "{name}" is ?' for name in guard)
        return f"update {table} set {values} where id = ?{same}"  # noqa: S608 -- names of columns
    arrays = ", ".join(f"%s::{_array_type(model, name)}" for name in ("id", *guard, *columns))
    names = ", ".join(["id", *(f"old_{name}" for name in guard), *(f"new_{name}" for name in columns)])
    values = ", ".join(f'"{name}" = v.new_{name}' for name in columns)
    same = "".join(f' and t."{name}" is not distinct from v.old_{name}' for name in guard)
    return f"update {table} t set {values} from unnest({arrays}) v({names}) where t.id = v.id{same} returning t.id"  # noqa: S608 -- same


def _names(model: Model, columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{_field(model, name).column}"' for name in columns)


def _array_type(model: Model, column: str) -> str:
    kind = _field(model, column).rel_db_type(connection) or "text"
    return kind.split("(")[0] + "[]"


def _field(model: Model, column: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _postgresql_rows(model: Model, columns: tuple[str, ...], rows: Sequence[Row]) -> Iterable[Row]:
    """Moments as text: the driver writes each in Python, which takes longer than all other columns together."""
    positions = _moment_positions(model, columns)
    if not positions:
        return rows
    values: list[Any] = list(zip(*rows, strict=True))
    for index in positions:
        values[index] = [None if value is None else f"{_sqlite_moment(value)}+00" for value in values[index]]
    return zip(*values, strict=True)


@lru_cache
def _moment_positions(model: Model, columns: tuple[str, ...]) -> tuple[int, ...]:
    kinds = ((index, _field(model, column)) for index, column in enumerate(columns))
    return tuple(index for index, field in kinds if isinstance(field, models.DateTimeField))


def _sqlite_rows(model: Model, columns: tuple[str, ...], rows: Sequence[Row]) -> Iterable[Row]:
    adapters = _sqlite_adapters(model, columns)
    if not adapters:
        return rows
    values: list[Any] = list(zip(*rows, strict=True))
    for index, adapt in adapters:
        values[index] = [None if value is None else adapt(value) for value in values[index]]
    return zip(*values, strict=True)


@lru_cache
def _sqlite_adapters(model: Model, columns: tuple[str, ...]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    found = ((index, _sqlite_adapter(_field(model, column))) for index, column in enumerate(columns))
    return tuple((index, adapt) for index, adapt in found if adapt)


def _sqlite_adapter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of the column is written, as Django writes it; None for what SQLite's driver takes as it is."""
    match field.target_field if isinstance(field, models.ForeignKey) else field:
        case models.DateTimeField():
            return _sqlite_moment
        case models.DateField():
            return date.isoformat
        case models.TimeField():
            return time_of_day.__str__
        case models.DecimalField() as exact:
            return _sqlite_decimal(exact)
        case (
            models.JSONField() | models.CharField() | models.TextField() | models.IntegerField() | models.BooleanField()
        ):
            return None
        case other:
            return lambda value: other.get_db_prep_value(value, connection, prepared=False)


def _sqlite_decimal(field: models.DecimalField[Any, Any]) -> Callable[[Decimal], str]:
    quantum, context = Decimal(1).scaleb(-field.decimal_places), Context(prec=field.max_digits)

    def adapt(value: Decimal) -> str:
        try:
            return str(value.quantize(quantum, context=context))
        except InvalidOperation:
            raise DataError(f"{field.column}: {value} has more than {field.max_digits} digits") from None

    return adapt


def _sqlite_moment(value: datetime) -> str:
    """As Django writes it: in UTC, without its offset."""
    # Only UTC goes through the cache: in a zone with summer time two different moments can be equal keys (fold).
    return _utc_text(value if value.tzinfo is UTC else _utc(value))


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=4096)
def _utc_text(value: datetime) -> str:
    """Cached: a batch holds few different moments, many times."""
    return str(value)[:-6]
