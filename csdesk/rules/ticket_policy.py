"""What a ticket's clocks go by: per policy and version a calendar, and a target by kind of clock and priority. Pure.

Rule: a kind without a target has no clock. Source: the desk's own; open time is that of rules.clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from csdesk.errors import Invalid
from csdesk.rules.clock import Calendar, Pause, Target, WorkingDays, due

# In the order in which they come up in the life of a ticket.
KINDS = ("acknowledge", "first_response", "reply", "keep_informed", "resolution", "approval", "callback")
_SPAN = re.compile(r"(?:(\d{1,18})h)?\s*(?:(\d{1,18})m)?", re.ASCII)
_DAYS = re.compile(r"(\d{1,18})d", re.ASCII)
MOST_HOURS, MOST_DAYS = 10_000, 1_000
FAR = timedelta(days=3652)  # a target that these hours do not use up by then is a slip of whoever set it


@dataclass(frozen=True)
class Policy:
    """A version of a policy: its calendar, and the target of each (kind of clock, priority) that has one."""

    code: str
    version: int
    calendar: Calendar
    targets: Mapping[tuple[str, int], Target]

    def target(self, kind: str, priority: int) -> Target | None:
        """The target of a kind of clock for a priority; None where there is no such clock."""
        return self.targets.get((kind, priority))


# (code, version) -> policy. All that a ticket's events name must be there.
Policies = Mapping[tuple[str, int], Policy]


@dataclass(frozen=True)
class Choice:
    """A policy, by version, and a priority: what targets are looked up by."""

    policy: str
    version: int
    priority: int


@dataclass(frozen=True)
class Term:
    """The target of one clock with the calendar it is counted in, and which policy and priority it came from."""

    target: Target
    calendar: Calendar
    choice: Choice

    def counts_as(self, other: Term) -> bool:
        """Whether another one has the same target in the same hours, whatever they are called."""
        return self.target == other.target and self.calendar.hours == other.calendar.hours


def policy_of(policies: Policies, choice: Choice) -> Policy:
    """The policy of a choice. Refuses one that is not among the policies given."""
    found = policies.get((choice.policy, choice.version))
    if found is None:
        raise Invalid(f"Policy {choice.policy} has no version {choice.version}; the ticket's events name it.")
    return found


def tightest(
    policies: Policies, choices: Sequence[Choice], kind: str, start: datetime, pauses: Sequence[Pause] = ()
) -> Term | None:
    """The term of a kind of clock: the one that is due first where several choices hold (merged tickets).

    Rule: the earliest due of all choices that have a target; the first of them when they are due at once.
    """
    terms = []
    for choice in choices:
        policy = policy_of(policies, choice)
        target = policy.target(kind, choice.priority)
        if target is not None:
            terms.append(Term(target, policy.calendar, choice))
    if len(terms) < 2:
        return terms[0] if terms else None
    return min(terms, key=lambda each: due(each.calendar, start, each.target, pauses))


def target_of(text: str) -> Target:
    """A target as it is written: "4h", "30m", "1h30m" of open time, "2d" working days. Refuses anything else, and more
    than MOST_HOURS or MOST_DAYS.

    Formula: h = 60 minutes of open time; d = the close of the n-th working day.
    """
    words = text.strip().lower()
    if days := _DAYS.fullmatch(words):
        if int(days[1]) > MOST_DAYS:
            raise Invalid(f"'{text}' is too long; a target is of {MOST_DAYS} working days at most.", field="targets")
        return WorkingDays(int(days[1]))
    if words and (span := _SPAN.fullmatch(words)):
        minutes = int(span[1] or 0) * 60 + int(span[2] or 0)
        if minutes > MOST_HOURS * 60:
            raise Invalid(f"'{text}' is too long; a target is of {MOST_HOURS} open hours at most.", field="targets")
        return timedelta(minutes=minutes)
    raise Invalid(
        f"A target is written 4h, 30m, 1h30m (open time) or 2d (working days), not '{text}'.", field="targets"
    )


def within_reach(calendar: Calendar, targets: Iterable[Target], now: datetime) -> None:
    """Refuses targets that hours do not use up, half of them again included, within FAR of now: a ticket that goes by
    them could not be reckoned.

    Rule: due(start = now, target x 150 %) <= now + FAR; of working days the days themselves.
    """
    for each in targets:
        late = each if isinstance(each, WorkingDays) else each * 3 / 2
        try:
            reached = due(calendar, now, late) <= now + FAR
        except Invalid:
            reached = False
        if not reached:
            raise Invalid(f"The hours do not come to {target_text(each)} in ten years; shorten it.", field="targets")


def target_text(target: Target) -> str:
    """A target as `target_of` reads it. Refuses a span that is not of whole minutes."""
    if isinstance(target, WorkingDays):
        return f"{target.n}d"
    minutes, rest = divmod(target, timedelta(minutes=1))
    if rest:
        raise Invalid("A target is of whole minutes.", field="targets")
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes or not hours else "")


def targets_of(given: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, int], Target]:
    """Targets from kind -> priority -> text, as files have them. Refuses unknown kinds and what is no priority.

    Rule: callbacks have no target, they are promised for a window of their own.
    """
    found: dict[tuple[str, int], Target] = {}
    for kind, by_priority in given.items():
        if kind not in KINDS[:-1]:
            raise Invalid(f"No clock is called '{kind}'; there are {', '.join(KINDS[:-1])}.", field="targets")
        for priority, text in by_priority.items():
            if not str(priority).isdecimal():
                raise Invalid(f"A priority is a number such as 1 (the highest), not '{priority}'.", field="targets")
            found[kind, int(priority)] = target_of(text)
    return found
