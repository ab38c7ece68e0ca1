import io
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.utils import translation

from rouage.journal.models import DomainEvent
from rouage.records import commands
from rouage.records.models import Event, Invoice, InvoiceLine, Payment, Quote
from tests.factories.accounts import NOW, make_member, make_organisation
from tests.factories.records import ACTOR, line, make_client, make_event, make_invoice, make_quote, pay
from tests.records.importing.bringing import INVOICES, LINES, bring, look, source, told

pytestmark = [pytest.mark.django_db, pytest.mark.req("REC-8")]


def test_invoices_are_imported_with_the_status_that_follows():
    organisation = make_organisation()
    make_client(organisation, name="Hôtel Beau Rivage")
    assert look(organisation, source("invoice", INVOICES)).new == 4
    bring(organisation, source("invoice", INVOICES))
    columns = ("number", "status", "total_net", "total_gross", "balance", "due_date")
    assert [tuple(map(str, row)) for row in Invoice.objects.order_by("number").values_list(*columns)] == [
        ("F-2026-0301", "overdue", "1550.00", "1860.00", "1860.00", "2026-02-11"),
        ("F-2026-0302", "sent", "360.00", "432.00", "432.00", "2026-03-14"),
        ("F-2026-0303", "paid", "480.00", "576.00", "0.00", "2026-03-16"),
        ("F-2026-0304", "cancelled", "100.00", "120.00", "0.00", "2026-03-17"),
    ]
    payment = Payment.objects.get()
    assert (payment.invoice.number, payment.amount, payment.paid_on) == ("F-2026-0303", Decimal(576), date(2026, 3, 1))
    invoice = Invoice.objects.get(number="F-2026-0301")
    assert (invoice.sent_at, invoice.search_text) == (datetime(2026, 1, 12, 12, tzinfo=UTC), "f-2026-0301 gala")
    assert list(invoice.lines.values_list("description", "net", "vat_rate")) == [("Gala", Decimal(1550), Decimal(20))]
    # Our own numbers go on after those that came.
    assert make_invoice(invoice.client).number == "F-2026-0305"


def test_bad_invoices_are_told_by_line_column_and_value():
    organisation = make_organisation()
    make_client(organisation, name="Boulangerie Perrin", code="PER")
    make_client(organisation, name="Double")
    make_client(organisation, name="Double")
    make_client(name="Ailleurs")
    text = """Numéro;Client;Date;Échéance;Montant TTC;Payé;Statut;Devise
F-1;Boulangerie Perrin;12/01/2026;31/11/2026;120;;;
F-2;Boulangeri Perrin;12/01/2026;;120;;;
F-3;Ailleurs;12/01/2026;;120;;;
F-4;Boulangerie Perrin;12/01/2026;;1 240,OO;;;
F-5;Boulangerie Perrin;;;120;;;
F-6;Boulangerie Perrin;12/01/2026;;;;;
F-1;Boulangerie Perrin;12/01/2026;;120;;;
F-7;Double;12/01/2026;;120;;;
F-8;Boulangerie Perrin;12/01/2026;11/01/2026;120;;;
F-9;Boulangerie Perrin;12/01/2026;;120;150;;
F-10;Boulangerie Perrin;12/01/2026;;120;;Perdue;
F-11;Boulangerie Perrin;12/01/2026;;-120;;;
F-12;;12/01/2026;;120;;;
F-13;Boulangerie Perrin;12/01/2026;;120;;;EURO
;Boulangerie Perrin;12/01/2026;;120;;;
"""
    found = look(organisation, source("invoice", text))
    assert told(found) == [
        (2, "Échéance", "31/11/2026", "Le 31 novembre n’existe pas. Écrivez 30/11/2026 ou une autre date."),
        (3, "Client", "Boulangeri Perrin", "Aucun client de ce nom. Le plus proche : Boulangerie Perrin."),
        (4, "Client", "Ailleurs", "Aucun client de ce nom. Importez d’abord les clients."),
        (5, "Montant TTC", "1 240,OO", "La lettre O remplace des zéros. Écrivez 1240,00."),
        (6, "Date", "", "Cette cellule est vide. Remplissez-la."),
        (7, "Montant TTC", "", "Il n’y a pas de montant. Saisissez un total, ou ajoutez le fichier des lignes."),
        (8, "Numéro", "F-1", "C’est déjà à la ligne 2."),
        (9, "Client", "Double", "Plusieurs clients portent ce nom. Ajoutez une colonne avec le code du client."),
        (10, "Échéance", "11/01/2026", "Cette date précède la date d’émission. Corrigez l’une des deux."),
        (11, "Payé", "150", "Le montant payé n’est pas entre zéro et le total. Corrigez l’un des deux."),
        (12, "Statut", "Perdue", found.problems[10].text.replace("\u00a0", " ")),
        (
            13,
            "Montant TTC",
            "-120",
            "Un montant négatif est un avoir, et les avoirs ne s’importent pas. Supprimez la ligne.",
        ),
        (14, "Client", "", "Cette cellule est vide. Remplissez-la."),
        (15, "Devise", "EURO", "Ce texte dépasse 3 caractères. Raccourcissez-le."),
        (16, "Numéro", "", "Cette cellule est vide. Remplissez-la."),
    ]
    assert "payee en partie" in found.problems[10].text
    assert (found.new, found.refused, Invoice.objects.count()) == (0, 15, 0)


def test_lines_come_from_a_file_of_their_own():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    text = "Numéro;Client;Date;Frais de port\nF-1;Perrin;12/01/2026;15,00\nF-2;Perrin;12/01/2026;\n"
    with translation.override("fr"):
        bring(organisation, source("invoice", text, LINES))
    first, second = Invoice.objects.order_by("number")
    columns = ("position", "description", "quantity", "unit_price", "discount", "vat_rate", "net")
    assert [tuple(map(str, row)) for row in first.lines.values_list(*columns)] == [
        ("1", "Rampe LED", "2.000", "1000.0000", "10.00", "20.00", "1800.00"),
        ("2", "Livre", "1.000", "99.9900", "0.00", "5.50", "99.99"),
        ("3", "Frais de port", "1.000", "15.0000", "0.00", "20.00", "15.00"),
    ]
    assert (first.total_net, first.total_tax, first.total_gross) == (
        Decimal("1914.99"), Decimal("368.50"), Decimal("2283.49"),
    )  # fmt: skip
    assert second.total_gross == Decimal("72.00")


def test_bad_lines_refuse_their_whole_document():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    text = "Numéro;Client;Date\nF-1;Perrin;12/01/2026\nF-2;Perrin;12/01/2026\nF-3;Perrin;12/01/2026\n"
    lines = """Numéro;Désignation;Quantité;Prix unitaire
F-1;A;1;10
F-1;B;x;10
F-9;C;1;10
F-2;;1;
F-3;Bon;1;10
"""
    given = source("invoice", text, lines)
    found = look(organisation, given)
    assert [(each.lines, each.line, each.column, each.value) for each in found.problems] == [
        (True, 3, "Quantité", "x"),
        (True, 4, "Numéro", "F-9"),
        (True, 5, "Désignation", ""),
    ]
    assert (found.new, found.refused) == (1, 2)
    bring(organisation, given, skip_refused=True)
    assert list(Invoice.objects.values_list("number", flat=True)) == ["F-3"]
    assert InvoiceLine.objects.count() == 1


def test_total_that_does_not_fit_the_lines_is_refused_but_for_cents():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    text = "Numéro;Client;Date;Total TTC\nF-1;Perrin;12/01/2026;2265,52\nF-2;Perrin;12/01/2026;75\n"
    found = look(organisation, source("invoice", text, LINES))
    assert [(each.line, each.value) for each in found.problems] == [(3, "75")]
    bring(organisation, source("invoice", text, LINES), skip_refused=True)
    invoice = Invoice.objects.get()
    # The lines come to 2265.49: the other program rounded in another way, and its total is what the client owes.
    assert (invoice.total_gross, invoice.total_net + invoice.total_tax) == (Decimal("2265.52"), Decimal("2265.52"))


@pytest.mark.parametrize(
    ("columns", "values", "net", "tax", "gross", "rate"),
    [
        ("Total HT", "100", "100.00", "20.00", "120.00", "20.00"),
        ("Total TTC", "120", "100.00", "20.00", "120.00", "20.00"),
        ("Total HT;Total TTC", "100;105,50", "100.00", "5.50", "105.50", "5.50"),
        ("Total TTC;TVA", "105,50;5,5", "100.00", "5.50", "105.50", "5.50"),
        ("Total TTC", "99,99", "83.33", "16.66", "99.99", "20.00"),
        ("Total HT;TVA", "100;0", "100.00", "0.00", "100.00", "0.00"),
    ],
)
def test_totals_without_lines(columns, values, net, tax, gross, rate):
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    bring(organisation, source("invoice", f"Numéro;Client;Date;{columns}\nF-1;Perrin;12/01/2026;{values}\n"))
    invoice = Invoice.objects.get()
    assert (str(invoice.total_net), str(invoice.total_tax), str(invoice.total_gross)) == (net, tax, gross)
    assert str(invoice.lines.get().vat_rate) == rate


def test_totals_that_contradict_each_other_are_refused():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    text = "Numéro;Client;Date;Total HT;Total TTC\nF-1;Perrin;12/01/2026;100;90\n"
    assert [each.column for each in look(organisation, source("invoice", text)).problems] == ["Total TTC"]


def test_known_invoice_takes_new_dates_and_payments_but_no_other_amounts():
    organisation = make_organisation()
    client, other = make_client(organisation, name="Perrin"), make_client(organisation, name="Morel")
    invoice = make_invoice(client, due=-5)
    pay(invoice, "20")
    head = "Numéro;Client;Date;Échéance;Montant TTC;Montant payé\n"
    found = bring(organisation, source("invoice", f"{head}F-2026-0001;Perrin;02/03/2026;30/04/2026;120;70\n"))
    assert (found.new, found.updated) == (0, 1)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance, invoice.due_date) == ("partially_paid", Decimal(50), date(2026, 4, 30))
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [Decimal(20), Decimal(50)]
    assert (invoice.number, invoice.lines.count(), invoice.issue_date) == ("F-2026-0001", 1, date(2026, 1, 26))
    event = DomainEvent.objects.order_by("-id").first()
    assert (event.type, sorted(event.payload["changes"])) == (
        "invoice.imported", ["balance", "due_date", "paid_total", "status"],
    )  # fmt: skip
    same = look(organisation, source("invoice", f"{head}F-2026-0001;Perrin;02/03/2026;30/04/2026;120;70\n"))
    assert (same.updated, same.unchanged, same.problems) == (0, 1, [])
    for row, column in (
        ("F-2026-0001;Perrin;02/03/2026;;130;", "Numéro"),
        ("F-2026-0001;Morel;02/03/2026;;120;", "Numéro"),
        ("F-2026-0001;Perrin;02/03/2026;;120;10", "Montant payé"),
    ):
        found = look(organisation, source("invoice", head + row + "\n"))
        assert ([each.column for each in found.problems], found.refused) == ([column], 1)
    assert other.pk


def test_paid_invoice_of_a_second_file_is_settled_once():
    organisation = make_organisation()
    invoice = make_invoice(make_client(organisation, name="Perrin"))
    text = "Numéro;Client;Date;Montant TTC;Payée le\nF-2026-0001;Perrin;02/03/2026;120;01/03/2026\n"
    for _ in range(2):
        bring(organisation, source("invoice", text))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance, invoice.paid_on) == ("paid", 0, date(2026, 3, 1))
    assert Payment.objects.get().amount == 120


def test_number_of_a_deleted_quote_is_not_used_again():
    organisation = make_organisation()
    quote = make_quote(make_client(organisation, name="Perrin"), status="sent")
    commands.delete_record(ACTOR, quote, now=NOW)
    text = "Numéro;Client;Date;Total HT\nD-2026-0001;Perrin;02/03/2026;100\n"
    assert [each.column for each in look(organisation, source("quote", text)).problems] == ["Numéro"]


def test_quotes_are_imported_and_updated():
    organisation = make_organisation()
    make_client(organisation, name="Perrin", code="PER")
    text = """Devis;Code client;Date;Valable jusqu'au;Objet;Total HT;Statut
D-1;PER;12/01/2026;11/02/2026;Gala;100;Accepté
D-2;per;12/01/2026;;Vitrine;50;
D-3;PER;12/01/2026;;Brouillon;50;Brouillon
"""
    bring(organisation, source("quote", text))
    sent = datetime(2026, 1, 12, 12, tzinfo=UTC)
    assert list(Quote.objects.order_by("number").values_list("status", "sent_at", "accepted_at")) == [
        ("accepted", sent, sent), ("sent", sent, None), ("draft", None, None),
    ]  # fmt: skip
    changed = (
        "Devis;Code client;Date;Valable jusqu'au;Objet;Total HT;Statut\nD-2;PER;12/01/2026;30/06/2026;;50;Refusé\n"
    )
    assert bring(organisation, source("quote", changed)).updated == 1
    quote = Quote.objects.get(number="D-2")
    assert (quote.status, quote.validity_date, quote.subject) == ("refused", date(2026, 6, 30), "Vitrine")


def test_events_are_imported_and_found_again():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    member = make_member(organisation, name="Yanis Belkacem", email="yanis@lumen.example")
    text = """Évènement;Client;Début;Fin;Lieu;Chef de projet;Statut
Gala;Perrin;12/12/2026 18:00;13/12/2026 02:00;Évian;Yanis Belkacem;Confirmé
Séminaire;Perrin;01/02/2027;;;yanis@lumen.example;option
"""
    bring(organisation, source("event", text))
    gala, seminar = Event.objects.order_by("id")
    assert (gala.start_at, gala.lead_id, gala.status, gala.location) == (
        datetime(2026, 12, 12, 17, tzinfo=UTC), member.pk, "confirmed", "Évian",
    )  # fmt: skip
    assert (seminar.start_at, seminar.lead_id, seminar.status) == (
        datetime(2027, 1, 31, 23, tzinfo=UTC), member.pk, "option",
    )  # fmt: skip
    moved = text.replace("12/12/2026 18:00", "12/12/2026 19:00")
    found = bring(organisation, source("event", moved))
    assert (found.new, found.updated, found.unchanged) == (0, 1, 1)
    gala.refresh_from_db()
    assert gala.start_at == datetime(2026, 12, 12, 18, tzinfo=UTC)


def test_event_of_the_same_name_on_another_day_is_another_one():
    client = make_client(name="Perrin")
    first = make_event(client, name="Séminaire", start_at=NOW, end_at=None)
    second = make_event(client, name="Séminaire", start_at=NOW + timedelta(days=90), end_at=None)
    text = "Évènement;Client;Début\nSéminaire;Perrin;02/03/2026\nSéminaire;Perrin;01/09/2026\n"
    found = bring(client.organisation, source("event", text))
    assert (found.new, found.updated) == (1, 1)
    assert {first.pk, second.pk} < set(Event.objects.values_list("id", flat=True))


def test_bad_events_are_told():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    text = """Évènement;Client;Début;Fin;Chef de projet;Statut
;Perrin;;;;
Gala;Perrin;12/12/2026;11/12/2026;;
Gala;Perrin;demain;;Personne;Perdu
"""
    found = look(organisation, source("event", text))
    assert [(each.line, each.column) for each in found.problems] == [
        (2, "Évènement"), (3, "Fin"), (4, "Début"), (4, "Chef de projet"), (4, "Statut"),
    ]  # fmt: skip


@pytest.mark.req("ACC-1")
def test_import_sees_and_changes_nothing_of_other_organisations():
    foreign = make_client(name="Perrin", code="PER")
    theirs = make_invoice(foreign)
    organisation = make_organisation()
    bring(organisation, source("client", "Code;Nom;Ville\nPER;Perrin;Lyon\n"))
    foreign.refresh_from_db()
    assert foreign.city == ""
    text = "Numéro;Client;Date;Montant TTC;Payée le\nF-2026-0001;Perrin;02/03/2026;120;01/03/2026\n"
    assert bring(organisation, source("invoice", text)).new == 1
    theirs.refresh_from_db()
    assert theirs.status == "sent"
    assert Counter(Invoice.objects.values_list("organisation_id", flat=True)) == {
        organisation.pk: 1, foreign.organisation_id: 1,
    }  # fmt: skip


def test_workbook_is_imported_like_csv():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    book = openpyxl.Workbook()
    for row in (
        ["Numéro", "Client", "Date", "Échéance", "Montant TTC"],
        ["F-1", "Perrin", date(2026, 1, 12), "11/02/2026", 120.5],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    bring(organisation, source("invoice", out.getvalue()))
    invoice = Invoice.objects.get()
    assert (invoice.issue_date, invoice.due_date, invoice.total_gross) == (
        date(2026, 1, 12), date(2026, 2, 11), Decimal("120.50"),
    )  # fmt: skip


def test_number_of_queries_does_not_depend_on_the_number_of_rows(django_assert_max_num_queries):
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    rows = "".join(f"X-{number};Perrin;12/01/2026;120\n" for number in range(300))
    with django_assert_max_num_queries(20):
        bring(organisation, source("invoice", "Numéro;Client;Date;Montant TTC\n" + rows))
    assert Invoice.objects.count() == 300


def test_thousands_of_rows_take_seconds():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    rows = "".join(f"X-{number};Perrin;12/01/2026;120\n" for number in range(5000))
    started = time.perf_counter()
    bring(organisation, source("invoice", "Numéro;Client;Date;Montant TTC\n" + rows))
    assert time.perf_counter() - started < 20
    assert Invoice.objects.count() == 5000


def test_lines_of_the_specification_use_the_given_rate():
    organisation = make_organisation()
    make_client(organisation, name="Perrin")
    given = source("invoice", "Numéro;Client;Date;Total HT\nF-1;Perrin;12/01/2026;100\n", vat_rate=Decimal(0))
    bring(organisation, given)
    assert Invoice.objects.get().total_gross == 100
    assert line().vat_rate == 20
