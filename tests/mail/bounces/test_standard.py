import pytest

from rouage.mail.bounces import Action, Cause, Confidence, Evidence, Kind, parse

pytestmark = pytest.mark.req("SND-3")


def _report(*recipients, prose="It failed.", top="Reporting-MTA: dns; mx.example"):
    fields = "\n\n".join([top, *recipients])
    return (
        "From: MAILER-DAEMON@mx.example\nTo: retour+tok@atelier.example\nSubject: Undelivered Mail\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
        f"--B\n\n{prose}\n--B\nContent-Type: message/delivery-status\n\n{fields}\n\n--B--\n"
    ).encode()


def _one(fields, **options):
    (recipient,) = parse(_report(f"Final-Recipient: rfc822; anna@client.example\n{fields}", **options)).recipients
    return recipient


def test_every_field_is_kept():
    raw = _report(
        "Original-Recipient: rfc822;Anna@Alias.example\nFinal-Recipient: rfc822; anna@client.example\nAction: failed\n"
        "Status: 5.1.1\nRemote-MTA: dns; MX.client.example (192.0.2.9)\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <anna@client.example>\n User unknown",
        top="Reporting-MTA: dns; mx.example\nOriginal-Envelope-Id: envoi-7",
    )

    report = parse(raw)

    (recipient,) = report.recipients
    assert (report.kind, report.confidence, report.envelope_id) == (Kind.FAILURE, Confidence.CERTAIN, "envoi-7")
    assert report.returned_to == ("retour+tok@atelier.example",)
    assert (recipient.address, recipient.original) == ("anna@client.example", "anna@alias.example")
    assert (recipient.enhanced, recipient.smtp, recipient.remote_mta) == ("5.1.1", "550", "mx.client.example")
    assert recipient.diagnostic == "smtp; 550 5.1.1 <anna@client.example> User unknown"
    assert (recipient.cause, recipient.evidence) == (Cause.USER_UNKNOWN, Evidence.DIAGNOSTIC_CODE)


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        ("Action: failed\nStatus: 4.4.7", Action.FAILED),
        ("Action: FAILED (gave up)\nStatus: 5.0.0", Action.FAILED),
        ("Action: delayed\nStatus: 4.4.1", Action.DELAYED),
        ("Action: delivered\nStatus: 2.0.0", Action.DELIVERED),
        ("Action: relayed\nStatus: 2.0.0", Action.RELAYED),
        ("Action: expanded\nStatus: 2.0.0", Action.EXPANDED),
        ("Status: 4.2.2", Action.DELAYED),
        ("Status: 2.1.5", Action.DELIVERED),
        ("Diagnostic-Code: smtp; 550 no", Action.FAILED),
        ("Action: whatever", Action.FAILED),
    ],
)
def test_outcome_is_the_action_then_the_class_of_the_code(fields, action):
    assert _one(fields).action is action


@pytest.mark.parametrize(
    ("fields", "cause", "evidence"),
    [
        # A provider's code beats its enhanced code, this one the words, these the field Status, this the SMTP code.
        ("Status: 5.1.1\nDiagnostic-Code: smtp; 552 5.1.1 Boite pleine OFR_417", Cause.MAILBOX_FULL, "provider_code"),
        ("Status: 5.2.1\nDiagnostic-Code: smtp; 550 5.7.26 user unknown", Cause.AUTH, "diagnostic_code"),
        ("Status: 5.1.1\nDiagnostic-Code: smtp; 550 mailbox full", Cause.MAILBOX_FULL, "text"),
        ("Status: 5.2.2\nDiagnostic-Code: smtp; 550 Refused", Cause.MAILBOX_FULL, "status"),
        ("Status: 5.0.0\nDiagnostic-Code: smtp; 551 Nope", Cause.MOVED, "smtp_code"),
        ("Status: 5.0.0\nDiagnostic-Code: smtp; 599 Nope", Cause.OTHER, "none"),
        ("Status: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked using rbl.example", Cause.BLOCKED, "text"),
        ("Status: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 relaying denied", Cause.RELAY, "text"),
        ("Status: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 No.", Cause.POLICY, "diagnostic_code"),
        ("Status: 5.7.25", Cause.NO_PTR, "status"),
        ("Status: 5.4.1\nDiagnostic-Code: smtp; 550 5.4.1 Recipient address rejected: Access denied.",
         Cause.USER_UNKNOWN, "provider_code"),
        ("Status: 5.7.606\nDiagnostic-Code: smtp; 550 5.7.606 Sorry [192.0.2.1]", Cause.BLOCKED, "diagnostic_code"),
        ("Status: 5.1.10\nDiagnostic-Code: smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; no", Cause.USER_UNKNOWN,
         "provider_code"),
        ("Status: 5.1.10\nDiagnostic-Code: smtp; 556 5.1.10 Refused", Cause.DOMAIN_UNKNOWN, "diagnostic_code"),
    ],
)  # fmt: skip
def test_cause_follows_the_order_of_trust(fields, cause, evidence):
    recipient = _one(f"Action: failed\n{fields}")

    assert (recipient.cause, recipient.evidence) == (cause, Evidence(evidence))


def test_remote_servers_code_replaces_an_empty_status():
    assert _one("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550-5.2.2 full").enhanced == "5.2.2"


def test_outcome_that_is_no_trouble_has_no_cause():
    assert _one("Action: delivered\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 spam user unknown").cause is None


def test_warning_without_a_reason_has_no_cause():
    assert _one("Action: delayed\nStatus: 4.0.0", prose="Still in the queue.").cause is None


def test_several_recipients_with_mixed_outcomes():
    report = parse(
        _report(
            "Final-Recipient: rfc822; a@client.example\nAction: delivered\nStatus: 2.0.0",
            "Final-Recipient: rfc822; b@client.example\nAction: delayed\nStatus: 4.4.1",
            "Final-Recipient: rfc822; c@client.example\nAction: failed\nStatus: 5.1.1",
            "Final-Recipient: rfc822; c@client.example\nAction: failed\nStatus: 5.1.1",
        )
    )

    assert [each.action for each in report.recipients] == [Action.DELIVERED, Action.DELAYED, Action.FAILED]
    assert report.kind is Kind.FAILURE


def test_address_beyond_ascii_is_read():
    (recipient,) = parse(_report(r"Final-Recipient: utf-8; caf\x{e9}@client.example" + "\nAction: failed")).recipients

    assert recipient.address == "café@client.example"


def test_more_than_a_hundred_recipients_are_cut():
    many = [f"Final-Recipient: rfc822; r{each}@client.example\nAction: failed\nStatus: 5.1.1" for each in range(500)]

    assert len(parse(_report(*many)).recipients) == 100


def test_stray_line_before_the_headers_does_no_harm():
    report = parse(b"stray line\n" + _report("Final-Recipient: rfc822; a@client.example\nAction: failed"))

    assert (report.kind, report.confidence) == (Kind.FAILURE, Confidence.CERTAIN)


def test_fields_in_an_attachment_are_no_report():
    fields = "Final-Recipient: rfc822; a@client.example\nAction: failed\nStatus: 5.1.1\n"
    raw = (
        "From: postmaster@client.example\nSubject: Statistics\nContent-Type: multipart/mixed; boundary=B\n\n"
        f"--B\n\nSee the file.\n--B\nContent-Type: application/octet-stream\n\n{fields}\n--B--\n"
    )

    assert parse(raw.encode()).kind is Kind.NO_REPORT
