"""The price audit: what invoice lines should have cost under price lists and deals, and what was billed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from csdesk.models import (
    Customer,
    Deal,
    Document,
    DocumentLine,
    PackUnit,
    Price,
    PriceList,
    PriceOverride,
    Product,
    ProductGroup,
    table,
)
from csdesk.money import exponent, rounded, show_quantity
from csdesk.rules.pricing import DealRow, LinePrice, PriceRow, line_net, price_line, within
from csdesk.services.reports_base import Books, Table, bare, books, fetched, report, rows_table
from csdesk.services.tx import Tx

DOCUMENT, LINE, CUSTOMER, PRODUCT = table(Document), table(DocumentLine), table(Customer), table(Product)
APPROVED = table(PriceOverride)
PRICE, LIST, DEAL, GROUP, PACK = table(Price), table(PriceList), table(Deal), table(ProductGroup), table(PackUnit)


@dataclass(frozen=True)
class Off:
    """A line off the price it should have had; amounts net in minor units."""

    finding: str
    number: str
    line: int
    issued_on: date
    customer: str
    product: str
    quantity: Decimal
    listed: Decimal
    should: Decimal
    billed: Decimal
    net_should: int
    net_billed: int


@report(
    "price-audit",
    "Invoice lines billed off the price they should have had under price lists, approved prices and deals, by what is "
    "wrong: lines, billed, should have been, difference (without tax).",
)
def price_audit(tx: Tx, as_of: date) -> Table:
    """A deal billed AT its percentage instead of OFF it is named as such."""
    own = books(tx)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in _off(tx, as_of, own):
        for place, value in enumerate((1, each.net_billed, each.net_should)):
            sums[each.finding][place] += value
    rows: list[tuple[Any, ...]] = [
        (finding, count, own.major(billed), own.major(should), own.major(billed - should))
        for finding, (count, billed, should) in sorted(sums.items())
    ]
    total = ("all", sum(r[1] for r in rows), *(sum((r[n] for r in rows), own.major(0)) for n in (2, 3, 4)))
    return rows_table("finding, lines, billed, should be, difference", rows, total)


@report(
    "price-audit-lines",
    "The lines behind the price audit, those of deals first, then by what they cost us or the customer.",
)
def price_audit_lines(tx: Tx, as_of: date) -> Table:
    """At most a thousand lines."""
    found = sorted(
        _off(tx, as_of, books(tx)),
        key=lambda o: (not o.finding.startswith("deal"), -abs(o.net_billed - o.net_should), o.number, o.line),
    )
    rows: list[tuple[Any, ...]] = [
        (
            o.finding,
            o.number,
            o.line,
            o.issued_on,
            o.customer,
            o.product,
            *map(bare, (o.quantity, o.listed, o.should, o.billed)),
        )
        for o in found[:1000]
    ]
    return rows_table("finding, invoice, line, issued, customer, product, quantity, list, should be, billed", rows)


def _off(tx: Tx, as_of: date, own: Books) -> Iterator[Off]:
    deals = fetched(tx, select(DEAL).where(DEAL.c.company == tx.company).order_by(DEAL.c.code))
    products = [
        row.id
        for row in fetched(tx, select(PRODUCT.c.id).where(PRODUCT.c.company == tx.company).order_by(PRODUCT.c.id))
    ]
    for at in range(0, len(products), 200):
        yield from _of_products(tx, as_of, own, products[at : at + 200], deals)


def _of_products(tx: Tx, as_of: date, own: Books, products: Sequence[int], deals: Sequence[Any]) -> Iterator[Off]:
    prices, groups, packs = _prices(tx, products), _groups(tx, products), _packs(tx, products)
    agreed = _approved(tx, products)
    statement = (
        select(
            DOCUMENT.c.number, DOCUMENT.c.issued_on, LINE.c.line, LINE.c.product_id, LINE.c.unit, LINE.c.quantity,
            LINE.c.price, LINE.c.net, CUSTOMER.c.id.label("buyer"), CUSTOMER.c.code.label("customer"),
            CUSTOMER.c.price_group, CUSTOMER.c.price_list, PRODUCT.c.code, PRODUCT.c.base_unit,
        )
        .join(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .join(CUSTOMER, (CUSTOMER.c.company == LINE.c.company) & (CUSTOMER.c.id == DOCUMENT.c.customer_id))
        .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
        .where(
            LINE.c.company == tx.company, LINE.c.product_id.in_(products), LINE.c.quantity > 0,
            DOCUMENT.c.kind == "invoice", DOCUMENT.c.issued_on <= as_of, PRODUCT.c.kind == "stock",
        )
        .order_by(LINE.c.product_id, DOCUMENT.c.issued_on, DOCUMENT.c.id, LINE.c.line)
    )  # fmt: skip
    for row in tx.connection.execute(statement.execution_options(yield_per=1000)):
        mine = [rule for rule, test in prices[row.product_id] if _is_for(test, row)]
        offered = [_rule(deal) for deal in deals if _applies(deal, row, groups[row.product_id])]
        factor = Decimal(1) if row.unit == row.base_unit else packs.get((row.product_id, row.unit))
        if factor is None or _agreed(row, factor, agreed[row.product_id]):
            continue
        if (off := _judged(row, mine, offered, factor, own)) is not None:
            yield off


def _judged(row: Any, prices: list[PriceRow], deals: list[DealRow], factor: Decimal, own: Books) -> Off | None:
    should = price_line(
        prices, deals, unit=row.unit, factor=factor, base_unit=row.base_unit, quantity=row.quantity,
        day=row.issued_on, currency=own.currency, rounding=own.rounding, mode=own.deal_mode,
    )  # fmt: skip
    if should is None:
        return None
    places = exponent(own.currency)
    if rounded(row.price, places) == rounded(should.price, places):
        return None
    listed = line_net(should.exact, row.quantity, own.currency, own.rounding)
    finding = _finding(row.price, should, deals, row.issued_on, places)
    return Off(
        finding, row.number, row.line, row.issued_on, row.customer, row.code, row.quantity, should.list_price,
        should.price, row.price, listed, int(row.net),
    )  # fmt: skip


def _finding(billed: Decimal, should: LinePrice, deals: Sequence[DealRow], day: date, places: int) -> str:
    for deal in deals:
        if deal.kind == "percent" and within(day, deal.valid_from, deal.valid_to):
            at = should.list_price * deal.value / 100
            percent = show_quantity(deal.value)
            if rounded(billed, places) == rounded(at, places):
                return f"deal {deal.code}: billed at {percent} % of the list price instead of {percent} % off it"
    if should.deals and rounded(billed, places) == rounded(should.list_price, places):
        return f"deal {' '.join(should.deals)}: not given"
    if billed == 0:
        return "free of charge"
    return "below the price" if billed < should.price else "above the price"


def _prices(tx: Tx, products: Sequence[int]) -> dict[int, list[tuple[PriceRow, Any]]]:
    statement = (
        select(PRICE, LIST.c.kind, LIST.c.code, LIST.c.price_group, LIST.c.customer_id)
        .join(LIST, (LIST.c.company == PRICE.c.company) & (LIST.c.id == PRICE.c.price_list_id))
        .where(PRICE.c.company == tx.company, PRICE.c.product_id.in_(products))
    )
    found: dict[int, list[tuple[PriceRow, Any]]] = defaultdict(list)
    for row in fetched(tx, statement):
        rule = PriceRow(
            row.kind, row.code, row.unit, row.amount, row.per, row.min_quantity, row.valid_from, row.valid_to
        )
        found[row.product_id].append((rule, row))
    return found


def _is_for(price: Any, row: Any) -> bool:
    """Whether a price list counts for the buyer of a line."""
    if price.customer_id is not None:
        return bool(price.customer_id == row.buyer)
    if price.kind == "list":
        return bool(price.code == row.price_list)
    return price.kind == "base" or bool(price.price_group and price.price_group == row.price_group)


def _approved(tx: Tx, products: Sequence[int]) -> dict[int, list[Any]]:
    """Prices that were approved for a customer."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in fetched(
        tx, select(APPROVED).where(APPROVED.c.company == tx.company, APPROVED.c.product_id.in_(products))
    ):
        found[row.product_id].append(row)
    return found


def _agreed(row: Any, factor: Decimal, approved: Sequence[Any]) -> bool:
    """Whether a line is billed at a price that was approved for its buyer by then."""
    return any(
        each.customer_id == row.buyer and each.valid_from <= row.issued_on
        and row.price == each.price * (Decimal(1) if each.unit == row.unit else factor)
        for each in approved if each.unit in (row.unit, row.base_unit)
    )  # fmt: skip


def _groups(tx: Tx, products: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    statement = select(GROUP.c.product_id, GROUP.c.group_code)
    for row in fetched(tx, statement.where(GROUP.c.company == tx.company, GROUP.c.product_id.in_(products))):
        found[row.product_id].add(row.group_code)
    return found


def _packs(tx: Tx, products: Sequence[int]) -> dict[tuple[int, str], Decimal]:
    statement = select(PACK).where(PACK.c.company == tx.company, PACK.c.product_id.in_(products))
    return {(row.product_id, row.unit): row.factor for row in fetched(tx, statement)}


def _rule(deal: Any) -> DealRow:
    return DealRow(deal.code, deal.kind, deal.value, deal.buy, deal.free, deal.valid_from, deal.valid_to)


def _applies(deal: Any, row: Any, groups: set[str]) -> bool:
    return (
        deal.customer_id in (None, row.buyer)
        and deal.price_group in ("", row.price_group)
        and deal.product_id in (None, row.product_id)
        and (not deal.group_code or deal.group_code in groups)
    )
