"""Expected credit loss by provision matrix, loss rates from history, proposals to write off. Pure.

Amounts are minor units of one currency, rates percentages as Decimals, never rounded; only each band's and each
individually assessed item's provision is rounded, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from csdesk.errors import Invalid
from csdesk.money import rounded
from csdesk.rules import _exact
from csdesk.rules.ageing import EDGES, bucket_of, days_past_due

Percent = Decimal | int | str
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Receivable:
    """An open item to provide for: amount and due day; the part a credit note is expected for; its own loss rate.

    `assessed_percent` takes the item out of the matrix: it is assessed individually.
    """

    amount: int
    due_on: date
    expected_credit: int = 0
    assessed_percent: Percent | None = None
    id: str = ""

    def __post_init__(self) -> None:
        _exact.whole(self, "amount", "expected_credit")


@dataclass(frozen=True)
class Band:
    """A band of the matrix, or an individually assessed item: gross less expected credit notes is the exposure.

    `rate` is the percentage used, forward-looking factor included, unrounded.
    """

    gross: int
    expected_credit: int
    exposure: int
    rate: Decimal
    provision: int
    id: str = ""


@dataclass(frozen=True)
class Provision:
    """The provision: bands (not due first), individually assessed items, and their total in minor units."""

    bands: tuple[Band, ...]
    individual: tuple[Band, ...]

    @property
    def total(self) -> int:
        """All bands and items."""
        return sum(each.provision for each in (*self.bands, *self.individual))


def provision_matrix(
    gross: Sequence[int],
    rates: Sequence[Percent],
    *,
    expected_credits: Sequence[int] = (),
    forward_factor: Percent = 1,
    rounding: str = "half_up",
) -> tuple[Band, ...]:
    """The provision of each ageing band in minor units; a band in credit needs none.

    Formula: (gross - expected credit notes) x rate / 100 x forward-looking factor, rounded once per band; the rate with
    its factor is at most 100 %.
    Switches: `expected_credits` per band (default none): dilution is no credit loss; `forward_factor` (default 1)
    scales the historical rates; `rounding` default half up.
    Source: IFRS 9 B5.5.35 and Illustrative Example 12 (IE74-IE77).
    """
    credits = list(expected_credits) or [0] * len(gross)
    if not len(gross) == len(rates) == len(credits):
        raise Invalid("A provision matrix needs a rate (and an expected credit) for each band.")
    factor = _exact.percentage(forward_factor, "The forward-looking factor", None)
    return tuple(
        _band(amount, credit, _exact.percentage(rate, "A loss rate") * factor, rounding)
        for amount, credit, rate in zip(gross, credits, rates, strict=True)
    )


def _band(gross: int, credit: int, rate: Decimal, rounding: str, id: str = "") -> Band:
    credit = _exact.count(credit, "An expected credit note")
    exposure = max(0, _exact.minor(gross) - credit)
    rate = min(HUNDRED, rate)
    return Band(gross, credit, exposure, rate, int(rounded(exposure * rate / HUNDRED, 0, rounding)), id)


def provide(
    items: Iterable[Receivable],
    as_of: date,
    rates: Sequence[Percent],
    *,
    edges: Sequence[int] = EDGES,
    credits: str = "out",
    forward_factor: Percent = 1,
    rounding: str = "half_up",
) -> Provision:
    """The provision for open items as of a day: the matrix by days past due, individually assessed items apart.

    `rates` has two places more than `edges`: not due first, then the bands, the oldest last. The credit note expected
    for an item takes off that item alone, at most all of it.
    Switches: `edges` default 30, 60, 90; `credits` "out" (default: credit items reduce no exposure) or "by_date" (they
    do, in the band of their own date); `forward_factor` default 1, on the matrix only; `rounding` default half up.
    Source: IFRS 9 5.5.15 (simplified approach), B5.5.35 (matrix), B5.5.5 (grouping, individual items).

    Formula: per band round(max(0, gross - expected credit) x min(100, rate x forward factor) / 100), and so each
    assessed item at its own rate.
    """
    _exact.one_of(credits, ("out", "by_date"), "The place of credits")
    if len(rates) != len(edges) + 2:
        raise Invalid(f"The matrix needs {len(edges) + 2} rates: not due, each band, and over the last edge.")
    gross, expected, individual = [0] * len(rates), [0] * len(rates), []
    for item in items:
        if item.assessed_percent is not None:
            own = _exact.percentage(item.assessed_percent, "An assessed loss")
            individual.append(_band(item.amount, item.expected_credit, own, rounding, item.id))
        elif _exact.minor(item.amount) > 0 or credits == "by_date":
            place = bucket_of(days_past_due(item.due_on, as_of), edges) + 1
            gross[place] += item.amount
            expected[place] += min(_exact.count(item.expected_credit, "An expected credit note"), max(0, item.amount))
    matrix = provision_matrix(gross, rates, expected_credits=expected, forward_factor=forward_factor, rounding=rounding)
    return Provision(matrix, tuple(individual))


def scenario_factor(scenarios: Iterable[tuple[Percent, Percent]]) -> Decimal:
    """The forward-looking factor of scenarios (probability in percent, factor); probabilities must add up to 100.

    Formula: sum(probability / 100 x factor).
    Source: IFRS 9 5.5.17(a), unbiased and probability-weighted amount.
    """
    rows = [(_exact.percentage(p, "A probability"), _exact.percentage(f, "A factor", None)) for p, f in scenarios]
    if sum(chance for chance, _ in rows) != HUNDRED:
        raise Invalid("The probabilities of the scenarios must add up to 100.")
    return sum((chance * factor for chance, factor in rows), Decimal(0)) / HUNDRED


def roll_rates(history: Sequence[Sequence[int]], *, average: str = "weighted") -> list[Decimal | None]:
    """How much of each band rolls into the next one in a period, in percent, at most 100; None without balances.

    `history` holds balances by band (not due first) period by period, the oldest first. One rate less than bands.
    Formula: sum over periods of the balance of the next band a period later / sum of the balance of the band.
    Switches: `average` "weighted" (default, ratio of sums) or "simple" (mean of the periods' rates).
    Source: roll-rate (flow-rate) method of credit-loss practice; IFRS 9 B5.5.35 for its use.
    """
    _exact.one_of(average, ("weighted", "simple"), "The average")
    bands = {len(each) for each in history}
    if len(bands) != 1 or len(history) < 2:
        raise Invalid("Roll rates need at least two periods with the same bands.")
    found: list[Decimal | None] = []
    for band in range(bands.pop() - 1):
        pairs = [(max(0, now[band]), max(0, later[band + 1])) for now, later in pairwise(history)]
        pairs = [(_exact.minor(now), _exact.minor(later)) for now, later in pairs if now]
        if average == "weighted":
            rate = _exact.ratio(sum(later for _, later in pairs) * 100, sum(now for now, _ in pairs))
        else:
            rate = _exact.ratio(sum((Decimal(later) * 100 / now for now, later in pairs), Decimal(0)), len(pairs))
        found.append(None if rate is None else min(HUNDRED, rate))
    return found


def loss_rates(rolls: Sequence[Percent | None], *, last_percent: Percent = 100) -> list[Decimal | None]:
    """The loss rate of each band from roll rates, in percent, unrounded; None where a roll rate on the way is unknown.

    Formula: product of the roll rates from the band to the last one x loss rate of the last band.
    Switches: `last_percent` of the last band that is lost (default 100).
    Source: roll-rate method of credit-loss practice.
    """
    rate: Decimal | None = _exact.percentage(last_percent, "The loss of the last band")
    found = [rate]
    for roll in reversed(rolls):
        rate = None if rate is None or roll is None else rate * _exact.percentage(roll, "A roll rate") / HUNDRED
        found.append(rate)
    return found[::-1]


def flow_loss_rates(reached: Sequence[int], lost: int) -> list[Decimal | None]:
    """The loss rate of each band from one cohort of sales, in percent, unrounded; None for a band nothing reached.

    Formula: amount lost in the end / amount that was still unpaid on entering the band x 100, at most 100.
    Source: historical loss rates as in IFRS 9 B5.5.35 (worked by IFRScommunity.com, lifetime ECL of trade receivables).
    """
    rates = [_exact.ratio(_exact.minor(lost) * 100, _exact.minor(amount)) for amount in reached]
    return [None if rate is None else min(HUNDRED, rate) for rate in rates]


@dataclass(frozen=True)
class WriteOffItem:
    """An open item as a write-off proposal sees it: what is owed, since when, dunned how far, disputed or promised.

    `last_level` of its own dunning procedure and `small_balance` in its own currency, where they are not those of all.
    """

    id: str
    amount: int
    due_on: date
    dunning_level: int = 0
    disputed: bool = False
    promised: bool = False
    last_level: int | None = None
    small_balance: int | None = None

    def __post_init__(self) -> None:
        _exact.whole(self, "amount")


def propose_write_offs(
    items: Iterable[WriteOffItem],
    as_of: date,
    *,
    older_than_days: int,
    last_level: int,
    small_balance: int = 0,
) -> list[tuple[WriteOffItem, str]]:
    """Items to propose for writing off, each with its reason; credits, disputed and promised items never.

    An item is proposed when it is more than `older_than_days` past due and dunned up to `last_level`, or past due and
    at most `small_balance` (minor units, inclusive; default 0: no small balances).
    Source: IFRS 9 5.4.4 (no reasonable expectation of recovery); small-balance write-off of the vendors' manuals.

    Rule: what neither a dispute nor a promise holds back, by age, dunning level or small balance.
    """
    _exact.count(small_balance, "The small balance")
    found = []
    for item in items:
        days = days_past_due(item.due_on, as_of)
        if _exact.minor(item.amount) <= 0 or item.disputed or item.promised or not days:
            continue
        last = last_level if item.last_level is None else item.last_level
        small = small_balance if item.small_balance is None else _exact.count(item.small_balance, "The small balance")
        if days > older_than_days and item.dunning_level >= last:
            found.append((item, f"{days} days past due and dunned to level {item.dunning_level}"))
        elif item.amount <= small:
            found.append((item, "small balance"))
    return found
