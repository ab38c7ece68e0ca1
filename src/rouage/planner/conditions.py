"""Evaluate a condition tree over a snapshot: true, false, or unknown with the reason (AUT-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from rouage.planner.model import Group, Reason, Snapshot, Test, Tree
from rouage.planner.operators import BUILT_IN, FieldType, Operand, Operator
from rouage.planner.reasons import Why, nested
from rouage.planner.values import frozen

MISSING: Any = object()


@frozen
class Verdict:
    """``value`` is None when nobody can know. ``test`` is the row that decided, ``found`` what it read there.

    ``held`` is that row's own value: a ``none`` is false because a row held. Without a row, all of them decided
    together. ``unknown`` says why the row could not be evaluated.
    """

    value: bool | None
    test: Test | None = None
    found: Any = None
    held: bool | None = None
    unknown: Why | None = None

    @property
    def reason(self) -> Reason:
        """Why it came out like this. Written only when somebody asks: most verdicts are true and leave no trace."""
        test = self.test
        if test is None:
            return Reason(code=Why.CONDITIONS_HOLD if self.value else Why.CONDITIONS_NONE_HOLDS)
        data = {"field": test.field, "operator": test.operator}
        if self.unknown in _UNREAD:
            return Reason(code=self.unknown, data=data)
        code = self.unknown or (Why.CONDITION_TRUE if self.held else Why.CONDITION_FALSE)
        return Reason(code=code, data={**data, "value": test.value, "found": self.found})

    def because(self, code: Why, **data: Any) -> Reason:
        """``code`` with this verdict's reason inside."""
        return Reason(code=code, data={**data, "because": nested(self.reason)})


@frozen
class Row:
    """One test of a trail, with the value it came out with and what it read."""

    test: Test
    value: bool | None
    found: Any
    reason: Reason


@frozen
class Branch:
    """One group of a trail."""

    mode: Literal["all", "any", "none"]
    value: bool | None
    of: tuple[Trail, ...]


type Trail = Row | Branch

TRUE, FALSE = Verdict(value=True), Verdict(value=False)
_UNREAD = frozenset({Why.CONDITION_MISSING, Why.CONDITION_EMPTY, Why.CONDITION_OPERATOR})


def evaluate(tree: Tree, snapshot: Snapshot, now: datetime) -> Verdict:
    """Kleene logic: a false row decides an ``all``, a true row an ``any``; what cannot be known stays unknown.

    ``now`` is a moment in the organisation's zone (``calendar.local(now)``): operators such as ``is_today`` read it.
    """
    if isinstance(tree, Test):
        return _verdict(tree, _judged(tree, snapshot, now), snapshot)
    mode = tree.mode
    decisive = mode != "all"
    unknown: Verdict | None = None
    for child in tree.of:
        if type(child) is Test:
            # No value is made for a row that decides nothing.
            judged = _judged(child, snapshot, now)
            if judged is (not decisive):
                continue
            verdict = _verdict(child, judged, snapshot)
        else:
            verdict = evaluate(child, snapshot, now)
        value = verdict.value
        if value is decisive:
            return verdict if mode != "none" else replace(verdict, value=False)
        if value is None and unknown is None:
            unknown = verdict
    return unknown or _undecided(tree, snapshot)


def explain(tree: Tree, snapshot: Snapshot, now: datetime) -> Trail:
    """Every row with its value, none left out: what the dry run and "why did nothing happen?" show."""
    if isinstance(tree, Test):
        verdict = _verdict(tree, _judged(tree, snapshot, now), snapshot)
        return Row(tree, verdict.value, verdict.found, verdict.reason)
    of = tuple(explain(child, snapshot, now) for child in tree.of)
    return Branch(tree.mode, evaluate(tree, snapshot, now).value, of)


def reads(tree: Tree) -> frozenset[str]:
    """The fields that a tree looks at."""
    if isinstance(tree, Test):
        return frozenset({tree.field})
    return frozenset().union(*(reads(child) for child in tree.of))


def _judged(test: Test, snapshot: Snapshot, now: datetime) -> bool | Why:
    """The row's answer, or why there is none."""
    found = snapshot.get(test.field, MISSING)
    if found is MISSING:
        return Why.CONDITION_MISSING
    by = test.by or BUILT_IN.get(test.operator)
    if by is None:
        return Why.CONDITION_OPERATOR
    if found is None and not by.on_null:
        return Why.CONDITION_EMPTY
    try:
        return by.judge(found, test.value, now)
    except (TypeError, ValueError, ArithmeticError):
        # Incomparable, and what a comparison of strange values raises by itself.
        return Why.CONDITION_INCOMPARABLE


def _verdict(test: Test, judged: bool | Why, snapshot: Snapshot) -> Verdict:  # noqa: FBT001 -- an answer, not a switch
    found = snapshot.get(test.field)
    if isinstance(judged, Why):
        return Verdict(None, test, found, None, judged)
    return Verdict(judged, test, found, judged)


def _undecided(group: Group, snapshot: Snapshot) -> Verdict:
    """No row decided: an ``all`` or a ``none`` holds, an ``any`` does not. A single row is named."""
    if group.mode != "any":
        return TRUE
    if len(group.of) == 1 and isinstance(group.of[0], Test):
        return _verdict(group.of[0], False, snapshot)  # noqa: FBT003 -- the answer that it gave
    return FALSE


class BadOperand(ValueError):
    """The value beside an operator does not fit the field; ``reason`` says how."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def compile_tree(tree: Tree, fields: Mapping[str, FieldType], operators: Mapping[str, Operator] = BUILT_IN) -> Tree:
    """Give each row its operator, and its value the type of its field: JSON knows neither dates nor exact amounts.

    A field or an operator that vanished stays as it is and evaluates to unknown: a published version must load for
    ever. Raises BadOperand for a value that cannot be read as its field's type.
    """
    if isinstance(tree, Group):
        return replace(tree, of=tuple(compile_tree(child, fields, operators) for child in tree.of))
    operator, type_ = operators.get(tree.operator), fields.get(tree.field)
    if operator is None:
        return tree
    value = tree.value if type_ is None else operand(operator, type_, tree.value, field=tree.field)
    return replace(tree, value=value, by=operator)


def operand(operator: Operator, type_: FieldType, raw: Any, *, field: str = "") -> Any:  # noqa: ANN401 -- JSON in, a value out
    """Read a JSON value as what stands beside ``operator`` on a field of ``type_``. Raises BadOperand."""
    data = {"field": field, "operator": operator.key, "value": raw}
    match operator.operand:
        case Operand.NONE:
            return None
        case Operand.DAYS:
            return _read(_whole, raw, Why.OPERAND_DAYS, data)
        case Operand.SAME:
            return _read(_READERS[type_], raw, _REFUSALS[type_], data)
    if not isinstance(raw, list | tuple) or not raw or (operator.operand is Operand.PAIR and len(raw) != PAIR):
        raise BadOperand(Reason(code=Why.OPERAND_LIST, data=data))
    return tuple(_read(_READERS[type_], item, _REFUSALS[type_], data) for item in raw)


PAIR = 2


def _read(reader: Callable[[Any], Any], raw: Any, refusal: Why, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- same
    try:
        return reader(raw)
    except (TypeError, ValueError, ArithmeticError):
        raise BadOperand(Reason(code=refusal, data={**data, "value": raw})) from None


def _whole(raw: Any) -> int:  # noqa: ANN401 -- same
    value = _decimal(raw)
    if value != value.to_integral_value() or not 0 <= value <= MOST_DAYS:
        raise ValueError(raw)
    return int(value)


MOST_DAYS = 36_525


def _decimal(raw: Any) -> Decimal:  # noqa: ANN401 -- same
    if isinstance(raw, bool):
        raise TypeError(raw)
    value = Decimal(raw.strip() if isinstance(raw, str) else repr(raw) if isinstance(raw, float) else raw)
    if not value.is_finite():
        raise ValueError(raw)
    return value


def _text(raw: Any) -> str:  # noqa: ANN401 -- same
    if isinstance(raw, str) and raw:
        return raw
    raise TypeError(raw)


def _boolean(raw: Any) -> bool:  # noqa: ANN401 -- same
    if isinstance(raw, bool):
        return raw
    raise TypeError(raw)


def _date(raw: Any) -> date:  # noqa: ANN401 -- same
    if isinstance(raw, datetime):
        raise TypeError(raw)
    return raw if isinstance(raw, date) else date.fromisoformat(raw)


def _moment(raw: Any) -> date:  # noqa: ANN401 -- same
    """A moment, or the day that it falls on."""
    if isinstance(raw, str) and len(raw) == len("2026-01-31"):
        return date.fromisoformat(raw)
    value = raw if isinstance(raw, date) else datetime.fromisoformat(raw)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(raw)
    return value


def _person(raw: Any) -> int | str:  # noqa: ANN401 -- same
    """An id, of our own records or of a system that counts in text."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    return _text(raw)


_READERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _decimal,
    FieldType.MONEY: _decimal,
    FieldType.DATE: _date,
    FieldType.MOMENT: _moment,
    FieldType.CHOICE: _text,
    FieldType.BOOLEAN: _boolean,
    FieldType.LIST: _text,  # beside a list stand its elements
    FieldType.PERSON: _person,
}
_REFUSALS: Mapping[FieldType, Why] = {
    FieldType.TEXT: Why.OPERAND_TEXT,
    FieldType.NUMBER: Why.OPERAND_NUMBER,
    FieldType.MONEY: Why.OPERAND_NUMBER,
    FieldType.DATE: Why.OPERAND_DATE,
    FieldType.MOMENT: Why.OPERAND_DATE,
    FieldType.CHOICE: Why.OPERAND_CHOICE,
    FieldType.BOOLEAN: Why.OPERAND_BOOLEAN,
    FieldType.LIST: Why.OPERAND_TEXT,
    FieldType.PERSON: Why.OPERAND_PERSON,
}
