"""The reports that six mail servers wrote for us (tools/bounce_fixtures.py)."""

import json
from pathlib import Path

import pytest

from rouage.mail.bounces import Confidence, Kind, parse

pytestmark = pytest.mark.req("SND-3")
FIXTURES = Path(__file__).parent / "fixtures"
INDEX = json.loads((FIXTURES / "index.json").read_text())
PROSE = {"dma"}  # the servers that do not write the parts of the standard


def _id(entry):
    return entry["file"]


@pytest.mark.parametrize("entry", INDEX, ids=_id)
def test_report_of_another_server_gives_recipient_outcome_and_cause(entry):
    report = parse((FIXTURES / entry["file"]).read_bytes())

    found = {each.address: [each.action, each.cause or ""] for each in report.recipients}
    assert found == entry["recipients"]


@pytest.mark.parametrize("entry", INDEX, ids=_id)
def test_report_of_another_server_leads_back_to_our_mail(entry):
    server, case, _ = entry["file"].split("-")
    token = case.encode().hex().ljust(30, "0")

    report = parse((FIXTURES / entry["file"]).read_bytes())

    assert report.rouage_id == token
    assert report.message_id == f"<{token}@atelier.example>"
    assert f"retour+{case}@atelier.example" in report.returned_to
    assert report.envelope_id in {"", f"envoi-{case}"}
    assert report.confidence is (Confidence.GUESSED if server in PROSE else Confidence.CERTAIN)


def test_fixtures_are_of_six_servers_and_of_every_outcome():
    reports = [parse((FIXTURES / entry["file"]).read_bytes()) for entry in INDEX]

    assert {entry["file"].split("-")[0] for entry in INDEX} == {
        "courier", "dma", "exim", "opensmtpd", "postfix", "sendmail",
    }  # fmt: skip
    assert {report.kind for report in reports} == {Kind.FAILURE, Kind.DELAYED, Kind.RELAYED}
    assert {path.name for path in FIXTURES.glob("*.eml")} == {entry["file"] for entry in INDEX}


@pytest.mark.parametrize("entry", INDEX[::7], ids=_id)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda raw: raw.replace(b"\r\n", b"\n"), id="lf"),
        pytest.param(lambda raw: raw.replace(b"\r\n", b"\r"), id="cr"),
        pytest.param(lambda raw: b"From MAILER-DAEMON Sat Nov 21 09:00:00 2026\n" + raw, id="mbox"),
        pytest.param(lambda raw: raw.replace(b"boundary=", b"x-lost="), id="no boundary"),
        pytest.param(lambda raw: raw.replace(b"message/delivery-status", b"text/plain"), id="no status part"),
        pytest.param(lambda raw: raw.replace(b"Return-Path: <>\r\n", b""), id="no return path"),
    ],
)
def test_damaged_report_gives_the_same_outcome(entry, change):
    report = parse(change((FIXTURES / entry["file"]).read_bytes()))

    assert {each.address: each.action for each in report.recipients} == {
        address: action for address, (action, _) in entry["recipients"].items()
    }


@pytest.mark.parametrize("entry", INDEX[::11], ids=_id)
def test_report_in_a_wrapper_is_found_and_passed_on_by_a_person_is_not(entry):
    inner = (FIXTURES / entry["file"]).read_bytes()
    head = b"From: %s\r\nSubject: %s\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\n%s\r\n--B\r\n"
    tail = b"Content-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--B--\r\n"

    wrapped = parse(head % (b"Mail Delivery System <x@a.example>", b"Undelivered", b"") + tail)
    words = b"Bonjour, voici ce que je recois en retour. Que faut-il faire ? Merci !"
    passed_on = parse(head % (b"Anne <anne@a.example>", b"Tr : Undelivered Mail", words) + tail)

    assert {each.address for each in wrapped.recipients} == set(entry["recipients"])
    assert passed_on.kind is Kind.NO_REPORT
