"""The first day a truck can bring it, and the days a rep may type. Pure: dates and local times in, dates out.

Rule: day of the order (after the cut-off the next) + lead days, then the next day of the route. Source: the order
desk's own (docs/decisions.md).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Set
from datetime import date, datetime, time, timedelta

from csdesk.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 400
SOON_DAYS = 180  # of a day and month farther ahead the one before was nearer: that one is over
CHANCE_DAYS = 60  # more than any lead time with its holidays


def first_day(
    now: datetime,
    *,
    delivery_days: str,
    cut_off: time,
    lead_days: int,
    holidays: Set[date] = frozenset(),
    not_before: date | None = None,
) -> date:
    """The first delivery day for an order at `now` (local to the customer).

    `delivery_days` are ISO weekdays ("135" = Monday, Wednesday, Friday). An order up to and including `cut_off` counts
    from today, a later one from the next day; `lead_days` working days (Monday to Friday, no holiday) are added, then
    the next route day that is no holiday is taken. Raises Invalid when no day within 400 fits.
    """
    days = {int(each) for each in delivery_days if each in "1234567"}
    if not days:
        raise Invalid("This customer has no delivery days; set them first.")
    day = now.date() if now.time().replace(tzinfo=None) <= cut_off else now.date() + timedelta(days=1)
    left = lead_days
    while left > 0:
        day += timedelta(days=1)
        if day.isoweekday() <= 5 and day not in holidays:
            left -= 1
    if not_before is not None:
        day = max(day, not_before)
    return next_route_day(day, days, holidays)


def next_route_day(day: date, days: Set[int], holidays: Set[date] = frozenset()) -> date:
    """`day` or the first one after it on which the truck goes."""
    for offset in range(HORIZON_DAYS):
        each = day + timedelta(days=offset)
        if each.isoweekday() in days and each not in holidays:
            return each
    raise Invalid("No delivery day of this customer lies within 400 days; check route days and holidays.")


def last_chance(
    day: date, *, delivery_days: str, cut_off: time, lead_days: int, holidays: Set[date] = frozenset()
) -> datetime | None:
    """The last moment (local to the customer) at which what is ordered still goes with the truck of a delivery day;
    None when no order of the last 60 days would.

    Rule: the cut-off of the latest day from which `first_day` leads to that day or an earlier one.
    """
    for back in range(CHANCE_DAYS):
        at = datetime.combine(day - timedelta(days=back), cut_off)
        if first_day(at, delivery_days=delivery_days, cut_off=cut_off, lead_days=lead_days, holidays=holidays) <= day:
            return at
    return None


def typed_day(text: str, today: date) -> date:
    """The day a rep typed: "12" = the next 12th (today counts), "+3" = in three days, "fri" = the next Friday after
    today, "12.6" or "12/6" = that day and month, next time round. Raises Invalid."""
    text = text.strip().lower()
    if match := re.fullmatch(r"\+(\d{1,3})", text):
        return today + timedelta(days=int(match[1]))
    if re.fullmatch(r"[a-z]{2,9}", text):
        names = [place for place, name in enumerate(WEEKDAYS) if name.startswith(text[:3])]
        full = [calendar.day_name[place].lower() for place in names]
        if len(names) == 1 and (len(text) <= 3 or full[0].startswith(text)):
            return today + timedelta(days=(names[0] - today.weekday() - 1) % 7 + 1)
    if re.fullmatch(r"\d{1,2}", text):
        return _next(today, int(text), None)
    if match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})", text):
        return _next(today, int(match[1]), int(match[2]))
    raise Invalid(f"'{text}' is no day; type d12, d+3 or dfri.", field="date")


def soon(text: str, today: date) -> date:
    """The day typed for something near, as `typed_day`: until when a ticket waits, when somebody is rung.

    Raises Invalid for one more than SOON_DAYS ahead, saying which it would be: a day just past is none of next year.
    """
    plain = text.strip().lower()
    try:
        found = typed_day(plain, today)
    except Invalid:
        raise Invalid(f"'{plain}' is no day; 12, 24/12, +3 or fri is wanted.", field="day") from None
    if (found - today).days > SOON_DAYS:
        what = f"{found:%d %b %Y}" if plain[0] == "+" else f"over; the next one is {found:%d %b %Y}"
        raise Invalid(f"{plain} is {what}; a day within {SOON_DAYS} days is wanted: 24/12, +3, fri.", field="day")
    return found


def day_words(day: date, today: date) -> str:
    """A day as spoken, "Fri 04 Dec", with its year where that is another one than today's."""
    return f"{day:%a %d %b}" if day.year == today.year else f"{day:%a %d %b %Y}"


def past_day(text: str, today: date) -> date:
    """The past day a rep typed: "30/4" = that day and month, last time round (today counts), "30/4/16" or "2016-04-30"
    with its year, "-7" = seven days ago. Raises Invalid for anything else, and for a day to come."""
    text = text.strip()
    if match := re.fullmatch(r"-(\d{1,5})", text):
        return today - timedelta(days=int(match[1]))
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
            found = date(int(match[1]), int(match[2]), int(match[3]))
        elif match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})", text):
            found = date(int(match[3]) + (2000 if len(match[3]) == 2 else 0), int(match[2]), int(match[1]))
        elif match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})", text):
            found = _last(today, int(match[1]), int(match[2]))
        else:
            raise ValueError
    except ValueError:
        raise Invalid(f"'{text}' is no past day; type 30/4, 30/4/16 or -7.", field="day") from None
    if found > today:
        raise Invalid(f"{found:%d %b %Y} is still to come; a past day is wanted.", field="day")
    return found


def _last(today: date, day: int, month: int) -> date:
    for year in range(today.year, today.year - 9, -1):  # 29 February comes at least every eight years
        fits = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
        if fits and date(year, month, day) <= today:
            return date(year, month, day)
    raise ValueError


def _next(today: date, day: int, month: int | None) -> date:
    year, this = today.year, today.month
    for _ in range(12 * 9):
        fits = (month is None or this == month) and 1 <= day <= calendar.monthrange(year, this)[1]
        if fits and date(year, this, day) >= today:
            return date(year, this, day)
        year, this = (year + 1, 1) if this == 12 else (year, this + 1)
    raise Invalid(f"There is no day {day}{f'/{month}' if month else ''}; type d12, d+3 or dfri.", field="date")
