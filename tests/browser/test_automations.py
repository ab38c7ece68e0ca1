"""The pages of automations in a real browser: made from nothing, typed, undone, published, by mouse and keys."""

import re

import pytest

from rouage.automations import commands
from rouage.automations.models import Automation
from tests.browser.checks import assert_accessible, assert_focus_shows, assert_reflows
from tests.browser.conftest import DESKTOP, VIEWS
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.automations import draft, make_published, make_runs
from tests.factories.engine import later, mail, rows, step
from tests.factories.records import line, make_client, make_quote

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
FOCUS = "document.activeElement.id"
STEPS = (
    mail(later(7), subject="Votre devis {{ number }}", when=rows(("total_net", "is_at_least", "500.00"))),
    step(timing=later(5)),
)
PAGES = {
    "list": "/automations",
    "nothing found": "/automations?q=zebre",
    "new": "/automations/new",
    "editor": "/automations/{made}",
    "dry run": "/automations/{made}?record={quote}",
    "draft": "/automations/{other}",
    "problems": "/automations/{other}?check=1",
    "publish": "/automations/{changed}?panel=publish",
    "versions": "/automations/{made}/versions",
    "who would be hit": "/automations/{made}/matching",
    "switch off": "/automations?panel=off-{made}",
    "delete": "/automations?panel=delete-{made}",
}
# A dialog takes the focus: less can be reached in it than on a page.
DIALOGS = {"publish", "switch off", "delete"}


@pytest.fixture
def member(db):
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def company(member):
    made = make_published(member, *STEPS, name="Relances de devis", conditions=rows(("client.city", "is", "Lyon")))
    changed = make_published(member, *STEPS, name="Merci après règlement")
    commands.save_draft(member, changed, draft(mail(later(3))), now=NOW)
    other = commands.create(member, name="À finir", kind="quote", draft=draft(step("send_email", subject="")), now=NOW)
    (run, *_) = make_runs(changed, 2)
    return {"made": made.pk, "changed": changed.pk, "other": other.pk, "quote": run.record_id}


def editor_of(page, start="quote:status_changed"):
    """A new automation, its editor open."""
    page.locator("#new-name").fill("Relances de devis")
    page.locator(f"button[value='{start}']").click()
    page.wait_for_url(re.compile(r"/automations/\d+"))
    page.locator("#add-step").wait_for()


def add_mail(page):
    if not page.locator("#add-send_email").is_visible():
        page.locator("#add-step > summary").click()
    page.locator("#add-send_email").click()
    page.locator("#step-s1").wait_for()


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_reflows_and_shows_the_focus(visit, member, company, name):
    page = visit(PAGES[name].format(**company), member, view=DESKTOP)
    assert_accessible(page)
    assert_reflows(page)
    if name not in DIALOGS:
        assert_focus_shows(page)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", ["list", "editor", "problems", "publish"])
@pytest.mark.parametrize("view", VIEWS[1:], ids=str)
def test_page_is_accessible_in_both_themes_on_a_phone_too(visit, member, company, name, view):
    assert_accessible(visit(PAGES[name].format(**company), member, view=view))


@pytest.mark.req("AUT-1", "AUT-6", "AUT-15")
def test_automation_is_made_from_nothing(visit, member):
    page = visit("/automations/new", member)
    editor_of(page)
    page.locator("#trigger .chip", has_text="Envoyé").last.click()
    expect(page.locator("#sentence")).to_contain_text("Quand un devis est envoyé")
    add_mail(page)
    page.locator("#step-s1 .seg label", has_text="Plus tard").click()
    page.locator("#f-steps-0-timing-amount").fill("7")
    expect(page.locator("#sentence")).to_contain_text("7")
    subject, body = page.locator("#f-steps-0-action-config-subject"), page.locator("#f-steps-0-action-config-body")
    subject.press_sequentially("Votre devis ", delay=10)
    page.locator("#step-s1 .merge-fields summary").first.click()
    page.locator("[data-into='f-steps-0-action-config-subject']", has_text="Numéro").first.click()
    expect(subject).to_have_value("Votre devis {{ number }}")
    body.press_sequentially("Bonjour, avez-vous pu lire notre devis ?", delay=20)
    expect(page.locator("#saved")).to_contain_text("Brouillon enregistré à")
    page.locator("#publish").click()
    panel = page.locator("#panel[open]")
    panel.locator("#panel-title", has_text="Activer « Relances de devis » ?").wait_for()
    panel.get_by_role("button", name="Activer l’automatisation").press("Enter")
    page.locator(".toast").first.wait_for()
    made = Automation.objects.get()

    assert made.is_active
    config = made.published.definition["steps"][0]["action"]["config"]
    assert config["subject"] == "Votre devis {{ number }}"
    assert config["body"] == "Bonjour, avez-vous pu lire notre devis ?"


@pytest.mark.req("AUT-6")
def test_saving_while_one_types_takes_neither_the_cursor_nor_a_letter(visit, member, company):
    page = visit(PAGES["editor"].format(**company), member)
    page.locator("#step-s1 > summary").click()
    body = page.locator("#f-steps-0-action-config-body")
    body.fill("")
    saved = 0

    def count(request):
        nonlocal saved
        saved += request.method == "POST"

    page.on("request", count)
    # With rests in between, longer than the editor waits before it saves.
    for words in ("Bonjour, ", "avez-vous pu ", "lire notre devis ?"):
        body.press_sequentially(words, delay=30)
        page.wait_for_timeout(1100)
    page.wait_for_load_state("networkidle")

    assert saved >= 3
    assert body.input_value() == "Bonjour, avez-vous pu lire notre devis ?"
    assert page.evaluate(FOCUS) == "f-steps-0-action-config-body"
    assert page.evaluate("document.activeElement.selectionStart") == len("Bonjour, avez-vous pu lire notre devis ?")
    assert page.locator("#step-s1[open]").count() == 1
    stored = Automation.objects.get(pk=company["made"]).draft["steps"][0]["action"]["config"]
    assert stored["body"] == "Bonjour, avez-vous pu lire notre devis ?"


@pytest.mark.req("AUT-3", "AUT-6")
def test_conditions_are_built_undone_and_done_again(visit, member):
    page = visit("/automations/new", member)
    editor_of(page)
    add_mail(page)
    page.locator("#conditions > summary").click()
    page.locator("#f-conditions-add").press("Enter")
    value = page.locator("#f-conditions-of-0-value")
    value.fill("1 500,50")
    value.press("Tab")
    expect(page.locator("#sentence")).to_contain_text("1 500,50")
    page.locator("#f-conditions-of-0-field").select_option("client.city")
    expect(page.locator("#f-conditions-of-0-operator option", has_text="contient").first).to_be_attached()
    page.locator("#conditions-group").click()
    expect(page.locator("#conditions fieldset.group")).to_have_count(2)
    page.locator("#undo").click()
    expect(page.locator("#conditions fieldset.group")).to_have_count(1)
    page.locator("#redo").click()
    expect(page.locator("#conditions fieldset.group")).to_have_count(2)
    page.locator("#conditions > summary").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#conditions fieldset.group")).to_have_count(1)


@pytest.mark.req("AUT-6")
def test_publishing_too_early_leads_to_what_is_missing(visit, member):
    page = visit("/automations/new", member)
    editor_of(page)
    add_mail(page)
    page.locator("#f-steps-0-action-config-subject").fill("")
    page.locator("#publish").click()
    problems = page.locator("#problems")
    problems.wait_for()
    assert page.evaluate(FOCUS) == "problems"
    problems.get_by_role("link").first.press("Enter")

    expect(page.locator("#step-s1[open]")).to_have_count(1)
    assert page.locator("#step-s1 .error").first.is_visible()
    assert_accessible(page)


@pytest.mark.req("AUT-1")
def test_step_is_moved_by_keyboard_and_stays_under_the_hand(visit, member, company):
    page = visit(PAGES["editor"].format(**company), member)
    page.locator("#step-s2 > summary").press("Enter")
    page.locator("#step-s2").get_by_role("button", name="Monter").press("Enter")
    expect(page.locator("#editor .step[id^='step-']").first).to_have_id("step-s2")

    assert page.evaluate("document.activeElement.closest('#step-s2') !== null")
    assert [one["id"] for one in Automation.objects.get(pk=company["made"]).draft["steps"]] == ["s2", "s1"]


@pytest.mark.req("AUT-5")
def test_switching_off_by_keyboard_asks_what_becomes_of_open_runs(visit, member, company):
    page = visit("/automations", member)
    page.locator(f"#switch-{company['made']}").press("Enter")
    # Nothing waits: no question.
    expect(page.locator(f"#switch-{company['made']}")).to_have_attribute("aria-checked", "false")
    page.locator(f"#switch-{company['changed']}").press("Enter")
    panel = page.locator("#panel[open]")
    panel.locator("#panel-title", has_text="Désactiver « Merci après règlement » ?").wait_for()
    assert_accessible(page)
    panel.get_by_role("button", name="Désactiver").press("Enter")
    page.locator(".toast").first.wait_for()
    expect(page.locator(f"#switch-{company['changed']}")).to_have_attribute("aria-checked", "false")

    assert not Automation.objects.filter(is_active=True).exists()


@pytest.mark.req("AUT-5")
def test_search_and_hiding_narrow_the_list_as_one_types(visit, member, company):
    page = visit("/automations", member)
    page.keyboard.press("/")
    page.keyboard.type("merci", delay=20)
    expect(page.locator(".auto-list > li")).to_have_count(1)
    assert page.evaluate(FOCUS) == "automations-q"
    page.locator("#automations-q").fill("")
    expect(page.locator(".auto-list > li")).to_have_count(3)
    page.get_by_role("link", name="Masquer les inactifs").click()
    expect(page.locator(".auto-list > li")).to_have_count(2)


@pytest.mark.req("AUT-6")
def test_dry_run_on_a_chosen_record_follows_what_one_types(visit, member, company):
    client = make_client(member.organisation, name="Hôtel Beau Rivage", city="Lyon")
    quote = make_quote(client, status="sent", lines=[line("Projecteurs", "900")], now=NOW)
    page = visit(f"/automations/{company['made']}?record={quote.pk}", member)
    trial = page.locator("aside")
    expect(trial).to_contain_text("Votre devis D-")
    page.locator("#step-s1 > summary").click()
    page.locator("#f-steps-0-action-config-subject").fill("Nouvelle offre {{ number }}")
    expect(trial).to_contain_text("Nouvelle offre D-")


@pytest.mark.req("AUT-1", "AUT-6")
def test_automation_is_made_without_script(visit, member):
    page = visit("/automations/new", member, java_script_enabled=False)
    page.locator("#new-name").fill("Relances de devis")
    page.locator("button[value='quote:status_changed']").click()
    if not page.locator("#add-create_task").is_visible():
        page.locator("#add-step > summary").click()
    page.locator("#add-create_task").click()
    page.locator("#f-steps-0-action-config-title").fill("Appeler le client")
    # Enter in a field saves, as the first button of the form does.
    page.locator("#f-steps-0-action-config-title").press("Enter")
    page.locator("#publish").click()
    page.get_by_role("button", name="Activer l’automatisation").click()
    made = Automation.objects.get()

    assert made.is_active
    assert made.published.definition["steps"][0]["action"]["config"]["title"] == "Appeler le client"


@pytest.mark.parametrize("name", ["list", "editor", "versions", "publish", "switch off"])
def test_page_is_readable_without_script(visit, member, company, name):
    page = visit(PAGES[name].format(**company), member, java_script_enabled=False)

    assert page.locator("h1").count() == 1
    assert_reflows(page, widths=(390, 1280))
