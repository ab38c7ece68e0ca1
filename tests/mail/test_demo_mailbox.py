import smtplib
import socket
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import override_settings

from rouage.accounts.access import NotFound, Refused
from rouage.mail import demo_mailbox
from rouage.mail.compose import for_recipient
from rouage.mail.deliver import deliver_batch
from rouage.mail.demo_mailbox import DemoMailbox, access_mail, content_of, mails, store
from rouage.mail.models import DemoMail
from tests.factories.accounts import make_member, make_organisation
from tests.factories.mail import NOW, lease, make_message, recipient_of

RAW = b"From: a@b.fr\r\nTo: c@d.fr\r\nSubject: =?utf-8?q?=C3=A9t=C3=A9?=\r\n\r\nBonjour\r\n"

WITH_PDF = (
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nBonjour\r\n--x\r\n"
    b"Content-Type: application/pdf\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''devis%20%C3%A9.pdf\r\n\r\n%PDF\r\n--x--"
)


@pytest.fixture
def mailbox(transactional_db):
    box = DemoMailbox(0, clock=lambda: NOW)
    box.start()
    yield box
    box.stop()


@pytest.mark.req("OPS-1")
def test_sent_mail_can_be_read_by_its_organisation(mailbox):
    organisation = make_organisation("Atelier Martin")
    make_organisation("Traiteur Petit")
    message = make_message(organisation, "marie@exemple.fr", subject="Relance échue")

    with override_settings(ROUAGE_SMTP_PORT=mailbox.port):
        deliver_batch(lease(message), NOW)

    message.refresh_from_db()
    assert message.status == "sent"
    [mail] = mails(organisation.id)
    assert (mail.message_id, mail.organisation_id) == (message.id, organisation.id)
    assert (mail.subject, mail.rcpt_to, mail.received_at) == ("Relance échue", "marie@exemple.fr", NOW)
    assert recipient_of(message).diagnostic == f"250 2.0.0 Kept as {mail.id}"
    content = content_of(access_mail(make_member(organisation), mail.id))
    assert content.text == "Bonjour,\n\nVeuillez trouver votre facture.\n"
    assert dict(content.headers)["To"] == "Marie Dupont <marie@exemple.fr>"


def test_mail_of_somebody_else_belongs_to_nobody(mailbox):
    organisation = make_organisation()
    with smtplib.SMTP("127.0.0.1", mailbox.port) as client:
        client.sendmail("x@y.fr", ["c@d.fr", "e@f.fr"], RAW)

    [mail] = DemoMail.objects.all()
    assert (mail.organisation_id, mail.message_id, mail.rcpt_to, mail.subject) == (None, None, "c@d.fr, e@f.fr", "été")
    assert list(mails(organisation.id)) == []


def test_mail_that_cannot_be_kept_is_asked_for_again(mailbox, monkeypatch, caplog):
    def fail(*_):
        raise OperationalError("disk full")

    monkeypatch.setattr(demo_mailbox, "store", fail)
    with smtplib.SMTP("127.0.0.1", mailbox.port) as client, pytest.raises(smtplib.SMTPDataError) as error:
        client.sendmail("x@y.fr", "c@d.fr", RAW)

    assert error.value.smtp_code == 451


@pytest.mark.filterwarnings("error")
def test_stop_lets_go_of_everything(transactional_db):
    before = threading.active_count()
    box = DemoMailbox(0)
    box.start()
    client = smtplib.SMTP("127.0.0.1", box.port)
    client.sendmail("x@y.fr", "c@d.fr", RAW)  # the line stays open, as a sender's kept line does

    box.stop()

    assert threading.active_count() == before
    with socket.create_server(("127.0.0.1", box.port)):
        pass
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.noop()
    client.close()


def test_taken_port_is_said_at_the_start(transactional_db):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        DemoMailbox(taken.getsockname()[1]).start()


@pytest.mark.django_db
class TestReading:
    def keep(self, organisation, minutes=0, raw=RAW):
        message = make_message(organisation)
        raw = for_recipient(raw, recipient_of(message).token)
        return store(raw, "a@b.fr", "c@d.fr", NOW + timedelta(minutes=minutes))

    def test_pages_go_back_in_time(self, organisation, django_assert_num_queries):
        ids = [self.keep(organisation, minutes) for minutes in (0, 1, 1, 2)]
        self.keep(make_organisation(), 1)
        with django_assert_num_queries(1):
            first = list(mails(organisation.id, limit=2))
        last = first[-1]
        second = list(mails(organisation.id, (last.received_at, last.id), limit=2))

        assert [mail.id for mail in first + second] == ids[::-1]
        assert first[0].get_deferred_fields() == {"raw"}

    @pytest.mark.req("ACC-1")
    def test_mail_of_another_organisation_does_not_exist(self, organisation):
        theirs = self.keep(make_organisation())
        with pytest.raises(NotFound):
            access_mail(make_member(organisation), theirs)

    def test_right_to_see_runs_is_needed(self, organisation):
        mine = self.keep(organisation)
        with pytest.raises(Refused):
            access_mail(make_member(organisation, privileges=set()), mine)

    def test_forged_name_finds_no_organisation(self, organisation):
        message = make_message(organisation)
        forged = recipient_of(message).token[:-2] + "00"
        number = store(for_recipient(RAW, forged), "a@b.fr", "c@d.fr", NOW)
        assert DemoMail.objects.get(id=number).organisation_id is None

    def test_message_id_alone_is_enough(self, organisation):
        message = make_message(organisation)
        number = store(f"Message-ID: {message.message_id}\r\n\r\nx".encode(), "a@b.fr", "c@d.fr", NOW)
        assert DemoMail.objects.get(id=number).organisation_id == organisation.id

    @pytest.mark.parametrize(
        ("raw", "text", "html", "attachments"),
        [
            (b"Subject: x\r\n\r\nBonjour\r\n", "Bonjour\n", "", ()),
            (b"Content-Type: text/html\r\n\r\n<p>Bonjour<br>vous</p><script>alert(1)</script>", "Bonjour\nvous",
             "<p>Bonjour<br>vous</p><script>alert(1)</script>", ()),
            (b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe", "\ufffd\ufffd", "", ()),
            (WITH_PDF, "Bonjour", "", ("devis é.pdf",)),
            (b"", "", "", ()),
            (b"\x00\x00\xff", "\ufffd", "", ()),
            (b"Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary", "", ()),
            (b"Subject: =?utf-8?b?###?=\r\n\xff\xfe: \xff\r\n\r\nx", "\ufffd\ufffd: \ufffd\n\nx", "", ()),
        ],
    )  # fmt: skip
    def test_anything_can_be_read(self, organisation, raw, text, html, attachments):
        content = content_of(DemoMail(raw=raw))
        store(raw, "a@b.fr", "c@d.fr", NOW)
        assert (content.text.strip(), content.html, content.attachments) == (text.strip(), html, attachments)

    def test_deep_nesting_is_kept(self):
        raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
        number = store(raw, "a@b.fr", "c@d.fr", NOW)
        assert isinstance(content_of(DemoMail.objects.get(id=number)).text, str)
