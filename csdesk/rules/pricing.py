"""The price of a line: approved override, contract, price list, base list - then deals. Pure.

A price stays a fraction until the line's net is rounded, once; the price of six decimals is what is shown. The order
of precedence and the deals follow the order desk's own rule (docs/decisions.md, "Prices"); quantity breaks and validity
are inclusive at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from csdesk.errors import Invalid
from csdesk.money import decimal_of, exponent, share

# Precedence of the lists a price may come from; smaller wins.
PRECEDENCE = {"override": 0, "contract": 1, "list": 2, "group": 3, "base": 4}


@dataclass(frozen=True)
class PriceRow:
    """A price in major units for `per` of `unit`, from `min_quantity` (in `unit`), within dates (None = open).

    A line of more than `max_quantity` (in `unit`; None = any) does not get it.
    """

    kind: str
    list_code: str
    unit: str
    amount: Decimal
    per: Decimal = Decimal(1)
    min_quantity: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None
    max_quantity: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuses what is not exact, and a price for nothing."""
        decimal_of(self.amount)
        if decimal_of(self.per) <= 0:
            raise Invalid(f"A price is for a quantity above 0, not for {self.per}.", field="per")


@dataclass(frozen=True)
class DealRow:
    """A promotion. percent: `value` % off; amount: `value` off the price of each base unit; free: of each `buy` ordered
    (in the ordered unit) `free` are free."""

    code: str
    kind: str
    value: Decimal = Decimal(0)
    buy: Decimal = Decimal(0)
    free: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        """Refuses what is not exact."""
        for each in (self.value, self.buy, self.free):
            decimal_of(each)


@dataclass(frozen=True)
class LinePrice:
    """What a line costs: unit price before and after deals (6 decimals, to be shown), net in minor units, and where it
    came from. `exact` is the price after deals unrounded: what the net is made of."""

    list_price: Decimal
    price: Decimal
    net: int
    source: str
    deals: tuple[str, ...] = ()
    exact: Fraction = Fraction(0)


def within(day: date, valid_from: date | None, valid_to: date | None) -> bool:
    """Whether `day` lies in a validity, both ends included, None = open.

    Rule: valid from <= day <= valid to.

    Source: as `price_line`.
    """
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def choose(
    rows: Iterable[PriceRow], unit: str, factor: Decimal, quantity: Decimal, day: date, base_unit: str
) -> tuple[PriceRow, Decimal] | None:
    """The winning price row and its price for one `unit`; None when nothing is valid.

    The better list wins; within it a row stated in the ordered unit beats one in the base unit (times `factor`); then
    the largest quantity break reached, the latest validity, the lower price, the list code.

    Rule: the least of (list, own unit, - break, - start, price, code).

    Source: as `price_line`.
    """
    found: list[tuple[tuple[int, int, Decimal, int, Decimal, str], PriceRow]] = []
    for row in rows:
        if row.unit not in (unit, base_unit):
            continue
        times = Decimal(1) if row.unit == unit else factor
        if not within(day, row.valid_from, row.valid_to) or quantity * times < row.min_quantity:
            continue
        if row.max_quantity is not None and quantity * times > row.max_quantity:
            continue
        exact = 0 if row.unit == unit else 1
        newest = -(row.valid_from or date.min).toordinal()
        price = row.amount * times / row.per
        found.append(((PRECEDENCE[row.kind], exact, -row.min_quantity, newest, price, row.list_code), row))
    if not found:
        return None
    row = min(found, key=lambda each: each[0])[1]
    return row, shown(exact_price(row, unit, factor))


def exact_price(row: PriceRow, unit: str, factor: Decimal) -> Fraction:
    """The price of one `unit` (of `factor` base units) by a row, unrounded.

    Formula: amount x factor / per.

    Source: EN 16931 BT-146 and BT-149.
    """
    return Fraction(row.amount) * Fraction(Decimal(1) if row.unit == unit else factor) / Fraction(row.per)


def shown(price: Fraction) -> Decimal:
    """A price as it is shown: 6 decimals, ties up.

    Formula: round(price, 6).

    Source: unit prices of the books have six decimals.
    """
    return Decimal(share(price.numerator * 10**6, 1, price.denominator)).scaleb(-6)


def line_net(price: Decimal | Fraction, quantity: Decimal, currency: str, rounding: str) -> int:
    """The net of a line in minor units of `currency`.

    Formula: round(price / base quantity x quantity), multiplied first and rounded once.

    Source: EN 16931 BT-131, BT-146 (item net price) and BT-149 (item price base quantity).
    """
    exact = price if isinstance(price, Fraction) else Fraction(decimal_of(price))
    value = exact * Fraction(decimal_of(quantity)) * 10 ** exponent(currency)
    return share(value.numerator, 1, value.denominator, rounding)


def price_line(
    rows: Iterable[PriceRow],
    deals: Sequence[DealRow],
    *,
    unit: str,
    factor: Decimal,
    base_unit: str,
    quantity: Decimal,
    day: date,
    currency: str,
    rounding: str = "half_up",
    mode: str = "best",
) -> LinePrice | None:
    """The price of one line; None when no price is valid.

    mode "best": the deal that gives the customer most; "stack": all deals one after the other, percentages on what is
    left. Deals do not touch an approved override.

    Formula: net = round(price / base quantity x quantity charged); the price after deals unrounded.

    Source: docs/decisions.md, "Prices"; EN 16931 BT-131, BT-146 to BT-149.
    """
    chosen = choose(rows, unit, factor, quantity, day, base_unit)
    if chosen is None:
        return None
    row, _ = chosen
    source = f"{row.kind} {row.list_code}".strip()
    valid = [deal for deal in deals if within(day, deal.valid_from, deal.valid_to)]
    line = _Line(exact_price(row, unit, factor), quantity, factor, currency, rounding, source)
    plain = line.priced(())
    if row.kind == "override" or not valid:
        return plain
    if mode == "stack":
        return line.priced(valid)
    return min([plain, *(line.priced([deal]) for deal in valid)], key=lambda each: (each.net, each.deals))


@dataclass(frozen=True)
class _Line:
    """A line with its list price, to be priced with one deal or another."""

    listed: Fraction
    quantity: Decimal
    factor: Decimal
    currency: str
    rounding: str
    source: str

    def priced(self, deals: Sequence[DealRow]) -> LinePrice:
        """The line under the deals, one after the other in the order of their codes."""
        price, free, used = self.listed, Decimal(0), []
        for deal in sorted(deals, key=lambda each: each.code):
            if deal.kind == "percent":
                price = max(Fraction(0), price * Fraction(100 - deal.value) / 100)
            elif deal.kind == "amount":
                price = max(Fraction(0), price - Fraction(deal.value * self.factor))
            elif deal.kind == "free" and deal.buy > 0:
                gift = (self.quantity // deal.buy) * deal.free
                if gift <= 0:
                    continue
                free += gift
            used.append(deal.code)
        net = line_net(price, max(Decimal(0), self.quantity - free), self.currency, self.rounding)
        text = " ".join([self.source, *(f"deal {code}" for code in used)])
        return LinePrice(shown(self.listed), shown(price), net, text, tuple(used), price)
