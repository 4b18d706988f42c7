"""Short payments and disputes: what a customer did not pay of an invoice, coded with a reason and held apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update

from csdesk.errors import NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Allocation, Dispute, OpenItem, table
from csdesk.money import show
from csdesk.rules import disputes
from csdesk.services import audit, calls, customers, memory, numbers, reasons
from csdesk.services.tx import Tx, reads, writes

ITEM, ALLOCATION, DISPUTE = table(OpenItem), table(Allocation), table(Dispute)


@dataclass(frozen=True)
class ShortPayment:
    """An invoice paid short and not yet explained: its place in the list, what is missing, minor units."""

    place: int
    item_id: int
    number: str
    face: int
    missing: int
    currency: str
    paid_on: date


@dataclass(frozen=True)
class Disputed:
    """A dispute that was opened, in one sentence."""

    id: int
    number: str
    words: str


@reads("customer.read")
def short_payments(tx: Tx, customer_id: int, limit: int = 9) -> tuple[ShortPayment, ...]:
    """Invoices of the account paid in part and without an open dispute, the latest payment first; numbered from 1."""
    return _short(tx, customers.trading(tx, customer_id).account.id, limit)


def _short(tx: Tx, account_id: int, limit: int) -> tuple[ShortPayment, ...]:
    paid_on = func.max(ALLOCATION.c.applied_on)
    live = select(DISPUTE.c.item_id).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.account_id == account_id, DISPUTE.c.closed_at.is_(None)
    )
    statement = (
        select(ITEM.c.id, ITEM.c.number, ITEM.c.face, ITEM.c.open, ITEM.c.currency, paid_on.label("paid_on"))
        .join(ALLOCATION, (ALLOCATION.c.company == ITEM.c.company) & (ALLOCATION.c.debit_item_id == ITEM.c.id))
        .where(
            ITEM.c.company == tx.company, ITEM.c.account_id == account_id, ITEM.c.open > 0,
            ITEM.c.open < ITEM.c.face, ITEM.c.id.not_in(live),
        )
        .group_by(ITEM.c.id, ITEM.c.number, ITEM.c.face, ITEM.c.open, ITEM.c.currency)
        .order_by(paid_on.desc(), ITEM.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(
        ShortPayment(n, row.id, row.number, row.face, row.open, row.currency, row.paid_on)
        for n, row in enumerate(tx.rows(statement), 1)
    )


@reads("customer.read")
def preview(tx: Tx, customer_id: int, place: int, letter: str) -> str:
    """What coding a short payment would do. Raises like the act."""
    found = _at(short_payments(tx, customer_id), place)
    reason = reasons.reason_of(tx, letter, "short")
    missing = f"{show(found.missing, found.currency)} {found.currency}"
    return f"disputes {missing} short on {found.number}  ({reason.name}, looked after by {_owner(reason)})"


@writes("dispute.open")
def code(tx: Tx, call_id: int, place: int, letter: str, note: str = "") -> Disputed:
    """Codes the short payment at a place of the list with a reason and opens its dispute, with a deadline.

    Raises NotFound for a place that is not there, Invalid for a reason that is no reason for it.
    """
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    who = customers.trading(tx, call.customer_id, lock=True)
    found = _at(_short(tx, who.account.id, 9), place)
    reason = reasons.reason_of(tx, letter, "short")
    opened = disputes.opened(found.missing)
    today = who.local(tx.now).date()
    state = "unidentified" if reason.code == "unidentified" else disputes.move_deduction("unidentified", "code")
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "item_id": found.item_id,
        "number": numbers.order_number(tx.now.year, numbers.draw(tx, "dispute")), "account_id": who.account.id,
        "customer_id": who.id, "currency": found.currency, "reason": reason.code, "state": state,
        "original": opened.original, "open": opened.open, "deadline_on": disputes.deadline(today, reason.code),
        "note": note, "opened_at": tx.now, "opened_by": tx.actor.id,
    }  # fmt: skip
    tx.do(insert(DISPUTE), row)
    words = (
        f"Dispute {row['number']}: {show(found.missing, found.currency)} {found.currency} short on {found.number} "
        f"({reason.name}), to be solved by {row['deadline_on']:%a %d %b}"
    )
    memory.remember(tx, call.id, "disputing.code", words, {"do": "undispute", "dispute": row["id"]}, who.hold_seconds)
    told = {"number": row["number"], "item": found.number, "original": found.missing, "reason": reason.code}
    audit.record(tx, "disputing.code", "dispute", row["id"], None, told)
    return Disputed(row["id"], row["number"], f"{words}.")


def withdraw(tx: Tx, dispute_id: int) -> str:
    """Takes a dispute back nobody has worked on. Raises Refused once somebody has."""
    row = tx.row(select(DISPUTE).where(DISPUTE.c.company == tx.company, DISPUTE.c.id == dispute_id))
    assert row is not None
    if row.closed_at is not None or row.version > 1:
        raise Refused(f"Dispute {row.number} is worked on already; close it instead.")
    mine = update(DISPUTE).where(DISPUTE.c.company == tx.company, DISPUTE.c.id == dispute_id)
    tx.do(mine.values(state="withdrawn", closed_at=tx.now, version=row.version + 1))
    return f"dispute {row.number} withdrawn"


def _owner(reason: reasons.ReasonView) -> str:
    return reason.owner or "the desk"


def _at(found: tuple[ShortPayment, ...], place: int) -> ShortPayment:
    if not found:
        raise NotFound("No short payment waits for a reason here; l shows the ledger.", field="line")
    if not 1 <= place <= len(found):
        raise NotFound(
            f"There are {len(found)} short payments, not {place}; they stand on the first page.", field="line"
        )
    return found[place - 1]
