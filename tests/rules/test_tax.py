"""Tax by line and by document, tax within a price, and spreading: every cent has a place and none is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules.tax import (
    LineTax,
    cash_rounding,
    document_discount,
    line_taxes,
    line_taxes_within,
    spread,
    tax_of,
    tax_within,
    taxes_on,
    taxes_within,
)
from tests.rules.strategies import RATES, ROUNDINGS

AMOUNTS = st.integers(0, 10**12)
LINES = st.lists(
    st.tuples(AMOUNTS, st.sampled_from((Decimal(0), Decimal(6), Decimal("8.875"), Decimal(21)))), max_size=12
)

# Invoice 12115118, "ubl-tc434-example1" of the European Commission's EN 16931 validation artefacts: quantity x price
# of each line in cents with its rate. Its tax breakdown: 183.23 at 6 % = 10.99, 46.37 at 21 % = 9.74.
EXAMPLE_1 = [
    (1990, 6), (985, 6), (829, 6), (1446, 6), (3500, 6), (3500, 6), (1065, 6), (155, 6), (1437, 6), (829, 6),
    (1658, 6), (995, 6), (330, 6), (1080, 21), (390, 6), (760, 21), (934, 21), (1863, 21), (10212, 6), (-10998, 6),
]  # fmt: skip


def test_the_document_method_gives_the_tax_of_a_known_invoice() -> None:
    """BR-CO-17: tax per category = taxable amount x rate, rounded once; a returned line takes its share back."""
    lines = [(net, Decimal(rate)) for net, rate in EXAMPLE_1]
    taxes = line_taxes(lines, "document")
    by_rate = {rate: [tax for (_, each), tax in zip(lines, taxes, strict=True) if each == rate] for _, rate in lines}
    assert sum(net for net, rate in lines if rate == 6) == 18323
    assert (sum(by_rate[Decimal(6)]), sum(by_rate[Decimal(21)])) == (1099, 974)
    assert sum(taxes) == 2073


def test_the_two_methods_differ_on_the_same_invoice() -> None:
    """Three lines of 0.33 at 10 %: 0.03 each by line, 0.10 on the document, the first with the spare cent."""
    lines = [(33, Decimal(10))] * 3
    assert line_taxes(lines, "line") == [3, 3, 3]
    assert line_taxes(lines, "document") == [4, 3, 3]


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [
        (132500, "25", 33125),
        (150000, "25", 37500),
        (250000, "12", 30000),
        (1, "50", 1),
        (-1, "50", -1),
        (1, "49.999999", 0),
    ],
)
def test_tax_is_net_times_rate_ties_away_from_zero(net: int, rate: str, tax: int) -> None:
    """Second and third: the breakdown of "ubl-tc434-example5" (1500.00 at 25 %, 2500.00 at 12 %)."""
    assert tax_of(net, Decimal(rate)) == tax


@pytest.mark.parametrize(
    ("gross", "rate", "tax"), [(12100, "21", 2100), (100, "19", 16), (1000, "20", 167), (0, "20", 0)]
)
def test_tax_within_a_price_is_gross_less_rounded_net(gross: int, rate: str, tax: int) -> None:
    assert tax_within(gross, Decimal(rate)) == tax


@given(AMOUNTS, RATES)
def test_net_and_tax_of_an_inclusive_price_make_it_up(gross: int, rate: Decimal) -> None:
    tax = tax_within(gross, rate)
    assert 0 <= tax <= gross
    assert abs(tax - Decimal(gross) * rate / (100 + rate)) <= Decimal("0.5")


@given(LINES, ROUNDINGS)
def test_by_line_every_line_stands_for_itself(lines: list[tuple[int, Decimal]], rounding: str) -> None:
    assert line_taxes(lines, "line", rounding) == [tax_of(net, rate, rounding) for net, rate in lines]


@given(LINES, ROUNDINGS)
def test_by_document_the_lines_add_up_to_the_tax_of_each_rate(lines: list[tuple[int, Decimal]], rounding: str) -> None:
    taxes = line_taxes(lines, "document", rounding)
    assert all(type(each) is int for each in taxes)
    for rate in {rate for _, rate in lines}:
        nets = [net for net, each in lines if each == rate]
        parts = [tax for (_, each), tax in zip(lines, taxes, strict=True) if each == rate]
        assert sum(parts) == tax_of(sum(nets), rate, rounding)
        for net, part in zip(nets, parts, strict=True):
            assert abs(part - Decimal(net) * rate / 100) < 2  # the document's rounding and the spread, one unit each


@given(st.lists(st.tuples(AMOUNTS, st.just(Decimal("7.7"))), min_size=1, max_size=12), st.randoms())
def test_the_tax_of_a_document_does_not_depend_on_the_order_of_its_lines(
    lines: list[tuple[int, Decimal]], random: st.DataObject
) -> None:
    shuffled = random.sample(lines, len(lines))  # type: ignore[attr-defined]
    assert sum(line_taxes(shuffled, "document")) == sum(line_taxes(lines, "document"))


# ---------------------------------------------------------------- spreading


def test_the_seats_of_a_known_election() -> None:
    """Largest remainder with the Hare quota, the common textbook case of 100,000 votes and 10 seats."""
    assert spread(10, [47000, 16000, 15900, 12000, 6000, 3100]) == [5, 2, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (10, [-1, -1, -1], [4, 3, 3]),
        (5, [0, 0], [5, 0]),
        (5, [], []),
        (0, [3, 4], [0, 0]),
        (7, [0, 5], [0, 7]),
    ],
)
def test_spreading_by_hand(total: int, weights: list[int], parts: list[int]) -> None:
    assert spread(total, weights) == parts


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_what_is_spread_adds_up_and_is_never_a_whole_unit_off(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        for weight, part in zip(weights, parts, strict=True):
            assert abs(part * whole - total * weight) < whole
            assert weight or not part
    assert [-part for part in parts] == spread(-total, weights)
    assert all(abs(a - b) <= 1 for a, b in zip(parts, spread(total, [3 * each for each in weights]), strict=True))


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=12))
def test_a_line_to_the_customers_favour_takes_its_share_too(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    if whole:
        assert all(abs(part * whole - total * weight) < abs(whole) for weight, part in zip(weights, parts, strict=True))


# ---------------------------------------------------------------- several taxes on a line

GST, QST, OLD_QST = LineTax(Decimal(5)), LineTax(Decimal("9.975")), LineTax(Decimal("9.5"), compound=True)


def test_gst_and_qst_of_a_hundred_dollars() -> None:
    """Revenu Quebec: 100.00 + GST 5.00 + QST 9.98 = 114.98, since 2013 at 9.975 % of the price, before at 9.5 % of the
    price with GST ([100.00 + 5.00] x 9.5 % = 9.98)."""
    assert taxes_on(10000, [GST, QST]) == [500, 998]
    assert taxes_on(10000, [GST, OLD_QST]) == [500, 998]
    assert taxes_on(10000, [GST, OLD_QST], compound_base="rounded") == [500, 998]
    assert tax_of(10000, Decimal("14.975")) == 1498  # in one stage


def test_a_levy_that_raises_the_base_of_the_next_tax() -> None:
    """Ghana before 2023: two levies of 2.5 % on 600.00, then VAT 12.5 % on 630.00: 15.00 + 15.00 + 78.75."""
    levies = [LineTax(Decimal("2.5")), LineTax(Decimal("2.5"))]
    assert taxes_on(60000, [*levies, LineTax(Decimal("12.5"), compound=True)]) == [1500, 1500, 7875]


def test_the_sum_is_rounded_once_and_the_spare_cent_goes_to_the_first() -> None:
    """Three taxes of 3.33 % on 10.00: 0.999 together is 1.00, each alone 0.33."""
    assert taxes_on(1000, [Decimal("3.33")] * 3) == [34, 33, 33]
    assert taxes_on(-1000, [Decimal("3.33")] * 3) == [-34, -33, -33]
    assert taxes_on(10, [Decimal(5)] * 2) == [0, 1]  # 0.5 + 0.5 is 1
    assert taxes_on(-3, [Decimal(10)] * 2) == [-1, 0]
    assert taxes_on(1, [Decimal(10)] * 3, "up") == [0, 0, 1]
    assert taxes_on(1000, []) == []


def test_the_base_of_a_compound_tax_may_be_the_rounded_tax() -> None:
    rates = [LineTax(Decimal(50)), LineTax(Decimal(100), compound=True)]
    assert taxes_on(1, rates) == [0, 2]  # 0.5 and 1.5: 2 together
    assert taxes_on(1, rates, compound_base="rounded") == [1, 2]  # 0.5 and 2: 2.5, so 3 together
    with pytest.raises(Invalid):
        taxes_on(1, rates, compound_base="other")


def test_several_taxes_within_a_price() -> None:
    assert taxes_within(11498, [GST, QST]) == [500, 998]
    assert taxes_within(11498, [GST, OLD_QST]) == [500, 998]
    assert taxes_within(70875, [LineTax(Decimal("2.5")), LineTax(Decimal("2.5")), LineTax(Decimal("12.5"), True)]) == [
        1500, 1500, 7875
    ]  # fmt: skip
    assert taxes_within(100, []) == []


TAXES = st.lists(st.builds(LineTax, RATES, st.booleans()), min_size=1, max_size=4)


@given(st.integers(-(10**9), 10**9), TAXES, ROUNDINGS)
def test_several_taxes_are_their_sum_and_near_their_own(net: int, taxes: list[LineTax], rounding: str) -> None:
    parts = taxes_on(net, taxes, rounding)
    exact: list[Decimal] = []
    for tax in taxes:
        exact.append((net + (sum(exact) if tax.compound else 0)) * tax.rate / 100)
    assert abs(sum(parts) - sum(exact)) < 1
    assert all(abs(part - each) <= len(taxes) + 1 for part, each in zip(parts, exact, strict=True))
    assert all(part * net >= 0 for part in parts)


@given(AMOUNTS, TAXES, ROUNDINGS)
def test_several_taxes_within_leave_a_net_that_makes_up_the_price(
    gross: int, taxes: list[LineTax], rounding: str
) -> None:
    parts = taxes_within(gross, taxes, rounding)
    assert all(part >= 0 for part in parts)
    assert 0 <= gross - sum(parts) <= gross


# ---------------------------------------------------------------- tax-inclusive by both methods


def test_prices_with_tax_by_both_methods() -> None:
    """Three of 0.99 with 10 %: by line 0.09 each, on the document 2.97 holds 0.27; two of 0.16 with 19 %: 0.03 each,
    together 0.05."""
    tenth, nineteen = Decimal(10), Decimal(19)
    assert line_taxes_within([(99, tenth)] * 3, "line") == [9, 9, 9]
    assert line_taxes_within([(99, tenth)] * 3, "document") == [9, 9, 9]
    assert line_taxes_within([(16, nineteen)] * 2, "line") == [3, 3]
    assert line_taxes_within([(16, nineteen)] * 2, "document") == [3, 2]
    assert line_taxes_within([(16, nineteen), (11, tenth), (16, nineteen)], "document") == [3, 1, 2]
    with pytest.raises(Invalid):
        line_taxes_within([], "by document")


@given(LINES)
def test_by_document_the_tax_within_is_that_of_each_rates_sum(lines: list[tuple[int, Decimal]]) -> None:
    taxes = line_taxes_within(lines, "document")
    for rate in {rate for _, rate in lines}:
        grosses = [gross for gross, each in lines if each == rate]
        parts = [tax for (_, each), tax in zip(lines, taxes, strict=True) if each == rate]
        assert sum(parts) == tax_within(sum(grosses), rate)


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [
        (1005, "10", 101),  # 1,005 yen at 10 %: 100.5
        (12345, "5", 617),  # 12.345 dinar at 5 %: 0.61725
    ],
)
def test_currencies_without_and_with_three_decimals(net: int, rate: str, tax: int) -> None:
    assert tax_of(net, Decimal(rate)) == tax
    assert tax_of(1005, Decimal(10), "down") == 100  # as Japanese invoices usually are


@pytest.mark.parametrize(("amount", "rate"), [(1.5, Decimal(5)), (True, Decimal(5)), (100, 5.0), (100, "x")])
def test_no_float_gets_in(amount: object, rate: object) -> None:
    for tax in (tax_of, tax_within):
        with pytest.raises(Invalid):
            tax(amount, rate)  # type: ignore[arg-type]


# ---------------------------------------------------------------- cash rounding


@pytest.mark.parametrize(
    ("total", "paid"), list(enumerate((100, 100, 100, 105, 105, 105, 105, 105, 110, 110, 110), 100))
)
def test_the_penny_is_phased_out(total: int, paid: int) -> None:
    """Canada Revenue Agency: 1 and 2 cents down, 3 and 4 up to 5, 6 and 7 down to 5, 8 and 9 up to 10."""
    assert total + cash_rounding(total, "CAD") == paid
    assert -total + cash_rounding(-total, "CAD") == -paid


@pytest.mark.parametrize(
    ("total", "currency", "increment", "line"),
    [
        (77272, "CAD", None, -2),  # repairs 689.93 + HST 82.79 = 772.72, paid 772.70
        (598, "CAD", None, 2),  # Office de la protection du consommateur: 5.98 is 6.00, 5.97 is 5.95
        (597, "CAD", None, -2),
        (1050, "SEK", None, 50),  # whole kronor
        (1049, "SEK", None, -49),
        (105, "NZD", None, 5),  # a tie goes up unless told otherwise
        (105, "NZD", "0.10", 5),
        (1003, "USD", None, 0),  # nothing to round
        (1003, "EUR", "0.05", 2),
        (1003, "JPY", "10", -3),
        (1003, "JPY", None, 0),
        (12342, "KWD", "0.005", -2),
        (100300, "HUF", None, 200),  # 1,003 forint are paid as 1,005
    ],
)
def test_cash_rounding_by_currency(total: int, currency: str, increment: str | None, line: int) -> None:
    assert cash_rounding(total, currency, increment=increment) == line


def test_a_tie_may_go_down() -> None:
    assert cash_rounding(105, "NZD", rounding="down") == -5
    assert cash_rounding(250, "SEK", rounding="half_even") == -50


@pytest.mark.parametrize(("currency", "increment"), [("USD", "0.001"), ("JPY", "0.5"), ("USD", "0"), ("USD", "0.025")])
def test_an_increment_must_be_payable(currency: str, increment: str) -> None:
    with pytest.raises(Invalid):
        cash_rounding(100, currency, increment=increment)


# ---------------------------------------------------------------- a discount on the document


def test_a_discount_on_the_document_is_spread_by_largest_remainder() -> None:
    """10.00 off lines of 33.33, 33.33 and 33.34: 3.33, 3.33 and 3.34."""
    assert document_discount([3333, 3333, 3334], amount=1000) == [333, 333, 334]
    assert document_discount([100, 100, 100], amount=100) == [34, 33, 33]
    assert document_discount([3333, 3333, 3334], percent=10) == [333, 333, 334]
    assert document_discount([999], percent="2.5") == [25]
    assert document_discount([100, -50], amount=50) == [100, -50]
    assert document_discount([], percent=10) == []


def test_what_is_no_discount() -> None:
    for wrong in ({}, {"amount": 1, "percent": 1}, {"amount": -1}, {"percent": -1}, {"amount": 1.5}):
        with pytest.raises(Invalid):
            document_discount([100], **wrong)  # type: ignore[arg-type]
    for much in ({"amount": 101}, {"percent": 101}):
        with pytest.raises(Refused):
            document_discount([100], **much)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12), st.data())
def test_no_line_gives_more_than_it_has(nets: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(nets)))
    parts = document_discount(nets, amount=amount)
    assert sum(parts) == amount
    assert all(0 <= part <= net for part, net in zip(parts, nets, strict=True))
