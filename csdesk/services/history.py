"""What a customer had before: orders with their lines, baskets of the last day, usual quantities. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Row, bindparam, func, select

from csdesk.errors import NotFound
from csdesk.models import (
    OrderHold,
    OrderLine,
    OrderRevision,
    Product,
    Reservation,
    SalesOrder,
    Staff,
    UsualItem,
    table,
)
from csdesk.models.orders import OPEN
from csdesk.services.quoting import Mine
from csdesk.services.tx import Tx, reads

ORDER, LINE, RESERVED = table(SalesOrder), table(OrderLine), table(Reservation)
REVISION, HOLD, PRODUCT, STAFF = table(OrderRevision), table(OrderHold), table(Product), table(Staff)
USUAL = table(UsualItem)
USUAL_DEPTH = 12


@dataclass(frozen=True)
class OrderRow:
    """An order in a list; `gross` in minor units."""

    id: int
    number: str
    status: str
    placed_at: datetime
    requested_on: date | None
    promised_on: date | None
    gross: int
    currency: str
    lines: int
    holds: tuple[str, ...]
    channel: str


@dataclass(frozen=True)
class OrderLineView:
    """A line of a placed order."""

    line: int
    product_id: int
    code: str
    name: str
    unit: str
    factor: Decimal
    quantity: Decimal
    original_quantity: Decimal
    price: Decimal
    list_price: Decimal
    price_source: str
    net: int
    tax: int
    tax_rate: Decimal
    requested_on: date | None
    promised_on: date | None
    allocated: Decimal
    backordered: Decimal
    picked: Decimal
    cancelled_quantity: Decimal
    cancel_reason: str
    substituted_for_id: int | None


@dataclass(frozen=True)
class OrderView:
    """A placed order with its lines and open holds."""

    id: int
    number: str
    customer_id: int
    account_id: int
    warehouse: str
    status: str
    currency: str
    requested_on: date | None
    promised_on: date | None
    net: int
    tax: int
    gross: int
    exposure: int
    revision: int
    version: int
    placed_at: datetime
    changed_at: datetime | None
    changed_by: str
    customer_reference: str
    lines: tuple[OrderLineView, ...]
    holds: tuple[str, ...]
    tax_method: str = "line"
    rounding: str = "half_up"


@dataclass(frozen=True)
class UsualRow:
    """A numbered entry of the customer's usual list."""

    position: int
    product_id: int
    code: str
    name: str
    unit: str
    quantity: Decimal | None


_ORDER = select(ORDER).where(ORDER.c.company == bindparam("c"), ORDER.c.id == bindparam("id"))
_LINES = (
    select(LINE, PRODUCT.c.code, PRODUCT.c.name)
    .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
    .where(LINE.c.company == bindparam("c"), LINE.c.order_id == bindparam("id"))
    .order_by(LINE.c.line)
)
_HOLDS = select(HOLD.c.kind, HOLD.c.reason).where(
    HOLD.c.company == bindparam("c"), HOLD.c.order_id == bindparam("id"), HOLD.c.lifted_at.is_(None)
)
_STAFF = select(STAFF.c.name).where(STAFF.c.company == bindparam("c"), STAFF.c.id == bindparam("id"))
_RESERVED = select(RESERVED.c.product_id, RESERVED.c.receipt_id, func.sum(RESERVED.c.quantity).label("held")).where(
    RESERVED.c.company == bindparam("c"), RESERVED.c.order_id == bindparam("id")
)
_RECENT = (
    select(ORDER.c.id, ORDER.c.number, ORDER.c.placed_at)
    .where(
        ORDER.c.company == bindparam("c"),
        ORDER.c.customer_id == bindparam("id"),
        ORDER.c.placed_at >= bindparam("since"),
        ORDER.c.status != "cancelled",
    )
    .order_by(ORDER.c.placed_at.desc())
    .limit(20)
)
_BASKETS = select(LINE.c.order_id, LINE.c.product_id, LINE.c.quantity, LINE.c.factor).where(
    LINE.c.company == bindparam("c"), LINE.c.order_id.in_(bindparam("ids", expanding=True)), LINE.c.quantity > 0
)
_LAST_ORDERS = (
    select(ORDER.c.id)
    .where(ORDER.c.company == bindparam("c"), ORDER.c.customer_id == bindparam("id"), ORDER.c.status != "cancelled")
    .order_by(ORDER.c.placed_at.desc())
    .limit(USUAL_DEPTH)
)
_USUAL = select(LINE.c.product_id, LINE.c.quantity, LINE.c.factor).where(
    LINE.c.company == bindparam("c"),
    LINE.c.order_id.in_(bindparam("orders", expanding=True)),
    LINE.c.product_id.in_(bindparam("ids", expanding=True)),
    LINE.c.quantity > 0,
)


def head(tx: Tx, order_id: int, lock: bool = False) -> Row[tuple[object, ...]]:
    """The bare order row. Raises NotFound."""
    statement = _ORDER.with_for_update() if lock and tx.postgres else _ORDER
    row = tx.row(statement, {"c": tx.company, "id": order_id})
    if row is None:
        raise NotFound("This order is not in the books; look it up again.")
    return row


def staff_name(tx: Tx, staff_id: int | None) -> str:
    """The name of a login, "import" for nobody."""
    return str(tx.value(_STAFF, {"c": tx.company, "id": staff_id}) or "import")


def reserved_by(tx: Tx, order_id: int) -> Mine:
    """What an order holds on stock and on receipts."""
    stock: dict[int, Decimal] = {}
    receipts: dict[int, Decimal] = {}
    statement = _RESERVED.group_by(RESERVED.c.product_id, RESERVED.c.receipt_id)
    for row in tx.rows(statement, {"c": tx.company, "id": order_id}):
        if row.receipt_id is None:
            stock[row.product_id] = Decimal(row.held)
        else:
            receipts[row.receipt_id] = Decimal(row.held)
    return Mine(stock, receipts)


def baskets(tx: Tx, customer_id: int, now: datetime) -> list[tuple[str, datetime, list[tuple[int, Decimal]]]]:
    """(number, instant, lines) of the customer's orders of the last day."""
    since = now - timedelta(hours=24)
    orders = tx.rows(_RECENT, {"c": tx.company, "id": customer_id, "since": since})
    lines: dict[int, list[tuple[int, Decimal]]] = {row.id: [] for row in orders}
    if orders:
        for row in tx.rows(_BASKETS, {"c": tx.company, "ids": list(lines)}):
            lines[row.order_id].append((row.product_id, row.quantity * row.factor))
    return [(row.number, row.placed_at, lines[row.id]) for row in orders]


def usual_quantities(tx: Tx, customer_id: int, ids: Sequence[int]) -> dict[int, list[Decimal]]:
    """Base quantities of each product in the customer's last dozen orders."""
    found: dict[int, list[Decimal]] = {}
    if not ids:
        return found
    orders = [row.id for row in tx.rows(_LAST_ORDERS, {"c": tx.company, "id": customer_id})]
    if orders:
        for row in tx.rows(_USUAL, {"c": tx.company, "orders": orders, "ids": sorted(set(ids))}):
            found.setdefault(row.product_id, []).append(row.quantity * row.factor)
    return found


@reads("customer.read")
def order(tx: Tx, order_id: int) -> OrderView:
    """An order whole. Raises NotFound."""
    return order_view(tx, head(tx, order_id))


def order_view(tx: Tx, row: Row[tuple[object, ...]]) -> OrderView:
    """The view of an order row."""
    key = {"c": tx.company, "id": row.id}
    names = (
        "line", "product_id", "code", "name", "unit", "factor", "quantity", "original_quantity", "price", "list_price",
        "price_source", "net", "tax", "tax_rate", "requested_on", "promised_on", "allocated", "backordered", "picked",
        "cancelled_quantity", "cancel_reason", "substituted_for_id",
    )  # fmt: skip
    lines = tuple(OrderLineView(**{name: getattr(line, name) for name in names}) for line in tx.rows(_LINES, key))
    holds = tuple(f"{hold.kind}: {hold.reason}" for hold in tx.rows(_HOLDS, key))
    fields = (
        "id", "number", "customer_id", "account_id", "warehouse", "status", "currency", "requested_on", "promised_on",
        "net", "tax", "gross", "exposure", "revision", "version", "placed_at", "changed_at", "customer_reference",
        "tax_method", "rounding",
    )  # fmt: skip
    by = staff_name(tx, row.changed_by) if row.changed_at else ""
    return OrderView(**{name: getattr(row, name) for name in fields}, changed_by=by, lines=lines, holds=holds)


@reads("customer.read")
def orders(
    tx: Tx, customer_id: int, *, only_open: bool = False, ending: str = "", limit: int = 200
) -> tuple[OrderRow, ...]:
    """The customer's orders, newest first; `ending` keeps those whose number ends so."""
    statement = select(ORDER).where(ORDER.c.company == tx.company, ORDER.c.customer_id == customer_id)
    if only_open:
        statement = statement.where(ORDER.c.status.in_(OPEN))
    if ending:
        statement = statement.where(ORDER.c.number.like(f"%{ending}"))
    found = tx.rows(statement.order_by(ORDER.c.placed_at.desc(), ORDER.c.id.desc()).limit(limit))
    ids = [row.id for row in found]
    if not ids:
        return ()
    counts = dict(
        tuple(row)
        for row in tx.rows(
            select(LINE.c.order_id, func.count())
            .where(LINE.c.company == tx.company, LINE.c.order_id.in_(ids), LINE.c.quantity > 0)
            .group_by(LINE.c.order_id)
        )
    )
    holds: dict[int, list[str]] = {}
    held = select(HOLD.c.order_id, HOLD.c.kind).where(
        HOLD.c.company == tx.company, HOLD.c.order_id.in_(ids), HOLD.c.lifted_at.is_(None)
    )
    for row in tx.rows(held):
        holds.setdefault(row.order_id, []).append(row.kind)
    return tuple(
        OrderRow(
            row.id, row.number, row.status, row.placed_at, row.requested_on, row.promised_on, row.gross, row.currency,
            counts.get(row.id, 0), tuple(holds.get(row.id, ())), row.channel,
        )
        for row in found
    )  # fmt: skip


@reads("customer.read")
def usual(tx: Tx, customer_id: int) -> tuple[UsualRow, ...]:
    """The customer's numbered usual list."""
    statement = (
        select(USUAL.c.position, USUAL.c.unit, USUAL.c.quantity, PRODUCT.c.id, PRODUCT.c.code, PRODUCT.c.name)
        .join(PRODUCT, (PRODUCT.c.company == USUAL.c.company) & (PRODUCT.c.id == USUAL.c.product_id))
        .where(USUAL.c.company == tx.company, USUAL.c.customer_id == customer_id)
        .order_by(USUAL.c.position)
    )
    return tuple(UsualRow(r.position, r.id, r.code, r.name, r.unit, r.quantity) for r in tx.rows(statement))
