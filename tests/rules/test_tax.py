"""Tax by line and by document, tax within a price, and spreading: every cent has a place and none is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.tax import line_taxes, spread, tax_of, tax_within
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
