"""Credit exposure, the limit check and the other rules that hold an order, and how long a release lasts. Pure.

Amounts are minor units of the account's currency. A limit of None is unlimited, one of 0 is no credit at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from csdesk.money import decimal_of, show
from csdesk.rules._exact import count, minor, percentage, whole


@dataclass(frozen=True)
class Exposure:
    """The parts of an account's exposure; each amount sits in exactly one of them, all are >= 0."""

    orders: int = 0
    delivered: int = 0
    billed: int = 0
    open_debit: int = 0
    open_credit: int = 0

    def __post_init__(self) -> None:
        whole(self, "orders", "delivered", "billed", "open_debit", "open_credit")

    @property
    def total(self) -> int:
        """Orders + delivered not billed + billed not posted + open debits - open credits and unapplied cash."""
        return self.orders + self.delivered + self.billed + self.open_debit - self.open_credit

    @property
    def balance(self) -> int:
        """What the customer owes: open debit items less open credits."""
        return self.open_debit - self.open_credit


@dataclass(frozen=True)
class OrderValue:
    """How far the value of an order (or line) has come, tax included, each figure cumulative: confirmed, of it
    delivered, billed, posted to the account. `delivery_on` is its planned day; `held` takes no headroom."""

    confirmed: int
    delivered: int = 0
    billed: int = 0
    posted: int = 0
    delivery_on: date | None = None
    held: bool = False

    def __post_init__(self) -> None:
        whole(self, "confirmed", "delivered", "billed", "posted")


@dataclass(frozen=True)
class AccountItem:
    """An open item of the account: `open` debit positive, its due day, whether disputed, its dunning level."""

    open: int
    due: date
    disputed: bool = False
    dunning_level: int = 0

    def __post_init__(self) -> None:
        whole(self, "open")


@dataclass(frozen=True)
class Finding:
    """A rule that holds the order - limit, oldest item, dunning level, hold - and the sentence for it."""

    rule: str
    sentence: str


@dataclass(frozen=True)
class Release:
    """A held order let go: up to `value` minor units, on `released_on`, for `days` days."""

    order: int | str
    value: int
    released_on: date
    days: int

    def __post_init__(self) -> None:
        whole(self, "value")


def order_parts(order: OrderValue) -> tuple[int, int, int]:
    """Undelivered, delivered not billed and billed not posted value of an order, each >= 0.

    Formula: an amount counts at the furthest stage it has reached, so nothing is in two parts, whatever came first
    (billed before delivered, more delivered than confirmed).

    Source: the parts of the credit exposure in SAP Credit Management (open orders, open deliveries, open billing
    documents); each amount sits in exactly one.
    """
    posted = minor(order.posted)
    billed = max(minor(order.billed), posted)
    delivered = max(minor(order.delivered), billed)
    confirmed = max(minor(order.confirmed), delivered)
    return confirmed - delivered, delivered - billed, billed - posted


def exposure_of(
    orders: Iterable[OrderValue],
    open_amounts: Iterable[int],
    *,
    today: date | None = None,
    horizon_days: int | None = None,
    count_held: bool = False,
) -> Exposure:
    """The exposure of an account from its orders and the open amounts of its items (debit positive, receipts and
    credits negative).

    Formula: undelivered confirmed orders up to the horizon + delivered not billed + billed not posted + open debits -
    unapplied receipts and open credits; disputed items stay in.

    Switches: `horizon_days` - undelivered value planned later than `today` + so many days (that day still counts) is
    left out (default: none is); `count_held` - orders on hold count too (default no: they take no headroom).

    Source: dynamic credit check with horizon, SAP Credit Management (open orders, deliveries, billing, items).
    """
    undelivered = delivered = billed = 0
    for order in orders:
        if order.held and not count_held:
            continue
        parts = order_parts(order)
        if _within_horizon(order.delivery_on, today, horizon_days):
            undelivered += parts[0]
        delivered, billed = delivered + parts[1], billed + parts[2]
    amounts = [minor(each) for each in open_amounts]
    debit = sum(each for each in amounts if each > 0)
    return Exposure(undelivered, delivered, billed, debit, debit - sum(amounts))


def headroom(limit: int | None, exposure: Exposure) -> int | None:
    """Credit left; None = unlimited; negative when over.

    Formula: limit - exposure.

    Source: available credit of the vendors' credit management (SAP, Oracle): credit limit less exposure.
    """
    return None if limit is None else minor(limit, "A limit") - exposure.total


def over_limit(limit: int | None, exposure: Exposure, document: int) -> bool:
    """Whether a document would be blocked: only if exposure *after* it exceeds the limit. A document that takes nothing
    (0 or less) is never blocked; limit None = unlimited, 0 = no credit.

    Formula: exposure + document > limit.

    Source: dynamic credit check of SAP Credit Management (limit utilization): a document up to the limit goes.
    """
    takes = minor(document, "A document") > 0
    return limit is not None and takes and exposure.total + document > minor(limit, "A limit")


def oldest_overdue_days(
    items: Iterable[AccountItem], today: date, *, skip_disputed: bool = False, at_least: int = 1
) -> int:
    """Days past due of the oldest open debit item; 0 when none is overdue (the due day itself is not overdue).

    Credits never count.

    Switches: `skip_disputed` (default no: disputed items stay in); `at_least` - smaller open amounts are ignored
    (minor units, inclusive, default 1).

    Source: oldest open item check of SAP Credit Management.

    Formula: day - due day of the oldest open debit item past due; 0 when none is.
    """
    counted = [item for item in items if item.open >= max(1, at_least) and not (skip_disputed and item.disputed)]
    return max(((today - item.due).days for item in counted if item.due < today), default=0)


def highest_dunning_level(items: Iterable[AccountItem], *, skip_disputed: bool = False) -> int:
    """The highest dunning level among open debit items; 0 when none was dunned.

    Switches: `skip_disputed` (default no).

    Source: highest dunning level check of SAP Credit Management.

    Formula: the largest level of open debit items.
    """
    levels = (item.dunning_level for item in items if item.open > 0 and not (skip_disputed and item.disputed))
    return max(levels, default=0)


def credit_check(
    document: int,
    *,
    limit: int | None,
    exposure: Exposure,
    items: Iterable[AccountItem] = (),
    today: date | None = None,
    max_overdue_days: int | None = None,
    max_dunning_level: int | None = None,
    hold: str = "",
    skip_disputed: bool = False,
    currency: str = "",
) -> tuple[Finding, ...]:
    """Why an order of `document` minor units is held, one finding a rule; empty when it may go, or takes nothing.

    Switches: `max_overdue_days` (the oldest item may be so many days late, that day included) and `max_dunning_level`
    (inclusive) - None (default) leaves the rule out; `hold` - the reason of a hold on the customer; `skip_disputed`
    for both item rules (default no).

    Source: check rules of SAP Credit Management: limit utilization, oldest open item, highest dunning level, block.

    Rule: each rule on its own: hold, exposure + document > limit, days > allowed, level > allowed.
    """
    if minor(document) <= 0:
        return ()
    found: list[Finding] = []
    known = tuple(items)
    found += [Finding("hold", f"The customer is on hold: {hold}.")] if hold else []
    if over_limit(limit, exposure, document):
        past = _money(exposure.total + document - (limit or 0), currency)
        found.append(Finding("limit", f"The order takes the account {past} over its credit limit."))
    if max_overdue_days is not None and today is not None:
        late = oldest_overdue_days(known, today, skip_disputed=skip_disputed)
        words = f"The oldest open item is {late} days overdue; {max_overdue_days} are allowed."
        found += [Finding("oldest item", words)] if late > max_overdue_days else []
    if max_dunning_level is not None:
        level = highest_dunning_level(known, skip_disputed=skip_disputed)
        words = f"The account is at dunning level {level}; {max_dunning_level} is allowed."
        found += [Finding("dunning level", words)] if level > max_dunning_level else []
    return tuple(found)


def why_recheck(
    release: Release,
    *,
    order: int | str,
    value: int,
    day: date,
    deviation_percent: str | int | Decimal = 0,
    release_day_counts: bool = True,
) -> str | None:
    """Why a released order is checked again; None while the release covers it.

    A release is for its order alone, up to the released value (inclusive) and for its days.

    Formula: value <= released value x (1 + deviation / 100), and day < day of release + days.

    Switches: `deviation_percent` (default 0: no growth); `release_day_counts` - the day of release is the first of the
    days (default), or the days begin after it.

    Source: SAP "released documents are still unchecked": released 1,000 with 10 % covers 1,100; released on July 1 for
    5 days covers up to July 5.
    """
    if order != release.order:
        return "The release is for another order."
    most = minor(release.value) * (100 + percentage(decimal_of(deviation_percent), "deviation_percent", None)) / 100
    if minor(value) > most:
        return "The order grew beyond the value that was released."
    last = release.released_on + timedelta(days=count(release.days, "days") - (1 if release_day_counts else 0))
    if not release.released_on <= day <= last:
        return f"The release was for {release.days} days and ended on {last.isoformat()}."
    return None


def _within_horizon(delivery_on: date | None, today: date | None, horizon_days: int | None) -> bool:
    if delivery_on is None or today is None or horizon_days is None:
        return True
    return delivery_on <= today + timedelta(days=horizon_days)


def _money(amount: int, currency: str) -> str:
    return f"{show(amount, currency)} {currency}" if currency else f"{amount} minor units"
