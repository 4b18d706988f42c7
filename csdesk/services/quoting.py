"""Prices, taxes and promises of wanted lines: one calculation for the draft, the order and its amendment. Internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from csdesk.errors import Invalid
from csdesk.money import show_quantity
from csdesk.rules import order_checks
from csdesk.rules.availability import ZERO, Incoming, Offer, offer
from csdesk.rules.delivery import first_day
from csdesk.rules.pricing import LinePrice, PriceRow, line_net, price_line
from csdesk.rules.tax import line_taxes
from csdesk.services.catalog import Facts
from csdesk.services.customers import Trading, holidays_of


@dataclass(frozen=True)
class Wanted:
    """A line as wanted: `line` is its number on the order (0 = new); `choice` is what a short line does: part | wait.

    `price` keeps a price once given (6 decimals, with `list_price`, `source` and its `net` in minor units, which free
    goods make less than price x quantity); None = price it anew.
    """

    product_id: int
    unit: str
    quantity: Decimal
    line: int = 0
    choice: str = ""
    requested_on: date | None = None
    substituted_for: int | None = None
    price: Decimal | None = None
    list_price: Decimal | None = None
    source: str = ""
    net: int | None = None


@dataclass(frozen=True)
class Quoted:
    """A wanted line with its price (major units, 6 decimals), net and tax (minor units), and its promise."""

    wanted: Wanted
    code: str
    name: str
    factor: Decimal
    price: Decimal
    list_price: Decimal
    source: str
    net: int
    tax_rate: Decimal
    tax: int
    offer: Offer
    promised_on: date | None
    wished_on: date | None


@dataclass(frozen=True)
class Mine:
    """What an order under amendment holds already, by product (stock) and by receipt: free for its own lines."""

    stock: Mapping[int, Decimal]
    receipts: Mapping[int, Decimal]


NOTHING = Mine({}, {})


def check_line(product: Facts, unit: str, quantity: Decimal, day: date) -> None:
    """Raises Invalid with one sentence when a line cannot be ordered at all."""
    if product.factor(unit) is None:
        units = ", ".join(dict.fromkeys([product.base_unit, *sorted(product.packs)]))
        raise Invalid(f"{product.code} is not sold by {unit}; it is sold by {units}.", field="unit")
    if quantity <= 0:
        raise Invalid(f"The quantity of {product.code} must be above 0.", field="quantity")
    if quantity >= 10**9:
        raise Invalid(
            f"{show_quantity(quantity)} of {product.code} is too much; the most is 999999999.", field="quantity"
        )
    if quantity != quantity.quantize(Decimal("0.001")):
        raise Invalid(
            f"A quantity has at most three decimals; {quantity} of {product.code} has more.", field="quantity"
        )
    base = quantity * (product.factor(unit) or Decimal(1))
    if base != base.quantize(Decimal("0.001")):
        words = f"{show_quantity(quantity)} {unit} of {product.code} is {show_quantity(base)} {product.base_unit}"
        raise Invalid(f"{words}; at most three decimals can be counted.", field="quantity")
    if unit == product.sales_unit and (
        fault := order_checks.quantity_fault(quantity, product.minimum, product.multiple, unit)
    ):
        raise Invalid(f"{product.code} {product.name}: {fault}.", field="quantity")
    if fault := order_checks.phased_out(day, product.phase_in, product.phase_out):
        raise Invalid(f"{product.code} {product.name} cannot be ordered: {fault}.", field="product")


def under(who: Trading, order: Any) -> Trading:
    """The customer's terms as the order keeps them: its currency, tax method and rounding never change."""
    return replace(who, currency=order.currency, tax_method=order.tax_method, rounding=order.rounding)


def delivery_day(who: Trading, now: datetime, not_before: date | None = None) -> date:
    """The first day the customer's truck can bring goods that lie here."""
    local = who.local(now)
    years = {local.year, local.year + 1, *((not_before.year, not_before.year + 1) if not_before else ())}
    return first_day(
        local,
        delivery_days=who.delivery_days,
        cut_off=who.cut_off,
        lead_days=who.lead_days,
        holidays=frozenset().union(*(holidays_of(who.country, year) for year in years)),
        not_before=not_before,
    )


def quote(
    who: Trading,
    facts: Mapping[int, Facts],
    wanted: Sequence[Wanted],
    now: datetime,
    *,
    requested_on: date | None = None,
    mine: Mine = NOTHING,
) -> tuple[Quoted, ...]:
    """Prices, taxes and promises of lines in their order; lines of one product share its stock and what is left of
    an approved price. Raises Invalid when a product has no valid price."""
    day = who.local(now).date()
    spent: dict[str, Decimal] = {}
    for line in wanted:
        if line.price is not None:
            _spend(facts[line.product_id], line, line.source, spent)
    used: dict[int, Decimal] = {}
    used_receipts: dict[int, Decimal] = {}
    quoted: list[Quoted] = []
    for line in wanted:
        product = facts[line.product_id]
        factor = product.factor(line.unit) or Decimal(1)
        priced = _priced(who, product, line, day, spent)
        promise = _promise(product, line.quantity * factor, mine, used, used_receipts)
        rate = Decimal(0) if who.buyer.tax_exempt else product.tax_rate
        wish = line.requested_on or requested_on
        quoted.append(
            Quoted(
                line, product.code, product.name, factor, *priced, rate, 0, promise,
                _promised(who, now, promise, wish, line.choice or who.short_policy), wish,
            )
        )  # fmt: skip
    taxes = line_taxes([(each.net, each.tax_rate) for each in quoted], who.tax_method, who.rounding)
    return tuple(replace(each, tax=tax) for each, tax in zip(quoted, taxes, strict=True))


def has_price(who: Trading, product: Facts, line: Wanted, day: date) -> bool:
    """Whether a line can be priced at all on that day."""
    return line.price is not None or _found(who, product, line, day, product.prices) is not None


def ordinary(who: Trading, product: Facts, line: Wanted, day: date) -> LinePrice | None:
    """The price of a line by lists and deals alone, whatever else was approved; None when there is none."""
    return _found(who, product, line, day, [row for row in product.prices if row.kind != "override"])


def _found(who: Trading, product: Facts, line: Wanted, day: date, rows: Sequence[PriceRow]) -> LinePrice | None:
    return price_line(
        rows,
        product.deals,
        unit=line.unit,
        factor=product.factor(line.unit) or Decimal(1),
        base_unit=product.base_unit,
        quantity=line.quantity,
        day=day,
        currency=who.currency,
        rounding=who.rounding,
        mode=who.deal_mode,
    )


def _left(rows: Sequence[PriceRow], spent: Mapping[str, Decimal]) -> Sequence[PriceRow]:
    """The price rows with what earlier lines took of the approved ones off."""
    if not spent:
        return rows
    return [
        row if row.max_quantity is None or row.list_code not in spent
        else replace(row, max_quantity=row.max_quantity - spent[row.list_code])
        for row in rows
    ]  # fmt: skip


def _spend(product: Facts, line: Wanted, source: str, spent: dict[str, Decimal]) -> None:
    for row in product.prices:
        if row.max_quantity is not None and source == f"{row.kind} {row.list_code}":
            times = Decimal(1) if row.unit == line.unit else product.factor(line.unit) or Decimal(1)
            spent[row.list_code] = spent.get(row.list_code, ZERO) + line.quantity * times


def _priced(
    who: Trading, product: Facts, line: Wanted, day: date, spent: dict[str, Decimal]
) -> tuple[Decimal, Decimal, str, int]:
    if line.price is not None:
        net = line.net
        if net is None:
            net = line_net(line.price, line.quantity, who.currency, who.rounding)
        return line.price, line.price if line.list_price is None else line.list_price, line.source, net
    priced = _found(who, product, line, day, _left(product.prices, spent))
    if priced is None:
        raise Invalid(f"{product.code} {product.name} has no price for this customer; ask for one.", field="product")
    _spend(product, line, priced.source, spent)
    return priced.price, priced.list_price, priced.source, priced.net


def _promise(
    product: Facts,
    base: Decimal,
    mine: Mine,
    used: dict[int, Decimal],
    used_receipts: dict[int, Decimal],
) -> Offer:
    if product.kind == "service":
        return Offer(ZERO, (), ZERO)
    reserved = product.reserved - mine.stock.get(product.id, ZERO) + used.get(product.id, ZERO)
    incoming = [
        Incoming(each.id, each.due_on, each.free + mine.receipts.get(each.id, ZERO) - used_receipts.get(each.id, ZERO))
        for each in product.incoming
    ]
    promise = offer(base, product.on_hand, reserved, incoming)
    for take in promise.takes:
        if take.receipt_id is None:
            used[product.id] = used.get(product.id, ZERO) + take.quantity
        else:
            used_receipts[take.receipt_id] = used_receipts.get(take.receipt_id, ZERO) + take.quantity
    return promise


def _promised(who: Trading, now: datetime, promise: Offer, wish: date | None, choice: str) -> date | None:
    first = delivery_day(who, now, wish)
    if not promise.short or (choice != "wait" and promise.now > 0):
        return first
    if promise.complete_on is None:
        return None
    return delivery_day(who, now, max(first, promise.complete_on))
