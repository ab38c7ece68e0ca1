"""Countries, regions and public holidays by their names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from django.utils.translation import get_language

from rouage.accounts.public_holidays import countries, regions

type Choices = list[tuple[str, str]]


def country_choices() -> Choices:
    """In the reader's language, by name."""
    names: Mapping[str, str] = _locale(_language()).territories
    return sorted(((code, names.get(code, code)) for code in countries()), key=lambda pair: pair[1].casefold())


def country_name(text: str) -> str:
    """Of a code such as "FR" the country's name; what people typed as it stands."""
    names: Mapping[str, str] = _locale(_language()).territories
    return names.get(text.strip().upper(), text) if len(text.strip()) == 2 else text  # noqa: PLR2004 -- ISO 3166


def region_choices(country: str) -> Choices:
    """The regions with holidays of their own, by name."""
    return sorted(
        ((code, region_name(country, code)) for code in regions(country)), key=lambda pair: pair[1].casefold()
    )


def region_name(country: str, code: str) -> str:
    """The longest name that the library has for a region: "La Réunion" rather than "LRE"."""
    names = [name for name, own in _aliases(country).items() if own == code]
    return max(names, key=len, default=code)


@lru_cache(maxsize=64)
def holiday_names(country: str, region: str, year: int, language: str) -> Mapping[date, str]:
    """In the language where the library has it, else in the country's own."""
    library = _library()
    known = library.country_holidays(country).supported_languages
    spoken = next((one for one in known if one.startswith(language)), None)
    found: Mapping[date, str] = library.country_holidays(
        country, subdiv=region or None, years=year, expand=False, language=spoken
    )
    return {day: name.replace("'", "\u2019") for day, name in found.items()}


@cache
def _aliases(country: str) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(_library().country_holidays(country), "subdivisions_aliases", {}) or {}
    return found


@cache
def _locale(language: str) -> Any:  # noqa: ANN401 -- a library's object
    return Locale.parse(language)


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "fr"


def _library() -> Any:  # noqa: ANN401 -- a library without types
    import holidays  # noqa: PLC0415 -- slow import

    return holidays
