"""Amounts of money as the reader's language writes them."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language

NBSP = "\u00a0"
CENT = Decimal("0.01")
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


def money(amount: Decimal | int, currency: str = "EUR") -> str:
    """1 284,00 € in French, €1,284.00 in English; a currency without a symbol keeps its code."""
    # number_format cuts off what is too much; money is rounded.
    rounded = abs(Decimal(amount)).quantize(CENT, ROUND_HALF_UP)
    figure = number_format(rounded, decimal_pos=2, use_l10n=True, force_grouping=True)
    symbol = SYMBOLS.get(currency, currency)
    sign = "\u2212" if amount < 0 else ""
    if (get_language() or "").startswith("en"):
        return f"{sign}{symbol}{figure}" if symbol != currency else f"{sign}{symbol}{NBSP}{figure}"
    return f"{sign}{figure}{NBSP}{symbol}"
