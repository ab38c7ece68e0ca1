import pytest
from django.utils import translation

from rouage.records.importing import read_table, suggest, targets
from rouage.records.importing.columns import unmapped
from rouage.records.importing.headings import headings_of
from rouage.records.importing.northwind import table

pytestmark = pytest.mark.req("REC-8")


def mapping(kind, header, *, lines=False, row=""):
    found = read_table(f"{header}\n{row or ';'.join('x' for _ in header.split(';'))}\n".encode(), "f.csv")
    names = found.header
    return {key: names[position] for key, position in suggest(kind, found, lines=lines).items()}


@pytest.mark.parametrize(
    ("kind", "header", "mapped"),
    [
        (
            "client",
            "Code client;Raison sociale;Interlocuteur;Courriel;Téléphone;Adresse;CP;Ville;Pays",
            {
                "code": "Code client", "name": "Raison sociale", "contact": "Interlocuteur", "email": "Courriel",
                "phone": "Téléphone", "address": "Adresse", "postal_code": "CP", "city": "Ville", "country": "Pays",
            },
        ),
        ("client", "Name;E-mail;Zip code", {"name": "Name", "email": "E-mail", "postal_code": "Zip code"}),
        (
            "invoice",
            "N° facture;Client;Date d’émission;Échéance;Total HT;Montant TTC;Statut;Payée le",
            {
                "number": "N° facture", "client": "Client", "issue_date": "Date d’émission", "due_date": "Échéance",
                "total_net": "Total HT", "total_gross": "Montant TTC", "status": "Statut", "paid_date": "Payée le",
            },
        ),
        (
            "invoice",
            "Invoice number;Customer name;Invoice date;Due date;Amount",
            {
                "number": "Invoice number", "client": "Customer name", "issue_date": "Invoice date",
                "due_date": "Due date", "total_gross": "Amount",
            },
        ),
        (
            "quote",
            "Devis;Code client;Date;Valable jusqu’au;Objet",
            {
                "number": "Devis", "client_code": "Code client", "issue_date": "Date",
                "validity_date": "Valable jusqu’au", "subject": "Objet",
            },
        ),
        (
            "event",
            "Évènement;Client;Date de début;Date de fin;Lieu;Chef de projet",
            {
                "name": "Évènement", "client": "Client", "start": "Date de début", "end": "Date de fin",
                "location": "Lieu", "lead": "Chef de projet",
            },
        ),
        ("client", "Nom complet du contact;Machin;Nom", {"name": "Nom"}),
        ("event", "Foo;Bar", {}),
    ],
)  # fmt: skip
def test_headings_are_recognised_in_both_languages(kind, header, mapped):
    assert mapping(kind, header) == mapped


def test_lines_are_recognised_and_fractions_told_from_percents():
    header = "Numéro;Désignation;Qté;PU HT;Remise;TVA"
    expected = {
        "number": "Numéro", "description": "Désignation", "quantity": "Qté", "unit_price": "PU HT", "vat_rate": "TVA",
    }  # fmt: skip
    assert mapping("invoice", header, lines=True, row="F-1;A;1;2;5;20") == {**expected, "discount": "Remise"}
    assert mapping("invoice", header, lines=True, row="F-1;A;1;2;0,05;20") == {
        **expected,
        "discount_fraction": "Remise",
    }
    assert mapping("invoice", header, lines=True, row="F-1;A;1;2;0;20") == {**expected, "discount": "Remise"}


@pytest.mark.parametrize(
    ("name", "kind", "lines"),
    [("clients", "client", False), ("invoices", "invoice", False), ("invoice_lines", "invoice", True)],
)
def test_every_column_of_northwind_is_recognised(name, kind, lines):
    found = table(f"{name}.csv")
    assert sorted(suggest(kind, found, lines=lines).values()) == list(range(len(found.header)))


def test_what_is_missing_is_named():
    with translation.override("fr"):
        assert unmapped("invoice", {}) == ["Numéro", "Code du client / Client", "Date d’émission"]
        assert unmapped("invoice", {"number": 0, "client": 1, "issue_date": 2}) == []
        assert unmapped("invoice", {"number": 0}, lines=True) == ["Description", "Prix unitaire"]


def test_no_heading_means_two_targets_exactly():
    for kind in ("client", "quote", "invoice", "event"):
        for lines in (False, True):
            seen = {}
            for target in targets(kind, lines=lines):
                for heading in headings_of(kind, target.key):
                    seen.setdefault(heading, []).append(target.key)
            # Where two could be meant, the order of the targets decides; these are known.
            doubtful = {tuple(keys) for keys in seen.values() if len(keys) > 1}
            assert doubtful <= {
                ("subject", "title"),
                ("name", "contact"),
                ("description", "brief"),
                ("location", "address"),
            }
