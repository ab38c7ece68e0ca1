"""Making and editing records: forms, lines, what comes back when something is wrong."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from rouage.accounts.commands import deactivate_member
from rouage.accounts.privileges import Role
from rouage.journal.models import Entry
from rouage.records.models import Client, Contract, Event, Intervention, Invoice, Opportunity, Quote
from rouage.web.views.records.pages import PAGES
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.web.pages import inline_code, text
from tests.web.quotes import line, quote_data

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "div#editor"}


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"), name="Camille Renaud")


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


@pytest.fixture
def customer(member):
    return make.make_client(member.organisation, name="Hôtel Beau Rivage", city="Annecy")


NEW = {
    "quote": {"subject": "Éclairage", "issue_date": "2026-03-02", **line(0)},
    "invoice": {"subject": "Éclairage", "issue_date": "2026-03-02", **line(0)},
    "event": {"name": "Gala d’hiver", "start_at": "2026-12-12T18:00", "end_at": "2026-12-13T02:00"},
    "intervention": {"title": "Entretien", "planned_start": "2026-12-12T08:00"},
    "contract": {"name": "Maintenance", "term_months": "12", "notice_days": "60", "renewal_date": "2027-01-31"},
    "opportunity": {"name": "Saison 2027", "amount": "8 400,50 €"},
    "client": {"type": "company", "name": "Théâtre des Sources", "language": "fr", "payment_days": "45"},
}
REQUIREMENTS = {
    "client": "REC-1", "quote": "REC-2", "invoice": "REC-3", "event": "REC-4", "intervention": "REC-5",
    "contract": "REC-5", "opportunity": "REC-5",
}  # fmt: skip
EACH = [pytest.param(kind, marks=pytest.mark.req(REQUIREMENTS[kind])) for kind in NEW]


@pytest.mark.parametrize("kind", EACH)
def test_record_is_made_and_shown(http, member, customer, kind):
    data = NEW[kind] | ({} if kind == "client" else {"client": "hotel beau rivage", "client_known": ""})
    answer = http.post(f"/{PAGES[kind].path}/new", data, follow=True)
    made = PAGES[kind].kind.model.objects.filter(organisation=member.organisation).order_by("-id").first()

    assert answer.redirect_chain == [(f"/{PAGES[kind].path}/{made.pk}", 302)]
    assert "Enregistré" in text(answer)
    assert (data.get("name") or data.get("title") or data.get("subject")) in text(answer)


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("kind", NEW)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_form_is_shown_complete_and_within_the_content_policy(client, kind, language):
    member = make_member(language=language)
    record = make.make_record(kind, member.organisation)
    http = sign_in(client, member)
    for path in ("new", f"{record.pk}/edit"):
        response = http.get(f"/{PAGES[kind].path}/{path}")
        assert response.status_code == 200
        assert inline_code(response) == []


@pytest.mark.parametrize("kind", NEW)
def test_empty_form_comes_back_with_the_fields_that_are_missing(http, kind):
    response = http.post(f"/{PAGES[kind].path}/new", {})

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()
    assert PAGES[kind].kind.model.objects.count() == 0


def test_new_record_begins_with_the_client_it_was_opened_for(http, member, customer):
    response = http.get(f"/quotes/new?client={customer.pk}")
    content = response.content.decode()

    assert 'name="client" value="Hôtel Beau Rivage (Annecy)"' in content
    assert f'name="client_known" value="{customer.pk}"' in content
    assert customer.contacts.get().name in text(response)
    assert f'<option value="{member.pk}" selected>Camille Renaud</option>' in content


def test_contacts_follow_the_client_that_is_typed(http, member, customer):
    other = make.make_client(member.organisation, name="Garage Morel", contacts=[{"name": "Denis Morel"}])
    data = quote_data(customer, client="garage morel", do="refresh")
    response = http.post("/quotes/new", data, headers=HTMX)

    assert f'<option value="{other.contacts.get().pk}">Denis Morel</option>' in response.content.decode()
    assert customer.contacts.get().name not in text(response)


def test_clients_are_suggested_while_one_types(http, member, customer):
    make.make_client(member.organisation, name="Garage Morel", code="MOREL")

    assert (
        http.get("/clients/suggest?client=morel").content.decode().strip()
        == '<option value="Garage Morel (MOREL)"></option>'
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [("Personne", "Aucun client de ce nom"), ("Hôtel", "Plusieurs clients correspondent"), ("", "Tapez le début")],
)
def test_client_that_nobody_can_tell_is_asked_for(http, member, customer, typed, says):
    make.make_client(member.organisation, name="Hôtel du Lac", city="Gap")
    response = http.post("/quotes/new", quote_data(customer, client=typed))

    assert response.status_code == 422
    assert says in text(response)
    assert ("Hôtel du Lac (Gap)" in text(response).partition("correspondent")[2]) is (typed == "Hôtel")


def test_two_clients_of_one_name_are_told_apart_by_the_one_that_was_shown(http, member):
    first, second = (make.make_client(member.organisation, name="Martin") for _ in range(2))
    http.post("/quotes/new", {**quote_data(second), "client": "Martin", "client_known": second.pk})

    assert Quote.objects.get().client == second
    assert http.post("/quotes/new", {**quote_data(first), "client": "Martin", "client_known": ""}).status_code == 422


@pytest.mark.req("REC-9")
def test_edit_changes_what_differs_and_nothing_else(http, customer):
    quote = make.make_quote(customer)
    content = http.get(f"/quotes/{quote.pk}/edit").content.decode()
    seen = quote.updated_at.isoformat()
    data = quote_data(
        customer, subject="Éclairage du gala", seen=seen, issue_date=quote.issue_date.isoformat(), validity_date=""
    )
    answer = http.post(f"/quotes/{quote.pk}/edit", data, follow=True)
    entry = Entry.objects.filter(kind="quote", record_id=quote.pk).order_by("-id").first()

    assert f'name="seen" value="{seen}"' in content
    assert "Éclairage du gala" in text(answer)
    assert (entry.verb, entry.data["changes"]) == (
        "quote.changed",
        {"subject": ["Éclairage scénique", "Éclairage du gala"]},
    )


def test_edit_that_changes_nothing_is_no_entry(http, customer):
    quote = make.make_quote(customer)
    before = Entry.objects.count()
    data = quote_data(customer, subject=quote.subject, seen=quote.updated_at.isoformat(), validity_date="")
    http.post(f"/quotes/{quote.pk}/edit", data | {"issue_date": quote.issue_date.isoformat()})

    assert Entry.objects.count() == before


def test_moment_that_nobody_touched_keeps_its_seconds(http, customer):
    sent_at = NOW.replace(second=23, microsecond=5)
    quote = make.make_quote(customer, status="sent", now=sent_at)
    data = quote_data(customer, seen=quote.updated_at.isoformat(), sent_at="2026-03-02T10:00")
    http.post(f"/quotes/{quote.pk}/edit", data)
    quote.refresh_from_db()
    assert quote.sent_at == sent_at
    http.post(f"/quotes/{quote.pk}/edit", data | {"seen": quote.updated_at.isoformat(), "sent_at": "2026-03-02T10:01"})
    quote.refresh_from_db()

    assert quote.sent_at == NOW.replace(minute=1)


def test_form_that_is_older_than_the_record_asks_again_and_loses_nothing(http, customer):
    quote = make.make_quote(customer)
    data = quote_data(customer, subject="Le mien", seen=quote.updated_at.isoformat())
    make.commands.change_fields(make.ACTOR, quote, {"subject": "Le leur"}, now=NOW + timedelta(hours=1))
    response = http.post(f"/quotes/{quote.pk}/edit", data)
    quote.refresh_from_db()

    assert (response.status_code, quote.subject) == (422, "Le leur")
    assert "a modifié cette fiche depuis" in text(response)
    assert 'value="Le mien"' in response.content.decode()
    again = http.post(f"/quotes/{quote.pk}/edit", data | {"seen": quote.updated_at.isoformat()})
    quote.refresh_from_db()
    assert (again.status_code, quote.subject) == (302, "Le mien")


@pytest.mark.req("REC-3")
def test_issued_invoice_keeps_its_lines_client_and_date(http, member, customer):
    invoice = make.make_invoice(customer)
    other = make.make_client(member.organisation, name="Autre")
    page = http.get(f"/invoices/{invoice.pk}/edit")
    data = {"client": "Autre", "client_known": other.pk, "issue_date": "2020-01-01", "due_date": "2026-05-01"}
    http.post(f"/invoices/{invoice.pk}/edit", data | {"sent_at": "2026-03-03T09:30", **line(0, "Autre", "1")})
    invoice.refresh_from_db()

    assert "c’est ce que le client a reçu" in text(page)
    assert "line-0-description" not in page.content.decode()
    assert (invoice.client, invoice.due_date, invoice.total_gross) == (customer, date(2026, 5, 1), Decimal(120))
    assert invoice.sent_at.isoformat() == "2026-03-03T08:30:00+00:00"  # 09:30 in Paris


def test_accepted_quote_keeps_its_lines(http, customer):
    quote = make.make_quote(customer, status="sent")
    make.commands.change_status(make.ACTOR, quote, "accepted", now=NOW)

    assert "line-0-description" not in http.get(f"/quotes/{quote.pk}/edit").content.decode()


@pytest.mark.req("REC-4")
def test_end_before_the_start_is_refused_beside_its_field(http, customer):
    data = {"name": "Gala", "client": "hotel", "start_at": "2026-12-12T18:00", "end_at": "2026-12-12T17:00"}
    response = http.post("/events/new", data)

    assert response.status_code == 422
    assert "La fin précède le début" in text(response)
    assert 'value="2026-12-12T17:00"' in response.content.decode()
    assert Event.objects.count() == 0


@pytest.mark.req("REC-5")
def test_intervention_takes_a_contract_of_its_client_only(http, member, customer):
    own = make.make_contract(customer, name="Chaudière")
    foreign = make.make_contract(make.make_client(member.organisation), name="Ascenseur")
    page = http.get(f"/interventions/new?client={customer.pk}")
    data = {"title": "Entretien", "client": "hotel beau rivage", "contract": foreign.pk}

    assert "Chaudière" in text(page)
    assert "Ascenseur" not in text(page)
    assert http.post("/interventions/new", data).status_code == 422
    assert http.post("/interventions/new", data | {"contract": own.pk}).status_code == 302
    assert Intervention.objects.get().contract_id is None or Intervention.objects.get().contract == own


@pytest.mark.req("REC-5")
def test_contract_says_until_when_notice_can_be_given(http, customer):
    http.post("/contracts/new", NEW["contract"] | {"client": "hotel beau rivage"})

    assert Contract.objects.get().notice_date == date(2026, 12, 2)


@pytest.mark.req("REC-5")
def test_opportunity_is_made_in_the_stage_whose_button_was_pressed(http, customer):
    first = make.make_opportunity(customer)
    stage = first.pipeline.stages.get(name="Négociation")
    http.post(f"/opportunities/new?stage={stage.pk}", NEW["opportunity"] | {"client": "hotel beau rivage"})

    assert Opportunity.objects.get(name="Saison 2027", amount=Decimal("8400.50")).stage == stage


@pytest.mark.req("REC-1")
def test_client_is_made_with_a_first_contact_whose_address_may_be_wrong(http):
    data = NEW["client"] | {"contact_name": "Élise Roux", "contact_email": "elise.roux@musee"}
    answer = http.post("/clients/new", data, follow=True)

    assert Client.objects.get().contacts.get().is_main
    assert "n'a pas de point" in text(answer)


@pytest.mark.req("REC-1")
def test_code_of_another_client_is_refused_beside_its_field(http, member):
    make.make_client(member.organisation, code="ALFKI")
    response = http.post("/clients/new", NEW["client"] | {"code": "ALFKI"})

    assert response.status_code == 422
    assert "Un autre client a ce code" in text(response)


def test_number_that_no_database_holds_is_no_client(http, customer):
    data = quote_data(customer, client="Personne", client_known="9" * 30)

    assert http.post("/quotes/new", data).status_code == 422
    assert http.get(f"/quotes/new?client={'9' * 30}").status_code == 200


@pytest.mark.parametrize("text_", ["\x00", "é" * 300, "<script>alert(1)</script>", "%", "_", "\\"])
def test_odd_text_in_the_client_field_is_answered(http, customer, text_):
    response = http.post("/quotes/new", quote_data(customer, client=text_, client_known=""))

    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()
    assert http.get("/clients/suggest", {"client": text_}).status_code == 200


@pytest.mark.req("ACC-2")
@pytest.mark.parametrize("kind", NEW)
def test_form_is_refused_to_readers(client, kind):
    member = make_member(role=Role.READER)
    record = make.make_record(kind, member.organisation)
    http = sign_in(client, member)

    assert http.get(f"/{PAGES[kind].path}/new").status_code == 403
    assert http.post(f"/{PAGES[kind].path}/{record.pk}/edit", NEW[kind]).status_code == 403


def test_colleague_who_has_left_stays_the_owner_until_somebody_chooses_another(http, member, customer):
    colleague = make_member(member.organisation, role=Role.MEMBER, name="Sophie Marchal")
    quote = make.make_quote(customer, owner_id=colleague.pk)
    deactivate_member(make.ACTOR, colleague, now=NOW)
    content = http.get(f"/quotes/{quote.pk}/edit").content.decode()

    assert f'<option value="{colleague.pk}" selected>Sophie Marchal</option>' in content
    assert "Sophie Marchal" not in http.get("/quotes/new").content.decode()


def test_invoice_of_another_currency_is_counted_in_it(http, customer):
    invoice = make.make_invoice(customer, status="draft", currency="USD")

    assert "120,00\xa0$" in http.get(f"/invoices/{invoice.pk}/edit").content.decode()
    assert Invoice.objects.get().currency == "USD"
