import pytest

from rouage.mail.bounces import Kind, parse
from tests.mail.bounces import texts
from tests.mail.bounces.ordinary import mails

pytestmark = pytest.mark.req("SND-3")
MANY = 1500


def test_ordinary_mails_are_no_reports():
    alarms = [mail for mail in mails(MANY, seed=20261121) if parse(mail).kind is not Kind.NO_REPORT]

    assert [mail[:400].decode("utf-8", "replace") for mail in alarms[:3]] == []


def test_ordinary_mails_of_both_languages_hold_every_text():
    seen = set(mails(96, seed=1))

    assert len(seen) == 96
    assert {language: len(kinds) for language, kinds in texts.ORDINARY.items()} == {"fr": 24, "en": 24}
