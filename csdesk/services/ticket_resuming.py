"""Waiting tickets go on when what they wait for happens elsewhere: goods are delivered, money comes in or is applied,
goods are counted in, a request is decided. Internal: called by the services in which it happens, once each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from csdesk.models import ApprovalRequest, Customer, Delivery, Ticket, TicketLine, table
from csdesk.rules.money_question import about_money
from csdesk.services import ticket_log
from csdesk.services.loading_put import batches
from csdesk.services.tx import Tx

TICKET, LINE, REQUEST = table(Ticket), table(TicketLine), table(ApprovalRequest)
DELIVERY, CUSTOMER = table(Delivery), table(Customer)
PAYMENT = "payment"  # the category of tickets about money, which need no line


def delivered(tx: Tx, delivery_ids: Collection[int]) -> int:
    """Proofs of delivery came for some of these deliveries: tickets about their orders, or whose goods came again with
    them, go on. Gives how many."""
    done = 0
    for some in batches(sorted(delivery_ids)):
        proven = tx.rows(
            select(DELIVERY.c.number, DELIVERY.c.order_id).where(
                DELIVERY.c.company == tx.company, DELIVERY.c.id.in_(some), DELIVERY.c.delivered_at.is_not(None)
            )
        )
        numbers = {row.order_id: row.number for row in proven}
        for ids in batches(sorted(numbers)):
            about = or_(LINE.c.order_id.in_(ids), LINE.c.replacement_id.in_(ids))
            for ticket_id, line in _waiting(tx, about):
                order = line.replacement_id if line.replacement_id in numbers else line.order_id
                done += _resume(tx, ticket_id, f"proof of delivery {numbers[order]}")
    return done


def received(tx: Tx, account_id: int, number: str) -> int:
    """Money came in on an account, nothing of it applied yet: tickets of its customers about payment that name no
    document and wait for the customer go on. Gives how many."""
    mine = select(CUSTOMER.c.id).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id == account_id)
    billed = select(LINE.c.ticket_id).where(LINE.c.company == tx.company, LINE.c.document_id.is_not(None))
    waiting = select(TICKET.c.id).where(
        TICKET.c.company == tx.company, TICKET.c.customer_id.in_(mine), TICKET.c.base == "wait",
        TICKET.c.waits_for == "customer", TICKET.c.category == PAYMENT, TICKET.c.id.not_in(billed),
    )  # fmt: skip
    return sum(_resume(tx, row.id, f"receipt {number}") for row in tx.rows(waiting.order_by(TICKET.c.id)))


def applied(tx: Tx, money: Mapping[int, str]) -> int:
    """Receipts, by number, were applied to documents, by id: tickets with a line of these that wait for the customer's
    money go on, those about payment or whose question is. One that waits for something else stays. Gives how many."""
    done = 0
    for some in batches(sorted(money)):
        for ticket_id, line in _waiting(tx, LINE.c.document_id.in_(some)):
            done += _resume(tx, ticket_id, f"receipt {money[line.document_id]}", _for_money)
    return done


def _for_money(row: Row[Any]) -> bool:
    return row.waits_for == "customer" and (row.category == PAYMENT or about_money(row.question))


def returned(tx: Tx, document_id: int, line: int, number: str) -> int:
    """Goods of an invoice line were counted in: tickets about it go on. Gives how many."""
    about = (LINE.c.document_id == document_id) & (LINE.c.document_line == line)
    return sum(_resume(tx, ticket_id, f"goods counted in {number}") for ticket_id, _ in _waiting(tx, about))


def decided(tx: Tx, request_id: int) -> int:
    """A request was decided, if it was: the tickets it was made for go on. Gives how many."""
    mine = select(REQUEST.c.number, REQUEST.c.state).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id)
    made = tx.row(mine)
    if made is None or made.state not in ("approved", "rejected", "posted"):
        return 0
    about = or_(LINE.c.request_id == request_id, LINE.c.replacement_request_id == request_id)
    words = f"request {made.number} {made.state}"
    return sum(_resume(tx, ticket_id, words) for ticket_id, _ in _waiting(tx, about))


def _waiting(tx: Tx, about: ColumnElement[bool]) -> list[tuple[int, Any]]:
    """The waiting tickets with such a line, their own or of one merged into them, each once, by id: everybody locks
    them in this order."""
    joined = (TICKET.c.company == LINE.c.company) & (TICKET.c.id == LINE.c.ticket_id)
    statement = (
        select(LINE, TICKET.c.merged_into)
        .join(TICKET, joined)
        .where(LINE.c.company == tx.company, about, or_(TICKET.c.base == "wait", TICKET.c.state == "merged"))
        .order_by(LINE.c.ticket_id, LINE.c.line)
    )
    found: dict[int, Any] = {}
    for row in tx.rows(statement):
        id = row.ticket_id if row.merged_into is None else ticket_log.chain(tx, row.ticket_id)[-1]
        found.setdefault(id, row)
    return sorted(found.items())


def _resume(tx: Tx, ticket_id: int, by: str, fits: Callable[[Row[Any]], bool] = lambda row: True) -> int:
    row = ticket_log.get(tx, ticket_id, lock=True)
    if row.base != "wait" or not fits(row):
        return 0
    after = ticket_log.append(tx, row, "resumed", {"by": by})
    ticket_log.say(tx, after, "system", f"Back from its wait ({row.question}): {by}.")
    return 1
