"""What the tests of this subject share."""

from django.utils import translation

from rouage.records.importing import Source, preview, read_table, run_import, suggest
from tests.factories.accounts import NOW
from tests.factories.records import ACTOR


def source(kind, text, lines=None, **options):
    table = read_table(text.encode() if isinstance(text, str) else text, f"{kind}.csv")
    more = {}
    if lines:
        more["lines"] = read_table(lines.encode(), "lignes.csv")
        more["lines_mapped"] = suggest(kind, more["lines"], lines=True)
    return Source(kind=kind, table=table, mapped=suggest(kind, table), **more, **options)


def look(organisation, given):
    with translation.override("fr"):
        return preview(organisation, given, now=NOW)


def told(found):
    return [(each.line, each.column, each.value, each.text.replace("\u00a0", " ")) for each in found.problems]


def bring(organisation, given, **options):
    return run_import(ACTOR, organisation, given, now=NOW, **options)


CLIENTS = """Code;Raison sociale;Contact;Fonction;Email;Téléphone;Adresse;CP;Ville;Pays;Type;Langue;Délai
HBR;Hôtel Beau Rivage;Laure Faure;Directrice;l.faure@beau-rivage.example;0450;2 quai;74200;Évian;France;Société;FR;45
PER;Boulangerie Perrin;;;pain@perrin.example;;;;Lyon;;;;
;Zoé Martin;;;;;;;;;Particulier;anglais;
"""


INVOICES = """Numéro;Client;Date;Échéance;Objet;Total HT;TVA;Payée le;Statut
F-2026-0301;Hôtel Beau Rivage;12/01/2026;11/02/2026;Gala;1 550,00;20 %;;
F-2026-0302;hotel beau rivage;12/02/2026;14/03/2026;Vitrine;360;20;;Envoyée
F-2026-0303;Hôtel Beau Rivage;14/02/2026;16/03/2026;Régie;480;20;01/03/2026;
F-2026-0304;Hôtel Beau Rivage;15/02/2026;17/03/2026;Erreur;100;20;;Annulée
"""


LINES = """Numéro;Désignation;Quantité;Prix unitaire;Remise;TVA
F-1;Rampe LED;2;1 000,00;10;20
F-1;Livre;1;99,99;;5,5
F-2;Pose;1,5;40;;20
"""
