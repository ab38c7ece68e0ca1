from datetime import date, timedelta
from decimal import Decimal

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands
from rouage.records.commands.agenda import add_months
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Contract
from tests.factories.accounts import NOW, make_member
from tests.factories.records import (
    ACTOR,
    TODAY,
    make_client,
    make_contract,
    make_event,
    make_intervention,
    make_opportunity,
    make_quote,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


@pytest.mark.req("REC-4")
def test_event_holds_its_dates_and_its_brief():
    client = make_client()
    lead = make_member(client.organisation)
    start = NOW + timedelta(days=20)
    event = make_event(
        client, start_at=start, end_at=start + timedelta(hours=8), lead_id=lead.pk, brief="24 projecteurs"
    )
    event.refresh_from_db()
    assert (event.start_at, event.end_at, event.lead_id, event.brief, event.status) == (
        start, start + timedelta(hours=8), lead.pk, "24 projecteurs", "inquiry",
    )  # fmt: skip


def test_event_that_ends_before_it_starts_is_refused():
    client = make_client()
    with pytest.raises(Invalid) as caught:
        make_event(client, start_at=NOW, end_at=NOW - timedelta(hours=1))
    assert list(caught.value.errors) == ["end_at"]


@pytest.mark.parametrize("missing", ["name", "client_id"])
def test_event_needs_name_and_client(missing):
    client = make_client()
    with pytest.raises(Invalid) as caught:
        make_event(client, **{missing: None if missing == "client_id" else ""})
    assert missing in caught.value.errors


@pytest.mark.req("REC-5")
def test_intervention_is_planned_once_it_has_a_start():
    client = make_client()
    assert (make_intervention(client).status, make_intervention(client, days=None).status) == ("planned", "to_plan")


@pytest.mark.req("REC-5")
def test_contract_knows_its_last_day_to_give_notice():
    contract = make_contract(renewal=60, notice_days=30)
    assert contract.notice_date == TODAY + timedelta(days=30)
    commands.change_fields(ACTOR, contract, {"notice_days": 45}, now=LATER)
    contract.refresh_from_db()
    assert contract.notice_date == TODAY + timedelta(days=15)
    changes = DomainEvent.objects.get(type="contract.changed").payload["changes"]
    assert changes["notice_date"] == ["2026-04-01", "2026-03-17"]


@pytest.mark.req("REC-5")
def test_renewal_moves_the_contract_on_by_its_term():
    contract = make_contract(renewal=60, term_months=12)
    commands.change_status(ACTOR, contract, "active", now=NOW)
    commands.change_status(ACTOR, contract, "notice_given", now=NOW)
    commands.renew_contract(ACTOR, contract, now=LATER)
    contract.refresh_from_db()
    assert (contract.renewal_date, contract.notice_date, contract.status) == (
        date(2027, 5, 1), date(2027, 4, 1), "active",
    )  # fmt: skip
    payload = DomainEvent.objects.filter(type="contract.status_changed").order_by("-id").first().payload
    assert (payload["from"], payload["to"], payload["changes"]["renewal_date"]) == (
        "notice_given", "active", ["2026-05-01", "2027-05-01"],
    )  # fmt: skip
    assert Entry.objects.filter(verb="contract.renewed").count() == 1


def test_renewal_without_a_date_or_of_an_ended_contract_is_refused():
    contract = make_contract()
    with pytest.raises(Refused) as caught:
        commands.renew_contract(ACTOR, contract, now=LATER)
    assert caught.value.reason.code == "source.not_ready"
    Contract.objects.update(renewal_date=None)
    with pytest.raises(Refused) as caught:
        commands.renew_contract(ACTOR, contract, now=LATER)
    assert caught.value.reason.code == "contract.no_date"


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), 12, date(2027, 3, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_add_months_stays_in_the_month(day, months, result):
    assert add_months(day, months) == result


@pytest.mark.req("AUT-4")
def test_event_of_an_accepted_quote_takes_over_who_and_what():
    client = make_client()
    owner = make_member(client.organisation)
    quote = make_quote(client, status="accepted", owner_id=owner.pk, subject="Gala d’hiver")
    event = commands.create_from(ACTOR, quote, "event", {"start_at": NOW + timedelta(days=9)}, now=LATER)
    event.refresh_from_db()
    assert (event.name, event.client_id, event.owner_id, event.lead_id, event.quote_id, event.status) == (
        "Gala d’hiver", client.pk, owner.pk, owner.pk, quote.pk, "confirmed",
    )  # fmt: skip
    assert event.start_at == NOW + timedelta(days=9)
    quote.refresh_from_db()
    assert quote.status == "accepted"


def test_event_of_an_opportunity_is_an_option():
    opportunity = make_opportunity(name="Saison 2027")
    event = commands.create_from(ACTOR, opportunity, "event", now=LATER)
    assert (event.name, event.status, event.opportunity_id) == ("Saison 2027", "option", opportunity.pk)


def test_intervention_of_a_contract_goes_to_the_clients_address():
    client = make_client(address="12 rue de la Soie", postal_code="69100", city="Villeurbanne")
    contract = make_contract(client)
    with pytest.raises(Refused) as caught:
        commands.create_from(ACTOR, contract, "intervention", now=LATER)
    assert caught.value.reason.code == "source.not_ready"
    commands.change_status(ACTOR, contract, "active", now=LATER)
    made = commands.create_from(ACTOR, contract, "intervention", now=LATER)
    made.refresh_from_db()
    assert (made.number, made.title, made.status, made.contract_id, made.address) == (
        "I-2026-0001", "Maintenance chaudière", "to_plan", contract.pk, "12 rue de la Soie, 69100 Villeurbanne",
    )  # fmt: skip
    planned = commands.create_from(ACTOR, contract, "intervention", {"planned_start": NOW}, now=LATER)
    assert (planned.number, planned.status) == ("I-2026-0002", "planned")


def test_create_from_refuses_what_cannot_be_made_or_does_not_fit():
    contract, quote = make_contract(), make_quote(status="accepted")
    with pytest.raises(Refused) as caught:
        commands.create_from(ACTOR, contract, "invoice", now=LATER)
    assert caught.value.reason.code == "source.not_ready"
    with pytest.raises(Refused) as caught:
        commands.create_from(ACTOR, quote, "event", {"start_at": NOW, "end_at": NOW - timedelta(1)}, now=LATER)
    assert caught.value.reason.code == "dates.order"
    with pytest.raises(Invalid):
        commands.create_from(ACTOR, quote, "event", {"status": "done"}, now=LATER)


def test_source_without_subject_gives_its_number():
    quote = make_quote(status="accepted", subject="")
    assert commands.create_from(ACTOR, quote, "event", now=LATER).name == "D-2026-0001"


def test_amount_of_a_contract_is_kept_to_the_cent():
    contract = make_contract(amount="1234.5")
    contract.refresh_from_db()
    assert contract.amount == Decimal("1234.50")
