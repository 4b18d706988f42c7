"""Loading prices, deals and stock, and the price history of documents without a price list. Internal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, func, select, update

from csdesk.models import Company, Deal, Document, DocumentLine, Price, PriceList, Product, Stock, Warehouse, table
from csdesk.services.loading_base import Known, Load, rehash, remember, resolve
from csdesk.services.loading_put import put, put_new
from csdesk.services.loading_types import Unit

PRICE, LIST, DEAL, STOCK, HOUSE = table(Price), table(PriceList), table(Deal), table(Stock), table(Warehouse)
DOCUMENT, LINE, PRODUCT = table(Document), table(DocumentLine), table(Product)
COMPANY = table(Company)
BASE_LIST = "BASE"
_C: Any = bindparam("c")


def price_list(load: Load, code: str, kind: str, group: str = "", customer: int | None = None) -> int:
    """The id of a price list, made when the company has none of that code."""
    if ("list", code) not in load.cache:
        found = load.tx.value(select(LIST.c.id).where(LIST.c.company == load.tx.company, LIST.c.code == code))
        if found is None:
            found = load.new_id()
            row = {"id": found, "code": code, "name": code, "kind": kind, "price_group": group}
            put(load.tx, LIST, [{**row, "customer_id": customer, "currency": load.source.currency}])
        load.cache["list", code] = found
    return int(load.cache["list", code])


def base_row(load: Load, product: int, unit: str, amount: Decimal, since: date | None) -> dict[str, Any]:
    """A row of the base list for one base unit."""
    return {
        "id": load.new_id(),
        "price_list_id": price_list(load, BASE_LIST, "base"),
        "product_id": product,
        "unit": unit,
        "amount": amount,
        "per": Decimal(1),
        "min_quantity": Decimal(0),
        "valid_from": since,
        "valid_to": None,
    }


def change_base(load: Load, product: int, unit: str, amount: Decimal) -> bool:
    """A new list price: the old one ends the day before the books' day, so that older lines keep theirs."""
    own = (
        PRICE.c.company == load.tx.company,
        PRICE.c.product_id == product,
        PRICE.c.price_list_id == price_list(load, BASE_LIST, "base"),
        PRICE.c.unit == unit,
        PRICE.c.min_quantity == Decimal(0),
        PRICE.c.valid_to.is_(None),
    )
    there = load.tx.row(select(PRICE.c.id, PRICE.c.amount, PRICE.c.valid_from).where(*own))
    day = load.source.today or load.tx.now.date()
    if there is None:
        put(load.tx, PRICE, [base_row(load, product, unit, amount, None)])
        return True
    if there.amount == amount:
        return False
    if there.valid_from is not None and there.valid_from >= day:
        load.tx.do(update(PRICE).where(*own).values(amount=amount))
        return True
    load.tx.do(update(PRICE).where(*own).values(valid_to=day - timedelta(days=1)))
    put(load.tx, PRICE, [base_row(load, product, unit, amount, day)])
    return True


def take_prices(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads prices of lists, groups and contracts."""
    _take(load, "price", PRICE, new, changed, _price_row)


def take_deals(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads promotions."""
    _take(load, "deal", DEAL, new, changed, _deal_row)


def _take(
    load: Load,
    entity: str,
    into: Table,
    new: Sequence[Unit],
    changed: Sequence[tuple[Unit, Known]],
    row_of: Callable[[Load, Unit, Mapping[str, int], Mapping[str, int]], dict[str, Any] | None],
) -> None:
    """Rows that are one record each: new ones inserted, changed ones written over; `row_of` refuses and gives None."""
    units = [*new, *(unit for unit, _ in changed)]
    products = resolve(load, "product", [unit.values.get("product") or "" for unit in units])
    customers = resolve(load, "customer", [unit.values.get("customer") or "" for unit in units])
    rows, keys = [], []
    for unit in new:
        if (row := row_of(load, unit, products, customers)) is not None:
            made = load.new_id()
            rows.append({"id": made, **row})
            keys.append((unit.key, made, 0, unit.hash))
            load.done(unit, "imported")
    put(load.tx, into, rows)
    remember(load, entity, keys)
    for unit, there in changed:
        if (row := row_of(load, unit, products, customers)) is not None:
            own = (into.c.company == load.tx.company, into.c.id == there.subject_id)
            load.tx.do(update(into).where(*own).values(**row))
            rehash(load, entity, [(unit.key, unit.hash)])
            load.done(unit, "updated")


def _price_row(
    load: Load, unit: Unit, products: Mapping[str, int], customers: Mapping[str, int]
) -> dict[str, Any] | None:
    values = unit.values
    named = values.get("customer")
    if values["product"] not in products or (named and named not in customers):
        wrong = f"product {values['product']!r}" if values["product"] not in products else f"customer {named!r}"
        load.refuse(unit, "unknown", f"there is no {wrong}")
        return None
    customer = customers[named] if named else None
    kind = values.get("kind") or ("contract" if customer else "group" if values.get("price_group") else "list")
    return {
        "price_list_id": price_list(load, values["list"], kind, values.get("price_group") or "", customer),
        "product_id": products[values["product"]],
        "unit": values.get("unit") or _base_unit(load, products[values["product"]]),
        "amount": values["amount"],
        "per": values.get("per") or Decimal(1),
        "min_quantity": values.get("min_quantity") or Decimal(0),
        "valid_from": values.get("valid_from"),
        "valid_to": values.get("valid_to"),
    }


def _base_unit(load: Load, product: int) -> str:
    here = select(PRODUCT.c.base_unit).where(PRODUCT.c.company == load.tx.company, PRODUCT.c.id == product)
    return str(load.tx.value(here))


def _deal_row(
    load: Load, unit: Unit, products: Mapping[str, int], customers: Mapping[str, int]
) -> dict[str, Any] | None:
    values = unit.values
    kinds = [kind for kind in ("percent", "amount", "free") if values.get(kind)]
    wrong = ""
    if len(kinds) != 1:
        wrong = "a deal needs exactly one of percent, amount and free goods"
    elif kinds == ["free"] and not values.get("buy"):
        wrong = "a deal of free goods must say how many are bought for them"
    for name, there in (("product", products), ("customer", customers)):
        if values.get(name) and values[name] not in there:
            wrong = f"there is no {name} {values[name]!r}"
    if wrong:
        load.refuse(unit, "unknown" if "there is no" in wrong else "value", wrong)
        return None
    kind = kinds[0]
    return {
        "code": values["code"],
        "name": values.get("name") or "",
        "kind": kind,
        "price_group": values.get("price_group") or "",
        "customer_id": customers.get(values.get("customer") or ""),
        "group_code": values.get("product_group") or "",
        "product_id": products.get(values.get("product") or ""),
        "value": Decimal(0) if kind == "free" else values[kind],
        "buy": values.get("buy") or Decimal(0),
        "free": values.get("free") or Decimal(0),
        "valid_from": values.get("valid_from"),
        "valid_to": values.get("valid_to"),
    }


def warehouse(load: Load, code: str | None) -> str:
    """The code of a warehouse, made when the company has none; empty = the usual one."""
    code = code or load.source.warehouse or usual_warehouse(load)
    if ("warehouse", code) not in load.cache:
        put_new(load.tx, HOUSE, [{"code": code, "name": code}])
        load.cache["warehouse", code] = code
    return code


def usual_warehouse(load: Load) -> str:
    """The code of the company's usual warehouse."""
    if "usual warehouse" not in load.cache:
        here = select(COMPANY.c.usual_warehouse).where(COMPANY.c.id == load.tx.company)
        load.cache["usual warehouse"] = load.tx.value(here)
    return str(load.cache["usual warehouse"])


def take_stock(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads stock on hand; what is reserved stays as it is and more is reserved for waiting orders where it now can."""
    units = [*new, *(unit for unit, _ in changed)]
    products = resolve(load, "product", [unit.values["product"] for unit in units])
    there = _stock_there(load, sorted(set(products.values())))
    known_keys = {unit.key for unit, _ in changed}
    rows, keys = [], []
    for unit in units:
        product = products.get(unit.values["product"])
        if product is None:
            load.refuse(unit, "unknown", f"there is no product {unit.values['product']!r}")
            continue
        place = warehouse(load, unit.values.get("warehouse"))
        row = {name: unit.values.get(name) for name in ("on_hand", "reorder_level", "target_level")}
        row["bin"] = unit.values.get("bin") or ""
        old = there.get((product, place))
        if old is None:
            rows.append({"product_id": product, "warehouse": place, "reserved": Decimal(0), **row})
            there[product, place] = rows[-1]
        elif old in rows:
            load.refuse(unit, "twin", f"the stock of {unit.values['product']} in {place} stands in this file already")
            continue
        moved = old is None or _change_stock(load, old, row)
        if unit.key in known_keys:
            rehash(load, "stock", [(unit.key, unit.hash)])
        else:
            keys.append((unit.key, product, 0, unit.hash))
        load.touched["stock"].add(product)
        load.done(unit, "imported" if old is None else "updated" if moved else "merged")
    put(load.tx, STOCK, rows)
    remember(load, "stock", keys)


def _stock_there(load: Load, products: Sequence[int]) -> dict[tuple[int, str], Any]:
    here = select(STOCK).where(STOCK.c.company == load.tx.company, STOCK.c.product_id.in_(products))
    rows = load.tx.rows(here.order_by(STOCK.c.product_id, STOCK.c.warehouse).with_for_update())
    return {(row.product_id, row.warehouse): row for row in rows}


def _change_stock(load: Load, old: Any, row: Mapping[str, Any]) -> bool:
    differs = {name: value for name, value in row.items() if getattr(old, name) != value}
    if differs:
        own = and_(STOCK.c.product_id == old.product_id, STOCK.c.warehouse == old.warehouse)
        load.tx.do(update(STOCK).where(STOCK.c.company == load.tx.company, own).values(**differs))
    return bool(differs)


def learn_history(load: Load, products: Sequence[int]) -> None:
    """Price history from what was billed: for each product the usual price of each day (most lines, then the higher
    price); a new row of the base list begins when it changes. Free lines, services and credit notes say nothing."""
    base = price_list(load, BASE_LIST, "base")
    billed = (
        select(LINE.c.product_id, DOCUMENT.c.issued_on, LINE.c.unit, LINE.c.price, func.count().label("lines"))
        .join(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
        .where(
            LINE.c.company == load.tx.company,
            LINE.c.product_id.in_(bindparam("ids", expanding=True)),
            LINE.c.price > Decimal(0),
            LINE.c.unit == PRODUCT.c.base_unit,
            DOCUMENT.c.kind == "invoice",
            PRODUCT.c.kind == "stock",
        )
        .group_by(LINE.c.product_id, DOCUMENT.c.issued_on, LINE.c.unit, LINE.c.price)
    )
    usual: dict[tuple[int, date], tuple[int, Decimal, str]] = {}
    for row in load.tx.rows(billed, {"ids": products}):
        place, said = (row.product_id, row.issued_on), (row.lines, row.price, row.unit)
        usual[place] = max(usual.get(place, said), said)
    runs: dict[int, list[dict[str, Any]]] = {}
    for (product, day), (_, amount, unit) in sorted(usual.items()):
        rows = runs.setdefault(product, [])
        if rows and rows[-1]["amount"] == amount:
            continue
        if rows:
            rows[-1]["valid_to"] = day - timedelta(days=1)
        rows.append({"unit": unit, "amount": amount, "valid_from": day, "valid_to": None})
    _write_history(load, base, runs)


def _write_history(load: Load, base: int, runs: Mapping[int, list[dict[str, Any]]]) -> None:
    names = ("unit", "amount", "valid_from", "valid_to")
    own = (PRICE.c.company == load.tx.company, PRICE.c.price_list_id == base)
    there: dict[int, list[dict[str, Any]]] = {}
    here = select(PRICE).where(*own, PRICE.c.product_id.in_(sorted(runs))).order_by(PRICE.c.valid_from)
    for row in load.tx.rows(here):
        there.setdefault(row.product_id, []).append({name: getattr(row, name) for name in names})
    differ = [product for product in runs if runs[product] != there.get(product)]
    if not differ:
        return
    load.tx.do(delete(PRICE).where(*own, PRICE.c.product_id.in_(differ)))
    fixed = {"price_list_id": base, "per": Decimal(1), "min_quantity": Decimal(0)}
    put(
        load.tx, PRICE,
        [{"id": load.new_id(), "product_id": p, **fixed, **row} for p in differ for row in runs[p]],
    )  # fmt: skip
