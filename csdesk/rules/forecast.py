"""Cash forecast from open items: when each is expected and how much comes in each ISO week. Pure.

Amounts are signed minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import decimal_of, rounded
from csdesk.rules import _exact

CREDITS = ("apart", "in")


@dataclass(frozen=True)
class ForecastItem:
    """An open item: amount, due day, customer; disputed or not; an open promise (day, and part of the amount).

    `promised` None means the whole amount is promised for `promise_on`.
    """

    amount: int
    due_on: date
    customer: str = ""
    disputed: bool = False
    promise_on: date | None = None
    promised: int | None = None
    id: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "amount", "promised")


@dataclass(frozen=True)
class Expected:
    """Money expected on a day, and what the day was taken from: "promise" or "due"."""

    id: str
    on: date
    amount: int
    basis: str


@dataclass(frozen=True)
class Week:
    """An ISO week: its year and number, its Monday, the amount expected and of how many rows."""

    year: int
    week: int
    monday: date
    amount: int
    count: int


@dataclass(frozen=True)
class Forecast:
    """A cash forecast: weeks in order (empty ones left out), disputed money and credits apart, and the rows."""

    weeks: tuple[Week, ...]
    disputed: int
    credits: int
    rows: tuple[Expected, ...]

    @property
    def total(self) -> int:
        """Weeks, disputed money and credits: equal to the sum of the items."""
        return sum(each.amount for each in self.weeks) + self.disputed + self.credits


def expected_day(due_on: date, as_of: date, days_late: Decimal | int | str = 0, promise_on: date | None = None) -> date:
    """The day an item's money is expected; never before `as_of`, since what is open has not come yet.

    Formula: the promised day when it is open (as of or later); else due day + the customer's weighted average days
    late, rounded half up to whole days (negative: pays early).
    Source: promise date, else due date plus average days late, of the vendors' cash forecasts (Dynamics 365 Finance).
    """
    _exact.day(as_of, "The key date")
    if promise_on is not None and promise_on >= as_of:
        return promise_on
    late = int(rounded(decimal_of(days_late)))
    return max(as_of, _exact.day(due_on, "The due day") + timedelta(days=late))


def forecast(
    items: Iterable[ForecastItem],
    as_of: date,
    days_late: Mapping[str, Decimal | None],
    *,
    default_days_late: Decimal | int | str = 0,
    credits: str = "apart",
) -> Forecast:
    """The cash forecast of open items by ISO week.

    `days_late` are the weighted average days late of each customer (see `collection.average_days_late`).
    Switches: `default_days_late` (default 0) for customers without history (missing or None); `credits` "apart"
    (default) or "in" the weeks, where they reduce what comes. Disputed items always stand apart.
    Source: ISO 8601 for the weeks; the expected day as `expected_day`.

    Formula: sum of what is expected on the days of each week; weeks + disputed + credits = all items.
    """
    _exact.one_of(credits, CREDITS, "The place of credits")
    rows: list[Expected] = []
    disputed = apart = 0
    for item in items:
        if item.disputed:
            disputed += _exact.minor(item.amount)
        elif _exact.minor(item.amount) <= 0 and credits == "apart":
            apart += item.amount
        else:
            late = days_late.get(item.customer)
            rows += _expected(item, as_of, default_days_late if late is None else late)
    rows.sort(key=lambda each: (each.on, each.id))
    return Forecast(_weeks(rows), disputed, apart, tuple(rows))


def _expected(item: ForecastItem, as_of: date, days_late: Decimal | int | str) -> list[Expected]:
    """One row, or two when only a part is promised."""
    usual = expected_day(item.due_on, as_of, days_late)
    if item.promise_on is None or item.promise_on < as_of:
        return [Expected(item.id, usual, item.amount, "due")]
    part = item.amount if item.promised is None else _exact.minor(item.promised)
    if abs(part) > abs(item.amount) or part * item.amount < 0:
        raise Invalid(f"Item {item.id or item.amount} cannot have {part} promised of {item.amount}.")
    rows = [Expected(item.id, item.promise_on, part, "promise"), Expected(item.id, usual, item.amount - part, "due")]
    return [each for each in rows if each.amount]


def _weeks(rows: Iterable[Expected]) -> tuple[Week, ...]:
    found: dict[date, tuple[int, int]] = {}
    for row in rows:
        monday = row.on - timedelta(days=row.on.isoweekday() - 1)
        amount, count = found.get(monday, (0, 0))
        found[monday] = (amount + row.amount, count + 1)
    return tuple(
        Week(monday.isocalendar().year, monday.isocalendar().week, monday, amount, count)
        for monday, (amount, count) in sorted(found.items())
    )
