"""Interest: day counts at month ends and leap days, one rounding, nothing before its time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.interest import DAY_COUNTS, day_count, simple_interest
from tests.rules.strategies import DAYS, RATES

CONVENTIONS = st.sampled_from(sorted(DAY_COUNTS))


@pytest.mark.parametrize(
    ("start", "end", "bond", "euro"),
    [
        ("2007-01-15", "2007-01-30", 15, 15),
        ("2007-01-15", "2007-02-15", 30, 30),
        ("2007-01-15", "2007-01-31", 16, 15),
        ("2007-01-31", "2007-02-28", 28, 28),
        ("2007-02-28", "2007-03-31", 33, 32),
        ("2006-08-31", "2007-02-28", 178, 178),
        ("2007-02-28", "2007-08-31", 183, 182),
        ("2007-09-30", "2008-03-31", 180, 180),
        ("2007-09-30", "2007-10-31", 30, 30),
        ("2007-09-30", "2008-09-30", 360, 360),
        ("2008-02-29", "2009-02-28", 359, 359),
    ],
)
def test_thirty_day_months(start: str, end: str, bond: int, euro: int) -> None:
    """ISDA 2006 Definitions, section 4.16 (f) and (g), with the dates of ISDA's own comparison of 30/360 methods."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    assert day_count(first, last, "30/360") == bond
    assert day_count(first, last, "30E/360") == euro


def test_calendar_days_know_leap_years_and_the_first_day_is_not_counted() -> None:
    assert day_count(date(2028, 2, 28), date(2028, 3, 1)) == 2
    assert day_count(date(2026, 2, 28), date(2026, 3, 1), "actual/360") == 1
    assert day_count(date(2026, 3, 1), date(2026, 3, 1)) == 0
    assert day_count(date(2026, 3, 2), date(2026, 3, 1), "30/360") == 0


@pytest.mark.parametrize(
    ("convention", "interest"), [("actual/365", 22192), ("actual/360", 22500), ("30/360", 22000), ("30E/360", 22000)]
)
def test_interest_on_ten_thousand_at_nine_percent(convention: str, interest: int) -> None:
    """10,000.00 at 9 % for 90 days (88 of 30/360): 221.92 exact, 225.00 ordinary interest."""
    start, end = date(2026, 1, 1), date(2026, 4, 1)
    if convention.startswith("30"):
        start = date(2026, 1, 3)
    assert simple_interest(1000000, Decimal(9), start, end, convention=convention) == interest


def test_nothing_on_credits_and_nothing_backwards() -> None:
    assert simple_interest(-1000, Decimal(9), date(2026, 1, 1), date(2027, 1, 1)) == 0
    assert simple_interest(1000, Decimal(9), date(2027, 1, 1), date(2026, 1, 1)) == 0


@pytest.mark.parametrize(
    ("amount", "rate", "convention"),
    [(1.0, Decimal(1), "30/360"), (1, 1.5, "30/360"), (1, Decimal(-1), "30/360"), (1, Decimal(1), "30/365")],
)
def test_floats_negative_rates_and_unknown_counts_are_refused(amount: Any, rate: Any, convention: str) -> None:
    with pytest.raises(Invalid):
        simple_interest(amount, rate, date(2026, 1, 1), date(2026, 2, 1), convention=convention)


@given(st.integers(0, 10**9), RATES, DAYS, DAYS, DAYS, CONVENTIONS)
def test_interest_in_two_steps_is_that_of_one_but_for_a_rounding(
    amount: int, rate: Decimal, a: date, b: date, c: date, convention: str
) -> None:
    start, middle, end = sorted((a, b, c))
    whole = simple_interest(amount, rate, start, end, convention=convention)
    steps = sum(
        simple_interest(amount, rate, first, last, convention=convention)
        for first, last in ((start, middle), (middle, end))
    )
    a_day = amount * rate / 36000
    assert whole >= 0
    assert abs(whole - steps) <= 1 + (2 * a_day if convention.startswith("30") else 0)


@given(DAYS, DAYS)
def test_conventions_stay_close_to_the_calendar(a: date, b: date) -> None:
    start, end = sorted((a, b))
    months = (end.year - start.year) * 12 + end.month - start.month
    for convention in ("30/360", "30E/360"):
        assert abs(day_count(start, end, convention) - months * 30) <= 30
    assert day_count(start, end) == (end - start).days
