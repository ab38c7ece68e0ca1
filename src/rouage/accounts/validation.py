"""Checks what people type about organisations and members, and says what to do instead."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from rouage.accounts.models import LANGUAGES, THEMES, normalised


def name_error(name: str, longest: int) -> str:
    """What is wrong with a name, or ""."""
    if not name.strip():
        return _("Enter a name.")
    if len(name.strip()) > longest:
        return _("Enter a name of at most %(count)d characters.") % {"count": longest}
    return ""


def email_error(email: str) -> str:
    try:
        validate_email(normalised(email))
    except ValidationError:
        return _("Enter a valid email address, such as name@example.com.")
    return ""


def language_error(language: str) -> str:
    return "" if language in dict(LANGUAGES) else _("Choose French or English.")


def theme_error(theme: str) -> str:
    return "" if theme in dict(THEMES) else _("Choose one of the themes offered.")


def zone_error(zone: str) -> str:
    return "" if zone in zones() else _("Choose a time zone of the list, such as Europe/Paris.")


def currency_error(currency: str) -> str:
    if len(currency) == 3 and currency.isascii() and currency.isupper():  # noqa: PLR2004 -- ISO 4217
        return ""
    return _("Enter the three letters of a currency, such as EUR.")


@cache
def zones() -> frozenset[str]:
    """The time zones of the IANA list that have a place; what is left out are aliases of the machine."""
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def errors_of(**found: str) -> dict[str, str]:
    """Those of the named checks that found something."""
    return {field: text for field, text in found.items() if text}
