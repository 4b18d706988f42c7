"""Deductions to look at: the work list, the nearest deadline first, and one of them whole; and customers' own codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, insert, select

from csdesk.errors import Invalid, NotFound
from csdesk.models import Customer, CustomerReason, DisputeEvidence, OpenItem, Reason, Staff, table
from csdesk.money import show
from csdesk.rules import disputes
from csdesk.services import audit, customers, dispute_steps, reasons
from csdesk.services.deductions import EVIDENCE_KINDS
from csdesk.services.dispute_steps import DISPUTE
from csdesk.services.tx import Tx, reads, writes

ITEM, REASON, CUSTOMER, STAFF = table(OpenItem), table(Reason), table(Customer), table(Staff)
EVIDENCE, CODES = table(DisputeEvidence), table(CustomerReason)


@dataclass(frozen=True)
class DeductionRow:
    """A deduction of the work list; amounts in minor units, `why` says why it stands where it stands."""

    id: int
    number: str
    item_id: int
    item: str
    customer: str
    reason: str
    state: str
    owner: str
    original: int
    open: int
    currency: str
    deadline: date
    why: str


@dataclass(frozen=True)
class DeductionView:
    """A deduction whole: amounts in minor units, what was done, what speaks for it, and its request."""

    row: DeductionRow
    customer_id: int
    letter: str
    their_code: str
    note: str
    paid: int
    credited: int
    cleared: int
    valid: int | None
    item_open: int
    document_id: int | None
    request: str
    closed: bool
    events: tuple[str, ...]
    evidence: tuple[str, ...]


def _rows(*where: Any) -> Any:
    return (
        select(
            DISPUTE, ITEM.c.number.label("item"), ITEM.c.open.label("item_open"), ITEM.c.source, ITEM.c.source_id,
            CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
            REASON.c.name.label("reason_name"), REASON.c.letter, STAFF.c.login,
        )
        .join(ITEM, (ITEM.c.company == DISPUTE.c.company) & (ITEM.c.id == DISPUTE.c.item_id))
        .join(CUSTOMER, (CUSTOMER.c.company == DISPUTE.c.company) & (CUSTOMER.c.id == DISPUTE.c.customer_id))
        .outerjoin(REASON, (REASON.c.company == DISPUTE.c.company) & (REASON.c.code == DISPUTE.c.reason))
        .outerjoin(STAFF, (STAFF.c.company == DISPUTE.c.company) & (STAFF.c.id == DISPUTE.c.owner_id))
        .where(*where)
    )  # fmt: skip


@reads("customer.read")
def worklist(tx: Tx, customer_id: int | None = None, limit: int = 200) -> tuple[DeductionRow, ...]:
    """Deductions that are worked on, of one account (all of them) or of all (so many): nearest deadline first, then the
    larger amount; each with the reason it stands there."""
    where = [DISPUTE.c.company == tx.company, DISPUTE.c.closed_at.is_(None)]
    if customer_id is not None:
        where.append(DISPUTE.c.account_id == customers.trading(tx, customer_id).account.id)
    statement = _rows(*where).order_by(DISPUTE.c.deadline_on, DISPUTE.c.open.desc(), DISPUTE.c.id)
    if customer_id is None:
        statement = statement.limit(limit)
    rows = {row.id: row for row in tx.rows(statement)}
    today = _today(tx)
    items = [
        disputes.WorkItem(row.id, row.open, row.opened_at.date(), row.deadline_on or today, row.currency)
        for row in rows.values()
    ]
    return tuple(_view(rows[each.item.id], each.reason) for each in disputes.ranked(items, today))


def _today(tx: Tx) -> date:
    return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()


def _view(row: Row[Any], why: str = "") -> DeductionRow:
    return DeductionRow(
        row.id, row.number, row.item_id, row.item, f"{row.customer_code} {row.customer_name}",
        row.reason_name or row.reason.capitalize(), row.state, row.login or "", row.original, row.open, row.currency,
        row.deadline_on, why,
    )  # fmt: skip


@reads("customer.read")
def whole(tx: Tx, dispute_id: int) -> DeductionView:
    """A deduction whole. Raises NotFound."""
    row = tx.row(_rows(DISPUTE.c.company == tx.company, DISPUTE.c.id == dispute_id))
    if row is None:
        raise NotFound("This deduction is not there; s alone lists those that are worked on.")
    today = _today(tx)
    item = disputes.WorkItem(row.id, row.open, row.opened_at.date(), row.deadline_on or today, row.currency)
    why = disputes.ranked([item], today)[0].reason if row.closed_at is None else ""
    request = dispute_steps.live_request(tx, row)
    return DeductionView(
        _view(row, why), row.customer_id, row.letter or "", row.their_code, row.note, row.paid, row.credited,
        row.cleared, row.valid, row.item_open, row.source_id if row.source == "document" else None,
        f"{request.number} {request.state.replace('_', ' ')}" if request else "", row.closed_at is not None,
        _events(tx, row), _evidence(tx, row),
    )  # fmt: skip


def _events(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    who = {0: "system"} | {
        each.id: each.login for each in tx.rows(select(STAFF.c.id, STAFF.c.login).where(STAFF.c.company == tx.company))
    }
    return tuple(
        f"{each.on:%d %b}  {each.event.replace('_', ' ')} -> {each.state.replace('_', ' ')}, "
        f"{show(each.open, row.currency)} open, by {who.get(each.by, '?')}{f': {each.note}' if each.note else ''}"
        for each in dispute_steps.events(tx, row.id)
    )


def _evidence(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    statement = select(EVIDENCE).where(EVIDENCE.c.company == tx.company, EVIDENCE.c.dispute_id == row.id)
    return tuple(
        f"{EVIDENCE_KINDS.get(each.kind, each.kind)} {each.reference}{f', {each.note}' if each.note else ''}, "
        f"{each.at:%d %b}"
        for each in tx.rows(statement.order_by(EVIDENCE.c.id))
    )


@reads("customer.read")
def find(tx: Tx, number: str) -> int:
    """The id of the deduction with a number. Raises NotFound."""
    found = tx.value(select(DISPUTE.c.id).where(DISPUTE.c.company == tx.company, DISPUTE.c.number == number.strip()))
    if found is None:
        raise NotFound(f"There is no deduction {number.strip()}.", field="number")
    return int(found)


@dataclass(frozen=True)
class MappedCode:
    """A code of a customer and the reason of ours it means."""

    code: str
    letter: str
    reason: str


@reads("customer.read")
def codes(tx: Tx, customer: str) -> tuple[MappedCode, ...]:
    """The codes a customer deducts by, as they are mapped. Raises NotFound for an unknown customer."""
    joined = (REASON.c.company == CODES.c.company) & (REASON.c.code == CODES.c.reason)
    statement = select(CODES.c.code, REASON.c.letter, REASON.c.name).join(REASON, joined)
    mine = statement.where(CODES.c.company == tx.company, CODES.c.account_id == _account(tx, customer))
    return tuple(MappedCode(row.code, row.letter, row.name) for row in tx.rows(mine.order_by(CODES.c.code)))


def _account(tx: Tx, customer: str) -> int:
    account = tx.value(
        select(CUSTOMER.c.account_id).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.code == customer.strip())
    )
    if account is None:
        raise NotFound(f"There is no customer {customer.strip()}.", field="customer")
    return int(account)


@writes("dispute.resolve")
def map_code(tx: Tx, customer: str, code: str, letter: str) -> str:
    """Says which reason of ours a code means that a customer deducts by; an empty letter forgets it. Raises NotFound
    for an unknown customer, Invalid for an empty code or a letter that is no reason."""
    account = _account(tx, customer)
    plain = code.strip()
    if not plain or len(plain) > 40:
        raise Invalid("Which code do they write? Up to 40 signs.", field="code")
    reason = reasons.reason_of(tx, letter, "short") if letter else None
    mine = (CODES.c.company == tx.company, CODES.c.account_id == account, CODES.c.code == plain)
    before = tx.value(select(CODES.c.reason).where(*mine))
    tx.do(delete(CODES).where(*mine))
    if reason is not None:
        tx.do(insert(CODES), {"company": tx.company, "account_id": account, "code": plain, "reason": reason.code})
    audit.record(tx, "deduction_lists.map_code", "credit_account", account, {plain: before},
                 {plain: reason.code if reason else None})  # fmt: skip
    return f"{customer.strip()} writes {plain}: {reason.name if reason else 'no reason of ours any more'}."
