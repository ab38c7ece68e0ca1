"""The journal of runs in a real browser: found, read in the panel, relaunched, many at once, the box of a record."""

import pytest

from rouage.automations.models import Run
from rouage.mail.models import DemoMail
from tests.browser.checks import assert_accessible, assert_focus_shows, assert_reflows
from tests.browser.conftest import DESKTOP, VIEWS
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.automations import make_published, make_runs
from tests.factories.engine import later, mail, rows, settle, step
from tests.factories.records import make_client, make_quote

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
FOCUS = "document.activeElement.id"
PAGES = {
    "runs": "/runs",
    "failed": "/runs?status=failed",
    "nothing found": "/runs?q=zebre",
    "run": "/runs/{failed}",
    "panel": "/runs?panel={failed}",
    "relaunch": "/runs/{failed}/relaunch",
    "pause until": "/runs/{waiting}/pause-until",
    "cancel": "/runs/{waiting}/cancel",
    "why nothing": "/runs/why-nothing",
    "activity": "/activity",
    "mailbox": "/mailbox",
    "quote": "/quotes/{quote}",
}
FEW = {"panel"}


@pytest.fixture
def member(db):
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def company(member):
    """One failed run (no address), three that wait, one that did not start."""
    (waiting, *_) = make_runs(make_published(member, step(timing=later(60)), name="Relances de devis"), 2)
    make_published(member, mail(), name="Confirmation", conditions=rows(("client.city", "is", "Lyon")))
    client = make_client(
        member.organisation, name="Garage Morel", city="Lyon", contacts=[{"name": "Denis Morel", "email": ""}], now=NOW
    )
    make_quote(client, status="sent", now=NOW)
    settle(NOW)
    failed = Run.objects.get(status="failed")
    DemoMail.objects.create(
        organisation=member.organisation, mail_from="a@exemple.fr", rcpt_to="l.faure@exemple.fr",
        subject="Votre devis", raw=b"Subject: Votre devis\r\n\r\nBonjour", received_at=NOW,
    )  # fmt: skip
    return {"failed": failed.pk, "waiting": waiting.pk, "quote": waiting.record_id}


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_reflows_and_shows_the_focus(visit, member, company, name):
    page = visit(PAGES[name].format(**company), member, view=DESKTOP)
    assert_accessible(page)
    assert_reflows(page)
    if name not in FEW:
        assert_focus_shows(page)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", ["runs", "panel", "why nothing", "mailbox"])
@pytest.mark.parametrize("view", VIEWS[1:], ids=str)
def test_page_is_accessible_in_both_themes_on_a_phone_too(visit, member, company, name, view):
    assert_accessible(visit(PAGES[name].format(**company), member, view=view))


@pytest.mark.req("RUN-1")
def test_search_and_filters_narrow_the_journal_and_stay_in_the_address(visit, member, company):
    page = visit("/runs", member)
    page.keyboard.press("/")
    page.keyboard.type("morel", delay=20)
    expect(page.locator("#results tbody tr")).to_have_count(2)
    assert page.evaluate(FOCUS) == "runs-q"
    page.locator("#results").get_by_role("link", name="Échouée").click()
    expect(page.locator("#results tbody tr")).to_have_count(1)
    assert "status=failed" in page.url
    assert "q=morel" in page.url
    page.go_back()
    expect(page.locator("#results tbody tr")).to_have_count(2)


@pytest.mark.req("RUN-2", "RUN-3")
def test_panel_opens_by_keyboard_says_what_failed_and_gives_the_focus_back(visit, member, company):
    page = visit("/runs", member)
    link = page.locator(f"#run-{company['failed']}").get_by_role("link", name="Voir les détails")
    link.press("Enter")
    panel = page.locator("#panel[open]")
    expect(panel).to_contain_text("Denis Morel")
    assert f"panel={company['failed']}" in page.url
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator("#panel[open]")).to_have_count(0)

    assert page.evaluate("document.activeElement.textContent.trim()") == "Voir les détails"
    assert "panel=" not in page.url


@pytest.mark.req("RUN-7")
def test_failed_run_is_relaunched_from_the_panel(visit, member, company):
    page = visit(PAGES["panel"].format(**company), member)
    panel = page.locator("#panel[open]")
    panel.locator(".panel-foot").get_by_role("link", name="Relancer").press("Enter")
    expect(panel.locator("#panel-title")).to_contain_text("Relancer")
    assert_accessible(page)
    panel.locator(".panel-foot .btn.primary").press("Enter")
    page.locator(".toast").first.wait_for()

    assert Run.objects.filter(relaunched_from=company["failed"]).count() == 1


@pytest.mark.req("RUN-4")
def test_bar_of_bulk_actions_comes_with_the_first_tick(visit, member, company):
    page = visit("/runs?status=waiting", member)
    bar = page.locator("#bulk")
    assert not bar.is_visible()
    page.get_by_label("Tout sélectionner").check()
    expect(bar).to_contain_text("exécutions sélectionnées")
    assert_accessible(page)
    bar.get_by_role("button", name="Mettre en pause").press("Enter")
    page.locator(".toast", has_text="3 exécutions mises en pause").wait_for()

    assert not Run.objects.filter(status="waiting").exists()


@pytest.mark.req("RUN-6")
def test_box_pauses_and_resumes_in_place_and_keeps_the_focus(visit, member, company):
    page = visit(PAGES["quote"].format(**company), member)
    box = page.locator(f"#box-{company['waiting']}")
    box.get_by_role("button", name="Mettre en pause Relances de devis").press("Enter")
    resume = box.get_by_role("button", name="Lire Relances de devis")
    resume.wait_for()
    assert Run.objects.get(pk=company["waiting"]).status == "paused"
    assert page.evaluate("document.activeElement.closest('section').id") == "automations-box"
    assert_accessible(page)
    resume.press("Enter")
    box.get_by_role("button", name="Mettre en pause Relances de devis").wait_for()

    assert Run.objects.get(pk=company["waiting"]).status == "waiting"


@pytest.mark.req("RUN-6")
def test_pause_until_is_asked_in_the_panel_of_the_record(visit, member, company):
    page = visit(PAGES["quote"].format(**company), member)
    page.get_by_role("button", name="Autres actions pour « Relances de devis »").click()
    page.locator(".menu:popover-open").get_by_role("link", name="Mettre en pause jusqu’au…").click()
    panel = page.locator("#panel[open]")
    panel.locator("#panel-title").wait_for()
    panel.locator("[name=until]").fill("2090-07-01T09:00")
    panel.locator(".panel-foot .btn.primary").click()
    page.wait_for_url("**/quotes/*")
    expect(page.locator(f"#box-{company['waiting']}")).to_contain_text("En pause")


@pytest.mark.parametrize("name", ["runs", "run", "panel", "relaunch", "why nothing", "activity", "mailbox"])
def test_page_is_readable_without_script(visit, member, company, name):
    page = visit(PAGES[name].format(**company), member, java_script_enabled=False)

    assert page.locator("h1").count() == 1
    assert_reflows(page, widths=(390, 1280))


@pytest.mark.req("RUN-6")
def test_run_is_paused_without_script(visit, member, company):
    page = visit(PAGES["quote"].format(**company), member, java_script_enabled=False)
    page.locator(f"#box-{company['waiting']}").get_by_role("button", name="Mettre en pause").click()
    page.wait_for_load_state()
    expect(page.locator(f"#box-{company['waiting']}")).to_contain_text("En pause")
