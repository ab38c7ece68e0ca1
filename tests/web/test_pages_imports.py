"""The import wizard: file, columns, check, result; nothing half-imported (REC-8)."""

import io
from importlib.resources import files

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from rouage.accounts.privileges import Role
from rouage.journal.models import DomainEvent
from rouage.records.models import Client, Event, Invoice, Quote, Upload
from tests.factories import records as make
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.web.pages import inline_code, text

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-8")]
CLIENTS = "Nom;Ville;Email\nThéâtre des Sources;Lyon;bonjour@theatre.example\nGarage Morel;Gap;\n"
WRONG = (
    "Numéro;Client;Date;Total TTC\n"
    "F-1;Garage Morel;2026-03-02;120\n"
    "F-2;Personne;2026-03-02;10\n"
    "F-3;Garage Morel;31/11/2026;1 240,OO\n"
)


@pytest.fixture
def member():
    return make_member(make_organisation("Lumen & Fils"))


@pytest.fixture
def http(client, member):
    return sign_in(client, member)


def file(content, name="clients.csv"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def northwind(name):
    return file((files("rouage.records") / "northwind" / name).read_bytes(), name)


def uploaded(http, path, **sent):
    answer = http.post(f"/import/{path}", sent)
    assert answer.status_code == 302, text(answer)
    return answer["Location"].split("/")[2]


def test_clients_are_imported_in_four_steps(http, member):
    number = uploaded(http, "clients", file=file(CLIENTS))
    columns = http.get(f"/import/{number}/columns")
    check = http.post(
        f"/import/{number}/columns", {"column-0": "name", "column-1": "city", "column-2": "email"}, follow=True
    )
    result = http.post(f"/import/{number}/run", follow=True)

    assert "Théâtre des Sources · Garage Morel" in text(columns)
    assert '<option value="name" selected>Nom *</option>' in columns.content.decode()
    assert check.redirect_chain == [(f"/import/{number}/check?vat=20", 302)]
    assert "Importer 2 lignes" in text(check)
    assert "2 nouvelles · 0 mise à jour" in text(check)
    assert "L’import est terminé Nouvelles 2" in text(result)
    assert sorted(Client.objects.values_list("name", "city")) == [
        ("Garage Morel", "Gap"),
        ("Théâtre des Sources", "Lyon"),
    ]
    assert [inline_code(answer) for answer in (columns, check, result)] == [[], [], []]


def test_nothing_is_stored_before_somebody_decides(http):
    number = uploaded(http, "clients", file=file(CLIENTS))
    http.get(f"/import/{number}/columns")
    http.get(f"/import/{number}/check")

    assert Client.objects.count() == 0


def test_wrong_lines_are_told_by_their_number_and_can_be_left_out(http, member):
    make.make_client(member.organisation, name="Garage Morel")
    number = uploaded(http, "invoices", file=file(WRONG, "factures.csv"))
    check = http.get(f"/import/{number}/check")
    shown = text(check).replace("\xa0", " ")
    csv = http.get(f"/import/{number}/wrong-rows")
    refused = http.post(f"/import/{number}/run", follow=True)
    assert Invoice.objects.count() == 0
    result = http.post(f"/import/{number}/run", {"skip": "yes"}, follow=True)

    assert "2 lignes sur 3 sont à corriger" in shown
    assert "3 Client Personne" in shown
    assert "4 Date 31/11/2026" in shown
    assert "Écarter 2 lignes et importer 1" in shown
    assert csv["Content-Disposition"] == 'attachment; filename="invoices-a-corriger.csv"'
    assert csv.content.decode("utf-8-sig").splitlines()[1].startswith("F-2;Personne;")
    assert 'class="toast fail"' in refused.content.decode()
    assert "Nouvelles 1" in text(result)
    assert [invoice.number for invoice in Invoice.objects.all()] == ["F-1"]


def test_northwind_comes_in_whole(http):
    number = uploaded(http, "clients", file=northwind("clients.csv"))
    http.post(f"/import/{number}/run")
    both = {"file": northwind("invoices.csv"), "lines": northwind("invoice_lines.csv")}
    number = uploaded(http, "invoices", **both)
    check = text(http.get(f"/import/{number}/check?vat=0"))
    result = text(http.post(f"/import/{number}/run", {"vat": "0"}, follow=True))

    assert Client.objects.count() == 91
    assert "Importer 830 lignes" in check
    assert "Nouvelles 830" in result
    assert Invoice.objects.count() == 830
    assert DomainEvent.objects.filter(type="invoice.created").count() == 0  # an import starts no automation


def test_import_may_start_automations_when_one_says_so(http):
    number = uploaded(http, "clients", file=file(CLIENTS))
    http.post(f"/import/{number}/run")
    content = "Numéro;Client;Date;Total TTC\nD-1;Garage Morel;2026-03-02;120\n"
    number = uploaded(http, "quotes", file=file(content, "devis.csv"))
    assert "Lancer les automatisations sur ce qui est nouveau" in text(http.get(f"/import/{number}/check"))
    http.post(f"/import/{number}/run", {"announce": "yes"})

    assert DomainEvent.objects.filter(type="quote.created").count() == 1
    assert Quote.objects.get().number == "D-1"


def test_events_are_imported_from_a_workbook(http, member):
    make.make_client(member.organisation, name="Garage Morel")
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Client", "Début"])
    book.active.append(["Gala", "Garage Morel", "2026-12-12 18:00"])
    content = io.BytesIO()
    book.save(content)
    number = uploaded(http, "events", file=file(content.getvalue(), "evenements.xlsx"))
    http.post(f"/import/{number}/run")

    assert Event.objects.get().name == "Gala"


def test_second_press_imports_nothing_twice(http):
    number = uploaded(http, "clients", file=file(CLIENTS))
    http.post(f"/import/{number}/run")
    again = http.post(f"/import/{number}/run", follow=True)

    assert Client.objects.count() == 2
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "vide.csv", "vide"),
        (b"PK\x03\x04 this is no workbook", "abime.xlsx", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "vieux.xls", ".xls"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "photo.png", "fichier"),
        (b"Nom;Ville\n", "titres.csv", "aucune ligne"),
        (b"Nom;Ville\n" + b"a;b\n" * 3_000_000, "gros.csv", "10"),
    ],
)
def test_damaged_file_says_what_is_wrong_with_it(http, content, name, says):
    response = http.post("/import/clients", {"file": file(content, name)})

    assert response.status_code == 422
    assert "Le fichier ne peut pas être lu" in text(response)
    assert says in text(response).partition("Le fichier ne peut pas être lu")[2][:300]
    assert Upload.objects.count() == 0


def test_no_file_at_all_is_asked_for(http):
    response = http.post("/import/clients", {})

    assert response.status_code == 422
    assert "Choisissez d’abord un fichier." in text(response)


def test_column_that_is_missing_is_named_and_nothing_can_be_imported(http):
    number = uploaded(http, "clients", file=file("Couleur;Poids\nrouge;3\n"))

    assert "Dites quelle colonne contient : Nom" in text(http.get(f"/import/{number}/columns")).replace("\xa0", " ")
    assert "Dites quelle colonne contient : Nom" in text(http.get(f"/import/{number}/check")).replace("\xa0", " ")
    assert 'class="toast fail"' in http.post(f"/import/{number}/run", follow=True).content.decode()
    assert Client.objects.count() == 0


def test_column_chosen_twice_is_refused_and_the_choice_kept(http):
    number = uploaded(http, "clients", file=file(CLIENTS))
    response = http.post(f"/import/{number}/columns", {"column-0": "name", "column-1": "name"})

    assert response.status_code == 422
    assert "« Nom » est choisi pour deux colonnes" in text(response).replace("\xa0", " ")
    assert 'name="column-1"' in response.content.decode()


@pytest.mark.parametrize("sent", [{"column-99": "name"}, {"column-0": "colour"}, {"column-x": "name"}])
def test_columns_that_do_not_exist_are_left_aside(http, sent):
    number = uploaded(http, "clients", file=file(CLIENTS))

    assert http.post(f"/import/{number}/columns", sent).status_code == 302
    assert Upload.objects.get().mapped == {}


@pytest.mark.parametrize("path", ["spoons", "contracts", "interventions"])
def test_what_cannot_be_imported_has_no_page(http, path):
    assert http.get(f"/import/{path}").status_code == 404


def test_upload_of_a_colleague_is_not_found(client, member):
    http = sign_in(client, member)
    number = uploaded(http, "clients", file=file(CLIENTS))
    sign_in(client, make_member(member.organisation))

    assert client.get(f"/import/{number}/check").status_code == 404


def test_result_before_the_import_leads_back_to_the_check(http):
    number = uploaded(http, "clients", file=file(CLIENTS))

    assert http.get(f"/import/{number}/result")["Location"] == f"/import/{number}/check"


@pytest.mark.req("ACC-2")
def test_import_is_refused_to_readers(client):
    http = sign_in(client, make_member(role=Role.READER))

    assert http.get("/import/clients").status_code == 403
    assert http.post("/import/clients", {"file": file(CLIENTS)}).status_code == 403


@pytest.mark.req("UX-1")
def test_steps_are_told_in_english_too(client):
    http = sign_in(client, make_member(language="en"))
    number = uploaded(http, "clients", file=file(CLIENTS))

    assert "Import: clients 1 File 2 Columns" in text(http.get("/import/clients"))
    assert "Import 2 lines" in text(http.get(f"/import/{number}/check"))
