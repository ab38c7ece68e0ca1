"""Reads rows as plain typed dictionaries, many at once: what bulk effects and snapshots need, without model objects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection, models

from rouage.journal import bulk

type Model = type[models.Model]
type Row = dict[str, Any]
type Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, the SQL that reads it, and what turns the result into its value; None: it is right as it comes."""

    key: str
    sql: str
    convert: Converter | None


def column(field: models.Field[Any, Any], *, table: str, key: str = "") -> Column:
    sql, convert = f'{table}."{field.column}"', _converter(field, connection.vendor)
    if connection.vendor == "sqlite" and isinstance(field, models.DateField):
        # As text, Django's converters for SQLite are left aside: they cost four times what ours do.
        sql = f"{sql} || ''"
    return Column(key=key or field.attname, sql=sql, convert=convert)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The columns of a query, in order."""

    sql: str
    keys: tuple[str, ...]
    converters: tuple[tuple[int, str, Converter], ...]

    @staticmethod
    def of(columns: Collection[Column]) -> Selection:
        return Selection(
            sql=", ".join(column.sql for column in columns),
            keys=tuple(column.key for column in columns),
            converters=tuple(
                (position, column.key, column.convert) for position, column in enumerate(columns) if column.convert
            ),
        )

    def row(self, values: bulk.Row) -> Row:
        row = dict(zip(self.keys, values, strict=True))
        for position, key, convert in self.converters:
            value = values[position]
            if value is not None:
                row[key] = convert(value)
        return row


def read(model: Model, ids: Collection[int], *, lock: bool = False, key: str = "id") -> list[Row]:
    """All columns of the rows whose ``key`` is among ``ids``, in the order of their ids.

    ``lock`` keeps others from changing them until the transaction ends (SQLite: its write transaction does).
    """
    if not ids:
        return []
    selection = _all_columns(model, connection.vendor)
    among, these = bulk.id_list(sorted(ids))
    locking = " for update" if lock and connection.vendor == "postgresql" else ""
    sql = f'select {selection.sql} from {table_of(model)} t where t."{key}" {among} order by t.id{locking}'  # noqa: S608 -- names of columns
    return [selection.row(row) for row in bulk.query(sql, (these,))]


def defaults(model: Model) -> Row:
    """A new row's columns, but for its id."""
    return {name: field.get_default() for name, field in fields_of(model).items() if not field.primary_key}


def fields_of(model: Model) -> Mapping[str, models.Field[Any, Any]]:
    """The fields that have a column, by its name."""
    return {field.attname: field for field in model._meta.concrete_fields}


def table_of(model: Model) -> str:
    return f'"{model._meta.db_table}"'


def instance[T: models.Model](model: type[T], row: Mapping[str, Any]) -> T:
    """The model object of a row that is in the database."""
    names = list(fields_of(model))
    return model.from_db("default", names, [row[name] for name in names])


@lru_cache
def _all_columns(model: Model, vendor: str) -> Selection:
    return Selection.of([column(field, table="t") for field in fields_of(model).values()])


def _converter(field: models.Field[Any, Any], vendor: str) -> Converter | None:
    if vendor != "sqlite":
        return None
    match field:
        case models.DateTimeField():
            return _moment
        case models.DateField():
            return _day
        case models.DecimalField():
            # SQLite keeps amounts as numbers, which have lost their places.
            return _decimal(field.decimal_places)
        case models.BooleanField():
            return bool
        case _:
            return None


# A batch reads few different days and amounts many times, and a waiting record is read again and again.
@lru_cache(maxsize=8192)
def _day(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=8192)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache
def _decimal(places: int) -> Converter:
    form = f"%.{places}f"
    return lru_cache(maxsize=8192)(lambda number: Decimal(form % number))
