from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from rouage.web.components import dates

NB = "\u00a0"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _paris():
    with timezone.override("Europe/Paris"):
        yield


@pytest.mark.req("UX-1")
@pytest.mark.parametrize(
    ("style", "french", "english"),
    [
        ("short", "23 nov. 10:30", "23 Nov 10:30"),
        ("seconds", "23 nov. · 10:30:07", "23 Nov · 10:30:07"),
        ("plan", "lun. 23 nov. · 10:30", "Mon 23 Nov · 10:30"),
        ("long", "lundi 23 novembre 2026 à 10:30", "Monday 23 November 2026 at 10:30"),
    ],
)
def test_moment_in_each_style(style, french, english):
    at = NOW + timedelta(seconds=7)
    for language, expected in (("fr", french), ("en", english)):
        with translation.override(language):
            written = dates.moment(at, style, now=NOW)
        assert written.replace(NB, " ") == expected
        # A short one does not break over two lines.
        assert (NB in written) is (style != "long")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), "31 déc. 2025 23:59"),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), "1er janv. 00:00"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "1er janv. 2027 00:00"),
        (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), "1er juil. 10:00"),
        (datetime(2026, 7, 21, 8, 0, tzinfo=UTC), "21 juil. 10:00"),
    ],
)
def test_moment_shows_the_year_when_it_is_another_one_in_local_time(at, expected):
    with translation.override("fr"):
        assert dates.moment(at, now=NOW).replace(NB, " ").replace("jan. ", "janv. ") == expected


@pytest.mark.parametrize(
    ("on", "style", "french", "english"),
    [
        (date(2026, 11, 1), "short", "01/11/2026", "1 Nov 2026"),
        (date(2026, 12, 1), "plan", "mar. 1er déc.", "Tue 1 Dec"),
        (date(2027, 1, 4), "plan", "lun. 4 janv. 2027", "Mon 4 Jan 2027"),
        (date(2026, 5, 1), "long", "vendredi 1er mai 2026", "Friday 1 May 2026"),
    ],
)
def test_day_in_each_style(on, style, french, english):
    for language, expected in (("fr", french), ("en", english)):
        with translation.override(language):
            assert dates.day(on, style, now=NOW).replace(NB, " ").replace("jan. ", "janv. ") == expected


@pytest.mark.parametrize(
    ("away", "french", "english"),
    [
        (timedelta(0), "à l’instant", "just now"),
        (timedelta(seconds=30), "dans un instant", "in a moment"),
        (timedelta(minutes=12), "dans 12 min", "in 12 min"),
        (timedelta(minutes=-12), "il y a 12 min", "12 min ago"),
        (timedelta(hours=3), "dans 3 h", "in 3 h"),
        (timedelta(hours=-3), "il y a 3 h", "3 h ago"),
        # 10:30 plus eleven hours is still a wait of hours; plus fifteen is tomorrow.
        (timedelta(hours=11), "dans 11 h", "in 11 h"),
        (timedelta(hours=15), "demain", "tomorrow"),
        (timedelta(hours=-20), "hier", "yesterday"),
        (timedelta(days=4), "dans 4 jours", "in 4 days"),
        (timedelta(days=-2), "il y a 2 jours", "2 days ago"),
        (timedelta(days=61), "", ""),
        (timedelta(days=-61), "", ""),
    ],
)
def test_relative_says_how_far_away(away, french, english):
    for language, expected in (("fr", french), ("en", english)):
        with translation.override(language):
            assert dates.relative(NOW + away, now=NOW).replace(NB, " ") == expected


def test_iso_carries_the_offset_of_the_zone_on_both_sides_of_the_change():
    assert dates.local_iso(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "2026-10-25T02:30:00+02:00"
    assert dates.local_iso(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "2026-10-25T02:30:00+01:00"
