"""The prices approved for a customer and product, told whole: who asked, who approved, what is left. Reads only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import PriceOverride, table
from csdesk.money import show_quantity
from csdesk.services import asking, catalog, customers, reasons, rights
from csdesk.services.previews import plain_price
from csdesk.services.tx import Tx, reads

OVERRIDE = table(PriceOverride)


@reads("customer.read")
def approved(tx: Tx, customer_id: int, product_id: int) -> tuple[str, ...]:
    """The prices approved for a customer and product that hold good today: who asked and approved, and what is left."""
    who = customers.trading(tx, customer_id)
    day = who.local(tx.now).date()
    rows = tx.rows(
        select(OVERRIDE).where(
            OVERRIDE.c.company == tx.company, OVERRIDE.c.customer_id == customer_id,
            OVERRIDE.c.product_id == product_id, OVERRIDE.c.valid_from <= day, OVERRIDE.c.valid_until >= day,
        ).order_by(OVERRIDE.c.id)
    )  # fmt: skip
    used = catalog.used(tx, customer_id, {row.number: row.unit for row in rows})
    return tuple(_line(tx, row, row.quantity - used.get(row.number, Decimal(0))) for row in rows)


def _line(tx: Tx, row: Row[Any], left: Decimal) -> str:
    request = asking.get(tx, row.request_id)
    signed = [mark.person_id for mark in asking.marks(tx, request.id) if mark.decision == "approve"]
    names = rights.names(tx, [request.maker_person_id, *signed])
    by = ", ".join(dict.fromkeys(names.get(person, "?") for person in signed)) or "nobody"
    why = next((each.name for each in reasons.for_use(tx, "price") if each.code == request.reason), request.reason)
    return (
        f"{plain_price(row.price)} per {row.unit}, {show_quantity(left)} of {show_quantity(row.quantity)} left, until "
        f"{row.valid_until:%d %b}: {why}, asked by {names.get(request.maker_person_id, '?')}, approved by {by} "
        f"({row.number})"
    )
