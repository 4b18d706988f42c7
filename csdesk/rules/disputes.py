"""Disputes and deductions: what a disputed amount became, allowed moves as data, deadlines and the work list. Pure.

Amounts are minor units. Original = open + paid + credited + cleared by hand, always.

Rule: moves are data; amounts keep the identity. Source: SAP Dispute Management; Oracle Trade Management.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from csdesk.errors import Invalid, Refused
from csdesk.money import show
from csdesk.rules._exact import count, minor, one_of, whole
from csdesk.rules.business_days import SATURDAY_SUNDAY, is_business_day

WAYS = ("paid", "credited", "cleared")

# State of a deduction -> event -> next state. A reset clearing reopens what was closed.
DEDUCTION_MOVES: dict[str, dict[str, str]] = {
    "unidentified": {"code": "coded"},
    "coded": {"recode": "coded", "research": "in_research"},
    "in_research": {"recode": "coded", "accept": "valid", "deny": "invalid", "accept_part": "part"},
    "valid": {"credit": "credited", "write_off": "written_off", "research": "in_research"},
    "invalid": {"bill_back": "billed_back", "write_off": "written_off", "research": "in_research"},
    "part": {"credit": "credited", "bill_back": "billed_back", "write_off": "written_off", "research": "in_research"},
    "credited": {"close": "closed", "bill_back": "billed_back", "write_off": "written_off", "reopen": "in_research"},
    "written_off": {"close": "closed", "reopen": "in_research"},
    "billed_back": {"close": "closed", "credit": "credited", "write_off": "written_off", "reopen": "in_research"},
    "closed": {"reopen": "in_research"},
}
DEADLINE_DAYS: dict[str, int] = {"unidentified": 5}
DEFAULT_DAYS = 30


@dataclass(frozen=True)
class Dispute:
    """A disputed amount and what became of it: still open, paid, credited, cleared by hand (written off)."""

    original: int
    open: int
    paid: int = 0
    credited: int = 0
    cleared: int = 0

    def __post_init__(self) -> None:
        whole(self, "original", "open", "paid", "credited", "cleared")

    @property
    def balanced(self) -> bool:
        """Whether the identity holds and no figure is below 0."""
        figures = (self.open, self.paid, self.credited, self.cleared)
        return self.original == sum(figures) and min(figures) >= 0


@dataclass(frozen=True)
class WorkItem:
    """A dispute or deduction to work on: id, amount open, the day it was raised, its deadline."""

    id: Any
    amount: int
    raised_on: date
    deadline: date
    currency: str = ""

    def __post_init__(self) -> None:
        whole(self, "amount")


@dataclass(frozen=True)
class Ranked:
    """A row of the work list with the reason it stands where it stands."""

    item: WorkItem
    reason: str


def opened(amount: int) -> Dispute:
    """A new dispute over an amount above 0."""
    if minor(amount, "The disputed amount") <= 0:
        raise Invalid("A disputed amount must be more than 0.", field="amount")
    return Dispute(amount, amount)


def recorded(dispute: Dispute, way: str, amount: int) -> Dispute:
    """The dispute after some of it was "paid", "credited" or "cleared" by hand. Raises Refused for more than is open.

    Formula: original = open + paid + credited + cleared by hand.

    Source: amounts in dispute cases, SAP Dispute Management.
    """
    _way(way, amount)
    if amount > dispute.open:
        raise Refused(f"Only {dispute.open} minor units of the dispute are open.", field="amount")
    return replace(dispute, open=dispute.open - amount, **{way: getattr(dispute, way) + amount})


def reset(dispute: Dispute, way: str, amount: int) -> Dispute:
    """The dispute after a clearing was reset: the amount is open again. Raises Refused for more than went that way."""
    _way(way, amount)
    if amount > getattr(dispute, way):
        raise Refused(f"Only {getattr(dispute, way)} minor units of the dispute were {way}.", field="amount")
    return replace(dispute, open=dispute.open + amount, **{way: getattr(dispute, way) - amount})


def included(dispute: Dispute, amount: int) -> Dispute:
    """The dispute with a further open item taken in: original and open grow by it."""
    more = opened(amount).original
    return replace(dispute, original=dispute.original + more, open=dispute.open + more)


def split(dispute: Dispute, amount: int) -> tuple[Dispute, Dispute]:
    """The dispute less an open amount, and a dispute of its own over that amount. Raises Refused for more than open."""
    other = opened(amount)
    if amount > dispute.open:
        raise Refused(f"Only {dispute.open} minor units of the dispute are open.", field="amount")
    return replace(dispute, original=dispute.original - amount, open=dispute.open - amount), other


def move_deduction(state: str, event: str) -> str:
    """The state of a deduction after an event. Raises Refused, naming the events that are possible.

    Source: claim and deduction settlement of Oracle Trade Management (research, validity, settlement method).

    Rule: the table DEDUCTION_MOVES.
    """
    events = DEDUCTION_MOVES.get(state, {})
    if event not in events:
        can = ", ".join(sorted(events)) or "nothing"
        raise Refused(f"A deduction that is {state.replace('_', ' ')} cannot take '{event}'; it can: {can}.")
    return events[event]


def our_reason(
    customer_code: str, customers_map: Mapping[str, str], usual_map: Mapping[str, str] | None = None
) -> str | None:
    """Our reason for a code a customer deducts by: the customer's own map first, then the usual one (e.g. X12 426).

    Case and blanks do not matter; None when neither knows it, so the deduction stays unidentified.
    """
    wanted = customer_code.strip().casefold()
    for codes in (customers_map, usual_map or {}):
        found = next((ours for code, ours in codes.items() if code.strip().casefold() == wanted), None)
        if found is not None:
            return found
    return None


def deadline(
    raised_on: date,
    reason: str,
    *,
    days: Mapping[str, int] | None = None,
    default_days: int = DEFAULT_DAYS,
    customer_days: int | None = None,
    working_days: bool = False,
    holidays: Set[date] = frozenset(),
    weekend: Set[int] = SATURDAY_SUNDAY,
) -> date:
    """The last day for a reason; on it the work is still in time.

    Formula: day raised + days of the reason; the shorter of reason and customer binds.

    Switches: `days` by reason (default: unidentified 5), `default_days` for the others (30), `customer_days` agreed
    with the customer, `working_days` (default calendar days) with `holidays` and ISO `weekend` days.
    """
    left = count((DEADLINE_DAYS if days is None else days).get(reason, default_days), "days")
    left = left if customer_days is None else min(left, count(customer_days, "customer_days"))
    if not working_days:
        return raised_on + timedelta(days=left)
    day = raised_on
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day, holidays, weekend)
    return day


def ranked(items: Iterable[WorkItem], today: date) -> tuple[Ranked, ...]:
    """The work list: nearest deadline first (the latest before all), then the larger amount, then the older.

    Amounts of several currencies are compared by their figure only within the same deadline.
    """
    order = sorted(items, key=lambda each: (each.deadline, -minor(each.amount), each.raised_on, str(each.id)))
    return tuple(Ranked(each, _reason(each, today)) for each in order)


def _way(way: str, amount: int) -> None:
    one_of(way, WAYS, "The way")
    if minor(amount) <= 0:
        raise Invalid("The amount must be more than 0.", field="amount")


def _reason(item: WorkItem, today: date) -> str:
    days = (item.deadline - today).days
    if days < 0:
        when = f"{-days} day{'' if days == -1 else 's'} past its deadline"
    else:
        when = "due today" if days == 0 else f"{days} day{'' if days == 1 else 's'} left"
    amount = f"{show(item.amount, item.currency)} {item.currency}" if item.currency else f"{item.amount} minor units"
    return f"{when}, {amount}"
