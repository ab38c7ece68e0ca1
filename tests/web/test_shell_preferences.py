import pytest

from rouage.accounts.models import Member
from rouage.web.middleware import ORGANISATION
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.web.pages import text

pytestmark = pytest.mark.django_db


@pytest.mark.req("UX-1")
def test_language_is_saved_on_the_member_and_kept_for_the_sign_in_page(client):
    member = make_member(language="fr")
    response = sign_in(client, member).post("/preferences/language", {"language": "en", "next": "/?x=1"})

    assert response["Location"] == "/?x=1"
    assert Member.objects.get(pk=member.pk).language == "en"
    assert '<html lang="en"' in client.get("/").content.decode()
    client.post("/sign-out")
    assert "<h1>Sign in</h1>" in client.get("/sign-in", headers={"accept-language": "fr"}).content.decode()


@pytest.mark.req("UX-1")
def test_visitor_changes_the_language_of_the_sign_in_page(client):
    page = client.get("/sign-in?next=/quotes").content.decode()
    assert '<button class="btn ghost sm" name="language" value="en" lang="en">' in page
    response = client.post("/preferences/language", {"language": "en", "next": "/sign-in?next=/quotes"})

    assert response["Location"] == "/sign-in?next=/quotes"
    assert "<h1>Sign in</h1>" in client.get("/sign-in").content.decode()


@pytest.mark.req("UX-1")
@pytest.mark.parametrize(
    ("theme", "attribute"), [("light", ' data-theme="light"'), ("dark", ' data-theme="dark"'), ("system", "")]
)
def test_theme_is_saved_on_the_member_and_printed_by_the_server(client, theme, attribute):
    member = make_member()
    sign_in(client, member).post("/preferences/theme", {"theme": theme})

    assert Member.objects.get(pk=member.pk).theme == theme
    assert f'<html lang="fr"{attribute}>' in client.get("/").content.decode()
    client.post("/sign-out")
    assert f'<html lang="fr"{attribute}>' in client.get("/sign-in").content.decode()


def test_account_menu_marks_what_is_chosen(client):
    member = make_member(language="en")
    sign_in(client, member).post("/preferences/theme", {"theme": "dark"})
    page = client.get("/").content.decode()

    assert 'value="en" lang="en" aria-pressed="true"' in page
    assert 'value="fr" lang="fr" aria-pressed="false"' in page
    assert 'name="theme" value="dark" aria-pressed="true"' in page
    assert page.count('aria-pressed="true"') == 2


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("language", {"language": "xx"}),
        ("language", {}),
        ("theme", {"theme": "pink"}),
        ("organisation", {"organisation": "x"}),
    ],
)
def test_choice_that_does_not_exist_changes_nothing(client, path, fields):
    member = make_member()

    assert sign_in(client, member).post(f"/preferences/{path}", fields).status_code == 404
    kept = Member.objects.get(pk=member.pk)
    assert (kept.language, kept.theme) == ("fr", "system")


def test_preference_never_leads_away(client):
    sign_in(client, make_member())

    assert client.post("/preferences/theme", {"theme": "dark", "next": "https://evil.example"})["Location"] == "/"


@pytest.mark.parametrize("path", ["language", "theme", "organisation"])
def test_preference_is_changed_by_post_alone(client, path):
    assert sign_in(client, make_member()).get(f"/preferences/{path}").status_code == 405


@pytest.mark.req("ACC-1")
def test_member_switches_to_another_of_their_organisations(client):
    member = make_member(make_organisation("Lumen & Fils"))
    other = make_member(make_organisation("Northwind"), email=member.user.email, password=None, language="en")
    page = sign_in(client, member).get("/").content.decode()
    assert f'name="organisation" value="{other.organisation_id}"' in page
    response = client.post("/preferences/organisation", {"organisation": other.organisation_id})

    assert response["Location"] == "/"
    page = client.get("/")
    assert "<small>Northwind</small>" in page.content.decode()
    # The preferences are those of the membership.
    assert "You now work for Northwind." in text(page)


@pytest.mark.req("ACC-1")
def test_foreign_organisation_cannot_be_chosen(client):
    member, foreign = make_member(), make_member(make_organisation("Étrangère"))
    response = sign_in(client, member).post("/preferences/organisation", {"organisation": foreign.organisation_id})

    assert response.status_code == 404
    assert "Étrangère" not in response.content.decode()
    assert client.session[ORGANISATION] == member.organisation_id


def test_switcher_is_not_shown_to_members_of_one_organisation(client):
    assert 'name="organisation"' not in sign_in(client, make_member()).get("/").content.decode()
