"""Whatever comes, it is read in bounded time and without an error."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rouage.mail.bounces import Kind, Report, mime, parse
from rouage.mail.bounces.parse import _read
from tests.mail.bounces.test_prose import CASES, _raw

pytestmark = pytest.mark.req("SND-3")
LIMIT = 0.5  # seconds of the processor
FIXTURES = Path(__file__).parent / "fixtures"
DAEMON = b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice\n"
STATUS = b'Content-Type: multipart/report; boundary="B"\n\n--B\nContent-Type: message/delivery-status\n\n'
MANY = 1 << 20
HOSTILE = {
    "newlines": DAEMON + b"\n" + b"\n" * MANY,
    "blanks": DAEMON + b"\n" + b" \t" * MANY,
    "angle brackets": DAEMON + b"\n" + b"<" * MANY,
    "tags": DAEMON + b"Content-Type: text/html\n\n" + b"<a " * MANY,
    "styles": DAEMON + b"Content-Type: text/html\n\n" + b"<style>" * MANY,
    "entities": DAEMON + b"Content-Type: text/html\n\n" + b"&amp;lt" * MANY,
    "at signs": DAEMON + b"\n" + b"a@" * MANY,
    "addresses": DAEMON + b"\n" + b"could not deliver <a@b.example>:\n" * 40_000,
    "dots": DAEMON + b"\n" + b"a.b." * MANY,
    "codes": DAEMON + b"\n" + b"550 5.1.1 " * 200_000,
    "one line of words": DAEMON + b"\n" + b"user mailbox account could not deliver " * 30_000,
    "words, each near another": DAEMON + b"\n" + b"user recipient mailbox " * 60_000,
    "nearly a reason": DAEMON + b"\n" + b"the host domain sender size message exceeds spf content " * 30_000,
    "dashes": DAEMON + b"\n" + b"--- " * MANY,
    "boundaries": DAEMON + b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\n" * 260_000,
    "deep parts": DAEMON
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each) for each in range(2000)),
    "deep mails": DAEMON + b"Content-Type: message/rfc822\n\n" * 20_000,
    "headers": DAEMON + b"X-A: b\n" * 150_000,
    "one header": DAEMON + b"X-A: " + b"=?utf-8?q?" * 100_000,
    "folded header": DAEMON + b"X-A: b" + b"\n c" * 300_000,
    "recipients": DAEMON + STATUS + b"Final-Recipient: rfc822; a@b.example\nAction: failed\n\n" * 19_000,
    "different recipients": DAEMON
    + STATUS
    + b"".join(
        b"Final-Recipient: rfc822; r%d@b.example\nAction: failed\nDiagnostic-Code: smtp; 550 %d %s\n\n"
        % (each, each, b"user mailbox " * 60)
        for each in range(1200)
    ),
    "recipients without an answer": DAEMON
    + b'Content-Type: multipart/report; boundary="B"\n\n--B\n\n'
    + b"r99@b.example: user mailbox " * 2500
    + b"\n--B\nContent-Type: message/delivery-status\n\n"
    + b"".join(b"Final-Recipient: rfc822; r%d@b.example\nAction: failed\n\n" % each for each in range(9000)),
    "slow codec": DAEMON + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * MANY,
    "utf-7": DAEMON + b"Content-Type: text/plain; charset=utf-7\n\n" + b"+AG" * MANY,
    "no bytes": b"",
    "nul": b"\0" * MANY,
    "broken base64": DAEMON + b"Content-Transfer-Encoding: base64\n\n" + b"=" * MANY + b"YQ",
}


def _timed(raw: bytes) -> tuple[Report, float]:
    """Without the net of ``parse``, which would hide an error."""
    start = time.thread_time()
    report = _read(mime.read(raw), 0)
    return report, time.thread_time() - start


@pytest.mark.serial
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_costs_little(name):
    _, seconds = _timed(HOSTILE[name])

    assert seconds < LIMIT


def test_failure_in_reading_is_no_report(monkeypatch):
    monkeypatch.setattr(mime, "read", lambda _: 1 / 0)

    assert parse(b"From: a@b.example\n\n") == Report(kind=Kind.NO_REPORT)


def _corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))] + [
        _raw(*case[:3]) for _, case in sorted(CASES.items())
    ]


def _mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    """Bytes changed, pieces lost, doubled, repeated, moved; heads and bodies of different reports joined."""
    raw = bytearray(chance.choice(corpus))
    for _ in range(chance.randrange(1, 12)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.randrange(1, 200))
        match chance.randrange(7):
            case 0:
                raw[start:end] = bytes(chance.randrange(256) for _ in range(end - start))
            case 1:
                del raw[start:end]
            case 2:
                raw[start:start] = raw[start:end] * chance.randrange(1, 200)
            case 3:
                raw[start:start] = chance.choice(
                    [b"\n\n", b"\r", b"\0", b"<", b"@", b"=?", b"--", b"\xff\xfe", b"5.1.1 "]
                )
            case 4:
                other = chance.choice(corpus)
                raw[start:] = other[chance.randrange(len(other)) :]
            case 5:
                raw[start:start] = bytes([chance.randrange(256)]) * chance.randrange(20_000)
            case _:
                raw[start:end] = bytes(raw[start:end]).replace(b":", b";" if chance.random() < 0.5 else b"")
    return bytes(raw)


@pytest.mark.serial
@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_mutated_reports_raise_nothing_and_cost_little(count):
    chance, corpus = random.Random(3464), _corpus()

    worst = max(_timed(_mutated(chance, corpus))[1] for _ in range(count))

    assert worst < LIMIT


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=3000))
def test_any_bytes_are_read(raw):
    assert _read(mime.read(DAEMON + raw), 0).kind in Kind


@settings(max_examples=150, deadline=None)
@given(
    local=st.from_regex(r"[a-z][a-z0-9._+-]{0,20}[a-z0-9]", fullmatch=True), code=st.sampled_from(["5.1.1", "5.2.2"])
)
def test_address_and_code_come_back_from_a_report_in_the_standard(local, code):
    raw = DAEMON + STATUS + f"Final-Recipient: rfc822;{local}@client.example\nAction: failed\nStatus: {code}\n".encode()

    (recipient,) = _read(mime.read(raw), 0).recipients

    assert (recipient.address, recipient.enhanced) == (f"{local}@client.example", code)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(max_size=400), charset=st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "x-none", "punycode", "é"])
)
def test_texts_of_any_charset_are_decoded(text, charset):
    assert isinstance(mime.decode(text.encode("utf-8", "replace"), charset), str)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=3000))
def test_bounded_text_has_no_long_runs(text):
    value = mime.bounded(text)

    assert len(value) <= mime.TEXT
    assert "\n\n\n" not in value
    assert all(len(word) <= 250 for word in value.split())
