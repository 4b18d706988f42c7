"""The open spans of a calendar on one line of time: made year by year when asked for, looked up by bisection. Pure.

Times here are ticks: microseconds since 1970 UTC, whole numbers, so that sums of open time are exact.

Rule: as rules.clock. Source: RFC 5545, section 3.3.5.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

from csdesk.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Span = tuple[int, int]
Blocks = tuple[tuple[int, int], ...]
_DAY = 86_400_000_000
FIRST_YEAR, LAST_YEAR = 1970, 2200
FIRST, LAST = 0, (datetime(LAST_YEAR, 1, 1, tzinfo=UTC) - EPOCH).days * _DAY
# A local day lies within so much of the same day in UTC, also where a whole day does not exist.
_MARGIN = 2 * _DAY


@lru_cache(maxsize=1024)
def country_days(country: str, subdivision: str, year: int) -> frozenset[date]:
    """The public holidays of a country, or of a part of it, in a year. Refuses one the library does not know.

    Source: the `holidays` library.
    """
    from holidays import country_holidays  # late: its import takes longer than most commands

    try:
        return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as wrong:
        part = f" with a part '{subdivision}'" if subdivision else ""
        raise Invalid(
            f"No holidays are known of a country '{country}'{part}; give codes such as DE and BE.", field="country"
        ) from wrong


class View:
    """Spans of some years, in order and apart; `sums` is the open time before each. Good from `lo` to `hi`."""

    __slots__ = ("closes", "days", "ends", "hi", "lo", "starts", "sums", "whole", "years")

    def __init__(self, years: tuple[int, int], spans: list[Span], days: list[int], closes: list[int]) -> None:
        self.years, self.days, self.closes = years, days, closes
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.sums: list[int] = []
        self.whole = 0
        for start, end in _apart(spans):
            self.starts.append(start)
            self.ends.append(end)
            self.sums.append(self.whole)
            self.whole += end - start
        self.lo, self.hi = _new_year(years[0]) + _MARGIN, _new_year(years[1] + 1) - _MARGIN

    def total(self, at: int) -> int:
        """The open time from the beginning of the view to an instant."""
        place = bisect_right(self.starts, at) - 1
        if place < 0:
            return 0
        end = self.ends[place]
        return self.sums[place] + (at if at < end else end) - self.starts[place]

    def first_with(self, total: int) -> int:
        """The earliest instant with so much open time before it (more than 0, at most all)."""
        place = bisect_left(self.sums, total) - 1
        return self.starts[place] + total - self.sums[place]

    def last_with(self, total: int) -> int:
        """The latest instant with no more open time before it (at least 0)."""
        place = bisect_right(self.sums, total) - 1
        return self.starts[place] + total - self.sums[place]

    def span_at(self, at: int) -> Span | None:
        """The span an instant lies in, None while it is closed."""
        place = bisect_right(self.starts, at) - 1
        return (self.starts[place], self.ends[place]) if place >= 0 and at < self.ends[place] else None

    def between(self, low: int, high: int) -> Iterator[Span]:
        """The spans between two instants, cut to them."""
        for place in range(bisect_right(self.ends, low), bisect_left(self.starts, high)):
            yield max(self.starts[place], low), min(self.ends[place], high)


class Timeline:
    """The spans of one calendar, grown when somebody asks beyond them. A view once given never changes."""

    def __init__(self, zone: str, blocks_on: Callable[[date], Blocks]) -> None:
        self._zone, self._blocks_on, self._grows = ZoneInfo(zone), blocks_on, Lock()
        self._years: dict[int, tuple[list[Span], list[int], list[int]]] = {}
        self._view: View | None = None

    def reach(self, low: int, high: int) -> View:
        """A view that is good from one instant to another."""
        view = self._view
        if view is not None and view.lo <= low and high <= view.hi:
            return view
        return self._grown(_year(low - _MARGIN), _year(high + _MARGIN))

    def further(self, view: View) -> View:
        """A view that goes further than the one at hand. Refuses to go beyond the last year."""
        first, last = view.years
        if last >= LAST_YEAR:
            raise Invalid(f"The hours of this calendar do not suffice before the year {LAST_YEAR}; look at its target.")
        return self._grown(first, min(last + (last - first + 1), LAST_YEAR))

    def opening(self, at: int) -> int:
        """The first open instant at or after one."""
        view = self.reach(at, at)
        while (place := bisect_right(view.ends, at)) == len(view.ends):
            view = self.further(view)
        return max(view.starts[place], at)

    def backwards(self, at: int, span: int) -> int:
        """The latest instant with so much open time (more than 0) between it and `at`."""
        view = self.reach(at, at)
        while (total := view.total(at) - span) < 0:
            first, last = view.years
            if first < FIRST_YEAR:
                raise Invalid(f"So much open time does not lie between {FIRST_YEAR} and that instant.")
            view = self._grown(max(first - (last - first + 1), FIRST_YEAR - 1), last)
        return view.last_with(total)

    def close_after(self, at: int, local: int, days: int) -> tuple[View, int]:
        """The close of the n-th working day after a local day (its ordinal); 0: the first close after `at`."""
        view = self.reach(at, at)
        while True:
            place = bisect_right(view.days, local) + days - 1 if days else bisect_left(view.days, local)
            while not days and place < len(view.days) and view.closes[place] <= at:
                place += 1
            if place < len(view.days):
                return view, view.closes[place]
            view = self.further(view)

    def _grown(self, first: int, last: int) -> View:
        with self._grows:
            if self._view is not None:
                first, last = min(first, self._view.years[0]), max(last, self._view.years[1])
                if (first, last) == self._view.years:
                    return self._view
            spans: list[Span] = []
            days: list[int] = []
            closes: list[int] = []
            for year in range(first, last + 1):
                if year not in self._years:
                    self._years[year] = self._made(year)
                for into, more in zip((days, closes), self._years[year][1:], strict=True):
                    into += more
                spans += self._years[year][0]
            self._view = View((first, last), spans, days, closes)
            return self._view

    def _made(self, year: int) -> tuple[list[Span], list[int], list[int]]:
        """Spans of a year's local days, which of them have any, and when each of these closes."""
        spans: list[Span] = []
        days: list[int] = []
        closes: list[int] = []
        for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
            found = self._spans_of(date.fromordinal(ordinal))
            if found:
                spans += found
                days.append(ordinal)
                closes.append(max(end for _, end in found))
        return spans, days, closes

    def _spans_of(self, day: date) -> list[Span]:
        blocks = self._blocks_on(day)
        if not blocks:
            return []
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local time; its zone is put on below
        found = []
        for start, end in blocks:
            a, b = self._ticks(midnight + timedelta(minutes=start)), self._ticks(midnight + timedelta(minutes=end))
            if a < b:
                found.append((a, b))
        return found

    def _ticks(self, local: datetime) -> int:
        """The instant of a local time: the first of two (fold 0), and by the offset before a gap, which moves it on."""
        since = local.replace(tzinfo=self._zone) - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _apart(spans: list[Span]) -> Iterator[Span]:
    """Spans in order, those that overlap or touch as one."""
    start = end = -_DAY * 366
    for each in sorted(spans):
        if each[0] > end:
            if end > start:
                yield start, end
            start, end = each
        elif each[1] > end:
            end = each[1]
    if end > start:
        yield start, end


def _year(at: int) -> int:
    return (EPOCH + timedelta(microseconds=at)).year


def _new_year(year: int) -> int:
    return (date(year, 1, 1).toordinal() - EPOCH.toordinal()) * _DAY
