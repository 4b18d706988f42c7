"""Periods: nothing into a locked one, a reason into a closing one, and reversals where books are open."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.rules.periods import (
    LOCKED,
    MOVES,
    OPEN,
    SOFT_CLOSED,
    STATES,
    Period,
    may_post,
    move,
    period_of,
    posting_date,
    reversal_date,
    why_not_lock,
    why_not_post,
)

JANUARY = Period(date(2028, 1, 1), date(2028, 1, 31), LOCKED)
FEBRUARY = Period(date(2028, 2, 1), date(2028, 2, 29), SOFT_CLOSED)
MARCH = Period(date(2028, 3, 1), date(2028, 3, 31), OPEN)
YEAR = (MARCH, JANUARY, FEBRUARY)


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (date(2028, 1, 1), JANUARY),
        (date(2028, 1, 31), JANUARY),
        (date(2028, 2, 29), FEBRUARY),
        (date(2028, 4, 1), None),
    ],
)
def test_both_ends_belong_to_a_period(day: date, period: Period | None) -> None:
    assert period_of(day, YEAR) == period


@pytest.mark.parametrize(
    ("day", "supervisor", "reason", "words"),
    [
        (date(2028, 3, 31), False, "", None),
        (date(2028, 2, 29), False, "late bill", "only a supervisor"),
        (date(2028, 2, 29), True, "  ", "needs a reason"),
        (date(2028, 2, 29), True, "late bill", None),
        (date(2028, 1, 31), True, "late bill", "is locked"),
        (date(2027, 12, 31), True, "late bill", "no period"),
    ],
)
def test_who_may_post_where(day: date, supervisor: bool, reason: str, words: str | None) -> None:
    found = why_not_post(day, YEAR, supervisor, reason)
    assert (found is None) if words is None else (found is not None and words in found)
    assert may_post(day, YEAR, supervisor, reason) is (words is None)


def test_a_moment_is_no_day() -> None:
    with pytest.raises(Invalid):
        may_post(datetime(2028, 3, 1), YEAR)  # noqa: DTZ001


def test_the_posting_date_is_the_first_open_day() -> None:
    assert posting_date(date(2028, 3, 9), YEAR) == date(2028, 3, 9)
    assert posting_date(date(2028, 1, 9), YEAR) == date(2028, 3, 1)
    assert posting_date(date(2028, 1, 9), YEAR, True, "late bill") == date(2028, 2, 1)
    for nothing in ([], [JANUARY], [MARCH]):
        with pytest.raises(Refused, match="open one first"):
            posting_date(date(2028, 4, 1), nothing)


def test_where_a_reversal_is_posted() -> None:
    """Open period: the day of the original; closed period: the first day of the open one, or the day it is reversed."""
    assert reversal_date(date(2028, 3, 9), YEAR) == date(2028, 3, 9)
    assert reversal_date(date(2028, 1, 31), YEAR) == date(2028, 3, 1)
    assert reversal_date(date(2028, 1, 31), YEAR, closed="today", today=date(2028, 3, 20)) == date(2028, 3, 20)
    assert reversal_date(date(2028, 2, 10), YEAR, supervisor=True, reason="audit") == date(2028, 2, 10)
    with pytest.raises(Invalid):
        reversal_date(date(2028, 1, 31), YEAR, closed="never")


def test_the_moves_of_a_period() -> None:
    assert move(move(OPEN, "soft_close"), "lock") == LOCKED
    assert move(SOFT_CLOSED, "reopen") == OPEN
    assert move(LOCKED, "unlock") == SOFT_CLOSED
    assert set(MOVES) == set(STATES)
    with pytest.raises(Refused, match="open cannot take 'lock'; it can: soft_close"):
        move(OPEN, "lock")


def test_a_period_is_locked_only_when_its_books_agree() -> None:
    assert why_not_lock(FEBRUARY, 500, 500, periods=YEAR) is None
    assert "find the difference of -1" in (why_not_lock(FEBRUARY, 499, 500) or "")
    assert why_not_lock(FEBRUARY, {"USD": 5, "EUR": 0}, {"USD": 5}) is None
    assert "in EUR" in (why_not_lock(FEBRUARY, {"USD": 5}, {"USD": 5, "EUR": 2}) or "")
    assert "3 documents" in (why_not_lock(FEBRUARY, 5, 5, unposted=3) or "")
    assert "only a soft-closed one" in (why_not_lock(MARCH, 5, 5) or "")
    earlier = Period(JANUARY.start, JANUARY.end, SOFT_CLOSED)
    assert "01 Jan 2028 comes first" in (why_not_lock(FEBRUARY, 5, 5, periods=[MARCH, earlier]) or "")


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6), st.integers(-5, 80), st.booleans())
def test_a_posting_date_is_the_first_on_which_one_may_post(states: list[str], days: int, supervisor: bool) -> None:
    begin = date(2028, 1, 1)
    periods = [
        Period(begin + timedelta(days=10 * n), begin + timedelta(days=10 * n + 9), state)
        for n, state in enumerate(states)
    ]
    day = begin + timedelta(days=days)
    fitting = [each for n in range(100) if may_post(each := day + timedelta(days=n), periods, supervisor, "closing")]
    if fitting:
        assert posting_date(day, periods, supervisor, "closing") == fitting[0]
    else:
        with pytest.raises(Refused):
            posting_date(day, periods, supervisor, "closing")
