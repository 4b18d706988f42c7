"""Checks before an order: the same again, unusual quantities, minimum and multiple, phase-in and phase-out."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.rules.order_checks import duplicate_of, phased_out, quantity_fault, unusual
from tests.rules.strategies import DAYS, exact
from tests.support.clock import NOW

BASKET = [(1, Decimal(12)), (2, Decimal(6))]
MULTIPLES = st.sampled_from([Decimal(each) for each in ("0", "0.25", "0.5", "1", "6", "12", "24")])


def earlier(hours: float, lines: list[tuple[int, Decimal]] | None = None, number: str = "1") -> object:
    return number, NOW - timedelta(hours=hours), BASKET if lines is None else lines


@pytest.mark.parametrize(
    ("orders", "found"),
    [
        ([], None),
        ([earlier(1)], "1"),
        ([earlier(24)], "1"),  # 24 hours to the minute
        ([earlier(24.01)], None),
        ([earlier(-0.01)], None),  # of somebody's clock in the future
        ([earlier(1, BASKET[::-1])], "1"),  # the order of lines does not matter
        ([earlier(1, BASKET[:1])], None),
        ([earlier(1, [(1, Decimal(12)), (2, Decimal("6.001"))])], None),
        ([earlier(5, number="old"), earlier(2, number="new")], "new"),
    ],
)
def test_the_same_order_within_a_day(orders: list, found: str | None) -> None:
    assert duplicate_of(BASKET, NOW, orders) == found


@pytest.mark.parametrize(
    ("quantity", "history", "usual"),
    [
        ("100", ["10", "10"], None),  # too little history
        ("40", ["10", "10", "10"], None),  # four times is still usual
        ("40.001", ["10", "10", "10"], "10"),
        ("2.5", ["10", "10", "10"], None),
        ("2.499", ["10", "10", "10"], "10"),
        ("100", ["1", "10", "1000"], "10"),  # the median, not the mean
        ("100", ["0", "0", "0"], None),
        ("60", ["10", "12", "16", "20"], "14"),
    ],
)
def test_unusual_is_four_times_the_median_or_a_quarter(quantity: str, history: list[str], usual: str | None) -> None:
    found = unusual(Decimal(quantity), [Decimal(each) for each in history])
    assert found == (None if usual is None else Decimal(usual))


@pytest.mark.parametrize(
    ("quantity", "minimum", "multiple", "fault"),
    [
        ("12", "1", "1", None),
        ("6", "6", "6", None),
        ("5", "6", "6", "the least is 6 EA"),
        ("7", "6", "6", "it comes in multiples of 6 EA: 6 or 12"),
        ("0.3", "0.25", "0.25", "it comes in multiples of 0.25 EA: 0.25 or 0.5"),
        ("3", "1", "0", None),
        ("1", "5", "6", "the least is 6 EA"),  # the least that is a multiple, too
        ("5", "5", "6", "the least is 6 EA"),
        ("6", "7", "6", "the least is 12 EA"),
        ("8", "5", "6", "it comes in multiples of 6 EA: 6 or 12"),
        ("100", "10", "10", None),
        ("101", "100", "10", "it comes in multiples of 10 EA: 100 or 110"),
    ],
)
def test_minimum_and_multiple(quantity: str, minimum: str, multiple: str, fault: str | None) -> None:
    assert quantity_fault(Decimal(quantity), Decimal(minimum), Decimal(multiple), "EA") == fault


@given(exact(3, "0.001", "200"), exact(3, "0", "50"), MULTIPLES)
def test_every_quantity_that_is_offered_instead_can_be_ordered(
    quantity: Decimal, minimum: Decimal, multiple: Decimal
) -> None:
    fault = quantity_fault(quantity, minimum, multiple, "EA")
    if fault is None:
        assert quantity >= minimum
        assert not multiple or quantity % multiple == 0
        return
    *_, offered = fault.rpartition("is " if fault.startswith("the least") else ": ")
    for each in re.findall(r"\d+(?:\.\d+)?", offered):
        assert quantity_fault(Decimal(each), minimum, multiple, "EA") is None


@given(DAYS, st.none() | DAYS, st.none() | DAYS)
def test_on_sale_from_phase_in_until_the_day_before_phase_out(day: date, start: date | None, end: date | None) -> None:
    fault = phased_out(day, start, end)
    assert (fault is None) == ((start is None or start <= day) and (end is None or day < end))
    if fault is not None:
        assert (start or end).isoformat() in fault or (end and end.isoformat() in fault)  # type: ignore[union-attr]
