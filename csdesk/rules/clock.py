"""Open time: calendars of business hours, what time of them lies between instants, when a target is used up. Pure.

A calendar belongs to a time zone; instants are aware UTC, kept to the microsecond. A local time that does not exist
(spring) moves forward by the gap, one that exists twice (autumn) is the first; blocks that overlap after that are one,
those that vanish are left out. Hours of a single date come before holidays, holidays before the week.

Rule: open time is what lies in the blocks of the calendar. Source: RFC 5545, section 3.3.5 (local times that do not
exist or exist twice); country holidays of the `holidays` library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from csdesk.errors import Invalid
from csdesk.rules import _exact
from csdesk.rules.clock_spans import EPOCH, FIRST, LAST, Timeline, country_days

Block = tuple[int, int]
Pause = tuple[datetime, datetime]
WEEKDAYS = 7
DAY = 1440
_TICK = timedelta(microseconds=1)
_YEAR = 366 * 86_400_000_000


@dataclass(frozen=True)
class WorkingDays:
    """A target in working days: the close of the n-th working day after the start's local day.

    0 is the close of the day itself, or of the next working day when the day has no open time left.
    """

    n: int

    def __post_init__(self) -> None:
        _exact.count(self.n, "Working days")


Target = timedelta | WorkingDays


@dataclass(frozen=True)
class Calendar:
    """Business hours of a time zone: blocks (minutes of the local day, half open, 1440 = 24:00) for Monday to Sunday.

    `holidays` are local dates, closed unless they have hours in `replacement`, which stand instead of the week's on
    single dates. `country` and `subdivision` add that country's public holidays. Refuses an unknown zone or country,
    blocks that do not rise or overlap, 23:59 as an end, and a week without any open time.
    """

    zone: str
    week: tuple[tuple[Block, ...], ...]
    holidays: frozenset[date] = frozenset()
    replacement: tuple[tuple[date, tuple[Block, ...]], ...] = ()
    country: str = ""
    subdivision: str = ""
    name: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        _checked_zone(self.zone)
        if len(self.week) != WEEKDAYS:
            raise Invalid("A calendar has hours for seven days, Monday first; a closed day has none.", field="week")
        for blocks in (*self.week, *(blocks for _, blocks in self.replacement)):
            _checked_blocks(blocks)
        if not any(self.week):
            raise Invalid(
                "A calendar without any open hours in its week would hold every clock for ever; give it some."
            )
        for day in (*self.holidays, *(day for day, _ in self.replacement)):
            _exact.day(day, "A holiday or date of a calendar")
        if len({day for day, _ in self.replacement}) != len(self.replacement):
            raise Invalid("A date has its own hours once only; put all its blocks together.", field="hours")
        if self.subdivision and not self.country:
            raise Invalid("A subdivision belongs to a country; name the country too.", field="country")
        if self.country:
            country_days(self.country, self.subdivision, 2000)

    def blocks_on(self, day: date) -> tuple[Block, ...]:
        """The blocks of a local date."""
        for each, blocks in self.replacement:
            if each == day:
                return blocks
        return () if self.is_holiday(day) else self.week[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        """Whether a local date is a holiday of the calendar or of its country."""
        if day in self.holidays:
            return True
        return bool(self.country) and day in country_days(self.country, self.subdivision, day.year)

    @property
    def hours(self) -> tuple[object, ...]:
        """All but name and version: calendars of the same hours count alike."""
        return (self.zone, self.week, self.holidays, self.replacement, self.country, self.subdivision)

    def __getstate__(self) -> dict[str, object]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


def _checked_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError, TypeError) as wrong:
        raise Invalid(f"No time zone is called '{zone}'; give a name such as Europe/Berlin.", field="zone") from wrong


def _checked_blocks(blocks: tuple[Block, ...]) -> None:
    before = 0
    for start, end in blocks:
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= DAY:
            raise Invalid("Open hours go from a minute of the day to a later one, at most 24:00.", field="week")
        if end == DAY - 1:
            raise Invalid("Open hours end at 23:59, which leaves a minute out; 24:00 is meant.", field="week")
        if start < before:
            raise Invalid("The open hours of a day must rise and not overlap.", field="week")
        before = end


# Around the clock: what an appointment is measured in.
ALWAYS = Calendar("UTC", (((0, DAY),),) * WEEKDAYS, name="always")


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether an instant lies in open time; the end of a block does not."""
    ticks = _ticks(at)
    return _timeline(calendar).reach(ticks, ticks).span_at(ticks) is not None


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """The first open instant at or after one; itself when it is open. Refuses when there is none any more."""
    return _instant(_timeline(calendar).opening(_ticks(at)))


def next_close(calendar: Calendar, at: datetime) -> datetime | None:
    """The end of the open span an instant lies in, else of the next one; None when it stays open for a year."""
    line = _timeline(calendar)
    ticks = line.opening(_ticks(at))
    span = line.reach(ticks, ticks + _YEAR).span_at(ticks)
    return None if span is None or span[1] > ticks + _YEAR else _instant(span[1])


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """The open time from start to end that is not paused; zero where the end is not after the start.

    Formula: open time(start, end) - open time of the pauses within it, overlapping ones counted once.
    """
    low, high = _ticks(start), _ticks(end)
    if high <= low:
        return timedelta(0)
    line = _timeline(calendar).reach(low, high)
    total = line.total(high) - line.total(low)
    for begin, finish in _merged(pauses, low):
        if begin >= high:
            break
        total -= line.total(min(finish, high)) - line.total(begin)
    return timedelta(microseconds=total)


def due(calendar: Calendar, start: datetime, target: Target, pauses: Sequence[Pause] = ()) -> datetime:
    """The instant a target is used up. Refuses a negative target, and one that is not reached before the year 2200.

    A target that fills a block ends at its close; started outside hours, counting begins at the next opening. Working
    days are turned into open time from the start once, so that pauses push them like any target.

    Formula: the earliest t >= start with open time(start, t) - paused open time in it >= target.
    """
    at = _ticks(start)
    left = _target_ticks(calendar, at, target)
    if left == 0:
        return _instant(at)
    timeline = _timeline(calendar)
    line = timeline.reach(at, at)
    for begin, finish in _merged(pauses, at):
        line = timeline.reach(at, finish)
        free = line.total(begin) - line.total(at)
        if free >= left:
            break
        left -= free
        at = finish
    while (wanted := line.total(at) + left) > line.whole:
        line = timeline.further(line)
    return _instant(line.first_with(wanted))


def before(calendar: Calendar, at: datetime, span: timedelta) -> datetime:
    """The latest instant that has so much open time between it and `at`: when to warn, so long before something is due.

    Formula: the latest t <= at with open time(t, at) >= span. Refuses a negative span, and a start before 1970.
    """
    ticks, wanted = _ticks(at), span // _TICK
    if wanted < 0:
        raise Invalid("A span of open time is not negative.")
    if wanted == 0:
        return _instant(ticks)
    return _instant(_timeline(calendar).backwards(ticks, wanted))


def open_time(calendar: Calendar, start: datetime, target: Target) -> timedelta:
    """A target as open time from a start: itself, or what lies between the start and the close of its working day."""
    return timedelta(microseconds=_target_ticks(calendar, _ticks(start), target))


def open_spans(calendar: Calendar, start: datetime, end: datetime) -> list[Pause]:
    """The open spans between two instants, cut to them: the blocks a clock counts."""
    low, high = _ticks(start), _ticks(end)
    if high <= low:
        return []
    return [(_instant(a), _instant(b)) for a, b in _timeline(calendar).reach(low, high).between(low, high)]


def local_midnight(calendar: Calendar, day: date) -> datetime:
    """The instant a local date begins in the zone of a calendar."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(calendar.zone)).astimezone(UTC)


def _target_ticks(calendar: Calendar, at: int, target: Target) -> int:
    if isinstance(target, WorkingDays):
        local = _instant(at).astimezone(ZoneInfo(calendar.zone)).toordinal()
        line, close = _timeline(calendar).close_after(at, local, target.n)
        return line.total(close) - line.total(at)
    ticks = target // _TICK
    if ticks < 0:
        raise Invalid("A target is not negative.")
    return ticks


def _merged(pauses: Sequence[Pause], low: int) -> list[tuple[int, int]]:
    """Pauses in ticks from an instant on, in order, those that overlap or touch as one, empty ones left out."""
    if not pauses:
        return []
    spans = [(max(_ticks(start), low), _ticks(end)) for start, end in pauses]
    if len(spans) == 1:
        return spans if spans[0][0] < spans[0][1] else []
    spans.sort()
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _ticks(at: datetime) -> int:
    """Microseconds since 1970. Refuses a naive instant and one outside the years a clock counts in."""
    try:
        since = at - EPOCH
    except TypeError:
        raise Invalid(f"An instant needs its time zone; {at!r} has none.") from None
    ticks = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if FIRST <= ticks < LAST:
        return ticks
    raise Invalid(f"Clocks count from 1970 to 2199, not at {at.isoformat()}.")


def _instant(ticks: int) -> datetime:
    return EPOCH + timedelta(microseconds=ticks)


def _timeline(calendar: Calendar) -> Timeline:
    """The spans of a calendar, made once for all that are equal."""
    kept: Timeline | None = calendar.__dict__.get("_timeline")
    if kept is None:
        kept = _shared(calendar)
        calendar.__dict__["_timeline"] = kept
    return kept


@lru_cache(maxsize=256)
def _shared(calendar: Calendar) -> Timeline:
    return Timeline(calendar.zone, calendar.blocks_on)
