"""What the desk must know of products to price and promise them, loaded in few queries. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, cast, literal_column, null, or_, select, union_all

from csdesk.models import (
    Alternative,
    Deal,
    ExpectedReceipt,
    OrderLine,
    PackUnit,
    Price,
    PriceList,
    PriceOverride,
    Product,
    ProductGroup,
    SalesOrder,
    Stock,
    TaxCode,
    table,
)
from csdesk.models.types import Quantity
from csdesk.rules.availability import Incoming
from csdesk.rules.likeness import most_alike
from csdesk.rules.pricing import DealRow, PriceRow
from csdesk.services.tx import Tx

PRODUCT, PACK, TAX = table(Product), table(PackUnit), table(TaxCode)
PRICE, LIST, DEAL, GROUP = table(Price), table(PriceList), table(Deal), table(ProductGroup)
STOCK, COMING, ALTERNATIVE = table(Stock), table(ExpectedReceipt), table(Alternative)
OVERRIDE, ORDER, LINE = table(PriceOverride), table(SalesOrder), table(OrderLine)


@dataclass(frozen=True)
class Buyer:
    """Of a customer what prices depend on."""

    id: int
    price_group: str
    price_list: str
    currency: str
    tax_exempt: bool


@dataclass
class Facts:
    """A product with its packs, prices, deals, and stock in one warehouse."""

    id: int
    code: str
    name: str
    kind: str
    base_unit: str
    sales_unit: str
    minimum: Decimal
    multiple: Decimal
    tax_rate: Decimal
    phase_in: date | None
    phase_out: date | None
    packs: dict[str, Decimal] = field(default_factory=dict)
    prices: list[PriceRow] = field(default_factory=list)
    deals: list[DealRow] = field(default_factory=list)
    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    incoming: list[Incoming] = field(default_factory=list)

    def factor(self, unit: str) -> Decimal | None:
        """Base units in one `unit`; None when the product is not sold in it."""
        return Decimal(1) if unit == self.base_unit else self.packs.get(unit)


_C: BindParameter[Any] = bindparam("c")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PRODUCTS = (
    select(PRODUCT, TAX.c.rate)
    .join(TAX, (TAX.c.company == PRODUCT.c.company) & (TAX.c.code == PRODUCT.c.tax_code))
    .where(PRODUCT.c.company == _C, PRODUCT.c.id.in_(_IDS))
)
_PACKS = select(PACK.c.product_id, PACK.c.unit, PACK.c.factor).where(PACK.c.company == _C, PACK.c.product_id.in_(_IDS))
_APPROVED = select(
    OVERRIDE.c.product_id, literal_column("'override'").label("kind"), OVERRIDE.c.number, OVERRIDE.c.unit,
    OVERRIDE.c.price, cast(Decimal(1), Quantity), cast(Decimal(0), Quantity), OVERRIDE.c.valid_from,
    OVERRIDE.c.valid_until, OVERRIDE.c.quantity,
).where(
    OVERRIDE.c.company == _C, OVERRIDE.c.product_id.in_(_IDS), OVERRIDE.c.customer_id == bindparam("customer"),
    OVERRIDE.c.currency == bindparam("currency"), OVERRIDE.c.valid_from <= bindparam("day"),
    OVERRIDE.c.valid_until >= bindparam("day"),
)  # fmt: skip
_LISTED = (
    select(
        PRICE.c.product_id, LIST.c.kind, LIST.c.code, PRICE.c.unit, PRICE.c.amount, PRICE.c.per, PRICE.c.min_quantity,
        PRICE.c.valid_from, PRICE.c.valid_to, cast(null(), Quantity).label("most"),
    )
    .join(LIST, (LIST.c.company == PRICE.c.company) & (LIST.c.id == PRICE.c.price_list_id))
    .where(
        PRICE.c.company == _C,
        PRICE.c.product_id.in_(_IDS),
        LIST.c.currency == bindparam("currency"),
        or_(
            LIST.c.kind == "base",
            LIST.c.customer_id == bindparam("customer"),
            (LIST.c.kind == "list") & (LIST.c.code == bindparam("price_list")),
            (LIST.c.kind == "group") & (LIST.c.price_group == bindparam("price_group")) & (LIST.c.price_group != ""),
        ),
    )
)  # fmt: skip
_PRICES = union_all(_LISTED, _APPROVED)
_DEALS = select(DEAL).where(
    DEAL.c.company == _C,
    or_(DEAL.c.customer_id.is_(None), DEAL.c.customer_id == bindparam("customer")),
    or_(DEAL.c.price_group == "", DEAL.c.price_group == bindparam("price_group")),
    or_(DEAL.c.valid_from.is_(None), DEAL.c.valid_from <= bindparam("day")),
    or_(DEAL.c.valid_to.is_(None), DEAL.c.valid_to >= bindparam("day")),
)
_GROUPS = select(GROUP.c.product_id, GROUP.c.group_code).where(GROUP.c.company == _C, GROUP.c.product_id.in_(_IDS))
_STOCK = (
    select(STOCK.c.product_id, STOCK.c.on_hand, STOCK.c.reserved)
    .where(STOCK.c.company == _C, STOCK.c.warehouse == bindparam("w"), STOCK.c.product_id.in_(_IDS))
    .order_by(STOCK.c.product_id)
)
_COMING = (
    select(COMING.c.product_id, COMING.c.id, COMING.c.due_on, COMING.c.quantity, COMING.c.reserved)
    .where(
        COMING.c.company == _C,
        COMING.c.warehouse == bindparam("w"),
        COMING.c.product_id.in_(_IDS),
        COMING.c.arrived.is_(False),
        COMING.c.due_on >= bindparam("day"),
    )
    .order_by(COMING.c.id)
)
_STOCK_LOCKED, _COMING_LOCKED = _STOCK.with_for_update(), _COMING.with_for_update()
_ALTERNATIVES = (
    select(ALTERNATIVE.c.product_id, ALTERNATIVE.c.alternative_id, ALTERNATIVE.c.rank)
    .where(ALTERNATIVE.c.company == _C, ALTERNATIVE.c.product_id.in_(_IDS))
    .order_by(ALTERNATIVE.c.product_id, ALTERNATIVE.c.rank)
)

_MATE = GROUP.alias("mate")
_GROUP_MATES = (
    select(PRODUCT.c.id, PRODUCT.c.name)
    .distinct()
    .select_from(GROUP)
    .join(_MATE, (_MATE.c.company == GROUP.c.company) & (_MATE.c.group_code == GROUP.c.group_code))
    .join(PRODUCT, (PRODUCT.c.company == _MATE.c.company) & (PRODUCT.c.id == _MATE.c.product_id))
    .join(STOCK, (STOCK.c.company == PRODUCT.c.company) & (STOCK.c.product_id == PRODUCT.c.id))
    .where(
        GROUP.c.company == _C,
        GROUP.c.product_id == bindparam("id"),
        PRODUCT.c.id != bindparam("id"),
        PRODUCT.c.kind == "stock",
        PRODUCT.c.phase_out.is_(None),
        STOCK.c.warehouse == bindparam("w"),
        STOCK.c.on_hand > STOCK.c.reserved,
    )
    .limit(1000)
)


def load(
    tx: Tx, buyer: Buyer, ids: Sequence[int], *, day: date, warehouse: str, lock: bool = False, order: int = 0
) -> dict[int, Facts]:
    """Facts of the products by id. With `lock` the stock and receipt rows are locked in sorted order (Postgres).

    `order` is the one that is priced: what it uses of an approved price itself is not used up for it.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    key = {"c": tx.company, "ids": wanted}
    facts = {row.id: _facts(row) for row in tx.rows(_PRODUCTS, key)}
    for row in tx.rows(_PACKS, key):
        facts[row.product_id].packs[row.unit] = row.factor
    _load_prices(tx, facts, buyer, key, day, order)
    load_stock(tx, facts, wanted, day=day, warehouse=warehouse, lock=lock)
    return facts


def load_stock(
    tx: Tx, facts: dict[int, Facts], ids: Sequence[int], *, day: date, warehouse: str, lock: bool = False
) -> None:
    """Reads stock and what is coming into `facts`, locking the rows in sorted order when asked."""
    key = {"c": tx.company, "ids": list(ids), "w": warehouse}
    lock = lock and tx.postgres
    for row in tx.rows(_STOCK_LOCKED if lock else _STOCK, key):
        facts[row.product_id].on_hand, facts[row.product_id].reserved = row.on_hand, row.reserved
    for row in tx.rows(_COMING_LOCKED if lock else _COMING, {**key, "day": day}):
        facts[row.product_id].incoming.append(Incoming(row.id, row.due_on, row.quantity - row.reserved))


def _facts(row: object) -> Facts:
    names = ("id", "code", "name", "kind", "base_unit", "sales_unit", "minimum", "multiple", "phase_in", "phase_out")
    return Facts(**{name: getattr(row, name) for name in names}, tax_rate=row.rate)  # type: ignore[attr-defined]


def _load_prices(tx: Tx, facts: dict[int, Facts], buyer: Buyer, key: dict[str, object], day: date, order: int) -> None:
    who = {"customer": buyer.id, "price_group": buyer.price_group, "price_list": buyer.price_list}
    approved: list[tuple[int, PriceRow]] = []
    for row in tx.rows(_PRICES, {**key, **who, "currency": buyer.currency, "day": day}):
        price = PriceRow(
            row.kind, row.code, row.unit, row.amount, row.per, row.min_quantity, row.valid_from, row.valid_to, row.most
        )
        if row.most is None:
            facts[row.product_id].prices.append(price)
        else:
            approved.append((row.product_id, price))
    spent = used(tx, buyer.id, {price.list_code: price.unit for _, price in approved}, order)
    for product_id, price in approved:
        left = (price.max_quantity or Decimal(0)) - spent.get(price.list_code, Decimal(0))
        facts[product_id].prices.append(replace(price, max_quantity=left))
    deals = tx.rows(_DEALS, {"c": tx.company, "day": day, "customer": buyer.id, "price_group": buyer.price_group})
    if not deals:
        return
    groups: dict[int, set[str]] = {}
    for row in tx.rows(_GROUPS, key):
        groups.setdefault(row.product_id, set()).add(row.group_code)
    for deal in deals:
        rule = DealRow(deal.code, deal.kind, deal.value, deal.buy, deal.free, deal.valid_from, deal.valid_to)
        for product in facts.values():
            if deal.product_id not in (None, product.id):
                continue
            if not deal.group_code or deal.group_code in groups.get(product.id, ()):
                product.deals.append(rule)


def used(tx: Tx, customer_id: int, units: Mapping[str, str], apart_from: int = 0) -> dict[str, Decimal]:
    """What orders of a customer but `apart_from` use of approved prices, by number, each in the unit it is stated in
    (`units`, by number)."""
    if not units:
        return {}
    sources = {f"override {number}": number for number in units}
    lines = (
        select(LINE.c.price_source, LINE.c.unit, LINE.c.quantity, LINE.c.factor)
        .join(ORDER, (ORDER.c.company == LINE.c.company) & (ORDER.c.id == LINE.c.order_id))
        .where(LINE.c.company == tx.company, ORDER.c.customer_id == customer_id, ORDER.c.id != apart_from)
        .where(LINE.c.price_source.in_(sorted(sources)))
    )
    found: dict[str, Decimal] = {}
    for row in tx.rows(lines):
        number = sources[row.price_source]
        times = Decimal(1) if row.unit == units[number] else row.factor
        found[number] = found.get(number, Decimal(0)) + row.quantity * times
    return found


def alternatives(tx: Tx, ids: Sequence[int], warehouse: str) -> dict[int, list[int]]:
    """Ids of the ranked alternatives of each product; where none are maintained, the most alike of its groups that
    lie in the warehouse."""
    found: dict[int, list[int]] = {}
    for row in tx.rows(_ALTERNATIVES, {"c": tx.company, "ids": sorted(set(ids))}) if ids else ():
        found.setdefault(row.product_id, []).append(row.alternative_id)
    for product in sorted(set(ids) - set(found)):
        likely = tx.rows(_GROUP_MATES, {"c": tx.company, "id": product, "w": warehouse})
        name = tx.value(select(PRODUCT.c.name).where(PRODUCT.c.company == tx.company, PRODUCT.c.id == product))
        found[product] = most_alike(name or "", [(row.id, row.name) for row in likely])
    return found


def by_code(tx: Tx, code: str) -> int | None:
    """The id of the product with this code (case does not matter)."""
    if not code.isprintable():  # no code is, and Postgres takes no NUL
        return None
    found: Select[tuple[int]] = select(PRODUCT.c.id).where(
        PRODUCT.c.company == tx.company, PRODUCT.c.code_key == code.strip().lower()
    )
    value = tx.value(found)
    return None if value is None else int(value)
