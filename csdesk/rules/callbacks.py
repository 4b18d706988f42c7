"""Callbacks: the moves one may make, the window as it is typed, when it is due, kept or broken. Pure.

Rule: promised -> due -> attempted -> kept | moved | broken | cancelled; moved by us once the window is open counts as
broken. Source: the order desk's own (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from csdesk.errors import Invalid, Refused
from csdesk.rules.delivery import soon

USUAL = timedelta(minutes=30)  # what a single time promises: a call from then on, not at the stroke
# State -> what may happen -> the state after it. "due" is no state: it is what a promised one is by the clock. A broken
# one is still owed until it is made or cancelled.
MOVES: dict[str, dict[str, str]] = {
    "promised": {"attempt": "attempted", "speak": "kept", "move": "promised", "lapse": "broken", "cancel": "cancelled"},
    "attempted": {"attempt": "attempted", "speak": "kept", "move": "promised", "lapse": "broken",
                  "cancel": "cancelled"},
    "broken": {"attempt": "broken", "speak": "broken", "move": "promised", "cancel": "broken"},
    "kept": {},
    "cancelled": {},
}  # fmt: skip
SPOKE, NO_ANSWER, OURS, THEIRS = "spoke", "no answer", "moved by us", "moved by customer"
UNTRIED, UNMOVED = "taken back", "move taken back"  # void the attempt, or the move, before them
# Words a rep notes -> the outcome they mean; anything else is no answer.
_OUTCOMES = (("engaged", r"engaged|busy|occupied"), ("message left", r"message|voice ?mail|answering|mailbox"),
             ("wrong number", r"wrong number|unknown number|not in use|disconnected"))  # fmt: skip
OUTCOMES = (SPOKE, NO_ANSWER, *(name for name, _ in _OUTCOMES), OURS, THEIRS)
_CLOCK = r"(\d{1,2})(?::(\d{2}))?"
_WEEKDAY = r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
_TIME = r"\d{1,2}(?::\d{2})?"
_DAY = rf"{_WEEKDAY}|\d{{1,2}}/\d{{1,2}}(?=\s)|\+\d{{1,3}}(?=\s)"
# As it is typed: an optional day, a clock, an optional end. Part of the verb table's patterns.
WHEN = rf"(?:(?:{_DAY})\s*)?{_TIME}(?:-{_TIME})?"
_WHEN = re.compile(rf"(?:(?P<day>{_DAY})\s*)?(?P<opens>{_TIME})(?:-(?P<until>{_TIME}))?", re.IGNORECASE)


@dataclass(frozen=True)
class Window:
    """From when to when a call was promised, both included; `until` None: USUAL after it opens."""

    opens: datetime
    until: datetime | None = None

    @property
    def end(self) -> datetime:
        """The last instant of it."""
        return self.opens + USUAL if self.until is None else self.until


def after(state: str, event: str, named: str = "This callback") -> str:
    """The state after an event. Refuses one that MOVES does not allow.

    Rule: the table MOVES.
    """
    if event not in MOVES.get(state, {}):
        raise Refused(f"{named} is {state} already; q shows those that wait.")
    return MOVES[state][event]


def told(state: str, window: Window, now: datetime) -> str:
    """The state as it is spoken of: a promised one whose window is open is due, one whose window is over is late."""
    if state in ("promised", "attempted") and now > window.end:
        return "late"
    return "due" if state == "promised" and now >= window.opens else state


def lapsed(state: str, window: Window, now: datetime) -> bool:
    """Whether it is broken by the clock: the window is over and nobody was spoken to."""
    return "lapse" in MOVES.get(state, {}) and now > window.end


def judged(state: str, window: Window, at: datetime) -> str:
    """The state by the clock at an instant: broken once it has lapsed, whether or not anybody looked.

    Whoever is spoken to before the window opens is reached in time.
    """
    return "broken" if lapsed(state, window, at) else state


def moved_counts(state: str, window: Window, now: datetime, by_us: bool) -> bool:
    """Whether a move counts as broken: by us once the window is open, and by whomever once it was broken."""
    return judged(state, window, now) == "broken" or (by_us and now >= window.opens)


def strict(window: Window, attempts: Iterable[tuple[datetime, str]]) -> bool:
    """Kept strictly: the customer was spoken to by the end of the window. `attempts` are (instant, outcome)."""
    return any(outcome == SPOKE and at <= window.end for at, outcome in attempts)


def lenient(window: Window, attempts: Iterable[tuple[datetime, str]]) -> bool:
    """Kept leniently: somebody tried within the window, or the customer was spoken to before it opened."""
    tries = [(at, outcome) for at, outcome in attempts if outcome not in (OURS, THEIRS)]
    return strict(window, tries) or any(window.opens <= at <= window.end for at, _ in tries)


def standing(outcomes: Sequence[str]) -> tuple[int, ...]:
    """The places of the attempts that stand: one that was taken back counts no more, nor does the taking back.

    Rule: the latest one before it that stands.
    """
    found: list[int] = []
    for place, outcome in enumerate(outcomes):
        if outcome not in (UNTRIED, UNMOVED):
            found.append(place)
        elif found:
            found.pop()
    return tuple(found)


def outcome_of(words: str) -> str:
    """The outcome that words of a failed attempt mean."""
    return next((name for name, sign in _OUTCOMES if re.search(sign, words, re.IGNORECASE)), NO_ANSWER)


def typed_window(text: str, now: datetime, zone: str) -> Window:
    """The window that was typed, on the customer's clock: "15", "15:30", "15-16", "mon10", "12/6 10", "+1 9-11".

    Without a day it is today's. A local time that does not exist moves forward, one that exists twice is the first.
    Refuses what is no time of day, a window that ends before it begins, one that is over, and a day more than
    `delivery.SOON_DAYS` ahead.
    """
    match = _WHEN.fullmatch(text.strip())
    if match is None:
        raise Invalid(f"'{text.strip()}' is no time; 15, 15:30, 15-16, mon10 or 12/6 10 is wanted.", field="when")
    here = now.astimezone(ZoneInfo(zone))
    day = soon(match["day"], here.date()) if match["day"] else here.date()
    opens = _at(day, match["opens"], zone)
    until = _at(day, match["until"], zone, end=True) if match["until"] else None
    if until is not None and until <= opens:
        raise Invalid(f"A window from {match['opens']} to {match['until']} ends before it begins.", field="when")
    if (until or opens) < now.replace(second=0, microsecond=0):
        words = f"{match['until'] or match['opens']} is over, it is {here:%H:%M} on the customer's clock"
        raise Invalid(f"{words}; +1 {match['opens']} is tomorrow.", field="when")
    return Window(opens, until)


def _at(day: date, clock: str, zone: str, end: bool = False) -> datetime:
    found = re.fullmatch(_CLOCK, clock)
    assert found is not None
    hour, minute = int(found[1]), int(found[2] or 0)
    if minute > 59 or hour > 24 or (hour == 24 and (minute or not end)):
        raise Invalid(f"'{clock}' is no time of day; 15 or 15:30 is wanted.", field="when")
    local = datetime.combine(day, time(0)) + timedelta(hours=hour, minutes=minute)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
