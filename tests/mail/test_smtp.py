import contextlib
import time

import pytest

from rouage.mail import smtp
from rouage.mail.lines import MOST_USES, Lines
from rouage.mail.reasons import Code
from rouage.mail.smtp import Refusal, Server, Unusable, open_line
from rouage.mail.states import Security
from tests.factories.mail import Script, Sink, free_port
from tests.factories.wire import make_certificate

MAIL = b"Subject: x\r\n\r\n.a\r\n..b\r\n.\r\nfin\r\n"


def server(sink, **settings):
    return Server(**{"host": "localhost", "port": sink.port, "security": Security.NONE, "guarded": False} | settings)


@contextlib.contextmanager
def line(*args, **settings):
    opened = open_line(server(*args, **settings))
    try:
        yield opened
    finally:
        opened.quit()


def send(opened, recipient="c@d.fr", data=MAIL):
    return opened.transmit("a@b.fr", recipient, data) or opened.finish()


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    smtp._context.cache_clear()
    trusted, context = make_certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    yield context
    smtp._context.cache_clear()


def test_dots_arrive_as_they_were():
    with Sink() as sink, line(sink) as opened:
        assert send(opened).code == 250
        assert send(opened, data=b".alone\r\n\r\nx").code == 250
    assert [content for _, content in sink.mails] == [MAIL, b".alone\r\n\r\nx\r\n"]


def test_mail_without_its_dot_is_not_taken():
    with Sink() as sink, line(sink) as opened:
        assert opened.transmit("a@b.fr", "c@d.fr", MAIL) is None
        opened.close()
    assert sink.mails == []


def test_line_goes_on_after_a_refusal():
    script = Script(rcpt=lambda to: b"550 5.1.1 no\r\n" if to == "x@y.fr" else b"250 ok\r\n")
    with Sink(script) as sink, line(sink) as opened:
        refusal = opened.transmit("a@b.fr", "x@y.fr", MAIL)
        assert (refusal.code, refusal.final) == (Code.USER_UNKNOWN, True)
        assert send(opened).code == 250
    assert (len(sink.mails), sink.connections) == (1, 1)


@pytest.mark.parametrize("address", ["a@b.fr>\r\nRCPT TO:<x@y.fr", "a@b.fr\nDATA"])
def test_address_with_a_line_break_is_never_put_on_the_wire(address):
    with Sink() as sink:
        opened = open_line(server(sink))
        refusal = opened.transmit(address, "c@d.fr", MAIL)
        assert isinstance(refusal, Refusal)
        opened.quit()
    assert not any("DATA" in command or "RCPT" in command.upper() for command in sink.commands)


def test_starttls_is_used_and_checked(certificate):
    script = Script(ehlo=b"250-test\r\n250 STARTTLS\r\n", tls=certificate)
    with Sink(script) as sink, line(sink, security=Security.STARTTLS) as opened:
        assert send(opened).code == 250
    assert sink.commands.count("STARTTLS") == 1


def test_certificate_of_another_name_ends_the_dialogue(tmp_path, monkeypatch):
    smtp._context.cache_clear()
    trusted, context = make_certificate(tmp_path, "exemple.fr")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    script = Script(ehlo=b"250-test\r\n250 STARTTLS\r\n", tls=context)
    with Sink(script) as sink, pytest.raises(Unusable) as error:
        open_line(server(sink, security=Security.STARTTLS, user="u", password="p"))
    assert error.value.refusal.code is Code.TLS
    assert not any(command.startswith("AUTH") for command in sink.commands)
    smtp._context.cache_clear()


def test_tls_from_the_first_byte_with_a_plain_server_is_refused(certificate):
    with Sink() as sink, pytest.raises(Unusable) as error:
        open_line(server(sink, security=Security.TLS))
    assert error.value.refusal.code is Code.TLS


@pytest.mark.parametrize(
    ("offer", "answer", "command"),
    [
        (b"AUTH PLAIN LOGIN", b"235 ok\r\n", "AUTH PLAIN AHV0aWxpc2F0ZXVyAHBhc3PDqQ=="),
        (b"AUTH LOGIN", b"235 ok\r\n", "AUTH LOGIN dXRpbGlzYXRldXI="),
    ],
)
def test_sign_in_in_utf_8(offer, answer, command):
    script = Script(ehlo=b"250-test\r\n250 " + offer + b"\r\n", auth=answer)
    with Sink(script) as sink, line(sink, user="utilisateur", password="passé"):
        pass
    assert command in sink.commands


def test_challenge_is_answered_where_the_line_is_open_to_all():
    challenge = b"334 " + b"PDEyMzQ1QGV4ZW1wbGUuZnI+" + b"\r\n"
    script = Script(ehlo=b"250-test\r\n250 AUTH CRAM-MD5 PLAIN\r\n", auth=challenge)
    with Sink(script) as sink, pytest.raises(Unusable) as error:  # the sink knows no second line of AUTH
        open_line(server(sink, user="utilisateur", password="secret"))
    assert error.value.refusal.code is Code.SIGN_IN
    assert "AUTH CRAM-MD5" in sink.commands
    assert not any("PLAIN" in command for command in sink.commands)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(ehlo=b"250-test\r\n250 AUTH PLAIN\r\n", auth=b"535 5.7.8 no\r\n"), Code.SIGN_IN),
        (Script(ehlo=b"250-test\r\n250 AUTH PLAIN\r\n", auth=b"454 4.7.0 later\r\n"), Code.SIGN_IN),
        (Script(ehlo=b"250-test\r\n250 AUTH XOAUTH2\r\n"), Code.SIGN_IN),
        (Script(ehlo=b"250 test\r\n"), Code.SIGN_IN),
        (Script(greeting=b"554 no\r\n"), Code.CONNECTION),
        (Script(greeting="close"), Code.CONNECTION),
    ],
)
def test_line_that_cannot_be_opened_says_why(script, code):
    with Sink(script) as sink, pytest.raises(Unusable) as error:
        open_line(server(sink, user="u", password="p"))
    assert (error.value.refusal.code, error.value.refusal.final) == (code, False)
    assert "p" not in str(error.value.refusal.reply).split()


def test_old_server_that_knows_only_helo():
    with Sink(Script(ehlo=b"502 what?\r\n")) as sink, pytest.raises(Unusable):
        open_line(server(sink))
    assert [command.split()[0].upper() for command in sink.commands] == ["EHLO", "HELO"]


def test_password_is_not_shown():
    assert "secret" not in repr(Server(host="h", port=1, security=Security.NONE, password="secret"))


def test_server_that_is_not_there_is_told_at_once():
    with pytest.raises(Unusable) as error:
        open_line(Server(host="127.0.0.1", port=free_port(), security=Security.NONE, guarded=False))
    assert error.value.refusal.code is Code.CONNECTION


class TestLines:
    def test_kept_line_is_taken_again(self):
        lines = Lines()
        with Sink() as sink:
            opened = open_line(server(sink))
            assert lines.take(server(sink)) is None
            assert lines.keep(opened)
            assert lines.take(server(sink)) is opened
            assert lines.take(server(sink)) is None
            opened.quit()

    def test_line_of_another_account_is_not_taken(self):
        lines = Lines()
        with Sink() as sink:
            opened = open_line(server(sink))
            lines.keep(opened)
            assert lines.take(server(sink, password="other")) is None
            lines.close_idle()

    def test_line_that_the_server_closed_is_not_taken(self):
        lines = Lines()
        with Sink() as sink:
            opened = open_line(server(sink))
            lines.keep(opened)
        time.sleep(0.05)
        assert lines.take(opened.server) is None

    def test_line_has_its_time(self):
        lines = Lines()
        with Sink() as sink:
            opened = open_line(server(sink))
            opened.uses = MOST_USES
            assert not lines.keep(opened)
            opened.quit()

    def test_idle_lines_are_closed(self):
        lines = Lines()
        with Sink() as sink:
            lines.keep(open_line(server(sink)))
            lines.close_idle(older_than=60)
            assert "QUIT" not in [command.upper() for command in sink.commands]
            lines.close_idle()
            assert "QUIT" in [command.upper() for command in sink.commands]
        assert lines.take(server(sink)) is None
