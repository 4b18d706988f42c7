"""The price of a line: approved override, contract, price list, base list - then deals. Pure.

The order of precedence and the deals follow the order desk's own rule (docs/decisions.md, "Prices"); quantity breaks
and validity are inclusive at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csdesk.money import exponent, rounded

# Precedence of the lists a price may come from; smaller wins.
PRECEDENCE = {"override": 0, "contract": 1, "list": 2, "group": 3, "base": 4}


@dataclass(frozen=True)
class PriceRow:
    """A price in major units for `per` of `unit`, from `min_quantity` (in `unit`), within dates (None = open)."""

    kind: str
    list_code: str
    unit: str
    amount: Decimal
    per: Decimal = Decimal(1)
    min_quantity: Decimal = Decimal(0)
    valid_from: date | None = None
    valid_to: date | None = None


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


@dataclass(frozen=True)
class LinePrice:
    """What a line costs: unit price before and after deals (6 decimals), net in minor units, and where it came from."""

    list_price: Decimal
    price: Decimal
    net: int
    source: str
    deals: tuple[str, ...] = ()


def within(day: date, valid_from: date | None, valid_to: date | None) -> bool:
    """Whether `day` lies in a validity, both ends included, None = open."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def choose(
    rows: Iterable[PriceRow], unit: str, factor: Decimal, quantity: Decimal, day: date, base_unit: str
) -> tuple[PriceRow, Decimal] | None:
    """The winning price row and its price for one `unit`; None when nothing is valid.

    The better list wins; within it a row stated in the ordered unit beats one in the base unit (times `factor`); then
    the largest quantity break reached, the latest validity, the lower price, the list code.
    """
    found: list[tuple[tuple[int, int, Decimal, int, Decimal, str], PriceRow, Decimal]] = []
    for row in rows:
        if row.unit == unit:
            asked, price = quantity, rounded(row.amount / row.per, 6)
        elif row.unit == base_unit:
            asked, price = quantity * factor, rounded(row.amount * factor / row.per, 6)
        else:
            continue
        if not within(day, row.valid_from, row.valid_to) or asked < row.min_quantity:
            continue
        exact = 0 if row.unit == unit else 1
        newest = -(row.valid_from or date.min).toordinal()
        claim = (PRECEDENCE[row.kind], exact, -row.min_quantity, newest, price, row.list_code)
        found.append((claim, row, price))
    if not found:
        return None
    _, row, price = min(found, key=lambda each: each[0])
    return row, price


def line_net(price: Decimal, quantity: Decimal, currency: str, rounding: str) -> int:
    """round(price x quantity) in minor units of `currency`."""
    return int(rounded((price * quantity).scaleb(exponent(currency)), 0, rounding))


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
    """
    chosen = choose(rows, unit, factor, quantity, day, base_unit)
    if chosen is None:
        return None
    row, listed = chosen
    source = f"{row.kind} {row.list_code}".strip()
    valid = [deal for deal in deals if within(day, deal.valid_from, deal.valid_to)]
    plain = LinePrice(listed, listed, line_net(listed, quantity, currency, rounding), source)
    if row.kind == "override" or not valid:
        return plain
    if mode == "stack":
        return _stacked(listed, valid, quantity, factor, currency, rounding, source)
    tried = [_stacked(listed, [deal], quantity, factor, currency, rounding, source) for deal in valid]
    return min([plain, *tried], key=lambda each: (each.net, each.deals))


def _stacked(
    listed: Decimal,
    deals: Sequence[DealRow],
    quantity: Decimal,
    factor: Decimal,
    currency: str,
    rounding: str,
    source: str,
) -> LinePrice:
    price, free, used = listed, Decimal(0), []
    for deal in sorted(deals, key=lambda each: each.code):
        if deal.kind == "percent":
            price = max(Decimal(0), rounded(price * (100 - deal.value) / 100, 6))
        elif deal.kind == "amount":
            price = max(Decimal(0), rounded(price - deal.value * factor, 6))
        elif deal.kind == "free" and deal.buy > 0:
            gift = (quantity // deal.buy) * deal.free
            if gift <= 0:
                continue
            free += gift
        used.append(deal.code)
    charged = max(Decimal(0), quantity - free)
    text = " ".join([source, *(f"deal {code}" for code in used)])
    return LinePrice(listed, price, line_net(price, charged, currency, rounding), text, tuple(used))
