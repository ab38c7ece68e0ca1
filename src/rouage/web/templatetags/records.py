"""What only the pages of records draw: ``{% load records %}``."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import get_language

register = template.Library()


@register.filter
def figure(number: Decimal) -> str:
    """A quantity or a rate without zeros that say nothing: 2, 2,5, 1 200."""
    text = f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
    return number_format(Decimal(text or "0"), use_l10n=True, force_grouping=True)


@register.filter
def percent(rate: Decimal) -> str:
    """With a no-break space in French, without one in English."""
    gap = "" if (get_language() or "").startswith("en") else "\u00a0"
    return f"{figure(rate)}{gap}%"
