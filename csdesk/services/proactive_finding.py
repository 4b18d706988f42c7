"""What went wrong lately with deliveries and orders and nobody has a ticket about: for the tickets the desk opens by
itself. Internal to services; reads only.

Only what is young counts, by the clock of whoever asks: books that were taken in from elsewhere open nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Float, Row, and_, cast, func, select

from csdesk.errors import Invalid
from csdesk.models import (
    Customer,
    Delivery,
    DeliveryEvent,
    DeliveryLine,
    OrderLine,
    ProactiveLine,
    Product,
    SalesOrder,
    Ticket,
    TicketLine,
    table,
)
from csdesk.models.orders import OPEN
from csdesk.services import customers, quoting, ticket_log
from csdesk.services.derived import raw
from csdesk.services.loading_put import batches
from csdesk.services.tx import Tx

DELIVERY, CARRIED, EVENT = table(Delivery), table(DeliveryLine), table(DeliveryEvent)
ORDER, ORDERED, PRODUCT = table(SalesOrder), table(OrderLine), table(Product)
TICKET, LINE, KNOWN = table(Ticket), table(TicketLine), table(ProactiveLine)
CUSTOMER = table(Customer)
AHEAD_DAYS = 7  # so far ahead the truck of a held order is looked at
PROVEN = ("short", "damaged", "refused")  # what a proof of delivery tells of a line, the first that holds counts


@dataclass(frozen=True)
class Wrong:
    """A line something went wrong with: of a delivery or an order, what (short, damaged, refused, late, failed, missed,
    picked), the order line behind it, the quantity in its unit, what the driver said."""

    subject: str
    subject_id: int
    line: int
    fault: str
    order_id: int
    order_line: int
    quantity: Decimal
    said: str = ""


def wrong(tx: Tx, days: int, subject: str = "", subject_id: int = 0) -> list[Wrong]:
    """The lines that went wrong within so many days and that no ticket is about, in all or in one delivery or order."""
    if days <= 0:
        return []
    found: list[Wrong] = []
    if subject != "order":
        found += _of_deliveries(tx, tx.now - timedelta(days=days), subject_id if subject else 0)
    if subject != "delivery":
        found += _missed(tx, days, subject_id if subject else 0)
        found += _short_picked(tx, tx.now - timedelta(days=days), subject_id if subject else 0)
    return _unknown(tx, found)


def _of_deliveries(tx: Tx, since: datetime, only: int) -> list[Wrong]:
    """Lines of deliveries that came short, damaged, late, or were refused, or that somebody tried in vain."""
    one: list[ColumnElement[bool]] = [DELIVERY.c.id == only] if only else []
    of = (CUSTOMER.c.company == DELIVERY.c.company) & (CUSTOMER.c.id == DELIVERY.c.customer_id)
    came = tx.rows(
        select(DELIVERY.c.id, DELIVERY.c.planned_on, DELIVERY.c.delivered_at, CUSTOMER.c.timezone)
        .join(CUSTOMER, of)
        .where(DELIVERY.c.company == tx.company, DELIVERY.c.delivered_at >= since, DELIVERY.c.planned_on.is_not(None),
               *one)
    )  # fmt: skip
    usual = customers.company_zone(tx)
    late = {row.id for row in came if _local(row.delivered_at, row.timezone or usual) > row.planned_on}
    tried = select(EVENT.c.delivery_id, func.max(EVENT.c.comment).label("said")).where(
        EVENT.c.company == tx.company, EVENT.c.at >= since, EVENT.c.comment != ""
    )
    if only:
        tried = tried.where(EVENT.c.delivery_id == only)
    failed = {row.delivery_id: row.said for row in tx.rows(tried.group_by(EVENT.c.delivery_id))}
    proven = (CARRIED.c.short > 0) | (CARRIED.c.damaged > 0) | (CARRIED.c.refused > 0)
    lines = list(tx.rows(_carried(tx).where(DELIVERY.c.delivered_at >= since, proven, *one)))
    for some in batches(sorted(late | set(failed))):
        lines += tx.rows(_carried(tx).where(CARRIED.c.delivery_id.in_(some)))
    found: dict[tuple[int, int], Wrong] = {}
    for row in lines:
        fault = next((name for name in PROVEN if getattr(row, name) > 0), "failed" if row.id in failed else "late")
        found.setdefault((row.id, row.line), _carried_wrong(row, fault, failed.get(row.id, "")))
    return list(found.values())


def _carried(tx: Tx) -> Any:
    return (
        select(CARRIED, DELIVERY.c.id, DELIVERY.c.order_id, ORDERED.c.factor, ORDERED.c.quantity.label("ordered"))
        .join(DELIVERY, (DELIVERY.c.company == CARRIED.c.company) & (DELIVERY.c.id == CARRIED.c.delivery_id))
        .join(ORDERED, and_(ORDERED.c.company == CARRIED.c.company, ORDERED.c.order_id == DELIVERY.c.order_id,
                            ORDERED.c.line == CARRIED.c.order_line))
        .join(PRODUCT, (PRODUCT.c.company == ORDERED.c.company) & (PRODUCT.c.id == ORDERED.c.product_id))
        .where(CARRIED.c.company == tx.company, ORDERED.c.quantity > 0)
    )  # fmt: skip


def _carried_wrong(row: Row[Any], fault: str, said: str) -> Wrong:
    most = max(row.ordered, _units(row.shipped, row.factor))
    lost = _units(getattr(row, fault), row.factor) if fault in PROVEN else _units(row.shipped, row.factor)
    quantity = min(lost, most) or most
    return Wrong("delivery", row.id, row.line, fault, row.order_id, row.order_line, quantity, said)


def _units(base: Decimal, factor: Decimal) -> Decimal:
    return (base / factor).quantize(Decimal("0.001")) if factor else base


def _local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def _missed(tx: Tx, days: int, only: int) -> list[Wrong]:
    """Lines of orders that missed their truck: held ones at its cut-off, since nothing of them can be picked any more,
    others once the promised day has come and nothing of them is picked."""
    today = tx.now.date()
    rows = tx.rows(
        select(ORDER.c.id, ORDER.c.customer_id, ORDER.c.status, ORDER.c.promised_on, CUSTOMER.c.timezone)
        .join(CUSTOMER, (CUSTOMER.c.company == ORDER.c.company) & (CUSTOMER.c.id == ORDER.c.customer_id))
        .where(
            ORDER.c.company == tx.company, ORDER.c.status.in_(OPEN), ORDER.c.picked_at.is_(None),
            ORDER.c.promised_on >= today - timedelta(days=days),
            ORDER.c.promised_on <= today + timedelta(days=AHEAD_DAYS), *([ORDER.c.id == only] if only else []),
        )
    )  # fmt: skip
    usual = customers.company_zone(tx)
    late = [row.id for row in rows if _has_left(tx, row, usual)]
    return [
        Wrong("order", line.order_id, line.line, "missed", line.order_id, line.line, line.quantity)
        for some in batches(sorted(late))
        for line in tx.rows(_ordered(tx).where(ORDERED.c.order_id.in_(some)))
    ]


def _has_left(tx: Tx, row: Row[Any], usual: str) -> bool:
    """Whether the truck of an order's promised day has left without it."""
    if row.promised_on <= _local(tx.now, row.timezone or usual):
        return True
    if row.status != "held":
        return False
    try:
        return bool(quoting.delivery_day(customers.trading(tx, row.customer_id), tx.now) > row.promised_on)
    except Invalid:  # no delivery days: no truck to miss
        return False


def _ordered(tx: Tx) -> Any:
    """Lines of goods of orders."""
    product = (PRODUCT.c.company == ORDERED.c.company) & (PRODUCT.c.id == ORDERED.c.product_id)
    return (
        select(ORDERED)
        .join(PRODUCT, product)
        .where(ORDERED.c.company == tx.company, ORDERED.c.quantity > 0, PRODUCT.c.kind == "stock")
    )


def _short_picked(tx: Tx, since: datetime, only: int) -> list[Wrong]:
    """Lines of orders of which less was picked than is ordered, something of the order being picked."""
    order = (ORDER.c.company == ORDERED.c.company) & (ORDER.c.id == ORDERED.c.order_id)
    wanted = cast(raw(ORDERED.c.quantity), Float) * cast(raw(ORDERED.c.factor), Float)  # told exactly below
    less = cast(raw(ORDERED.c.picked), Float) * 1000 < wanted
    some = ORDERED.alias()
    any_picked = (
        select(some.c.line)
        .where(some.c.company == ORDERED.c.company, some.c.order_id == ORDERED.c.order_id, some.c.picked > 0)
        .exists()
    )
    lines = _ordered(tx).join(ORDER, order).where(ORDER.c.picked_at >= since, less, any_picked)
    if only:
        lines = lines.where(ORDER.c.id == only)
    found = []
    for line in tx.rows(lines):
        missing = line.quantity - _units(line.picked, line.factor)
        if missing > 0:
            found.append(Wrong("order", line.order_id, line.line, "picked", line.order_id, line.line, missing))
    return found


def _unknown(tx: Tx, found: Sequence[Wrong]) -> list[Wrong]:
    """Those that no ticket is about, opened by the desk or by anybody."""
    told, about = _told(tx, found), _about(tx, {each.order_id for each in found})
    return [
        each
        for each in found
        if (each.subject, each.subject_id, each.line) not in told and (each.order_id, each.order_line) not in about
    ]


def _told(tx: Tx, found: Sequence[Wrong]) -> set[tuple[str, int, int]]:
    ids = sorted({each.subject_id for each in found})
    return {
        (row.subject, row.subject_id, row.subject_line)
        for some in batches(ids)
        for row in tx.rows(select(KNOWN).where(KNOWN.c.company == tx.company, KNOWN.c.subject_id.in_(some)))
    }


def _about(tx: Tx, orders: Iterable[int]) -> set[tuple[int, int]]:
    joined = (TICKET.c.company == LINE.c.company) & (TICKET.c.id == LINE.c.ticket_id)
    return {
        (row.order_id, row.order_line)
        for some in batches(sorted(orders))
        for row in tx.rows(
            select(LINE.c.order_id, LINE.c.order_line, LINE.c.ticket_id, TICKET.c.state)
            .join_from(LINE, TICKET, joined)
            .where(LINE.c.company == tx.company, LINE.c.order_id.in_(some))
        )
        if ticket_log.counts(tx, row)
    }
