from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from rouage.records.importing import cells
from rouage.records.importing.problems import CellProblem

pytestmark = pytest.mark.req("REC-8")


def refused(read, *arguments):
    with translation.override("fr"), pytest.raises(CellProblem) as caught:
        read(*arguments)
    return caught.value.sentence.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1284", "1284.00"),
        ("1284.5", "1284.50"),
        ("1284,50", "1284.50"),
        ("1 284,50 €", "1284.50"),
        ("1\u202f284,50\u00a0€", "1284.50"),
        ("1.284,50", "1284.50"),
        ("1,284.50", "1284.50"),
        ("1'284.50 CHF", "1284.50"),
        ("EUR 12", "12.00"),
        ("-12,5", "-12.50"),
        ("\u221212,5", "-12.50"),
        (12, "12.00"),
        (12.5, "12.50"),
        (0.1 + 0.2, "0.30"),
        (-0.0, "-0.00"),
        ("0", "0.00"),
    ],
)
def test_amount_as_people_write_it(cell, value):
    assert str(cells.amount(cell)) == value


@pytest.mark.parametrize("cell", [None, "", "  "])
def test_empty_cells_are_nothing(cell):
    assert cells.amount(cell) is cells.day(cell) is cells.moment(cell, "UTC") is cells.whole(cell) is None


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("douze", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        ("1 240,OO", "La lettre O remplace des zéros. Écrivez 1240,00."),
        ("12,505", "Ce nombre a plus de 2 décimales. Arrondissez-le."),
        ("=1+2", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        ("NaN", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        ("1e400", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        (float("inf"), "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        (True, "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        (date(2026, 1, 1), "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
        ("9999999999999", "Ce n’est pas un nombre. Écrivez-le en chiffres, par exemple 1240,00."),
    ],
)
def test_amount_that_is_none_says_what_to_write(cell, sentence):
    assert refused(cells.amount, cell) == sentence


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_survive_every_way_of_writing(value):
    plain = f"{value:.2f}"
    french = f"{value:,.2f}".replace(",", "\u202f").replace(".", ",")
    german = f"{value:,.2f}".replace(",", "x").replace(".", ",").replace("x", ".")
    english = f"{value:,.2f}"
    for written in (plain, french, german, english, french + " €"):
        assert cells.amount(written) == value


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text):
    for read in (
        cells.amount,
        cells.day,
        cells.percent,
        cells.fraction,
        cells.whole,
        lambda cell: cells.moment(cell, "Europe/Paris"),
    ):
        with suppress(CellProblem):
            read(text)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("1/2/2026", date(2026, 2, 1)),
        ("01.02.26", date(2026, 2, 1)),
        ("01-02-2026", date(2026, 2, 1)),
        ("2026-02-01", date(2026, 2, 1)),
        ("2026-02-01T10:00:00", date(2026, 2, 1)),
        ("01/02/2026 10:30", date(2026, 2, 1)),
        ("29/02/2028", date(2028, 2, 29)),
        (datetime(2026, 2, 1, 23, 59), date(2026, 2, 1)),  # noqa: DTZ001 -- as spreadsheets have it
        (date(2026, 2, 1), date(2026, 2, 1)),
    ],
)
def test_day_as_people_write_it(cell, day):
    assert cells.day(cell) == day


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("31/11/2026", "Le 31 novembre n’existe pas. Écrivez 30/11/2026 ou une autre date."),
        ("29/02/2026", "Le 29 février n’existe pas. Écrivez 28/02/2026 ou une autre date."),
        ("12/25/2026", "Il n’y a pas de mois 25. Écrivez le jour avant le mois."),
        ("2026-13-01", "Il n’y a pas de mois 13. Écrivez le jour avant le mois."),
        ("00/01/2026", "Ce n’est pas une date. Écrivez-la ainsi : 31/12/2026."),
        ("demain", "Ce n’est pas une date. Écrivez-la ainsi : 31/12/2026."),
        ("01/02/0026", "Ce n’est pas une date. Écrivez-la ainsi : 31/12/2026."),
        (46_000, "Ce n’est pas une date. Écrivez-la ainsi : 31/12/2026."),
        (time(10), "Ce n’est pas une date. Écrivez-la ainsi : 31/12/2026."),
    ],
)
def test_day_that_is_none_says_what_to_write(cell, sentence):
    assert refused(cells.day, cell) == sentence


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_days_survive_both_ways_of_writing(day):
    assert cells.day(day.isoformat()) == cells.day(f"{day:%d/%m/%Y}") == day


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("02/03/2026", datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
        ("02/03/2026 14:30", datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
        ("02/03/2026 14h30", datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
        ("02/07/2026 9h", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("2026-03-02T14:30:15", datetime(2026, 3, 2, 13, 30, 15, tzinfo=UTC)),
        (datetime(2026, 3, 2, 14, 30), datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),  # noqa: DTZ001 -- same
        (date(2026, 3, 2), datetime(2026, 3, 1, 23, 0, tzinfo=UTC)),
    ],
)
def test_moment_is_in_the_organisations_zone(cell, moment):
    assert cells.moment(cell, "Europe/Paris") == moment


@pytest.mark.parametrize("cell", ["02/03/2026 25:00", "02/03/2026 midi", "02/03/2026 10:75"])
def test_time_that_is_none_says_what_to_write(cell):
    assert refused(cells.moment, cell, "Europe/Paris") == "L’heure est illisible. Écrivez-la ainsi : 14:30."


def test_percent_and_fraction():
    assert cells.percent("20 %") == cells.percent(20) == cells.percent("20,00") == Decimal(20)
    assert cells.percent("5,5") == Decimal("5.50")
    assert cells.fraction("0,25") == cells.fraction(0.25) == Decimal("25.00")
    assert refused(cells.percent, "101") == "Saisissez un pourcentage entre 0 et 100."
    assert refused(cells.fraction, "20").startswith("Saisissez une fraction")


def test_text_is_one_line_of_a_length():
    assert cells.text("  a \n b ", 10) == "a b"
    assert refused(cells.text, "a" * 11, 10) == "Ce texte dépasse 10 caractères. Raccourcissez-le."
    assert cells.long_text(" a\nb ") == "a\nb"
    assert cells.whole("45") == 45
    assert "décimales" in refused(cells.whole, "4,5")
