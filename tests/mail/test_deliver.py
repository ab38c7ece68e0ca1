import logging
import time
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db import transaction
from django.test import override_settings

from rouage.accounts.models import Organisation
from rouage.journal.models import DomainEvent
from rouage.mail import desk, parcels, record, tokens
from rouage.mail.deliver import RETRY, deliver, deliver_batch
from rouage.mail.models import DeliveryEvent, MailAccount, Message, Recipient
from rouage.mail.outbox import NewRecipient
from rouage.mail.parcels import load
from rouage.mail.reasons import Code
from rouage.mail.record import Group, Observation
from rouage.mail.secrets import seal
from rouage.mail.states import DeliveryKind, MessageStatus, RecipientKind, RecipientState
from tests.factories.accounts import make_organisation
from tests.factories.mail import NOW, free_port, lease, make_message, recipient_of

pytestmark = pytest.mark.django_db


def hand_over(*messages, now=NOW):
    deliver_batch(lease(*messages, now=now), now)
    for message in messages:
        message.refresh_from_db()


def kinds(message):
    return [event.kind for event in DeliveryEvent.objects.filter(recipient__message=message).order_by("id")]


def news(message):
    return list(
        DomainEvent.objects.filter(type__startswith="message.", payload__message=message.id)
        .order_by("id")
        .values_list("type", "payload__reason")
    )


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
    message = make_message(organisation, text="Ligne\n" * 40_000)

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


def test_server_that_drips_is_cut_off(organisation, sink, monkeypatch):
    monkeypatch.setattr(desk, "LONGEST", 0.5)
    sink.script.rcpt = "hang"
    message = make_message(organisation)

    started = time.monotonic()
    hand_over(message)

    assert time.monotonic() - started < 5
    assert message.status == "awaiting_retry"


def test_dead_server_is_asked_once_for_a_batch(organisation, sink):
    sink.script.greeting = "close"
    messages = [make_message(organisation) for _ in range(40)]

    hand_over(*messages)

    assert {message.status for message in messages} == {"awaiting_retry"}
    assert sink.connections <= desk.CONNECTIONS


def test_server_that_allows_one_connection_gets_all_mails_on_it(organisation, sink):
    taken = []

    def one_only(_):
        taken.append(1)
        return b"220 test ESMTP\r\n" if len(taken) == 1 else b"421 4.7.0 too many connections\r\n"

    sink.script.greeting = one_only
    messages = [make_message(organisation) for _ in range(20)]

    hand_over(*messages)

    assert {message.status for message in messages} == {"sent"}
    assert len(sink.mails) == 20


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


@pytest.mark.req("SND-5")
def test_message_that_is_no_longer_ours_is_left_alone(organisation, sink):
    message = make_message(organisation)
    [first] = lease(message)
    lease(message)  # the lease ended and another worker has it

    deliver_batch([first], NOW)

    message.refresh_from_db()
    assert sink.mails == []
    assert (message.status, message.attempt) == ("queued", 2)


@pytest.mark.req("SND-5")
def test_message_taken_over_before_the_dot_is_not_sent_by_the_first_worker(organisation, sink):
    message = make_message(organisation)

    [first] = lease(message)
    real = record.write

    def write(group, at, **options):
        if group.marks:
            Message.objects.filter(id=message.id).update(attempt=2)
        return real(group, at, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "write", write)
        deliver_batch([first], NOW)

    message.refresh_from_db()
    assert sink.mails == []
    assert kinds(message) == ["queued"]
    assert recipient_of(message).dot_pending_at is None


@pytest.mark.req("SND-5")
def test_marker_of_a_dead_worker_makes_the_outcome_unknown(organisation, sink):
    message = make_message(organisation)
    lease(message)
    Recipient.objects.filter(message=message).update(dot_pending_at=NOW, state="sending")

    hand_over(message, now=NOW + timedelta(minutes=20))

    assert sink.mails == []
    assert (message.status, recipient_of(message).state, recipient_of(message).reason) == ("unknown", "unknown", "lost")
    assert news(message) == [("message.unknown", "lost")]


@pytest.mark.req("SND-5")
def test_unknown_outcome_is_never_sent_again_by_itself(organisation, sink):
    sink.script.dot = "close"
    message = make_message(organisation)
    hand_over(message)
    sink.mails.clear()
    sink.script.dot = b"250 ok\r\n"

    hand_over(message, now=NOW + timedelta(days=1))

    assert (message.status, message.due_at, sink.mails) == ("unknown", None, [])


@pytest.mark.req("SND-5")
def test_late_reply_settles_what_another_worker_called_unknown(organisation, sink):
    message = make_message(organisation)
    lease(message)
    Recipient.objects.filter(message=message).update(dot_pending_at=NOW, state="sending")
    hand_over(message, now=NOW + timedelta(minutes=20))
    late = Observation(
        message_id=message.id, attempt=1, recipient_id=recipient_of(message).id, kind=DeliveryKind.ACCEPTED
    )

    record.write(Group(observations=[late]), NOW + timedelta(minutes=21))

    message.refresh_from_db()
    assert (message.status, recipient_of(message).state) == ("sent", "sent")
    assert recipient_of(message).reason == ""
    assert news(message) == [("message.unknown", "lost"), ("message.sent", "")]


@pytest.mark.req("SND-5")
def test_report_that_overtakes_our_own_record_is_not_undone(organisation, sink):
    message = make_message(organisation)
    recipient = recipient_of(message)
    early = Observation(message_id=message.id, attempt=1, recipient_id=recipient.id, kind=DeliveryKind.DSN_DELIVERED)
    sink.script.dot = lambda _: (time.sleep(0.1), b"250 ok\r\n")[1]
    [leased] = lease(message)
    record.write(Group(observations=[early]), NOW)

    deliver_batch([leased], NOW)

    # The report came before the claim here, so there was nothing left to hand over.
    assert recipient_of(message).state == "delivered"


def test_lower_evidence_does_not_lower_a_state(organisation):
    message = make_message(organisation)
    recipient = recipient_of(message)
    for kind in (DeliveryKind.DSN_DELIVERED, DeliveryKind.ACCEPTED):
        seen = Observation(message_id=message.id, attempt=1, recipient_id=recipient.id, kind=kind)
        record.write(Group(observations=[seen]), NOW)

    assert recipient_of(message).state == "delivered"
    assert kinds(message) == ["queued", "dsn_delivered", "accepted"]


def test_group_recorded_again_after_a_lost_commit_counts_once(organisation):
    message = make_message(organisation)
    lease(message)
    recipient = recipient_of(message)
    seen = Observation(message_id=message.id, attempt=1, recipient_id=recipient.id, kind=DeliveryKind.ACCEPTED)
    handled = record.Handled(message_id=message.id, attempt=1)
    record.write(Group(observations=[seen], handled=[handled]), NOW)

    record.write(Group(observations=[seen], handled=[handled]), NOW, again=True)

    assert kinds(message) == ["queued", "accepted"]
    assert news(message) == [("message.sent", "")]


def test_many_messages_share_connections_and_commits(organisation, sink, monkeypatch):
    commits = []
    real = record.write
    monkeypatch.setattr(record, "write", lambda *a, **k: (commits.append(1), real(*a, **k))[1])
    messages = [make_message(organisation, f"client{number}@exemple.fr") for number in range(60)]

    hand_over(*messages)

    assert sorted(address for address, _ in sink.mails) == sorted(f"client{n}@exemple.fr" for n in range(60))
    assert sink.connections <= desk.CONNECTIONS
    assert len(commits) < 120  # a marker and an outcome each, one by one, would be 120
    assert {message.status for message in messages} == {"sent"}


def test_loading_takes_the_same_number_of_queries(organisation, sink, django_assert_num_queries):
    one, three = lease(make_message(organisation)), lease(*[make_message(organisation) for _ in range(3)])
    Organisation.objects.count()

    with django_assert_num_queries(4):
        assert len(load(one).parcels) == 1
    with django_assert_num_queries(4):
        assert len(load(three).parcels) == 3


def test_kept_connection_that_died_is_replaced(organisation, sink):
    hand_over(make_message(organisation))
    sink.script.mail = "close"
    message = make_message(organisation)
    real, calls = sink.script, []

    def once(_):
        calls.append(1)
        return "close" if len(calls) == 1 else b"250 ok\r\n"

    real.mail = once
    hand_over(message)

    assert message.status == "sent"
    assert message.attempt == 1
    assert sink.connections == 2


def test_mail_larger_than_the_server_takes_is_refused_before_it_is_sent(organisation, sink):
    sink.script.ehlo = b"250-test\r\n250 SIZE 2000\r\n"
    message = make_message(organisation, text="x" * 5000)

    hand_over(message)

    assert (message.status, recipient_of(message).reason, sink.mails) == ("failed", Code.TOO_BIG, [])


def test_answer_without_end_is_cut(organisation, sink):
    sink.script.ehlo = b"250-again\r\n" * 5000
    message = make_message(organisation)

    hand_over(message)

    assert (message.status, recipient_of(message).reason) == ("awaiting_retry", Code.CONNECTION)


def test_server_that_is_not_there(organisation):
    with override_settings(ROUAGE_SMTP_PORT=free_port()):
        message = make_message(organisation)
        hand_over(message)

    assert (message.status, recipient_of(message).reason) == ("awaiting_retry", Code.CONNECTION)
    assert "refused" in recipient_of(message).diagnostic.lower()


def test_delivering_inside_a_transaction_is_refused(organisation, sink, transactional_db):
    message = make_message(organisation)
    leased = lease(message)

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        deliver_batch(leased, NOW)

    assert sink.mails == []


class TestOwnServer:
    @pytest.fixture
    def account(self, organisation, sink):
        return MailAccount.objects.create(
            organisation=organisation, mode="smtp", host="127.0.0.1", port=sink.port, security="none",
            from_address="factures@atelier-martin.fr", user="factures", secret=seal("motdepassé"),
        )  # fmt: skip

    def test_signs_in_with_an_accented_password(self, organisation, sink, account):
        sink.script.ehlo = b"250-test\r\n250 AUTH PLAIN LOGIN\r\n"
        message = make_message(organisation)

        with override_settings(ROUAGE_OUTBOUND_ALLOW=[f"127.0.0.1:{sink.port}"]):
            hand_over(message)

        assert message.status == "sent"
        [(_, content)] = sink.mails
        assert message_from_bytes(content)["From"] == "Atelier Martin <factures@atelier-martin.fr>"
        assert message_from_bytes(content)["Reply-To"] == "Atelier Martin <contact@atelier-martin.fr>"
        auth = next(command for command in sink.commands if command.startswith("AUTH"))
        assert auth == "AUTH PLAIN AGZhY3R1cmVzAG1vdGRlcGFzc8Op"

    def test_refused_password_waits_for_the_right_one(self, organisation, sink, account):
        sink.script.ehlo = b"250-test\r\n250 AUTH PLAIN\r\n"
        sink.script.auth = b"535 5.7.8 wrong\r\n"
        messages = [make_message(organisation) for _ in range(10)]

        with override_settings(ROUAGE_OUTBOUND_ALLOW=[f"127.0.0.1:{sink.port}"]):
            hand_over(*messages)

        assert {recipient_of(message).reason for message in messages} == {Code.SIGN_IN}
        assert {message.status for message in messages} == {"awaiting_retry"}

    def test_server_inside_our_network_is_not_reached(self, organisation, sink, account):
        message = make_message(organisation)

        hand_over(message)

        assert sink.connections == 0
        assert recipient_of(message).reason == Code.ACCOUNT_INCOMPLETE

    def test_secret_that_cannot_be_read(self, organisation, sink, account):
        MailAccount.objects.update(secret="env:ROUAGE_MAIL_NOBODY_SET_THIS")
        message = make_message(organisation)

        hand_over(message)

        assert news(message) == [("message.failed", Code.ACCOUNT_INCOMPLETE)]

    def test_manual_sending_says_so(self, organisation, sink, account):
        MailAccount.objects.update(mode="manual")
        message = make_message(organisation)

        hand_over(message)

        assert news(message) == [("message.failed", Code.ACCOUNT_MANUAL)]
        assert sink.mails == []

    def test_starttls_that_is_not_offered_sends_nothing(self, organisation, sink, account):
        MailAccount.objects.update(security="starttls")
        message = make_message(organisation)

        with override_settings(ROUAGE_OUTBOUND_ALLOW=[f"127.0.0.1:{sink.port}"]):
            hand_over(message)

        assert (recipient_of(message).reason, sink.mails) == (Code.TLS, [])
        assert not any(command.startswith(("AUTH", "MAIL")) for command in sink.commands)


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
