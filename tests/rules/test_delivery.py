"""Delivery days: cut-off, lead days, route days and holidays; the days a rep may type; the edges of the calendar."""

from __future__ import annotations

import calendar
import contextlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csdesk.errors import Invalid
from csdesk.rules.delivery import WEEKDAYS, day_words, first_day, next_route_day, past_day, soon, typed_day
from tests.rules.strategies import DAYS

TUESDAY = date(2026, 3, 3)
ROUTES = st.sets(st.sampled_from("1234567"), min_size=1).map(lambda days: "".join(sorted(days)))
MOMENTS = st.builds(datetime.combine, DAYS, st.times())


def truck(at: str, day: date = TUESDAY, **more: Any) -> date:
    more = {"delivery_days": "12345", "cut_off": time(16), "lead_days": 1, **more}
    return first_day(datetime.combine(day, time.fromisoformat(at)), **more)


# ---------------------------------------------------------------- the first day a truck comes


def test_up_to_and_including_the_cut_off_it_is_tomorrow() -> None:
    assert truck("15:59") == truck("16:00:00") == date(2026, 3, 4)
    assert truck("16:00:00.000001") == truck("23:59") == date(2026, 3, 5)


def test_without_lead_days_the_truck_of_today_is_reached_until_the_cut_off() -> None:
    assert truck("16:00", lead_days=0) == TUESDAY
    assert truck("16:01", lead_days=0) == date(2026, 3, 4)


def test_lead_days_are_working_days_and_skip_holidays() -> None:
    assert truck("10:00", lead_days=5) == date(2026, 3, 10)
    assert truck("10:00", lead_days=1, holidays={date(2026, 3, 4)}) == date(2026, 3, 5)


def test_only_route_days_that_are_no_holiday() -> None:
    assert truck("10:00", delivery_days="1") == date(2026, 3, 9)
    assert truck("10:00", delivery_days="1", holidays={date(2026, 3, 9)}) == date(2026, 3, 16)
    assert truck("10:00", delivery_days="7") == date(2026, 3, 8)


def test_a_wished_day_is_the_earliest_not_the_only_one() -> None:
    assert truck("10:00", not_before=date(2026, 3, 12)) == date(2026, 3, 12)
    assert truck("10:00", not_before=date(2026, 3, 14)) == date(2026, 3, 16)
    assert truck("10:00", not_before=date(2026, 1, 1)) == date(2026, 3, 4)


def test_over_the_end_of_a_year() -> None:
    eve, new_year = date(2026, 12, 31), date(2027, 1, 1)
    assert truck("10:00", eve) == new_year
    assert truck("10:00", eve, holidays={new_year}) == date(2027, 1, 4)


def test_over_the_leap_day() -> None:
    assert truck("10:00", date(2028, 2, 28)) == date(2028, 2, 29)


def test_the_cut_off_is_local_time_on_both_days_the_clocks_change() -> None:
    """New York: 8 March 2026 forward, 1 November 2026 back; 16:00 there is 20:00 UTC and 21:00 UTC."""
    zone = ZoneInfo("America/New_York")
    for day, hour in ((date(2026, 3, 9), 20), (date(2026, 10, 30), 20), (date(2026, 11, 2), 21)):
        at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        rules: dict[str, Any] = {"delivery_days": "1234567", "cut_off": time(16), "lead_days": 0}
        assert first_day(at.astimezone(zone), **rules) == day
        assert first_day((at + timedelta(minutes=1)).astimezone(zone), **rules) == day + timedelta(days=1)


@pytest.mark.parametrize("days", ["", "0", "89", "x"])
def test_a_customer_without_route_days_is_told_so(days: str) -> None:
    with pytest.raises(Invalid, match="no delivery days"):
        truck("10:00", delivery_days=days)


def test_a_route_that_is_always_on_holiday_is_told_so() -> None:
    with pytest.raises(Invalid, match="400 days"):
        next_route_day(TUESDAY, {1}, {TUESDAY + timedelta(days=n) for n in range(500)})


@given(MOMENTS, ROUTES, st.integers(0, 9), st.sets(DAYS, max_size=30), st.times(), st.none() | DAYS)
def test_a_truck_comes_on_a_route_day_after_the_lead_and_never_on_a_holiday(
    now: datetime, route: str, lead: int, off: set[date], cut_off: time, wish: date | None
) -> None:
    found = first_day(now, delivery_days=route, cut_off=cut_off, lead_days=lead, holidays=off, not_before=wish)
    start = now.date() + timedelta(days=now.time() > cut_off)
    assert str(found.isoweekday()) in route
    assert found not in off
    assert found >= (wish or start)
    between = [start + timedelta(days=n) for n in range(1, (found - start).days + 1)]
    assert sum(day.isoweekday() <= 5 and day not in off for day in between) >= lead


@given(MOMENTS, MOMENTS, ROUTES, st.integers(0, 9), st.sets(DAYS, max_size=30), st.times())
def test_who_orders_later_is_never_served_earlier(
    one: datetime, other: datetime, route: str, lead: int, off: set[date], cut_off: time
) -> None:
    days = [
        first_day(each, delivery_days=route, cut_off=cut_off, lead_days=lead, holidays=off)
        for each in sorted((one, other))
    ]
    assert days == sorted(days)


# ---------------------------------------------------------------- typed days


@pytest.mark.parametrize(
    ("typed", "today", "meant"),
    [
        ("12", date(2026, 3, 12), date(2026, 3, 12)),  # today counts
        ("12", date(2026, 3, 13), date(2026, 4, 12)),
        ("11", date(2026, 12, 31), date(2027, 1, 11)),
        ("31", date(2026, 4, 1), date(2026, 5, 31)),  # April has 30
        ("31", date(2026, 1, 31), date(2026, 1, 31)),
        ("30", date(2026, 2, 1), date(2026, 3, 30)),
        ("29", date(2026, 2, 1), date(2026, 3, 29)),
        ("29", date(2028, 2, 1), date(2028, 2, 29)),
        ("29.2", date(2026, 3, 1), date(2028, 2, 29)),
        ("29/2", date(2096, 3, 1), date(2104, 2, 29)),  # 2100 is no leap year
        ("5.3", date(2026, 3, 5), date(2026, 3, 5)),
        ("5.3", date(2026, 3, 6), date(2027, 3, 5)),
        ("31/12", date(2026, 12, 31), date(2026, 12, 31)),
        ("+0", TUESDAY, TUESDAY),
        ("+3", date(2026, 12, 30), date(2027, 1, 2)),
        ("tue", TUESDAY, date(2026, 3, 10)),  # after today
        ("wed", TUESDAY, date(2026, 3, 4)),
        ("mon", TUESDAY, date(2026, 3, 9)),
        ("FRIDAY", TUESDAY, date(2026, 3, 6)),
        (" fr ", TUESDAY, date(2026, 3, 6)),
        ("thurs", TUESDAY, date(2026, 3, 5)),
    ],
)
def test_what_is_meant(typed: str, today: date, meant: date) -> None:
    assert typed_day(typed, today) == meant


@pytest.mark.parametrize(
    "typed", ["", "0", "32", "00", "31.2", "30/2", "31/4", "1/13", "0.5", "t", "s", "x", "fry", "mox", "+", "+-1", "-3",
              "1234", "12 3", "1.2.3", "tomorrowx"],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_what_to_type(typed: str) -> None:
    with pytest.raises(Invalid, match="type d12, d") as raised:
        typed_day(typed, TUESDAY)
    assert raised.value.field == "date"


@given(DAYS, st.integers(1, 31))
def test_a_day_of_the_month_is_the_next_one_there_is(today: date, day: int) -> None:
    found = typed_day(str(day), today)
    assert found >= today
    assert found.day == day
    assert (found - today).days <= 61
    between = (today + timedelta(days=n) for n in range((found - today).days))
    assert all(each.day != day for each in between)


@given(DAYS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_within_the_week_after_today(today: date, name: str) -> None:
    full = next(each for each in calendar.day_name if each.lower().startswith(name))
    for text in (name, full, full[:5].upper()):
        found = typed_day(text, today)
        assert 1 <= (found - today).days <= 7
        assert WEEKDAYS[found.weekday()] == name


@given(DAYS, st.integers(0, 999))
def test_so_many_days_on(today: date, days: int) -> None:
    assert typed_day(f"+{days}", today) == today + timedelta(days=days)


@given(st.text(max_size=8), DAYS)
def test_any_other_text_is_refused_and_nothing_else_raised(text: str, today: date) -> None:
    with contextlib.suppress(Invalid):
        assert typed_day(text, today) >= today


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("30/4", date(2025, 4, 30)), ("3/3", TUESDAY), ("30/4/16", date(2016, 4, 30)), ("30.4.2016", date(2016, 4, 30)),
        ("2016-04-30", date(2016, 4, 30)), ("-7", TUESDAY - timedelta(days=7)), ("-0", TUESDAY),
        ("29/2", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_a_past_day_is_the_last_time_round(typed: str, meant: date) -> None:
    assert past_day(typed, TUESDAY) == meant


@pytest.mark.parametrize("typed", ["31/2", "30/13", "x", "", "30/4/2199", "2016-13-01", "12"])
def test_what_is_no_past_day_is_said(typed: str) -> None:
    with pytest.raises(Invalid, match="past day"):
        past_day(typed, TUESDAY)


@pytest.mark.parametrize("typed", ["12", "+3", "fri", "24/7", "3/3", "+180"])
def test_a_day_soon_is_the_day_typed(typed: str) -> None:
    assert soon(typed, TUESDAY) == typed_day(typed, TUESDAY)


@given(st.integers(1, 180))
def test_a_day_just_past_is_never_that_of_next_year(days: int) -> None:
    past = TUESDAY - timedelta(days=days)
    with pytest.raises(Invalid, match=rf"^{past.day}/{past.month} is over; the next one is .* {past.year + 1}; a day"):
        soon(f"{past.day}/{past.month}", TUESDAY)


def test_what_is_no_day_soon_says_what_is() -> None:
    with pytest.raises(Invalid, match=r"'xyz' is no day; 12, 24/12, \+3 or fri is wanted"):
        soon("xyz", TUESDAY)
    with pytest.raises(Invalid, match=r"^\+999 is "):
        soon("+999", TUESDAY)
    assert day_words(date(2027, 1, 4), date(2026, 12, 30)) == "Mon 04 Jan 2027"
    assert day_words(date(2026, 1, 5), date(2026, 12, 30)) == "Mon 05 Jan"
