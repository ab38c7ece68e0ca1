"""The lines of a quote or invoice in their form, with script and without."""

from decimal import Decimal

import pytest

from rouage.records.models import Quote
from tests.factories import records as make
from tests.factories.accounts import make_member, make_organisation, sign_in
from tests.web.pages import text
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


@pytest.mark.req("REC-2")
def test_quote_keeps_every_line_and_counts_them_up(http, customer):
    lines = line(0, "Projecteurs", "1 250,50", quantity="2", unit="jour", discount="10") | line(
        1, "Livret", "10", vat_rate="5,5"
    )
    http.post("/quotes/new", quote_data(customer, **lines))
    quote = Quote.objects.get()

    assert [(row.description, row.quantity, row.unit, row.net) for row in quote.lines.all()] == [
        ("Projecteurs", Decimal(2), "jour", Decimal("2250.90")),
        ("Livret", Decimal(1), "", Decimal(10)),
    ]
    assert quote.total_gross == Decimal("2711.63")
    assert quote.client == customer


@pytest.mark.req("REC-2")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"unit_price": "abc"}, "Ce n’est pas un montant"),
        ({"unit_price": ""}, "Prix unitaire : Ce champ est obligatoire"),
        ({"quantity": "1e9999"}, "chiffres"),
        ({"quantity": "99999999999"}, "chiffres"),
        ({"description": "", "unit_price": "5"}, "Décrivez ce que la ligne facture."),
        ({"vat_rate": "120"}, "pourcentage entre 0 et 100"),
        ({"discount": "-5"}, "pourcentage entre 0 et 100"),
        ({"quantity": "999999999", "unit_price": "9999999999"}, "trop"),
    ],
)
def test_wrong_line_says_what_is_wrong_beside_it_and_nothing_is_lost(http, customer, wrong, says):
    response = http.post("/quotes/new", quote_data(customer, **line(1, "Deuxième", **wrong)))
    content = response.content.decode()
    place = content[content.index('id="line-1"') :]

    assert response.status_code == 422
    assert says in text(place).replace("\xa0", " ")
    assert "Pose</textarea>" in content
    assert 'value="Éclairage"' in content
    assert Quote.objects.count() == 0


def test_empty_lines_are_left_out(http, customer):
    http.post("/quotes/new", quote_data(customer, **line(1, "", ""), **line(7, "Livret", "10")))

    assert [row.description for row in Quote.objects.get().lines.all()] == ["Pose", "Livret"]


@pytest.mark.parametrize(
    ("pressed", "shown"),
    [
        ("add", ["Un", "Deux", "Trois", ""]),
        ("remove-1", ["Un", "Trois"]),
        ("up-1", ["Deux", "Un", "Trois"]),
        ("up-0", ["Un", "Deux", "Trois"]),
        ("down-0", ["Deux", "Un", "Trois"]),
        ("down-2", ["Un", "Deux", "Trois"]),
        ("refresh", ["Un", "Deux", "Trois"]),
        ("remove-99", ["Un", "Deux", "Trois"]),
        ("nonsense", ["Un", "Deux", "Trois"]),
    ],
)
def test_buttons_of_the_lines_work_without_script(http, customer, pressed, shown):
    data = quote_data(customer, **line(0, "Un"), **line(1, "Deux"), **line(2, "Trois"), do=pressed)
    response = http.post("/quotes/new", data)

    assert response.status_code == 200
    assert [form["description"].value() or "" for form in response.context["lines"].forms] == shown
    assert 'aria-invalid="true"' not in response.content.decode()
    assert Quote.objects.count() == 0


def test_last_line_that_is_removed_leaves_an_empty_one(http, customer):
    response = http.post("/quotes/new", quote_data(customer, do="remove-0"))

    assert [form["description"].value() or "" for form in response.context["lines"].forms] == [""]


def test_totals_are_counted_by_the_server_while_one_types(http, customer):
    data = quote_data(customer, **line(1, "Unfertig", "12,"), do="refresh")
    response = http.post("/quotes/new", data, headers=HTMX)
    content = response.content.decode()

    assert content.lstrip().startswith('<div id="editor"')
    assert "Total TTC 134,40 €" in text(response).replace("\xa0", " ")
    assert "<html" not in content
