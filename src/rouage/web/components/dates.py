"""Moments and days as people read them: absolute, in the organisation's time zone, relative only beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import dateformat, timezone
from django.utils.translation import get_language, gettext, ngettext

NBSP = "\u00a0"


class Style(StrEnum):
    SHORT = "short"  # 23 nov. 10:30; with the year when it is not this one
    SECONDS = "seconds"  # 23 nov. · 10:30:07, the lines of a run
    PLAN = "plan"  # lun. 23 nov. · 10:30, what is to come
    LONG = "long"  # lundi 23 novembre 2026 à 10:30


# Django's letters. English: "D" and "M" are abbreviations without a full stop; French: "D." and "N" have one.
_MOMENT: Mapping[str, Mapping[Style, str]] = {
    "fr": {
        Style.SHORT: "j N{y} H:i",
        Style.SECONDS: "j N{y} · H:i:s",
        Style.PLAN: "D. j N{y} · H:i",
        Style.LONG: r"l j F Y \à H:i",
    },
    "en": {
        Style.SHORT: "j M{y} H:i",
        Style.SECONDS: "j M{y} · H:i:s",
        Style.PLAN: "D j M{y} · H:i",
        Style.LONG: r"l j F Y \a\t H:i",
    },
}
_DAY: Mapping[str, Mapping[Style, str]] = {
    "fr": {Style.SHORT: "d/m/Y", Style.PLAN: "D. j N{y}", Style.LONG: "l j F Y"},
    "en": {Style.SHORT: "j M Y", Style.PLAN: "D j M{y}", Style.LONG: "l j F Y"},
}
MINUTE, HOUR, A_DAY = 60, 3600, 86_400
# From here on a relative date says less than the absolute one beside it.
FAR = 60


def moment(at: datetime, style: str = Style.SHORT, *, now: datetime | None = None) -> str:
    """``at`` (aware) in the active time zone; the year is left out when it is the current one."""
    local = timezone.localtime(at)
    return _write(local, _MOMENT, Style(style), this_year=_today(now).year)


def day(on: date, style: str = Style.SHORT, *, now: datetime | None = None) -> str:
    return _write(on, _DAY, Style(style), this_year=_today(now).year)


def relative(at: datetime, *, now: datetime | None = None) -> str:
    """« il y a 12 min », « demain », « dans 4 jours »; nothing when it is further than two months away."""
    now = now or timezone.now()
    seconds = int((at - now).total_seconds())
    days = (timezone.localtime(at).date() - timezone.localtime(now).date()).days
    if abs(days) > FAR:
        return ""
    # A wait of three hours that ends after midnight is "in 3 h", not "tomorrow".
    if abs(seconds) < A_DAY // 2 or not days:
        return _hours(seconds)
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}


def local_iso(at: datetime) -> str:
    """For the ``datetime`` attribute of ``<time>``: with the offset of the active zone."""
    return timezone.localtime(at).isoformat(timespec="seconds")


def _hours(seconds: int) -> str:
    away = abs(seconds)
    if away < MINUTE:
        return gettext("just now") if seconds <= 0 else gettext("in a moment")
    if away < HOUR:
        text = gettext("in %(n)s min") if seconds > 0 else gettext("%(n)s min ago")
        return text % {"n": away // MINUTE}
    text = gettext("in %(n)s h") if seconds > 0 else gettext("%(n)s h ago")
    return text % {"n": timedelta(seconds=away) // timedelta(hours=1)}


def _write(value: date, patterns: Mapping[str, Mapping[Style, str]], style: Style, *, this_year: int) -> str:
    pattern = patterns[_language()][style]
    text = dateformat.format(value, pattern.format(y="" if value.year == this_year else " Y"))
    # French counts the first of the month, and only that one, as an ordinal.
    if _language() == "fr" and value.day == 1 and "d/" not in pattern:
        text = text.replace("1 ", "1er ", 1)
    # A short date is one word; the long one may wrap.
    return text if style is Style.LONG else text.replace(" ", NBSP)


def _today(now: datetime | None) -> date:
    return timezone.localtime(now or timezone.now()).date()


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "fr"
