"""Goods that were sent again for nothing: which requests hold how much of which line. Internal to services.

A replacement of a billed line holds its quantity and worth as a claim on the invoice, beside the credits; one of a line
that is not billed yet is found by the line of the ticket it came from, and counts once the invoice is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from csdesk.models import ApprovalRequest, Document, DocumentLine, SalesOrder, TicketLine, table
from csdesk.money import share
from csdesk.rules.approvals import HOLDING
from csdesk.rules.credit_notes import Credited
from csdesk.services import asking
from csdesk.services.tx import Tx

REQUEST, ORDER, LINE = table(ApprovalRequest), table(SalesOrder), table(TicketLine)
DOCUMENT, BILLED = table(Document), table(DocumentLine)
KIND = "replacement"
SOURCE = "replacement "  # how the price source of a line begins that replaces something, with the ticket behind it


def standing(tx: Tx) -> ColumnElement[bool]:
    """The condition on requests that they replace something: they wait, or their order was made and not cancelled."""
    gone = select(ORDER.c.id).where(
        ORDER.c.company == REQUEST.c.company, ORDER.c.id == REQUEST.c.posted_id, ORDER.c.status == "cancelled"
    )
    return and_(
        REQUEST.c.company == tx.company, REQUEST.c.kind == KIND,
        or_(
            and_(REQUEST.c.state.in_(sorted(HOLDING)), REQUEST.c.id.not_in(asking.lapsed(tx))),
            and_(REQUEST.c.state == "posted", ~gone.exists()),
        ),
    )  # fmt: skip


def of_line(tx: Tx, line: Row[Any]) -> Row[Any] | None:
    """The request that replaces a ticket's line, while it waits or stands; None when there is none, or none any
    more."""
    if line.replacement_request_id is None:
        return None
    return tx.row(select(REQUEST).where(standing(tx), REQUEST.c.id == line.replacement_request_id))


def quantity_of(request: Row[Any] | None) -> Decimal:
    """The quantity a request replaces, in the unit the goods were ordered in."""
    return Decimal(str(asking.payload(request)["quantity"])) if request is not None else Decimal(0)


def unbilled(tx: Tx, order_id: int, apart_from: int = 0) -> dict[int, Decimal]:
    """By line of an order what is replaced of it by requests that were made before it was billed."""
    joined = (LINE.c.company == REQUEST.c.company) & (LINE.c.replacement_request_id == REQUEST.c.id)
    rows = tx.rows(
        select(REQUEST, LINE.c.order_line)
        .join_from(LINE, REQUEST, joined)
        .where(
            LINE.c.company == tx.company, LINE.c.order_id == order_id, LINE.c.order_line.is_not(None), standing(tx),
            REQUEST.c.document_id.is_(None), REQUEST.c.id != apart_from,
        )
    )  # fmt: skip
    found: dict[int, Decimal] = {}
    for row in rows:
        found[row.order_line] = found.get(row.order_line, Decimal(0)) + quantity_of(row)
    return found


def on_invoice(tx: Tx, document_id: int) -> dict[int, Credited]:
    """By line of an invoice what was replaced of it before it was billed, with its share of net and tax."""
    head = tx.row(
        select(DOCUMENT.c.order_id, DOCUMENT.c.rounding).where(
            DOCUMENT.c.company == tx.company, DOCUMENT.c.id == document_id
        )
    )
    before = unbilled(tx, head.order_id) if head is not None and head.order_id is not None else {}
    return _shared(tx, document_id, before, head.rounding) if before and head is not None else {}


def _shared(tx: Tx, document_id: int, before: dict[int, Decimal], rounding: str) -> dict[int, Credited]:
    billed: Sequence[Row[Any]] = tx.rows(
        select(BILLED).where(
            BILLED.c.company == tx.company, BILLED.c.document_id == document_id,
            BILLED.c.order_line.in_(sorted(before)),
        ).order_by(BILLED.c.line)
    )  # fmt: skip
    found: dict[int, Credited] = {}
    for line in billed:
        taken = min(before[line.order_line], line.quantity)
        if taken > 0:
            before[line.order_line] -= taken
            net, tax = (share(each, taken, line.quantity, rounding) for each in (line.net, line.tax))
            found[line.line] = Credited(taken, net, tax)
    return found


def lapsed(tx: Tx, request: Row[Any] | None) -> bool:
    """Whether a request waited too long, so that it holds nothing any more."""
    return request is not None and tx.row(asking.lapsed(tx).where(REQUEST.c.id == request.id)) is not None
