from datetime import timedelta

import pytest

from rouage.journal.models import DomainEvent, Entry
from rouage.records import commands, snapshot
from rouage.records.errors import Invalid, Refused
from rouage.records.models import Client, Contact
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, make_client, make_event, make_quote

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def facts(client):
    return snapshot.take([("client", client.pk)])["client", client.pk]


@pytest.mark.req("REC-1")
def test_create_client_with_contacts_makes_the_first_one_main():
    contacts = [
        {"name": "Laure Faure", "email": "l.faure@beau-rivage.example"},
        {"name": "Compta", "email": "compta@beau-rivage.example", "is_billing": True, "language": "en"},
    ]
    client = make_client(name="Hôtel Beau Rivage", contacts=contacts, code="HBR", city="Évian")
    assert (client.code, client.city, client.language, client.search_text) == (
        "HBR", "Évian", "fr", "hotel beau rivage hbr evian",
    )  # fmt: skip
    main, billing = client.contacts.order_by("id")
    assert (main.is_main, main.is_billing, main.language) == (True, False, "fr")
    assert (billing.is_main, billing.is_billing, billing.language) == (False, True, "en")
    event = DomainEvent.objects.get()
    assert (event.type, event.kind, event.record_id) == ("client.created", "client", client.pk)
    entry = Entry.objects.get(verb="client.created")
    assert (entry.actor_label, entry.data["name"]) == ("Camille Renaud", "Hôtel Beau Rivage")


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("email", ["", "pas-une-adresse", "jean@", "jean dupont@exemple.fr"])
def test_missing_or_invalid_address_is_allowed_on_the_card(email):
    client = make_client(email=email, contacts=[{"name": "Jean", "email": email}])
    found = facts(client)
    assert (found["client.email"], found["contact.main.email"]) == (email, email)


def test_roles_fall_back_to_main_and_main_to_the_client():
    client = make_client(name="Garage Morel", email="garage@morel.example", contacts=[])
    found = facts(client)
    assert [found[f"contact.{role}.email"] for role in ("main", "billing", "dunning", "document")] == [
        "garage@morel.example"
    ] * 4
    assert found["contact.main.id"] is None
    main = commands.add_contact(ACTOR, client, {"name": "Paul", "email": "p@m.example", "is_main": True}, now=NOW)
    commands.add_contact(ACTOR, client, {"name": "Zoé", "email": "z@m.example", "is_dunning": True}, now=NOW)
    found = facts(client)
    assert found["contact.main.id"] == found["contact.billing.id"] == main.pk
    assert found["contact.dunning.name"] == "Zoé"


def test_create_client_refuses_what_does_not_fit():
    organisation = make_organisation()
    make_client(organisation, code="HBR")
    other = make_member()
    cases = {
        "name": {"name": " "},
        "code": {"name": "A", "code": "HBR"},
        "language": {"name": "A", "language": "de"},
        "payment_days": {"name": "A", "payment_days": "bientôt"},
        "postal_code": {"name": "A", "postal_code": "6" * 21},
        "owner_id": {"name": "A", "owner_id": other.pk},
        "status": {"name": "A", "status": "x"},
    }
    for field, values in cases.items():
        with pytest.raises(Invalid) as caught:
            commands.create_client(ACTOR, organisation, values, now=NOW)
        assert list(caught.value.errors) == [field]
    assert Client.objects.count() == 1


def test_code_may_be_used_in_another_organisation_and_again_after_deletion():
    organisation = make_organisation()
    first = make_client(organisation, code="HBR")
    make_client(make_organisation(), code="HBR")
    commands.delete_record(ACTOR, first, now=NOW)
    assert make_client(organisation, code="HBR").code == "HBR"


def test_change_client_tells_what_changed():
    client = make_client(name="Hôtel Beau Rivage")
    assert commands.change_client(ACTOR, client, {"name": "Hôtel du Lac", "city": "Annecy"}, now=LATER)
    client.refresh_from_db()
    assert (client.name, client.search_text, client.last_activity_at) == ("Hôtel du Lac", "hotel du lac annecy", LATER)
    changes = {"name": ["Hôtel Beau Rivage", "Hôtel du Lac"], "city": ["", "Annecy"]}
    assert DomainEvent.objects.get(type="client.changed").payload == {"changes": changes}
    assert Entry.objects.get(verb="client.changed").data == {"changes": changes}


def test_change_client_to_the_same_says_nothing():
    client = make_client(name="Hôtel")
    assert not commands.change_client(ACTOR, client, {"name": "Hôtel"}, now=LATER)
    client.refresh_from_db()
    assert client.updated_at == NOW
    assert not DomainEvent.objects.filter(type="client.changed").exists()


def test_change_client_to_a_taken_code_is_refused():
    organisation = make_organisation()
    make_client(organisation, code="A")
    client = make_client(organisation, code="B")
    with pytest.raises(Invalid) as caught:
        commands.change_client(ACTOR, client, {"code": "A"}, now=LATER)
    assert list(caught.value.errors) == ["code"]


@pytest.mark.req("REC-9")
def test_change_contact_is_a_change_of_its_client():
    client = make_client(contacts=[{"name": "Laure Faure", "email": "l.faur@beau-rivage.example"}])
    contact = client.contacts.get()
    assert commands.change_contact(ACTOR, contact, {"email": "l.faure@beau-rivage.example"}, now=LATER)
    data = {
        "contact": {"id": contact.pk, "name": "Laure Faure"},
        "changes": {"contact.email": ["l.faur@beau-rivage.example", "l.faure@beau-rivage.example"]},
    }
    assert DomainEvent.objects.get(type="client.changed").payload == data
    assert Entry.objects.get(verb="client.changed").data == data
    assert Client.objects.get().last_activity_at == LATER
    assert not commands.change_contact(ACTOR, contact, {"email": "l.faure@beau-rivage.example"}, now=LATER)


def test_role_moves_to_the_contact_who_gets_it():
    client = make_client(contacts=[{"name": "A"}, {"name": "B"}])
    first, second = client.contacts.order_by("id")
    commands.change_contact(ACTOR, second, {"is_main": True}, now=LATER)
    third = commands.add_contact(ACTOR, client, {"name": "C", "is_main": True, "is_billing": True}, now=LATER)
    roles = {contact.pk: (contact.is_main, contact.is_billing) for contact in Contact.objects.all()}
    assert roles == {first.pk: (False, False), second.pk: (False, False), third.pk: (True, True)}


def test_contact_needs_a_name_or_an_address():
    client = make_client(contacts=[])
    with pytest.raises(Invalid) as caught:
        commands.add_contact(ACTOR, client, {"phone": "04 50 00 00 00"}, now=NOW)
    assert list(caught.value.errors) == ["name"]


def test_removed_contact_is_replaced_by_the_main_one():
    client = make_client(contacts=[{"name": "A", "email": "a@x.example"}, {"name": "B", "email": "b@x.example"}])
    first, second = client.contacts.order_by("id")
    quote = make_quote(client, contact_id=second.pk)
    commands.remove_contact(ACTOR, second, now=LATER)
    found = snapshot.take([("quote", quote.pk)])["quote", quote.pk]
    assert (found["contact.document.id"], found["contact.document.email"]) == (first.pk, "a@x.example")
    with pytest.raises(Refused) as caught:
        commands.remove_contact(ACTOR, second, now=LATER)
    assert caught.value.reason.code == "record.gone"
    with pytest.raises(Refused):
        commands.change_contact(ACTOR, second, {"name": "D"}, now=LATER)


def test_pause_client_is_in_the_snapshot_of_its_records():
    client = make_client()
    quote = make_quote(client)
    commands.pause_client(ACTOR, client, LATER, now=NOW)
    assert snapshot.take([("quote", quote.pk)])["quote", quote.pk]["client.paused_until"] == LATER
    commands.pause_client(ACTOR, client, None, now=NOW)
    assert snapshot.take([("quote", quote.pk)])["quote", quote.pk]["client.paused_until"] is None


def test_client_with_records_cannot_be_deleted():
    client = make_client()
    event = make_event(client)
    make_quote(client)
    with pytest.raises(Refused) as caught:
        commands.delete_record(ACTOR, client, now=LATER)
    assert (caught.value.reason.code, caught.value.reason.data) == ("client.in_use", {"count": 2})
    commands.delete_record(ACTOR, event, now=LATER)
    with pytest.raises(Refused) as caught:
        commands.delete_record(ACTOR, client, now=LATER)
    assert caught.value.reason.data == {"count": 1}
