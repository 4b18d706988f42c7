"""Due dates, cash discount windows and instalments from terms of payment. Pure: dates and minor units in and out."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from csdesk.errors import Invalid
from csdesk.money import decimal_of, rounded
from csdesk.rules import _exact
from csdesk.rules.business_days import month_end, nth_weekday, shifted
from csdesk.rules.payment_terms import HUNDRED, Discount, Instalment, Terms, Window
from csdesk.rules.tax import spread

__all__ = [
    "Discount",
    "Instalment",
    "Terms",
    "Window",
    "baseline_date",
    "cash_discount",
    "discount_annual_percent",
    "discount_percent",
    "discount_windows",
    "due_date",
    "instalment_amounts",
    "instalments",
]


def baseline_date(terms: Terms, invoice_on: date, delivered_on: date | None = None) -> date:
    """The day the terms count from, with the cut-off applied: after it a document counts as the first of next month.

    Refuses terms from delivery without a delivery day.

    Rule: up to the cut-off day the document's own day, after it the first of the next month.

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

    Formula: baseline (+ months) + net days, by way of the month's end or to the first fixed day, or baseline + the
    first of the instalment days; then shifted off closed days.
    Switches: all are fields of `Terms`; `holidays` default none.
    Source: UN/EDIFACT 4279 (end of month, proximo, ultimo); Zuora "Prox payment term examples"; SAP terms of payment.
    """
    nominal = _nominal(terms, baseline_date(terms, invoice_on, delivered_on))
    return shifted(nominal, terms.shift, holidays, terms.weekend)


def _nominal(terms: Terms, base: date) -> date:
    """The due day before it is shifted off closed days."""
    if terms.instalment_days:
        return base + timedelta(days=terms.instalment_days[0])
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

    Formula: last day = baseline + months (to the end of that month) + days, or the fixed day of that month.

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
    """The best discount still open on the day of payment, in percent; 0 when none is. The last day counts.

    Formula: the highest percentage of the windows with day of payment <= last day.

    Source: SAP "Cash discount percentage rates and cash discount terms".
    """
    windows = discount_windows(terms, invoice_on, delivered_on, holidays=holidays)
    return max((each.percent for each in windows if paid_on <= each.last_day), default=Decimal(0))


def cash_discount(amount: int, percent: Decimal, *, rounding: str = "half_up") -> int:
    """The discount in minor units on an amount that qualifies.

    Formula: round(amount x percent / 100), rounded once.

    Switches: `rounding` (default half up).

    Source: textbook terms of trade credit (2/10 net 30: 1,000.00 is settled by 980.00 within ten days).
    """
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

    Formula: nth = round(total x percent / 100), or round(total / parts); the last = total - the others.

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

    Formula: nth on first due day + (n - 1) x (every months, every days), or baseline + its instalment days; then
    shifted off closed days. Amounts as `instalment_amounts`.

    Switches: fields of `Terms` (parts or percents, every_days, every_months, keep_month_end, instalment_days, rest).
    Dates by months count from the first one, so that the 31st comes back after February.

    Source: Oracle Receivables, split payment terms; SAP, instalment payment terms.
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
