"""Reserving stock for open orders that came in, the oldest first and never more than lies there. Internal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk.models import OrderLine, Product, Reservation, SalesOrder, Stock, table
from csdesk.services import stocking
from csdesk.services.loading_base import Load
from csdesk.services.loading_put import batches, put

ORDER, LINE, STOCK, RESERVED = table(SalesOrder), table(OrderLine), table(Stock), table(Reservation)
PRODUCT = table(Product)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
LIVE = ("confirmed", "allocated")
_FREE = (
    select(STOCK)
    .where(STOCK.c.company == _C, STOCK.c.product_id.in_(_IDS))
    .order_by(STOCK.c.product_id, STOCK.c.warehouse)
    .with_for_update()
)
_WAITING = (
    select(
        LINE.c.order_id, LINE.c.line, LINE.c.product_id, LINE.c.quantity, LINE.c.factor, LINE.c.picked,
        LINE.c.allocated, LINE.c.backordered, ORDER.c.warehouse,
    )
    .join(ORDER, (ORDER.c.company == LINE.c.company) & (ORDER.c.id == LINE.c.order_id))
    .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
    .where(LINE.c.company == _C, LINE.c.product_id.in_(_IDS), ORDER.c.status.in_(LIVE), PRODUCT.c.kind == "stock")
    .order_by(ORDER.c.placed_at, ORDER.c.id, LINE.c.line)
)  # fmt: skip
_HOLDING = (
    select(RESERVED.c.order_id, ORDER.c.warehouse, ORDER.c.status)
    .join(ORDER, (ORDER.c.company == RESERVED.c.company) & (ORDER.c.id == RESERVED.c.order_id))
    .where(RESERVED.c.company == _C, RESERVED.c.order_id.in_(_IDS))
    .distinct()
    .order_by(RESERVED.c.order_id)
)
_SET_LINE = (
    update(LINE)
    .where(LINE.c.company == _C, LINE.c.order_id == bindparam("o"), LINE.c.line == bindparam("l"))
    .values(allocated=bindparam("a"), backordered=bindparam("b"))
)
_SET_STOCK = (
    update(STOCK)
    .where(STOCK.c.company == _C, STOCK.c.product_id == bindparam("p"), STOCK.c.warehouse == bindparam("w"))
    .values(reserved=bindparam("r"))
)


def release(load: Load, orders: Iterable[int], every: bool = False) -> None:
    """Gives back what orders hold that are open no longer; with `every` what any of them holds, to draw it anew."""
    for some in batches(sorted(orders), 500):
        for row in load.tx.rows(_HOLDING, {"c": load.tx.company, "ids": list(some)}):
            if row.status in LIVE and not every:
                continue
            stocking.release(load.tx, row.order_id, row.warehouse)
            own = (LINE.c.company == load.tx.company, LINE.c.order_id == row.order_id)
            load.tx.do(update(LINE).where(*own).values(allocated=Decimal(0), backordered=Decimal(0)))


def allocate(load: Load, products: Iterable[int]) -> set[int]:
    """Reserves free stock for open lines, oldest order first; what finds none is backordered. The orders that drew."""
    drew: set[int] = set()
    for some in batches(sorted(products), 200):
        key = {"c": load.tx.company, "ids": list(some)}
        stock = {(row.product_id, row.warehouse): row for row in load.tx.rows(_FREE, key)}
        free = {place: row.on_hand - row.reserved for place, row in stock.items()}
        taken: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        rows, lines = [], []
        for line in load.tx.rows(_WAITING, key):
            place = (line.product_id, line.warehouse)
            still = max(Decimal(0), line.quantity * line.factor - line.picked) - line.allocated
            got = max(Decimal(0), min(still, free.get(place, Decimal(0)) - taken[place]))
            if got:
                drew.add(line.order_id)
                taken[place] += got
                rows.append(_reservation(load, line, got))
            if got or line.backordered != max(Decimal(0), still - got):
                new = {"a": line.allocated + got, "b": max(Decimal(0), still - got)}
                lines.append({"c": load.tx.company, "o": line.order_id, "l": line.line, **new})
        put(load.tx, RESERVED, rows)
        if lines:
            load.tx.do(_SET_LINE, lines)
        moved = [
            {"c": load.tx.company, "p": product, "w": house, "r": stock[product, house].reserved + more}
            for (product, house), more in sorted(taken.items())
            if more
        ]
        if moved:
            load.tx.do(_SET_STOCK, moved)
    return drew


def _reservation(load: Load, line: object, quantity: Decimal) -> dict[str, Any]:
    own = {name: getattr(line, name) for name in ("order_id", "line", "product_id", "warehouse")}
    return {"id": load.new_id(), **own, "receipt_id": None, "quantity": quantity}
