"""The page of one record: what it shows, what it offers, and what becomes of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from rouage.accounts.privileges import Privilege, Role
from rouage.journal.append import append_entry
from rouage.journal.models import DomainEvent, Entry
from rouage.records.commands.daily import mark_overdue
from rouage.records.kinds import KINDS
from rouage.records.models import Contract, Event, Intervention, Invoice, Opportunity, Payment, Quote
from rouage.web.views.records.pages import PAGES
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import make_published
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


@pytest.mark.parametrize("kind", PATHS)
def test_deleted_record_is_gone(http, member, kind):
    record = make.make_record(kind, member.organisation, **({"status": "draft"} if kind == "invoice" else {}))
    response = http.post(f"{place(record)}/delete", follow=True)

    assert "C’est supprimé" in text(response)
    assert http.get(place(record)).status_code == 404


@pytest.mark.req("REC-3")
def test_issued_invoice_cannot_be_deleted_and_the_page_says_why(http, customer):
    invoice = make.make_invoice(customer)
    content = http.get(place(invoice)).content.decode()
    answer = http.post(f"{place(invoice)}/delete", follow=True)

    assert 'id="undeletable">Cette facture est émise' in content
    assert 'id="delete"' not in content
    assert "Cette facture est émise" in text(answer)
    assert Invoice.objects.get().deleted_at is None


@pytest.mark.req("REC-1")
def test_client_with_records_cannot_be_deleted(http, customer):
    make.make_quote(customer)

    assert "1 fiche appartient à ce client" in text(http.get(place(customer)))
    assert "1 fiche appartient" in text(http.post(f"{place(customer)}/delete", follow=True))


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


@pytest.mark.req("REC-2")
def test_status_is_changed_told_and_can_be_taken_back(http, customer):
    quote = make.make_quote(customer, status="sent")
    answer = http.post(f"{place(quote)}/status", {"status": "accepted", "expected": "sent"}, follow=True)
    quote.refresh_from_db()

    assert quote.status == "accepted"
    assert "Statut : Accepté" in text(answer).replace("\xa0", " ")
    assert 'name="status" value="sent"' in answer.content.decode()
    http.post(f"{place(quote)}/status", {"status": "sent", "expected": "accepted"})
    quote.refresh_from_db()
    assert quote.status == "sent"


@pytest.mark.req("REC-2")
def test_status_that_somebody_else_changed_meanwhile_is_not_overwritten(http, customer):
    quote = make.make_quote(customer, status="refused")
    answer = http.post(f"{place(quote)}/status", {"status": "accepted", "expected": "sent"}, follow=True)
    quote.refresh_from_db()

    assert quote.status == "refused"
    assert "Quelqu’un vient de modifier" in text(answer)


@pytest.mark.parametrize("status", ["paid", "nonsense", ""])
def test_status_that_nobody_sets_by_hand_is_refused_with_its_reason(http, customer, status):
    invoice = make.make_invoice(customer)
    answer = http.post(f"{place(invoice)}/status", {"status": status}, follow=True)
    invoice.refresh_from_db()

    assert (answer.status_code, invoice.status) == (200, "sent")
    assert 'class="toast fail"' in answer.content.decode()


@pytest.mark.req("REC-3")
def test_invoice_is_issued_once_with_its_number(http, customer):
    invoice = make.make_invoice(customer, status="draft")
    first = http.post(f"{place(invoice)}/issue", follow=True)
    again = http.post(f"{place(invoice)}/issue", follow=True)
    invoice.refresh_from_db()

    assert invoice.number.endswith("-0001")
    assert f"Facture {invoice.number}" in text(first)
    assert "déjà" in text(again)


@pytest.mark.req("REC-2")
def test_quote_without_lines_can_be_neither_numbered_nor_sent(http, member, customer):
    quote = make.commands.create_quote(make.ACTOR, member.organisation, {"client_id": customer.pk}, now=NOW)
    response = http.get(place(quote))
    answer = http.post(f"{place(quote)}/issue", follow=True)

    assert "Aucune ligne pour l’instant" in text(response)
    assert response.content.decode().count("disabled title=") == 4
    assert 'class="toast fail"' in answer.content.decode()


@pytest.mark.req("REC-3")
def test_accepted_quote_becomes_an_invoice_in_one_gesture(http, customer):
    quote = make.make_quote(customer, status="sent")
    make.commands.change_status(make.ACTOR, quote, "accepted", now=NOW)
    answer = http.post(f"{place(quote)}/invoice", follow=True)
    invoice = Invoice.objects.get()

    assert answer.redirect_chain == [(place(invoice), 302)]
    assert (invoice.quote_id, invoice.total_gross) == (quote.pk, quote.total_gross)
    assert place(quote) in http.get(place(invoice)).content.decode()
    assert place(invoice) in http.get(place(quote)).content.decode()


@pytest.mark.parametrize(
    ("kind", "status", "new", "model"),
    [
        ("quote", "accepted", "event", Event),
        ("quote", "accepted", "intervention", Intervention),
        ("opportunity", "open", "event", Event),
        ("contract", "active", "intervention", Intervention),
    ],
)
def test_record_makes_another_one(http, member, kind, status, new, model):
    record = make.make_record(kind, member.organisation)
    for step in {"accepted": ["sent", "accepted"], "active": ["active"]}.get(status, []):
        make.commands.change_status(make.ACTOR, record, step, now=NOW)
    answer = http.post(f"{place(record)}/{new}", follow=True)

    assert answer.redirect_chain == [(place(model.objects.get()), 302)]


def test_record_that_is_not_ready_makes_nothing(http, customer):
    quote = make.make_quote(customer, status="sent")
    answer = http.post(f"{place(quote)}/invoice", follow=True)

    assert "Ce devis n’est pas accepté" in text(answer)
    assert Invoice.objects.count() == 0


@pytest.mark.req("REC-3")
def test_payment_is_recorded_and_the_status_follows(http, customer):
    invoice = make.make_invoice(customer, now=timezone.now())
    data = {"amount": "50,5 €", "paid_on": "2026-03-02", "method": "cheque", "reference": "n° 12"}
    answer = http.post(f"{place(invoice)}/payments", data, follow=True)
    invoice.refresh_from_db()

    assert (invoice.status, invoice.balance) == ("partially_paid", Decimal("69.50"))
    assert "50,50 € Chèque · n° 12" in text(answer).replace("\xa0", " ")
    assert "Payée en partie" in text(answer)


@pytest.mark.req("REC-3")
@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"amount": "500"}, "dépasse"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "abc"}, "Ce n’est pas un montant"),
        ({"amount": ""}, "obligatoire"),
        ({"paid_on": "2099-01-01"}, "pas encore passé"),
        ({"paid_on": "31/11/2026"}, "Ce n’est pas une date"),
        ({"method": "shells"}, "choix"),
    ],
)
def test_wrong_payment_comes_back_beside_the_invoice_with_its_reason(http, customer, data, says):
    invoice = make.make_invoice(customer)
    sent = {"amount": "10", "paid_on": "2026-03-02", "method": "transfer", "reference": "gardée", **data}
    response = http.post(f"{place(invoice)}/payments", sent)
    content = response.content.decode()

    assert response.status_code == 422
    assert 'id="panel" closedby="any" aria-labelledby="panel-title" open' in content
    assert says in text(response)
    assert 'value="gardée"' in content
    assert Payment.objects.count() == 0


def test_wrong_payment_for_htmx_is_the_panel_alone(http, customer):
    invoice = make.make_invoice(customer)
    headers = {"HX-Request": "true", "HX-Target": "dialog#panel"}
    response = http.post(f"{place(invoice)}/payments", {"amount": "500"}, headers=headers)

    assert response.status_code == 422
    assert "<html" not in response.content.decode()
    assert 'name="amount" value="500"' in response.content.decode()


def test_payment_panel_opens_without_script_with_the_balance_filled_in(http, customer):
    response = http.get(place(make.make_invoice(customer)) + "?panel=payment")

    assert " open>" in response.content.decode()
    assert 'name="amount" value="120,00"' in response.content.decode()


@pytest.mark.req("REC-3")
def test_payment_recorded_by_mistake_is_removed_with_its_reason(http, customer):
    invoice = make.make_invoice(customer, now=timezone.now())
    payment = make.pay(invoice, now=timezone.now())
    answer = http.post(f"{place(invoice)}/payments/{payment.pk}/remove", {"reason": "Doublon"}, follow=True)
    invoice.refresh_from_db()

    assert (invoice.status, invoice.balance) == ("sent", Decimal("120.00"))
    assert "Règlement retiré" in text(answer)
    assert "<del>" in answer.content.decode()


@pytest.mark.req("REC-3")
def test_payment_of_another_invoice_is_not_found(http, customer):
    one, other = make.make_invoice(customer), make.make_invoice(customer)
    payment = make.pay(one)

    assert http.post(f"{place(other)}/payments/{payment.pk}/remove").status_code == 404


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


def test_note_is_added_and_an_empty_one_says_what_is_missing(http, customer):
    answer = http.post(f"{place(customer)}/note", {"text": "Rappeler <b>lundi</b>\nmatin"}, follow=True)
    empty = http.post(f"{place(customer)}/note", {"text": "  "})
    long = http.post(f"{place(customer)}/note", {"text": "é" * 10_001})

    assert "Rappeler &lt;b&gt;lundi&lt;/b&gt;<br>matin" in answer.content.decode()
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "é" * 10_001 in long.content.decode()
    assert Entry.objects.filter(verb="note.added").count() == 1


@pytest.mark.req("REC-4")
def test_event_has_a_brief_with_its_two_dates(http, customer):
    event = make.make_event(customer, brief="Plan de feu", location="Grand salon")
    shown = text(http.get(place(event)))

    assert "Brief" in shown
    assert "Début de l’évènement mercredi 1er avril 2026 à 11:00" in shown
    assert "Fin de l’évènement mercredi 1er avril 2026 à 19:00" in shown
    assert "Plan de feu" in shown


@pytest.mark.req("REC-5")
def test_contract_can_be_renewed_once_its_notice_date_has_come(http, customer):
    contract = make.make_contract(customer)
    Contract.objects.filter(pk=contract.pk).update(
        status="active", renewal_date=timezone.localdate() + timedelta(days=5)
    )
    contract.refresh_from_db()
    make.commands.change_fields(make.ACTOR, contract, {"notice_days": 10}, now=NOW)
    before = contract.renewal_date
    assert f'action="{place(contract)}/renew"' in http.get(place(contract)).content.decode()
    http.post(f"{place(contract)}/renew")
    contract.refresh_from_db()

    assert contract.renewal_date.year == before.year + 1
    assert f'action="{place(contract)}/renew"' not in http.get(place(contract)).content.decode()


@pytest.mark.req("REC-5")
def test_opportunity_moves_to_another_stage_and_back(http, customer):
    opportunity = make.make_opportunity(customer)
    board = http.get("/opportunities").content.decode()
    former, won = opportunity.stage_id, opportunity.pipeline.stages.get(outcome="won")
    answer = http.post(f"{place(opportunity)}/stage", {"stage": won.pk, "next": "/opportunities"}, follow=True)
    opportunity.refresh_from_db()

    assert f'name="stage" value="{won.pk}"' in board
    assert answer.redirect_chain == [("/opportunities", 302)]
    assert (opportunity.status, opportunity.stage_id) == ("won", won.pk)
    assert f'name="stage" value="{former}"' in answer.content.decode()


@pytest.mark.req("REC-5")
def test_board_groups_opportunities_by_stage_with_their_sums(http, customer):
    for amount in (Decimal(100), Decimal(50)):
        make.make_opportunity(customer, amount=amount)
    shown = text(http.get("/opportunities")).replace("\xa0", " ")

    assert "2 affaires ouvertes · 150,00 €" in shown
    assert "Nouvelle 150,00 € 2 Opportunités" in shown
    assert Opportunity.objects.count() == 2


@pytest.mark.req("AUT-2")
def test_button_of_an_automation_stands_on_its_kind_of_record(http, member, customer):
    trigger = {"type": "button_pressed", "config": {"text": "Envoyer le plan de salle"}}
    automation = make_published(member, kind="event", trigger=trigger)
    event, quote = make.make_event(customer), make.make_quote(customer)
    answer = http.post(f"{place(event)}/press", {"automation": automation.pk}, follow=True)
    pressed = DomainEvent.objects.get(type="event.button")

    assert "Envoyer le plan de salle" in http.get(place(event)).content.decode()
    assert "Envoyer le plan de salle" not in http.get(place(quote)).content.decode()
    assert "est lancée sur 1 fiche" in text(answer)
    assert pressed.payload == {"automation_id": automation.pk, "member": "Camille Renaud"}
    assert http.post(f"{place(quote)}/press", {"automation": automation.pk}).status_code == 404


@pytest.mark.req("ACC-2")
def test_button_is_for_those_who_may_act_on_runs(client):
    admin = make_member()
    member = make_member(admin.organisation, privileges={Privilege.SEE_RECORDS, Privilege.EDIT_RECORDS})
    trigger = {"type": "button_pressed", "config": {"text": "Envoyer le plan"}}
    automation = make_published(admin, kind="event", trigger=trigger)
    event = make.make_event(make.make_client(admin.organisation))
    http = sign_in(client, member)

    assert "Envoyer le plan" not in http.get(place(event)).content.decode()
    assert http.post(f"{place(event)}/press", {"automation": automation.pk}).status_code == 403


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
