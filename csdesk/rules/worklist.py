"""The collections work list: accounts ranked by the value at risk, each with the reasons in words. Pure.

Amounts are minor units of one currency; only what nothing holds back (no dispute, no open promise) is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.money import rounded, show
from csdesk.rules import _exact

SHARES = (25, 50, 75, 100)
DEADLINE_DAYS = 7
SILENT_DAYS = 14


@dataclass(frozen=True)
class Debtor:
    """What is known of an account: past-due debit by age band without what broken promises were for, that apart, days
    past due of the oldest item, how many promises were broken, the next deadline of its deductions and what is open of
    those that are near, the day of the last contact."""

    id: int
    past_due: tuple[int, ...]
    broken_value: int = 0
    oldest_days: int = 0
    broken: int = 0
    deadline_on: date | None = None
    deducted: int = 0
    contact_on: date | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "broken_value", "deducted")


@dataclass(frozen=True)
class Ranked:
    """A debtor with its value at risk in minor units and the reasons for its place, the weightiest first."""

    debtor: Debtor
    at_risk: int
    reasons: tuple[str, ...]


def value_at_risk(debtor: Debtor, *, shares: Sequence[int] = SHARES) -> int:
    """The money that may not come, in minor units.

    Formula: sum over age bands (past due in the band x share of the band / 100), rounded half up once, + all that
    broken promises were for + what is open of deductions whose deadline is near.
    Switches: `shares` in percent, one a band (default 25, 50, 75, 100 for 1-30, 31-60, 61-90, over 90 days).
    Source: exposure x probability of loss, as collection strategies weigh it (SAP Collections Management, valuation of
    work list items); the shares rise with age as roll rates do (IFRS 9 B5.5.35).
    """
    if len(debtor.past_due) != len(shares):
        raise Invalid(f"The work list needs {len(shares)} age bands, one for each share.")
    parts = zip(debtor.past_due, shares, strict=True)
    weighed = sum((_exact.minor(amount) * _exact.percentage(each, "A share") for amount, each in parts), Decimal(0))
    return int(rounded(weighed / 100)) + _exact.minor(debtor.broken_value) + _exact.minor(debtor.deducted)


def ranked(debtors: Iterable[Debtor], as_of: date, *, shares: Sequence[int] = SHARES) -> tuple[Ranked, ...]:
    """Debtors in the order they are to be worked on, those without any reason left out.

    Order: value at risk, broken promises, age of the oldest item, days without contact, id.
    Switches: `shares` as `value_at_risk`.
    Source: as `value_at_risk`.

    Rule: by value at risk, then as under Order.
    """
    found = []
    for debtor in debtors:
        risk = value_at_risk(debtor, shares=shares)
        reasons = _reasons(debtor, as_of)
        if risk or reasons:
            found.append(Ranked(debtor, risk, reasons))
    found.sort(key=lambda each: (-each.at_risk, -each.debtor.broken, -each.debtor.oldest_days,
                                 each.debtor.contact_on or date.min, each.debtor.id))  # fmt: skip
    return tuple(found)


def _reasons(debtor: Debtor, as_of: date) -> tuple[str, ...]:
    found = []
    if debtor.broken:
        many = "a broken promise" if debtor.broken == 1 else f"{debtor.broken} broken promises"
        found.append(f"{many} ({show(debtor.broken_value, debtor.currency)})" if debtor.broken_value else many)
    if debtor.deadline_on is not None and _near(debtor, as_of):
        late = as_of > debtor.deadline_on
        found.append(f"deduction {'was ' if late else ''}due {debtor.deadline_on:%d %b}")
    if debtor.oldest_days:
        found.append(f"{debtor.oldest_days} days late")
    if debtor.oldest_days and (debtor.contact_on is None or (as_of - debtor.contact_on).days > SILENT_DAYS):
        since = "no contact yet" if debtor.contact_on is None else f"no contact since {debtor.contact_on:%d %b}"
        found.append(since)
    return tuple(found)


def _near(debtor: Debtor, as_of: date) -> bool:
    return debtor.deadline_on is not None and (debtor.deadline_on - as_of).days <= DEADLINE_DAYS
