"""The operators of conditions: typed comparisons that either answer or say that nobody can know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from rouage.planner.words import N_


class FieldType(StrEnum):
    """What a field of a record holds, as conditions see it."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"  # an aware datetime
    CHOICE = "choice"  # the key of a choice, such as a status
    BOOLEAN = "boolean"
    LIST = "list"
    PERSON = "person"  # a member's or a contact's id


class Incomparable(TypeError):
    """The two values cannot be compared: the condition is unknown."""


class Operand(StrEnum):
    """What the value beside an operator is."""

    NONE = "none"
    SAME = "same"  # a value of the field's own type
    PAIR = "pair"  # two of them, the smaller first
    MANY = "many"  # a list of them
    DAYS = "days"  # a whole number of days


type Judge = Callable[[Any, Any, datetime], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """``judge(found, wanted, now)`` answers, or raises Incomparable. It is pure.

    ``now`` is the moment of the evaluation in the organisation's time zone. ``label`` is marked with N_. ``on_null``:
    the operator also answers about an empty field; any other is unknown there.
    """

    key: str
    label: str
    types: frozenset[FieldType]
    judge: Judge
    operand: Operand = Operand.SAME
    on_null: bool = False

    @property
    def arity(self) -> Literal[0, 1, 2]:
        """How many values stand beside it in the editor; a list counts as one."""
        match self.operand:
            case Operand.NONE:
                return 0
            case Operand.PAIR:
                return 2
            case _:
                return 1


def number(value: object) -> Decimal | int:
    """An exact number. Text is none, even if it looks like one; a float counts as the decimal written for it."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if value.is_finite():
            return value
        raise Incomparable("not a finite number")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise Incomparable(f"{type(value).__name__} is not a number")


def text(value: object) -> str:
    """Text as it is compared: upper and lower case are the same."""
    if isinstance(value, str):
        return value.casefold()
    raise Incomparable(f"{type(value).__name__} is not text")


def day(value: object, now: datetime) -> date:
    """The local day of a date or of an aware moment."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise Incomparable("a moment without its time zone")
        return value.astimezone(now.tzinfo).date()
    if isinstance(value, date):
        return value
    raise Incomparable(f"{type(value).__name__} is not a date")


def _dates(found: object, wanted: object, now: datetime) -> tuple[date, date]:
    """Two moments as they are; a date beside a moment brings both to local days."""
    if type(found) is type(wanted) is date:
        return found, wanted
    if isinstance(found, datetime) and isinstance(wanted, datetime):
        if found.tzinfo is None or wanted.tzinfo is None:
            raise Incomparable("a moment without its time zone")
        return found, wanted
    return day(found, now), day(wanted, now)


def same(found: object, wanted: object, now: datetime) -> bool:
    """Equality of values of one kind. Values of two kinds are not different: they are incomparable."""
    if isinstance(found, str):
        return found == wanted or found.casefold() == text(wanted)
    if isinstance(found, bool) or isinstance(wanted, bool):
        if isinstance(found, bool) and isinstance(wanted, bool):
            return found is wanted
        raise Incomparable("only one of them is true or false")
    if isinstance(found, date):
        first, second = _dates(found, wanted, now)
        return first == second
    return number(found) == number(wanted)


def _ordered(found: object, wanted: object, now: datetime) -> int:
    """-1, 0 or 1, as ``found`` is smaller, equal or greater."""
    first: Any
    second: Any
    if isinstance(found, date):
        first, second = _dates(found, wanted, now)
    else:
        first, second = number(found), number(wanted)
    return int(first > second) - int(first < second)


@lru_cache(maxsize=1024)
def _folded(items: tuple[object, ...]) -> frozenset[str] | None:
    """The items without their case, if all of them are texts: the statuses of a condition are the same each time."""
    texts = [item.casefold() for item in items if isinstance(item, str)]
    return frozenset(texts) if len(texts) == len(items) else None


def _one_of(found: object, wanted: object, now: datetime) -> bool:
    """A value equal to one of them decides; one that cannot be compared leaves the rest unknown."""
    items = _items(wanted)
    if type(found) is str and type(wanted) is tuple:
        texts = _folded(items)
        if texts is not None:
            return found.casefold() in texts
    doubt: Incomparable | None = None
    for item in items:
        try:
            if same(found, item, now):
                return True
        except Incomparable as error:
            doubt = error
    if doubt is not None:
        raise doubt
    return False


def _items(value: object) -> tuple[Any, ...]:
    if type(value) is tuple:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(value)
    raise Incomparable(f"{type(value).__name__} is not a list")


def _contains(found: object, wanted: object, now: datetime) -> bool:
    if isinstance(found, str):
        return text(wanted) in text(found)
    return _one_of(wanted, found, now)


def _has_all(found: object, wanted: object, now: datetime) -> bool:
    held = _items(found)
    return all(_one_of(item, held, now) for item in _items(wanted))


def _has_any(found: object, wanted: object, now: datetime) -> bool:
    held = _items(found)
    return any(_one_of(item, held, now) for item in _items(wanted))


def _between(found: object, wanted: object, now: datetime) -> bool:
    low, high = _items(wanted)
    return _ordered(found, low, now) >= 0 and _ordered(found, high, now) <= 0


def _truth(found: object) -> bool:
    if isinstance(found, bool):
        return found
    raise Incomparable(f"{type(found).__name__} is neither true nor false")


def _empty(found: object) -> bool:
    return found is None or (isinstance(found, str) and not found.strip()) or (_is_list(found) and not found)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


def _days(wanted: object) -> timedelta:
    if type(wanted) is int:
        return timedelta(days=wanted)
    raise Incomparable(f"{type(wanted).__name__} is not a number of days")


def _past(found: object, now: datetime) -> bool:
    """A date is past when its day is over, a moment when it has gone by."""
    return _ordered(found, now if isinstance(found, datetime) else now.date(), now) < 0


def _future(found: object, now: datetime) -> bool:
    return _ordered(found, now if isinstance(found, datetime) else now.date(), now) > 0


def _in_next(found: object, wanted: object, now: datetime) -> bool:
    return now.date() <= day(found, now) <= now.date() + _days(wanted)


def _in_last(found: object, wanted: object, now: datetime) -> bool:
    return now.date() - _days(wanted) <= day(found, now) <= now.date()


_TEXT, _CHOICE, _LIST = frozenset({FieldType.TEXT}), frozenset({FieldType.CHOICE}), frozenset({FieldType.LIST})
_NUMBER = frozenset({FieldType.NUMBER, FieldType.MONEY})
_DATE = frozenset({FieldType.DATE, FieldType.MOMENT})
_PLAIN = _TEXT | _NUMBER | _DATE | _CHOICE | {FieldType.PERSON}


def _operator(
    key: str,
    label: str,
    types: frozenset[FieldType],
    judge: Judge,
    operand: Operand = Operand.SAME,
    *,
    on_null: bool = False,
) -> tuple[str, Operator]:
    return key, Operator(key=key, label=label, types=types, judge=judge, operand=operand, on_null=on_null)


def _negated(judge: Judge) -> Judge:
    return lambda found, wanted, now: not judge(found, wanted, now)


_BOOLEAN, _EVERY, _NONE = frozenset({FieldType.BOOLEAN}), frozenset(FieldType), Operand.NONE

BUILT_IN: Mapping[str, Operator] = dict(
    (
        _operator("is", N_("is"), _PLAIN | _BOOLEAN, same),
        _operator("is_not", N_("is not"), _PLAIN | _BOOLEAN, _negated(same)),
        _operator("is_one_of", N_("is one of"), _PLAIN, _one_of, Operand.MANY),
        _operator("is_none_of", N_("is none of"), _PLAIN, _negated(_one_of), Operand.MANY),
        _operator("contains", N_("contains"), _TEXT | _LIST, _contains),
        _operator("does_not_contain", N_("does not contain"), _TEXT | _LIST, _negated(_contains)),
        _operator("starts_with", N_("starts with"), _TEXT, lambda f, w, _: text(f).startswith(text(w))),
        _operator("ends_with", N_("ends with"), _TEXT, lambda f, w, _: text(f).endswith(text(w))),
        _operator("is_at_least", N_("is at least"), _NUMBER, lambda f, w, _: number(f) >= number(w)),
        _operator("is_at_most", N_("is at most"), _NUMBER, lambda f, w, _: number(f) <= number(w)),
        _operator("is_more_than", N_("is more than"), _NUMBER, lambda f, w, _: number(f) > number(w)),
        _operator("is_less_than", N_("is less than"), _NUMBER, lambda f, w, _: number(f) < number(w)),
        _operator("is_between", N_("is between"), _NUMBER | _DATE, _between, Operand.PAIR),
        _operator("is_before", N_("is before"), _DATE, lambda f, w, now: _ordered(f, w, now) < 0),
        _operator("is_after", N_("is after"), _DATE, lambda f, w, now: _ordered(f, w, now) > 0),
        _operator("is_on_or_before", N_("is on or before"), _DATE, lambda f, w, now: _ordered(f, w, now) <= 0),
        _operator("is_on_or_after", N_("is on or after"), _DATE, lambda f, w, now: _ordered(f, w, now) >= 0),
        _operator("is_in_the_past", N_("is in the past"), _DATE, lambda f, _, now: _past(f, now), Operand.NONE),
        _operator("is_in_the_future", N_("is in the future"), _DATE, lambda f, _, now: _future(f, now), Operand.NONE),
        _operator("is_today", N_("is today"), _DATE, lambda f, _, now: day(f, now) == now.date(), Operand.NONE),
        _operator("is_in_the_next", N_("is in the next … days"), _DATE, _in_next, Operand.DAYS),
        _operator("is_in_the_last", N_("is in the last … days"), _DATE, _in_last, Operand.DAYS),
        _operator("is_true", N_("is true"), _BOOLEAN, lambda f, _, __: _truth(f), Operand.NONE),
        _operator("is_false", N_("is false"), _BOOLEAN, lambda f, _, __: not _truth(f), Operand.NONE),
        _operator("has_any_of", N_("has any of"), _LIST, _has_any, Operand.MANY),
        _operator("has_all_of", N_("has all of"), _LIST, _has_all, Operand.MANY),
        _operator("is_empty", N_("is empty"), _EVERY, lambda f, _, __: _empty(f), _NONE, on_null=True),
        _operator("is_not_empty", N_("is not empty"), _EVERY, lambda f, _, __: not _empty(f), _NONE, on_null=True),
    )
)
"""The operators that need no file of their own. Further ones stand in automations/conditions, one a file."""
