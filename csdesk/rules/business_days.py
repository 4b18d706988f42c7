"""Business days, month ends and the n-th weekday of a month. Pure: dates in, dates out; holidays come in as a set.

Rule: a business day is neither weekend nor holiday. Source: ISDA 2006 Definitions, section 4.12.
"""

from __future__ import annotations

import calendar
from collections.abc import Set
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from csdesk.errors import Invalid
from csdesk.rules import _exact

SHIFTS = ("none", "following", "modified_following", "preceding")
SATURDAY_SUNDAY = frozenset({6, 7})
LAST = -1


def is_business_day(day: date, holidays: Set[date] = frozenset(), weekend: Set[int] = SATURDAY_SUNDAY) -> bool:
    """Whether banks work that day: neither on the weekend (ISO weekdays) nor a holiday."""
    return day.isoweekday() not in weekend and day not in holidays


def shifted(day: date, shift: str, holidays: Set[date] = frozenset(), weekend: Set[int] = SATURDAY_SUNDAY) -> date:
    """The business day a day is moved to; itself when it is one, or when the shift is "none".

    Switches: `shift` "none", "following" (the next one), "preceding" (the one before), "modified_following" (the next
    one, but the one before when the next lies in another month).
    Source: ISDA 2006 Definitions, section 4.12, business day conventions. Refuses a calendar without business days.

    Rule: the first business day at or after (following) or at or before (preceding) the day.
    """
    _exact.one_of(shift, SHIFTS, "The shift")
    if shift == "none":
        return _exact.day(day)
    found = _business(day, LAST if shift == "preceding" else 1, holidays, weekend)
    if shift == "modified_following" and found.month != day.month:
        return _business(day, LAST, holidays, weekend)
    return found


def _business(day: date, step: int, holidays: Set[date], weekend: Set[int]) -> date:
    for offset in range(400):
        each = day + timedelta(days=step * offset)
        if is_business_day(each, holidays, weekend):
            return each
    raise Invalid(f"No business day lies within 400 days of {day.isoformat()}; check weekend and holidays.")


def month_end(day: date, months: int = 0) -> date:
    """The last day of the month `months` after that of `day`."""
    found: date = day + relativedelta(months=months, day=31)
    return found


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The n-th (1 to 5) or last (-1) ISO weekday of a month; a fifth that is not there is the last."""
    if not 1 <= weekday <= 7 or nth not in (LAST, 1, 2, 3, 4, 5):
        raise Invalid("A weekday is from 1 (Monday) to 7, and the 1st to 5th or the last (-1) of its month.")
    first = date(year, month, 1)
    days = range(1 + (weekday - first.isoweekday()) % 7, calendar.monthrange(year, month)[1] + 1, 7)
    return first.replace(day=days[nth - 1] if 0 < nth <= len(days) else days[-1])
