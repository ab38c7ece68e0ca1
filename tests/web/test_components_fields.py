from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django import forms
from django.utils import timezone, translation

from rouage.web.forms.fields import AmountField, DayField, MomentField, TimeOfDayField


class Everything(forms.Form):
    day = DayField(required=False)
    time = TimeOfDayField(required=False)
    moment = MomentField(required=False)
    amount = AmountField(max_digits=14, decimal_places=2, required=False)


def read(language, **data):
    with translation.override(language), timezone.override("Europe/Paris"):
        form = Everything(data)
        form.is_valid()
        # Errors are lazy: they speak the language in which they are read.
        return {name: list(errors) for name, errors in form.errors.items()} or form.cleaned_data


@pytest.mark.req("UX-1")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("day", "2026-12-31", date(2026, 12, 31)),
        ("day", "31/12/2026", date(2026, 12, 31)),
        ("time", "09:05", time(9, 5)),
        ("time", "9h05", time(9, 5)),
        ("moment", "2026-07-01T09:05", datetime(2026, 7, 1, 7, 5, tzinfo=UTC)),
        ("moment", "01/12/2026 09:05", datetime(2026, 12, 1, 8, 5, tzinfo=UTC)),
        ("day", "", None),
        ("amount", "", None),
    ],
)
def test_days_and_times_are_read_as_people_type_them(language, name, typed, expected):
    assert read(language, **{name: typed})[name] == expected


@pytest.mark.parametrize(
    ("language", "typed", "expected"),
    [
        ("fr", "1 284,50 €", "1284.50"),
        ("fr", "1\u00a0284,5", "1284.5"),
        ("fr", "1\u202f284", "1284"),
        ("fr", "1284.50", "1284.50"),
        ("fr", "1,284", None),  # three decimals in French
        ("en", "1,284.50", "1284.50"),
        ("en", "£1,284,000", "1284000"),
        ("en", "1284,5", "1284.5"),
        ("fr", "-12,5", "-12.5"),
        ("en", "0", "0"),
    ],
)
def test_amounts_are_read_as_the_language_writes_them(language, typed, expected):
    found = read(language, amount=typed)

    if expected is None:
        assert isinstance(found["amount"], list)
    else:
        assert found["amount"] == Decimal(expected)


@pytest.mark.parametrize(
    ("name", "typed", "french", "english"),
    [
        ("day", "31/02/2026", "Ce n’est pas une date.", "This is not a date."),
        ("time", "25:00", "Ce n’est pas une heure.", "This is not a time of day."),
        ("moment", "demain", "Ce n’est pas une date avec une heure.", "This is not a date and time."),
        ("amount", "cinq cents", "Ce n’est pas un montant.", "This is not an amount."),
        ("amount", "1.2.3", "Ce n’est pas un montant.", "This is not an amount."),
        ("amount", "NaN", "Ce n’est pas un montant.", "This is not an amount."),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(name, typed, french, english):
    assert read("fr", **{name: typed})[name][0].startswith(french)
    assert read("en", **{name: typed})[name][0].startswith(english)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_native_pickers_get_their_own_format_in_both_languages(language):
    initial = {
        "day": date(2026, 12, 31),
        "time": time(9, 5),
        "moment": datetime(2026, 7, 1, 7, 5, tzinfo=UTC),
        "amount": Decimal("1284.50"),
    }
    with translation.override(language), timezone.override("Europe/Paris"):
        form = Everything(initial=initial)
        drawn = {name: str(form[name]) for name in initial}

    assert 'type="date"' in drawn["day"]
    assert 'value="2026-12-31"' in drawn["day"]
    assert 'type="time"' in drawn["time"]
    assert 'value="09:05"' in drawn["time"]
    assert 'type="datetime-local"' in drawn["moment"]
    assert 'value="2026-07-01T09:05"' in drawn["moment"]
    assert {"fr": 'value="1284,50"', "en": 'value="1284.50"'}[language] in drawn["amount"]
    assert 'inputmode="decimal"' in drawn["amount"]


def test_what_was_typed_wrongly_comes_back_as_typed():
    with translation.override("fr"):
        form = Everything({"amount": "cinq cents", "day": "31/02"})
        form.is_valid()

        assert 'value="cinq cents"' in str(form["amount"])
        assert 'value="31/02"' in str(form["day"])
