"""Against an independent computation: the Code du travail (L3133-1, L3134-13, L3422-2) and the date of Easter."""

from datetime import date, timedelta

import pytest

from rouage.accounts.public_holidays import countries, holidays_in, regions

YEARS = range(2024, 2031)


def easter(year):
    """The anonymous Gregorian algorithm (Nature, 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * j) // 433
    month = (h + j - 7 * m + 90) // 25
    return date(year, month, (h + j - 7 * m + 33 * month + 19) % 32)


def french(year):
    moving = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    sunday = easter(year)
    return {sunday + timedelta(days) for days in moving} | {date(year, month, day) for month, day in fixed}


def test_easter_is_where_everybody_had_it():
    assert [easter(year) for year in (2000, 2008, 2024, 2025, 2026, 2038)] == [
        date(2000, 4, 23), date(2008, 3, 23), date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2038, 4, 25),
    ]  # fmt: skip


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize("year", YEARS)
def test_france_has_its_eleven_public_holidays(year):
    # Easter Monday, Ascension or Whit Monday can fall on 1 or 8 May, never all eleven on eleven days for certain.
    assert holidays_in("FR", "", year) == french(year)


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("region", ["57", "6AE"])
def test_alsace_and_moselle_have_good_friday_and_saint_stephen_besides(region, year):
    assert holidays_in("FR", region, year) == french(year) | {easter(year) - timedelta(2), date(year, 12, 26)}


OVERSEAS = {
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "BL": (10, 9),
    "MF": (5, 28),
}


@pytest.mark.req("AUT-10")
@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("region", OVERSEAS)
def test_overseas_commemorates_the_abolition_of_slavery_on_its_own_day(region, year):
    found, others = holidays_in("FR", region, year), {date(year, *day) for day in OVERSEAS.values()}

    assert french(year) <= found
    assert found & (others - french(year)) == {date(year, *OVERSEAS[region])} - french(year)


@pytest.mark.req("AUT-10")
def test_other_countries_have_theirs():
    assert date(2026, 7, 21) in holidays_in("BE", "", 2026)
    assert date(2026, 7, 21) not in holidays_in("FR", "", 2026)
    assert date(2026, 7, 1) in holidays_in("CA", "QC", 2026)


def test_regions_are_those_with_holidays_and_no_school_zones():
    assert {"57", "6AE", *OVERSEAS} <= set(regions("FR"))
    assert not [code for code in regions("FR") if code.startswith("Zone")]
    assert regions("XX") == ()
    assert {"FR", "BE", "CH", "LU", "CA"} <= countries()
