"""Simple interest between two days by the trade's day counts. Pure: minor units and dates in, minor units out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from csdesk.money import rounded
from csdesk.rules import _exact

# Name of the day count: days of its year.
DAY_COUNTS = {"actual/365": 365, "actual/360": 360, "30/360": 360, "30E/360": 360}


def day_count(start: date, end: date, convention: str = "actual/365") -> int:
    """Interest days from `start` (not counted) to `end` (counted); 0 when `end` is not later.

    Switches: `convention` "actual/365" (default) and "actual/360": calendar days; "30/360" (bond basis): a 31st counts
    as 30, at the end only when the start does; "30E/360" (Eurobond, German commercial): both as 30.
    Source: ISDA 2006 Definitions, section 4.16 (d) to (g).

    Formula: days of the calendar, or (y2 - y1) x 360 + (m2 - m1) x 30 + (d2 - d1).
    """
    _exact.one_of(convention, DAY_COUNTS, "The day count")
    if _exact.day(end, "The end") <= _exact.day(start, "The start"):
        return 0
    if convention.startswith("actual"):
        return (end - start).days
    first = min(start.day, 30)
    last = 30 if end.day == 31 and (convention == "30E/360" or first == 30) else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def simple_interest(
    amount: int,
    rate_percent: Decimal,
    start: date,
    end: date,
    *,
    convention: str = "actual/365",
    rounding: str = "half_up",
) -> int:
    """Simple interest in minor units on an amount at a yearly rate, rounded once; nothing on credits.

    Formula: amount x rate / 100 x days / days of the year.
    Switches: `convention` of `day_count`, default actual/365; `rounding` default half up.
    Source: simple interest of the commercial textbooks; ISDA 2006 Definitions, section 4.16, for the days.
    """
    days = day_count(start, end, convention)
    rate = _exact.percentage(rate_percent, "The rate of interest", None)
    exact = max(0, _exact.minor(amount)) * rate * days / (100 * DAY_COUNTS[convention])
    return int(rounded(exact, 0, rounding))
