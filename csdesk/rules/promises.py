"""Promises to pay: open, kept, partly or broken as of a day; what they do to level, dunning and ranking. Pure.

Amounts are minor units of one currency.

Rule: as of a day, by what was paid in time. Source: SAP Collections Management, promises to pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.rules import _exact

Amount = int | Decimal
STATUSES = ("open", "kept", "partly", "broken", "withdrawn")
# A promise keeps reminders away and nobody approves it, so it is for a short time; a dunning block, which is approved,
# may last longer.
MOST_DAYS = 30


@dataclass(frozen=True)
class Promise:
    """A promise to pay: the day it was given, the day payment is promised for, the amount in minor units.

    `items` are (item, amount) and add up to the amount; without items any payment of the customer counts.
    """

    given_on: date
    pay_on: date
    amount: int
    items: tuple[tuple[str, int], ...] = ()
    withdrawn: bool = False
    id: str = ""

    def __post_init__(self) -> None:
        """Refuses a promise for the past, of nothing, or whose items do not add up."""
        if _exact.day(self.pay_on, "The promised day") < _exact.day(self.given_on, "The day of the promise"):
            raise Invalid("A promise is for the day it is given or a later one.", field="pay_on")
        _exact.count(self.amount, "The promised amount", 1)
        if self.items and sum(_exact.count(each, "A promised item", 1) for _, each in self.items) != self.amount:
            raise Invalid("The items of a promise must add up to its amount.", field="amount")
        if len({item for item, _ in self.items}) != len(self.items):
            raise Invalid("A promise names each item once.")


@dataclass(frozen=True)
class Payment:
    """Money that came in: value date, amount (a reversal is negative), the item it was allocated to."""

    on: date
    amount: int
    item: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "amount")


@dataclass(frozen=True)
class Evaluation:
    """A promise as of a day: status, what was paid in time for it, what is short of it."""

    status: str
    paid: int
    short: int


def evaluate(
    promise: Promise,
    payments: Iterable[Payment],
    as_of: date,
    *,
    tolerance_days: int = 0,
    tolerance_amount: int = 0,
) -> Evaluation:
    """The state of a promise as of a day.

    Payments count from the day of the promise up to the promised day + tolerance days, and up to `as_of`; each item up
    to the amount promised for it. What is reversed (bounces) counts out up to `as_of`, also after that day. Kept: at
    most `tolerance_amount` is short (as soon as it is paid). Until the promised day + tolerance days otherwise open;
    after it partly when something was paid, broken when nothing was.
    Switches: `tolerance_days` and `tolerance_amount` (minor units), default 0, both inclusive.
    Source: SAP Collections Management, "Evaluating promises to pay" (open, kept, partially kept, broken).

    Formula: short = sum over items of (promised - what was paid of it in time, at most that).
    """
    _exact.count(tolerance_amount, "The tolerance")
    last = promise.pay_on + timedelta(days=_exact.count(tolerance_days, "The tolerance days"))
    moves: dict[str, list[tuple[date, int]]] = {}
    for payment in payments:
        amount = _exact.minor(payment.amount)
        if promise.given_on <= payment.on <= _exact.day(as_of, "The key date"):
            moves.setdefault(payment.item if promise.items else "", []).append((payment.on, amount))
    wanted = promise.items or (("", promise.amount),)
    counted = sum(int(max(0, min(amount, in_time(moves.get(item, ()), last)))) for item, amount in wanted)
    short = promise.amount - counted
    if promise.withdrawn:
        return Evaluation("withdrawn", counted, short)
    if short <= tolerance_amount:
        return Evaluation("kept", counted, short)
    if as_of <= last:
        return Evaluation("open", counted, short)
    return Evaluation("partly" if counted else "broken", counted, short)


def in_time(moves: Iterable[tuple[date, Amount]], last: date) -> Amount:
    """What was paid up to a day and is still there: (value date, amount) each, a reversal negative.

    Rule: money counts up to the last day, its reversal whenever it comes; what is reversed later takes off money that
    came late before it first, for that is what went back then.
    Source: a payment that bounces was none; the same as `evaluate` and collected to term see it.
    """
    met = late = Decimal(0)
    for on, amount in sorted(moves, key=lambda each: (each[0], -each[1])):
        if on <= last:
            met += amount
        elif amount > 0:
            late += amount
        else:
            late, met = max(Decimal(0), late + amount), met + min(Decimal(0), late + amount)
    return met


def too_far(pay_on: date, given_on: Iterable[date], *, most_days: int = MOST_DAYS) -> str | None:
    """Why a promise cannot be for a day; None if it can. `given_on` are the day it is given and those of the promises
    it comes after, that were not broken: who promises anew before the day begins no new time.

    Switches: `most_days` - it lies at most so many days after the first of them (default 30, inclusive).
    """
    last = min(given_on) + timedelta(days=_exact.count(most_days, "The most days"))
    if pay_on <= last:
        return None
    return f"A promise is for at most {most_days} days, here until {last:%a %d %b}; for longer ask for a dunning block."


def level_after(level: int, status: str, maximum: int, *, partly_raises: bool = False) -> int:
    """The dunning level after a promise came due: one higher when it was broken, never above the maximum.

    A level that is above the maximum already stays.
    Switches: `partly_raises` (default off) raises it for a partly kept promise too.

    Rule: level + 1 after a broken promise, at most the maximum; else the level.

    Source: the desk's own: a broken promise raises the level.
    """
    _exact.one_of(status, STATUSES, "The status")
    raises = status == "broken" or (partly_raises and status == "partly")
    return max(level, min(level + 1, maximum)) if raises else level


def suppresses_dunning(promise: Promise, status: str, as_of: date, *, tolerance_days: int = 0) -> bool:
    """Whether a promise keeps its items out of dunning: while it is open, up to and including its day.

    Switches: `tolerance_days` (default 0) go on suppressing after it.
    Source: SAP Collections Management, promise to pay and dunning.

    Rule: status is open and as of <= promised day + tolerance days.
    """
    _exact.one_of(status, STATUSES, "The status")
    last = promise.pay_on + timedelta(days=_exact.count(tolerance_days, "The tolerance days"))
    return status == "open" and promise.given_on <= as_of <= last


def value_at_risk(evaluation: Evaluation, kept_percent: Decimal | None = None) -> Decimal:
    """The money a promise may not bring, in minor units, unrounded: what a work list is ranked by.

    Formula: open: short amount x (100 - promises the customer keeps, in percent) / 100; partly or broken: all that is
    short; kept or withdrawn: 0.
    Switches: `kept_percent` None (default, no history) counts an open promise in full.
    Source: value at risk of collections practice (exposure x probability of default).
    """
    _exact.one_of(evaluation.status, STATUSES, "The status")
    if evaluation.status in ("kept", "withdrawn"):
        return Decimal(0)
    if evaluation.status != "open" or kept_percent is None:
        return Decimal(evaluation.short)
    return evaluation.short * (100 - _exact.percentage(kept_percent, "The promise-kept ratio")) / 100


def ranked(promises: Sequence[tuple[Promise, Evaluation, Decimal | None]]) -> list[Promise]:
    """Promises by value at risk, the largest first; then by promised day and id.

    Each comes with its evaluation and the share of promises its customer keeps (percent, None = unknown).
    """
    rows = sorted(promises, key=lambda each: (-value_at_risk(each[1], each[2]), each[0].pay_on, each[0].id))
    return [promise for promise, _, _ in rows]
