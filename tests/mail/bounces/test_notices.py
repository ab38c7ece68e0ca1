import pytest

from rouage.mail.bounces import Action, Confidence, Kind, parse

pytestmark = pytest.mark.req("SND-3")
TOKEN = "0123456789abcdef0123456789abcd"
ORIGINAL = (
    f"From: contact@atelier.example\nTo: anna@client.example\nMessage-ID: <f1@atelier.example>\nX-Rouage-Id: {TOKEN}\n"
)


def _mail(headers, body):
    return ("".join(f"{name}: {value}\n" for name, value in headers.items()) + "\n" + body).encode()


def _multipart(kind, *parts):
    body = "".join(f"--B\nContent-Type: {type_}\n\n{text}\n" for type_, text in parts) + "--B--\n"
    return _mail(
        {"From": "x@client.example", "Content-Type": f"multipart/report; report-type={kind}; boundary=B"}, body
    )


def _complaint(fields, original=ORIGINAL):
    return _multipart(
        "feedback-report",
        ("text/plain", "This is an abuse report."),
        ("message/feedback-report", f"{fields}User-Agent: x/1\nVersion: 1\n"),
        ("message/rfc822", original),
    )


def test_complaint_names_who_complained():
    report = parse(_complaint("Feedback-Type: abuse\nOriginal-Rcpt-To: <Anna@Client.example>\n"))

    assert (report.kind, report.confidence) == (Kind.COMPLAINT, Confidence.CERTAIN)
    assert [(each.address, each.action) for each in report.recipients] == [("anna@client.example", Action.COMPLAINED)]
    assert (report.message_id, report.rouage_id) == ("<f1@atelier.example>", TOKEN)


def test_complaint_without_recipient_takes_the_originals():
    report = parse(_complaint("Feedback-Type: abuse\n"))

    assert [each.address for each in report.recipients] == ["anna@client.example"]


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_feedback_that_is_no_complaint_is_no_report(kind):
    assert parse(_complaint(f"Feedback-Type: {kind}\nOriginal-Rcpt-To: anna@client.example\n")).kind is Kind.NO_REPORT


@pytest.mark.parametrize(
    ("disposition", "action"),
    [
        ("manual-action/MDN-sent-manually; displayed", Action.DISPLAYED),
        ("manual-action/MDN-sent-automatically; displayed", Action.DISPLAYED),
        ("automatic-action/MDN-sent-automatically; displayed", Action.NOT_DISPLAYED),
        ("manual-action/MDN-sent-manually; deleted", Action.NOT_DISPLAYED),
        ("automatic-action/MDN-sent-automatically; denied", Action.NOT_DISPLAYED),
        ("", Action.NOT_DISPLAYED),
    ],
)
def test_receipt_counts_only_when_a_person_read(disposition, action):
    fields = (
        "Reporting-UA: mail; x\nFinal-Recipient: rfc822;anna@client.example\n"
        "Original-Message-ID: <f2@atelier.example>\n"
        f"Disposition: {disposition}\n"
    )
    report = parse(
        _multipart("disposition-notification", ("text/plain", "Lu."), ("message/disposition-notification", fields))
    )

    assert report.kind is Kind.READ_RECEIPT
    assert [(each.address, each.action) for each in report.recipients] == [("anna@client.example", action)]
    assert report.message_id == "<f2@atelier.example>"


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Re: Facture", "Auto-Submitted": "auto-replied"},
        {"Subject": "Réponse automatique : Facture"},
        {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique_=3A_Facture?="},
        {"Subject": "Automatic reply: Invoice"},
        {"Subject": "Out of Office: Invoice"},
        {"Subject": "Absence du bureau : Facture"},
        {"Subject": "Absent jusqu'à lundi", "Return-Path": "<>"},
        {"Subject": "Facture", "X-Autoreply": "yes"},
        {"Subject": "Facture", "Precedence": "auto_reply"},
    ],
)
def test_automatic_answer_is_one(headers):
    mail = _mail({"From": "Anna <anna@client.example>", "In-Reply-To": "<f1@atelier.example>", **headers}, "Absente.\n")

    report = parse(mail)

    assert report.kind is Kind.AUTO_REPLY
    assert [(each.address, each.action) for each in report.recipients] == [("anna@client.example", Action.AUTO_REPLIED)]
    assert report.message_id == "<f1@atelier.example>"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (
            {"From": "MailInBlack <no-reply@mailinblack.example>", "Subject": "Votre message à Anna"},
            "Pour que votre message soit remis, cliquez sur ce lien : https://mib.example/1\n",
        ),
        (
            {"From": "anna@client.example", "Subject": "Re: Invoice", "Return-Path": "<>"},
            "Your message is being held. Please confirm that you are a human: https://c.example/1\n",
        ),
        (
            {"From": "anna@client.example", "Subject": "Vérification de l'expéditeur"},
            "Votre message est en attente.\nCliquez ici pour vous authentifier : https://c.example/1\n",
        ),
    ],
)
def test_challenge_is_one(headers, body):
    assert parse(_mail({"Content-Type": "text/plain; charset=utf-8", **headers}, body)).kind is Kind.CHALLENGE


def test_person_who_answers_is_no_report():
    mail = _mail(
        {"From": "Anna <anna@client.example>", "Subject": "Re: Facture", "In-Reply-To": "<f1@atelier.example>"},
        "Bonjour, je règle demain.\n",
    )

    assert parse(mail).kind is Kind.NO_REPORT
