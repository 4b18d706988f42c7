"""Why a clock says what it says: the blocks it counted day by day, pauses and waits, holidays by name. Pure.

Rule: what is told adds up: the blocks of all days are the time used, with those still ahead they are the target.
Source: the clock itself (rules.clock, rules.ticket_lives); names of public holidays are the `holidays` library's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from csdesk.rules.clock import Calendar, Pause, elapsed, open_spans
from csdesk.rules.ticket_lives import Clock, Wait, spans_of

OWN = "closed by the desk"


@dataclass(frozen=True)
class Counted:
    """A local day of a clock: the blocks that counted, their sum, and what made the day other than usual."""

    day: date
    blocks: tuple[Pause, ...]
    time: timedelta
    remark: str = ""


@dataclass(frozen=True)
class Spell:
    """A pause or wait: whom for, from when to when (None: it goes on), why, and the open time that lies in it."""

    party: str
    start: datetime
    end: datetime | None
    reason: str
    time: timedelta


@dataclass(frozen=True)
class Explained:
    """A clock taken apart at an instant: `used` are the days it counted, `ahead` those to its due while it runs in
    time, `pauses` do not count, `waits` do and say where the time went. `end` is until when it was counted."""

    clock: Clock
    end: datetime
    used: tuple[Counted, ...]
    ahead: tuple[Counted, ...]
    pauses: tuple[Spell, ...]
    waits: tuple[Spell, ...]


def explain(clock: Clock, now: datetime) -> Explained:
    """A clock taken apart as of an instant, which must be the one it was made for.

    Rule: used = the open spans from start to end that are not paused; ahead = those from then to the due.
    """
    calendar = clock.calendar
    end = clock.met_at or clock.stopped_at or now
    pauses = spans_of(clock.pauses, end)
    late = clock.due is None or clock.due <= end
    ahead = [] if clock.state != "running" or late else days(calendar, end, clock.due or end, ())
    return Explained(
        clock, end, tuple(days(calendar, clock.started_at, end, pauses)), tuple(ahead),
        tuple(_spell(calendar, each, end) for each in clock.pauses),
        tuple(_spell(calendar, each, end) for each in clock.waits),
    )  # fmt: skip


def days(calendar: Calendar, start: datetime, end: datetime, pauses: Sequence[Pause]) -> list[Counted]:
    """What counts between two instants, a local day each, with the days that are closed for a reason; ordinary closed
    days are left out.

    Rule: the open spans without the pauses, cut at local midnight.
    """
    zone = ZoneInfo(calendar.zone)
    found: dict[date, list[Pause]] = {}
    for span in _without(open_spans(calendar, start, end), pauses):
        for piece in _by_day(span, zone):
            found.setdefault(piece[0].astimezone(zone).date(), []).append(piece)
    named = dict(named_days(calendar, start.astimezone(zone).date(), end.astimezone(zone).date()))
    return [
        Counted(day, tuple(found.get(day, ())), sum((b - a for a, b in found.get(day, ())), timedelta(0)),
                named.get(day, ""))
        for day in sorted({*found, *named})
    ]  # fmt: skip


def named_days(calendar: Calendar, first: date, last: date) -> list[tuple[date, str]]:
    """The days from `first` to `last` whose hours are not the week's, with the reason: the name of the holiday, or
    that they have hours of their own. A holiday on a day that is closed anyway is none here.

    Rule: hours of a single date come before holidays. Source: the `holidays` library for the names.
    """
    own = dict(calendar.replacement)
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day in own:
            found.append((day, "hours of its own" if own[day] else OWN))
        elif calendar.is_holiday(day) and calendar.week[day.weekday()]:
            found.append((day, holiday_name(calendar, day)))
    return found


def holiday_name(calendar: Calendar, day: date) -> str:
    """What a holiday of a calendar is called; one of the desk's own is closed by the desk.

    Source: the `holidays` library, in the language it has for the country.
    """
    public = _names(calendar.country, calendar.subdivision, day.year) if calendar.country else {}
    return public.get(day, OWN)


@lru_cache(maxsize=64)
def _names(country: str, subdivision: str, year: int) -> dict[date, str]:
    from holidays import country_holidays  # late: its import takes longer than most commands

    return dict(country_holidays(country, subdiv=subdivision or None, years=year).items())


def _spell(calendar: Calendar, wait: Wait, end: datetime) -> Spell:
    return Spell(wait.party, wait.start, wait.end, wait.reason, elapsed(calendar, wait.start, wait.end or end))


def _without(spans: Iterable[Pause], pauses: Sequence[Pause]) -> list[Pause]:
    """Spans less the pauses, in order."""
    found = []
    for start, end in spans:
        at = start
        for begin, finish in sorted(pauses):
            if finish <= at or begin >= end:
                continue
            if begin > at:
                found.append((at, begin))
            at = max(at, finish)
        if at < end:
            found.append((at, end))
    return found


def _by_day(span: Pause, zone: ZoneInfo) -> list[Pause]:
    """A span cut at local midnight."""
    found, (at, end) = [], span
    while at < end:
        day = at.astimezone(zone).date() + timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(at.tzinfo)
        cut = min(end, midnight) if midnight > at else end
        found.append((at, cut))
        at = cut
    return found


def block_text(block: Pause, zone: ZoneInfo) -> str:
    """A block in local hours, 24:00 at the end of a day.

    Rule: minutes are shown, rounded down.
    """
    start, end = (each.astimezone(zone) for each in block)
    last = "24:00" if (end.hour, end.minute) == (0, 0) and end.date() > start.date() else f"{end:%H:%M}"
    return f"{start:%H:%M}-{last}"
