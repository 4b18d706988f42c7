"""What terms of payment are made of: discounts, days and instalments as agreed, and the windows and dates they give.

Pure values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from csdesk.errors import Invalid
from csdesk.rules import _exact
from csdesk.rules.business_days import LAST, SATURDAY_SUNDAY, SHIFTS

BASELINES = ("invoice", "delivery")
EOM_RULES = ("eom_then_days", "days_then_eom")
RESTS = ("last", "largest_remainder")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Discount:
    """A cash discount: `percent` off up to and including `days` after the baseline.

    `months` are added first, `end_of_month` then goes to the end of that month ("2/10 EOM"); `fixed_day` is a day of
    that month instead of days ("3 % up to the 15th of the following month": months=1, fixed_day=15).
    """

    percent: Decimal
    days: int = 0
    months: int = 0
    fixed_day: int | None = None
    end_of_month: bool = False


@dataclass(frozen=True)
class Terms:
    """Terms of payment. Days, months and parts are counts, percentages Decimals, weekdays ISO (1 = Monday).

    Baseline: `baseline` "invoice" or "delivery" (receipt of goods); a baseline after `cut_off_day` counts as the first
    of the next month, the cut-off day itself still as this month (`cut_off_inclusive`).
    Due: `net_days` after the baseline; `months` are added before the days; `end_of_month` goes to the month's end,
    then adds the days (`eom_rule` "eom_then_days") or adds the days, then goes to that month's end ("days_then_eom").
    `fixed_days` (31 = the last) or the `nth` `weekday` (-1 = last; a missing fifth = last) give the first such day that
    is neither before that nor before the month `months` ahead: "10th proximo" is fixed_days=(10,), months=1.
    Discounts: windows, moved off closed days only with `shift_discounts`.
    Closed days: `weekend` and holidays; `shift` "none", "following", "modified_following" or "preceding".
    Instalments: `percents` (adding up to 100) or `parts` equal ones; the first on the due date, the others `every_days`
    or `every_months` later (month's end kept), or each on its own `instalment_days` after the baseline (rising; the
    first of them is then the due date).
    `rest` "last": all are rounded, the last takes the rest; "largest_remainder": spare units to the largest fractions.
    """

    baseline: str = "invoice"
    net_days: int = 0
    months: int = 0
    end_of_month: bool = False
    eom_rule: str = "eom_then_days"
    fixed_days: tuple[int, ...] = ()
    weekday: int | None = None
    nth: int = 1
    cut_off_day: int | None = None
    cut_off_inclusive: bool = True
    discounts: tuple[Discount, ...] = ()
    shift: str = "none"
    shift_discounts: bool = False
    weekend: frozenset[int] = SATURDAY_SUNDAY
    parts: int = 1
    percents: tuple[Decimal, ...] = ()
    every_days: int = 0
    every_months: int = 0
    keep_month_end: bool = True
    instalment_days: tuple[int, ...] = ()
    rest: str = "last"

    def __post_init__(self) -> None:
        """Refuses terms that give no day or lose money."""
        _exact.one_of(self.baseline, BASELINES, "The baseline")
        _exact.one_of(self.eom_rule, EOM_RULES, "The end-of-month rule")
        _exact.one_of(self.shift, SHIFTS, "The shift")
        _exact.one_of(self.rest, RESTS, "The rest of instalments")
        for what in ("net_days", "months", "every_days", "every_months"):
            _exact.count(getattr(self, what), what)
        _exact.count(self.parts, "The number of parts", 1)
        for each in self.discounts:
            _exact.percentage(each.percent, "A cash discount")
            _exact.count(each.days, "Discount days")
            _exact.count(each.months, "Discount months")
        own = [each.fixed_day for each in self.discounts]
        if any(each is not None and not 1 <= each <= 31 for each in (*self.fixed_days, self.cut_off_day, *own)):
            raise Invalid("A day of the month is from 1 to 31; 31 is always the last.")
        if (self.weekday is not None and not 1 <= self.weekday <= 7) or self.nth not in (LAST, 1, 2, 3, 4, 5):
            raise Invalid("A weekday is from 1 (Monday) to 7, and the 1st to 5th or the last (-1) of its month.")
        if self.weekday is not None and self.fixed_days:
            raise Invalid("Terms name days of the month or a weekday, not both.")
        if self.percents and sum(_exact.percentage(each, "An instalment") for each in self.percents) != HUNDRED:
            raise Invalid("The percentages of the instalments must add up to 100.")
        if self.percents and self.parts not in (1, len(self.percents)):
            raise Invalid(f"{len(self.percents)} percentages make {len(self.percents)} instalments, not {self.parts}.")
        self._check_instalment_days()

    def _check_instalment_days(self) -> None:
        days = [_exact.count(each, "Instalment days") for each in self.instalment_days]
        if days and len(days) != (len(self.percents) or self.parts):
            raise Invalid("There must be as many instalment days as instalments.")
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise Invalid("Each instalment day must be later than the one before it.")


@dataclass(frozen=True)
class Window:
    """A discount window of a document: `percent` off when paid up to and including `last_day`."""

    percent: Decimal
    last_day: date


@dataclass(frozen=True)
class Instalment:
    """One instalment: number from 1, due day, amount in minor units."""

    number: int
    due_on: date
    amount: int
