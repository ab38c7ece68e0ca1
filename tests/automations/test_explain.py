"""Every reason that the room gives has its sentence; those of a failure say what to do."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

import rouage.automations
from rouage.automations.explain import explain, sentence
from rouage.automations.names import Names
from rouage.automations.reasons import ADVICE, SENTENCES
from rouage.planner.model import Reason
from rouage.planner.reasons import SENTENCES as PLANNER
from rouage.planner.reasons import Why, nested, to_json
from rouage.records.errors import knows

NAMES = Names(members={1: "Marie Petit"})
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def codes():
    room = Path(rouage.automations.__file__).parent
    for path in room.rglob("*.py"):
        yield from re.findall(r'(?:Reason\(code=|refuse\()"([a-z_.]+)"', path.read_text())


@pytest.mark.parametrize("code", sorted(set(codes())))
def test_a_reason_of_the_room_has_a_sentence(code):
    assert code in SENTENCES or code in PLANNER or knows(code)


@pytest.mark.parametrize(
    "code", sorted(code for code in SENTENCES if code.split(".")[0] in {"merge", "recipient", "call"})
)
def test_a_failure_says_what_to_do(code):
    assert ADVICE[code].endswith(".")


def told(reason, kind="quote", language="fr"):
    with translation.override(language):
        return explain(reason, kind, NAMES)


@pytest.mark.req("RUN-3", "RUN-9")
def test_a_condition_is_told_with_its_labels_and_amounts():
    data = {"field": "total_net", "operator": "is_at_least", "value": Decimal(500), "found": Decimal("100.00")}
    inner = Reason(code=Why.CONDITION_FALSE, data=data)
    reason = Reason(code=Why.START_NOT_MET, data={"because": nested(inner)})
    for given in (reason, to_json(reason)):
        assert told(given, language="en").text == (
            "The conditions are not met: “Total excluding VAT is at least €500.00” does not hold (found: €100.00)."
        )


def test_statuses_people_and_dates_are_told_as_people_write_them():
    status = Reason(
        code=Why.CONDITION_FALSE, data={"field": "status", "operator": "is", "value": "paid", "found": "sent"}
    )
    assert "Payée" in told(status, "invoice").text
    assert "Envoyée" in told(status, "invoice").text
    owner = Reason(code=Why.CONDITION_FALSE, data={"field": "owner.id", "operator": "is", "value": 1, "found": 2})
    assert "Marie Petit" in told(owner).text
    day = Reason(
        code=Why.CONDITION_FALSE,
        data={"field": "validity_date", "operator": "is_before", "value": date(2026, 4, 1), "found": None},
    )
    assert "est avant le 1er\u00a0avril 2026" in told(day).text
    window = Reason(code=Why.WINDOW, data={"planned": AT, "due": AT + timedelta(days=1)})
    assert "02/03/2026 10:00" in told(window).text


def test_the_advice_is_that_of_the_cause():
    cause = Reason(code="call.refused", data={"status": 500, "error": "Internal Server Error"})
    reason = Reason(code=Why.STEP_GAVE_UP, data={"tries": 8, "because": nested(cause)})
    found = told(reason)
    assert found.advice == "Regardez sa réponse ci-dessous, puis relancez."
    assert found.technical == "Internal Server Error"
    assert "500" in found.text


def test_reasons_of_mail_and_records_are_told_in_their_own_words():
    assert told(Reason(code="mail.user_unknown")).advice
    refused = told(Reason(code="status.not_allowed", data={"kind": "quote", "from": "invoiced", "to": "sent"}))
    assert "Facturé" in refused.text


@pytest.mark.parametrize("given", [None, {}])
def test_no_reason_is_nothing(given):
    assert explain(given) is None
    assert sentence(given or {}) == ""


def test_a_code_that_nobody_knows_is_shown_as_it_is():
    assert told(Reason(code="plugin.strange", data={"x": 1})).text == "plugin.strange."


def test_a_record_of_a_kind_that_is_gone_is_told_plainly():
    data = {"field": "colour", "operator": "is", "value": "red", "found": "blue"}
    assert "colour" in told(Reason(code=Why.CONDITION_FALSE, data=data), "spaceship").text
