"""Which escalations a ticket's clocks and happenings call for, and the moves of one. Pure.

A call names its rule, its level and an epoch key (of the clock, or of the thing it is about): one escalation each. It
is judged at the instant it was due, whenever somebody looks (`rules.escalation_ladder`).

Rule: 75 % of a clock the owner, 100 % the lead, 150 % the supervisor, in open time; the rest as each function says.
Source: the desk's own service rules (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from csdesk.errors import Refused
from csdesk.rules.clock import Calendar, Target, WorkingDays, due
from csdesk.rules.rosters import FINANCE, OPERATIONS
from csdesk.rules.rosters import LEAD as LEAD_SHIFT
from csdesk.rules.rosters import SUPERVISOR as SUPERVISOR_SHIFT
from csdesk.rules.ticket_clocks import thresholds
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_states import Event

OWNER, LEAD, SUPERVISOR, HEAD = range(4)
# State -> what may happen -> the state after it; "pass" is going up, or being overtaken by a higher one;
# "again" is being called for once more, after what it was about had gone.
MOVES: dict[str, dict[str, str]] = {
    "raised": {"acknowledge": "acknowledged", "action": "actioned", "close": "closed", "withdraw": "withdrawn",
               "pass": "passed"},
    "acknowledged": {"acknowledge": "acknowledged", "action": "actioned", "close": "closed", "withdraw": "withdrawn",
                     "pass": "passed"},
    "actioned": {"acknowledge": "acknowledged", "close": "closed", "withdraw": "withdrawn", "pass": "passed"},
    "closed": {}, "withdrawn": {"again": "raised"}, "passed": {"again": "raised"},
}  # fmt: skip
LIVE = frozenset({"raised", "acknowledged", "actioned"})
BY_PERCENT = {75: ("clock-75", OWNER), 100: ("clock-100", LEAD), 150: ("clock-150", SUPERVISOR)}
OF_A_CLOCK = frozenset(rule for rule, _ in BY_PERCENT.values())
TOLD_ONLY = frozenset({"clock-75"})  # the owner is told; what goes up is the next share of the clock
# Rule -> the level it begins at and what it is about, in words.
FIRST: dict[str, tuple[int, str]] = {
    "callback": (LEAD, "callback broken"),
    "reopened": (LEAD, "reopened again"),
    "survey": (LEAD, "low score"),
    "value": (SUPERVISOR, "value over the limit"),
    "safety": (SUPERVISOR, "safety"),
    "silence": (OWNER, "nobody wrote in an internal wait"),
    "hand": (LEAD, "by hand"),
}
A_WORKING_DAY = WorkingDays(1)
AGAIN = 2  # the reopening that calls for somebody
_NO_WORD = frozenset({"escalated", "undone", "policy"})  # events that break no silence
_ENDS_A_WAIT = frozenset({"resumed", "resolved", "closed", "reopened", "merged", "cancelled"})


@dataclass(frozen=True)
class Called:
    """An escalation that is called for: by which rule, at which level, about what, since when, in words."""

    rule: str
    level: int
    epoch: str
    at: datetime
    why: str

    @property
    def key(self) -> tuple[str, int, str]:
        """What there is one escalation of."""
        return self.rule, self.level, self.epoch


@dataclass(frozen=True)
class Standing:
    """An escalation there is; `next_at` is its commitment, or when it goes up."""

    id: int
    rule: str
    level: int
    epoch: str
    state: str
    next_at: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """What a company sets: from which score down a survey is low, above which value (minor units of the ticket's
    currency, None: no limit) somebody looks, how long nobody may write in an internal wait."""

    score: int = 2
    value: int | None = None
    silence: Target = A_WORKING_DAY


@dataclass(frozen=True)
class Promised:
    """A callback of a ticket whose window is over and nobody was spoken to: its id, the end of its window and how often
    it was moved before."""

    id: int
    until: datetime
    about: str = ""
    moves: int = 0

    @property
    def epoch(self) -> str:
        """The key of what was promised: a callback that was moved is promised anew."""
        return f"callback:{self.id}:{self.moves}" if self.moves else f"callback:{self.id}"


def after(state: str, step: str) -> str:
    """The state after a step. Refuses what MOVES does not allow, saying what can be done.

    Rule: the table MOVES.
    """
    moves = MOVES.get(state, {})
    if step not in moves:
        can = ", ".join(sorted(each for each in moves if each not in ("withdraw", "again"))) or "nothing any more"
        raise Refused(f"An escalation that is {state} cannot take '{step}'; it can: {can}.")
    return moves[step]


def of_clocks(clocks: Iterable[Clock]) -> list[Called]:
    """What the running clocks call for, ahead of now too: since a share of the target is used up, never before the
    present target was set. A paused or ended clock calls for nothing; a callback is a matter of its own.

    Rule: 75, 100, 150 % of the target in open time.
    """
    found = []
    for clock in clocks:
        if clock.state != "running" or clock.kind == "callback":
            continue
        for percent, at in zip(BY_PERCENT, thresholds(clock, tuple(BY_PERCENT)), strict=True):
            rule, level = BY_PERCENT[percent]
            if at is not None:
                since = at if clock.set_at is None else max(at, clock.set_at)
                found.append(Called(rule, level, epoch_of(clock), since, _used(clock, percent)))
    return found


def epoch_of(clock: Clock) -> str:
    """The key of a clock within its ticket.

    Rule: kind and epoch.
    """
    return f"{clock.kind}:{clock.epoch}"


def _used(clock: Clock, percent: int) -> str:
    name = clock.kind.replace("_", " ")
    return {75: f"{name}: three quarters of the time are used", 100: f"{name} is late"}.get(
        percent, f"{name} is late by half its time again"
    )


def of_events(events: Sequence[Event], limits: Limits) -> list[Called]:
    """What happened that calls for somebody, from the standing events in their order: a word of safety, a value over
    the limit, the second reopening or the latest one after it, a low score.

    Rule: at the event that brought it, once each.
    """
    found: dict[str, Called] = {}
    reopened = 0
    for each in events:
        data = each.data
        if data.get("safety") and each.event in ("opened", "safety"):
            _add(found, "safety", "safety", each.at, FIRST["safety"][1])
        value = data.get("value") if each.event in ("opened", "line") else None
        if limits.value is not None and value is not None and value > limits.value:
            _add(found, "value", "value", each.at, FIRST["value"][1])
        if each.event == "reopened":
            reopened += 1
            if reopened >= AGAIN:
                found.pop(f"reopened:{reopened - 1}", None)
                _add(found, "reopened", f"reopened:{reopened}", each.at, f"reopened {reopened} times")
        if each.event == "surveyed" and data["score"] <= limits.score:
            words = f"the customer gave {data['score']} of 5"
            _add(found, "survey", f"survey:{data.get('round', 1)}", each.at, words)
    return list(found.values())


def _add(found: dict[str, Called], rule: str, epoch: str, at: datetime, why: str) -> None:
    found.setdefault(epoch, Called(rule, FIRST[rule][0], epoch, at, why))


def of_silence(events: Sequence[Event], wake_at: datetime | None, calendar: Calendar, limits: Limits) -> list[Called]:
    """The silence of an internal wait that goes on: nobody wrote since it began, or since the last who did, for the
    time allowed; none where the wake date comes first.

    Rule: last word + limit of open time; every event of a person is a word.
    """
    last: Event | None = None
    for each in events:
        internal = each.event == "waiting" and each.data.get("party") == "internal"
        if internal:
            last = each
        elif each.event == "waiting" or each.event in _ENDS_A_WAIT:
            last = None
        elif last is not None and each.by and each.event not in _NO_WORD:
            last = each
    if last is None:
        return []
    at = due(calendar, last.at, limits.silence)
    if wake_at is not None and wake_at <= at:
        return []
    return [Called("silence", FIRST["silence"][0], f"silence:{last.seq}", at, FIRST["silence"][1])]


def of_callbacks(broken: Iterable[Promised]) -> list[Called]:
    """Callbacks that were broken and are still owed, each time one was moved anew.

    Rule: at the end of the window.
    """
    level, words = FIRST["callback"]
    return [Called("callback", level, each.epoch, each.until, f"{words}: {each.about}".rstrip(": ")) for each in broken]


def shift_level(level: int, money: bool) -> str:
    """What a level is called in the roster; '' for the owner.

    Switches: `money` - the head of finance instead of the head of operations.

    Rule: lead, supervisor, operations or finance.
    """
    head = FINANCE if money else OPERATIONS
    return ("", LEAD_SHIFT, SUPERVISOR_SHIFT, head)[level]
