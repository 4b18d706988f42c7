"""What follows from rows that came in: order totals and states, exposure, and the accounts' running figures. Internal.

Each file ends with the settling of what it touched, inside its own transaction; settling twice changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select, update

from csdesk.models import (
    CreditAccount,
    Delivery,
    DeliveryLine,
    Document,
    OpenItem,
    OrderLine,
    Product,
    SalesOrder,
    table,
)
from csdesk.models.orders import UNDELIVERED
from csdesk.models.types import Minor
from csdesk.money import rounded
from csdesk.rules.pricing import line_net
from csdesk.rules.tax import tax_of
from csdesk.services.loading_base import Load, known
from csdesk.services.loading_put import batches

ORDER, LINE, ACCOUNT, ITEM = table(SalesOrder), table(OrderLine), table(CreditAccount), table(OpenItem)
PRODUCT = table(Product)
DELIVERY, CARRIED, DOCUMENT = table(Delivery), table(DeliveryLine), table(Document)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
# How far an order has come; the import moves an order on, never back.
STAGE = {
    name: place for place, name in enumerate(("confirmed", "picked", "shipped", "delivered", "invoiced", "closed"))
}
STAGE |= {"allocated": 0, "held": 0, "cancelled": 9}
LIVE = ("confirmed", "allocated")
_ORDERS = select(ORDER).where(ORDER.c.company == _C, ORDER.c.id.in_(_IDS)).order_by(ORDER.c.id).with_for_update()
_LINES = (
    select(LINE, PRODUCT.c.kind)
    .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
    .where(LINE.c.company == _C, LINE.c.order_id.in_(_IDS))
    .order_by(LINE.c.order_id, LINE.c.line)
)
_BILLED = select(DOCUMENT.c.order_id).where(
    DOCUMENT.c.company == _C, DOCUMENT.c.order_id.in_(_IDS), DOCUMENT.c.kind == "invoice"
)
_DELIVERIES = select(DELIVERY).where(DELIVERY.c.company == _C, DELIVERY.c.order_id.in_(_IDS))
_CARRIED = (
    select(CARRIED, DELIVERY.c.order_id, DELIVERY.c.delivered_at)
    .join(DELIVERY, (DELIVERY.c.company == CARRIED.c.company) & (DELIVERY.c.id == CARRIED.c.delivery_id))
    .where(CARRIED.c.company == _C, DELIVERY.c.order_id.in_(_IDS))
)
_FOLLOW = (
    update(ORDER).where(ORDER.c.company == _C, ORDER.c.id == bindparam("i")).values(backorder_order_id=bindparam("b"))
)
_NAMES = ("status", "net", "tax", "gross", "exposure")
_SET_ORDER = (
    update(ORDER)
    .where(ORDER.c.company == _C, ORDER.c.id == bindparam("i"))
    .values({ORDER.c[name]: bindparam(f"v_{name}") for name in _NAMES})
)
_LINE_NAMES = ("quantity", "net", "tax", "cancelled_quantity", "cancel_reason", "shipped", "delivered")
_SET_LINE = (
    update(LINE)
    .where(LINE.c.company == _C, LINE.c.order_id == bindparam("o"), LINE.c.line == bindparam("l"))
    .values({LINE.c[name]: bindparam(f"v_{name}") for name in _LINE_NAMES})
)


def follow_backorders(load: Load) -> None:
    """Points orders at those that took over what could not be picked; both may stand in one file, in any order."""
    waiting = load.cache.pop("backorders", [])
    for some in batches(waiting):
        found = known(load, "order", [key for _, key in some])
        rows = [{"c": load.tx.company, "i": order, "b": found[key].subject_id} for order, key in some if key in found]
        if rows:
            load.tx.do(_FOLLOW, rows)


class Facts:
    """What is known of some orders: lines, whether billed, deliveries and what they carried."""

    def __init__(self, load: Load, orders: Sequence[int]) -> None:
        key = {"c": load.tx.company, "ids": list(orders)}
        self.orders = load.tx.rows(_ORDERS, key)
        self.lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in load.tx.rows(_LINES, key):
            self.lines[row.order_id].append(dict(row._mapping))
        self.billed = {row.order_id for row in load.tx.rows(_BILLED, key)}
        self.deliveries: dict[int, list[Any]] = defaultdict(list)
        for row in load.tx.rows(_DELIVERIES, key):
            self.deliveries[row.order_id].append(row)
        self.carried: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for row in load.tx.rows(_CARRIED, key):
            self.carried[row.order_id, row.order_line].append(row)

    def status(self, order: Any) -> str:
        """How far the order is: what the facts show, or where it stands already when that is further."""
        shown = self._shown(order)
        if STAGE[shown] > STAGE[order.status]:
            return shown
        if order.status not in LIVE:
            return str(order.status)
        return (
            "confirmed"
            if any(_short(line) for line in self.lines[order.id]) or not self.lines[order.id]
            else "allocated"
        )

    def _shown(self, order: Any) -> str:
        lines, deliveries = self.lines[order.id], self.deliveries[order.id]
        in_parts = order.picked_at is None and any(each["picked"] for each in lines)
        if order.id in self.billed and not (in_parts and any(_still_open(each) for each in lines)):
            return "invoiced"
        if (
            deliveries
            and all(each.delivered_at for each in deliveries)
            and not any(_still_open(each) for each in lines)
        ):
            return "delivered"
        if order.picked_at is None:
            return "confirmed"
        return "shipped" if any(each.dispatched_at or each.delivered_at for each in deliveries) else "picked"


def _still_open(line: Mapping[str, Any]) -> Any:
    """Base units of a line that are not picked yet."""
    return max(Decimal(0), line["quantity"] * line["factor"] - line["picked"])


def _short(line: Mapping[str, Any]) -> bool:
    """Whether something of a stock line is neither picked nor reserved."""
    return bool(line["kind"] == "stock" and _still_open(line) > line["allocated"])


def settle_orders(load: Load, orders: Iterable[int]) -> None:
    """Totals, states and exposure of orders from their lines, deliveries and invoices."""
    for some in batches(sorted(orders), 500):
        facts = Facts(load, some)
        changes, line_changes = [], []
        for order in facts.orders:
            lines = facts.lines[order.id]
            before = [dict(line) for line in lines]
            status = facts.status(order)
            _carry(facts, order, lines)
            if order.backorder_order_id is not None and STAGE[status]:
                _hand_over(load, lines)
            line_changes += [line for line, old in zip(lines, before, strict=True) if line != old]
            wanted = _order_values(status, lines, order.id in facts.billed)
            if any(getattr(order, name) != value for name, value in wanted.items()):
                changes.append({"c": load.tx.company, "i": order.id, **{f"v_{n}": v for n, v in wanted.items()}})
            load.touched["account"].add(order.account_id)
            load.touched["buyer"].add(order.customer_id)
            if status in LIVE:
                load.touched["stock"] |= {line["product_id"] for line in lines if line["kind"] == "stock"}
        _write(load, changes, line_changes)


def _write(load: Load, changes: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    if changes:
        load.tx.do(_SET_ORDER, changes)
    if lines:
        key = {"c": load.tx.company}
        rows = [
            {**key, "o": each["order_id"], "l": each["line"], **{f"v_{n}": each[n] for n in _LINE_NAMES}}
            for each in lines
        ]
        load.tx.do(_SET_LINE, rows)


def _carry(facts: Facts, order: Any, lines: Sequence[dict[str, Any]]) -> None:
    """Shipped and delivered quantities of the lines, as far as deliveries show them."""
    for line in lines:
        carried = facts.carried.get((order.id, line["line"]))
        if carried:
            line["shipped"] = max(line["shipped"], sum(each.shipped for each in carried))
            arrived = (each.shipped - each.short - each.refused for each in carried if each.delivered_at)
            line["delivered"] = max(Decimal(0), sum(arrived, Decimal(0)))


def _hand_over(load: Load, lines: Sequence[dict[str, Any]]) -> None:
    """What was not picked moved to the backorder: here it is cancelled by us, so that it counts once."""
    for line in lines:
        rest = line["quantity"] - line["picked"] / line["factor"]
        if rest > 0:
            line["quantity"] -= rest
            line["cancelled_quantity"] += rest
            line["cancel_reason"] = line["cancel_reason"] or "backordered"
            line["net"] = line_net(line["price"], line["quantity"], load.source.currency, load.source.rounding)
            line["tax"] = tax_of(line["net"], line["tax_rate"], load.source.rounding)


def _order_values(status: str, lines: Sequence[Mapping[str, Any]], billed: bool) -> dict[str, Any]:
    net, tax = sum(line["net"] for line in lines), sum(line["tax"] for line in lines)
    taken = sum(exposed(line, billed) for line in lines) if status in UNDELIVERED else 0
    return {"status": status, "net": net, "tax": tax, "gross": net + tax, "exposure": taken}


def exposed(line: Mapping[str, Any], billed: bool) -> int:
    """Gross of what is still to come: not delivered, or not picked once the order is billed in part."""
    whole = line["quantity"] * line["factor"]
    gone = line["picked"] if billed else line["delivered"]
    if whole <= 0:
        return 0
    left = max(Decimal(0), whole - gone)
    return int(rounded((line["net"] + line["tax"]) * left / whole))


_PARTS = ("orders", "delivered", "open_debit", "open_credit")
_ACCOUNTS = (
    select(ACCOUNT).where(ACCOUNT.c.company == _C, ACCOUNT.c.id.in_(_IDS)).order_by(ACCOUNT.c.id).with_for_update()
)
_DEBIT = ITEM.c.open > 0  # one object, so that both places carry the same parameter and Postgres groups by it
_OPEN = (
    select(ITEM.c.account_id, _DEBIT.label("debit"), func.sum(ITEM.c.open).label("value"))
    .where(ITEM.c.company == _C, ITEM.c.account_id.in_(_IDS), ITEM.c.open != 0)
    .group_by(ITEM.c.account_id, _DEBIT)
)
_TAKEN = (
    select(ORDER.c.account_id, func.sum(ORDER.c.exposure).label("value"))
    .where(ORDER.c.company == _C, ORDER.c.account_id.in_(_IDS), ORDER.c.status.in_(UNDELIVERED))
    .group_by(ORDER.c.account_id)
)
_UNBILLED = (
    select(ORDER.c.account_id, func.sum(ORDER.c.gross - ORDER.c.exposure).label("value"))
    .where(
        ORDER.c.company == _C,
        ORDER.c.account_id.in_(_IDS),
        ORDER.c.status.in_((*UNDELIVERED, "delivered")),
        ~select(DOCUMENT.c.id)
        .where(DOCUMENT.c.company == ORDER.c.company, DOCUMENT.c.order_id == ORDER.c.id, DOCUMENT.c.kind == "invoice")
        .exists(),
    )
    .group_by(ORDER.c.account_id)
)
_SET_ACCOUNT = (
    update(ACCOUNT)
    .where(ACCOUNT.c.company == _C, ACCOUNT.c.id == bindparam("i"))
    .values(
        {ACCOUNT.c[name]: bindparam(f"v_{name}", type_=Minor) for name in _PARTS}
        | {ACCOUNT.c.version: ACCOUNT.c.version + 1}
    )
)


def settle_accounts(load: Load, accounts: Iterable[int]) -> None:
    """The running figures of accounts from their open items and orders."""
    for some in batches(sorted(accounts), 500):
        key = {"c": load.tx.company, "ids": list(some)}
        there = load.tx.rows(_ACCOUNTS, key)
        parts: dict[int, dict[str, int]] = {row.id: dict.fromkeys(_PARTS, 0) for row in there}
        for row in load.tx.rows(_OPEN, key):
            parts[row.account_id]["open_debit" if row.debit else "open_credit"] = abs(int(row.value))
        for name, statement in (("orders", _TAKEN), ("delivered", _UNBILLED)):
            for row in load.tx.rows(statement, key):
                parts[row.account_id][name] = int(row.value)
        rows = [
            {"c": load.tx.company, "i": row.id, **{f"v_{name}": value for name, value in parts[row.id].items()}}
            for row in there
            if any(getattr(row, name) != value for name, value in parts[row.id].items())
        ]
        if rows:
            load.tx.do(_SET_ACCOUNT, rows)
