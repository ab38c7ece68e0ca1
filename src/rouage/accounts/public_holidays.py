"""Public holidays of countries and regions, from the ``holidays`` library, loaded when first asked for."""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache
from typing import Any

FRANCE = "FR"
_SCHOOL_ZONE = "Zone "


@lru_cache(maxsize=512)
def holidays_in(country: str, region: str, year: int) -> frozenset[date]:
    """The public holidays of a year; ``region`` is a code of ``regions``, or "" for those of the whole country."""
    return frozenset(_library().country_holidays(country, subdiv=region or None, years=year, expand=False))


@cache
def countries() -> frozenset[str]:
    """ISO codes of the countries whose holidays are known."""
    return frozenset(_library().list_supported_countries(include_aliases=False))


@cache
def regions(country: str) -> tuple[str, ...]:
    """The codes of the regions with holidays of their own: 57 and 6AE are Moselle and Alsace, 974 La Réunion."""
    if country not in countries():
        return ()
    subdivisions = _library().country_holidays(country).subdivisions
    return tuple(code for code in subdivisions if not code.startswith(_SCHOOL_ZONE))


def _library() -> Any:  # noqa: ANN401 -- a library without types
    import holidays  # noqa: PLC0415 -- slow import

    return holidays
