"""Business days: the conventions at a month's end, weekends of other countries, the n-th weekday of any month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.business_days import is_business_day, month_end, nth_weekday, shifted
from tests.rules.strategies import DAYS


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("shift", "moved"),
    [
        ("none", "2026-10-31"),
        ("following", "2026-11-02"),
        ("modified_following", "2026-10-30"),
        ("preceding", "2026-10-30"),
    ],
)
def test_business_day_conventions_at_a_month_end(shift: str, moved: str) -> None:
    """Saturday 31 October 2026; ISDA 2006 Definitions, section 4.12."""
    assert shifted(day("2026-10-31"), shift) == day(moved)


def test_weekends_of_other_countries_and_no_open_day_at_all() -> None:
    assert shifted(day("2026-03-06"), "following", weekend=frozenset({5, 6})) == day("2026-03-08")  # Friday, Gulf week
    with pytest.raises(Invalid, match="No business day"):
        shifted(day("2026-03-06"), "following", weekend=frozenset(range(1, 8)))
    with pytest.raises(Invalid, match="shift is one of"):
        shifted(day("2026-03-06"), "nearest")


@given(DAYS, st.sets(DAYS, max_size=40))
def test_a_shifted_day_is_a_business_day_on_the_right_side(on: date, closed: set[date]) -> None:
    after, before = shifted(on, "following", closed), shifted(on, "preceding", closed)
    assert before <= on <= after
    assert is_business_day(after, closed)
    assert is_business_day(before, closed)
    modified = shifted(on, "modified_following", closed)
    assert modified == (after if after.month == on.month else before)
    assert shifted(modified, "modified_following", closed) == modified
    assert all(not is_business_day(before + timedelta(days=n), closed) for n in range(1, (after - before).days))


@given(st.integers(2024, 2030), st.integers(1, 12), st.integers(1, 7), st.sampled_from((-1, 1, 2, 3, 4, 5)))
def test_the_nth_weekday_is_that_of_the_calendar(year: int, month: int, weekday: int, nth: int) -> None:
    found = nth_weekday(year, month, weekday, nth)
    assert (found.year, found.month, found.isoweekday()) == (year, month, weekday)
    if nth > 0 and (found.day - 1) // 7 + 1 != nth:
        assert nth == 5
    if nth in (-1, 5):
        assert found + timedelta(days=7) > month_end(found)


def test_a_sixth_weekday_is_refused() -> None:
    with pytest.raises(Invalid):
        nth_weekday(2026, 3, 1, 6)
