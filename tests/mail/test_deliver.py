import logging
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import transaction

from rouage.accounts.models import Organisation
from rouage.journal.models import DomainEvent
from rouage.mail import parcels, tokens
from rouage.mail.deliver import RETRY, deliver, deliver_batch
from rouage.mail.models import Recipient
from rouage.mail.outbox import NewRecipient
from rouage.mail.parcels import load
from rouage.mail.reasons import Code
from rouage.mail.states import MessageStatus, RecipientKind, RecipientState
from tests.factories.accounts import make_organisation
from tests.factories.mail import ENDLESS, NOW, hand_over, kinds, lease, make_message, news, recipient_of

pytestmark = pytest.mark.django_db


@pytest.mark.req("AUT-4", "SND-5")
def test_accepted_mail_is_sent_and_told(organisation, sink):
    message = make_message(organisation, "marie@exemple.fr", run_id=31, position=2)

    hand_over(message)

    [(address, content)] = sink.mails
    recipient = recipient_of(message)
    assert address == "marie@exemple.fr"
    assert (message.status, message.due_at, message.claimed_until) == (MessageStatus.SENT, None, None)
    assert NOW <= message.sent_at < NOW + timedelta(seconds=10)
    assert (recipient.state, recipient.dot_pending_at, recipient.smtp_code) == (RecipientState.SENT, None, 250)
    assert recipient.diagnostic == "250 2.0.0 queued"
    assert kinds(message) == ["queued", "sending", "accepted"]
    mime = message_from_bytes(content, policy=policy.default)
    assert mime["Message-ID"] == message.message_id
    assert tokens.read("recipient", mime["X-Rouage-Id"]) == recipient.id
    event = DomainEvent.objects.get(type="message.sent")
    assert (event.organisation_id, event.kind, event.record_id) == (organisation.id, "invoice", 42)
    assert event.payload == {
        "message": message.id, "run": 31, "position": 2, "automation": 7, "attempt": 1, "reason": "", "failed": [],
    }  # fmt: skip
    assert event.cause == [[31, 7, "invoice", 42]]
    assert event.depth == 1


def test_single_message_by_its_id(organisation, sink):
    message = make_message(organisation)
    [leased] = lease(message)

    deliver(leased.message_id, leased.attempt, NOW)

    assert len(sink.mails) == 1


REPLIES = [
    # point, answer, state, reason, status
    ("rcpt", b"550 5.1.1 no such user here\r\n", "failed", Code.USER_UNKNOWN, "failed"),
    ("rcpt", b"552 5.2.2 Boite du destinataire pleine. OFR_417 [417]\r\n", "failed", Code.MAILBOX_FULL, "failed"),
    ("rcpt", b"554 5.7.1 relay access denied\r\n", "not_sent", Code.RELAY, "failed"),
    ("rcpt", b"450 4.7.1 Greylisted, please try again later\r\n", "sending", Code.GREYLIST, "awaiting_retry"),
    ("mail", b"553 5.1.8 sender address rejected\r\n", "not_sent", Code.SENDER, "failed"),
    ("mail", b"451 4.3.0 try again later\r\n", "sending", Code.RATE, "awaiting_retry"),
    ("mail", b"530 5.7.0 Authentication required\r\n", "sending", Code.SIGN_IN, "awaiting_retry"),
    ("data", b"554 5.7.1 Mail rejete. OFR_506 [506]\r\n", "failed", Code.SPAM, "failed"),
    ("data", b"452 4.3.1 insufficient system storage\r\n", "sending", Code.SYSTEM, "awaiting_retry"),
    ("dot", b"554 5.7.1 message looks like spam\r\n", "failed", Code.SPAM, "failed"),
    ("dot", b"550-5.7.26 Unauthenticated email\r\n550 5.7.26 not accepted\r\n", "failed", Code.AUTH, "failed"),
    ("dot", b"451 4.7.1 try again later\r\n", "sending", Code.RATE, "awaiting_retry"),
    ("greeting", b"554 5.3.2 no service here\r\n", "sending", Code.CONNECTION, "awaiting_retry"),
    ("greeting", b"421 4.3.2 too many connections\r\n", "sending", Code.CONNECTION, "awaiting_retry"),
    ("mail", b"421 4.3.2 shutting down\r\n", "sending", Code.SYSTEM, "awaiting_retry"),
    # Cut: certain before the dot, unknowable after it.
    ("greeting", "close", "sending", Code.CONNECTION, "awaiting_retry"),
    ("ehlo", "close", "sending", Code.CONNECTION, "awaiting_retry"),
    ("mail", "close", "sending", Code.CONNECTION, "awaiting_retry"),
    ("rcpt", "close", "sending", Code.CONNECTION, "awaiting_retry"),
    ("rcpt", b"not smtp\r\n", "sending", Code.OTHER, "awaiting_retry"),
    ("dot", "close", "unknown", Code.LOST, "unknown"),
    ("dot", (b"25", "close"), "unknown", Code.LOST, "unknown"),
    ("dot", b"what a nice mail\r\n", "unknown", Code.LOST, "unknown"),
    ("dot", b"354 go on\r\n", "unknown", Code.LOST, "unknown"),
]


@pytest.mark.req("SND-5")
@pytest.mark.parametrize("case", REPLIES)
def test_every_answer_at_every_point_gives_its_state(organisation, sink, case):
    point, answer, state, reason, status = case
    setattr(sink.script, point, answer)
    message = make_message(organisation)

    hand_over(message)

    recipient = recipient_of(message)
    assert (recipient.state, recipient.reason, message.status) == (state, reason, status)
    if status == "awaiting_retry":
        assert NOW + timedelta(minutes=1) <= message.due_at < NOW + timedelta(minutes=1, seconds=30)
        assert message.claimed_until is None
        assert recipient.dot_pending_at is None
        assert news(message) == []
    else:
        assert message.due_at is None
        assert news(message) == [(f"message.{status}", reason)]
        assert (recipient.dot_pending_at is not None) == (status == "unknown")


@pytest.mark.req("SND-5")
def test_connection_cut_in_the_middle_of_the_mail_is_tried_again(organisation, sink):
    sink.script.drop_in_body = True
    message = make_message(organisation, text=ENDLESS)

    hand_over(message)

    assert (message.status, recipient_of(message).reason) == ("awaiting_retry", Code.CONNECTION)
    assert sink.mails == []


@pytest.mark.req("SND-5")
def test_silence_after_the_dot_is_unknown(organisation, sink, monkeypatch):
    monkeypatch.setattr("rouage.mail.smtp.DOT_TIMEOUT", 0.2)
    sink.script.dot = "hang"
    message = make_message(organisation)

    hand_over(message)

    assert (message.status, len(sink.mails)) == ("unknown", 1)


def test_retries_end_with_not_sent(organisation, sink):
    sink.script.rcpt = b"450 4.2.0 busy\r\n"
    message = make_message(organisation)
    now, waits = NOW, []

    while True:
        hand_over(message, now=now)
        if message.due_at is None:
            break
        waits.append(round((message.due_at - now).total_seconds() / 60))
        now = message.due_at

    assert waits == [1, 4, 16, 64, 256, 360, 360, 360]
    assert len(waits) == RETRY.tries - 1
    recipient = recipient_of(message)
    assert (message.status, recipient.state) == ("failed", "not_sent")
    assert kinds(message) == ["queued", *["retry"] * 8, "not_sent"]
    assert news(message) == [("message.failed", recipient.reason)]


def test_second_try_after_a_passing_refusal_sends_once(organisation, sink):
    sink.script.dot = b"451 4.3.0 later\r\n"
    message = make_message(organisation)
    hand_over(message)
    sink.mails.clear()
    sink.script.dot = b"250 ok\r\n"

    hand_over(message, now=NOW + timedelta(minutes=2))

    assert (message.status, len(sink.mails)) == ("sent", 1)
    assert kinds(message) == ["queued", "sending", "retry", "sending", "accepted"]


@pytest.mark.req("REC-1")
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", Code.ADDRESS_MISSING),
        ("  ", Code.ADDRESS_MISSING),
        ("marie", Code.ADDRESS_MALFORMED),
        ("marie@orange,fr", Code.ADDRESS_MALFORMED),
        ("marie@orange", Code.ADDRESS_NO_DOT),
        ("élodie@orange.fr", Code.ADDRESS_NON_ASCII),
        ("a@exemple.fr; b@exemple.fr", Code.ADDRESS_SEVERAL),
        ("a@exemple.fr\r\nRCPT TO:<b@exemple.fr>", Code.ADDRESS_SEVERAL),
    ],
)
def test_address_that_is_missing_or_wrong_fails_in_plain_words(organisation, sink, address, reason):
    message = make_message(organisation, address)

    hand_over(message)

    recipient = recipient_of(message)
    assert (message.status, recipient.state, recipient.reason) == ("failed", "not_sent", reason)
    assert news(message) == [("message.failed", reason)]
    assert sink.mails == []
    assert sink.connections == 0


def test_nobody_to_send_to_is_a_failure(organisation, sink):
    message = make_message(organisation, recipients=())

    hand_over(message)

    assert news(message) == [("message.failed", Code.NO_RECIPIENT)]


@pytest.mark.req("SND-5")
def test_each_recipient_has_a_transaction_and_an_outcome_of_its_own(organisation, sink):
    sink.script.rcpt = lambda address: b"550 5.1.1 unknown\r\n" if address.startswith("absent") else b"250 2.1.5 ok\r\n"
    message = make_message(
        organisation,
        recipients=(
            NewRecipient(address="marie@exemple.fr"),
            NewRecipient(address="absent@exemple.fr", kind=RecipientKind.CC),
            NewRecipient(address="paul@exemple.fr", kind=RecipientKind.CC),
        ),
    )

    hand_over(message)

    assert [address for address, _ in sink.mails] == ["marie@exemple.fr", "paul@exemple.fr"]
    states = dict(Recipient.objects.filter(message=message).values_list("address", "state"))
    assert states == {"marie@exemple.fr": "sent", "absent@exemple.fr": "failed", "paul@exemple.fr": "sent"}
    # A copy that fails does not fail the mail, and is not passed over in silence either.
    event = DomainEvent.objects.get(type="message.sent")
    assert event.payload["failed"] == [{"address": "absent@exemple.fr", "state": "failed", "reason": "user_unknown"}]


@pytest.mark.req("SND-5")
def test_retry_goes_only_to_those_who_wait(organisation, sink):
    sink.script.rcpt = lambda address: b"450 4.2.0 busy\r\n" if address.startswith("lent") else b"250 ok\r\n"
    message = make_message(organisation, "marie@exemple.fr", "lent@exemple.fr")
    hand_over(message)
    assert message.status == "awaiting_retry"
    sink.script.rcpt = b"250 ok\r\n"

    hand_over(message, now=NOW + timedelta(minutes=2))

    assert [address for address, _ in sink.mails] == ["marie@exemple.fr", "lent@exemple.fr"]
    assert message.status == "sent"


def test_loading_takes_the_same_number_of_queries(organisation, sink, django_assert_num_queries):
    one, three = lease(make_message(organisation)), lease(*[make_message(organisation) for _ in range(3)])
    Organisation.objects.count()

    with django_assert_num_queries(4):
        assert len(load(one).parcels) == 1
    with django_assert_num_queries(4):
        assert len(load(three).parcels) == 3


def test_mail_larger_than_the_server_takes_is_refused_before_it_is_sent(organisation, sink):
    sink.script.ehlo = b"250-test\r\n250 SIZE 2000\r\n"
    message = make_message(organisation, text="x" * 5000)

    hand_over(message)

    assert (message.status, recipient_of(message).reason, sink.mails) == ("failed", Code.TOO_BIG, [])


def test_delivering_inside_a_transaction_is_refused(organisation, sink, transactional_db):
    message = make_message(organisation)
    leased = lease(message)

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        deliver_batch(leased, NOW)

    assert sink.mails == []


def test_unwritable_mail_does_not_hold_up_the_others(organisation, sink, monkeypatch, caplog):
    real = parcels.compose
    monkeypatch.setattr(parcels, "compose", lambda letter: 1 / 0 if "poison" in letter.subject else real(letter))
    bad, good = make_message(organisation, subject="poison"), make_message(organisation)

    with caplog.at_level(logging.CRITICAL):
        hand_over(bad, good)

    assert (bad.status, good.status) == ("failed", "sent")
    assert recipient_of(bad).reason == Code.NOT_COMPOSED


def test_messages_of_two_organisations_do_not_mix(organisation, sink):
    other = make_organisation("Traiteur Petit")
    mine, theirs = make_message(organisation), make_message(other, "jean@exemple.fr")

    hand_over(mine, theirs)

    senders = {address: message_from_bytes(content)["From"] for address, content in sink.mails}
    assert senders["marie@exemple.fr"].startswith("Atelier Martin")
    assert senders["jean@exemple.fr"].startswith("Traiteur Petit")
