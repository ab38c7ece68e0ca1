import re

import pytest

from rouage.accounts.models import User
from rouage.accounts.throttle import LIMITS
from tests.factories.accounts import PASSWORD, make_member, sign_in
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
WRONG = {
    "fr": "Cette adresse email et ce mot de passe ne vont pas ensemble. Vérifiez les deux, puis réessayez.",
    "en": "This email address and this password do not go together. Check both and try again.",
}


def attempt(client, email, password=PASSWORD, **fields):
    return client.post("/sign-in", {"email": email, "password": password, **fields})


@pytest.mark.req("ACC-5")
def test_email_and_password_let_in(client):
    member = make_member()
    response = attempt(client, f"  {member.user.email.upper()} ")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_wrong_password_and_unknown_account_get_the_same_answer(client, language):
    make_member(email="camille@exemple.fr")
    closed = make_member(email="ancienne@exemple.fr")
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    client.cookies.load({"django_language": language})
    answers = [
        attempt(client, "camille@exemple.fr", "faux"),
        attempt(client, "inconnue@exemple.fr", "faux"),
        attempt(client, "ancienne@exemple.fr", PASSWORD),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all(WRONG[language] in text(answer) for answer in answers)
    same = {
        re.sub(r'(csrfmiddlewaretoken|email)" value="[^"]*"|value="[^"]*@[^"]*"', "", str(a.content)) for a in answers
    }
    assert len(same) == 1
    assert client.get("/").status_code == 302


def test_password_is_not_written_back_into_the_page(client):
    response = attempt(client, "camille@exemple.fr", "un-secret-mal-tape")

    assert "un-secret-mal-tape" not in response.content.decode()
    assert 'value="camille@exemple.fr"' in response.content.decode()


@pytest.mark.req("ACC-5")
def test_too_many_attempts_are_told_when_to_try_again(client):
    member = make_member()
    for _ in range(LIMITS["pair"]):
        attempt(client, member.user.email, "faux")
    response = attempt(client, member.user.email, PASSWORD)

    assert response.status_code == 422
    assert "essais de connexion. Réessayez dans 15 minutes." in text(response)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("language", ["fr", "en"])
def test_empty_form_says_what_is_missing_beside_the_fields(client, language):
    client.cookies.load({"django_language": language})
    page = client.post("/sign-in", {"email": "", "password": ""}).content.decode()
    said = {"fr": "Saisissez votre adresse email.", "en": "Type your email address."}[language]

    assert re.search(rf'id="id_email_error">.*?{said}', page, re.DOTALL)
    assert re.search(r'<input[^>]*name="email"[^>]*aria-invalid="true"[^>]*aria-describedby="id_email_error"', page)


@pytest.mark.req("ACC-5")
@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/quotes?status=sent", "/quotes?status=sent"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("quotes", "/"),
    ],
)
def test_next_leads_to_pages_of_ours_alone(client, wanted, reached):
    member = make_member()

    assert attempt(client, member.user.email, next=wanted)["Location"] == reached
    # Whoever is signed in already is passed on at once.
    assert client.get("/sign-in", {"next": wanted})["Location"] == reached


def test_page_keeps_where_one_was_going(client):
    page = client.get("/sign-in?next=/quotes").content.decode()

    assert '<input type="hidden" name="next" value="/quotes">' in page


@pytest.mark.req("UX-1")
@pytest.mark.parametrize(
    ("accept", "cookie", "title"),
    [
        ("en-GB,en;q=0.9", None, "Sign in"),
        ("fr-FR,fr;q=0.9,en;q=0.8", None, "Connexion"),
        ("de-DE,de;q=0.9", None, "Connexion"),
        ("", None, "Connexion"),
        ("en", "fr", "Connexion"),
        ("fr", "en", "Sign in"),
        ("fr", "xx", "Connexion"),
    ],
)
def test_page_speaks_the_language_chosen_before_or_the_browser_s_or_french(client, accept, cookie, title):
    if cookie:
        client.cookies.load({"django_language": cookie})
    response = client.get("/sign-in", headers={"accept-language": accept})

    assert f"<h1>{title}</h1>" in response.content.decode()
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))
    assert inline_code(response) == []


def test_sign_in_gives_a_new_session(client):
    member = make_member()
    client.get("/sign-in")
    session = client.session
    session["planted"] = True
    session.save()
    before = client.cookies["sessionid"].value
    attempt(client, member.user.email)

    assert client.cookies["sessionid"].value != before


def test_sign_out_ends_the_session(client):
    sign_in(client, make_member())

    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302


def test_sign_out_by_a_link_does_nothing(client):
    sign_in(client, make_member())

    assert client.get("/sign-out")["Location"] == "/"
    assert client.get("/").status_code == 200


def test_pages_of_the_sign_in_are_kept_nowhere(client):
    assert "no-store" in client.get("/sign-in")["Cache-Control"]
