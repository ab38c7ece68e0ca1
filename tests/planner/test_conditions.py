from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.planner.calendar import Calendar
from rouage.planner.conditions import BadOperand, Branch, Row, compile_tree, evaluate, explain, operand, reads
from rouage.planner.model import ALWAYS, NEVER, Group
from rouage.planner.operators import BUILT_IN, FieldType, Operand, Operator
from rouage.planner.reasons import Why
from tests.planner.factories import CALENDAR, NOW, PARIS, every, none, row, some

pytestmark = pytest.mark.req("AUT-3")

LOCAL = CALENDAR.local(NOW)
SNAPSHOT = {"yes": True, "no": False, "status": "sent", "amount": Decimal("500.00"), "note": None}
ROWS = {True: row("yes", "is_true"), False: row("no", "is_true"), None: row("gone", "is_true")}
RANK = {False: 0, None: 1, True: 2}
VALUE = {rank: value for value, rank in RANK.items()}


def expected(mode, values):
    """Kleene's logic as arithmetic: false 0, unknown 1, true 2; and is the least, or the greatest."""
    ranks = [RANK[value] for value in values]
    if mode == "all":
        return VALUE[min(ranks, default=2)]
    most = max(ranks, default=0)
    return VALUE[most if mode == "any" else 2 - most]


TABLE = [
    (mode, values) for mode in ("all", "any", "none") for size in range(4) for values in product(RANK, repeat=size)
]


@pytest.mark.parametrize(("mode", "values"), TABLE)
def test_group_of_rows_follows_the_truth_table(mode, values):
    tree = Group(mode=mode, of=tuple(ROWS[value] for value in values))

    assert evaluate(tree, SNAPSHOT, LOCAL).value is expected(mode, values)


trees = st.recursive(
    st.sampled_from(list(ROWS.values())),
    lambda inner: st.builds(
        Group, mode=st.sampled_from(["all", "any", "none"]), of=st.lists(inner, max_size=4).map(tuple)
    ),
    max_leaves=20,
)


def by_arithmetic(tree):
    if not isinstance(tree, Group):
        return {row.field: value for value, row in ROWS.items()}[tree.field]
    return expected(tree.mode, [by_arithmetic(child) for child in tree.of])


@given(trees)
def test_any_tree_comes_out_as_arithmetic_says_and_its_trail_agrees(tree):
    verdict = evaluate(tree, SNAPSHOT, LOCAL)
    trail = explain(tree, SNAPSHOT, LOCAL)

    assert verdict.value is by_arithmetic(tree)
    assert trail.value is verdict.value
    if verdict.value is None:
        assert verdict.reason.code == Why.CONDITION_MISSING


def test_missing_field_is_unknown_and_not_false():
    verdict = evaluate(row("gone", "is", "x"), SNAPSHOT, LOCAL)

    assert verdict.value is None
    assert verdict.reason.code == Why.CONDITION_MISSING
    assert verdict.reason.data == {"field": "gone", "operator": "is"}


def test_missing_field_is_unknown_even_for_is_empty():
    assert evaluate(row("gone", "is_empty"), SNAPSHOT, LOCAL).value is None


def test_empty_field_is_unknown_with_its_own_reason():
    verdict = evaluate(row("note", "is_not", "x"), SNAPSHOT, LOCAL)

    assert verdict.value is None
    assert verdict.reason.code == Why.CONDITION_EMPTY


def test_empty_field_answers_whether_it_is_empty():
    assert evaluate(row("note", "is_empty"), SNAPSHOT, LOCAL).value is True
    assert evaluate(row("note", "is_not_empty"), SNAPSHOT, LOCAL).value is False


def test_text_beside_a_number_is_unknown_and_both_are_told():
    verdict = evaluate(row("amount", "is", "500"), SNAPSHOT, LOCAL)

    assert verdict.value is None
    assert verdict.reason.code == Why.CONDITION_INCOMPARABLE
    assert verdict.reason.data == {"field": "amount", "operator": "is", "value": "500", "found": Decimal("500.00")}


def test_operator_that_is_not_installed_is_unknown():
    verdict = evaluate(row("status", "is_like", "sent"), SNAPSHOT, LOCAL)

    assert verdict.value is None
    assert verdict.reason.code == Why.CONDITION_OPERATOR


def test_false_row_of_an_all_decides_although_another_is_unknown():
    verdict = evaluate(every(row("gone", "is_true"), row("status", "is", "paid")), SNAPSHOT, LOCAL)

    assert verdict.value is False
    assert verdict.reason.code == Why.CONDITION_FALSE
    assert verdict.reason.data == {"field": "status", "operator": "is", "value": "paid", "found": "sent"}


def test_true_row_of_a_none_decides_and_is_told_as_true():
    verdict = evaluate(none(row("no", "is_true"), row("status", "is", "sent")), SNAPSHOT, LOCAL)

    assert verdict.value is False
    assert verdict.reason.code == Why.CONDITION_TRUE
    assert verdict.reason.data["field"] == "status"


def test_first_unknown_row_is_the_one_that_is_told():
    verdict = evaluate(every(row("yes", "is_true"), row("gone", "is_true"), row("note", "is", 1)), SNAPSHOT, LOCAL)

    assert verdict.test == row("gone", "is_true")


def test_single_false_row_of_an_any_is_named_several_are_not():
    assert evaluate(some(ROWS[False]), SNAPSHOT, LOCAL).test == ROWS[False]
    assert evaluate(some(ROWS[False], ROWS[False]), SNAPSHOT, LOCAL).reason.code == Why.CONDITIONS_NONE_HOLDS


def test_always_holds_and_never_does_not():
    assert evaluate(ALWAYS, {}, LOCAL).reason.code == Why.CONDITIONS_HOLD
    assert evaluate(NEVER, {}, LOCAL).value is False


def test_explain_evaluates_every_row_with_what_was_read():
    tree = every(row("status", "is", "paid"), some(row("amount", "is_more_than", 100), row("gone", "is", 1)))

    trail = explain(tree, SNAPSHOT, LOCAL)

    assert isinstance(trail, Branch)
    first, second = trail.of
    assert isinstance(first, Row)
    assert (trail.value, first.value, first.found, second.value) == (False, False, "sent", True)
    assert [(line.value, line.found) for line in second.of] == [(True, Decimal("500.00")), (None, None)]
    assert second.of[1].reason.code == Why.CONDITION_MISSING


def test_reads_names_the_fields_of_a_tree():
    assert reads(every(row("a", "is", 1), none(row("b", "is", 1), ALWAYS))) == {"a", "b"}


def test_today_is_the_organisations_day():
    late = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
    tree, snapshot = row("due_date", "is_today"), {"due_date": date(2026, 11, 19)}

    assert evaluate(tree, snapshot, CALENDAR.local(late)).value is True
    assert evaluate(tree, snapshot, Calendar(PARIS).local(NOW)).value is False
    assert evaluate(tree, snapshot, late).value is False


FIELDS = {
    "name": FieldType.TEXT,
    "count": FieldType.NUMBER,
    "amount": FieldType.MONEY,
    "due_date": FieldType.DATE,
    "sent_at": FieldType.MOMENT,
    "status": FieldType.CHOICE,
    "paid": FieldType.BOOLEAN,
    "tags": FieldType.LIST,
    "owner": FieldType.PERSON,
}


@pytest.mark.parametrize(
    ("field", "operator", "raw", "value"),
    [
        ("amount", "is_more_than", "500.00", Decimal("500.00")),
        ("amount", "is_more_than", 500, Decimal(500)),
        ("amount", "is_more_than", 0.1, Decimal("0.1")),
        ("count", "is_one_of", ["1", 2], (Decimal(1), Decimal(2))),
        ("count", "is_between", [1, "2"], (Decimal(1), Decimal(2))),
        ("due_date", "is_before", "2026-01-31", date(2026, 1, 31)),
        ("due_date", "is_in_the_next", "7", 7),
        ("due_date", "is_in_the_next", 0, 0),
        ("due_date", "is_in_the_next", 36_525, 36_525),
        ("sent_at", "is_after", "2026-01-31", date(2026, 1, 31)),
        ("sent_at", "is_after", "2026-01-31T10:00:00+01:00", datetime.fromisoformat("2026-01-31T10:00+01:00")),
        ("status", "is_one_of", ["sent", "opened"], ("sent", "opened")),
        ("paid", "is", True, True),
        ("tags", "contains", "vip", "vip"),
        ("owner", "is", 7, 7),
        ("owner", "is", "ext-7", "ext-7"),
        ("name", "is_empty", "ignored", None),
        ("name", "is", "500", "500"),
    ],
)
def test_compile_gives_values_the_type_of_their_field(field, operator, raw, value):
    compiled = compile_tree(every(row(field, operator, raw)), FIELDS)

    (test,) = compiled.of
    assert (test.value, type(test.value)) == (value, type(value))
    assert test.by is BUILT_IN[operator]


@pytest.mark.parametrize(
    ("field", "operator", "raw", "code"),
    [
        ("amount", "is", "a lot", Why.OPERAND_NUMBER),
        ("amount", "is", True, Why.OPERAND_NUMBER),
        ("amount", "is", "NaN", Why.OPERAND_NUMBER),
        ("amount", "is", None, Why.OPERAND_NUMBER),
        ("amount", "is", ["1"], Why.OPERAND_NUMBER),
        ("due_date", "is", "31/01/2026", Why.OPERAND_DATE),
        ("due_date", "is", 20260131, Why.OPERAND_DATE),
        ("due_date", "is", datetime(2026, 1, 1, tzinfo=UTC), Why.OPERAND_DATE),
        ("due_date", "is_in_the_next", "-1", Why.OPERAND_DAYS),
        ("due_date", "is_in_the_next", 1.5, Why.OPERAND_DAYS),
        ("due_date", "is_in_the_next", 36_526, Why.OPERAND_DAYS),
        ("sent_at", "is_after", "2026-01-31T10:00:00", Why.OPERAND_DATE),
        ("status", "is", "", Why.OPERAND_CHOICE),
        ("paid", "is", "yes", Why.OPERAND_BOOLEAN),
        ("name", "contains", "", Why.OPERAND_TEXT),
        ("owner", "is", None, Why.OPERAND_PERSON),
        ("count", "is_one_of", [], Why.OPERAND_LIST),
        ("count", "is_one_of", "12", Why.OPERAND_LIST),
        ("count", "is_between", [1], Why.OPERAND_LIST),
    ],
)
def test_compile_refuses_a_value_that_does_not_fit(field, operator, raw, code):
    with pytest.raises(BadOperand) as refused:
        compile_tree(row(field, operator, raw), FIELDS)

    assert refused.value.reason.code == code
    assert refused.value.reason.data["field"] == field


def test_compile_leaves_a_row_on_a_vanished_field_to_be_unknown():
    compiled = compile_tree(row("vanished", "is", "x"), FIELDS)

    assert evaluate(compiled, SNAPSHOT, LOCAL).reason.code == Why.CONDITION_MISSING


def test_compile_leaves_a_vanished_operator_to_be_unknown():
    compiled = compile_tree(row("status", "is_like", "x"), FIELDS)

    assert evaluate(compiled, SNAPSHOT, LOCAL).reason.code == Why.CONDITION_OPERATOR


def test_compile_takes_operators_of_other_rooms():
    shouting = Operator(
        key="is_loud", label="is loud", types=BUILT_IN["contains"].types, operand=Operand.NONE,
        judge=lambda found, _, __: found.isupper(),
    )  # fmt: skip
    compiled = compile_tree(row("name", "is_loud"), FIELDS, {**BUILT_IN, "is_loud": shouting})

    assert evaluate(compiled, {"name": "HEY"}, LOCAL).value is True
    assert evaluate(compiled, {"name": "hey"}, LOCAL).value is False


def test_compiled_trees_are_equal_by_what_they_say():
    assert compile_tree(row("name", "is", "x"), FIELDS) == row("name", "is", "x")


def test_operand_of_days_is_a_whole_number():
    assert operand(BUILT_IN["is_in_the_last"], FieldType.MOMENT, 30) == 30
