"""Posting what was approved, once its hold has passed: each kind its own way, everything checked anew before."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from csdesk.errors import DeskError, Refused
from csdesk.models import ApprovalRequest, table
from csdesk.rules import approvals
from csdesk.services import asking, audit, booking, controlled, customers
from csdesk.services.tx import Tx, reads, writes

REQUEST = table(ApprovalRequest)


@reads("posting.run")
def due(tx: Tx, limit: int = 200) -> tuple[int, ...]:
    """Approved requests whose hold has passed, oldest first."""
    statement = select(REQUEST.c.id).where(
        REQUEST.c.company == tx.company, REQUEST.c.state == "approved", REQUEST.c.post_after <= tx.now
    )
    return tuple(row.id for row in tx.rows(statement.order_by(REQUEST.c.post_after, REQUEST.c.id).limit(limit)))


@writes("posting.run")
def post(tx: Tx, request_id: int) -> str:
    """Posts an approved request, once; checks anew that it is wholly approved and still fits.

    A request that no longer fits goes back to its maker with the reason; amounts are never cut silently. Gives one
    sentence. Posting what is posted already changes nothing. Raises Refused for one that lacks an approval, was changed
    afterwards or is on hold still.
    """
    row = asking.get(tx, request_id, lock=True)
    if row.state == "posted":
        return f"Request {row.number} was posted already."
    if row.customer_id is not None:
        customers.trading(tx, row.customer_id, lock=True)
    if fault := approvals.why_not_post(asking.as_rule(row, asking.marks(tx, row.id)), asking.payload(row)):
        raise Refused(f"Request {row.number}: {fault}")
    if row.post_after is None or row.post_after > tx.now:
        raise Refused(f"Request {row.number} is on hold still; it posts once the hold has passed.")
    kind = controlled.of(row)
    try:
        booking.period_of(tx, _day(tx, row))
        kind.recheck(tx, row)
    except DeskError as error:
        return _returned(tx, row, kind, error.message)
    return kind.post(tx, row)


def _day(tx: Tx, row: Row[Any]) -> date:
    if row.customer_id is None:
        return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()
    return customers.trading(tx, row.customer_id).local(tx.now).date()


def _returned(tx: Tx, row: Row[Any], kind: controlled.Kind, why: str) -> str:
    asking.sign(tx, row, "return", "system", why)
    asking.change(tx, row.id, state=approvals.move(row.state, "return"), why=why[:500])
    kind.free(tx, row)
    audit.record(tx, "posting.post", "request", row.id, {"state": row.state}, {"state": "returned", "why": why})
    return f"Request {row.number} goes back to its maker: {why}"
