"""One clock of a ticket from its start to its end: pauses, due, breach, lateness. Pure; ticket_clocks folds events
into these.

A pause counts only where it overlaps open time. A clock is breached at the first instant past its due at which it is
not paused, never before its present target was set, and once at most.

Rule: due = start + target of open time - pauses; a breach is judged on the event that ends the clock. Source: the
desk's own service rules; open time is that of rules.clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from csdesk.rules.clock import Calendar, Pause, Target, due, elapsed, open_time
from csdesk.rules.ticket_policy import Term

# Clocks a wait for the customer or a third party pauses; acknowledge and first response never pause, and an approval
# or a callback is the desk's own.
PAUSABLE = frozenset({"reply", "keep_informed", "resolution"})
PAUSING = frozenset({"customer", "third", "resolved"})


@dataclass(frozen=True)
class Wait:
    """A span in which a ticket waited: for whom (customer, internal, third, or "resolved"), until when (None: still),
    and why."""

    party: str
    start: datetime
    end: datetime | None
    reason: str = ""


@dataclass(frozen=True)
class Clock:
    """A clock of a ticket at an instant. `kind` and `epoch` name it within its ticket; `subject` is what a callback or
    an approval is about.

    `target` is open time (of a target in working days too; `given` is the target as the policy has it); `elapsed` +
    `remaining` is the target, `remaining` negative when more was used. `due` is None while a pause holds it open.
    `late` is open time past the due, `set_at` when the present target was set. `waits` lie within its life but do
    not pause it.
    """

    kind: str
    epoch: int
    started_at: datetime
    target: timedelta
    calendar: Calendar
    policy: str
    policy_version: int
    pauses: tuple[Wait, ...]
    due: datetime | None
    met_at: datetime | None
    stopped_at: datetime | None
    state: str
    breached_at: datetime | None
    late: timedelta
    elapsed: timedelta
    remaining: timedelta
    given: Target = timedelta(0)
    priority: int = 0
    subject: str = ""
    set_at: datetime | None = None
    waits: tuple[Wait, ...] = ()


@dataclass
class Life:
    """A clock while events are folded. Without a term there is no such clock yet, but its start is known."""

    kind: str
    started_at: datetime
    set_at: datetime
    term: Term | None = None
    epoch: int = 0
    subject: str = ""
    ended_at: datetime | None = None
    met: bool = False
    broken_at: datetime | None = None
    window: datetime | None = None
    joined_at: datetime | None = None  # of a start that came with a merged ticket: waits count from here
    spells: list[Wait] = field(default_factory=list)  # pauses of its own: spells it had ended for, those of merged ones

    def end(self, at: datetime, met: bool) -> None:
        """Ends it, met or merely stopped."""
        self.ended_at, self.met = at, met


def within(waits: Iterable[Wait], start: datetime, end: datetime) -> list[Wait]:
    """Waits cut to a span, in order; those that lie outside or are empty are left out, one that goes on stays so.

    Rule: the part from the later start to the earlier end.
    """
    found = []
    for each in waits:
        begin = max(each.start, start)
        finish = each.end and min(each.end, end)
        if begin <= end if finish is None else begin < finish:
            whole = begin == each.start and finish == each.end
            found.append(each if whole else replace(each, start=begin, end=finish))
    return sorted(found, key=lambda each: each.start)


def pauses_of(life: Life, waits: Sequence[Wait], now: datetime) -> tuple[list[Wait], list[Wait]]:
    """The waits that pause a clock, and those within its life that do not; closed ones where the clock has ended.

    Rule: customer and third parties pause reply, keep informed and resolution; nothing else pauses anything.
    """
    end = life.ended_at or now
    inside = [*within(waits, life.joined_at or life.started_at, end), *within(life.spells, life.started_at, end)]
    inside.sort(key=lambda each: each.start)
    if life.ended_at is not None:
        inside = [replace(each, end=end) if each.end is None else each for each in inside]
        inside = [each for each in inside if each.end != each.start]
    if life.kind not in PAUSABLE:
        return [], inside
    return [each for each in inside if each.party in PAUSING], [each for each in inside if each.party not in PAUSING]


def spans_of(pauses: Iterable[Wait], end: datetime) -> tuple[Pause, ...]:
    """Waits as spans; one that goes on goes to `end`.

    Rule: start to end.
    """
    return tuple((each.start, each.end or end) for each in pauses)


def clock_of(life: Life, waits: Sequence[Wait], now: datetime) -> Clock:
    """The clock as it stands at an instant. Its life must have a term.

    Formula: remaining = target - elapsed; late = what elapsed above the target, when breached.
    """
    term = life.term
    assert term is not None, "a clock without a target is none"
    end = life.ended_at or now
    pauses, others = pauses_of(life, waits, now)
    spans = spans_of(pauses, end)
    paused = life.ended_at is None and bool(pauses) and pauses[-1].end is None
    target = open_time(term.calendar, life.started_at, term.target)
    used = elapsed(term.calendar, life.started_at, end, spans)
    held = paused and used < target
    when = None if held else due(term.calendar, life.started_at, target, spans)
    breached_at = None if when is None else _breach(life, when, spans, end)
    running = "paused" if paused else "running"
    return Clock(
        kind=life.kind, epoch=life.epoch, started_at=life.started_at, target=target, calendar=term.calendar,
        policy=term.choice.policy, policy_version=term.choice.version, pauses=tuple(pauses), due=when,
        met_at=life.ended_at if life.met else None, stopped_at=None if life.met else life.ended_at,
        state=running if life.ended_at is None else "met" if life.met else "stopped",
        breached_at=breached_at, late=max(used - target, timedelta(0)) if breached_at else timedelta(0),
        elapsed=used, remaining=target - used, given=term.target, priority=term.choice.priority,
        subject=life.subject, set_at=life.set_at, waits=tuple(others),
    )  # fmt: skip


def _breach(life: Life, when: datetime, spans: Sequence[Pause], end: datetime) -> datetime | None:
    """When a clock that is due at an instant was breached up to its end; None when it was not."""
    at = max(when, life.set_at)
    for start, finish in sorted(spans):
        if start <= at < finish:
            at = finish
    if life.broken_at is not None:
        return min(at, life.broken_at)
    return at if at < end else None
