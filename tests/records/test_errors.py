import re
from pathlib import Path

import pytest
from django.utils import translation

from rouage.planner.model import Reason
from rouage.records import errors
from rouage.records.errors import Refused, refuse, sentence

DATA = {
    "status.not_allowed": {"kind": "quote", "from": "draft", "to": "invoiced"},
    "status.same": {"kind": "invoice", "status": "sent"},
    "status.unknown": {"kind": "invoice", "status": "perdue"},
    "status.follows": {"kind": "invoice", "status": "paid"},
    "field.not_writable": {"kind": "quote", "field": "number"},
    "field.invalid": {"kind": "quote", "field": "validity_date", "value": "demain"},
    "dates.order": {"first": "start_at", "last": "end_at"},
    "invoice.before_last": {"last": "2026-03-02"},
    "payment.too_much": {"amount": "1200.50", "balance": "1000.00", "currency": "EUR"},
    "client.in_use": {"count": 3},
    "stage.in_use": {"count": 1},
    "import.problems": {"count": 2},
    "import.columns": {"columns": "Numéro"},
}
CODES = sorted(errors._SENTENCES)


@pytest.mark.parametrize("code", CODES)
def test_every_reason_has_a_sentence_in_both_languages(code):
    reason = Reason(code=code, data=DATA.get(code, {}))
    found = {}
    for language in ("fr", "en"):
        with translation.override(language):
            found[language] = sentence(reason)
    assert found["fr"] != found["en"]
    assert all(text.endswith(".") and "%(" not in text for text in found.values())


def test_every_code_that_is_refused_has_a_sentence():
    room = Path(errors.__file__).parent
    text = "\n".join(path.read_text() for path in room.rglob("*.py"))
    used = set(re.findall(r'(?:refuse\(\s*|code=)"([a-z_]+\.[a-z_]+)"', text))
    assert used
    assert used <= set(CODES)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("status.not_allowed", "Le statut ne peut pas passer de « Brouillon » à « Facturé »."),
        ("status.same", "Le statut est déjà « Envoyée »."),
        (
            "payment.too_much",
            "1 200,50 EUR dépasse le reste dû, qui est de 1 000,00 EUR. Saisissez au plus le reste dû.",
        ),
        ("client.in_use", "3 fiches appartiennent à ce client. Supprimez-les ou déplacez-les d’abord."),
        ("field.invalid", "« demain » ne convient pas au champ « Date de validité »."),
    ],
)
def test_sentence_in_french(code, text):
    with translation.override("fr"):
        found = sentence(Reason(code=code, data=DATA[code]))
    assert found.replace("\u00a0", " ").replace("\u202f", " ") == text


def test_refused_says_its_sentence():
    with translation.override("en"):
        assert refuse("record.gone").sentence == "This record has been deleted."
    assert isinstance(refuse("record.gone"), Refused)


def test_knows_only_its_own_codes():
    assert errors.knows("invoice.issued")
    assert not errors.knows("mail.missing_address")
