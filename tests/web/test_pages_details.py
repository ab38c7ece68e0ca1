"""The page of one record: what it shows, what it offers, and what becomes of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from rouage.accounts.privileges import Role
from rouage.journal.append import append_entry
from rouage.journal.models import Entry
from rouage.records.commands.daily import mark_overdue
from rouage.records.kinds import KINDS
from rouage.records.models import Opportunity, Quote
from rouage.web.views.records.pages import PAGES
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.web.pages import inline_code, text

pytestmark = pytest.mark.django_db
PATHS = {key: f"/{pages.path}" for key, pages in PAGES.items()}
REQUIREMENTS = {
    "client": "REC-1", "quote": "REC-2", "invoice": "REC-3", "event": "REC-4", "intervention": "REC-5",
    "contract": "REC-5", "opportunity": "REC-5",
}  # fmt: skip
EACH = [pytest.param(kind, marks=pytest.mark.req(REQUIREMENTS[kind])) for kind in PATHS]


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


@pytest.fixture
def customer(member):
    return make.make_client(member.organisation, name="Hôtel Beau Rivage")


def place(record):
    return f"{PATHS[type(record).__name__.lower()]}/{record.pk}"


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_shows_the_record(client, kind, language):
    member = make_member(language=language)
    record = make.make_record(kind, member.organisation)
    response = sign_in(client, member).get(place(record))
    name = getattr(record, "name", "") or getattr(record, "title", "") or record.subject

    assert response.status_code == 200
    assert name in text(response)
    with translation.override(language):
        assert str(PAGES[kind].title) in text(response)
    assert inline_code(response) == []


@pytest.mark.parametrize("kind", PATHS)
def test_page_asks_a_fixed_number_of_questions(http, member, kind, django_assert_max_num_queries):
    record = make.make_record(kind, member.organisation)
    http.get(place(record))
    with django_assert_max_num_queries(34) as before:
        http.get(place(record))
    for number in range(3):
        make.make_task(about=record, title=f"Tâche {number}")
        make.commands.add_note(make.ACTOR, record, f"Note {number}", now=NOW)
    make.make_task(about=record)
    with django_assert_max_num_queries(36) as after:
        http.get(place(record))

    assert len(after.captured_queries) <= len(before.captured_queries) + 1  # what tasks are about


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("kind", PATHS)
def test_reader_sees_no_control_and_is_refused_on_the_server(client, kind):
    member = make_member(role=Role.READER)
    record = make.make_record(kind, member.organisation)
    http = sign_in(client, member)
    content = http.get(place(record)).content.decode()

    assert f'action="{place(record)}' not in content
    assert f'href="{place(record)}/edit"' not in content
    for action in ("edit", "note", "delete"):
        assert http.post(f"{place(record)}/{action}", {"text": "Non"}).status_code == 403
    assert Entry.objects.filter(verb="note.added").count() == 0


@pytest.mark.req("REC-2")
def test_document_shows_its_lines_and_totals_by_rate(http, customer):
    lines = [
        make.line("Projecteurs", "2150.5", quantity=2, vat_rate=20),
        make.line("Livret", "10", vat_rate=Decimal("5.5")),
    ]
    shown = text(http.get(place(make.make_quote(customer, lines=lines))))

    assert "Projecteurs 2 2\xa0150,50\xa0€ 4\xa0301,00\xa0€".replace("\xa0", " ") in shown.replace("\xa0", " ")
    assert "TVA 5,5 % 0,55 €" in shown.replace("\xa0", " ")
    assert "TVA 20 % 860,20 €" in shown.replace("\xa0", " ")
    assert "Total TTC 5 171,75 €" in shown.replace("\xa0", " ")


@pytest.mark.req("REC-2")
@pytest.mark.parametrize("status", [status.key for status in KINDS["quote"].statuses])
def test_quote_offers_the_statuses_that_may_follow_and_no_others(http, customer, status):
    quote = make.make_quote(customer)
    Quote.objects.filter(pk=quote.pk).update(status=status, number="D-1")
    content = http.get(place(quote)).content.decode()
    offered = {key for key in KINDS["quote"].transitions if f'name="status" value="{key}"' in content}

    assert offered == {key for key in KINDS["quote"].transitions.get(status, ()) if key != "cancelled"}


def test_overdue_invoice_says_since_when(http, customer):
    invoice = make.make_invoice(customer, due=5)
    mark_overdue(NOW + timedelta(days=10))

    assert "échue depuis le 07/03/2026" in text(http.get(place(invoice)))


@pytest.mark.req("REC-9")
def test_activity_says_who_changed_what_from_what_to_what(http, member, customer):
    colleague = make_member(member.organisation, name="Yanis Belkacem")
    invoice = make.make_invoice(customer)
    by = make.Actor(kind=make.ActorKind.MEMBER, id=colleague.pk, label="Yanis Belkacem")
    values = {"due_date": date(2026, 4, 15), "owner_id": colleague.pk, "subject": "Solde"}
    make.commands.change_fields(by, invoice, values, now=NOW + timedelta(hours=1))
    shown = text(http.get(place(invoice))).replace("\xa0", " ")

    assert "Date d’échéance : 01/04/2026 → 15/04/2026" in shown
    assert "Responsable : Yanis Belkacem" in shown
    assert "Objet : Éclairage vitrine → Solde" in shown
    assert "par Yanis Belkacem" in shown
    assert "Statut : Brouillon → Envoyée" in shown
    assert "Facture créée" in shown


@pytest.mark.req("REC-9")
def test_activity_has_pages_of_its_own(http, customer):
    for number in range(60):
        make.commands.add_note(make.ACTOR, customer, f"Note {number:02}", now=NOW + timedelta(minutes=number))
    first = http.get(f"{place(customer)}/activity")
    second = http.get(f"{place(customer)}/activity{first.context['older']}")

    assert f'href="{place(customer)}/activity"' in http.get(place(customer)).content.decode()
    assert ("Note 59" in text(first), "Note 00" in text(first)) == (True, False)
    assert ("Note 59" in text(second), "Note 00" in text(second)) == (False, True)
    assert second.context["older"] == ""


@pytest.mark.req("REC-9")
def test_every_verb_of_the_journal_has_words(http, customer):
    """Whatever wrote it: the page shows no verb and no figure of a table."""
    quote = make.make_quote(customer, status="sent")
    verbs = ["run.started", "run.finished", "step.skipped", "message.sent", "call.failed", "something.new"]
    for verb in verbs:
        make_entry(quote, verb)
    shown = text(http.get(place(quote)))

    assert [verb for verb in verbs if verb in shown] == []
    assert "Automatisation lancée" in shown
    assert "Trace d’une automatisation" in shown


@pytest.mark.req("REC-4")
def test_event_has_a_brief_with_its_two_dates(http, customer):
    event = make.make_event(customer, brief="Plan de feu", location="Grand salon")
    shown = text(http.get(place(event)))

    assert "Brief" in shown
    assert "Début de l’évènement mercredi 1er avril 2026 à 11:00" in shown
    assert "Fin de l’évènement mercredi 1er avril 2026 à 19:00" in shown
    assert "Plan de feu" in shown


@pytest.mark.req("REC-5")
def test_board_groups_opportunities_by_stage_with_their_sums(http, customer):
    for amount in (Decimal(100), Decimal(50)):
        make.make_opportunity(customer, amount=amount)
    shown = text(http.get("/opportunities")).replace("\xa0", " ")

    assert "2 affaires ouvertes · 150,00 €" in shown
    assert "Nouvelle 150,00 € 2 Opportunités" in shown
    assert Opportunity.objects.count() == 2


@pytest.mark.req("RUN-6")
@pytest.mark.parametrize("kind", [kind for kind in PATHS if kind != "client"])
def test_box_of_automations_stands_at_the_foot_of_the_details(http, member, kind):
    content = http.get(place(make.make_record(kind, member.organisation))).content.decode()
    aside = content[content.index("<aside") : content.index("</aside>")]

    assert aside.index("automations-box") > aside.index("details-title")
    assert "<h2" not in aside[aside.index("automations-box") :].split("</h2>", 1)[1]


def make_entry(record, verb):
    append_entry(
        organisation_id=record.organisation_id,
        verb=verb,
        actor=make.Actor(kind=make.ActorKind.RUN, id=1, label="Relances"),
        kind="quote",
        record_id=record.pk,
        data={"position": 0},
        now=NOW,
    )
