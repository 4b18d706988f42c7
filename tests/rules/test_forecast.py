"""Cash forecast: the day each item is expected, weeks over a year's end, and nothing lost or counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.forecast import ForecastItem, expected_day, forecast
from tests.rules.strategies import DAYS

TODAY = date(2026, 12, 28)  # the Monday of week 53
NEW_YEAR = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("due", "late", "promise", "expected"),
    [
        ("2027-01-10", "0", None, "2027-01-10"),
        ("2027-01-10", "4.4", None, "2027-01-14"),
        ("2027-01-10", "4.5", None, "2027-01-15"),
        ("2027-01-10", "-3", None, "2027-01-07"),
        ("2026-12-01", "5", None, "2026-12-28"),  # should have come: from today on
        ("2026-12-27", "-5", None, "2026-12-28"),
        ("2026-12-01", "5", "2027-01-20", "2027-01-20"),
        ("2026-12-01", "5", "2026-12-28", "2026-12-28"),
        ("2027-01-10", "5", "2026-12-27", "2027-01-15"),  # the promise has lapsed
    ],
)
def test_the_expected_day(due: str, late: str, promise: str | None, expected: str) -> None:
    found = expected_day(
        date.fromisoformat(due), TODAY, Decimal(late), date.fromisoformat(promise) if promise else None
    )
    assert found == date.fromisoformat(expected)


def test_weeks_over_the_end_of_a_year_are_those_of_iso_8601() -> None:
    """1 January 2027 is a Friday of week 53 of 2026; week 1 of 2027 begins on the 4th."""
    items = [ForecastItem(100, NEW_YEAR), ForecastItem(50, TODAY), ForecastItem(7, date(2027, 1, 4))]
    found = forecast(items, TODAY, {})
    assert [(each.year, each.week, each.monday, each.amount, each.count) for each in found.weeks] == [
        (2026, 53, TODAY, 150, 2), (2027, 1, date(2027, 1, 4), 7, 1),
    ]  # fmt: skip


def test_each_customer_is_late_in_its_own_way() -> None:
    items = [ForecastItem(100, TODAY, customer, id=customer) for customer in ("fast", "slow", "new", "unknown")]
    found = forecast(items, TODAY, {"fast": Decimal(0), "slow": Decimal(30), "new": None}, default_days_late=7)
    days = {each.id: (each.on - TODAY).days for each in found.rows}
    assert days == {"fast": 0, "slow": 30, "new": 7, "unknown": 7}


def test_disputed_money_and_credits_stand_apart() -> None:
    items = [ForecastItem(100, TODAY, disputed=True), ForecastItem(-30, TODAY), ForecastItem(80, TODAY)]
    apart = forecast(items, TODAY, {})
    assert (apart.weeks[0].amount, apart.disputed, apart.credits, apart.total) == (80, 100, -30, 150)
    within = forecast(items, TODAY, {}, credits="in")
    assert (within.weeks[0].amount, within.disputed, within.credits, within.total) == (50, 100, 0, 150)
    assert forecast([], TODAY, {}).weeks == ()


def test_a_part_that_is_promised_comes_when_promised_the_rest_as_usual() -> None:
    item = ForecastItem(1000, TODAY, "a", promise_on=NEW_YEAR, promised=400)
    rows = forecast([item], TODAY, {"a": Decimal(10)}).rows
    assert [(each.on, each.amount, each.basis) for each in rows] == [
        (NEW_YEAR, 400, "promise"), (date(2027, 1, 7), 600, "due"),
    ]  # fmt: skip
    lapsed = forecast([item], NEW_YEAR + timedelta(days=1), {"a": Decimal(0)}).rows
    assert [(each.amount, each.basis) for each in lapsed] == [(1000, "due")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 1.0}, {"promise_on": NEW_YEAR, "promised": 101}, {"promise_on": NEW_YEAR, "promised": -1},
        {"promise_on": NEW_YEAR, "promised": 1.0},
    ],
)  # fmt: skip
def test_floats_and_promises_above_the_item_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        forecast([ForecastItem(**{"amount": 100, "due_on": TODAY, **wrong})], TODAY, {})
    with pytest.raises(Invalid):
        forecast([], TODAY, {}, credits="netted")
    with pytest.raises(Invalid):
        expected_day(TODAY, TODAY, 1.5)  # type: ignore[arg-type]


ITEMS = st.lists(
    st.builds(
        ForecastItem, st.integers(-(10**9), 10**9), DAYS, st.sampled_from(("a", "b", "c")), st.booleans(),
        st.none() | DAYS,
    ),
    max_size=12,
)  # fmt: skip


@given(ITEMS, DAYS, st.integers(-60, 200), st.sampled_from(("apart", "in")))
def test_the_forecast_adds_up_and_never_lies_in_the_past(
    items: list[ForecastItem], as_of: date, late: int, credits: str
) -> None:
    found = forecast(items, as_of, {"a": Decimal(late), "b": None}, credits=credits)
    assert found.total == sum(each.amount for each in items)
    assert all(each.on >= as_of for each in found.rows)
    assert [each.monday for each in found.weeks] == sorted({each.monday for each in found.weeks})
    for week in found.weeks:
        assert week.monday == date.fromisocalendar(week.year, week.week, 1)
        inside = [each for each in found.rows if week.monday <= each.on < week.monday + timedelta(days=7)]
        assert (week.amount, week.count) == (sum(each.amount for each in inside), len(inside))
