"""Truck cut-offs: until when something can still be done for an order that has not left. Internal, but for the tick.

A ticket about orders that have not left has the earliest cut-off of these; once a truck has left without its order,
the customer's next one counts. What has left has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, or_, select

from csdesk.errors import Invalid
from csdesk.models import Company, Customer, SalesOrder, Ticket, TicketLine, table
from csdesk.models.orders import OPEN
from csdesk.rules.delivery import first_day, last_chance
from csdesk.services import audit, ticket_log
from csdesk.services.customers import holidays_of
from csdesk.services.tx import Tx, reads, writes

ORDER, CUSTOMER, COMPANY = table(SalesOrder), table(Customer), table(Company)
TICKET, LINE = table(Ticket), table(TicketLine)
LIVE = ("work", "wait")


def of_orders(tx: Tx, order_ids: Iterable[int | None]) -> dict[int, datetime]:
    """The cut-off, in UTC, of each of these orders that has not left; those that have left, and those of a customer
    without delivery days, are not in it."""
    wanted = sorted({each for each in order_ids if each is not None})
    if not wanted:
        return {}
    of = (CUSTOMER.c.company == ORDER.c.company) & (CUSTOMER.c.id == ORDER.c.customer_id)
    statement = (
        select(ORDER.c.id, ORDER.c.promised_on, ORDER.c.requested_on, CUSTOMER.c.delivery_days, CUSTOMER.c.cut_off,
               CUSTOMER.c.lead_days, CUSTOMER.c.timezone, COMPANY.c.timezone.label("usual"), COMPANY.c.country)
        .join_from(ORDER, CUSTOMER, of)
        .join(COMPANY, COMPANY.c.id == ORDER.c.company)
        .where(ORDER.c.company == tx.company, ORDER.c.id.in_(wanted), ORDER.c.status.in_(OPEN))
    )  # fmt: skip
    found = {row.id: _cut_off(row, tx.now) for row in tx.rows(statement)}
    return {order: at for order, at in found.items() if at is not None}


def earliest(tx: Tx, order_ids: Iterable[int | None]) -> datetime | None:
    """The first cut-off of these orders; None when all have left. For the event `opened` of a ticket about them."""
    return min(of_orders(tx, order_ids).values(), default=None)


def _cut_off(row: Row[Any], now: datetime) -> datetime | None:
    zone = ZoneInfo(row.timezone or row.usual)
    local = now.astimezone(zone)
    hours, _, minutes = row.cut_off.partition(":")
    wanted: date | None = row.promised_on or row.requested_on
    years = {local.year - 1, local.year, local.year + 1, *((wanted.year - 1, wanted.year) if wanted else ())}
    route: dict[str, Any] = {
        "delivery_days": row.delivery_days, "cut_off": time(int(hours), int(minutes)), "lead_days": row.lead_days,
        "holidays": frozenset().union(*(holidays_of(row.country, year) for year in years)),
    }  # fmt: skip
    try:
        for day in (wanted, first_day(local, **route)):
            chance = last_chance(day, **route) if day is not None else None
            at = None if chance is None else chance.replace(tzinfo=zone).astimezone(UTC)
            if at is not None and at > now:
                return at
    except Invalid:  # no delivery days, or none within a year: there is no truck to catch
        return None
    return None


@reads("ticket.work")
def due(tx: Tx) -> tuple[int, ...]:
    """The tickets whose cut-off is no longer what it was: it has passed, the order has left or has another day."""
    left = select(LINE.c.ticket_id).join_from(
        LINE, ORDER, (ORDER.c.company == LINE.c.company) & (ORDER.c.id == LINE.c.order_id)
    ).where(LINE.c.company == tx.company, ORDER.c.status.in_(OPEN))  # fmt: skip
    statement = select(TICKET.c.id, TICKET.c.cutoff_at).where(
        TICKET.c.company == tx.company, TICKET.c.base.in_(LIVE),
        or_(TICKET.c.cutoff_at.is_not(None), TICKET.c.id.in_(left)),
    )  # fmt: skip
    rows = tx.rows(statement.order_by(TICKET.c.id))
    now = _of_tickets(tx, [row.id for row in rows])
    return tuple(row.id for row in rows if now.get(row.id) != row.cutoff_at)


def _of_tickets(tx: Tx, ids: Sequence[int]) -> dict[int, datetime]:
    """The cut-off of each of these tickets that has one."""
    lines = [
        row
        for start in range(0, len(ids), 500)
        for row in tx.rows(
            select(LINE.c.ticket_id, LINE.c.order_id, LINE.c.replacement_id).where(
                LINE.c.company == tx.company, LINE.c.ticket_id.in_(ids[start : start + 500])
            )
        )
    ]
    orders = of_orders(tx, (each for row in lines for each in (row.order_id, row.replacement_id)))
    found: dict[int, datetime] = {}
    for row in lines:
        for each in (row.order_id, row.replacement_id):
            if each in orders:
                found[row.ticket_id] = min(found.get(row.ticket_id, orders[each]), orders[each])
    return found


@writes("ticket.work")
def settle(tx: Tx, ticket_id: int) -> str:
    """Brings the cut-off of a ticket up to date; '' when it is. Safe to run as often as one likes."""
    row = ticket_log.get(tx, ticket_id, lock=True)
    now = _of_tickets(tx, [row.id]).get(row.id)
    if row.base not in LIVE or now == row.cutoff_at:
        return ""
    ticket_log.append(tx, row, "cutoff", {"cutoff_at": now})
    audit.record(tx, "ticket_cutoffs.settle", "ticket", row.id, {"cutoff_at": row.cutoff_at}, {"cutoff_at": now})
    return f"Ticket {row.number}: {f'truck cut-off {now:%d %b %H:%M} UTC' if now else 'no truck waits for it'}."
