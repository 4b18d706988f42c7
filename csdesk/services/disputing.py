"""Short payments and disputes: what a customer did not pay of an invoice, coded with a reason and held apart; and what
payments and credits make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import Allocation, CustomerReason, Dispute, OpenItem, Reason, table
from csdesk.money import show
from csdesk.rules import disputes
from csdesk.services import audit, calls, customers, dispute_steps, memory, reasons
from csdesk.services.customers import Trading
from csdesk.services.dispute_steps import REQUEST, amounts, step
from csdesk.services.reasons import ReasonView
from csdesk.services.tx import Tx, reads, writes

ITEM, ALLOCATION, DISPUTE = table(OpenItem), table(Allocation), table(Dispute)
CODES, REASON = table(CustomerReason), table(Reason)
UNKNOWN = ReasonView("unidentified", "", "Unidentified")


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
    """Invoices of the account paid in part and not in dispute, nor ever billed back, the latest payment first; from 1.

    What was billed back has been decided: it is owed, and not short any more.
    """
    return _short(tx, customers.trading(tx, customer_id).account.id, limit)


def _short(tx: Tx, account_id: int, limit: int) -> tuple[ShortPayment, ...]:
    paid_on = func.max(ALLOCATION.c.applied_on)
    decided = DISPUTE.c.closed_at.is_(None) | ((DISPUTE.c.state == "closed") & (DISPUTE.c.open > 0))
    known = select(DISPUTE.c.item_id).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.account_id == account_id, decided
    )
    statement = (
        select(ITEM.c.id, ITEM.c.number, ITEM.c.face, ITEM.c.open, ITEM.c.currency, paid_on.label("paid_on"))
        .join(ALLOCATION, (ALLOCATION.c.company == ITEM.c.company) & (ALLOCATION.c.debit_item_id == ITEM.c.id))
        .where(
            ITEM.c.company == tx.company, ITEM.c.account_id == account_id, ITEM.c.open > 0,
            ITEM.c.open < ITEM.c.face, ITEM.c.id.not_in(known),
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
def short_payment(tx: Tx, customer_id: int, place: int) -> ShortPayment:
    """The short payment at a place of the list. Raises NotFound."""
    return _at(short_payments(tx, customer_id), place)


@reads("customer.read")
def preview(tx: Tx, customer_id: int, seen: ShortPayment, letter: str, their_code: str = "") -> str:
    """What coding a short payment would do. Raises like the act."""
    who = customers.trading(tx, customer_id)
    found = _seen(_short(tx, who.account.id, 9), seen)
    reason = reasons.reason_of(tx, letter, "short") if letter else _meant(tx, who.account.id, "", their_code)
    missing = f"{show(found.missing, found.currency)} {found.currency}"
    return f"disputes {missing} short on {found.number}  ({reason.name}, looked after by {reason.owner or 'the desk'})"


@writes("dispute.open")
def code(
    tx: Tx, call_id: int, place: int, letter: str, note: str = "", their_code: str = "",
    seen: ShortPayment | None = None,
) -> Disputed:  # fmt: skip
    """Codes the short payment at a place of the list, or the one that was `seen` there, with a reason and opens its
    dispute, with a deadline.

    Without a letter the customer's own code says the reason; one that nobody knows leaves it unidentified. Raises
    NotFound for a place that is not there, Conflict when what was seen is another by now, Invalid for a reason that is
    no reason for it.
    """
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    who = customers.trading(tx, call.customer_id, lock=True)
    rows = _short(tx, who.account.id, 9)
    found = _at(rows, place) if seen is None else _seen(rows, seen)
    reason = reasons.reason_of(tx, letter, "short") if letter else _meant(tx, who.account.id, "", their_code)
    made = _open(tx, who, found.item_id, found.missing, reason, note, their_code)
    undo = {"do": "undispute", "dispute": made["id"]}
    memory.remember(tx, call.id, "disputing.code", made["words"], undo, who.hold_seconds)
    told = {"number": made["number"], "item": found.number, "original": found.missing, "reason": reason.code}
    audit.record(tx, "disputing.code", "dispute", made["id"], None, told)
    return Disputed(made["id"], made["number"], f"{made['words']}.")


def raise_for(
    tx: Tx, who: Trading, item_id: int, missing: int, reason_code: str = "", note: str = "", customers_code: str = "",
    line: tuple[int, int] | None = None,
) -> Disputed:  # fmt: skip
    """Opens a deduction while a short payment is applied: `missing` minor units of an item, by our reason, or by the
    customer's code, or unidentified. Call it after the payment is applied, the account locked; the caller audits.
    `line`: ticket and line it is held for.

    Raises Refused for more than is open of the item beside what is in dispute already, Invalid for an unknown reason.
    """
    reason = _meant(tx, who.account.id, reason_code, customers_code)
    made = _open(tx, who, item_id, missing, reason, note, customers_code, line or (None, None))
    return Disputed(made["id"], made["number"], f"{made['words']}.")


def _meant(tx: Tx, account_id: int, code: str, customers_code: str) -> ReasonView:
    """Our reason: the one named, else what the customer's code means by its own map, then by X12 426."""
    rows = {row.code: row for row in tx.rows(select(REASON).where(REASON.c.company == tx.company))}
    if not code and customers_code:
        own = tx.rows(select(CODES).where(CODES.c.company == tx.company, CODES.c.account_id == account_id))
        usual = {row.x12_426: row.code for row in rows.values() if row.x12_426 and "short" in row.uses.split()}
        code = disputes.our_reason(customers_code, {row.code: row.reason for row in own}, usual) or ""
    if not code or code == UNKNOWN.code:
        return UNKNOWN
    if code not in rows:
        raise Invalid(f"There is no reason '{code}'; F4 lists the reasons.", field="reason")
    row = rows[code]
    return ReasonView(row.code, row.letter, row.name, row.owner)


def _open(
    tx: Tx, who: Trading, item_id: int, missing: int, reason: ReasonView, note: str, their_code: str,
    line: tuple[int | None, int | None] = (None, None),
) -> dict[str, Any]:  # fmt: skip
    item = _item(tx, item_id)
    if item.account_id != who.account.id:
        raise NotFound("This item is not on the caller's account; l shows the ledger.", field="item")
    free = item.open - sum(row.open for row in dispute_steps.of_item(tx, item_id))
    if missing > free:
        rest = f"{show(max(free, 0), item.currency)} {item.currency}"
        raise Refused(f"Only {rest} of {item.number} are open and not in dispute yet.", field="amount")
    today = who.local(tx.now).date()
    state = "unidentified" if reason.code == UNKNOWN.code else disputes.move_deduction("unidentified", "code")
    made = dispute_steps.create(tx, {
        "item_id": item_id, "account_id": item.account_id, "customer_id": who.id, "currency": item.currency,
        "reason": reason.code, "their_code": their_code[:40], "state": state, "note": note[:2000],
        "ticket_id": line[0], "ticket_line": line[1],
        "deadline_on": dispute_steps.deadline(tx, item.account_id, today, reason.code),
    }, missing, today)  # fmt: skip
    words = (
        f"Dispute {made['number']}: {show(missing, item.currency)} {item.currency} short on {item.number} "
        f"({reason.name}), to be solved by {made['deadline_on']:%a %d %b}"
    )
    return {**made, "words": words}


def withdraw(tx: Tx, dispute_id: int) -> str:
    """Takes a dispute back nobody has worked on. Raises Refused once somebody has."""
    row = dispute_steps.get(tx, dispute_id, lock=True)
    if row.closed_at is not None or row.version > 1:
        raise Refused(f"Dispute {row.number} is worked on already; close it instead.")
    day = customers.trading(tx, row.customer_id).local(tx.now).date()
    step(tx, row, "withdraw", day, state="withdrawn", closed_at=tx.now)
    return f"dispute {row.number} withdrawn"


def paid(tx: Tx, item_id: int, amount: int, day: date, undone: bool = False) -> None:
    """Money was applied to an item, or taken off it again: what it pays of the disputed part is paid, see `_settle`."""
    _settle(tx, item_id, "paid", amount, day, undone, None)


def credited(
    tx: Tx, item_id: int, amount: int, day: date, *, document_id: int = 0, cleared: bool = False, undone: bool = False
) -> None:
    """A credit note was applied to an item, or (`cleared`) a debt written off it; `undone`: taken off it again.

    `document_id` is the credit note or write-off: when the dispute's own request posted it, it goes to that dispute
    before the rest of the item, whatever else is open of it.
    """
    own = select(REQUEST.c.dispute_id).where(REQUEST.c.company == tx.company, REQUEST.c.posted_id == document_id)
    dispute_id = tx.value(own) if document_id else None
    _settle(tx, item_id, "cleared" if cleared else "credited", amount, day, undone, dispute_id)


def _settle(tx: Tx, item_id: int, way: str, amount: int, day: date, undone: bool, dispute_id: int | None) -> None:
    """What an application of `amount` does to the disputes of an item. Call it after `open` of the item was changed.

    Forward: the undisputed rest is settled first; what goes beyond it lowers the dispute, the oldest first, and ends
    it at zero. Undone: what went that way is open again, the latest first, which reopens. Both ways the dispute that
    the application was made for (`dispute_id`) comes before all. So never more is in dispute than is open of the item.
    """
    rows = dispute_steps.of_item(tx, item_id, live=not undone)
    if undone or not rows:
        _reset(tx, [*(row for row in rows if row.id != dispute_id), *(row for row in rows if row.id == dispute_id)],
               way, amount, day)  # fmt: skip
        return
    item = _item(tx, item_id)
    left = amount
    for row in sorted(rows, key=lambda each: (each.id != dispute_id, each.id)):
        over = left if row.id == dispute_id else sum(each.open for each in rows) - (amount - left) - item.open
        take = min(row.open, left, over)
        if take > 0:
            left -= take
            _record(tx, row, way, take, day)


def _record(tx: Tx, row: Row[Any], way: str, amount: int, day: date) -> None:
    after = disputes.recorded(amounts(row), way, amount)
    ended: dict[str, Any] = {"state": "closed", "closed_at": tx.now} if after.open == 0 else {}
    step(tx, row, way, day, after=after, **ended)


def _reset(tx: Tx, rows: Sequence[Row[Any]], way: str, amount: int, day: date) -> None:
    """Opens again what went a way; what was withdrawn or billed back stays as it was decided."""
    left = amount
    for row in reversed(rows):
        if row.closed_at is not None and row.open > 0:
            continue
        back = min(left, getattr(row, way))
        if back > 0:
            left -= back
            again: dict[str, Any] = (
                {} if row.closed_at is None else {"state": dispute_steps.state_before_closing(tx, row)}
            )
            after = disputes.reset(amounts(row), way, back)
            step(tx, row, f"un{way}", day, after=after, closed_at=None, **again)


def _item(tx: Tx, item_id: int) -> Row[Any]:
    row = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == item_id))
    if row is None:
        raise NotFound("This item is not there any more; l shows the ledger.", field="item")
    return row


def _at(found: tuple[ShortPayment, ...], place: int) -> ShortPayment:
    if not found:
        raise NotFound("No short payment waits for a reason here; l shows the ledger.", field="line")
    if not 1 <= place <= len(found):
        raise NotFound(
            f"There are {len(found)} short payments, not {place}; they stand on the first page.", field="line"
        )
    return found[place - 1]


def _seen(found: tuple[ShortPayment, ...], seen: ShortPayment) -> ShortPayment:
    """The short payment that was looked at, wherever it stands now. Raises Conflict when it is gone or another sum."""
    for each in found:
        if (each.item_id, each.missing) == (seen.item_id, seen.missing):
            return each
    raise Conflict(f"The short payment of {seen.number} was changed since you looked; look again, then code it.")
