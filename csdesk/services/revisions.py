"""Revisions of orders: what stood before and after a change, and the difference in words."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import insert, select

from csdesk.models import OrderRevision, table
from csdesk.money import show, show_quantity
from csdesk.services.history import OrderView
from csdesk.services.tx import Tx

REVISION = table(OrderRevision)


def store(tx: Tx, before: OrderView, after: OrderView, wish: str) -> None:
    """Stores a revision; `wish` tells whose it was: customer or us."""
    tx.do(
        insert(REVISION),
        {
            "company": tx.company,
            "order_id": after.id,
            "revision": after.revision,
            "at": tx.now,
            "staff_id": tx.actor.id,
            "wish": wish,
            "summary": difference(before, after)[:500],
            "before": state(before),
            "after": state(after),
        },
    )


def state(order: OrderView) -> str:
    """An order's lines and date as JSON text, enough to go back to them."""
    lines = [
        {
            "line": line.line, "product": line.product_id, "unit": line.unit, "quantity": str(line.quantity),
            "reason": line.cancel_reason, "swap": line.substituted_for_id, "price": str(line.price),
            "list_price": str(line.list_price), "source": line.price_source, "net": line.net,
            "requested_on": line.requested_on.isoformat() if line.requested_on else None,
        }
        for line in order.lines
    ]  # fmt: skip
    wish = order.requested_on.isoformat() if order.requested_on else None
    head = {"requested_on": wish, "status": order.status, "gross": order.gross, "version": order.version}
    return json.dumps({**head, "lines": lines})


def day_seen(tx: Tx, order: OrderView, version: int | None) -> date | None:
    """The requested day of an order as it stood at an earlier version."""
    statement = select(REVISION.c.before).where(REVISION.c.company == tx.company, REVISION.c.order_id == order.id)
    for row in tx.rows(statement.order_by(REVISION.c.revision)):
        before = json.loads(row.before)
        if before["version"] >= (version or 0):
            return date.fromisoformat(before["requested_on"]) if before["requested_on"] else None
    return order.requested_on


def difference(before: OrderView, after: OrderView) -> str:
    """What changed, in words: lines, date and value."""
    old = {line.line: line for line in before.lines}
    parts = []
    for line in after.lines:
        was = old.get(line.line)
        if was is None:
            parts.append(f"+ {line.code} {show_quantity(line.quantity)}")
        elif was.product_id != line.product_id:
            parts.append(f"line {line.line} {was.code} -> {line.code}")
        elif was.quantity != line.quantity:
            parts.append(f"line {line.line} {show_quantity(was.quantity)} -> {show_quantity(line.quantity)}")
    if before.requested_on != after.requested_on and after.requested_on:
        parts.append(f"for {after.requested_on:%a %d %b}")
    if before.gross != after.gross:
        parts.append(f"{show(before.gross, before.currency)} -> {show(after.gross, after.currency)}")
    if after.status != before.status:
        parts.append(after.status.upper() if after.status == "held" else after.status)
    return ", ".join(parts) or "no change"
