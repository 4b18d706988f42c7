"""Loading orders and their lines, in one file or two. Totals, states and stock follow in the settling. Internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select, update

from csdesk.models import Customer, OrderHold, OrderLine, PackUnit, Product, SalesOrder, TaxCode, table
from csdesk.rules.pricing import line_net
from csdesk.rules.tax import tax_of
from csdesk.services.loading_base import Known, Load, known, rehash, remember, resolve, sorted_out
from csdesk.services.loading_customers import anonymous
from csdesk.services.loading_prices import warehouse
from csdesk.services.loading_put import put
from csdesk.services.loading_types import ANONYMOUS, Line, Unit

ORDER, LINE, HOLD = table(SalesOrder), table(OrderLine), table(OrderHold)
CUSTOMER, PRODUCT, PACK, TAX = table(Customer), table(Product), table(PackUnit), table(TaxCode)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_ACCOUNTS = select(CUSTOMER.c.id, CUSTOMER.c.account_id).where(CUSTOMER.c.company == _C, CUSTOMER.c.id.in_(_IDS))
_PRODUCTS = (
    select(PRODUCT.c.id, PRODUCT.c.name, PRODUCT.c.base_unit, TAX.c.rate)
    .join(TAX, (TAX.c.company == PRODUCT.c.company) & (TAX.c.code == PRODUCT.c.tax_code))
    .where(PRODUCT.c.company == _C, PRODUCT.c.id.in_(_IDS))
)
_PACKS = select(PACK).where(PACK.c.company == _C, PACK.c.product_id.in_(_IDS))
_LAST = (
    select(LINE.c.order_id, func.max(LINE.c.line).label("line"))
    .where(LINE.c.company == _C, LINE.c.order_id.in_(_IDS))
    .group_by(LINE.c.order_id)
)
_SET = update(ORDER).where(ORDER.c.company == _C, ORDER.c.id == bindparam("i"))
_SET_LINE = update(LINE).where(LINE.c.company == _C, LINE.c.order_id == bindparam("o"), LINE.c.line == bindparam("l"))
STATED = ("cancelled", "closed", "held")
_FACTS = ("requested_on", "promised_on", "picked_at")


class Goods:
    """Products by id with units and tax rates: what lines of a chunk are checked against."""

    def __init__(self, load: Load, ids: Sequence[int]) -> None:
        key = {"c": load.tx.company, "ids": sorted(set(ids))}
        self.rows: dict[int, Any] = {row.id: row for row in load.tx.rows(_PRODUCTS, key)}
        self.packs = {(row.product_id, row.unit): row.factor for row in load.tx.rows(_PACKS, key)}

    def factor(self, product: int, unit: str) -> Decimal | None:
        """Base units in a unit; None when the product does not know it."""
        return Decimal(1) if unit == self.rows[product].base_unit else self.packs.get((product, unit))


def customers_of(load: Load, units: Sequence[Unit], *names: str) -> dict[str, int]:
    """Reference -> customer for the named fields, the anonymous one among them."""
    wanted = {unit.values.get(name) or "" for unit in units for name in names}
    found = resolve(load, "customer", wanted - {ANONYMOUS})
    if ANONYMOUS in wanted:
        found[ANONYMOUS] = anonymous(load)
    return found


def owners(load: Load, entity: str, units: Sequence[Unit]) -> dict[str, int]:
    """The records of this source that lines of a file of their own belong to; the desk's own take no such lines."""
    return {key: each.subject_id for key, each in known(load, entity, {unit.values[entity] for unit in units}).items()}


def accounts_of(load: Load, customers: Sequence[int]) -> dict[int, int]:
    """Customer -> account."""
    rows = load.tx.rows(_ACCOUNTS, {"c": load.tx.company, "ids": sorted(set(customers))})
    return {row.id: row.account_id for row in rows}


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads orders, with their lines when these stand in the same file."""
    fresh, there = sorted_out(load, "order", new, lambda unit: str(unit.values["number"]))
    for unit, _ in there:
        load.refuse(unit, "taken", f"the desk has an order {unit.values['number']} of its own")
    customers = customers_of(load, [*fresh, *(unit for unit, _ in changed)], "customer")
    accounts = accounts_of(load, list(customers.values()))
    products = resolve(load, "product", {line.values["product"] for unit in fresh for line in unit.lines})
    goods = Goods(load, list(products.values()))
    rows: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    keys, waiting = [], []
    for unit in fresh:
        wrong, own = _lines(load, 0, unit.lines, 0, products, goods)
        if unit.values["customer"] not in customers:
            wrong = f"there is no customer {unit.values['customer']!r}"
        if wrong:
            load.refuse(unit, "unknown", wrong)
            continue
        customer, made = customers[unit.values["customer"]], load.new_id()
        rows.append(_row(load, made, unit.values, customer, accounts[customer]))
        lines += [{**line, "order_id": made} for line in own]
        keys.append((unit.key, made, 0, unit.hash))
        if unit.values.get("backorder"):
            waiting.append((made, unit.values["backorder"]))
        load.touched["order"].add(made)
        load.done(unit, "imported")
    put(load.tx, ORDER, rows)
    put(load.tx, LINE, lines)
    put(load.tx, HOLD, [_hold(load, row["id"]) for row in rows if row["status"] == "held"])
    remember(load, "order", keys)
    load.cache.setdefault("backorders", []).extend(waiting)
    for unit, before in changed:
        _change(load, unit, before)


def _row(load: Load, made: int, values: Mapping[str, Any], customer: int, account: int) -> dict[str, Any]:
    status = values.get("status") or ""
    return {
        "id": made,
        "number": values["number"],
        "customer_id": customer,
        "account_id": account,
        "warehouse": warehouse(load, None),
        "status": status if status in STATED else "picked" if values.get("picked_at") else "confirmed",
        "channel": values.get("channel") or "import",
        "currency": load.source.currency,
        "tax_method": load.source.tax_method,
        "rounding": load.source.rounding,
        "requested_on": values.get("requested_on"),
        "promised_on": values.get("promised_on"),
        "customer_reference": values.get("reference") or "",
        "contact": values.get("contact") or "",
        "net": 0,
        "tax": 0,
        "gross": 0,
        "exposure": 0,
        "revision": 1,
        "placed_at": values["placed_at"],
        "picked_at": values.get("picked_at"),
        "cancel_reason": values.get("cancel_reason") or "",
        "source": load.source.name[:20],
        "version": 1,
    }


def _hold(load: Load, order: int) -> dict[str, Any]:
    return {
        "id": load.new_id(),
        "order_id": order,
        "kind": "import",
        "reason": "held in the system it came from",
        "lifted_by_duty": "order.release",
        "placed_at": load.tx.now,
    }


def _lines(
    load: Load, order: int, lines: Sequence[Line], last: int, products: Mapping[str, int], goods: Goods
) -> tuple[str, list[dict[str, Any]]]:
    """(what is wrong or "", the rows of the lines numbered from `last` + 1)."""
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, last + 1):
        product = products.get(line.values["product"])
        if product is None:
            return f"there is no product {line.values['product']!r} (row {line.row})", []
        unit = line.values.get("unit") or goods.rows[product].base_unit
        factor = goods.factor(product, unit)
        if factor is None:
            return f"product {line.values['product']} is not sold by {unit!r} (row {line.row})", []
        rows.append(_line(load, order, number, goods.rows[product], unit, factor, line.values))
        if not _exact(rows[-1]):
            return f"the quantity has more than three decimals in {goods.rows[product].base_unit} (row {line.row})", []
    return "", rows


def _line(
    load: Load, order: int, number: int, product: Any, unit: str, factor: Decimal, values: Mapping[str, Any]
) -> dict[str, Any]:
    cancelled = values.get("cancelled_quantity") or Decimal(0)
    rate = product.rate if values.get("tax_rate") is None else values["tax_rate"]
    left = max(Decimal(0), values["quantity"] - cancelled)
    net = line_net(values["price"], left, load.source.currency, load.source.rounding)
    days = {name: values.get(name) for name in ("requested_on", "promised_on")}
    return {
        "order_id": order,
        "line": number,
        "product_id": product.id,
        "description": values.get("description") or product.name,
        "unit": unit,
        "factor": factor,
        "quantity": left,
        "original_quantity": values["quantity"],
        "price": values["price"],
        "list_price": values["price"],
        "price_source": f"import {load.source.name}",
        "net": net,
        "tax_rate": rate,
        "tax": tax_of(net, rate, load.source.rounding),
        **days,
        **{f"original_{name}": day for name, day in days.items()},
        "requested_by": "customer",
        "cancelled_quantity": cancelled,
        "cancel_reason": values.get("cancel_reason") or "",
        "allocated": Decimal(0),
        "backordered": Decimal(0),
        "picked": (values.get("picked_quantity") or Decimal(0)) * factor,
        "shipped": (values.get("shipped_quantity") or Decimal(0)) * factor,
        "delivered": Decimal(0),
    }


def _exact(line: Mapping[str, Any]) -> bool:
    """Whether the line's base quantities fit the three decimals they are kept with."""
    base = (line["quantity"] * line["factor"], line["picked"], line["shipped"])
    return all(each == each.quantize(Decimal("0.001")) for each in base)


def _change(load: Load, unit: Unit, before: Known) -> None:
    """A row of an order that is there: its dates, picking and stated state may move on; who ordered may not."""
    here = select(ORDER).where(ORDER.c.company == load.tx.company, ORDER.c.id == before.subject_id)
    row = load.tx.row(here.with_for_update())
    if row is None or unit.lines:
        load.refuse(unit, "posted", f"order {unit.values['number']} is there with other lines; amend it at the desk")
        return
    customer = resolve(load, "customer", [unit.values["customer"]]).get(unit.values["customer"])
    if customer != row.customer_id and unit.values["customer"] != ANONYMOUS:
        load.refuse(unit, "posted", f"order {row.number} stands for another customer; amend it at the desk")
        return
    wanted = {name: unit.values[name] for name in _FACTS if name in unit.values}
    if (status := unit.values.get("status")) in STATED:
        wanted["status"] = status
    differs = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    if differs:
        load.tx.do(_SET.values(**differs, version=row.version + 1), {"c": load.tx.company, "i": row.id})
    if unit.values.get("backorder"):
        load.cache.setdefault("backorders", []).append((row.id, unit.values["backorder"]))
    rehash(load, "order", [(unit.key, unit.hash)])
    load.touched["order"].add(row.id)
    load.done(unit, "updated")


def take_lines(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads lines of orders that are there, numbered in the order of the file."""
    units = [*new, *(unit for unit, _ in changed)]
    orders = owners(load, "order", units)
    products = resolve(load, "product", [unit.values["product"] for unit in units])
    goods = Goods(load, list(products.values()))
    last = {
        row.order_id: row.line
        for row in load.tx.rows(_LAST, {"c": load.tx.company, "ids": sorted(set(orders.values()))})
    }
    rows: list[dict[str, Any]] = []
    keys = []
    for unit in new:
        order = orders.get(unit.values["order"])
        line = [Line(unit.rows[0], unit.values)]
        wrong, own = _lines(load, order or 0, line, last.get(order or 0, 0), products, goods)
        wrong = f"there is no order {unit.values['order']!r}" if order is None else wrong
        if wrong or order is None:
            load.refuse(unit, "unknown", wrong)
            continue
        last[order] = own[0]["line"]
        rows += own
        keys.append((unit.key, order, own[0]["line"], unit.hash))
        load.touched["order"].add(order)
        load.done(unit, "imported")
    put(load.tx, LINE, rows)
    remember(load, "order_line", keys)
    for unit, before in changed:
        _change_line(load, unit, before, products, goods)


def _change_line(load: Load, unit: Unit, before: Known, products: Mapping[str, int], goods: Goods) -> None:
    wrong, own = _lines(load, before.subject_id, [Line(unit.rows[0], unit.values)], before.line - 1, products, goods)
    here = select(LINE.c.product_id).where(
        LINE.c.company == load.tx.company, LINE.c.order_id == before.subject_id, LINE.c.line == before.line
    )
    if not wrong and load.tx.value(here) != own[0]["product_id"]:
        wrong = f"line {before.line} is another product by now; amend the order at the desk"
    if wrong:
        load.refuse(unit, "posted", wrong)
        return
    kept = {"order_id", "line", "product_id", "allocated", "backordered", "delivered", "original_quantity",
            "original_promised_on", "original_requested_on", "requested_by"}  # fmt: skip
    change = {name: value for name, value in own[0].items() if name not in kept}
    load.tx.do(_SET_LINE.values(**change), {"c": load.tx.company, "o": before.subject_id, "l": before.line})
    rehash(load, "order_line", [(unit.key, unit.hash)])
    load.touched["order"].add(before.subject_id)
    load.touched["reallocate"].add(before.subject_id)
    load.done(unit, "updated")
