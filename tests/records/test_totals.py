from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rouage.records.totals import cents, line_net, totals

CENT = Decimal("0.01")
amounts = st.decimals(min_value=-100_000, max_value=100_000, places=2)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")])
lines = st.lists(st.tuples(amounts, rates), max_size=30)


@pytest.mark.req("REC-2")
def test_totals_of_a_quote_with_two_rates():
    found = totals(
        [(Decimal("2150.00"), Decimal(20)), (Decimal("1140.00"), Decimal(20)), (Decimal("99.99"), Decimal("5.5"))]
    )
    assert (found.net, found.tax, found.gross) == (Decimal("3389.99"), Decimal("663.50"), Decimal("4053.49"))
    assert [(rate.rate, rate.net, rate.tax) for rate in found.rates] == [
        (Decimal("5.5"), Decimal("99.99"), Decimal("5.50")),
        (Decimal(20), Decimal("3290.00"), Decimal("658.00")),
    ]


def test_vat_is_rounded_once_for_each_rate_not_for_each_line():
    # Three lines of 0.33 at 20 %: 0.066 each is 0.07, three times 0.21; on the sum it is 0.198, hence 0.20.
    assert totals([(Decimal("0.33"), Decimal(20))] * 3).tax == Decimal("0.20")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("3", "19.99", "0", "59.97"),
        ("1", "0.125", "0", "0.13"),
        ("1", "-0.125", "0", "-0.13"),
        ("2.5", "10.0001", "0", "25.00"),
        ("12", "14.00", "15", "142.80"),
        ("1", "99.99", "100", "0.00"),
    ],
)
def test_line_net_rounds_half_a_cent_away_from_zero(quantity, price, discount, net):
    assert line_net(Decimal(quantity), Decimal(price), Decimal(discount)) == Decimal(net)


def test_totals_of_no_line_are_zero():
    assert (totals([]).net, totals([]).gross, totals([]).rates) == (0, 0, ())


@given(lines)
def test_totals_add_up_to_the_cent(some):
    found = totals(some)
    assert found.gross == found.net + found.tax
    assert found.net == sum((net for net, _ in some), Decimal(0))
    assert found.tax == sum((rate.tax for rate in found.rates), Decimal(0))
    assert all(amount == amount.quantize(CENT) for amount in (found.net, found.tax, found.gross))


@given(lines, st.randoms())
def test_totals_do_not_depend_on_the_order_of_lines(some, random):
    shuffled = list(some)
    random.shuffle(shuffled)
    assert totals(shuffled) == totals(some)


@given(lines)
def test_tax_of_each_rate_is_the_exact_tax_rounded(some):
    for rate in totals(some).rates:
        exact = sum((net for net, line_rate in some if line_rate == rate.rate), Decimal(0)) * rate.rate / 100
        assert rate.tax == exact.quantize(CENT, rounding=ROUND_HALF_UP)
        assert abs(rate.tax - exact) <= Decimal("0.005")


@given(
    st.decimals(min_value="0.001", max_value=1000, places=3),
    st.decimals(min_value=0, max_value=10_000, places=4),
    st.decimals(min_value=0, max_value=100, places=2),
)
def test_discount_never_makes_a_line_dearer(quantity, price, discount):
    assert 0 <= line_net(quantity, price, discount) <= line_net(quantity, price)


@given(st.decimals(min_value=-1000, max_value=1000, places=6))
def test_cents_is_the_nearest_cent(amount):
    assert abs(cents(amount) - amount) <= Decimal("0.005")
