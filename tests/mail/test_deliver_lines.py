import time
from email import message_from_bytes

import pytest
from django.test import override_settings

from rouage.mail import desk, record
from rouage.mail.models import MailAccount
from rouage.mail.reasons import Code
from rouage.mail.secrets import seal
from tests.factories.mail import free_port, hand_over, make_message, news, recipient_of

pytestmark = pytest.mark.django_db


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
