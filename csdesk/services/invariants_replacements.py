"""What must hold of goods sent again for nothing; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from csdesk.models import ApprovalRequest, CreditClaim, OrderLine, SalesOrder, TicketLine, table
from csdesk.services import asking, ticket_claims
from csdesk.services.derived import NAMED
from csdesk.services.invariants import checks
from csdesk.services.replaced import KIND, SOURCE
from csdesk.services.tx import Tx

REQUEST, ORDER, ORDERED = table(ApprovalRequest), table(SalesOrder), table(OrderLine)
LINE, CLAIM = table(TicketLine), table(CreditClaim)


@checks("replacement.order", "goods go out for nothing only by a posted request, and just what it asks for")
def _replacement_order(tx: Tx) -> Sequence[str]:
    requests = {
        row.posted_id: row
        for row in tx.rows(
            select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.kind == KIND, REQUEST.c.state == "posted")
        )
    }
    joined = (ORDER.c.company == ORDERED.c.company) & (ORDER.c.id == ORDERED.c.order_id)
    free = (
        select(ORDERED, ORDER.c.number, ORDER.c.status, ORDER.c.gross)
        .join(ORDER, joined)
        .where(ORDERED.c.company == tx.company, ORDERED.c.price_source.like(f"{SOURCE}%"))
    )
    found, seen = [], set()
    for row in tx.rows(free.order_by(ORDER.c.number)):
        request = requests.get(row.order_id)
        if request is None:
            found.append(f"order {row.number} replaces goods for nothing without a posted request")
            continue
        seen.add(row.order_id)
        asked = asking.payload(request)
        wanted = (asked["product"], Decimal(0) if row.status == "cancelled" else Decimal(str(asked["quantity"])), 0)
        if (row.product_id, row.quantity, row.gross) != wanted:
            found.append(f"order {row.number} is not what request {request.number} asks to replace")
    found += [f"request {row.number} is posted, its order is not there" for id, row in requests.items()
              if id not in seen]  # fmt: skip
    return found[:NAMED]


@checks("replacement.claims", "what comes again is not free to be credited, and free again once its order is cancelled")
def _replacement_claims(tx: Tx) -> Sequence[str]:
    joined = (CLAIM.c.company == REQUEST.c.company) & (CLAIM.c.request_id == REQUEST.c.id)
    order = (ORDER.c.company == REQUEST.c.company) & (ORDER.c.id == REQUEST.c.posted_id)
    rows = tx.rows(
        select(REQUEST.c.number, ORDER.c.status, CLAIM.c.state)
        .join_from(REQUEST, CLAIM, joined)
        .join(ORDER, order)
        .where(REQUEST.c.company == tx.company, REQUEST.c.kind == KIND, REQUEST.c.state == "posted")
        .order_by(REQUEST.c.number)
    )
    wrong = [row for row in rows if (row.state == "void") != (row.status == "cancelled")]
    return [f"request {row.number}: its order is {row.status}, what it took {row.state}" for row in wrong[:NAMED]]


@checks("claim.parts", "no more of a line is credited and sent again together than it is about")
def _claim_parts(tx: Tx) -> Sequence[str]:
    asked = LINE.c.request_id.is_not(None) | LINE.c.replacement_request_id.is_not(None)
    rows = tx.rows(select(LINE).where(LINE.c.company == tx.company, asked))
    found = [
        f"ticket line {row.ticket_id}/{row.line}: more is credited and replaced than it is about"
        for row in rows
        if ticket_claims.taken(tx, row) > row.quantity
    ]
    return found[:NAMED]
