"""Totals of quotes and invoices: exact, with the rounding that electronic invoices in France require.

A line's net amount is rounded to the cent. VAT is computed once for each rate, on the sum of its lines, then rounded
(EN 16931, rules BR-CO-10, BR-CO-13, BR-CO-14, BR-CO-15 and BR-CO-17, which Factur-X takes over). Half a cent is rounded
away from zero. Rounding the VAT of each line instead would differ by cents from what the recipient's software computes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTotal:
    """What the lines of one VAT rate (in percent) come to."""

    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    net: Decimal
    tax: Decimal
    gross: Decimal
    rates: tuple[RateTotal, ...]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_net(quantity: Decimal, unit_price: Decimal, discount: Decimal = ZERO) -> Decimal:
    """``discount`` is a percentage of the line."""
    return cents(quantity * unit_price * (_HUNDRED - discount) / _HUNDRED)


def totals(lines: Iterable[tuple[Decimal, Decimal]]) -> Totals:
    """From the (net amount, VAT rate) of each line."""
    nets: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for net, rate in lines:
        nets[rate] += net
    rates = tuple(RateTotal(rate=rate, net=net, tax=cents(net * rate / _HUNDRED)) for rate, net in sorted(nets.items()))
    net = sum((rate.net for rate in rates), ZERO)
    tax = sum((rate.tax for rate in rates), ZERO)
    return Totals(net=net, tax=tax, gross=net + tax, rates=rates)
