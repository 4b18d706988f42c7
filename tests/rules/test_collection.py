"""Collection figures: the worked cases that trade bodies and vendors publish, and what must hold of any figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.collection import (
    Paid,
    TermItem,
    average_days_delinquent,
    average_days_late,
    average_days_to_pay,
    bad_debt_to_sales_percent,
    best_possible_dso,
    cei,
    collected_to_term_percent,
    dso,
    dso_average,
    dso_countback,
    dso_sales_weighted,
    month_days,
    promise_kept_percent,
    receivables_turnover,
    true_dso,
)
from tests.rules.strategies import DAYS

DUE = date(2026, 6, 15)
START, END = date(2026, 6, 1), date(2026, 6, 30)
MONEY = st.integers(0, 10**9)
SALES = st.lists(st.integers(1, 10**9), min_size=1, max_size=24)


def near(found: Decimal | None, printed: str) -> bool:
    """Whether a figure is the printed one when rounded to its places."""
    places = -int(Decimal(printed).as_tuple().exponent)
    return found is not None and round(found, places) == Decimal(printed)


# ---------------------------------------------------------------- days sales outstanding


def test_dso_of_published_examples() -> None:
    """JD Edwards, "Current balance divided by sales": 10,869 x 90 / 17,674; The Motley Fool: average balance, April."""
    assert near(dso(10869, 5538 + 4566 + 7570, 90), "55.35")
    assert dso_average(16000, 20000, 20000, 30) == 27
    assert dso("7500", "45000", 90) == 15


def test_the_family_on_one_sample_trial_balance() -> None:
    """creditguru's sample: sales 3,390, 3,610 and 3,890 in January to March; March 6,340 = 3,590 + 1,800 + 900 + 50."""
    sales = 3390 + 3610 + 3890
    simple, best = dso(6340, sales, 90), best_possible_dso(3590, sales, 90)
    assert near(simple, "52.40")
    assert near(best, "29.67")
    assert near(average_days_delinquent(simple, best), "22.73")
    assert near(cei(6200, sales, 6340, 3590, periods=3), "55.9")  # as printed there
    weighted = dso_sales_weighted([3590, 1800, 900], [3890, 3610, 3390])
    assert near(weighted, "50.61")


def test_count_back_of_a_published_example() -> None:
    """Benji Pays: 212,000 owed, sales 100,000, 80,000 and 70,000: 30 + 30 + 32/70 of 30 days."""
    assert near(dso_countback(212000, [100000, 80000, 70000]), "73.71")


def test_count_back_with_calendar_months() -> None:
    """Oracle Hyperion, exhaustion method: five whole months (153 days), then 2,000/2,250 of April: 179.7 days.

    The printed fraction belongs to 13,000; of the 12,000 printed beside it 1,000 are left for April.
    """
    sales, days = [2500, 1750, 2250, 2500, 2000, 2250], [30, 31, 31, 30, 31, 30]
    assert month_days(date(2026, 9, 30), 6) == days
    assert near(dso_countback(13000, sales, days), "179.7")
    assert near(dso_countback(12000, sales, days), "166.3")


def test_the_edges_of_count_back() -> None:
    assert dso_countback(0, [100]) == dso_countback(-5, [100]) == dso_countback(0, []) == 0
    assert dso_countback(100, [100, 100]) == 30
    assert dso_countback(50, [0, 100]) == 45
    assert dso_countback(50, [-20, 100]) == 45
    assert dso_countback(50, [0, 100], stop_at_empty=True) == 0
    assert dso_countback(300, [100, 100]) is None
    assert dso_countback(300, [100, 100], beyond="stop") == 60
    assert dso_countback(300, [100, 100], beyond="average") == 90
    assert dso_countback(300, [0, 0], beyond="average") is None
    assert dso_countback(1, []) is None
    with pytest.raises(Invalid, match="days of each month"):
        dso_countback(1, [1, 2], [30])
    with pytest.raises(Invalid, match="is one of"):
        dso_countback(1, [1], beyond="guess")


def test_days_of_the_last_months_know_leap_years_and_a_month_that_runs() -> None:
    assert month_days(date(2028, 3, 10), 3) == [10, 29, 31]
    assert month_days(date(2026, 1, 31), 2) == [31, 31]
    assert month_days(date(2026, 1, 31), 0) == []


def test_the_age_of_open_invoices_weighted() -> None:
    assert true_dso([(100, date(2026, 6, 1)), (300, date(2026, 5, 2))], date(2026, 7, 1)) == Decimal(52) + Decimal(
        "0.5"
    )
    assert true_dso([], END) is None
    assert true_dso([(100, START), (-100, START)], END) is None


@given(MONEY, SALES)
def test_count_back_with_level_sales_is_the_simple_one(owed: int, sales: list[int]) -> None:
    level = [sales[0]] * len(sales)
    found = dso_countback(owed, level)
    simple = dso(owed, sum(level), 30 * len(level))
    assert simple is not None
    assert (found is None) == (owed > sum(level))
    if found is not None:
        assert abs(found - simple) < Decimal("1e-15")


@given(MONEY, MONEY, SALES)
def test_owing_more_never_takes_fewer_days(owed: int, more: int, sales: list[int]) -> None:
    one, two = (dso_countback(each, sales, beyond="average") for each in (owed, owed + more))
    assert one is not None
    assert two is not None
    assert 0 <= one <= two


@given(MONEY, MONEY, st.integers(1, 10**9), st.integers(1, 366))
def test_best_possible_and_delinquent_days_make_up_dso(current: int, late: int, sales: int, days: int) -> None:
    whole, best = dso(current + late, sales, days), best_possible_dso(current, sales, days)
    delinquent = average_days_delinquent(whole, best)
    assert whole is not None
    assert best is not None
    assert delinquent is not None
    assert abs(best + delinquent - whole) < Decimal("1e-15")
    assert delinquent >= 0


# ---------------------------------------------------------------- effectiveness, turnover, days to pay


def test_cei_at_its_ends() -> None:
    assert cei(1000, 500, 500, 500) == 100  # nothing is left past due
    assert cei(1000, 500, 1500, 500) == 0  # nothing came in
    assert cei(0, 0, 0, 0) is None
    assert cei(100, 0, 100, 100) is None  # nothing could be collected


@given(MONEY, MONEY, st.data())
def test_cei_lies_between_nothing_and_all(opening: int, sales: int, data: st.DataObject) -> None:
    ending = data.draw(st.integers(0, opening + sales))
    current = data.draw(st.integers(0, ending))
    found = cei(opening, sales, ending, current)
    assert (found is None) == (current == opening + sales)
    assert found is None or 0 <= found <= 100


def test_turnover() -> None:
    assert receivables_turnover(500000, 40000, 60000) == 10
    assert receivables_turnover(500000, 50000) == 10
    assert receivables_turnover(500000, 0, 0) is None


def test_days_to_pay_weighted_by_amount() -> None:
    """1,000 in 15 days, 3,000 in 30 and 2,000 in 45: 195,000 / 6,000 = 32.5 (a published worked case)."""
    paid = [Paid(amount, START, START + timedelta(days=days)) for amount, days in ((1000, 15), (3000, 30), (2000, 45))]
    assert average_days_to_pay(paid) == Decimal("32.5")
    assert average_days_to_pay(paid, weighted=False) == 30
    assert average_days_to_pay([]) is None


def test_days_late_are_negative_for_early_payment_unless_told_otherwise() -> None:
    paid = [Paid(100, DUE, DUE + timedelta(days=10)), Paid(100, DUE, DUE - timedelta(days=4))]
    assert average_days_late(paid) == 3
    assert average_days_late(paid, early_counts=False) == 5
    assert average_days_late(paid, weighted=False, early_counts=False) == 5
    assert average_days_late([Paid(0, DUE, DUE)]) is None


@given(st.lists(st.builds(Paid, st.integers(1, 10**9), DAYS, DAYS), min_size=1, max_size=12))
def test_an_average_lies_among_its_parts(paid: list[Paid]) -> None:
    days = [(each.paid_on - each.from_on).days for each in paid]
    for found in (average_days_to_pay(paid), average_days_late(paid), average_days_to_pay(paid, weighted=False)):
        assert found is not None
        assert min(days) - Decimal("1e-9") <= found <= max(days) + Decimal("1e-9")


# ---------------------------------------------------------------- to terms, bad debt, promises


def test_collected_to_term_by_value_and_by_count() -> None:
    items = [
        TermItem(1000, DUE, ((DUE, 1000),)),
        TermItem(1000, DUE, ((DUE, 400), (DUE + timedelta(days=1), 600))),
        TermItem(1000, DUE, ((DUE, 900),), credit_notes=100),
        TermItem(500, DUE, ((DUE, 500), (DUE, -500))),  # the bank took it back
        TermItem(300, DUE, credit_notes=300),
        TermItem(9999, END + timedelta(days=1)),
    ]
    assert collected_to_term_percent(items, START, END) == Decimal(2300) * 100 / 3400
    assert collected_to_term_percent(items, START, END, by="count") == 50
    assert collected_to_term_percent(items, START, END, by="count", tolerance_days=1) == 75
    assert collected_to_term_percent(items[4:], START, END) is None
    assert collected_to_term_percent([], START, END, by="count") is None


def test_what_bounced_after_the_due_day_was_not_collected_to_term() -> None:
    items = [TermItem(1000, DUE, ((DUE, 1000), (DUE + timedelta(days=4), -1000), (DUE + timedelta(days=9), 1000)))]
    assert collected_to_term_percent(items, START, END) == 0
    assert collected_to_term_percent(items, START, END, as_of=DUE + timedelta(days=3)) == 100


PAYMENTS = st.lists(st.tuples(DAYS, st.integers(-(10**6), 10**6)), max_size=4).map(tuple)


@given(st.lists(st.builds(TermItem, st.integers(-(10**6), 10**6), DAYS, PAYMENTS, st.integers(0, 10**6)), max_size=8))
def test_collected_to_term_lies_between_nothing_and_all(items: list[TermItem]) -> None:
    for by in ("value", "count"):
        found = collected_to_term_percent(items, date.min, date.max, by=by)
        assert (found is None) == all(Decimal(each.amount) <= Decimal(each.credit_notes) for each in items)
        assert found is None or 0 <= found <= 100


def test_bad_debt_to_sales() -> None:
    assert bad_debt_to_sales_percent(1500, 300000) == Decimal("0.5")
    assert bad_debt_to_sales_percent(1500, 300000, recoveries=300) == Decimal("0.4")
    assert bad_debt_to_sales_percent(1500, 0) is None


def test_promises_kept_by_value_and_by_count() -> None:
    promises: list[tuple[str, Any, Any]] = [
        ("kept", 1000, 995), ("partly", 1000, 500), ("broken", 2000, 0), ("open", 9000, 0), ("withdrawn", 50, 0),
    ]  # fmt: skip
    assert promise_kept_percent(promises) == Decimal("37.5")
    assert promise_kept_percent(promises, by="count") == Decimal(100) / 3
    assert promise_kept_percent(promises[3:]) is None
    with pytest.raises(Invalid, match="status is one of"):
        promise_kept_percent([("maybe", 1, 1)])


@pytest.mark.parametrize(
    "asked",
    [
        lambda: dso(1.0, 1, 30), lambda: cei(1, 1.5, 0, 0), lambda: dso_countback(1, [1.0]), lambda: dso(1, 1, -1),
        lambda: average_days_to_pay([Paid(1.0, DUE, DUE)]), lambda: true_dso([(1.0, DUE)], DUE),  # type: ignore[arg-type]
        lambda: receivables_turnover(float("nan"), 1), lambda: cei(1, 1, 1, 1, periods=0),
        lambda: bad_debt_to_sales_percent(1.0, 1), lambda: promise_kept_percent([("kept", 1.0, 1)]),
        lambda: dso_sales_weighted([1], []), lambda: collected_to_term_percent([TermItem(1.0, DUE)], START, END),
    ],
)  # fmt: skip
def test_floats_and_figures_that_do_not_match_are_refused(asked: Callable[[], object]) -> None:
    with pytest.raises(Invalid):
        asked()


def test_sales_weighted_without_sales_has_no_value() -> None:
    assert dso_sales_weighted([10, 5], [100, 0]) is None
    assert dso_sales_weighted([10, 0], [100, 0]) == 3
    assert dso_sales_weighted([], []) is None
    assert dso(10, 0, 30) is None
    assert dso_average(1, 1, -5, 30) is None
    assert average_days_delinquent(None, Decimal(1)) is None
