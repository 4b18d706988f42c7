"""Ageing of open items as of any day: buckets that add up to the balance, past-due share, days past due. Pure.

Amounts are signed minor units of one currency: what the customer owes is positive, credits and unapplied cash are
negative. Several currencies are aged apart; amounts of two currencies never add.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.rules import _exact

EDGES = (30, 60, 90)
BASES = ("due", "document")
CREDITS = ("own", "oldest", "by_date")
DISPUTED = ("in", "apart")
PAST_DUE_CREDITS = ("apart", "net", "oldest")
PAST_DUE_DISPUTED = ("in", "out", "numerator_out")


@dataclass(frozen=True)
class OpenItem:
    """An open item: signed open amount in minor units, due day, day of the document, whether it is disputed.

    A credit or unapplied cash is negative; its due day is the day it counts from (document or value date).
    """

    amount: int
    due_on: date
    document_on: date | None = None
    disputed: bool = False
    id: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "amount")


@dataclass(frozen=True)
class Aged:
    """Aged open items in minor units; `not_due` + `buckets` + `credits` + `disputed` is the balance.

    `buckets` has one place more than `edges`: the last is everything older. `credits` (0 or negative) and `disputed`
    are only filled when the switches set them apart.
    """

    edges: tuple[int, ...]
    not_due: int
    buckets: tuple[int, ...]
    credits: int = 0
    disputed: int = 0
    by: str = "due"

    @property
    def past_due(self) -> int:
        """All past-due buckets."""
        return sum(self.buckets)

    @property
    def balance(self) -> int:
        """Everything: equal to the sum of the items."""
        return self.not_due + sum(self.buckets) + self.credits + self.disputed

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of `buckets`: "1-30", "31-60", "61-90", "over 90"; by document the first is "0-30"."""
        return bucket_labels(self.edges, 1 if self.by == "due" else 0)


def days_past_due(due_on: date, as_of: date, *, grace_days: int = 0, signed: bool = False) -> int:
    """Days an item is past due on a day: 0 on the due day, 1 on the day after; 0 before it.

    Formula: as of - (due day + grace days).
    Switches: `grace_days` default 0; `signed` (default off) gives negative days before the due day.
    Source: SAP, "Grace days for line items": an item due on 12 March is one day in arrears on 13 March.
    """
    days = (_exact.day(as_of, "The key date") - _exact.day(due_on, "The due day")).days - grace_days
    return days if signed else max(0, days)


def bucket_labels(edges: Sequence[int] = EDGES, first: int = 1) -> tuple[str, ...]:
    """Names of the buckets for upper edges: (30, 60) gives "1-30", "31-60", "over 60"; `first` is the least age.

    Rule: each bucket begins on the day after the edge before it.

    Source: as `age`.
    """
    edges = _checked(edges)
    starts = (first, *(each + 1 for each in edges))
    return (*(f"{start}-{edge}" for start, edge in zip(starts, edges, strict=False)), f"over {edges[-1]}")


def bucket_of(days: int, edges: Sequence[int] = EDGES) -> int:
    """The place of an age among the buckets: -1 = not past due (0 or less), 0 = the first; an edge is in the lower.

    Rule: the first bucket whose upper edge is not below the age.

    Source: as `age`.
    """
    if days <= 0:
        return -1
    return next((place for place, edge in enumerate(edges) if days <= edge), len(edges))


def open_amount(face: int, document_on: date, allocations: Iterable[tuple[date, int]], as_of: date) -> int:
    """What was open on a past day: face less everything allocated up to and including it; 0 before the document.

    Amounts in minor units with the sign of the document; a reversed allocation is a row with the other sign.

    Formula: face - allocations up to and including the day; 0 before the document.

    Source: open-item accounting, open items at a key date.
    """
    if document_on > as_of:
        return 0
    return _exact.minor(face) - sum(_exact.minor(amount) for on, amount in allocations if on <= as_of)


def age(
    items: Iterable[OpenItem],
    as_of: date,
    *,
    edges: Sequence[int] = EDGES,
    by: str = "due",
    credits: str = "own",
    disputed: str = "in",
) -> Aged:
    """The open items in buckets as of a day; the parts always add up to the sum of the items.

    Formula: age = as of - due day (0 or less: not due); by document: as of - document day (0 lies in the first bucket).
    Switches: `edges` upper edges of the buckets, default 30, 60, 90; `by` "due" (default) or "document"; `credits`
    "own" column (default), "oldest" (netted into the oldest debt first, a surplus stays apart) or "by_date" (aged like
    any item); `disputed` "in" the buckets (default) or "apart" in a column of its own.
    Source: Credit Research Foundation, aged trial balance; SAP and Oracle Receivables ageing by due date.
    """
    edges = _checked(edges)
    _exact.one_of(by, BASES, "Ageing by")
    _exact.one_of(credits, CREDITS, "The place of credits")
    _exact.one_of(disputed, DISPUTED, "The place of disputed items")
    debts, credit, apart = [0] * (len(edges) + 2), 0, 0  # the first place is not due
    for item in items:
        amount = _exact.minor(item.amount)
        if item.disputed and disputed == "apart":
            apart += amount
        elif amount < 0 and credits != "by_date":
            credit += amount
        else:
            debts[bucket_of(_age(item, as_of, by), edges) + 1] += amount
    if credits == "oldest":
        credit = _netted(debts, credit)
    return Aged(edges, debts[0], tuple(debts[1:]), credit, apart, by)


def _age(item: OpenItem, as_of: date, by: str) -> int:
    if by == "due":
        return days_past_due(item.due_on, as_of, signed=True)
    if item.document_on is None:
        raise Invalid(f"Item {item.id or item.amount} has no document day; age it by due day.")
    days = days_past_due(item.document_on, as_of, signed=True)
    return max(1, days) if days >= 0 else days


def _netted(debts: list[int], credit: int) -> int:
    """Takes the credit off the debts, the oldest first; gives what is left of it."""
    for place in reversed(range(len(debts))):
        taken = min(max(0, debts[place]), -credit)
        debts[place] -= taken
        credit += taken
    return credit


def past_due_percent(
    items: Iterable[OpenItem], as_of: date, *, grace_days: int = 0, credits: str = "apart", disputed: str = "in"
) -> Decimal | None:
    """The share of the open amount that is past due, in percent, unrounded; None when nothing is open.

    Formula: past-due open debit / total open debit x 100.
    Switches: `grace_days` default 0; `credits` "apart" (default: debits only), "net" (credits by their own date on both
    sides, so that the share may be negative) or "oldest" (taken off past-due debt first); `disputed` "in" (default),
    "out" of both or "numerator_out".
    Source: Credit Research Foundation, percent past due / percent current.
    """
    _exact.one_of(credits, PAST_DUE_CREDITS, "The place of credits")
    _exact.one_of(disputed, PAST_DUE_DISPUTED, "The place of disputed items")
    past = total = credit = 0
    for item in items:
        amount = _exact.minor(item.amount)
        if item.disputed and disputed == "out":
            continue
        if amount < 0 and credits != "net":
            credit += amount
            continue
        total += amount
        if days_past_due(item.due_on, as_of, grace_days=grace_days) and not (item.disputed and disputed != "in"):
            past += amount
    if credits == "oldest":
        past, total = max(0, past + credit), total + credit
    return None if total <= 0 else Decimal(past) * 100 / total


def weighted_days_past_due(
    items: Iterable[OpenItem], as_of: date, *, over: str = "past_due", disputed: str = "in"
) -> Decimal | None:
    """The average days past due, weighted by open amount, unrounded; None when no such debit is open.

    Formula: sum(open debit x days past due) / sum(open debit). Credits are left out.
    Switches: `over` "past_due" (default: past-due items only) or "all" (items not yet due count with 0 days);
    `disputed` "in" (default) or "out".
    Source: Oracle Receivables, "How you calculate weighted average metrics" (days late weighted by amount).
    """
    _exact.one_of(over, ("past_due", "all"), "The items averaged over")
    _exact.one_of(disputed, ("in", "out"), "The place of disputed items")
    weight = total = 0
    for item in items:
        days = days_past_due(item.due_on, as_of)
        amount = _exact.minor(item.amount)
        if amount > 0 and (days or over == "all") and not (item.disputed and disputed == "out"):
            total += amount
            weight += amount * days
    return _exact.ratio(weight, total)


def _checked(edges: Sequence[int]) -> tuple[int, ...]:
    found = tuple(edges)
    if not found or any(type(each) is not int for each in found) or list(found) != sorted({0, *found})[1:]:
        raise Invalid("The upper edges of buckets are whole days from 1 on, each larger than the one before.")
    return found
