import ast
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage import planner
from rouage.planner.conditions import evaluate
from rouage.planner.model import Reason
from rouage.planner.operators import BUILT_IN
from rouage.planner.reasons import SENTENCES, Why, from_json, nested, sentence, to_json
from tests.planner.factories import CALENDAR, NOW, row

HOME = Path(planner.__file__).parent
PLACES = re.compile(r"%\((\w+)\)s")


def plain(name, value, data):
    return str(value)


def say(reason, **table):
    return sentence(reason, lambda text: text, plain, **table)


def reasons_in(path):
    """The calls of Reason(...) and because(...) in a module, as their syntax."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Reason":
            yield path.name, node


def test_every_code_has_a_sentence_and_no_sentence_is_left_over():
    assert set(SENTENCES) == set(Why)


def test_no_module_invents_a_code_beside_the_table():
    calls = [call for path in HOME.glob("*.py") for call in reasons_in(path)]
    texts = [
        (name, ast.unparse(node))
        for name, node in calls
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]

    assert len(calls) > 40
    assert texts == []


def test_every_code_is_used_somewhere():
    text = "".join(path.read_text(encoding="utf-8") for path in HOME.glob("*.py") if path.name != "reasons.py")
    unused = [code.name for code in Why if code.name not in text]

    assert unused == []


def test_codes_are_two_words_joined_by_a_point():
    assert [code for code in Why if not re.fullmatch(r"[a-z]+\.[a-z_]+", code)] == []


def test_percent_signs_in_values_are_harmless():
    reason = Reason(code=Why.DATE_NONE, data={"field": "100 %s %(x)s"})

    assert say(reason) == "Waits until “100 %s %(x)s” has a date"


def test_missing_value_shows_as_dots():
    assert say(Reason(code=Why.DATE_NONE)) == "Waits until “…” has a date"


def test_unknown_code_is_shown_as_it_is():
    assert say(Reason(code="fax.no_paper")) == "fax.no_paper"


def test_other_rooms_bring_their_own_table():
    assert say(Reason(code="fax.no_paper", data={"n": 3}), table={"fax.no_paper": "%(n)s sheets"}) == "3 sheets"


def test_condition_is_told_with_what_was_read():
    verdict = evaluate(row("status", "is", "paid"), {"status": "sent"}, NOW)

    assert say(verdict.because(Why.STEP_NOT_MET)) == (
        "Step skipped, its condition is not met: “status is paid” does not hold (found: sent)"
    )


def test_operator_without_a_value_and_one_around_it_read_well():
    labels = {key: operator.label for key, operator in BUILT_IN.items()}

    def present(name, value, data):
        return labels[value] if name == "operator" else str(value)

    def told(test, found):
        verdict = evaluate(test, {"due": found}, CALENDAR.local(NOW))
        return sentence(verdict.reason, lambda text: text, present)

    assert told(row("due", "is_not_empty"), None) == "“due is not empty” does not hold (found: None)"
    assert told(row("due", "is_in_the_next", 7), date(2027, 1, 1)) == (
        "“due is in the next 7 days” does not hold (found: 2027-01-01)"
    )


def test_translation_is_asked_for_the_template():
    french = {SENTENCES[Why.RUN_PAUSED_UNTIL]: "En pause jusqu'au %(until)s"}

    told = sentence(
        Reason(code=Why.RUN_PAUSED_UNTIL, data={"until": NOW}), french.__getitem__, lambda *_: "18 novembre"
    )

    assert told == "En pause jusqu'au 18 novembre"


def test_presenter_sees_all_values_of_the_reason():
    seen = []
    data = {"field": "status", "operator": "is", "value": "paid", "found": "sent"}

    sentence(Reason(code=Why.CONDITION_FALSE, data=data), lambda text: text, lambda *given: seen.append(given) or "")

    assert ("found", "sent", data) in seen


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.dates() | st.times() | st.timedeltas()
    | st.decimals(allow_nan=False) | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(data=st.dictionaries(st.text(), values, max_size=4))
def test_reason_comes_back_from_json_as_it_was(data):
    reason = Reason(code=Why.WINDOW, data=data)

    assert from_json(json.loads(json.dumps(to_json(reason)))) == reason


def test_json_of_a_reason_is_readable():
    data = {
        "planned": datetime(2026, 1, 2, 3, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "at": time(9),
        "late": timedelta(hours=1),
        "amount": Decimal("1.50"),
        "list": ("a", 1),
    }

    assert to_json(Reason(code=Why.WINDOW, data=data)) == {
        "code": "window.outside",
        "data": {
            "planned": {"moment": "2026-01-02T03:00:00+00:00"},
            "day": {"date": "2026-01-02"},
            "at": {"time": "09:00:00"},
            "late": {"seconds": "3600"},
            "amount": {"number": "1.50"},
            "list": ["a", 1],
        },
    }


def test_nested_reason_is_told_after_a_way_through_json():
    inner = Reason(code=Why.DATE_NONE, data={"field": "due_date"})
    outer = Reason(code=Why.STEP_RETRY, data={"attempt": 1, "tries": 5, "at": NOW, "because": nested(inner)})

    stored = from_json(json.loads(json.dumps(to_json(outer))))

    assert say(stored) == f"Try 1 of 5 failed, next try on {NOW}: Waits until “due_date” has a date"
    assert say(outer) == say(stored)


@pytest.mark.parametrize("template", SENTENCES.values())
def test_template_has_only_named_places(template):
    assert template.count("%") == len(PLACES.findall(template))
