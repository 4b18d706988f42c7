"""Rosters: who is on shift for a team and level, the next level up when nobody is, and shifts as they are written.
Pure: instants aware UTC in and out.

Rule: a shift lasts from its start up to, not including, its end, or the instant it was ended at. Source: the order
desk's own (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from csdesk.errors import Invalid

REP, LEAD, SUPERVISOR, OPERATIONS, FINANCE = "", "lead", "supervisor", "operations", "finance"
LEVELS = (REP, LEAD, SUPERVISOR, OPERATIONS, FINANCE)
WHOLE_DESK = frozenset({OPERATIONS, FINANCE})  # heads answer for every team
LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Duty:
    """Somebody's shift: `level` '' is a rep's; a shift without a team is every team's."""

    staff_id: int
    team: str
    level: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None

    @property
    def until(self) -> datetime:
        """When it is over: its end, or the instant it was ended before."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)


def on_shift(duties: Iterable[Duty], team: str, level: str, at: datetime) -> tuple[int, ...]:
    """The staff of a team on shift at an instant on one level, each once, whoever began first standing first.

    Switches: `level`; operations and finance are the heads of all teams, below them the team counts.
    """
    here = [each for each in duties if each.level == level and covers(each, at) and _of(each, team)]
    return tuple(dict.fromkeys(each.staff_id for each in sorted(here, key=lambda d: (d.starts_at, d.staff_id))))


def _of(duty: Duty, team: str) -> bool:
    return duty.level in WHOLE_DESK or duty.team in ("", team)


def covers(duty: Duty, at: datetime) -> bool:
    """Whether a shift lasts at an instant."""
    return duty.starts_at <= at < duty.until


def overlaps(duty: Duty, opens: datetime, until: datetime) -> bool:
    """Whether a shift and a span have an instant in common; a span that ends where it begins is that one instant."""
    within = duty.starts_at < max(until, opens + timedelta(microseconds=1)) and opens < duty.until
    return within and duty.starts_at < duty.until  # one that was ended at once had no instant


def ladder(level: str, money: bool = False) -> tuple[str, ...]:
    """The levels from one on upwards: rep, lead, supervisor, then the head of operations, or of finance when money is
    the block. Refuses a level that is none.

    Rule: lead -> supervisor -> operations | finance. Source: docs/decisions.md.
    """
    if level not in LEVELS:
        raise Invalid(f"'{level}' is no level; it is rep, lead, supervisor, operations or finance.", field="level")
    if level in WHOLE_DESK:
        return (level,)
    rungs = (REP, LEAD, SUPERVISOR, FINANCE if money else OPERATIONS)
    return rungs[rungs.index(level) :]


def whom(
    duties: Sequence[Duty], team: str, level: str, at: datetime, money: bool = False, turn: int = 0
) -> tuple[int, str] | None:
    """(staff, level) of whoever is asked at an instant: somebody of the level, else of the next one up; None when
    nobody is on shift all the way up.

    Switches: `money` leads to finance instead of operations; of several people on one level `turn` picks, so that not
    all falls to one.
    """
    for rung in ladder(level, money):
        if people := on_shift(duties, team, rung, at):
            return people[turn % len(people)], rung
    return None


def shift_end(duties: Iterable[Duty], staff_id: int, at: datetime) -> datetime | None:
    """When the shift somebody is on at an instant is over; None when he is on none."""
    return max((each.until for each in duties if each.staff_id == staff_id and covers(each, at)), default=None)


def next_shift(duties: Iterable[Duty], team: str, at: datetime) -> tuple[datetime, datetime] | None:
    """(start, end) of the team's shift that follows at an instant: of those that begin after it and within a day the
    earliest, up to the last end of all that begin with it; None when the roster tells of none."""
    after = [each for each in duties if at < each.starts_at <= at + LONGEST and _of(each, team)]
    if not after:
        return None
    start = min(each.starts_at for each in after)
    return start, max(each.until for each in after if each.starts_at == start)


def clashes(duties: Sequence[Duty]) -> tuple[tuple[int, int], ...]:
    """Places of shifts of one person that overlap, in pairs."""
    order = sorted(range(len(duties)), key=lambda n: (duties[n].staff_id, duties[n].starts_at))
    found = []
    for first, second in pairwise(order):
        one, two = duties[first], duties[second]
        if one.staff_id == two.staff_id and two.starts_at < one.until:
            found.append((min(first, second), max(first, second)))
    return tuple(found)


def written(start: str, end: str, zone: str) -> tuple[datetime, datetime]:
    """The instants of a shift written in local times: "2026-11-23 08:00" and "2026-11-23 16:30", or the clock alone for
    the end ("16:30", "24:00"), which on or before the start is the next day's.

    A local time that does not exist moves forward, one that exists twice is the first. Refuses what is no time, and a
    shift that ends where it starts or lasts longer than a day.
    """
    begins = _local(start)
    ends = _after(begins, end) if re.fullmatch(r"\d{1,2}:\d{2}(?::00)?", end.strip()) else _local(end)
    first, last = (each.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for each in (begins, ends))
    if not timedelta(0) < last - first <= LONGEST:
        raise Invalid(f"A shift from {start} to {end} is none; it ends after it begins, within a day.", field="end")
    return first, last


def _local(text: str) -> datetime:
    plain = text.strip()
    midnight = re.fullmatch(r"(.+)[ T]24:00(?::00)?", plain)
    try:
        found = datetime.fromisoformat(midnight[1] if midnight else plain)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or (not midnight and len(plain) <= len("2026-11-23")):
        raise Invalid(f"'{text}' is no local time; write it as 2026-11-23 08:00.", field="time")
    return found + timedelta(days=1) if midnight else found


def _after(begins: datetime, clock: str) -> datetime:
    hour, minute = (int(each) for each in clock.strip().split(":")[:2])
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Invalid(f"'{clock}' is no time of day; 16:30 or 24:00 is wanted.", field="end")
    ends = datetime.combine(begins.date(), time(0)) + timedelta(hours=hour, minutes=minute)
    return ends if ends > begins else ends + timedelta(days=1)
