"""Reports without the parts of the standard, written here after the mechanisms of the servers that send them."""

import pytest

from rouage.mail.bounces import Action, Cause, Confidence, Kind, parse

pytestmark = pytest.mark.req("SND-3")
ORIGINAL = (
    "Return-Path: <retour@atelier.example>\nFrom: contact@atelier.example\nTo: anna@client.example\n"
    "Message-ID: <f1@atelier.example>\nX-Rouage-Id: 0123456789abcdef0123456789abcd\nSubject: Facture\n\nBonjour\n"
)
CASES = {
    "qmail": (
        "MAILER-DAEMON@mx.example",
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<anna@client.example>:\n192.0.2.9 failed after I sent the message.\nRemote host said: 552 Message too big\n\n"
        "--- Below this line is a copy of the message.\n\n" + ORIGINAL,
        (Action.FAILED, Cause.TOO_BIG),
    ),
    "old exim, delayed": (
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Warning: message 1abc delayed 24 hours",
        (
            "A message that you sent has not yet been delivered to one or more of its\nrecipients after more "
            "than 24 hours on the queue on mx.example.\n\n"
            "The address to which the message has not yet been delivered is:\n\n"
            "  anna@client.example\n    host mx [192.0.2.9]: Connection timed out\n\n"
            "No action is required on your part.\n"
        ),
        (Action.DELAYED, Cause.UNREACHABLE),
    ),
    "exchange 2003": (
        "System Administrator <postmaster@client.example>",
        "Undeliverable: Facture F-12",
        (
            "Your message\n\n  To: anna@client.example\n  Subject: Facture F-12\n  Sent: 20/11/2026 09:00\n\n"
            "did not reach the following recipient(s):\n\nanna@client.example on Fri, 20 Nov 2026 09:00:02 +0100\n"
            "    The e-mail account does not exist at the organization this message was sent to.\n"
            "    <mx.client.example #5.1.1>\n"
        ),
        (Action.FAILED, Cause.USER_UNKNOWN),
    ),
    "exchange in French": (
        "Microsoft Exchange <postmaster@client.example>",
        "Non remis : Facture F-12",
        (
            "Échec de la remise à ces destinataires ou groupes :\n\nanna@client.example<mailto:anna@client.example>\n"
            "La boîte aux lettres du destinataire est pleine et ne peut accepter de messages pour l'instant.\n\n"
            "Informations de diagnostic pour les administrateurs :\n\nServeur de génération : mx.client.example\n"
        ),
        (Action.FAILED, Cause.MAILBOX_FULL),
    ),
    "domino": (
        "postmaster@client.example",
        "DELIVERY FAILURE: User anna (anna@client.example) not listed in Domino Directory",
        (
            "Your message\n\n  Subject: Facture F-12\n\nwas not delivered to:\n\n  anna@client.example\n\nbecause:\n\n"
            "  User anna (anna@client.example) not listed in Domino Directory\n"
        ),
        (Action.FAILED, Cause.USER_UNKNOWN),
    ),
    "gmail, old": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        "Delivery to the following recipient failed permanently:\n\n     anna@client.example\n\nTechnical details of "
        "permanent failure: \nThe recipient server said: 550 5.2.1 The account that you wrote to is disabled.\n\n"
        "----- Original message -----\n\n" + ORIGINAL,
        (Action.FAILED, Cause.DISABLED),
    ),
    "orange, in the answer alone": (
        "Mail Delivery System <MAILER-DAEMON@relais.example>",
        "Message non distribué",
        (
            "Votre message n'a pas pu être remis à :\n\n<anna@client.example>: 550 5.2.0 Mail rejete. Mail rejected. "
            "ofr_506 [506]\n"
        ),
        (Action.FAILED, Cause.SPAM),
    ),
    "la poste": (
        "Mail Delivery System <MAILER-DAEMON@relais.example>",
        "Undelivered Mail Returned to Sender",
        (
            "<anna@client.example>: host smtp.client.example said: 550 5.5.0 Service refuse. Veuillez essayer "
            "plus tard. LPN007_510 (in reply to end of DATA command)\n"
        ),
        (Action.FAILED, Cause.BLOCKED),
    ),
    "yahoo": (
        "MAILER-DAEMON@mx.example",
        "Failure Notice",
        (
            "Sorry, we were unable to deliver your message to the following address.\n\n<anna@client.example>:\n"
            "Remote host said: 554 delivery error: dd This user doesn't have a mailbox here\n"
        ),
        (Action.FAILED, Cause.USER_UNKNOWN),
    ),
    "german": (
        "Mail Delivery System <mailer-daemon@mx.example>",
        "Unzustellbar: Rechnung",
        "Ihre Nachricht konnte nicht zugestellt werden:\n\nanna@client.example\n\nDer Benutzer ist unbekannt\n",
        (Action.FAILED, Cause.USER_UNKNOWN),
    ),
    "spanish": (
        "Mail Delivery System <mailer-daemon@mx.example>",
        "Mensaje no entregado",
        "No se ha podido entregar el mensaje a:\n\n<anna@client.example>\n\nEl usuario no existe\n",
        (Action.FAILED, Cause.USER_UNKNOWN),
    ),
}


def _raw(sender, subject, body, *extra):
    head = f"Return-Path: <>\nFrom: {sender}\nTo: retour@atelier.example\nSubject: {subject}\n"
    return (head + "".join(f"{each}\n" for each in extra) + "\n" + body).encode()


@pytest.mark.parametrize("name", CASES)
def test_report_in_prose_gives_recipient_outcome_and_cause(name):
    sender, subject, body, expected = CASES[name]

    report = parse(_raw(sender, subject, body, "Content-Type: text/plain; charset=utf-8"))

    assert [(each.address, each.action, each.cause) for each in report.recipients] == [
        ("anna@client.example", *expected)
    ]
    assert report.confidence is Confidence.GUESSED


@pytest.mark.parametrize("name", CASES)
def test_report_in_prose_as_html_gives_the_same(name):
    sender, subject, body, expected = CASES[name]
    page = body.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n")

    report = parse(_raw(sender, subject, f"<style>b {{}}</style><p>{page}</p>", "Content-Type: text/html"))

    assert [(each.address, each.action, each.cause) for each in report.recipients] == [
        ("anna@client.example", *expected)
    ]


def test_quoted_original_gives_its_names():
    report = parse(_raw(*CASES["qmail"][:3]))

    assert (report.message_id, report.rouage_id) == ("<f1@atelier.example>", "0123456789abcdef0123456789abcd")


def test_several_recipients_have_each_their_cause():
    body = (
        "I wasn't able to deliver your message to the following addresses.\n\n<anna@client.example>:\n"
        "550 5.1.1 User unknown\n\n<paul@client.example>:\n552 5.2.2 Over quota\n"
    )

    report = parse(_raw("MAILER-DAEMON@mx.example", "failure notice", body))

    assert [(each.address, each.enhanced, each.cause) for each in report.recipients] == [
        ("anna@client.example", "5.1.1", Cause.USER_UNKNOWN),
        ("paul@client.example", "5.2.2", Cause.MAILBOX_FULL),
    ]


def test_report_that_names_nobody_is_about_the_one_who_was_written_to():
    words = "Your message could not be delivered: no such person.\nPlease check with the recipient."
    body = f"{words}\n\n--- Original message follows ---\n\n{ORIGINAL}"

    report = parse(_raw("MAILER-DAEMON@mx.example", "Returned mail", body))

    assert [each.address for each in report.recipients] == ["anna@client.example"]


def test_report_in_the_quoted_mail_is_not_read():
    inner = "This is qmail-send: it could not be delivered\n\n<wrong@other.example>:\n550 5.1.1 unknown user\n"
    body = (
        "I wasn't able to deliver your message to the addresses.\n\n<anna@client.example>:\n552 5.2.2 full\n\n"
        f"--- Below this line is a copy of the message.\n\n{ORIGINAL}\n{inner}"
    )

    report = parse(_raw("MAILER-DAEMON@mx.example", "failure notice", body))

    assert [each.address for each in report.recipients] == ["anna@client.example"]


def test_failed_recipients_in_the_header_are_enough():
    report = parse(_raw("x@mx.example", "Oops", "It went wrong.", "X-Failed-Recipients: anna@client.example"))

    assert report.kind is Kind.FAILURE
    assert [each.address for each in report.recipients] == ["anna@client.example"]
