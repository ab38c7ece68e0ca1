"""Turns a JSON value from an automation into what a writable field's column holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models

from rouage.planner.model import Reason
from rouage.planner.operators import FieldType
from rouage.records.kinds import RecordKind
from rouage.records.reading import fields_of


def typed(kind: RecordKind, name: str, raw: Any) -> tuple[str, Any] | Reason:  # noqa: ANN401 -- a JSON value
    """The column and its value. Whether a member exists is for the caller to ask, for all of a batch at once."""
    field = kind.writable.get(name)
    if field is None:
        return Reason(code="field.not_writable", data={"kind": kind.key, "field": name})
    column = fields_of(kind.model)[field.column]
    try:
        value = None if raw is None or raw == "" else _READERS[field.type](raw)
        return field.column, _fitting(column, value)
    except (ValueError, TypeError, InvalidOperation):
        return Reason(code="field.invalid", data={"kind": kind.key, "field": name, "value": str(raw)[:200]})


def _fitting(column: models.Field[Any, Any], value: Any) -> Any:  # noqa: ANN401 -- a column's value
    if value is None:
        if column.null:
            return None
        if isinstance(column, models.CharField | models.TextField) and column.blank:
            return ""
        raise ValueError("this field cannot be empty")
    if isinstance(value, str) and column.max_length and len(value) > column.max_length:
        raise ValueError("too long")
    if isinstance(column, models.DecimalField):
        return _amount(value, column)
    return value


def _amount(value: Decimal, column: models.DecimalField[Any, Any]) -> Decimal:
    if not value.is_finite() or abs(value) >= Decimal(10) ** (column.max_digits - column.decimal_places):
        raise ValueError("not an amount")
    return value.quantize(Decimal(1).scaleb(-column.decimal_places))


def _date(raw: Any) -> date:  # noqa: ANN401 -- a JSON value
    if isinstance(raw, datetime):
        raise TypeError("a moment is not a day")
    return raw if isinstance(raw, date) else date.fromisoformat(raw)


def _moment(raw: Any) -> datetime:  # noqa: ANN401 -- same
    moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)
    if moment.tzinfo is None:
        raise ValueError("a moment without its time zone")
    return moment.astimezone(UTC)


def _text(raw: Any) -> str:  # noqa: ANN401 -- same
    if not isinstance(raw, str):
        raise TypeError("not text")
    return raw.replace("\x00", "").strip()


def _decimal(raw: Any) -> Decimal:  # noqa: ANN401 -- same
    if isinstance(raw, bool):
        raise TypeError("not a number")
    return Decimal(str(raw))


def _number(raw: Any) -> int:  # noqa: ANN401 -- same
    if isinstance(raw, bool):
        raise TypeError("not a number")
    return int(raw)


_READERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _decimal,
    FieldType.DATE: _date,
    FieldType.MOMENT: _moment,
    FieldType.PERSON: _number,
}
