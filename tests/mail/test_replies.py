import time

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from rouage.mail.reasons import REASONS, Code, advice, sentence
from rouage.mail.replies import reason_of, reply_of

REPLIES = [
    (550, "5.1.1 <x@y.fr>: Recipient address rejected: User unknown in virtual mailbox table", Code.USER_UNKNOWN),
    (550, "5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]", Code.USER_UNKNOWN),
    (550, "No such user here", Code.USER_UNKNOWN),
    (550, "L'adresse n'existe pas", Code.USER_UNKNOWN),
    (552, "5.2.2 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]", Code.MAILBOX_FULL),
    (452, "4.2.2 The email account that you tried to reach is over quota", Code.MAILBOX_FULL),
    (552, "quota exceeded", Code.MAILBOX_FULL),
    (550, "5.2.1 The email account that you tried to reach is disabled", Code.DISABLED),
    (550, "5.1.2 Host or domain name not found", Code.DOMAIN_UNKNOWN),
    (556, "5.1.10 Recipient address has null MX", Code.DOMAIN_UNKNOWN),
    (552, "5.3.4 Message size exceeds fixed limit", Code.TOO_BIG),
    (554, "5.7.1 Mail rejete. Mail rejected. OFR_506 [506]", Code.SPAM),
    (554, "5.7.1 Message rejected as spam by Content Filtering", Code.SPAM),
    (554, "5.7.1 Service unavailable; Client host [1.2.3.4] blocked using zen.spamhaus.org", Code.SPAM),
    (550, "5.7.1 our reputation service has blocked you", Code.BLOCKED),
    (554, "5.7.1 <x@y.fr>: Relay access denied", Code.RELAY),
    (550, "5.7.26 This mail is unauthenticated", Code.AUTH),
    (550, "5.7.1 SPF check failed", Code.AUTH),
    (550, "5.7.25 The IP address sending this message does not have a PTR record", Code.NO_PTR),
    (553, "5.1.8 Sender address rejected: Domain not found", Code.SENDER),
    (530, "5.7.0 Authentication required", Code.SIGN_IN),
    (535, "Error", Code.SIGN_IN),
    (450, "4.7.1 Greylisted, please try again", Code.GREYLIST),
    (451, "4.7.1 Please come back in five minutes", Code.GREYLIST),
    (450, "4.7.0 not now", Code.GREYLIST),
    (421, "4.7.0 Too many connections from your host", Code.RATE),
    (450, "4.7.28 Our system has detected an unusual rate", Code.RATE),
    (551, "5.1.6 The recipient has moved", Code.MOVED),
    (554, "5.4.6 mail loop detected", Code.LOOP),
    (554, "5.7.1 virus found in attachment", Code.VIRUS),
    (550, "5.7.1 not allowed by local policy", Code.POLICY),
    (451, "4.3.0 temporary system problem", Code.SYSTEM),
    (451, "4.4.1 no answer from host", Code.UNREACHABLE),
    (554, "5.4.7 delivery expired", Code.EXPIRED),
    (550, "", Code.OTHER),
    (599, "\xff\xfe", Code.OTHER),
]


@pytest.mark.parametrize(("code", "text", "reason"), REPLIES)
def test_answer_of_a_server_has_its_reason(code, text, reason):
    assert reason_of(reply_of(code, text.encode())) == reason


@given(code=st.integers(100, 999), raw=st.binary(max_size=300))
def test_any_answer_is_read(code, raw):
    reply = reply_of(code, raw)
    assert reason_of(reply) in REASONS
    assert reply.text.isprintable() or not reply.text.isascii()
    assert sum((reply.positive, reply.passing, reply.final)) <= 1


@pytest.mark.parametrize("piece", ["mailbox ", "user ", "relay ", "a.b ", "\xe9", "sender address ", "5.7.8 authenti"])
def test_long_answer_is_read_at_once(piece):
    raw = (piece * 20_000).encode()
    started = time.perf_counter()
    reply = reply_of(550, raw)
    reason_of(reply)
    assert time.perf_counter() - started < 0.5
    assert len(reply.text) <= 2000


def test_control_characters_of_an_answer_are_not_kept():
    assert reply_of(250, b"a\x1b[31m\r\nb\x00").text == "a [31m b"


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reason_has_a_sentence_and_advice(code, language):
    with override(language):
        assert sentence(code).endswith(".")
        assert advice(code).endswith(".")


def test_reasons_are_said_in_french():
    with override("fr"):
        assert sentence("user_unknown") == "L'adresse n'existe pas chez le destinataire."
        assert sentence("domain_unknown") == "Le domaine n'existe pas ou ne reçoit pas d'email."
        assert sentence("auth") == "Votre domaine n'est pas authentifié (SPF/DKIM/DMARC)."
        assert advice("user_unknown") == "Corrigez l'adresse et renvoyez."
        assert sentence("") == ""
