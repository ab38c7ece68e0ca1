import pytest
from django.utils import translation

from rouage.journal.models import DomainEvent, Entry
from rouage.records.errors import Refused
from rouage.records.importing import preview, refused_rows
from rouage.records.models import Client, Contact
from tests.factories.accounts import NOW, make_organisation
from tests.records.importing.bringing import CLIENTS, bring, look, source, told

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-8")]


def test_clients_are_imported_with_their_main_contact():
    organisation = make_organisation()
    found = look(organisation, source("client", CLIENTS))
    assert (found.total, found.new, found.updated, found.refused, found.problems) == (3, 3, 0, 0, [])
    assert found.sample[0] == (2, {
        "code": "HBR", "name": "Hôtel Beau Rivage", "contact": "Laure Faure", "title": "Directrice",
        "email": "l.faure@beau-rivage.example", "phone": "0450", "address": "2 quai", "postal_code": "74200",
        "city": "Évian", "country": "France", "type": "Société", "language": "FR", "payment_days": "45",
    })  # fmt: skip
    assert not Client.objects.exists()
    bring(organisation, source("client", CLIENTS))
    hotel, bakery, zoe = Client.objects.order_by("id")
    assert (hotel.code, hotel.email, hotel.payment_days, hotel.search_text) == (
        "HBR",
        "",
        45,
        "hotel beau rivage hbr evian",
    )
    contact = Contact.objects.get()
    assert (contact.client, contact.name, contact.position, contact.email, contact.is_main) == (
        hotel, "Laure Faure", "Directrice", "l.faure@beau-rivage.example", True,
    )  # fmt: skip
    assert (bakery.email, bakery.payment_days, bakery.type) == ("pain@perrin.example", 30, "company")
    assert (zoe.type, zoe.language, zoe.code) == ("person", "en", "")


def test_import_is_one_journal_entry_and_a_line_in_each_activity_but_no_event():
    organisation = make_organisation()
    bring(organisation, source("client", CLIENTS))
    assert not DomainEvent.objects.filter(organisation_id=organisation.pk).exists()
    assert Entry.objects.filter(verb="client.imported").count() == 3
    entry = Entry.objects.get(verb="records.imported")
    assert entry.data == {"kind": "client", "file": "client.csv", "new": 3, "updated": 0, "unchanged": 0, "refused": 0}
    assert (entry.actor_label, entry.kind, entry.record_id) == ("Camille Renaud", "", None)


def test_announced_import_starts_automations():
    organisation = make_organisation()
    bring(organisation, source("client", CLIENTS), announce=True)
    assert list(DomainEvent.objects.values_list("type", flat=True)) == ["client.created"] * 3


def test_second_import_updates_by_code_or_name_and_erases_nothing():
    organisation = make_organisation()
    bring(organisation, source("client", CLIENTS))
    again = look(organisation, source("client", CLIENTS))
    assert (again.new, again.updated, again.unchanged) == (0, 0, 3)
    changed = """Code;Raison sociale;Contact;Email;Ville
hbr;Hôtel du Lac;Laure Faure;laure@beau-rivage.example;
;ZOE MARTIN;Zoé;zoe@x.example;Nice
NEW;Neuf;;;
"""
    found = bring(organisation, source("client", changed))
    assert (found.new, found.updated, found.unchanged) == (1, 2, 0)
    hotel, _bakery, zoe, _new = Client.objects.order_by("id")
    assert (hotel.name, hotel.city, hotel.code) == ("Hôtel du Lac", "Évian", "hbr")
    assert hotel.contacts.get().email == "laure@beau-rivage.example"
    assert (zoe.name, zoe.city, zoe.contacts.get().name) == ("ZOE MARTIN", "Nice", "Zoé")
    entries = Entry.objects.filter(verb="client.imported", record_id=hotel.pk).order_by("id")
    assert entries[1].data["changes"]["name"] == ["Hôtel Beau Rivage", "Hôtel du Lac"]
    assert entries[2].data["changes"] == {"contact.email": ["l.faure@beau-rivage.example", "laure@beau-rivage.example"]}


def test_changed_records_are_told_so_that_open_runs_follow():
    organisation = make_organisation()
    bring(organisation, source("client", CLIENTS))
    bring(organisation, source("client", "Code;Raison sociale\nHBR;Hôtel du Lac\n"))
    event = DomainEvent.objects.get(organisation_id=organisation.pk)
    assert (event.type, list(event.payload["changes"])) == ("client.imported", ["name"])


def test_bad_clients_are_told_by_line_column_and_value():
    text = f"""Code;Nom;Délai;Type;CP
A;;30;;
B;Bon;x;;
B;Autre;400;Planète;
;Zoé;;;{"9" * 21}
;zoé;;;
"""
    found = look(make_organisation(), source("client", text))
    known = "company, entreprise, individual, particulier, person, personne, professionnel, societe"
    assert told(found) == [
        (2, "Nom", "", "Cette cellule est vide. Remplissez-la."),
        (3, "Délai", "x", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        (4, "Type", "Planète", f"Ce mot n’est pas connu ici. Mots connus : {known}."),
        (4, "Délai", "400", "Saisissez un nombre de jours entre 0 et 365."),
        (4, "Code", "B", "C’est déjà à la ligne 3."),
        (5, "CP", "9" * 21, "Ce texte dépasse 20 caractères. Raccourcissez-le."),
        (6, "Nom", "zoé", "C’est déjà à la ligne 5."),
    ]  # fmt: skip
    assert (found.total, found.new, found.refused) == (5, 0, 5)


def test_missing_columns_are_asked_for_first():
    organisation = make_organisation()
    given = source("invoice", "Machin;Truc\n1;2\n")
    found = look(organisation, given)
    assert (found.missing, found.problems) == (["Numéro", "Code du client / Client", "Date d’émission"], ())
    with pytest.raises(Refused) as caught:
        bring(organisation, given)
    assert caught.value.reason.code == "import.columns"


def test_nothing_is_half_imported_unless_rows_are_left_out():
    organisation = make_organisation()
    given = source("client", "Code;Nom\nA;Bon\nB;\nC;Aussi\n")
    with pytest.raises(Refused) as caught:
        bring(organisation, given)
    assert (caught.value.reason.code, caught.value.reason.data) == ("import.problems", {"count": 1})
    assert not Client.objects.exists()
    assert not Entry.objects.filter(verb="records.imported").exists()
    found = bring(organisation, given, skip_refused=True)
    assert (found.new, found.refused) == (2, 1)
    assert list(Client.objects.order_by("id").values_list("code", flat=True)) == ["A", "C"]


def test_failure_in_the_middle_leaves_nothing(monkeypatch):
    organisation = make_organisation()

    def fail(*_arguments):
        raise OSError("disk full")

    monkeypatch.setattr("rouage.records.importing.clients._add_contacts", fail)
    with pytest.raises(OSError, match="disk full"):
        bring(organisation, source("client", CLIENTS))
    assert not Client.objects.exists()


def test_refused_rows_come_back_as_csv_without_live_formulas():
    given = source("client", "Code;Nom;Ville\nA;Bon;Lyon\nB;;=cmd|calc\nC;;-12,5\n")
    with translation.override("fr"):
        found = preview(make_organisation(), given, now=NOW)
    assert refused_rows(given, found.problems) == (
        "\ufeffCode;Nom;Ville;!\r\n"
        "B;;'=cmd|calc;Nom: Cette cellule est vide. Remplissez-la.\r\n"
        "C;;-12,5;Nom: Cette cellule est vide. Remplissez-la.\r\n"
    )
