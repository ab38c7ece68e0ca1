"""The lists of records: tabs, search, filters, pages, empty states."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rouage.accounts.privileges import Privilege, Role
from rouage.journal.models import DomainEvent
from rouage.records.commands.daily import mark_overdue
from rouage.records.kinds import KINDS
from rouage.records.models import Invoice
from rouage.web.views.records.pages import PAGES
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import make_published
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
LISTS = {key: f"/{pages.path}" + ("/list" if key == "opportunity" else "") for key, pages in PAGES.items()}
REQUIREMENTS = {
    "client": "REC-1", "quote": "REC-2", "invoice": "REC-3", "event": "REC-4", "intervention": "REC-5",
    "contract": "REC-5", "opportunity": "REC-5",
}  # fmt: skip
EACH = [pytest.param(kind, marks=pytest.mark.req(REQUIREMENTS[kind])) for kind in LISTS]


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"))


@pytest.fixture
def page(client, member):
    return sign_in(client, member).get


def make_many(kind, organisation, number, **values):
    return [make.make_record(kind, organisation, **values) for _ in range(number)]


@pytest.mark.parametrize("kind", EACH)
def test_list_shows_its_records_as_links(page, member, kind):
    record = make.make_record(kind, member.organisation)
    response = page(LISTS[kind])

    assert response.status_code == 200
    assert f'href="/{PAGES[kind].path}/{record.pk}"' in response.content.decode()
    assert inline_code(response) == []


@pytest.mark.parametrize("kind", EACH)
def test_list_asks_as_many_questions_for_three_records_as_for_one(page, member, kind, django_assert_max_num_queries):
    make_many(kind, member.organisation, 1)
    page(LISTS[kind])
    with django_assert_max_num_queries(11) as one:
        page(LISTS[kind])
    make_many(kind, member.organisation, 2)
    with django_assert_max_num_queries(11) as three:
        page(LISTS[kind])

    assert len(one.captured_queries) == len(three.captured_queries)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_empty_list_leads_on(client, kind, language):
    response = sign_in(client, make_member(language=language)).get(LISTS[kind])
    content = response.content.decode()

    assert f'href="/{PAGES[kind].path}/new"' in content
    assert (f'href="/import/{PAGES[kind].path}"' in content) is PAGES[kind].importable
    assert "<table" not in content


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("kind", LISTS)
def test_reader_sees_the_list_and_nothing_to_change_it_with(client, kind):
    member = make_member(role=Role.READER)
    record = make.make_record(kind, member.organisation)
    content = sign_in(client, member).get(LISTS[kind]).content.decode()

    assert f'href="/{PAGES[kind].path}/{record.pk}"' in content
    assert f'href="/{PAGES[kind].path}/new"' not in content
    assert "/import/" not in content


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("path", [*LISTS.values(), "/opportunities", "/search"])
def test_list_is_refused_without_the_privilege(client, path):
    assert sign_in(client, make_member(privileges={Privilege.SEE_RUNS})).get(path).status_code == 403


@pytest.mark.req("REC-3")
def test_tab_of_a_status_shows_only_its_records_and_every_tab_its_number(page, member):
    client = make.make_client(member.organisation)
    draft, sent = make.make_invoice(client, status="draft"), make.make_invoice(client)
    late = make.make_invoice(client)
    mark_overdue(NOW + timedelta(days=40))
    make.commands.change_status(make.ACTOR, Invoice.objects.get(pk=sent.pk), "cancelled", now=NOW)
    response = page("/invoices?status=overdue")
    content = response.content.decode()

    assert f'href="/invoices/{late.pk}"' in content
    assert f'href="/invoices/{draft.pk}"' not in content
    assert 'href="?status=overdue" aria-current="page"' in content
    assert "Tout 3 Brouillon 1 En retard 1 Annulée 1" in text(response)
    assert "1 facture · 120,00\xa0€ TTC" in response.context["foot"]


@pytest.mark.parametrize(
    "query", ["status=unknown", "owner=abc", "client=0", "period=never", "after=x", "after=2026_%00"]
)
def test_nonsense_in_the_address_restricts_nothing(page, member, query):
    record = make.make_record("quote", member.organisation)

    assert f'href="/quotes/{record.pk}"' in page(f"/quotes?{query}").content.decode()


def test_search_finds_by_client_without_accents_and_says_when_there_is_nothing(page, member):
    first = make.make_quote(make.make_client(member.organisation, name="Théâtre des Sources"))
    other = make.make_quote(make.make_client(member.organisation, name="Garage Morel"))
    found = page("/quotes?q=theatre").content.decode()
    nothing = page("/quotes?q=zebre")

    assert f'href="/quotes/{first.pk}"' in found
    assert f'href="/quotes/{other.pk}"' not in found
    assert "Rien ne correspond à ces filtres" in text(nothing)
    assert 'href="/quotes"' in nothing.content.decode()


def test_list_of_one_client_can_be_widened_again(page, member):
    one, other = make.make_client(member.organisation, name="Théâtre"), make.make_client(member.organisation)
    mine, theirs = make.make_quote(one), make.make_quote(other)
    response = page(f"/quotes?client={one.pk}&q=scenique")
    content = response.content.decode()

    assert f'href="/quotes/{mine.pk}"' in content
    assert f'href="/quotes/{theirs.pk}"' not in content
    assert "Client : Théâtre" in text(response)
    assert 'class="chip on" href="?q=scenique"' in content


def test_list_can_be_narrowed_to_a_person_and_a_period(page, member):
    colleague = make_member(member.organisation, role=Role.MEMBER, name="Yanis Belkacem")
    client = make.make_client(member.organisation)
    mine = make.make_event(client, name="Demain", lead_id=colleague.pk, days=2)
    make.make_event(client, name="Hier", days=-400, lead_id=colleague.pk)
    make.make_event(client, name="Sans chef", days=2)
    content = page(f"/events?owner={colleague.pk}").content.decode()

    assert "Demain" in content
    assert "Hier" in content
    assert "Sans chef" not in content
    assert f'<option value="{colleague.pk}" selected>Yanis Belkacem</option>' in content
    assert mine.lead_id == colleague.pk


def test_pages_follow_one_another_and_lead_back(page, member):
    client = make.make_client(member.organisation)
    for number in range(52):
        make.make_quote(client, issue_date=make.TODAY + timedelta(days=number))
    first = page("/quotes")
    older = first.context["older"]
    second = page("/quotes" + older)
    shown = [row.pk for response in (first, second) for row in response.context["records"]]

    assert len(shown) == len(set(shown)) == 52
    assert first.context["newer"] == ""
    assert second.context["older"] == ""
    assert page("/quotes" + second.context["newer"]).context["records"] == first.context["records"]


def test_htmx_is_given_the_results_alone(page, member):
    make.make_record("quote", member.organisation)
    response = page("/quotes?q=scenique", headers={"HX-Request": "true", "HX-Target": "div#results"})

    assert response.content.decode().lstrip().startswith('<div class="stack-3" id="results">')
    assert "<html" not in response.content.decode()


def test_draft_without_number_is_called_a_draft(page, member):
    quote = make.make_quote(make.make_client(member.organisation))

    assert f'href="/quotes/{quote.pk}">Brouillon<' in page("/quotes").content.decode()
    assert f"#{quote.pk}" not in text(page("/quotes"))


@pytest.mark.req("AUT-2")
def test_selected_records_can_start_an_automation_by_hand(client, member):
    trigger = {"type": "button_pressed", "config": {"text": "Préparer le chantier"}}
    automation = make_published(member, kind="quote", trigger=trigger)
    quotes = make_many("quote", member.organisation, 3)
    sign_in(client, member)
    content = client.get("/quotes").content.decode()
    answer = client.post(
        "/quotes/press",
        {"automation": automation.pk, "id": [quotes[0].pk, quotes[2].pk], "next": "/quotes"},
        follow=True,
    )

    assert content.count("data-select ") == 3
    assert "Préparer le chantier" in content
    assert "est lancée sur 2 fiches" in text(answer)
    assert pressed() == [quotes[0].pk, quotes[2].pk]


@pytest.mark.req("AUT-2")
def test_press_without_a_selection_says_so(client, member):
    response = sign_in(client, member).post("/quotes/press", {"automation": "1"}, follow=True)

    assert "Sélectionnez d’abord au moins une fiche." in text(response)


def test_amounts_are_right_aligned_and_in_the_record_s_currency(page, member):
    client = make.make_client(member.organisation)
    make.make_quote(client, currency="USD", lines=[make.line(unit_price="1284.5")])
    content = page("/quotes").content.decode()

    assert '<td class="money" data-o="6" data-m="end"><span class="num nowrap">1\xa0541,40\xa0$</span></td>' in content
    assert Decimal("1541.40") == KINDS["quote"].model.objects.get().total_gross


def pressed():
    events = DomainEvent.objects.filter(type="quote.button").order_by("record_id")
    return [event.record_id for event in events]
