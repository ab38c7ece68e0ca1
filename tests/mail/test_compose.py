import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail.accounts import Sender
from rouage.mail.compose import Letter, as_html, compose, for_recipient
from rouage.mail.states import RecipientKind

TO, CC = RecipientKind.TO, RecipientKind.CC


def letter(**changes):
    settings = {
        "message_id": "<0001@rouage.example.com>",
        "token": "0" * 30,
        "date": datetime(2026, 7, 1, 12, 5, tzinfo=UTC),
        "zone": "Europe/Paris",
        "sender": Sender(name="Atelier Martin", address="contact@atelier.fr", reply_to="devis@atelier.fr"),
        "recipients": [(TO, "Élodie Petit, SARL", "elodie@petit.fr"), (CC, "Jean", "jean@petit.fr")],
        "subject": "Relance : facture FA-2026-0042 échue",
        "text": "Bonjour,\n\nVotre facture est échue.\n",
        "html": "",
        "language": "fr",
    }
    return Letter(**(settings | changes))


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


def text_of(mail):
    return mail.get_body(("plain",)).get_payload(decode=True).decode().replace("\r\n", "\n")


def header(raw, name):
    return str(make_header(decode_header(message_from_bytes(raw)[name])))


def test_mail_reads_back_as_it_was_written():
    raw = compose(letter())
    mail = parsed(raw)
    assert raw.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
    assert mail["Message-ID"] == "<0001@rouage.example.com>"
    assert mail["Date"].datetime == datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    assert "+0200" in mail["Date"]  # in the organisation's zone
    assert mail["From"] == "Atelier Martin <contact@atelier.fr>"
    assert mail["Reply-To"] == "Atelier Martin <devis@atelier.fr>"
    [to] = mail["To"].addresses
    assert (to.display_name, to.addr_spec) == ("Élodie Petit, SARL", "elodie@petit.fr")
    assert [person.addr_spec for person in mail["Cc"].addresses] == ["jean@petit.fr"]
    assert mail["Subject"] == "Relance : facture FA-2026-0042 échue"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert mail.get_content_type() == "multipart/alternative"
    assert text_of(mail) == "Bonjour,\n\nVotre facture est échue.\n"
    assert "<p>Votre facture est échue.</p>" in mail.get_body(("html",)).get_content()
    assert [part.defects for part in mail.walk()] == [[], [], []]


def test_same_letter_is_the_same_bytes():
    assert compose(letter()) == compose(letter())


def test_own_html_is_taken_as_it_is():
    mail = parsed(compose(letter(html="<p>Bonjour <b>à vous</b></p>")))
    assert mail.get_body(("html",)).get_content().strip() == "<p>Bonjour <b>à vous</b></p>"


def test_recipient_is_named_by_a_header_of_its_own():
    raw = for_recipient(compose(letter()), "ab" * 15)
    assert raw.startswith(b"X-Rouage-Id: " + b"ab" * 15 + b"\r\nMessage-ID: ")


def test_mail_to_copies_alone_has_a_to_header():
    mail = parsed(compose(letter(recipients=[(CC, "", "jean@petit.fr")])))
    assert mail["To"] == "undisclosed-recipients:;"


def test_long_accented_subject_is_folded_in_short_lines():
    subject = "Très très longue relance à propos de la facture échue n° 42 — « merci de régler » " * 3
    raw = compose(letter(subject=subject))
    assert header(raw, "Subject") == subject.strip()
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_body_lines_stay_short_and_a_lone_dot_is_kept():
    text = "x" * 5000 + "\n.\n..\nfin"
    raw = compose(letter(text=text))
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert text_of(parsed(raw)) == text + "\n"


INJECTIONS = [
    "Bonjour\r\nBcc: victime@exemple.fr",
    "Bonjour\nBcc: victime@exemple.fr",
    "Bonjour\rBcc: victime@exemple.fr",
    "Bonjour\r\n\r\n<script>",
    "Bonjour\x00\x0b\x0c\x1c\x85\u2028\u2029Bcc: victime@exemple.fr",
    "=?utf-8?q?=0D=0ABcc=3A_victime=40exemple.fr?=",
    '"\r\nBcc: victime@exemple.fr\r\n"',
    "a" * 300 + "\r\nBcc: victime@exemple.fr",
    "é" * 300 + "\r\nBcc: victime@exemple.fr",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_no_value_becomes_a_header(value):
    plain = set(parsed(compose(letter())).keys())
    raw = compose(
        letter(subject=value, sender=Sender(name=value, address="a@b.fr"), recipients=[(TO, value, "c@d.fr")])
    )
    mail = parsed(raw)
    assert set(mail.keys()) == plain - {"Reply-To", "Cc"}
    assert [address.addr_spec for address in mail["From"].addresses] == ["a@b.fr"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["c@d.fr"]
    assert re.search(rb"(?im)^bcc", raw.split(b"\r\n\r\n")[0]) is None


_words = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=60).map(
    lambda text: " ".join(text.split())
)


@given(name=_words, subject=_words)
def test_names_and_subjects_survive(name, subject):
    raw = compose(
        letter(subject=subject, sender=Sender(name=name, address="a@b.fr"), recipients=[(TO, name, "c@d.fr")])
    )
    assert header(raw, "Subject") == subject
    assert [address.addr_spec for address in parsed(raw)["From"].addresses] == ["a@b.fr"]
    if "=?" not in name:  # the parser joins encoded words of a long name with blanks; the header itself is right
        assert header(raw, "From").replace("\\", "").replace('"', "") == (
            f"{name} <a@b.fr>" if name else "<a@b.fr>"
        ).replace("\\", "").replace('"', "")


@given(text=st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=200))
def test_bodies_survive(text):
    mail = message_from_bytes(compose(letter(text=text)))
    body = mail.get_payload()[0].get_payload(decode=True).decode()
    assert body.replace("\r\n", "\n").removesuffix("\n") == text.removesuffix("\n")


def test_html_alternative_escapes_and_links():
    page = as_html("Bonjour <b>,\nvoir https://exemple.fr/f?a=1&b=2.\n\n\n(https://x.fr/y)\n\nfin", "fr")
    assert '<html lang="fr">' in page
    assert "<p>Bonjour &lt;b&gt;,<br>\nvoir " in page
    assert '<a href="https://exemple.fr/f?a=1&amp;b=2">https://exemple.fr/f?a=1&amp;b=2</a>.</p>' in page
    assert '<p>(<a href="https://x.fr/y">https://x.fr/y</a>)</p>' in page
    assert page.count("<p>") == 3


def test_link_cannot_leave_its_attribute():
    page = as_html("https://x.fr/\"onmouseover='alert(1)' javascript:alert(1)", "fr")
    assert page.count("<a ") == 1
    assert 'href="https://x.fr/"' in page
