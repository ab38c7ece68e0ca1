"""What one does with a record from its page, and what becomes of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from rouage.accounts.privileges import Privilege
from rouage.journal.models import DomainEvent, Entry
from rouage.records.models import Contract, Event, Intervention, Invoice, Payment
from rouage.web.views.records.pages import PAGES
from tests.factories import records as make
from tests.factories.accounts import NOW, make_member, make_organisation, sign_in
from tests.factories.automations import make_published
from tests.web.pages import text

pytestmark = pytest.mark.django_db
PATHS = {key: f"/{pages.path}" for key, pages in PAGES.items()}


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


def test_note_is_added_and_an_empty_one_says_what_is_missing(http, customer):
    answer = http.post(f"{place(customer)}/note", {"text": "Rappeler <b>lundi</b>\nmatin"}, follow=True)
    empty = http.post(f"{place(customer)}/note", {"text": "  "})
    long = http.post(f"{place(customer)}/note", {"text": "é" * 10_001})

    assert "Rappeler &lt;b&gt;lundi&lt;/b&gt;<br>matin" in answer.content.decode()
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "é" * 10_001 in long.content.decode()
    assert Entry.objects.filter(verb="note.added").count() == 1


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
