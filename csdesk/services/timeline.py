"""A customer's history in one list: orders, deliveries, documents, calls and tickets, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from csdesk.models import Call, Delivery, Document, Staff, Ticket, table
from csdesk.services import seeing
from csdesk.services.history import OrderRow, orders
from csdesk.services.tx import Tx, reads

CALL, DELIVERY, DOCUMENT, STAFF = table(Call), table(Delivery), table(Document), table(Staff)
TICKET = table(Ticket)


@dataclass(frozen=True)
class Happening:
    """A line of the customer's history: order, delivery, document, call or ticket. `amount` in minor units or None."""

    at: datetime
    kind: str
    number: str
    text: str
    status: str
    amount: int | None
    currency: str
    subject_id: int


@reads("customer.read")
def happenings(tx: Tx, customer_id: int, limit: int = 200) -> tuple[Happening, ...]:
    """Orders, deliveries, documents and calls of a customer and its tickets the reader may see, newest first."""
    found = [
        Happening(
            row.placed_at,
            "order",
            row.number,
            f"{row.lines} line{'s' * (row.lines != 1)}",
            _status(row),
            row.gross,
            row.currency,
            row.id,
        )
        for row in orders(tx, customer_id, limit=limit)
    ]
    found += _deliveries(tx, customer_id, limit) + _documents(tx, customer_id, limit) + _calls(tx, customer_id, limit)
    found += _tickets(tx, customer_id, limit)
    return tuple(sorted(found, key=lambda each: (each.at, each.subject_id), reverse=True)[:limit])


def _status(row: OrderRow) -> str:
    return f"HELD {' '.join(row.holds)}".strip() if row.status == "held" else row.status


def _deliveries(tx: Tx, customer_id: int, limit: int) -> list[Happening]:
    statement = (
        select(DELIVERY)
        .where(DELIVERY.c.company == tx.company, DELIVERY.c.customer_id == customer_id)
        .order_by(DELIVERY.c.id.desc())
        .limit(limit)
    )
    found = []
    for row in tx.rows(statement):
        at = row.delivered_at or row.dispatched_at
        if at is not None:
            status = f"signed {row.received_by}" if row.delivered_at else "on the way"
            found.append(Happening(at, "delivery", row.number, row.carrier, status, None, "", row.id))
    return found


def _documents(tx: Tx, customer_id: int, limit: int) -> list[Happening]:
    statement = (
        select(DOCUMENT)
        .where(DOCUMENT.c.company == tx.company, DOCUMENT.c.customer_id == customer_id)
        .order_by(DOCUMENT.c.issued_on.desc())
        .limit(limit)
    )
    found = []
    for row in tx.rows(statement):
        at = row.issued_at or datetime.combine(row.issued_on, datetime.min.time(), tzinfo=tx.now.tzinfo)
        amount = -row.gross if row.kind == "credit_note" else row.gross
        kind = row.kind.replace("_", " ")
        found.append(Happening(at, kind, row.number, f"due {row.due_on:%d %b}", "posted", amount, row.currency, row.id))
    return found


def _calls(tx: Tx, customer_id: int, limit: int) -> list[Happening]:
    statement = (
        select(CALL, STAFF.c.login)
        .join(STAFF, (STAFF.c.company == CALL.c.company) & (STAFF.c.id == CALL.c.staff_id))
        .where(CALL.c.company == tx.company, CALL.c.customer_id == customer_id, CALL.c.ended_at.is_not(None))
        .order_by(CALL.c.started_at.desc())
        .limit(limit)
    )
    return [
        Happening(row.started_at, "call", row.login, row.note, row.wrap_up or "-", None, "", row.id)
        for row in tx.rows(statement)
    ]


def _tickets(tx: Tx, customer_id: int, limit: int) -> list[Happening]:
    statement = (
        select(TICKET)
        .where(seeing.visible(tx), TICKET.c.customer_id == customer_id)
        .order_by(TICKET.c.opened_at.desc())
        .limit(limit)
    )
    return [
        Happening(row.opened_at, "ticket", row.number, f"{row.kind}: {row.subject}", row.state.replace("_", " "),
                  row.value or None, row.currency, row.id)
        for row in tx.rows(statement)
    ]  # fmt: skip
