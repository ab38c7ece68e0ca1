"""What may stand behind the bar in ``{{ field | filter:argument }}``, and how values are written in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol

from rouage.planner.values import frozen

_THIN = "\u202f"  # between thousands, in French
_FIXED = "\u00a0"  # a blank at which no line breaks
_DIGITS = 30  # larger numbers are a fault somewhere, and could be written for ever
_MONTHS = {language: Locale(language).months["format"]["wide"] for language in ("fr", "en")}
_DAYS = {language: Locale(language).days["format"]["wide"] for language in ("fr", "en")}
_YES = {"fr": ("non", "oui"), "en": ("no", "yes")}
_TITLES = {"m", "mr", "mme", "mlle", "mrs", "ms", "miss", "dr", "me", "pr", "maître", "monsieur", "madame"}


@frozen(kw_only=True)
class Setting:
    """For whom values are written: ``language`` fr or en, ``zone`` an IANA name, ``currency`` an ISO 4217 code."""

    language: str
    zone: str
    currency: str


class Unfit(Exception):
    """The filter does not fit the value: a date of something that is no date."""


@frozen
class Filter:
    """``accepts`` says whether an argument (None: none given) is a good one; it is asked when the text is parsed."""

    apply: Callable[[object, str | None, Setting], str]
    accepts: Callable[[str | None], bool]


def plain(value: object, setting: Setting) -> str:
    """A value without any filter."""
    match value:
        case str():
            return value
        case bool():
            return _YES[setting.language][value]
        case int() | Decimal() | float():
            return _plain_number(value, setting)
        case date():
            return _date(value, None, setting)
        case time():
            return f"{value:%H:%M}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(plain(item, setting) for item in value)
        case _:
            raise Unfit


def _plain_number(value: float | Decimal, setting: Setting) -> str:
    number = _decimal(value)
    if number == number.to_integral_value():
        # Without groups: it may be a number that names something, or a year.
        return f"{number:.0f}"
    return _grouped(number, max(2, _scale(number.normalize())), setting.language)


def _scale(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Unfit
    if isinstance(value, int) and abs(value) >= 10**_DIGITS:
        raise Unfit
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS or _scale(number) > _DIGITS:
        raise Unfit
    return number


def _grouped(number: Decimal, places: int, language: str) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if _scale(number) > places else number
    text = f"{rounded:,.{places}f}"
    return text.translate(_FRENCH) if language == "fr" else text


_FRENCH = str.maketrans({",": _THIN, ".": ","})


def _number(value: object, argument: str | None, setting: Setting) -> str:
    number = _decimal(value)
    places = _scale(number.normalize()) if argument is None else int(argument)
    return _grouped(number, places, setting.language)


def _money(value: object, argument: str | None, setting: Setting) -> str:
    symbol, places = _currency(argument or setting.currency, setting.language)
    number = _decimal(value)
    amount = _grouped(abs(number), places, setting.language)
    sign = "-" if number < 0 and any(digit in amount for digit in "123456789") else ""
    if setting.language == "fr":
        return f"{sign}{amount}{_FIXED}{symbol}"
    return f"{sign}{symbol}{_FIXED if symbol[-1].isalpha() else ''}{amount}"


@lru_cache(maxsize=512)
def _currency(code: str, language: str) -> tuple[str, int]:
    return get_currency_symbol(code, locale=language), get_currency_precision(code)


def _date(value: object, argument: str | None, setting: Setting) -> str:
    if not isinstance(value, date):
        raise Unfit
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(ZoneInfo(setting.zone))
        if argument == "time":
            return f"{value:%H:%M}"
        at = {"fr": " à ", "en": " at "}[setting.language] if argument is None else ""
        return _day(value.date(), argument or "long", setting.language) + (f"{at}{value:%H:%M}" if at else "")
    if argument == "time":
        raise Unfit
    return _day(value, argument or "long", setting.language)


@lru_cache(maxsize=4096)
def _day(day: date, form: str, language: str) -> str:
    if form == "short":
        return f"{day:%d/%m}/{day.year:04d}"
    first = "1er" if language == "fr" and day.day == 1 else str(day.day)
    text = f"{first}{_FIXED}{_MONTHS[language][day.month]} {day.year}"
    return f"{_DAYS[language][day.weekday()]} {text}" if form == "full" else text


def _first_name(value: object, argument: str | None, setting: Setting) -> str:
    """The first name of "Marie Dupont", "Mme Marie Dupont" and "DUPONT Marie"; the whole of anything else."""
    words = [word for word in _text(value).split() if word.rstrip(".").lower() not in _TITLES]
    if not words:
        return _text(value)
    family_first = len(words) > 1 and _is_shouted(words[0]) and not _is_shouted(words[-1])
    return next(word for word in words if not _is_shouted(word)) if family_first else words[0]


def _is_shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _upper(value: object, argument: str | None, setting: Setting) -> str:
    return _text(value).upper()


def _lower(value: object, argument: str | None, setting: Setting) -> str:
    return _text(value).lower()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit
    return value


def _nothing(argument: str | None) -> bool:
    return argument is None


def _among(*words: str) -> Callable[[str | None], bool]:
    return lambda argument: argument is None or argument in words


def _is_currency(argument: str | None) -> bool:
    return argument is None or re.fullmatch(r"[A-Z]{3}", argument) is not None


FILTERS: Mapping[str, Filter] = {
    "date": Filter(_date, _among("short", "long", "full", "time")),
    "money": Filter(_money, _is_currency),
    "number": Filter(_number, _among("0", "1", "2", "3", "4", "5", "6")),
    "first_name": Filter(_first_name, _nothing),
    "upper": Filter(_upper, _nothing),
    "lower": Filter(_lower, _nothing),
}
DEFAULT = "default"  # not in the table: it is about the absence of a value
