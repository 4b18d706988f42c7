"""Foreign currency: quotations and decimals, gains of published examples, and no cent left after partial settlement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.fx import FxItem, Rate, booked_part, convert, convert_exact, revalue, settle, settle_against
from tests.rules.strategies import exact

CLOSING = date(2026, 12, 31)
VALUES = exact(6, "0.000001", "2000")
EUR = Rate("EUR", "USD", "1.10")


# ---------------------------------------------------------------- quotation and decimals


@pytest.mark.parametrize(
    ("amount", "source", "target", "rate", "result"),
    [
        (1000000, "USD", "AUD", Rate("USD", "AUD", 2, quotation="indirect"), 500000),  # 2 USD = 1 AUD
        (1000000, "USD", "AUD", Rate("USD", "AUD", "2.5", quotation="indirect"), 400000),
        (10000, "EUR", "USD", EUR, 11000),
        (11000, "USD", "EUR", EUR, 10000),
        (16390, "JPY", "EUR", Rate("JPY", "EUR", "0.61", units=100), 9998),  # 99.979
        (9998, "EUR", "JPY", Rate("JPY", "EUR", "0.61", units=100), 16390),
        (10000, "EUR", "JPY", Rate("JPY", "EUR", "163.9", quotation="indirect"), 16390),
        (1000, "KWD", "USD", Rate("KWD", "USD", "3.25"), 325),  # 1.000 dinar = 3.25 dollars
        (325, "USD", "KWD", Rate("KWD", "USD", "3.25"), 1000),
        (1, "KWD", "JPY", Rate("KWD", "JPY", 500), 1),  # 0.001 dinar = 0.5 yen: a tie goes away from zero
        (-1, "KWD", "JPY", Rate("KWD", "JPY", 500), -1),
        (0, "EUR", "USD", EUR, 0),
    ],
)
def test_conversion_between_currencies_with_0_2_and_3_decimals(
    amount: int, source: str, target: str, rate: Rate, result: int
) -> None:
    """The first two: the rates of ebs.com.au's Dynamics example (10,000 USD booked as 5,000 AUD, then worth 4,000)."""
    assert convert(amount, source, target, rate) == result


@given(st.integers(-(10**12), 10**12), VALUES, st.sampled_from((1, 100, 1000)), st.sampled_from(("JPY", "USD", "KWD")))
def test_a_direct_rate_and_the_indirect_one_of_the_same_figures_undo_each_other(
    amount: int, value: Decimal, units: int, foreign: str
) -> None:
    direct = Rate(foreign, "EUR", value, units)
    turned = Rate("EUR", foreign, value, units, "indirect")
    assert convert_exact(amount, foreign, "EUR", direct) == convert_exact(amount, foreign, "EUR", turned)
    assert convert(-amount, foreign, "EUR", direct) == -convert(amount, foreign, "EUR", direct)


@pytest.mark.parametrize(
    "asked",
    [
        lambda: Rate("EUR", "USD", 0), lambda: Rate("EUR", "USD", -1), lambda: Rate("EUR", "EUR", 1),
        lambda: Rate("EUR", "USD", 1.1),  # type: ignore[arg-type]
        lambda: Rate("EUR", "USD", 1, 0), lambda: Rate("EUR", "USD", 1, 1, "reverse"),
        lambda: convert(1, "EUR", "GBP", EUR), lambda: convert(1, "EUR", "EUR", EUR),
        lambda: convert(1.0, "EUR", "USD", EUR),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_rates_that_say_nothing_and_floats_are_refused(asked: Callable[[], object]) -> None:
    with pytest.raises(Invalid):
        asked()


# ---------------------------------------------------------------- settlement


def test_a_realised_loss_and_an_unrealised_gain() -> None:
    """Business Central example: 100 EUR booked at 1.10 = 110 USD; paid at 1.08: loss 2; closing 1.12: gain 2."""
    item = FxItem(10000, convert(10000, "EUR", "USD", EUR), id="1")
    paid = settle(item, 10000, convert(10000, "EUR", "USD", replace(EUR, value="1.08")))
    assert (paid.booked, paid.settled, paid.gain) == (11000, 10800, -200)
    found = revalue([item], "EUR", "USD", replace(EUR, value="1.12"), CLOSING)
    assert (found.gain, found.reversal, found.reversed_on) == (200, -200, date(2027, 1, 1))
    assert (found.items[0].carried, found.items[0].closing) == (11000, 11200)


def test_three_thirds_leave_no_cent() -> None:
    """100.00 booked at 110.01; parts of 33.33, 33.33 and 33.34 take 36.67, 36.66 and 36.68 of it."""
    item = FxItem(10000, 11001)
    parts = []
    for amount in (3333, 3333, 3334):
        parts.append(booked_part(item, amount))
        item = replace(item, applied=item.applied + amount)
    assert (parts, sum(parts), item.open) == ([3667, 3666, 3668], 11001, 0)


def test_a_receipt_at_its_own_rate_against_an_invoice() -> None:
    """200 EUR received at 1.08 (216 USD) pay 100 EUR booked at 110: loss 2; the other way round nothing changes."""
    invoice, receipt = FxItem(10000, 11000), FxItem(-20000, -21600)
    assert settle_against(invoice, receipt, 10000).gain == -200
    assert settle(receipt, -20000, -22000).gain == -400


@pytest.mark.parametrize(
    ("item", "amount"),
    [
        (FxItem(100, 110), 0), (FxItem(100, 110), 101), (FxItem(100, 110), -1), (FxItem(100, 110, 60), 41),
        (FxItem(0, 0), 1), (FxItem(-100, -110), 1), (FxItem(100, 110), 1.0),  # type: ignore[list-item]
        (FxItem(100, 110, -50), 120),
    ],
)  # fmt: skip
def test_no_more_than_is_open_is_settled(item: FxItem, amount: Any) -> None:
    with pytest.raises(Invalid):
        settle(item, amount, 1)


@given(
    st.integers(1, 10**12),
    st.integers(0, 10**12),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=10),
    st.booleans(),
)
def test_however_it_is_paid_the_booking_is_used_up(face: int, booked: int, weights: list[int], credit: bool) -> None:
    sign = -1 if credit else 1
    item, taken, gains, received = FxItem(sign * face, sign * booked), 0, 0, 0
    cuts = sorted({face * sum(weights[: place + 1]) // sum(weights) for place in range(len(weights))} - {0})
    for cut in cuts:
        amount = sign * cut - item.applied
        paid = settle(item, amount, amount * 2)
        assert paid.booked * sign >= 0
        taken, gains, received = taken + paid.booked, gains + paid.gain, received + paid.settled
        item = replace(item, applied=item.applied + amount)
    assert item.open == 0
    assert taken == sign * booked
    assert gains == received - sign * booked


# ---------------------------------------------------------------- revaluation


def test_partly_settled_settled_and_credit_items_at_the_closing_rate() -> None:
    items = [FxItem(10000, 11001, 3333, "1"), FxItem(5000, 5500, 5000, "2"), FxItem(-1000, -1100, 0, "3")]
    found = revalue(items, "EUR", "USD", replace(EUR, value="1.20"), CLOSING)
    assert [(each.id, each.open, each.carried, each.closing, each.gain) for each in found.items] == [
        ("1", 6667, 7334, 8000, 666), ("3", -1000, -1100, -1200, -100),
    ]  # fmt: skip
    assert (found.gain, revalue([], "EUR", "USD", EUR, CLOSING).gain) == (566, 0)


@given(st.integers(1, 10**10), st.integers(1, 10**10), st.integers(0, 10**10), VALUES, VALUES)
def test_revalued_and_reversed_the_realised_gain_is_as_if_nothing_had_been(
    face: int, booked: int, applied: int, closing: Decimal, paid: Decimal
) -> None:
    item = FxItem(face, booked, min(applied, face - 1))
    found = revalue([item], "EUR", "USD", replace(EUR, value=closing), CLOSING)
    assert found.gain + found.reversal == 0
    settled = settle(item, item.open, convert(item.open, "EUR", "USD", replace(EUR, value=paid)))
    assert found.items[0].carried == settled.booked
    if paid == closing:
        assert settled.gain == found.gain
