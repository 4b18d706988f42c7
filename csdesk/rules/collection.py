"""Collection figures: DSO in all its forms, CEI, collected to term, turnover, days to pay, bad debt, promises. Pure.

Amounts of one call are all in the same unit (minor or major) of one currency: whole numbers, Decimals or text, never
floats. Results are Decimals, unrounded; None where the figure is undefined (nothing sold, owed or promised).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from csdesk.errors import Invalid
from csdesk.money import decimal_of
from csdesk.rules import _exact
from csdesk.rules.promises import in_time

Amount = int | Decimal | str
BEYOND = ("none", "stop", "average")
BY = ("value", "count")


@dataclass(frozen=True)
class TermItem:
    """An invoice or instalment: amount, due day, credit notes on it, payments as (value date, amount)."""

    amount: Amount
    due_on: date
    payments: tuple[tuple[date, Amount], ...] = ()
    credit_notes: Amount = 0


@dataclass(frozen=True)
class Paid:
    """A payment on an invoice: amount, day of the invoice (or its due day), value date of the payment."""

    amount: Amount
    from_on: date
    paid_on: date


def dso(receivables: Amount, credit_sales: Amount, days: int) -> Decimal | None:
    """Days sales outstanding, simple (period end); None without sales.

    Formula: receivables at the period's end / credit sales of the period x days of the period.
    Source: Credit Research Foundation, DSO.
    """
    return _exact.ratio(decimal_of(receivables) * _exact.count(days, "The days"), decimal_of(credit_sales))


def dso_average(opening: Amount, closing: Amount, credit_sales: Amount, days: int) -> Decimal | None:
    """Days sales outstanding on the average balance; None without sales.

    Formula: (opening + closing receivables) / 2 / credit sales x days.
    Source: average collection period of the financial-analysis textbooks (CFA Institute).
    """
    return dso((decimal_of(opening) + decimal_of(closing)) / 2, credit_sales, days)


def month_days(as_of: date, months: int) -> list[int]:
    """Calendar days of the last months, the newest first: the current one up to and including `as_of`.

    Rule: of the current month the days up to and including the key date; of earlier ones all.

    Source: as `dso_countback`.
    """
    first = _exact.day(as_of, "The key date") + relativedelta(day=1)
    earlier = (first - relativedelta(months=back) for back in range(1, _exact.count(months, "The months")))
    return [as_of.day, *(calendar.monthrange(each.year, each.month)[1] for each in earlier)][:months]


def dso_countback(
    receivables: Amount,
    sales: Sequence[Amount],
    days: int | Sequence[int] = 30,
    *,
    beyond: str = "none",
    stop_at_empty: bool = False,
) -> Decimal | None:
    """Days sales outstanding by count-back (exhaustion); 0 when nothing is owed.

    Formula: whole months, the newest first, while the receivables exceed their sales; then rest / sales x days of the
    month in which they run out.
    `sales` per month, the newest first (below 0 = 0); `days` of each month (`month_days`) or of all (default 30).
    Switches: `beyond`, when receivables outlast the sales given: "none" (default) gives None, "stop" the days so far,
    "average" goes on at the average daily sales given; `stop_at_empty` ends at a month without sales (default: its days
    count and it takes nothing off).
    Source: Oracle Hyperion Financial Management, "DSO - days sales outstanding" (which stops at an empty month).
    """
    _exact.one_of(beyond, BEYOND, "Beyond the history")
    lengths = [days] * len(sales) if isinstance(days, int) else list(days)
    if len(lengths) != len(sales):
        raise Invalid("Count-back needs the days of each month of sales.")
    rest, counted = decimal_of(receivables), Decimal(0)
    amounts = [max(Decimal(0), decimal_of(each)) for each in sales]
    for sold, length in zip(amounts, lengths, strict=True):
        if rest <= 0 or (stop_at_empty and sold == 0):
            return counted
        if rest <= sold:
            return counted + rest * length / sold
        rest, counted = rest - sold, counted + _exact.count(length, "The days of a month")
    if rest <= 0 or beyond == "stop":
        return counted
    total = sum(amounts, Decimal(0))
    return None if beyond == "none" or total == 0 else counted + rest * sum(lengths) / total


def best_possible_dso(current_receivables: Amount, credit_sales: Amount, days: int) -> Decimal | None:
    """The DSO if everybody paid to terms; None without sales.

    Formula: receivables not past due / credit sales x days.
    Source: Credit Research Foundation, best possible DSO.
    """
    return dso(current_receivables, credit_sales, days)


def average_days_delinquent(dso: Decimal | None, best_possible_dso: Decimal | None) -> Decimal | None:
    """The days that past-due money adds; None when either figure is.

    Formula: DSO - best possible DSO.
    Source: Credit Research Foundation, average days delinquent.
    """
    return None if dso is None or best_possible_dso is None else decimal_of(dso) - decimal_of(best_possible_dso)


def dso_sales_weighted(receivables: Sequence[Amount], sales: Sequence[Amount], days: int = 30) -> Decimal | None:
    """DSO weighted by the sales each age comes from; None when money is open from a month without sales.

    Formula: (current / sales of this period + 1-30 / sales of the period before + ...) x days of a period.
    `receivables` by age, the newest first; `sales` of the periods they come from, likewise.
    Switches: `days` of a period, default 30.
    Source: Credit Research Foundation, sales-weighted DSO.
    """
    if len(receivables) != len(sales):
        raise Invalid("Sales-weighted DSO needs the sales of the period of each age.")
    share = Decimal(0)
    for open_, sold in zip(map(decimal_of, receivables), map(decimal_of, sales), strict=True):
        part = _exact.ratio(open_, sold) if open_ else Decimal(0)
        if part is None:
            return None
        share += part
    return share * days if sales else None


def true_dso(invoices: Iterable[tuple[Amount, date]], as_of: date) -> Decimal | None:
    """The average age of open invoices, weighted by open amount; None when nothing is open.

    Formula: sum(open amount x days since the invoice) / sum(open amount). `invoices` are (open amount, invoice day).
    Source: Credit Research Foundation, true DSO (days that sales are open, invoice by invoice).
    """
    return _weighted((decimal_of(amount), (as_of - on).days) for amount, on in invoices)


def cei(
    beginning_receivables: Amount,
    credit_sales: Amount,
    ending_total: Amount,
    ending_current: Amount,
    *,
    periods: int = 1,
) -> Decimal | None:
    """Collection effectiveness index in percent; 100 = all that could be collected was; None when nothing could.

    Formula: (beginning receivables + credit sales / N - ending total receivables) / (beginning receivables + credit
    sales / N - ending current receivables) x 100.
    Switches: `periods` N, the months the sales cover (default 1).
    Source: Credit Research Foundation, collection effectiveness index.
    """
    pool = decimal_of(beginning_receivables) + decimal_of(credit_sales) / _exact.count(periods, "The periods", 1)
    return _exact.ratio((pool - decimal_of(ending_total)) * 100, pool - decimal_of(ending_current))


def receivables_turnover(credit_sales: Amount, opening: Amount, closing: Amount | None = None) -> Decimal | None:
    """How often receivables turn over in the period; None without receivables.

    Formula: credit sales / average receivables; with one balance: credit sales / that balance.
    Source: accounts receivable turnover of the financial-analysis textbooks.
    """
    balance = decimal_of(opening)
    if closing is not None:
        balance = (balance + decimal_of(closing)) / 2
    return _exact.ratio(decimal_of(credit_sales), balance)


def average_days_to_pay(payments: Iterable[Paid], *, weighted: bool = True) -> Decimal | None:
    """Days from invoice to payment, on average; None without payments.

    Formula: sum(amount x (value date - invoice day)) / sum(amount).
    Switches: `weighted` by amount (default); off: each payment counts once.
    Source: Oracle Receivables, weighted average days paid.
    """
    paid = [(decimal_of(each.amount), (each.paid_on - each.from_on).days) for each in payments]
    return _weighted(paid if weighted else [(Decimal(1), days) for _, days in paid])


def average_days_late(payments: Iterable[Paid], *, weighted: bool = True, early_counts: bool = True) -> Decimal | None:
    """Days from the due day to payment, on average (negative: early); None without payments. `from_on` is the due day.

    Formula: sum(amount x (value date - due day)) / sum(amount).
    Switches: `weighted` by amount (default); `early_counts` (default): off counts early payments as 0 days.
    Source: Oracle Receivables, weighted average days late.
    """
    late = [
        (decimal_of(each.amount), days if early_counts else max(0, days))
        for each in payments
        for days in [(each.paid_on - each.from_on).days]
    ]
    return _weighted(late if weighted else [(Decimal(1), days) for _, days in late])


def _weighted(parts: Iterable[tuple[Decimal, int]]) -> Decimal | None:
    over = under = Decimal(0)
    for amount, days in parts:
        over += amount * days
        under += amount
    return _exact.ratio(over, under)


def collected_to_term_percent(
    items: Iterable[TermItem],
    start: date,
    end: date,
    *,
    by: str = "value",
    tolerance_days: int = 0,
    as_of: date | None = None,
) -> Decimal | None:
    """What was paid by its due day of all that fell due from `start` to `end`, in percent; None when nothing did.

    Formula: sum(payments valued by the due day) / sum(amount - credit notes) x 100; the value date counts.
    Switches: `by` "value" (default) or "count" (items paid in full by then / items); `tolerance_days` default 0.
    Items that credit notes cover count nowhere; a payment counts up to what the item asks for; a reversed payment is a
    row with the other sign and counts out, whenever it bounced (`promises.in_time`), up to `as_of` (default: all).
    Source: Chartered Institute of Credit Management, percentage collected to terms.
    """
    _exact.one_of(by, BY, "Collected to term")
    asked = met = whole = full = Decimal(0)
    for item in items:
        owed = decimal_of(item.amount) - decimal_of(item.credit_notes)
        if owed <= 0 or not start <= item.due_on <= end:
            continue
        last = item.due_on + timedelta(days=tolerance_days)
        known = ((on, decimal_of(amount)) for on, amount in item.payments if as_of is None or on <= as_of)
        paid = max(Decimal(0), min(decimal_of(in_time(known, last)), owed))
        asked, met, whole, full = asked + owed, met + paid, whole + 1, full + (paid == owed)
    return _exact.ratio(met * 100, asked) if by == "value" else _exact.ratio(full * 100, whole)


def bad_debt_to_sales_percent(bad_debt: Amount, credit_sales: Amount, *, recoveries: Amount = 0) -> Decimal | None:
    """Bad debt written off, less recoveries, in percent of credit sales; None without sales.

    Formula: (bad debt - recoveries) / credit sales x 100.
    Switches: `recoveries` default 0.
    Source: Credit Research Foundation, bad debt to sales.
    """
    return _exact.ratio((decimal_of(bad_debt) - decimal_of(recoveries)) * 100, decimal_of(credit_sales))


def promise_kept_percent(promises: Iterable[tuple[str, Amount, Amount]], *, by: str = "value") -> Decimal | None:
    """Promises kept of those that came due, in percent; None when none did. Open and withdrawn ones are left out.

    Formula: sum(kept amount) / sum(promised amount) x 100; by count: kept / (kept + partly + broken) x 100.
    `promises` are (status, promised amount, amount paid in time); status as `promises.evaluate` gives it.
    Switches: `by` "value" (default; a partly kept one counts with what was paid) or "count" (only "kept" counts).
    Source: promise-kept ratio of collections practice (kept promises / promises due).
    """
    _exact.one_of(by, BY, "The promise-kept ratio")
    asked = met = whole = full = Decimal(0)
    for status, promised, paid in promises:
        amount = decimal_of(promised)
        if _exact.one_of(status, ("kept", "partly", "broken", "open", "withdrawn"), "The status") in (
            "open",
            "withdrawn",
        ):
            continue
        kept = amount if status == "kept" else min(amount, decimal_of(paid))
        asked, met, whole, full = asked + amount, met + kept, whole + 1, full + (status == "kept")
    return _exact.ratio(met * 100, asked) if by == "value" else _exact.ratio(full * 100, whole)
