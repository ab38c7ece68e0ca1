import re

import pytest

from tests.browser.checks import assert_accessible, assert_focus_shows, assert_reflows
from tests.browser.conftest import DESKTOP, PHONE, VIEWS
from tests.factories.accounts import PASSWORD, make_member, make_organisation

pytestmark = pytest.mark.urls("tests.web.addresses")
HELLO = {"fr": "Bonjour Camille", "en": "Hello Camille"}
FOCUSED = "document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture
def camille(transactional_db):
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud", email="camille@exemple.fr")


@pytest.mark.req("UX-1", "ACC-5")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_sign_in_leads_to_the_home_page(visit, view, language):
    member = make_member(name="Camille Renaud", email="camille@exemple.fr", language=language)
    page = visit("/sign-in", view=view, locale=f"{language}-{language.upper()}")
    assert page.locator("html").get_attribute("lang") == language
    assert_accessible(page)
    assert_focus_shows(page)
    page.locator("[name=email]").fill(member.user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/$"))

    assert page.locator("h1").inner_text() == HELLO[language]
    assert page.locator("html").get_attribute("lang") == language
    assert_accessible(page)
    assert_reflows(page)
    assert_focus_shows(page)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("path", ["/components", "/components?panel=1", "/components?dialog=delete-1"])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_components_are_accessible_in_every_view(visit, camille, view, path):
    page = visit(path, camille, view=view)

    assert_accessible(page)
    if "?" not in path:
        assert_reflows(page)
        assert_focus_shows(page)


@pytest.mark.parametrize("path", ["/nowhere", "/guarded", "/broken"])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_error_pages_are_accessible(visit, view, path):
    page = visit(path, make_member(privileges=set()), view=view, quiet=False)

    assert_accessible(page)
    assert_reflows(page, (320, 1024))


@pytest.mark.req("UX-1")
def test_account_menu_by_keyboard_changes_language_and_theme(visit, camille):
    page = visit("/clients", camille)
    page.locator(".account").focus()
    page.keyboard.press("Enter")
    assert page.locator("#account").is_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert not page.locator("#account").is_visible()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state("networkidle")
    assert page.url.endswith("/clients")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator(".account").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_load_state("networkidle")

    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 16, 19)"


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=str)
def test_account_menu_stays_inside_the_window(visit, camille, view):
    page = visit("/", camille, view=view)
    page.locator("[popovertarget=account]:visible").first.click()
    box = page.locator("#account").bounding_box()

    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= view.width
    assert box["y"] + box["height"] <= view.height


def test_menu_of_a_phone_opens_closes_and_gives_the_focus_back(visit, camille):
    page = visit("/", camille, view=PHONE)
    button = page.locator(".tabbar button")
    button.click()
    assert page.locator("#menu").is_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")

    assert not page.locator("#menu").is_visible()
    assert button.evaluate("button => button === document.activeElement")


def test_panel_opens_over_the_page_keeps_its_address_and_gives_the_focus_back(visit, camille):
    page = visit("/components?q=x", camille)
    link = page.locator("[data-opens]")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel[open]")
    assert page.evaluate(FOCUSED) == "panel-title"
    assert page.url.endswith("?panel=1")
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel:empty", state="attached")

    assert page.url.endswith("/components")
    assert link.evaluate("link => link === document.activeElement")


def test_panel_in_the_address_is_modal_with_script_and_open_without(visit, camille):
    page = visit("/components?panel=1", camille)
    assert page.evaluate("document.querySelector('#panel').matches(':modal')")
    assert page.evaluate(FOCUSED) == "panel-title"
    page.locator("#panel .panel-head [aria-label=Fermer]").click()
    page.wait_for_url("**/components")
    bare = visit("/components?panel=1", camille, java_script_enabled=False)

    assert bare.locator("#panel").is_visible()


def test_dialog_asks_before_something_final(visit, camille):
    page = visit("/components", camille)
    page.locator("[commandfor=delete-1]").click()
    assert page.evaluate(FOCUSED) == "delete-1-title"
    page.locator("#delete-1 .btn.ghost").click()

    assert not page.locator("#delete-1").is_visible()
    assert page.evaluate("document.activeElement.getAttribute('commandfor')") == "delete-1"


@pytest.mark.req("AUT-5")
def test_switch_answers_in_place_keeps_the_focus_and_can_be_undone(visit, camille):
    page = visit("/components", camille)
    switch = page.locator("#try-switch")
    switch.focus()
    page.keyboard.press("Space")
    page.wait_for_selector("#try-switch[aria-checked=false]")
    assert page.evaluate(FOCUSED) == "try-switch"
    assert page.locator("#toasts").inner_text().split("\n")[0] == "Switched off"
    assert_accessible(page)
    page.locator("#toasts button", has_text="Annuler").click()
    page.wait_for_load_state("networkidle")

    assert page.locator("#toasts").inner_text().split("\n")[0] == "Switched on"
    page.locator("#toasts [data-dismiss]").click()
    assert page.locator("#toasts .toast").count() == 0


def test_switch_works_without_script(visit, camille):
    page = visit("/components", camille, java_script_enabled=False)
    page.locator("#try-switch").click()

    assert page.locator("#try-switch").get_attribute("aria-checked") == "false"
    assert "Switched off" in page.locator("#toasts").inner_text()


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/refuse", "Ce devis est déjà accepté."),
        ("GET", "/broken", "Le serveur n’a pas répondu comme prévu."),
        ("GET", "/nowhere", "Cette page n’existe pas"),
        ("GET", "/act", "Cette adresse ne reçoit que ce qu’un bouton"),
    ],
)
def test_failed_request_leaves_the_page_as_it_was_and_says_so(visit, camille, method, path, said):
    page = visit("/components", camille, quiet=False)
    before = page.locator("#try").inner_html()
    page.evaluate("([method, path]) => htmx.ajax(method, path, {target: '#try', swap: 'innerHTML'})", [method, path])
    page.wait_for_selector("#toasts .toast.fail")

    assert said in page.locator("#toasts").inner_text()
    assert page.locator("#toasts .toast").count() == 1
    assert page.locator("#try").inner_html() == before


def test_toast_over_an_open_panel_can_be_read_and_closed(visit, camille):
    page = visit("/components?panel=1", camille, quiet=False)
    page.evaluate("htmx.ajax('POST', '/refuse', {target: '#try'})")
    page.wait_for_selector("#panel #toasts .toast.fail")
    page.locator("#toasts [data-dismiss]").click()
    assert page.locator("#toasts .toast").count() == 0
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel:empty", state="attached")
    page.evaluate("htmx.ajax('POST', '/refuse', {target: '#try'})")
    page.wait_for_selector("body > #toasts .toast.fail")
    page.locator("[data-opens]").click()
    page.wait_for_selector("#panel[open] #panel-title")

    assert page.locator("#toasts").count() == 1


def test_lost_connection_is_said(visit, camille):
    page = visit("/components", camille, quiet=False)
    page.context.set_offline(True)
    page.locator("#try-switch").click()
    page.wait_for_selector("#toasts .toast.fail")

    assert "Le serveur ne répond pas." in page.locator("#toasts").inner_text()


def test_slash_jumps_to_the_search_of_the_page_then_of_the_shell(visit, camille):
    page = visit("/components", camille)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.keyboard.type("a/b")
    assert page.locator("main [type=search]").input_value() == "a/b"
    page.goto(visit.address + "/clients")
    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.closest('.side-search') !== null")


def test_ticked_rows_are_counted_in_the_bar(visit, camille):
    page = visit("/components", camille)
    page.evaluate("document.querySelectorAll('[data-select]')[0].click()")
    assert page.locator("#bulk-number").inner_text() == "1 run selected"
    page.evaluate("document.querySelector('[data-select-all]').click()")
    assert page.locator("#bulk-number").inner_text() == "6 runs selected"
    page.evaluate("document.querySelector('[data-select-all]').click()")

    assert not page.locator("#bulk").is_visible()


def test_form_is_sent_once_by_an_impatient_hand(visit, camille):
    page = visit("/clients", camille)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.route("**/preferences/theme", lambda _: None)
    page.locator(".account").click()
    page.evaluate("""() => {
      const button = document.querySelector('button[value=dark]');
      button.click(); button.click(); button.click();
    }""")
    page.wait_for_timeout(200)

    assert len(sent) == 1
