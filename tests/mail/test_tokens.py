import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail import tokens


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_token_names_its_id(number):
    token = tokens.token("recipient", number)
    assert tokens.read("recipient", token) == number
    assert tokens.read("recipient", token.upper()) == number
    assert len(token) == 30


def test_token_is_good_for_its_purpose_alone():
    assert tokens.read("message", tokens.token("recipient", 7)) is None


@given(st.text(max_size=40))
def test_made_up_token_is_nobody(text):
    assert tokens.read("recipient", text) is None


@given(position=st.integers(0, 29), digit=st.sampled_from("0123456789abcdef"))
def test_changed_token_is_nobody(position, digit):
    token = tokens.token("recipient", 123_456)
    changed = token[:position] + digit + token[position + 1 :]
    assert tokens.read("recipient", changed) == (123_456 if changed == token else None)


def test_token_survives_a_change_of_key():
    old = tokens.token("recipient", 7)
    with override_settings(SECRET_KEY="another-key" * 5):
        assert tokens.read("recipient", old) is None
    former = "only-for-tests-" + "0" * 40
    with override_settings(SECRET_KEY="another-key" * 5, SECRET_KEY_FALLBACKS=[former]):
        assert tokens.read("recipient", old) == 7


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://rouage.exemple.fr", "rouage.exemple.fr"),
        ("http://127.0.0.1:8000", "rouage.localdomain"),
        ("http://localhost:8000", "rouage.localdomain"),
        ("http://[::1]:8000", "rouage.localdomain"),
    ],
)
def test_message_id_has_a_name_on_its_right(base_url, domain):
    with override_settings(ROUAGE_BASE_URL=base_url):
        [header] = tokens.message_ids([12])
    assert header.endswith(f"@{domain}>")
    assert tokens.read_message_id(header) == 12
    assert tokens.read_message_id(f"  {header}\r\n") == 12
    assert tokens.read_message_id("<12@rouage.exemple.fr>") is None
