import pytest
from django.utils.translation import override

from rouage.mail.merge import MergeCode, MergeError, check
from rouage.mail.merge_errors import sentence


@pytest.mark.req("SND-6")
def test_unknown_field_is_said_in_french_with_near_names():
    [fault] = check("Bonjour {{ client.nm }}", {"client.name", "due_date", "number"})
    with override("fr"):
        assert sentence(fault) == (
            "Champ inconnu\u00a0: client.nm. Choisissez-en un dans la liste des champs. "
            "Vouliez-vous dire\u00a0: client.name\u00a0?"
        )


def test_unknown_field_is_said_in_english():
    [fault] = check("{{ zzz }}", {"number"})
    with override("en"):
        assert sentence(fault) == "Unknown field: zzz. Choose one from the list of fields."


@pytest.mark.parametrize("code", MergeCode)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_fault_has_a_sentence(code, language):
    with override(language):
        text = sentence(MergeError(code=code, field="client.name", position=0, filter="date"))
    assert "client.name" in text or "date" in text
    assert "%(" not in text


def test_missing_value_shows_how_to_give_another_text():
    with override("fr"):
        text = sentence(MergeError(code=MergeCode.MISSING_VALUE, field="client.email", position=0))
    assert '{{ client.email | default:"…" }}' in text


def test_value_that_no_filter_was_asked_for():
    with override("en"):
        text = sentence(MergeError(code=MergeCode.UNFIT_VALUE, field="x", position=0))
    assert text == "The field x cannot be written in a text."
