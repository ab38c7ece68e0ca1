"""The pages of records in a real browser: they look right to axe, reflow, keep the focus, and work as one types."""

from datetime import timedelta

import pytest
from django.utils import timezone

from rouage.records.commands.daily import mark_overdue
from rouage.records.models import Invoice, Quote, Task
from tests.browser.checks import assert_accessible, assert_focus_shows, assert_reflows
from tests.browser.conftest import DESKTOP, PHONE_DARK, VIEWS
from tests.factories import records as make
from tests.factories.accounts import make_member, make_organisation

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
NOW = timezone.now()
LINES = [make.line("Éclairage scénique, 24 projecteurs", "2150"), make.line("Technicien lumière", "380", quantity=3)]


@pytest.fixture
def member(db):
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def company(member):
    """A little of everything, so that no page is empty."""
    organisation = member.organisation
    client = make.make_client(organisation, name="Hôtel Beau Rivage", city="Lyon", postal_code="69005", now=NOW)
    make.commands.add_contact(make.ACTOR, client, {"name": "Sans adresse", "is_billing": True}, now=NOW)
    quote = make.make_quote(client, status="sent", lines=LINES, now=NOW, owner_id=member.pk)
    invoice = make.make_invoice(client, lines=LINES, now=NOW - timedelta(days=60), due=10)
    make.pay(invoice, "100", now=NOW - timedelta(days=50))
    mark_overdue(NOW)
    opportunity = make.make_opportunity(client, now=NOW, owner_id=member.pk)
    return {
        "client": client,
        "quote": quote,
        "invoice": invoice,
        "event": make.make_event(client, now=NOW, lead_id=member.pk, brief="Plan de feu", location="Grand salon"),
        "intervention": make.make_intervention(client, now=NOW),
        "contract": make.make_contract(client, now=NOW),
        "opportunity": opportunity,
        "task": make.make_task(about=quote, assignee_id=member.pk, due_at=NOW - timedelta(days=1), now=NOW),
    }


PAGES = {
    "home": "/",
    "quotes": "/quotes",
    "invoices": "/invoices?status=overdue",
    "events": "/events",
    "interventions": "/interventions",
    "contracts": "/contracts",
    "board": "/opportunities",
    "opportunities": "/opportunities/list",
    "clients": "/clients",
    "quote": "/quotes/{quote}",
    "invoice": "/invoices/{invoice}",
    "event": "/events/{event}",
    "intervention": "/interventions/{intervention}",
    "contract": "/contracts/{contract}",
    "opportunity": "/opportunities/{opportunity}",
    "client": "/clients/{client}",
    "new quote": "/quotes/new?client={client}",
    "edit event": "/events/{event}/edit",
    "new client": "/clients/new",
    "payment": "/invoices/{invoice}?panel=payment",
    "contact": "/clients/{client}?panel=contact",
    "tasks": "/tasks",
    "task": "/tasks/{task}",
    "new task": "/tasks/new?about=quote-{quote}",
    "import": "/import/invoices",
    "search": "/search?q=beau",
    "nothing found": "/quotes?q=zebre",
    "organisation": "/settings/organisation",
    "calendar": "/settings/calendar",
    "pipelines": "/settings/pipelines",
    "members": "/settings/members",
    "profiles": "/settings/profiles",
    "new profile": "/settings/profiles/new",
    "notifications": "/notifications",
}


def address(name, company):
    return PAGES[name].format(**{kind: record.pk for kind, record in company.items()})


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_reflows_and_shows_the_focus(visit, member, company, name):
    page = visit(address(name, company), member, view=DESKTOP)
    assert_accessible(page)
    assert_reflows(page)
    assert_focus_shows(page)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", ["home", "invoices", "quote", "new quote", "client", "board", "tasks", "calendar"])
@pytest.mark.parametrize("view", VIEWS[1:], ids=str)
def test_page_is_accessible_in_both_themes_on_a_phone_too(visit, member, company, name, view):
    assert_accessible(visit(address(name, company), member, view=view))


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("name", ["quotes", "clients", "tasks", "board", "events"])
def test_empty_page_is_accessible(visit, member, name):
    assert_accessible(visit(PAGES[name], member, view=PHONE_DARK))


@pytest.mark.req("REC-2")
def test_quote_is_written_with_totals_that_follow_as_one_types(visit, member, company):
    page = visit("/quotes/new", member)
    page.locator("#id_client").press_sequentially("hotel beau", delay=20)
    page.locator("#clients option").nth(1).wait_for(state="detached")
    page.locator("#id_client").fill(page.locator("#clients option").get_attribute("value"))
    page.locator("#id_line-0-description").press_sequentially("Projecteurs", delay=10)
    page.locator("#id_line-0-unit_price").press_sequentially("1 250,50", delay=10)
    page.locator("#totals .total", has_text="1 500,60").wait_for()
    assert page.evaluate("document.activeElement.id") == "id_line-0-unit_price"
    assert page.locator("#id_line-0-unit_price").input_value() == "1 250,50"
    page.get_by_role("button", name="Ajouter une ligne").press("Enter")
    page.locator("#id_line-1-description").fill("Transport")
    page.locator("#id_line-1-unit_price").fill("100")
    page.locator("#totals .total", has_text="1 620,60").wait_for()
    page.get_by_role("button", name="Monter la ligne 2").click()
    expect(page.locator("#id_line-0-description")).to_have_value("Transport")
    page.get_by_role("button", name="Créer").click()
    page.wait_for_url("**/quotes/*")
    made = Quote.objects.order_by("-id").first()

    assert [line.description for line in made.lines.all()] == ["Transport", "Projecteurs"]
    assert made.client == company["client"]


@pytest.mark.req("REC-2")
def test_quote_is_written_without_script(visit, member, company):
    page = visit("/quotes/new", member, java_script_enabled=False)
    page.locator("#id_client").fill("hotel beau rivage")
    page.locator("#id_line-0-description").fill("Projecteurs")
    page.locator("#id_line-0-unit_price").fill("100")
    page.get_by_role("button", name="Ajouter une ligne").click()
    page.locator("#id_line-1-description").fill("Transport")
    page.locator("#id_line-1-unit_price").fill("20")
    # Enter in a field saves, as the first button of the form does.
    page.locator("#id_line-1-unit_price").press("Enter")
    page.wait_for_url("**/quotes/*")
    made = Quote.objects.order_by("-id").first()

    assert [line.description for line in made.lines.all()] == ["Projecteurs", "Transport"]


def test_search_narrows_the_list_as_one_types_and_keeps_the_cursor(visit, member, company):
    make.make_quote(make.make_client(member.organisation, name="Garage Morel", now=NOW), status="sent", now=NOW)
    page = visit("/quotes", member)
    page.keyboard.press("/")
    page.keyboard.type("morel", delay=20)
    expect(page.locator("#results tbody tr")).to_have_count(1)

    assert page.evaluate("document.activeElement.id") == "list-q"
    assert page.locator("#list-q").input_value() == "morel"
    assert "Garage Morel" in page.locator("#results tbody").inner_text()


@pytest.mark.req("REC-3")
def test_payment_is_recorded_in_the_panel_by_keyboard(visit, member, company):
    # The browser notes the answer 422 by itself.
    page = visit(f"/invoices/{company['invoice'].pk}", member, quiet=False)
    page.locator(".page-head .btn.primary").press("Enter")
    panel = page.locator("#panel[open]")
    panel.locator("#panel-title").wait_for()
    panel.locator("[name=amount]").fill("99999")
    panel.locator("[name=amount]").press("Enter")
    panel.locator(".error").wait_for()
    assert_accessible(page)
    panel.locator("[name=amount]").fill("1000")
    panel.locator("[name=amount]").press("Enter")
    page.locator("#payments .what", has_text="1 000,00").wait_for()

    assert Invoice.objects.get(pk=company["invoice"].pk).paid_total == 1100
    assert not page.locator("#panel[open]").count()


@pytest.mark.req("REC-6")
def test_task_is_ticked_off_and_taken_back(visit, member, company):
    page = visit("/tasks", member)
    page.get_by_role("button", name="Terminer « Appeler le client »").click()
    page.locator(".toast", has_text="Terminée").wait_for()
    assert Task.objects.get().status == "done"
    page.get_by_role("button", name="Annuler").click()
    page.locator(".toast", has_text="De nouveau à faire").wait_for()

    assert Task.objects.get().status == "open"


@pytest.mark.req("REC-5")
def test_opportunity_is_moved_on_the_board_by_keyboard(visit, member, company):
    page = visit("/opportunities", member)
    page.get_by_role("button", name="Déplacer « Saison 2027 »").press("Enter")
    page.locator(".menu:popover-open button", has_text="Négociation").press("Enter")
    page.locator(".toast", has_text="Négociation").wait_for()
    company["opportunity"].refresh_from_db()

    assert company["opportunity"].stage.name == "Négociation"


def test_record_is_deleted_only_after_a_question(visit, member, company):
    page = visit(f"/events/{company['event'].pk}", member)
    page.get_by_role("button", name="Autres actions").click()
    page.locator("#more").get_by_role("button", name="Supprimer").click()
    dialog = page.locator("#delete[open]")
    dialog.wait_for()
    assert_accessible(page)
    dialog.get_by_role("button", name="Garder").click()
    assert not page.locator("#delete[open]").count()
    page.get_by_role("button", name="Autres actions").click()
    page.locator("#more").get_by_role("button", name="Supprimer").click()
    dialog.get_by_role("button", name="Supprimer définitivement").click()
    page.wait_for_url("**/events")

    assert "Gala" not in page.locator("main").inner_text()


@pytest.mark.parametrize("name", ["quotes", "quote", "tasks", "client", "search", "calendar"])
def test_page_is_readable_without_script(visit, member, company, name):
    page = visit(address(name, company), member, java_script_enabled=False)

    assert page.locator("h1").is_visible()
    assert_reflows(page, widths=(390, 1280))
