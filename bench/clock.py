"""Service clocks a second: due and elapsed with pauses, and whole tickets folded, against a walk and a library.

    python bench/clock.py [--clocks 100000] [--tickets 5000] [--walked 40] [--library 400]

One clock is both questions: when is it due, and how much of it is used up by an instant. Starts lie anywhere in two
years, targets are 1 to 40 hours of open time, half of the clocks have one or two pauses; the calendar has a lunch
break, weekends, public holidays and changes of the clock. The first few of the same clocks go to a walk minute by
minute that asks the wall clock each time, and to `businesstimedelta` (left out when it is not installed), which knows
no pauses: they are put together from its sums, as its user would. What is not agreed on is counted. A ticket is a
dozen events and seven clocks. Best of five rounds each, in processor time, since nothing here waits and others may use
the machine; writes bench/results/clock.json.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

import bed

from csdesk.rules.clock import Pause, due, elapsed
from csdesk.rules.clock_text import calendar_of
from csdesk.rules.ticket_clocks import clocks
from csdesk.rules.ticket_policy import Policy, targets_of
from csdesk.rules.ticket_states import Event

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-12:00 13:00-17:00")
CALENDAR = calendar_of({"zone": "Europe/Berlin", **WEEK, "country": "DE", "subdivision": "BE"})
ZONE = ZoneInfo(CALENDAR.zone)
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TARGET = 100_000  # clocks a second
ROUNDS = 5
TARGETS = targets_of({
    "acknowledge": {"1": "30m", "3": "2h"}, "first_response": {"1": "1h", "3": "4h"}, "reply": {"1": "2h", "3": "4h"},
    "keep_informed": {"1": "4h", "3": "2d"}, "resolution": {"1": "8h", "3": "3d"},
})  # fmt: skip
POLICIES = {("std", 1): Policy("std", 1, CALENDAR, TARGETS)}

Case = tuple[datetime, timedelta, tuple[Pause, ...], datetime]


def cases(count: int, pick: random.Random) -> list[Case]:
    """Start, target, pauses in order and apart, the instant it is looked at; whole minutes."""
    found = []
    for _ in range(count):
        start = BEGIN + pick.randrange(2 * 365 * 1440) * MINUTE
        at, pauses = start, []
        for _ in range(pick.choice((0, 0, 1, 2))):
            begin = at + pick.randrange(1, 1440) * MINUTE
            at = begin + pick.randrange(1, 2880) * MINUTE
            pauses.append((begin, at))
        end = start + pick.randrange(7 * 1440) * MINUTE
        found.append((start, timedelta(minutes=pick.randrange(60, 2400)), tuple(pauses), end))
    return found


def engine(case: Case) -> tuple[datetime, timedelta]:
    """As the desk asks."""
    start, target, pauses, end = case
    return due(CALENDAR, start, target, pauses), elapsed(CALENDAR, start, end, pauses)


def walk(case: Case) -> tuple[datetime, timedelta]:
    """Minute by minute: is the wall clock within the hours of the day, and nothing paused?"""
    start, target, pauses, end = case

    def counts(at: datetime) -> bool:
        if any(a <= at < b for a, b in pauses):
            return False
        local = at.astimezone(ZONE)
        minute = local.hour * 60 + local.minute
        return any(a <= minute < b for a, b in CALENDAR.blocks_on(local.date()))

    at, left = start, target // MINUTE
    while left:
        left -= counts(at)
        at += MINUTE
    used = sum(counts(start + each * MINUTE) for each in range((end - start) // MINUTE))
    return at, used * MINUTE


def library() -> Callable[[Case], tuple[datetime, timedelta]] | None:
    """The same by `businesstimedelta`, with the same holidays; None when it is not installed."""
    try:
        import businesstimedelta as other
        import holidays
        import pytz
    except ImportError:
        return None
    zone = pytz.timezone(CALENDAR.zone)
    days = holidays.country_holidays("DE", subdiv="BE")
    rules = other.Rules([
        other.WorkDayRule(time_of_day(8), time_of_day(17), working_days=[0, 1, 2, 3, 4], tz=zone),
        other.LunchTimeRule(time_of_day(12), time_of_day(13), working_days=[0, 1, 2, 3, 4], tz=zone),
        other.HolidayRule(days, tz=zone),
    ])  # fmt: skip

    def between(a: datetime, b: datetime) -> timedelta:
        return rules.difference(a, b).timedelta if b > a else timedelta(0)

    def ask(case: Case) -> tuple[datetime, timedelta]:
        start, target, pauses, end = case
        at, left = start, target
        for begin, finish in pauses:
            free = between(at, begin)
            if free >= left:
                break
            left, at = left - free, finish
        used = between(start, end) - sum((between(a, min(b, end)) for a, b in pauses), timedelta(0))
        return (at + other.BusinessTimeDelta(rules, timedelta=left)).astimezone(UTC), used

    return ask


def tickets(count: int, pick: random.Random) -> list[list[Event]]:
    """A dozen events each: opened, answered, waiting for the customer and for somebody inside, raised, resolved."""
    found = []
    for _ in range(count):
        at, events = BEGIN + pick.randrange(2 * 365 * 1440) * MINUTE, []
        for name, data in STORY:
            events.append(Event(len(events) + 1, at, name, 1, data))
            at += pick.randrange(1, 900) * MINUTE
        found.append(events)
    return found


_STANDARD = {"policy": "std", "policy_version": 1}
STORY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("opened", {"channel": "mail", "priority": 3, **_STANDARD}), ("claimed", {"owner": 1}), ("outbound", {}),
    ("waiting", {"party": "customer", "question": "photo?", "wake": ""}), ("inbound", {}), ("resumed", {}),
    ("waiting", {"party": "internal", "question": "stock?", "wake": ""}), ("resumed", {}), ("outbound", {}),
    ("priority", {"priority": 1, **_STANDARD}), ("told", {}), ("resolved", {"category": "short"}),
)  # fmt: skip


def fold(events: Sequence[Event]) -> int:
    """All clocks of a ticket as of a day after its last event; how many."""
    return len(clocks(events, POLICIES, events[-1].at + timedelta(days=1)))


def spent(work: Callable[[Any], Any], given: Sequence[Any]) -> float:
    """Seconds of the processor for all of them."""
    begin = time.process_time()
    for each in given:
        work(each)
    return time.process_time() - begin


def rate(work: Callable[[Any], Any], given: Sequence[Any]) -> float:
    """How many of them a second, best of the rounds."""
    return max(len(given) / spent(work, given) for _ in range(ROUNDS))


def main() -> None:
    """Runs all; exit 1 when the engine and the walk do not agree or the target is missed."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--clocks", type=int, default=100_000)
    words.add_argument("--tickets", type=int, default=5000)
    words.add_argument("--walked", type=int, default=40)
    words.add_argument("--library", type=int, default=400)
    given = words.parse_args()
    pick = random.Random("clock")
    asked = cases(given.clocks, pick)
    first = spent(engine, asked[:1])
    ours = rate(engine, asked)
    rows = [{"what": "csdesk", "clocks": len(asked), "a second": round(ours), "us each": round(1e6 / ours, 1),
             "csdesk is faster by": "", "not agreed": ""}]  # fmt: skip
    for name, work, count in (("walk by minutes", walk, given.walked), ("businesstimedelta", library(), given.library)):
        if work is None:
            print(f"{name} is not installed and left out (pip install {name}).")
            continue
        some = asked[:count]
        apart = sum(work(each) != engine(each) for each in some)
        theirs = rate(work, some)
        rows.append({
            "what": name, "clocks": len(some), "a second": round(theirs), "us each": round(1e6 / theirs, 1),
            "csdesk is faster by": f"{ours / theirs:,.0f}x", "not agreed": f"{apart} of {len(some)}",
        })  # fmt: skip
    folded = tickets(given.tickets, pick)
    whole, each = rate(fold, folded), sum(map(fold, folded)) / len(folded)
    rows.append({"what": f"csdesk: tickets of {len(STORY)} events, {each:.1f} clocks", "clocks": len(folded),
                 "a second": round(whole), "us each": round(1e6 / whole, 1)})  # fmt: skip
    bed.table(rows)
    agreed = sum(walk(each) != engine(each) for each in asked[: given.walked]) == 0
    print(f"First question of a process, its years made: {first * 1000:.1f} ms. Target {TARGET:,} clocks a second: "
          f"{'met' if ours >= TARGET else 'missed'}.")  # fmt: skip
    bed.keep("clock", rows, target=TARGET, met=ours >= TARGET, agrees_with_walk=agreed, first_ms=round(first * 1000, 1))
    if not agreed:
        raise SystemExit("The engine and the walk do not agree.")


if __name__ == "__main__":
    main()
