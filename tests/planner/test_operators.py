from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from rouage.planner.operators import BUILT_IN, FieldType, Incomparable, Operand
from tests.planner.factories import PARIS

pytestmark = pytest.mark.req("AUT-3")

NOW = datetime(2026, 11, 18, 10, tzinfo=PARIS)
D = Decimal


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ANSWERS: list[tuple[str, Any, Any, bool]] = [
    ("is", "sent", "sent", True),
    ("is", "Durand", "DURAND", True),
    ("is", "sent", "paid", False),
    ("is", 500, D("500.00"), True),
    ("is", D("0.10"), 0.1, True),
    ("is", D("0.30"), D("0.3000000001"), False),
    ("is", True, True, True),
    ("is", True, False, False),
    ("is", date(2026, 1, 1), date(2026, 1, 1), True),
    ("is", moment("2026-01-01T23:30"), date(2026, 1, 2), True),  # half past midnight in Paris
    ("is", moment("2026-01-01T23:30"), moment("2026-01-01T23:30"), True),
    ("is_not", "sent", "paid", True),
    ("is_not", 5, D(5), False),
    ("is_one_of", "sent", ("draft", "sent"), True),
    ("is_one_of", "SENT", ("draft", "sent"), True),
    ("is_one_of", "paid", ["draft", "sent"], False),
    ("is_one_of", 7, (8, D(7)), True),
    ("is_none_of", "paid", ("draft", "sent"), True),
    ("is_none_of", "sent", ("draft", "sent"), False),
    ("contains", "Établissements Durand", "durand", True),
    ("contains", "Durand", "dupont", False),
    ("contains", ("vip", "paris"), "VIP", True),
    ("contains", ("vip",), "lyon", False),
    ("contains", (), "lyon", False),
    ("contains", ["vip", {"of": "a webhook"}], "vip", True),
    ("does_not_contain", "Durand", "dupont", True),
    ("does_not_contain", ["vip"], "vip", False),
    ("starts_with", "FA-2026-001", "fa-", True),
    ("starts_with", "FA-2026-001", "de-", False),
    ("ends_with", "a@Example.fr", "@example.FR", True),
    ("ends_with", "a@example.fr", ".com", False),
    ("is_at_least", D("10.00"), 10, True),
    ("is_at_least", D("9.99"), 10, False),
    ("is_at_most", 10, D("10.00"), True),
    ("is_at_most", D("10.01"), 10, False),
    ("is_more_than", D("10.01"), 10, True),
    ("is_more_than", 10, 10, False),
    ("is_less_than", D("9.99"), 10, True),
    ("is_less_than", 10, 10, False),
    ("is_between", 5, (1, 5), True),
    ("is_between", 1, (1, 5), True),
    ("is_between", 0, (1, 5), False),
    ("is_between", D("0.99"), (1, 5), False),
    ("is_between", D("5.01"), (1, 5), False),
    ("is_between", date(2026, 2, 1), (date(2026, 1, 1), date(2026, 2, 1)), True),
    ("is_between", date(2025, 12, 31), (date(2026, 1, 1), date(2026, 2, 1)), False),
    ("is_before", date(2026, 1, 1), date(2026, 1, 2), True),
    ("is_before", date(2026, 1, 2), date(2026, 1, 2), False),
    ("is_before", moment("2026-01-01T22:59"), date(2026, 1, 2), True),
    ("is_before", moment("2026-01-01T23:00"), date(2026, 1, 2), False),  # midnight in Paris
    ("is_after", date(2026, 1, 3), date(2026, 1, 2), True),
    ("is_after", date(2026, 1, 2), date(2026, 1, 2), False),
    ("is_on_or_before", date(2026, 1, 2), date(2026, 1, 2), True),
    ("is_on_or_before", date(2026, 1, 3), date(2026, 1, 2), False),
    ("is_on_or_after", date(2026, 1, 2), date(2026, 1, 2), True),
    ("is_on_or_after", date(2026, 1, 1), date(2026, 1, 2), False),
    ("is_in_the_past", date(2026, 11, 17), None, True),
    ("is_in_the_past", date(2026, 11, 18), None, False),  # its day is not over
    ("is_in_the_past", moment("2026-11-18T08:59"), None, True),
    ("is_in_the_past", moment("2026-11-18T09:01"), None, False),
    ("is_in_the_future", date(2026, 11, 19), None, True),
    ("is_in_the_future", date(2026, 11, 18), None, False),
    ("is_in_the_future", moment("2026-11-18T09:01"), None, True),
    ("is_today", date(2026, 11, 18), None, True),
    ("is_today", moment("2026-11-17T23:00"), None, True),
    ("is_today", moment("2026-11-18T23:00"), None, False),
    ("is_in_the_next", date(2026, 11, 25), 7, True),
    ("is_in_the_next", date(2026, 11, 26), 7, False),
    ("is_in_the_next", date(2026, 11, 17), 7, False),
    ("is_in_the_last", date(2026, 11, 11), 7, True),
    ("is_in_the_last", date(2026, 11, 18), 7, True),
    ("is_in_the_next", date(2026, 11, 18), 7, True),
    ("is_in_the_last", date(2026, 11, 10), 7, False),
    ("is_in_the_last", date(2026, 11, 19), 7, False),
    ("is_true", True, None, True),
    ("is_true", False, None, False),
    ("is_false", False, None, True),
    ("is_false", True, None, False),
    ("has_any_of", ["vip", "paris"], ("lyon", "paris"), True),
    ("has_any_of", ["vip"], ("lyon", "paris"), False),
    ("has_all_of", ["vip", "paris"], ("paris", "vip"), True),
    ("has_all_of", ["vip"], ("paris", "vip"), False),
    ("is_empty", None, None, True),
    ("is_empty", "  ", None, True),
    ("is_empty", [], None, True),
    ("is_empty", 0, None, False),
    ("is_empty", False, None, False),
    ("is_not_empty", None, None, False),
    ("is_not_empty", "x", None, True),
    ("is_not_empty", 0, None, True),
]

DOUBTS: list[tuple[str, Any, Any]] = [
    ("is", "500", 500),
    ("is", 500, "500"),
    ("is_not", "500", 500),
    ("is", True, 1),
    ("is", 1, True),
    ("is", date(2026, 1, 1), "2026-01-01"),
    ("is", D("NaN"), 1),
    ("is", float("inf"), 1),
    ("is", ["a"], "a"),
    ("is_one_of", "paid", ("draft", 3)),
    ("is_none_of", "paid", ("draft", 3)),
    ("is_one_of", "paid", "paid"),
    ("is_at_least", "500", 10),
    ("is_at_least", 500, "10"),
    ("is_at_least", True, 0),
    ("is_more_than", D("sNaN"), 0),
    ("is_between", 5, 1),
    ("is_before", "2026-01-01", date(2026, 1, 2)),
    ("is_before", datetime(2026, 1, 1), date(2026, 1, 2)),  # noqa: DTZ001 -- a naive moment is what is refused
    ("is_after", datetime(2026, 1, 1), moment("2026-01-01T00:00")),  # noqa: DTZ001 -- same
    ("is_today", "2026-11-18", None),
    ("is_in_the_next", date(2026, 11, 18), "7"),
    ("is_in_the_next", date(2026, 11, 18), True),
    ("contains", 500, "5"),
    ("contains", "500", 5),
    ("starts_with", 500, "5"),
    ("is_true", 1, None),
    ("is_false", "no", None),
    ("has_any_of", "vip", ("vip",)),
]


@pytest.mark.parametrize(("key", "found", "wanted", "answer"), ANSWERS)
def test_operator_answers(key, found, wanted, answer):
    assert BUILT_IN[key].judge(found, wanted, NOW) is answer


@pytest.mark.parametrize(("key", "found", "wanted"), DOUBTS)
def test_operator_of_values_that_cannot_be_compared_raises(key, found, wanted):
    with pytest.raises((Incomparable, ArithmeticError)):
        BUILT_IN[key].judge(found, wanted, NOW)


def test_every_operator_has_answers_of_both_kinds_in_the_table():
    told = {(key, answer) for key, _, _, answer in ANSWERS}

    assert told == {(key, answer) for key in BUILT_IN for answer in (True, False)}


@pytest.mark.parametrize("operator", BUILT_IN.values(), ids=lambda operator: operator.key)
def test_operator_is_complete(operator):
    assert BUILT_IN[operator.key] is operator
    assert operator.label
    assert operator.types <= frozenset(FieldType)
    assert operator.types
    assert operator.arity == {Operand.NONE: 0, Operand.PAIR: 2}.get(operator.operand, 1)


def test_every_type_of_field_can_be_asked_whether_it_is_empty():
    assert BUILT_IN["is_empty"].types == frozenset(FieldType)
    assert [key for key, operator in BUILT_IN.items() if operator.on_null] == ["is_empty", "is_not_empty"]
