"""Reads values out of cells as people in France and elsewhere write them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from rouage.records.importing.problems import CellProblem
from rouage.records.importing.tables import Cell, shown
from rouage.records.search import fold

_FRENCH_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:\s+(.+))?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(.+))?")
_TIME = re.compile(r"(\d{1,2})(?:[:h](\d{2}))?(?:[:m](\d{2})(?:\.\d+)?)?h?")
_CURRENCY = re.compile(r"€|eur|\$|usd|£|gbp|chf", re.IGNORECASE)
_MONTHS = 12
_CENTURY = 2000
_YEARS = (1900, 2200)
_LARGEST = Decimal(10) ** 12


def text(cell: Cell, longest: int) -> str:
    value = " ".join(shown(cell).split())
    if len(value) > longest:
        raise CellProblem(_("This text is longer than %(number)d characters. Shorten it.") % {"number": longest})
    return value


def long_text(cell: Cell) -> str:
    """With its line breaks."""
    return shown(cell).strip()


def amount(cell: Cell, places: int = 2) -> Decimal | None:
    """1 284,50 and 1284.50 alike; more digits than ``places`` after the comma are refused, not rounded."""
    if isinstance(cell, bool | date | time):
        raise CellProblem(_not_an_amount(cell))
    if isinstance(cell, int | float):
        # What a spreadsheet computed has the digits of its arithmetic: 0.1 + 0.2 is 0.30000000000000004.
        return _checked(Decimal(repr(round(cell, 10))), cell, places, rounding=True)
    raw = shown(cell)
    if not raw:
        return None
    plain = _decimal_text(raw)
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise CellProblem(_not_an_amount(cell)) from None
    return _checked(value, cell, places, rounding=False)


def percent(cell: Cell) -> Decimal | None:
    """20, 20 % and 5,5."""
    raw = cell.strip().removesuffix("%") if isinstance(cell, str) else cell
    value = amount(raw, 2)
    if value is not None and not 0 <= value <= 100:  # noqa: PLR2004 -- percent
        raise CellProblem(_("Enter a percentage between 0 and 100."))
    return value


def fraction(cell: Cell) -> Decimal | None:
    """0.25 for 25 percent; the result is in percent."""
    value = amount(cell, 4)
    if value is not None and not 0 <= value <= 1:
        raise CellProblem(_("Enter a fraction between 0 and 1, such as 0.25 for 25 percent."))
    return None if value is None else (value * 100).quantize(Decimal("0.01"))


def whole(cell: Cell) -> int | None:
    value = amount(cell, 0)
    return None if value is None else int(value)


def day(cell: Cell) -> date | None:
    """31/12/2026, 31.12.26, 2026-12-31, or a date cell; the day stands before the month."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _day_and_rest(cell)
    return found[0] if found else None


def moment(cell: Cell, zone: str) -> datetime | None:
    """A day with or without a time, in the organisation's zone; without, it is midnight."""
    if isinstance(cell, datetime):
        local = cell
    elif isinstance(cell, date):
        local = datetime.combine(cell, time())
    else:
        found = _day_and_rest(cell)
        if found is None:
            return None
        local = datetime.combine(found[0], _time(found[1], cell))
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _decimal_text(raw: str) -> str:
    plain = _CURRENCY.sub("", raw)
    plain = "".join(char for char in plain if not char.isspace() and char not in "'\u2019").replace("\u2212", "-")
    comma, dot = plain.rfind(","), plain.rfind(".")
    if comma > dot:
        # 1.284,50: points between thousands, a comma before the cents.
        return plain.replace(".", "").replace(",", ".")
    return plain.replace(",", "")


def _checked(value: Decimal, cell: Cell, places: int, *, rounding: bool) -> Decimal:
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise CellProblem(_not_an_amount(cell))
    rounded = value.quantize(Decimal(1).scaleb(-places))
    if rounded != value and not rounding:
        raise CellProblem(_("This number has more than %(number)d decimals. Round it.") % {"number": places})
    return rounded


def _not_an_amount(cell: Cell) -> str:
    raw = shown(cell)
    zeros = raw.replace("O", "0").replace("o", "0")
    if zeros != raw:
        try:
            return _("The letter O replaces zeros. Write %(number)s.") % {
                "number": str(Decimal(_decimal_text(zeros))).replace(".", ",")
            }
        except InvalidOperation:
            pass
    return _("This is not a number. Write it with digits, such as 1240,00.")


def _day_and_rest(cell: Cell) -> tuple[date, str] | None:
    if isinstance(cell, bool | int | float | time):
        raise CellProblem(_("This is not a date. Write it as 31/12/2026."))
    raw = shown(cell)
    if not raw:
        return None
    if found := _ISO_DATE.fullmatch(raw):
        year, month, number = (int(part) for part in found.groups()[:3])
    elif found := _FRENCH_DATE.fullmatch(raw):
        number, month, year = (int(part) for part in found.groups()[:3])
        year += _CENTURY if len(found[3]) == 2 else 0  # noqa: PLR2004 -- two digits
    else:
        raise CellProblem(_("This is not a date. Write it as 31/12/2026."))
    return _existing(year, month, number), found[4] or ""


def _existing(year: int, month: int, number: int) -> date:
    if not 1 <= month <= _MONTHS:
        raise CellProblem(_("There is no month %(month)d. Write the day before the month.") % {"month": month})
    if not _YEARS[0] <= year <= _YEARS[1] or number < 1:
        raise CellProblem(_("This is not a date. Write it as 31/12/2026."))
    last = date(year, month, monthrange(year, month)[1])
    if number > last.day:
        raise CellProblem(
            _("%(day)d %(month)s does not exist. Write %(last)s or another date.")
            % {"day": number, "month": date_format(last, "F"), "last": f"{last:%d/%m/%Y}"}
        )
    return last.replace(day=number)


def _time(raw: str, cell: Cell) -> time:
    if not raw:
        return time()
    found = _TIME.fullmatch(raw.strip().lower().replace(" ", ""))
    try:
        if found:
            hour, minute, second = (int(part or 0) for part in found.groups())
            return time(hour, minute, second)
    except ValueError:
        pass
    raise CellProblem(_("The time cannot be read. Write it as 14:30."))


def folded(raw: str) -> str:
    """A word as it is compared with known ones."""
    return " ".join(fold(raw).replace("-", " ").replace("_", " ").split())
