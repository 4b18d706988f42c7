"""The dunning procedure of a customer group: its levels and switches, checked when it is made. Pure.

Amounts are minor units of one currency. The words are those of the public documentation of SAP's dunning program.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csdesk.errors import Invalid
from csdesk.rules import _exact
from csdesk.rules.interest import DAY_COUNTS

INTEREST_FROM = ("due", "last_notice")
CREDITS = ("net", "apart")
MINIMUM_RULES = ("both", "either")


@dataclass(frozen=True)
class Level:
    """A dunning level: reached `days` past due; its items must come to a minimum amount and share of the account.

    `fee` in minor units once per notice; `interest_percent` per year on items of this level.
    """

    number: int
    days: int
    minimum_amount: int = 0
    minimum_percent: Decimal = Decimal(0)
    fee: int = 0
    interest_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Procedure:
    """The dunning procedure of a customer group: levels 1 to n with rising days.

    `interval_days` at least between two notices to an account; `grace_days` on each due day; items below `item_minimum`
    and notices below `account_minimum` or `account_percent` of the balance are left out (the minimum itself is in);
    `account_days`: no notice unless one of its items is so many days past due (default 0); `credits` that are due "net"
    (default: taken off what is dunned, from the highest level down) or "apart" (left out, nothing is taken off);
    `sequential`: an item rises one level a run at most; `minimum_rule` "both" or "either" of amount and percentage;
    `interest_from` the "due" day or the item's "last_notice"; `day_count` of `interest.day_count`.
    """

    levels: tuple[Level, ...]
    interval_days: int = 0
    grace_days: int = 0
    account_days: int = 0
    item_minimum: int = 0
    account_minimum: int = 0
    account_percent: Decimal = Decimal(0)
    sequential: bool = True
    credits: str = "net"
    minimum_rule: str = "both"
    interest_from: str = "due"
    day_count: str = "actual/365"

    def __post_init__(self) -> None:
        """Refuses levels with gaps or falling days, floats and unknown switches."""
        days = [_exact.count(each.days, "The days of a level") for each in self.levels]
        if [each.number for each in self.levels] != list(range(1, len(days) + 1)) or sorted(set(days)) != days:
            raise Invalid(
                "Dunning levels are numbered from 1 on without a gap, each after more days than the one before."
            )
        if not self.levels:
            raise Invalid("A dunning procedure needs at least one level.")
        for each in self.levels:
            _exact.count(each.minimum_amount, "The minimum amount of a level")
            _exact.count(each.fee, "The fee of a level")
            _exact.percentage(each.minimum_percent, "The minimum share of a level")
            _exact.percentage(each.interest_percent, "The rate of interest", None)
        for what in ("interval_days", "grace_days", "account_days", "item_minimum", "account_minimum"):
            _exact.count(getattr(self, what), what)
        _exact.percentage(self.account_percent, "The minimum share of the account")
        _exact.one_of(self.minimum_rule, MINIMUM_RULES, "The minimum rule")
        _exact.one_of(self.credits, CREDITS, "The place of credits that are due")
        _exact.one_of(self.interest_from, INTEREST_FROM, "Interest counts from")
        _exact.one_of(self.day_count, DAY_COUNTS, "The day count")
