import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail.addresses import Mailbox, check_address
from rouage.mail.reasons import Code


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ("marie@exemple.fr", "marie@exemple.fr"),
        ("  marie@exemple.fr\n", "marie@exemple.fr"),
        ("\u200bmarie@exemple.fr\u00a0\u200b", "marie@exemple.fr"),
        ("Marie.Dupont+devis@Exemple.FR", "Marie.Dupont+devis@Exemple.FR"),
        ("contact@münchen.de", "contact@xn--mnchen-3ya.de"),
        ('"marie dupont"@exemple.fr', '"marie dupont"@exemple.fr'),
        ("o'brien@exemple.co.uk", "o'brien@exemple.co.uk"),
        ("a@b-c.d1.fr", "a@b-c.d1.fr"),
        ("x" * 64 + "@exemple.fr", "x" * 64 + "@exemple.fr"),
    ],
)
def test_good_address(written, wire):
    assert check_address(written) == Mailbox(wire)


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", Code.ADDRESS_MISSING),
        (" \u00a0\u200b ", Code.ADDRESS_MISSING),
        ("marie", Code.ADDRESS_MALFORMED),
        ("@exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie@", Code.ADDRESS_MALFORMED),
        ("marie@@exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie dupont@exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie@exemple..fr", Code.ADDRESS_MALFORMED),
        ("marie@.exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie@exemple.fr.", Code.ADDRESS_MALFORMED),
        ("marie@-exemple.fr", Code.ADDRESS_MALFORMED),
        (".marie@exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie..d@exemple.fr", Code.ADDRESS_MALFORMED),
        ("marie@exemple,fr", Code.ADDRESS_MALFORMED),
        ("marie@192.168.1.1", Code.ADDRESS_MALFORMED),
        ("marie@[192.168.1.1]", Code.ADDRESS_MALFORMED),
        ("Marie <marie@exemple.fr>", Code.ADDRESS_MALFORMED),
        ("marie@exemple.fr\r\nBcc:x", Code.ADDRESS_MALFORMED),
        ('"mar\r\nie"@exemple.fr', Code.ADDRESS_MALFORMED),
        ("mar\x00ie@exemple.fr", Code.ADDRESS_MALFORMED),
        ("x" * 65 + "@exemple.fr", Code.ADDRESS_MALFORMED),
        ("a@" + "b" * 64 + ".fr", Code.ADDRESS_MALFORMED),
        ("a@" + ".".join(["b" * 60] * 5), Code.ADDRESS_MALFORMED),
        ("x@" + "é" * 300 + ".fr", Code.ADDRESS_MALFORMED),
        ("marie@orange", Code.ADDRESS_NO_DOT),
        ("marie@localhost", Code.ADDRESS_NO_DOT),
        ("élodie@exemple.fr", Code.ADDRESS_NON_ASCII),
        ("田中@exemple.jp", Code.ADDRESS_NON_ASCII),
        ("a@exemple.fr,b@exemple.fr", Code.ADDRESS_SEVERAL),
        ("a@exemple.fr ; b@exemple.fr", Code.ADDRESS_SEVERAL),
        ("a@exemple.fr b@exemple.fr", Code.ADDRESS_SEVERAL),
    ],
)
def test_bad_address_has_its_reason(written, code):
    assert check_address(written) == code


@given(st.text(max_size=60))
def test_whatever_passes_is_safe_on_the_wire(written):
    checked = check_address(written)
    if isinstance(checked, Mailbox):
        assert checked.address.isascii()
        assert checked.address.isprintable()
        assert not set("<>,;\r\n") & set(checked.address.rpartition("@")[2])
        assert check_address(checked.address) == checked


@pytest.mark.parametrize(
    "written", ["a." * 50_000 + "@b.fr", "@" * 100_000, "a@" + "b." * 50_000, "é," * 50_000 + "@b.fr"]
)
def test_huge_address_is_refused_at_once(written):
    started = time.perf_counter()
    assert isinstance(check_address(written), Code)
    assert time.perf_counter() - started < 0.5
