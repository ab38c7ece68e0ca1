import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail.secrets import Unreadable, seal, unseal


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_sealed_secret_is_read_again_and_not_readable(secret):
    stored = seal(secret)
    assert unseal(stored) == secret
    assert len(secret) < 4 or secret not in stored


def test_same_secret_is_sealed_differently_each_time():
    assert seal("motdepasse") != seal("motdepasse")


def test_other_key_cannot_read_and_a_former_one_can():
    stored = seal("motdepasse")
    with override_settings(SECRET_KEY="another-key" * 5), pytest.raises(Unreadable):
        unseal(stored)
    with override_settings(SECRET_KEY="another-key" * 5, SECRET_KEY_FALLBACKS=["only-for-tests-" + "0" * 40]):
        assert unseal(stored) == "motdepasse"


@pytest.mark.parametrize("stored", ["garbage", "gAAAAA", seal("x")[:-3]], ids=["garbage", "short", "cut"])
def test_damaged_secret_is_unreadable(stored):
    with pytest.raises(Unreadable):
        unseal(stored)


def test_reference_to_a_variable_of_the_deployment(monkeypatch):
    monkeypatch.setenv("ROUAGE_MAIL_PASSWORD_MARTIN", "motdepasse")
    assert unseal("env:ROUAGE_MAIL_PASSWORD_MARTIN") == "motdepasse"


def test_reference_reaches_no_other_variable(monkeypatch):
    monkeypatch.setenv("ROUAGE_SECRET_KEY", "secret")
    for name in ("ROUAGE_SECRET_KEY", "PATH", "ROUAGE_MAIL_NOT_SET"):
        with pytest.raises(Unreadable):
            unseal(f"env:{name}")
