"""Due dates, cash discount windows and instalments from terms of payment. Pure: dates and minor units in and out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from csdesk.errors import Invalid
from csdesk.money import decimal_of, rounded
from csdesk.rules import _exact
from csdesk.rules.business_days import LAST, SATURDAY_SUNDAY, SHIFTS, month_end, nth_weekday, shifted
from csdesk.rules.tax import spread

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
    or `every_months` later (month's end kept), or each on its own `instalment_days` after the baseline.
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
        if self.instalment_days and len(self.instalment_days) != (len(self.percents) or self.parts):
            raise Invalid("There must be as many instalment days as instalments.")


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


def baseline_date(terms: Terms, invoice_on: date, delivered_on: date | None = None) -> date:
    """The day the terms count from, with the cut-off applied: after it a document counts as the first of next month.

    Refuses terms from delivery without a delivery day.
    Source: Infor FSM "Creating prox terms" (invoice cutoff day, inclusive); Oracle Receivables, proxima terms.
    """
    found = invoice_on if terms.baseline == "invoice" else delivered_on
    if found is None:
        raise Invalid("These terms count from delivery; give the day of delivery.", field="delivered_on")
    _exact.day(found, "The baseline")
    cut = terms.cut_off_day
    if cut is not None and (found.day > cut or (found.day == cut and not terms.cut_off_inclusive)):
        found += relativedelta(months=1, day=1)
    return found


def due_date(
    terms: Terms, invoice_on: date, delivered_on: date | None = None, *, holidays: Set[date] = frozenset()
) -> date:
    """The day a document (or its first instalment) is due; payment on that day is in time.

    Formula: baseline (+ months) + net days, by way of the month's end or to the first fixed day; then shifted off
    closed days.
    Switches: all are fields of `Terms`; `holidays` default none.
    Source: UN/EDIFACT 4279 (end of month, proximo, ultimo); Zuora "Prox payment term examples"; SAP terms of payment.
    """
    nominal = _nominal(terms, baseline_date(terms, invoice_on, delivered_on))
    return shifted(nominal, terms.shift, holidays, terms.weekend)


def _nominal(terms: Terms, base: date) -> date:
    """The due day before it is shifted off closed days."""
    days = timedelta(days=terms.net_days)
    patterned = bool(terms.fixed_days) or terms.weekday is not None
    if terms.end_of_month and terms.eom_rule == "eom_then_days":
        earliest = month_end(base, terms.months) + days
    elif terms.end_of_month:
        earliest = month_end(base + relativedelta(months=terms.months) + days)
    elif patterned and terms.months:
        earliest = max(base + days, base + relativedelta(months=terms.months, day=1))
    else:
        earliest = base + relativedelta(months=terms.months) + days
    return _first_pattern(terms, earliest) if patterned else earliest


def _first_pattern(terms: Terms, earliest: date) -> date:
    found: list[date] = []
    for ahead in range(2):  # every month has such a day, so the next month at the latest
        month = earliest + relativedelta(months=ahead, day=1)
        found += [month + relativedelta(day=each) for each in terms.fixed_days]
        if terms.weekday is not None:
            found.append(nth_weekday(month.year, month.month, terms.weekday, terms.nth))
    return min(each for each in found if each >= earliest)


def discount_windows(
    terms: Terms, invoice_on: date, delivered_on: date | None = None, *, holidays: Set[date] = frozenset()
) -> tuple[Window, ...]:
    """The discount windows of a document, the earliest first.

    Switches: `shift_discounts` of the terms moves the last days off closed days too (default: not).
    Source: SAP "Cash discount percentage rates and cash discount terms"; textbook terms 2/10 net 30, EOM, ROG.
    """
    base, found = baseline_date(terms, invoice_on, delivered_on), []
    for each in terms.discounts:
        last = month_end(base, each.months) if each.end_of_month else base + relativedelta(months=each.months)
        last = last + timedelta(days=each.days) if each.fixed_day is None else last + relativedelta(day=each.fixed_day)
        if terms.shift_discounts:
            last = shifted(last, terms.shift, holidays, terms.weekend)
        found.append(Window(decimal_of(each.percent), last))
    return tuple(sorted(found, key=lambda window: (window.last_day, -window.percent)))


def discount_percent(
    terms: Terms,
    invoice_on: date,
    paid_on: date,
    delivered_on: date | None = None,
    *,
    holidays: Set[date] = frozenset(),
) -> Decimal:
    """The best discount still open on the day of payment, in percent; 0 when none is. The last day counts."""
    windows = discount_windows(terms, invoice_on, delivered_on, holidays=holidays)
    return max((each.percent for each in windows if paid_on <= each.last_day), default=Decimal(0))


def cash_discount(amount: int, percent: Decimal, *, rounding: str = "half_up") -> int:
    """The discount in minor units on an amount that qualifies: amount x percent / 100, rounded once."""
    return int(rounded(_exact.minor(amount) * _exact.percentage(percent, "A cash discount") / HUNDRED, 0, rounding))


def discount_annual_percent(percent: Decimal, discount_days: int, net_days: int, *, year: int = 365) -> Decimal | None:
    """The yearly cost in percent of not taking a cash discount; None when it wins no days or is the whole amount.

    Formula: percent / (100 - percent) x year / (net days - discount days) x 100.
    Switches: `year` 365 days (default) or 360.
    Source: Brigham and Houston, Fundamentals of Financial Management, nominal annual cost of trade credit.
    """
    percent = _exact.percentage(percent, "A cash discount")
    if percent == HUNDRED or net_days <= discount_days:
        return None
    return percent * year * 100 / ((HUNDRED - percent) * (net_days - discount_days))


def instalment_amounts(
    total: int, *, parts: int = 1, percents: Sequence[Decimal] = (), rest: str = "last", rounding: str = "half_up"
) -> list[int]:
    """A total in minor units in equal parts or by percent; the amounts always add up to it, none has the other sign.

    Switches: `rest` "last" (default: each is rounded, the last takes the rest) or "largest_remainder" (spare units to
    the largest fractions, the earlier one in a tie); `rounding` half_up.
    Source: Oracle Receivables, split payment terms; Hamilton's method.
    """
    plan = Terms(parts=parts, percents=tuple(map(decimal_of, percents)), rest=rest)
    weights = list(plan.percents) or [Decimal(1)] * parts
    whole, left, amounts = sum(weights), _exact.minor(total), []
    if rest == "largest_remainder":
        places = max(0, *(-int(each.as_tuple().exponent) for each in weights))
        return spread(total, [int(each.scaleb(places)) for each in weights])
    for weight in weights[:-1]:
        share = int(rounded(total * weight / whole, 0, rounding))
        share = min(share, left) if total >= 0 else max(share, left)  # tiny totals: never more than is left
        amounts.append(share)
        left -= share
    return [*amounts, left]


def instalments(
    terms: Terms,
    total: int,
    invoice_on: date,
    delivered_on: date | None = None,
    *,
    holidays: Set[date] = frozenset(),
    rounding: str = "half_up",
) -> tuple[Instalment, ...]:
    """The instalments of a total in minor units; one when the terms know no more.

    Switches: fields of `Terms` (parts or percents, every_days, every_months, keep_month_end, instalment_days, rest).
    Dates by months count from the first one, so that the 31st comes back after February.
    """
    base = baseline_date(terms, invoice_on, delivered_on)
    first = _nominal(terms, base)
    amounts = instalment_amounts(total, parts=terms.parts, percents=terms.percents, rest=terms.rest, rounding=rounding)
    found = []
    for place, amount in enumerate(amounts):
        if terms.instalment_days:
            on = base + timedelta(days=terms.instalment_days[place])
        else:
            on = _months_later(first, place * terms.every_months, terms.keep_month_end)
            on += timedelta(days=place * terms.every_days)
        found.append(Instalment(place + 1, shifted(on, terms.shift, holidays, terms.weekend), amount))
    return tuple(found)


def _months_later(day: date, months: int, keep_month_end: bool) -> date:
    if keep_month_end and months and day == month_end(day):
        return month_end(day, months)
    later: date = day + relativedelta(months=months)
    return later
