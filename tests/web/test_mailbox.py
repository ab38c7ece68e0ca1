"""The demo mailbox: the mails of one's own organisation, to read as text; HTML is shown as its source."""

from datetime import timedelta

import pytest

from rouage.accounts.privileges import Privilege
from rouage.mail.models import DemoMail
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.web.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.req("OPS-1")]
RAW = (
    "From: Lumen <bonjour@lumen.example>\r\nTo: Laure Faure <l.faure@exemple.fr>\r\nSubject: Votre devis\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour Laure\r\n"
    '--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p onclick="x()" style="color:red">Bonjour</p>'
    "<script>alert(1)</script>\r\n--x--\r\n"
)


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"))


@pytest.fixture
def browser(client, member):
    return sign_in(client, member)


def caught(organisation, subject="Votre devis", *, at=NOW, raw=RAW):
    return DemoMail.objects.create(
        organisation=organisation, mail_from="a@exemple.fr", rcpt_to="l.faure@exemple.fr", subject=subject,
        raw=raw.encode(), received_at=at,
    )  # fmt: skip


def test_mails_are_listed_newest_first_and_read_beside_the_list(browser, member):
    caught(member.organisation, "Le premier")
    last = caught(member.organisation, "Le dernier", at=NOW + timedelta(hours=1))
    page = browser.get("/mailbox")
    assert text(page).index("Le dernier") < text(page).index("Le premier")
    panel = browser.get(f"/mailbox?panel={last.pk}", headers={"HX-Request": "true", "HX-Target": "dialog#panel"})

    assert "<html" not in panel.content.decode()
    assert "Bonjour Laure" in text(panel)
    assert "De Lumen <bonjour@lumen.example> À Laure Faure" in text(panel)


def test_html_of_a_mail_is_never_rendered(browser, member):
    mail = caught(member.organisation)
    for path in (f"/mailbox/{mail.pk}", f"/mailbox?panel={mail.pk}"):
        page = browser.get(path)
        shown = page.content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "&lt;p onclick=" in shown
        assert "<script>alert" not in shown
        assert "<p onclick" not in shown


@pytest.mark.parametrize("raw", ["", "nothing that is a mail", "Subject: =?bad?q?=?=\r\nContent-Type: x\r\n\r\n\x00"])
def test_whatever_was_sent_can_be_opened(browser, member, raw):
    mail = caught(member.organisation, "", raw=raw)

    assert browser.get(f"/mailbox/{mail.pk}").status_code == 200
    assert "(sans objet)" in text(browser.get("/mailbox"))


@pytest.mark.req("ACC-1")
def test_mails_of_another_organisation_do_not_exist(browser):
    other = caught(make_organisation(), "Secret")

    assert "Secret" not in text(browser.get("/mailbox"))
    assert browser.get(f"/mailbox/{other.pk}").status_code == 404
    assert "Secret" not in text(browser.get(f"/mailbox?panel={other.pk}"))


def test_pages_follow_one_another(browser, member, monkeypatch):
    monkeypatch.setattr("rouage.web.views.mailbox.PAGE", 2)
    for number in range(3):
        caught(member.organisation, f"Numéro {number}", at=NOW + timedelta(hours=number))
    first = browser.get("/mailbox")
    older = first.content.decode().partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = browser.get("/mailbox" + older.replace("&amp;", "&"))

    assert ("Numéro 2" in text(first), "Numéro 0" in text(first)) == (True, False)
    assert ("Numéro 2" in text(second), "Numéro 0" in text(second)) == (False, True)


def test_list_asks_as_many_questions_for_three_mails_as_for_one(browser, member, django_assert_max_num_queries):
    caught(member.organisation)
    browser.get("/mailbox")
    with django_assert_max_num_queries(8) as one:
        browser.get("/mailbox")
    for _ in range(2):
        caught(member.organisation)
    with django_assert_max_num_queries(8) as three:
        browser.get("/mailbox")

    assert len(three) == len(one)


def test_empty_mailbox_says_what_comes(browser):
    assert "Aucun email pour l’instant" in text(browser.get("/mailbox"))


@pytest.mark.req("ACC-2")
def test_mailbox_is_not_for_those_without_the_privilege(client, member):
    mail = caught(member.organisation)
    sign_in(client, make_member(member.organisation, privileges={Privilege.SEE_RECORDS}))

    assert client.get("/mailbox").status_code == 403
    assert client.get(f"/mailbox/{mail.pk}").status_code == 403
