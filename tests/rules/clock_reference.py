"""Open time the slow way: minute by minute of UTC, asking the wall clock each time. The engine must agree with it.

It shares nothing with `rules.clock` but the shape of a calendar. Instants are whole minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from csdesk.rules.clock import Block, Calendar, Pause

MINUTE = timedelta(minutes=1)
_AROUND = 4 * 1440


class Walk:
    """The minutes of some weeks, each open or not."""

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self.calendar = calendar
        self.begin = first - _AROUND * MINUTE
        self.open = bytearray((last - first) // MINUTE + 2 * _AROUND)
        self.closes: list[tuple[date, int]] = []
        self._first: dict[int, int] = {}  # minute of the wall (counted through the days) -> first minute of UTC
        self._look_at_the_wall(ZoneInfo(calendar.zone))
        self._mark()

    def _look_at_the_wall(self, zone: ZoneInfo) -> None:
        before = None
        for place in range(len(self.open)):
            local = (self.begin + place * MINUTE).astimezone(zone)
            wall = local.toordinal() * 1440 + local.hour * 60 + local.minute
            if before is not None:
                for missing in range(before + 1, wall):  # a time that is not there is as much later as the gap is long
                    self._first.setdefault(missing, place + missing - before - 1)
            self._first.setdefault(wall, place)
            before = wall

    def _mark(self) -> None:
        days = sorted({wall // 1440 for wall in self._first})[1:-1]
        for day in map(date.fromordinal, days):
            found = []
            for start, end in self._blocks(day):
                a, b = (self._first[day.toordinal() * 1440 + each] for each in (start, end))
                if a < b:
                    self.open[a:b] = b"\1" * (b - a)
                    found.append(b)
            if found:
                self.closes.append((day, max(found)))

    def _blocks(self, day: date) -> tuple[Block, ...]:
        own = dict(self.calendar.replacement)
        if day in own:
            return own[day]
        country = self.calendar.country
        if day in self.calendar.holidays or (
            country and day in holidays.country_holidays(country, subdiv=self.calendar.subdivision or None)
        ):
            return ()
        return self.calendar.week[day.weekday()]

    def place(self, at: datetime) -> int:
        """Which minute an instant is."""
        return (at - self.begin) // MINUTE

    def at(self, place: int) -> datetime:
        """The instant of a minute."""
        return (self.begin + place * MINUTE).astimezone(UTC)

    def counts(self, place: int, pauses: Sequence[Pause]) -> bool:
        """Whether a minute is open and not paused."""
        return bool(self.open[place]) and not any(a <= self.at(place) < b for a, b in pauses)

    def elapsed(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
        """Open minutes from start to end."""
        return sum(self.counts(each, pauses) for each in range(self.place(start), self.place(end))) * MINUTE

    def due(self, start: datetime, target: timedelta, pauses: Sequence[Pause] = ()) -> datetime | None:
        """Walks on until the target is used up; None when it is not within these weeks."""
        left = target // MINUTE
        for place in range(self.place(start), len(self.open) - _AROUND):
            if left == 0:
                return self.at(place)
            left -= self.counts(place, pauses)
        return None

    def before(self, at: datetime, span: timedelta) -> datetime | None:
        """Walks back until so much open time lies between."""
        left = span // MINUTE
        for place in range(self.place(at), _AROUND, -1):
            if left == 0:
                return self.at(place)
            left -= self.open[place - 1]
        return None

    def close_of_day(self, start: datetime, days: int) -> datetime:
        """The close of the n-th working day after a start's local day; 0: the first close that is ahead."""
        local = start.astimezone(ZoneInfo(self.calendar.zone)).date()
        if days == 0:
            return self.at(next(b for day, b in self.closes if day >= local and b > self.place(start)))
        return self.at([b for day, b in self.closes if day > local][days - 1])
