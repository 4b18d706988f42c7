"""Provisions: the standard's own example, rates that are never rounded, dilution apart, rates from history."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.provision import (
    Receivable,
    WriteOffItem,
    flow_loss_rates,
    loss_rates,
    propose_write_offs,
    provide,
    provision_matrix,
    roll_rates,
    scenario_factor,
)
from tests.rules.strategies import exact

KEY = date(2026, 12, 31)
COMPANY_M = (["0.3", "1.6", "3.6", "6.6", "10.6"], [15000000, 7500000, 4000000, 2500000, 1000000])
RATES = exact(6, "0", "100")
GROSS = st.lists(st.tuples(st.integers(-(10**9), 10**12), st.integers(0, 10**10), RATES), min_size=1, max_size=6)


def late(days: int, amount: int = 10000, **more: Any) -> Receivable:
    return Receivable(amount, KEY - timedelta(days=days), **more)


# ---------------------------------------------------------------- the matrix


def test_the_provision_matrix_of_the_standard() -> None:
    """IFRS 9 Illustrative Example 12, Company M: 30,000,000 gross carrying amount, 580,000 loss allowance."""
    rates, gross = COMPANY_M
    bands = provision_matrix(gross, rates)
    assert [each.provision for each in bands] == [45000, 120000, 144000, 165000, 106000]
    assert (sum(gross), sum(each.provision for each in bands)) == (30000000, 580000)


def test_the_same_from_open_items() -> None:
    rates, gross = COMPANY_M
    found = provide([late(days, amount) for days, amount in zip((0, 30, 60, 90, 91), gross, strict=True)], KEY, rates)
    assert (found.total, found.individual) == (580000, ())


def test_rates_stay_unrounded_until_the_end() -> None:
    """IFRScommunity.com, Entity A: rates 2, 4, 8.7, 25 and 100 %, allowance 27,567.

    60,000.00 at 8.695652… % is 5,217.39; with the printed 8.7 % it would be 5,220.00.
    """
    rates = flow_loss_rates([100000, 50000, 23000, 8000, 2000], 2000)
    assert [each and round(each, 1) for each in rates] == [2, 4, Decimal("8.7"), 25, 100]
    assert None not in rates
    gross = [30000000, 14000000, 6000000, 2300000, 500000]
    bands = provision_matrix(gross, [each for each in rates if each is not None])
    assert [each.provision for each in bands] == [600000, 560000, 521739, 575000, 500000]
    assert sum(each.provision for each in bands) == 2756739


def test_expected_credit_notes_are_taken_out_first() -> None:
    band = provision_matrix([100000], ["10"], expected_credits=[40000])[0]
    assert (band.gross, band.exposure, band.provision) == (100000, 60000, 6000)
    assert provision_matrix([100000], ["10"], expected_credits=[100001])[0].provision == 0


def test_an_expected_credit_note_takes_off_its_own_item_alone() -> None:
    items = [late(5, 1000, expected_credit=5000), late(5, 10000)]
    found = provide(items, KEY, ["0", "2", "0", "0", "0"])
    assert (found.bands[1].gross, found.bands[1].expected_credit, found.total) == (11000, 1000, 200)


def test_the_forward_looking_factor_scales_rates_up_to_everything() -> None:
    bands = provision_matrix([1000, 1000], ["10", "80"], forward_factor="1.5")
    assert [(each.rate, each.provision) for each in bands] == [(15, 150), (100, 1000)]
    assert scenario_factor([("50", 1), ("30", "0.8"), ("20", "1.6")]) == Decimal("1.06")
    with pytest.raises(Invalid, match="add up to 100"):
        scenario_factor([("50", 1)])


def test_individually_assessed_items_leave_the_matrix() -> None:
    items = [late(10, 10000), late(10, 50000, assessed_percent="60", expected_credit=10000, id="7"), late(-3, 2000)]
    found = provide(items, KEY, ["1", "2", "3", "4", "5"], forward_factor=2)
    assert [each.gross for each in found.bands] == [2000, 10000, 0, 0, 0]
    assert [(each.id, each.exposure, each.provision) for each in found.individual] == [("7", 40000, 24000)]
    assert found.total == 40 + 400 + 24000


def test_credits_reduce_no_exposure_unless_told_to() -> None:
    items = [late(10, 10000), late(20, -4000), late(70, -500)]
    rates = ["0", "10", "20", "30", "40"]
    assert provide(items, KEY, rates).total == 1000
    by_date = provide(items, KEY, rates, credits="by_date")
    assert [(each.gross, each.exposure, each.provision) for each in by_date.bands[1:4]] == [
        (6000, 6000, 600), (0, 0, 0), (-500, 0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gross", "rates", "more"),
    [
        ([1], [], {}), ([1.0], [1], {}), ([1], [1.5], {}), ([1], [101], {}), ([1], [-1], {}),
        ([1], [1], {"forward_factor": -1}), ([1], [1], {"forward_factor": 1.1}),
        ([1], [1], {"expected_credits": [-1]}), ([1], [1], {"expected_credits": [1, 2]}),
    ],
)  # fmt: skip
def test_what_cannot_be_a_matrix_is_refused(gross: Any, rates: Any, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        provision_matrix(gross, rates, **more)


def test_rates_must_match_the_bands() -> None:
    with pytest.raises(Invalid, match="5 rates"):
        provide([], KEY, [1, 2, 3, 4])
    assert provide([], KEY, [1, 2, 3], edges=(365,)).total == 0


@given(GROSS, exact(4, "0", "3"))
def test_a_provision_lies_between_nothing_and_the_exposure(
    rows: list[tuple[int, int, Decimal]], factor: Decimal
) -> None:
    gross, credits, rates = zip(*rows, strict=True)
    for band in provision_matrix(gross, rates, expected_credits=credits, forward_factor=factor):
        assert 0 <= band.provision <= band.exposure <= max(0, band.gross)
        assert abs(band.provision - band.exposure * band.rate / 100) <= Decimal("0.5")


# ---------------------------------------------------------------- rates from history


def test_loss_rates_from_roll_rates() -> None:
    """By hand: 40 % of not due roll on, then 30 %, 50 % and 60 %; a quarter of the last band is lost."""
    month = [100000, 40000, 12000, 6000, 3600]
    rolls = roll_rates([month, month])
    assert rolls == [40, 30, 50, 60]
    assert loss_rates(rolls) == [Decimal("3.6"), 9, 30, 60, 100]
    assert loss_rates(rolls, last_percent=25) == [Decimal("0.9"), Decimal("2.25"), Decimal("7.5"), 15, 25]


def test_weighted_and_simple_averages_of_roll_rates() -> None:
    history = [[1000, 0], [3000, 100], [0, 900]]
    assert roll_rates(history) == [25]
    assert roll_rates(history, average="simple") == [20]
    assert roll_rates([[0, 5], [0, 5]]) == [None]
    assert roll_rates([[0, 5], [0, 5]], average="simple") == [None]
    assert roll_rates([[10, 5], [0, 99]]) == [100]
    assert loss_rates([None, 50]) == [None, 50, 100]
    assert flow_loss_rates([0, 10], 5) == [None, 50]


@pytest.mark.parametrize("history", [[], [[1, 2]], [[1, 2], [1]], [[1.0, 2], [1, 2.0]]])
def test_history_that_gives_no_rates_is_refused(history: Any) -> None:
    with pytest.raises(Invalid):
        roll_rates(history)


@given(st.lists(RATES, max_size=6), RATES)
def test_older_bands_never_lose_less(rolls: list[Decimal], last: Decimal) -> None:
    found = loss_rates(rolls, last_percent=last)
    assert len(found) == len(rolls) + 1
    numbers = [each for each in found if each is not None]
    assert numbers == sorted(numbers)
    assert numbers[-1] == last


# ---------------------------------------------------------------- write-offs


@pytest.mark.parametrize(
    ("days", "amount", "level", "more", "reason"),
    [
        (366, 10000, 3, {}, "366 days past due and dunned to level 3"),
        (365, 10000, 3, {}, None),
        (366, 10000, 2, {}, None),
        (366, 10000, 3, {"disputed": True}, None),
        (366, 10000, 3, {"promised": True}, None),
        (1, 500, 0, {}, "small balance"),
        (1, 501, 0, {}, None),
        (0, 500, 0, {}, None),
        (400, -500, 3, {}, None),
    ],
)
def test_what_is_proposed_for_writing_off(
    days: int, amount: int, level: int, more: dict[str, bool], reason: str | None
) -> None:
    item = WriteOffItem("1", amount, KEY - timedelta(days=days), level, **more)
    found = propose_write_offs([item], KEY, older_than_days=365, last_level=3, small_balance=500)
    assert found == ([(item, reason)] if reason else [])
