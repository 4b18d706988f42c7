"""Reservations of an order's lines on stock and expected receipts, with the running figures. Internal to services.

The caller holds the locks (catalog.load with lock=True); every update is guarded once more in SQL, so that no path
can reserve what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, insert, select, type_coerce, update

from csdesk.errors import Conflict
from csdesk.ids import new_id
from csdesk.models import ExpectedReceipt, Reservation, Stock, table
from csdesk.models.types import Quantity
from csdesk.rules.availability import Take
from csdesk.services.tx import Tx

STOCK, COMING, RESERVED = table(Stock), table(ExpectedReceipt), table(Reservation)
_Q = bindparam("q", type_=Quantity)
_RESERVE = (
    update(STOCK)
    .where(
        STOCK.c.company == bindparam("c"),
        STOCK.c.product_id == bindparam("p"),
        STOCK.c.warehouse == bindparam("w"),
        type_coerce(STOCK.c.on_hand, BigInteger) - type_coerce(STOCK.c.reserved, BigInteger) >= _Q,
    )
    .values(reserved=STOCK.c.reserved + _Q)
)
_GIVE_BACK = (
    update(STOCK)
    .where(STOCK.c.company == bindparam("c"), STOCK.c.product_id == bindparam("p"), STOCK.c.warehouse == bindparam("w"))
    .values(reserved=STOCK.c.reserved - _Q)
)
_RESERVE_COMING = (
    update(COMING)
    .where(
        COMING.c.company == bindparam("c"),
        COMING.c.id == bindparam("i"),
        type_coerce(COMING.c.quantity, BigInteger) - type_coerce(COMING.c.reserved, BigInteger) >= _Q,
    )
    .values(reserved=COMING.c.reserved + _Q)
)
_GIVE_BACK_COMING = (
    update(COMING)
    .where(COMING.c.company == bindparam("c"), COMING.c.id == bindparam("i"))
    .values(reserved=COMING.c.reserved - _Q)
)
_NEW = insert(RESERVED)
_OF_ORDER = select(RESERVED).where(RESERVED.c.company == bindparam("c"), RESERVED.c.order_id == bindparam("o"))
_OF_LINES = _OF_ORDER.where(RESERVED.c.line.in_(bindparam("lines", expanding=True)))
_DROP = delete(RESERVED).where(
    RESERVED.c.company == bindparam("c"), RESERVED.c.id.in_(bindparam("ids", expanding=True))
)


def reserve(tx: Tx, order_id: int, warehouse: str, lines: Iterable[tuple[int, int, Sequence[Take]]]) -> None:
    """Reserves (line, product id, takes) of an order. Raises Conflict when somebody was faster, which the locks
    prevent: it is the last line of defence."""
    rows: list[dict[str, Any]] = []
    stock: dict[int, Decimal] = {}
    coming: dict[int, Decimal] = {}
    for line, product, takes in lines:
        for take in takes:
            rows.append(_row(tx, order_id, warehouse, line, product, take))
            if take.receipt_id is None:
                stock[product] = stock.get(product, Decimal(0)) + take.quantity
            else:
                coming[take.receipt_id] = coming.get(take.receipt_id, Decimal(0)) + take.quantity
    key = {"c": tx.company}
    _all_or_conflict(tx, _RESERVE, [{**key, "p": p, "w": warehouse, "q": q} for p, q in sorted(stock.items())])
    _all_or_conflict(tx, _RESERVE_COMING, [{**key, "i": i, "q": q} for i, q in sorted(coming.items())])
    if rows:
        tx.do(_NEW, rows)


def _row(tx: Tx, order_id: int, warehouse: str, line: int, product: int, take: Take) -> dict[str, Any]:
    return {
        "company": tx.company,
        "id": new_id(),
        "order_id": order_id,
        "line": line,
        "product_id": product,
        "warehouse": warehouse,
        "receipt_id": take.receipt_id,
        "quantity": take.quantity,
    }


def _all_or_conflict(tx: Tx, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows and tx.do(statement, rows).rowcount != len(rows):
        raise Conflict("The stock was taken by another order this very moment; commit again.")


def release(tx: Tx, order_id: int, warehouse: str, lines: Sequence[int] | None = None) -> None:
    """Gives back what an order (or some of its lines) holds on stock and receipts."""
    key = {"c": tx.company, "o": order_id}
    held = tx.rows(_OF_ORDER, key) if lines is None else tx.rows(_OF_LINES, {**key, "lines": list(lines)})
    if not held:
        return
    stock: dict[int, Decimal] = {}
    coming: dict[int, Decimal] = {}
    for row in held:
        if row.receipt_id is None:
            stock[row.product_id] = stock.get(row.product_id, Decimal(0)) + row.quantity
        else:
            coming[row.receipt_id] = coming.get(row.receipt_id, Decimal(0)) + row.quantity
    company = {"c": tx.company}
    if stock:
        tx.do(_GIVE_BACK, [{**company, "p": p, "w": warehouse, "q": q} for p, q in sorted(stock.items())])
    if coming:
        tx.do(_GIVE_BACK_COMING, [{**company, "i": i, "q": q} for i, q in sorted(coming.items())])
    tx.do(_DROP, {"c": tx.company, "ids": [row.id for row in held]})
