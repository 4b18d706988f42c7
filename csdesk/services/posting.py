"""Posting what was approved, once its hold has passed: each kind its own way, everything checked anew before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from csdesk.errors import DeskError, Refused
from csdesk.models import ApprovalRequest, table
from csdesk.rules import approvals, tiers
from csdesk.services import asking, audit, booking, controlled, customers, rights
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
        _still_approved(tx, row)
        if kind.books:
            _period(tx, row)
        kind.recheck(tx, row)
        with tx.connection.begin_nested():
            return kind.post(tx, row)
    except DeskError as error:
        return _returned(tx, row, kind, error.message)


def _period(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused for a closed period; into a soft-closed one goes what a supervisor or above approved."""
    high = any(tiers.rank_of(role) >= tiers.RANKS["supervisor"] for role in row.steps.split())
    if high:
        booking.with_reason(tx, row.note or row.reason)
    booking.period_of(tx, _day(tx, row))


@writes("posting.run")
def fail(tx: Tx, request_id: int) -> str:
    """Sets aside an approved request whose approvals do not hold, so that it is not tried for ever; it still holds what
    it asks for, until somebody looks. Gives one sentence, or '' when its approvals are whole."""
    row = asking.get(tx, request_id, lock=True)
    fault = approvals.why_not_post(asking.as_rule(row, asking.marks(tx, row.id)), asking.payload(row))
    failed = row.state == "approved" and fault is not None
    after = approvals.move(row.state, "fail") if failed else row.state
    if failed:
        asking.change(tx, row.id, state=after, why=f"{fault}"[:500])
    audit.record(tx, "posting.fail", "request", row.id, {"state": row.state}, {"state": after, "why": fault})
    return f"Request {row.number} is set aside: {fault}" if failed else ""


def _still_approved(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when the tier asks for more by now, or an approver has lost the right he approved by."""
    if outgrown := asking.outgrown(tx, row):
        raise Refused(outgrown)
    rule = asking.as_rule(row, asking.marks(tx, row.id))
    for mark in rule.approvals:
        right = rights.of_person(tx, mark.on_behalf_of or mark.person)
        if lacking := approvals.lacking(right, replace(rule, step=mark.step)):
            raise Refused(f"Whoever approved it may not any more: {lacking}")


@reads("posting.run")
def lapsed(tx: Tx, limit: int = 200) -> tuple[int, ...]:
    """Requests that waited too long, oldest first."""
    return tuple(row.id for row in tx.rows(asking.lapsed(tx).order_by(REQUEST.c.submitted_at).limit(limit)))


@writes("posting.run")
def expire(tx: Tx, request_id: int) -> str:
    """Ends a request that waited too long and frees what it held, once; gives one sentence. Nothing is ever approved
    by waiting. Raises Refused for one that is in time."""
    row = asking.get(tx, request_id, lock=True)
    if row.state == "expired":
        return f"Request {row.number} was expired already."
    if not approvals.is_expired(asking.as_rule(row, ()), tx.now):
        raise Refused(f"Request {row.number} is {row.state.replace('_', ' ')} and in time; nothing to expire.")
    if row.customer_id is not None:
        customers.trading(tx, row.customer_id, lock=True)
    why = f"Not decided within {approvals.EXPIRY_DAYS} days."
    asking.sign(tx, row, "expire", "system", why)
    asking.change(tx, row.id, state=approvals.move(row.state, "expire"), why=why, decided_at=tx.now)
    controlled.of(row).free(tx, row)
    audit.record(tx, "posting.expire", "request", row.id, {"state": row.state}, {"state": "expired", "why": why})
    return f"Request {row.number} expired: {why} What it held is free."


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
