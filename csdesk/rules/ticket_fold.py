"""What the events of a ticket came to so far: the lives of its clocks, its waits, what targets are looked up by. Pure.

Rule: as ticket_clocks, which folds the events into this. Source: the desk's own service rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from csdesk.rules.clock import ALWAYS, local_midnight
from csdesk.rules.ticket_lives import Life, Wait, clock_of, pauses_of, spans_of, within
from csdesk.rules.ticket_policy import Choice, Policies, Term, policy_of, tightest

# Clocks that begin when a ticket is opened.
OPENING = ("acknowledge", "first_response", "resolution")
# Clocks of a merged ticket that run on in the one it went into, also where that has none of them.
CARRIED = ("reply", "keep_informed", "resolution")
_PROMISED = Choice("", 0, 0)  # a callback goes by what was promised, not by a policy


class Fold:
    """What the events came to so far: lives of clocks, waits, and the choices targets are looked up by."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self.choices: list[Choice] = []
        self.lives: list[Life] = []
        self.waits: list[Wait] = []
        self.wake: datetime | None = None
        self.done = self.over = False
        self.unanswered: datetime | None = None
        self.spoken: datetime | None = None
        self.epochs: dict[str, int] = {}

    def waits_at(self, now: datetime) -> list[Wait]:
        """The waits; the last one ends by itself when its wake date has come, whether or not anybody looked."""
        if self.waits and self.waits[-1].end is None and self.wake is not None and self.wake <= now:
            return [*self.waits[:-1], replace(self.waits[-1], end=self.wake)]
        return self.waits

    def running(self, *kinds: str) -> list[Life]:
        """The lives of some kinds that have not ended; of all when none is named."""
        return [each for each in self.lives if each.ended_at is None and (not kinds or each.kind in kinds)]

    def start(
        self, kind: str, at: datetime, subject: str = "", since: datetime | None = None, pauses: Sequence[Wait] = ()
    ) -> None:
        """A new life, unless the ticket is over; `since` when it began on a ticket that was merged into this one, with
        its pauses there."""
        if not self.over:
            before = within(pauses, since or at, at)
            life = Life(kind, since or at, at, subject=subject, joined_at=at if since else None, spells=before)
            self.lives.append(life)
            self.give(life, self.term(life, at), at)

    def term(self, life: Life, at: datetime) -> Term | None:
        """What a life goes by, given its start and its pauses up to now."""
        spans = spans_of(pauses_of(life, self.waits_at(at), at)[0], at) if len(self.choices) > 1 else ()
        return tightest(self.policies, self.choices, life.kind, life.started_at, spans)

    def give(self, life: Life, term: Term | None, at: datetime) -> None:
        """Sets the term of a life; its first one gives it its number."""
        if term is not None and life.term is None:
            self.epochs[life.kind] = life.epoch = self.epochs.get(life.kind, 0) + 1
        life.term, life.set_at = term, at

    def appoint(
        self, at: datetime, subject: str, until: datetime, window: datetime | None, since: datetime | None = None
    ) -> None:  # fmt: skip
        """A callback promised (`since`: on a ticket that was merged into this one) for a window that ends at `until`,
        counted around the clock."""
        if not self.over:
            life = Life("callback", since or at, at, subject=subject, window=window)
            self.lives.append(life)
            self.give(life, Term(max(until - life.started_at, timedelta(0)), ALWAYS, _PROMISED), at)

    def join(
        self, at: datetime, running: Mapping[str, datetime], begins: Mapping[str, datetime],
        pauses: Mapping[str, Sequence[Wait]],
    ) -> None:  # fmt: skip
        """What runs on a ticket that is merged into this one, with its starts and pauses, runs on here: where both have
        a clock the earlier start counts, and its pauses until the later one began. `begins` are starts for what runs
        here alone."""
        for kind in CARRIED:
            if kind in running and not self.running(kind):
                self.start(kind, at, since=running[kind], pauses=pauses.get(kind, ()))
        self.choose_again(at, {**begins, **running}, pauses)

    def about(self, kind: str, subject: str) -> Life | None:
        """The running life of a kind that is about something."""
        return next((each for each in self.running(kind) if each.subject == subject), None)

    def finish(self, at: datetime, met: bool, *kinds: str) -> None:
        """Ends the running lives of some kinds (of all when none is named)."""
        for each in self.running(*kinds):
            each.end(at, met)

    def resume(self, at: datetime) -> None:
        """Ends the wait that goes on, at its wake date when that came first."""
        if self.waits and self.waits[-1].end is None:
            end = at if self.wake is None else min(at, self.wake)
            self.waits[-1] = replace(self.waits[-1], end=end)
        self.wake = None

    def woken(self, wake: Any, at: datetime) -> datetime | None:
        """The instant a wake date stands for: a day begins at midnight of the calendar; one not ahead is none."""
        if not wake or not self.choices:
            return None
        calendar = policy_of(self.policies, self.choices[0]).calendar
        if len(str(wake)) == len("2026-01-01"):
            found = local_midnight(calendar, date.fromisoformat(str(wake)))
        else:
            found = datetime.fromisoformat(str(wake))
            found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(calendar.zone))
        return found if found > at else None

    def choose_again(
        self, at: datetime, begins: Mapping[str, datetime] | None = None,
        pauses: Mapping[str, Sequence[Wait]] | None = None,
    ) -> None:  # fmt: skip
        """Looks up the terms of all running lives anew: start and pauses stay. One breached by now stays as it is and
        another goes on; with `begins` they take an earlier start (of a merged ticket), with what paused it until
        theirs."""
        waits = self.waits_at(at)
        for life in self.running():
            if life.kind == "callback":
                continue
            begin = min(life.started_at, (begins or {}).get(life.kind, life.started_at))
            joined = life.joined_at or (life.started_at if begin < life.started_at else None)
            spells = [*within((pauses or {}).get(life.kind, ()), begin, life.started_at), *life.spells]
            term = self.term(replace(life, started_at=begin, joined_at=joined, spells=spells), at)
            old = life.term
            same = term is not None and old is not None and begin == life.started_at and term.counts_as(old)
            breached = old is not None and clock_of(life, waits, at).breached_at is not None
            if same:
                life.term = old if breached else term
            elif old is None or (term is not None and not breached):
                life.started_at, life.joined_at, life.spells = begin, joined, spells
                self.give(life, term, at)
            else:
                life.end(at, met=False)
                after = replace(life, started_at=begin, joined_at=joined, ended_at=None, epoch=0, term=None,
                                spells=spells)  # fmt: skip
                self.lives.append(after)
                self.give(after, term, at)
