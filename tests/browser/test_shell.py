import pytest

from tests.browser.checks import assert_accessible, assert_focus_shows, assert_reflows
from tests.browser.conftest import VIEWS
from tests.factories.accounts import PASSWORD, make_member

pytestmark = pytest.mark.urls("tests.web.addresses")
HELLO = {"fr": "Bonjour Camille", "en": "Hello Camille"}


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_sign_in_leads_to_the_home_page(visit, view, language):
    member = make_member(name="Camille Renaud", email="camille@exemple.fr", language=language)
    page = visit("/sign-in", view=view, locale=f"{language}-{language.upper()}")
    assert_accessible(page)
    page.locator("[name=email]").fill(member.user.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main .btn.primary").click()
    page.wait_for_url("**/")
    assert page.locator("h1").inner_text() == HELLO[language]
    assert page.locator("html").get_attribute("lang") == language
    assert_accessible(page)
    assert_reflows(page)
    assert_focus_shows(page)
