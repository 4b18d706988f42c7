"""The supervisor's work: what waits, a request whole, approve, reject. Everything is checked again at each approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import ApprovalRequest, Customer, Document, Reason, Staff, table
from csdesk.money import show
from csdesk.rules import approvals
from csdesk.services import asking, audit, credits, customers
from csdesk.services.tx import Tx, reads, writes

REQUEST, CUSTOMER, STAFF = table(ApprovalRequest), table(Customer), table(Staff)
REASON, DOCUMENT = table(Reason), table(Document)
CREDITS = frozenset({"credit_note", "goodwill_credit"})
KINDS = {"credit_note": "credit", "goodwill_credit": "goodwill"}


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
class RequestLine:
    """A line of a request: what was billed, credited before, asked for now and left after (base of the invoice)."""

    line: int
    code: str
    name: str
    unit: str
    billed: Decimal
    billed_net: int
    before_net: int
    quantity: Decimal
    net: int
    tax: int
    left_net: int


@dataclass(frozen=True)
class RequestView:
    """A request whole: before and after, so that whoever approves sees what it does. Amounts in minor units."""

    head: Waiting
    document: str
    note: str
    lines: tuple[RequestLine, ...]
    counted: int
    balance: int
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
    found = [_view(tx, row) for row in rows]
    return tuple(sorted(found, key=lambda each: (bool(each.barred), each.submitted_at, each.id)))


def _waiting() -> Any:
    return (
        select(
            REQUEST, CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
            STAFF.c.login.label("maker_login"), REASON.c.name.label("reason_name"),
        )
        .join(CUSTOMER, (CUSTOMER.c.company == REQUEST.c.company) & (CUSTOMER.c.id == REQUEST.c.customer_id))
        .join(STAFF, (STAFF.c.company == REQUEST.c.company) & (STAFF.c.id == REQUEST.c.maker_staff_id))
        .outerjoin(REASON, (REASON.c.company == REQUEST.c.company) & (REASON.c.code == REQUEST.c.reason))
        .order_by(REQUEST.c.submitted_at, REQUEST.c.id)
    )  # fmt: skip


def _view(tx: Tx, row: Row[Any]) -> Waiting:
    return Waiting(
        row.id, row.number, KINDS.get(row.kind, row.kind), f"{row.customer_code} {row.customer_name}", row.amount,
        row.currency, row.reason_name or row.reason, row.maker_login, row.submitted_at, row.step,
        len(row.steps.split()), _barred(tx, row) or "",
    )  # fmt: skip


def _barred(tx: Tx, row: Row[Any]) -> str | None:
    rule = asking.as_rule(row, asking.marks(tx, row.id))
    if late := _late(tx, row):
        return late
    me = approvals.Approver(tx.actor.person_id, asking.rank(tx, tx.actor.id), tx.actor.duties)
    return approvals.why_not(me, rule, day=tx.now.date())


@reads("request.read")
def request(tx: Tx, request_id: int) -> RequestView:
    """A request whole, with what stood before, what it asks and what would be left. Raises NotFound."""
    asking.get(tx, request_id)
    row = tx.row(_waiting().where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id))
    assert row is not None
    account = customers.trading(tx, row.customer_id).account
    exposure = account.exposure
    limit = account.credit_limit
    document = tx.value(
        select(DOCUMENT.c.number).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == row.document_id)
    )
    signed = tuple(f"{m.decision} step {m.step} as {m.role}, {m.at:%d %b %H:%M}" for m in asking.marks(tx, row.id))
    return RequestView(
        _view(tx, row), document or "", row.note, _lines(tx, row), row.counted, exposure.balance, exposure.total,
        None if limit is None else limit - exposure.total, _earlier(tx, row), signed, row.state, row.why,
    )  # fmt: skip


def _lines(tx: Tx, row: Row[Any]) -> tuple[RequestLine, ...]:
    if row.kind not in CREDITS:
        return ()
    billed = {line.line: line for line in credits.lines_of(tx, row.document_id)}
    before = credits.taken(tx, row.document_id, apart_from=row.id)
    found = []
    for each in asking.payload(row)["lines"]:
        line, so_far = billed[each["line"]], before.get(each["line"])
        earlier = so_far.net if so_far else 0
        found.append(
            RequestLine(
                line.line, line.code, line.name, line.unit, line.quantity, line.net, earlier,
                Decimal(each["quantity"]), each["net"], each["tax"], line.net - earlier - each["net"],
            )
        )  # fmt: skip
    return tuple(found)


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
    me = approvals.Approver(tx.actor.person_id, asking.rank(tx, tx.actor.id), tx.actor.duties)
    who = customers.trading(tx, row.customer_id, lock=True)
    after = approvals.approved(rule, me, asking.payload(row), tx.now)
    if row.kind in CREDITS:
        credits.recheck(tx, row)
    asking.sign(tx, row, "approve", rule.steps[rule.step - 1])
    done = after.state == "approved"
    final = {"decided_at": tx.now, "decided_by": tx.actor.id,
             "post_after": tx.now + timedelta(seconds=who.hold_seconds)} if done else {}  # fmt: skip
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
    customers.trading(tx, row.customer_id, lock=True)
    if barred := _barred(tx, row):
        raise Refused(barred)
    state = approvals.move(row.state, "reject")
    asking.sign(tx, row, "reject", row.steps.split()[row.step - 1], why.strip())
    asking.change(tx, row.id, state=state, why=why.strip()[:500], decided_at=tx.now, decided_by=tx.actor.id)
    credits.settle_claims(tx, row.id, "void")
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
