import pytest

from rouage.web.responses import Toast, Undo, pending_toasts, safe_next, toast
from tests.factories.accounts import make_member, sign_in
from tests.web.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.addresses")]
HTMX = {"HX-Request": "true"}


def test_page_is_whole_for_a_browser_and_a_fragment_for_htmx(client):
    sign_in(client, make_member())
    page = client.get("/components?panel=1")
    fragment = client.get("/components?panel=1", headers=HTMX | {"HX-Target": "dialog#panel"})

    assert page.content.decode().startswith("<!doctype html>")
    assert fragment.content.decode().startswith('<div class="panel-head">')
    assert "<html" not in fragment.content.decode()
    # A browser that goes back must not show the fragment as the page.
    assert {"HX-Request", "HX-Target"} <= set(page["Vary"].split(", ")) & set(fragment["Vary"].split(", "))


@pytest.mark.parametrize(
    "headers",
    [
        HTMX | {"HX-Target": "div#elsewhere"},
        HTMX,
        HTMX | {"HX-Target": "dialog#panel", "HX-History-Restore-Request": "true"},
        {"HX-Target": "dialog#panel"},
    ],
)
def test_page_is_whole_when_htmx_asks_for_no_fragment_of_it(client, headers):
    sign_in(client, make_member())

    assert client.get("/components?panel=1", headers=headers).content.decode().startswith("<!doctype html>")


def test_panel_named_in_the_address_is_open_without_script(client):
    sign_in(client, make_member())

    assert '<dialog class="panel" id="panel" closedby="any" aria-labelledby="panel-title" open>' in (
        client.get("/components?panel=1").content.decode()
    )
    assert '<dialog class="panel" id="panel" closedby="any" aria-labelledby="panel-title"></dialog>' in (
        client.get("/components").content.decode()
    )


def test_toast_is_shown_once_with_its_undo(client):
    sign_in(client, make_member())
    response = client.post("/act", {"next": "/clients"})
    page = client.get("/clients")

    assert (response.status_code, response["Location"]) == (302, "/clients")
    assert "Exécution mise en pause Annuler" in text(page)
    assert '<form method="post" action="/act-back">' in page.content.decode()
    assert '<input type="hidden" name="run" value="12">' in page.content.decode()
    assert "Exécution mise en pause" not in client.get("/clients").content.decode()
    assert "Exécution 12 reprise" in text(client.post("/act-back", {"run": "12"}, follow=True))


def test_redirect_for_htmx_loads_the_page_instead_of_swapping_it_in(client):
    response = sign_in(client, make_member()).post("/act", {"next": "/clients"}, headers=HTMX)

    assert (response.status_code, response["HX-Redirect"], response.content) == (200, "/clients", b"")


@pytest.mark.parametrize(
    ("open_page", "header"),
    [
        ("http://testserver/clients", "HX-Refresh"),
        ("http://testserver/clients#notes", "HX-Refresh"),
        ("http://testserver/clients?page=2", "HX-Redirect"),
        ("http://elsewhere/clients", "HX-Redirect"),
    ],
)
def test_redirect_for_htmx_to_a_part_of_the_open_page_loads_it_again(client, open_page, header):
    headers = HTMX | {"HX-Current-URL": open_page}
    response = sign_in(client, make_member()).post("/act", {"next": "/clients#notes"}, headers=headers)

    assert [name for name in ("HX-Refresh", "HX-Redirect") if name in response] == [header]


def test_refusal_shows_its_reason_on_the_page_as_it_was(client):
    page = sign_in(client, make_member()).post("/refuse", follow=True)

    assert page.redirect_chain == [("/components", 302)]
    assert '<div class="toast fail" role="alert">' in page.content.decode()
    assert "Ce devis est déjà accepté." in text(page)


def test_refusal_for_htmx_is_a_conflict_with_a_toast_beside(client):
    response = sign_in(client, make_member()).post("/refuse", headers=HTMX)

    assert response.status_code == 409
    assert response.content.decode().strip().startswith('<hx-partial hx-target="#toasts" hx-swap="innerHTML">')
    assert "Ce devis est déjà accepté." in response.content.decode()


def test_toast_waits_for_a_page_that_shows_it(client):
    sign_in(client, make_member())
    client.post("/act")
    # Neither a redirect nor an answer without toasts takes it.
    client.get("/place")

    assert "Exécution mise en pause" in client.get("/clients").content.decode()


def test_pending_toasts_come_out_as_they_went_in(rf):
    request = rf.get("/")
    request.session = {}
    request._messages = _storage(request)
    undo = Undo(url="/back", fields={"id": "12", "text": 'a "b" é'})
    toast(request, "Fait", undo=undo)
    toast(request, "Raté", is_failure=True)

    assert pending_toasts(request) == [Toast(text="Fait", undo=undo), Toast(text="Raté", is_failure=True)]


@pytest.mark.parametrize(
    ("posted", "asked", "expected"),
    [
        ("/a", "/b", "/a"),
        ("", "/b", "/b"),
        ("", "", "/d"),
        ("http://testserver/x", "", "/d"),
        ("//x.example", "", "/d"),
    ],
)
def test_safe_next_takes_the_form_then_the_address_then_the_default(rf, posted, asked, expected):
    request = rf.post(f"/?next={asked}", {"next": posted})

    assert safe_next(request, "/d") == expected


def _storage(request):
    from django.contrib.messages.storage.session import SessionStorage  # noqa: PLC0415 -- app ready

    return SessionStorage(request)
