"""What a verb of cash would do, in words and amounts: read before Enter, refused as the act itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Conflict, Invalid, Refused
from csdesk.models import Allocation, Document, OpenItem, table
from csdesk.money import show
from csdesk.services import allocating, asking, booking, customers, reasons, unidentified, writing_off
from csdesk.services.tx import Tx, reads

ITEM, ALLOCATION, DOCUMENT = table(OpenItem), table(Allocation), table(Document)
FINAL = "final, u does not take it back"


def _money(amount: int, currency: str) -> str:
    return f"{show(amount, currency)} {currency}"


def _open_today(tx: Tx, customer_id: int) -> None:
    """Raises Refused when the period of the customer's day is not open."""
    booking.period_of(tx, customers.trading(tx, customer_id).local(tx.now).date())


@reads("customer.read")
def receive(tx: Tx, customer_id: int, amount: int) -> str:
    """What taking money in would do. Raises like the act."""
    who = customers.trading(tx, customer_id)
    allocating.receivable(amount)
    _open_today(tx, customer_id)
    return f"takes in {_money(amount, who.account.currency)} from {who.code} {who.name}, received today"


@reads("customer.read")
def apply(tx: Tx, credit_item: int, debit_item: int, amount: int | None = None, rest: str = "") -> str:
    """What setting a credit against an item would do: how much, what stays open of it, what is left of the credit.
    Raises like the act."""
    items = allocating.items_of(tx, (credit_item, debit_item), lock=False)
    credit, debit = items[credit_item], items[debit_item]
    _open_today(tx, debit.customer_id)
    part = min(max(debit.open, 0), max(-credit.open, 0)) if amount is None else amount
    allocating.check(tx, debit, credit, part)
    missing, left = debit.open - part, -credit.open - part
    words = f"applies {_money(part, debit.currency)} of {credit.number} to {debit.number}"
    if rest and missing:
        return f"{words}; {_rest(tx, debit, missing, rest)}"
    return f"{words}: {show(missing, debit.currency)} stay open of it, {show(left, debit.currency)} left of the credit"


def _rest(tx: Tx, item: Row[Any], missing: int, letter: str) -> str:
    """What becomes of the rest of an item: a small difference, or a deduction."""
    amount = _money(missing, item.currency)
    small = next((row for row in reasons.for_use(tx, "difference") if row.letter == letter.lower()), None)
    if small is None:
        reason = reasons.reason_of(tx, letter, "short")
        return f"the missing {amount} are a deduction ({reason.name}); {FINAL}"
    if asking.steps_of(tx, writing_off.wish(tx, item, missing, small.code, "small_difference", {})):
        raise Refused(f"{amount} is no small difference; ask for a write-off (f).")
    return f"the missing {amount} are posted as a small difference ({small.name}); {FINAL}"


@reads("customer.read")
def unapply(tx: Tx, allocation_id: int) -> str:
    """What taking an application back would do. Raises Conflict when it was taken back meanwhile."""
    row = tx.row(select(ALLOCATION).where(ALLOCATION.c.company == tx.company, ALLOCATION.c.id == allocation_id))
    back = select(ALLOCATION.c.id).where(ALLOCATION.c.company == tx.company, ALLOCATION.c.reverses_id == allocation_id)
    if row is None or tx.value(back) is not None:
        raise Conflict("This was taken back already; o shows what is applied.")
    items = allocating.items_of(tx, (row.debit_item_id, row.credit_item_id), lock=False)
    debit, credit = items[row.debit_item_id], items[row.credit_item_id]
    _open_today(tx, debit.customer_id)
    amount = _money(row.amount, debit.currency)
    what = f"takes back {amount} of {credit.number} on {debit.number}, applied {row.applied_on:%d %b %Y}"
    return f"{what}; both are open again"


@reads("customer.read")
def bounce(tx: Tx, item_id: int, why: str) -> str:
    """What reversing a receipt would do. Raises like the act."""
    item = allocating.items_of(tx, [item_id], lock=False)[item_id]
    if not why.strip():
        raise Invalid("Say why: a reversal wants its reason.", field="reason")
    known = select(DOCUMENT.c.number).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.receipt_id == item.source_id)
    if (number := tx.value(known)) is not None:
        raise Conflict(f"Receipt {item.number} was reversed by {number} already.")
    _open_today(tx, item.customer_id)
    paid = sum(row.amount for row in allocating.standing(tx, item.id))
    again = f", {show(paid, item.currency)} it paid are open again" if paid else ""
    what = f"reverses receipt {item.number} of {item.posted_on:%d %b %Y}, {_money(-item.face, item.currency)}"
    return f"{what}{again}; {FINAL}"


@reads("customer.read")
def identify(tx: Tx, bank_line_id: int, customer_id: int) -> str:
    """What saying whose money it is would do. Raises like the act."""
    who = customers.trading(tx, customer_id)
    row = unidentified.fitting(tx, bank_line_id, who)
    _open_today(tx, customer_id)
    of = f" of {row.payer}" if row.payer else ""
    amount = f"{_money(row.amount, row.currency)}{of}, {row.received_on:%d %b %Y}"
    return f"makes {row.number}, {amount}, a receipt of {who.code} {who.name}"
