"""The supervisor's work: what waits, a request whole, approve, reject. Everything is checked again at each approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import ApprovalRequest, Customer, Document, Reason, Staff, table
from csdesk.money import show
from csdesk.rules import approvals
from csdesk.services import asking, audit, controlled, customers
from csdesk.services.crediting import RequestLine
from csdesk.services.tx import Tx, reads, writes

REQUEST, CUSTOMER, STAFF = table(ApprovalRequest), table(Customer), table(Staff)
REASON, DOCUMENT = table(Reason), table(Document)


@dataclass(frozen=True)
class Waiting:
    """A request in the inbox: amount in minor units; `barred` says why this person may not decide it, '' if he may."""

    id: int
    number: str
    kind: str
    customer: str
    amount: int
    currency: str
    reason: str
    maker: str
    submitted_at: datetime
    step: int
    steps: int
    barred: str


@dataclass(frozen=True)
class RequestView:
    """A request whole: before and after, so that whoever approves sees what it does. Amounts in minor units."""

    head: Waiting
    document: str
    note: str
    lines: tuple[RequestLine, ...]
    facts: tuple[str, ...]
    counted: int
    balance: int
    after: int
    exposure: int
    left: int | None
    earlier: tuple[str, ...]
    signed: tuple[str, ...]
    state: str
    why: str


@dataclass(frozen=True)
class Decided:
    """What a decision did, in one sentence."""

    id: int
    state: str
    words: str


@reads("request.read")
def inbox(tx: Tx, limit: int = 200) -> tuple[Waiting, ...]:
    """Requests in approval, those this person may decide first, then by age."""
    rows = tx.rows(_waiting().where(REQUEST.c.company == tx.company, REQUEST.c.state == "in_approval").limit(limit))
    me, signed = _me(tx), asking.marks_of(tx, [row.id for row in rows])
    found = [_view(tx, row, me, signed.get(row.id, ())) for row in rows]
    return tuple(sorted(found, key=lambda each: (bool(each.barred), each.submitted_at, each.id)))


def _waiting() -> Any:
    return (
        select(
            REQUEST, CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
            STAFF.c.login.label("maker_login"), REASON.c.name.label("reason_name"),
        )
        .outerjoin(CUSTOMER, (CUSTOMER.c.company == REQUEST.c.company) & (CUSTOMER.c.id == REQUEST.c.customer_id))
        .join(STAFF, (STAFF.c.company == REQUEST.c.company) & (STAFF.c.id == REQUEST.c.maker_staff_id))
        .outerjoin(REASON, (REASON.c.company == REQUEST.c.company) & (REASON.c.code == REQUEST.c.reason))
        .order_by(REQUEST.c.submitted_at, REQUEST.c.id)
    )  # fmt: skip


def _view(tx: Tx, row: Row[Any], me: approvals.Approver, signed: Sequence[Row[Any]]) -> Waiting:
    customer = f"{row.customer_code} {row.customer_name}" if row.customer_code else ""
    return Waiting(
        row.id, row.number, controlled.of(row).name, customer, row.amount, row.currency, row.reason_name or row.reason,
        row.maker_login, row.submitted_at, row.step, len(row.steps.split()), _barred(tx, row, me, signed) or "",
    )  # fmt: skip


def _me(tx: Tx) -> approvals.Approver:
    return approvals.Approver(tx.actor.person_id, asking.rank(tx, tx.actor.id), tx.actor.duties)


def _barred(tx: Tx, row: Row[Any], me: approvals.Approver, signed: Sequence[Row[Any]]) -> str | None:
    if late := _late(tx, row):
        return late
    return approvals.why_not(me, asking.as_rule(row, signed), day=tx.now.date())


@reads("request.read")
def request(tx: Tx, request_id: int) -> RequestView:
    """A request whole, with what stood before, what it asks and what would be left. Raises NotFound."""
    asking.get(tx, request_id)
    row = tx.row(_waiting().where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id))
    assert row is not None
    kind, balance, exposure, limit = controlled.of(row), 0, 0, None
    if row.customer_id is not None:
        account = customers.trading(tx, row.customer_id).account
        balance, exposure, limit = account.exposure.balance, account.exposure.total, account.credit_limit
    given = asking.marks(tx, row.id)
    document = tx.value(
        select(DOCUMENT.c.number).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == row.document_id)
    )
    signed = tuple(f"{m.decision} step {m.step} as {m.role}, {m.at:%d %b %H:%M}" for m in given)
    return RequestView(
        _view(tx, row, _me(tx), given), document or "", row.note, kind.lines(tx, row), kind.facts(tx, row), row.counted,
        balance, balance + kind.owes * row.amount, exposure, None if limit is None else limit - exposure,
        _earlier(tx, row), signed, row.state, row.why,
    )  # fmt: skip


def _earlier(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """The customer's latest other requests."""
    others = (
        select(REQUEST)
        .where(REQUEST.c.company == tx.company, REQUEST.c.customer_id == row.customer_id, REQUEST.c.id != row.id)
        .order_by(REQUEST.c.made_at.desc())
        .limit(3)
    )
    return tuple(
        f"{each.number} {show(each.amount, each.currency)} {each.reason} {each.state.replace('_', ' ')}, "
        f"{each.made_at:%d %b}"
        for each in tx.rows(others)
    )


@writes("request.read")
def approve(tx: Tx, request_id: int) -> Decided:
    """Signs a request at its present step; after the last one it is approved and posts once its hold has passed.

    Raises Refused with the sentence why this person may not, or why the request no longer fits.
    """
    row = _locked(tx, request_id)
    rule = asking.as_rule(row, asking.marks(tx, row.id))
    hold = customers.trading(tx, row.customer_id, lock=True).hold_seconds if row.customer_id is not None else 0
    after = approvals.approved(rule, _me(tx), asking.payload(row), tx.now)
    controlled.of(row).recheck(tx, row)
    asking.sign(tx, row, "approve", rule.steps[rule.step - 1])
    done = after.state == "approved"
    final = {"decided_at": tx.now, "decided_by": tx.actor.id,
             "post_after": tx.now + timedelta(seconds=hold)} if done else {}  # fmt: skip
    asking.change(tx, row.id, state=after.state, step=after.step, **final)
    value = f"{show(row.amount, row.currency)} {row.currency}"
    words = f"Request {row.number} approved, {value}" if done else f"Step {row.step} of request {row.number} approved"
    audit.record(tx, "approving.approve", "request", row.id, {"state": row.state, "step": row.step},
                 {"state": after.state, "step": after.step})  # fmt: skip
    return Decided(row.id, after.state, f"{words}.")


@writes("request.read")
def reject(tx: Tx, request_id: int, why: str) -> Decided:
    """Rejects a request with its reason; what it held is free again. Raises Invalid without a reason, Refused as
    `approve`."""
    if not why.strip():
        raise Invalid("Say why: n and the reason, then Enter.", field="reason")
    row = _locked(tx, request_id)
    if row.customer_id is not None:
        customers.trading(tx, row.customer_id, lock=True)
    if barred := _barred(tx, row, _me(tx), asking.marks(tx, row.id)):
        raise Refused(barred)
    state = approvals.move(row.state, "reject")
    asking.sign(tx, row, "reject", row.steps.split()[row.step - 1], why.strip())
    asking.change(tx, row.id, state=state, why=why.strip()[:500], decided_at=tx.now, decided_by=tx.actor.id)
    controlled.of(row).free(tx, row)
    audit.record(tx, "approving.reject", "request", row.id, {"state": row.state}, {"state": state, "why": why.strip()})
    return Decided(row.id, state, f"Request {row.number} rejected: {why.strip()}.")


def _locked(tx: Tx, request_id: int) -> Row[Any]:
    """The request under lock, not expired. Raises Refused for one that waited too long: expiry never approves."""
    row = asking.get(tx, request_id, lock=True)
    if late := _late(tx, row):
        raise Refused(late)
    return row


def _late(tx: Tx, row: Row[Any]) -> str | None:
    if approvals.is_expired(asking.as_rule(row, ()), tx.now):
        return f"Request {row.number} waited more than {approvals.EXPIRY_DAYS} days; its maker must ask anew."
    return None
