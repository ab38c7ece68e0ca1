import pytest

from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.web.addresses import AGREED
from tests.web.pages import inline_code, text

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.addresses")]
POLICY = {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"}
PAGES = [
    "/sign-in",
    "/nowhere",
    "/broken",
    "/suspicious",
    "/guarded",
    "/act",
    "/components",
    "/components?panel=1",
    "/",
]


@pytest.fixture
def forgiving(client):
    client.raise_request_exception = False
    return client


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("path", [*PAGES, *(f"/{name}" for name in AGREED)])
@pytest.mark.parametrize("is_member", [True, False])
def test_page_keeps_the_content_policy(forgiving, path, is_member):
    if is_member:
        sign_in(forgiving, make_member(privileges=set()))
    response = forgiving.get(path)

    assert set(response["Content-Security-Policy"].split("; ")) >= POLICY
    assert "unsafe" not in response["Content-Security-Policy"]
    assert inline_code(response) == []
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.req("UX-1")
@pytest.mark.parametrize(
    ("path", "status", "french", "english"),
    [
        ("/nowhere", 404, "Page introuvable", "Page not found"),
        ("/broken", 500, "Une panne est survenue de notre côté", "Something broke on our side"),
        ("/suspicious", 400, "Demande incomprise", "Request not understood"),
    ],
)
@pytest.mark.parametrize("is_member", [True, False])
def test_error_page_speaks_the_reader_s_language_and_shows_no_trace(
    forgiving, path, status, french, english, is_member
):
    for language, title in (("fr", french), ("en", english)):
        if is_member:
            sign_in(forgiving, make_member(language=language))
        else:
            forgiving.cookies.load({"django_language": language})
        response = forgiving.get(path)
        body = response.content.decode()

        assert response.status_code == status
        assert f"<h1>{title}</h1>" in body
        assert f'<html lang="{language}"' in body
        assert "secret-of-the-trace" not in body
        assert "Traceback" not in body


def test_error_page_of_a_member_keeps_the_shell_but_a_breakdown_does_not_trust_it(forgiving):
    sign_in(forgiving, make_member())

    assert '<nav class="side"' in forgiving.get("/nowhere").content.decode()
    assert '<nav class="side"' not in forgiving.get("/broken").content.decode()


@pytest.mark.req("ACC-1")
def test_page_not_found_hints_at_the_other_organisations_of_the_member_alone(client):
    member = make_member(make_organisation("Lumen & Fils"))
    make_organisation("Étrangère")
    assert "menu du compte" not in text(sign_in(client, member).get("/nowhere"))
    make_member(make_organisation("Northwind"), email=member.user.email, password=None)
    page = text(client.get("/nowhere"))

    assert "Vous travaillez en ce moment pour Lumen & Fils." in page
    assert "Étrangère" not in page


def test_page_not_found_for_htmx_is_a_toast_alone(client):
    headers = {"HX-Request": "true", "HX-Target": "div#rows"}
    body = sign_in(client, make_member()).get("/nowhere", headers=headers).content.decode()

    assert body.startswith('<hx-partial hx-target="#toasts" hx-swap="innerHTML">')
    assert "Cette page n" in body
    assert "<html" not in body


@pytest.mark.parametrize(("language", "said"), [("fr", "Le formulaire a expiré"), ("en", "The form has expired")])
def test_form_without_its_token_says_that_nothing_was_saved(language, said):
    from django.test import Client  # noqa: PLC0415 -- slow import

    client = Client(enforce_csrf_checks=True)
    sign_in(client, make_member(language=language))
    response = client.post("/act")

    assert response.status_code == 403
    assert f"<h1>{said}</h1>" in response.content.decode()
    assert "CSRF" not in text(response)


def test_host_that_is_not_ours_gets_a_plain_page(forgiving):
    response = forgiving.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "<h1>Demande incomprise</h1>" in response.content.decode()
