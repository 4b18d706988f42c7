"""Correction by reversal: a receipt that bounced, a note or write-off that was wrong. The old row stays, both linked.

What was applied is taken back first; then a posting with the other sign stands against the old item, so that post and
reverse leave every balance as it was.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import ApprovalRequest, Document, OpenItem, Receipt, table
from csdesk.services import (
    allocating,
    asking,
    audit,
    booking,
    credits,
    customers,
    dispute_steps,
    memory,
    promise_keeping,
    ticket_remedies,
    unidentified,
)
from csdesk.services.allocating import Pair
from csdesk.services.applying import Done
from csdesk.services.tx import Tx, reads, writes

ITEM, DOCUMENT, RECEIPT = table(OpenItem), table(Document), table(Receipt)
REQUEST = table(ApprovalRequest)
REVERSIBLE = ("write_off", "debit_note", "credit_note")


@reads("cash.apply")
def receipt_ending(tx: Tx, customer_id: int, ending: str) -> int:
    """The item of the account's only receipt whose number ends so. Raises NotFound for none, Invalid for several."""
    account = customers.trading(tx, customer_id).account.id
    wanted = select(ITEM.c.id, ITEM.c.number).where(
        ITEM.c.company == tx.company, ITEM.c.account_id == account, ITEM.c.source == "receipt",
        ITEM.c.number.like(f"%{ending}"),
    )  # fmt: skip
    found = tx.rows(wanted.order_by(ITEM.c.posted_on.desc(), ITEM.c.id.desc()).limit(9))
    found = [row for row in found if row.number == ending] or found
    if not found:
        raise NotFound(f"No receipt of this account ends in {ending}; l l l l shows all.", field="ending")
    if len(found) > 1:
        raise Invalid(f"{', '.join(row.number for row in found)} end so; type more of the number.", field="ending")
    return int(found[0].id)


@writes("cash.apply")
def receipt(tx: Tx, item_id: int, why: str, call_id: int | None = None) -> Done:
    """Reverses a receipt (bounced, wrong debtor): its applications are taken back, what it paid is open again.

    Raises Invalid without a reason, Conflict for one that was reversed already.
    """
    item = allocating.items_of(tx, [item_id])[item_id]
    if item.source != "receipt":
        raise Refused(f"{item.number} is no receipt; a note or write-off is reversed by a request.")
    made = bounce(tx, item, why)
    words = f"Receipt {item.number} reversed by {made['number']}: {why.strip()}"
    memory.remember(tx, call_id, "reversing.receipt", words, {"do": "final"}, 0)
    return Done(made["item_id"], f"{words}.")


def undo_receipt(tx: Tx, receipt_id: int) -> str:
    """Takes a receipt back within its hold, by reversal: its number stands."""
    wanted = select(ITEM.c.id).where(ITEM.c.company == tx.company, ITEM.c.source == "receipt",
                                     ITEM.c.source_id == receipt_id)  # fmt: skip
    item = tx.value(wanted)
    row = allocating.items_of(tx, [item])[item]
    made = bounce(tx, row, "undone")
    money = tx.value(select(RECEIPT.c.bank_line_id).where(RECEIPT.c.company == tx.company, RECEIPT.c.id == receipt_id))
    waits = "" if money is None else "; the money waits for its owner again"
    return f"receipt {row.number} reversed by {made['number']}{waits}"


def bounce(tx: Tx, item: Row[Any], why: str) -> dict[str, Any]:
    """The reversal of a receipt's item; gives its row. Money whose owner had been looked for waits for him again."""
    money = tx.row(select(RECEIPT).where(RECEIPT.c.company == tx.company, RECEIPT.c.id == item.source_id))
    assert money is not None
    made = _reverse(tx, item, why, {"receipt_id": item.source_id})
    booking.last_payment(tx, item.account_id)
    if money.bank_line_id is not None:
        unidentified.wait_again(tx, money.bank_line_id)
    audit.record(tx, "reversing.receipt", "receipt", item.source_id, {"open": item.open},
                 {"reversal": made["number"], "why": why.strip()})  # fmt: skip
    return made


@reads("request.read")
def find(tx: Tx, number: str, kind: str = "") -> int:
    """The id of a document that may be reversed. Raises NotFound, Invalid when several kinds have the number."""
    kinds = (kind,) if kind else REVERSIBLE
    wanted = select(DOCUMENT.c.id, DOCUMENT.c.kind).where(
        DOCUMENT.c.company == tx.company, DOCUMENT.c.number == number, DOCUMENT.c.kind.in_(kinds)
    )
    found = tx.rows(wanted.order_by(DOCUMENT.c.kind))
    if not found:
        raise NotFound(f"There is no write-off, debit or credit note {number}.")
    if len(found) > 1:
        raise Invalid(f"{', '.join(row.kind for row in found)} have the number {number}; say which by --kind.")
    return int(found[0].id)


@writes("reversal.request")
def ask(tx: Tx, document_id: int, why: str) -> Done:
    """Asks to reverse a posted write-off, debit note or credit note; finance approves it before it is posted.

    Raises Invalid without a reason, Refused for an invoice (credit it instead), Conflict for one reversed already.
    """
    row = _document(tx, document_id)
    if row.kind not in REVERSIBLE:
        raise Refused(f"An {row.kind.replace('_', ' ')} is corrected by a credit or debit note, not reversed.")
    if not why.strip():
        raise Invalid("Say why it is to be reversed.", field="reason")
    customers.trading(tx, row.customer_id, lock=True)
    _not_twice(tx, row)
    payload = {"document": row.id, "number": row.number, "currency": row.currency, "amount": row.gross,
               "why": why.strip()}  # fmt: skip
    made = asking.submit(tx, asking.Wish("reversal", row.customer_id, row.account_id, row.currency, row.gross,
                                         row.reason or "reversal", payload, row.id, row.order_id, why.strip(),
                                         _hands(tx, row)))  # fmt: skip
    audit.record(tx, "reversing.ask", "request", made["id"], None, {"number": made["number"], "document": row.number})
    return Done(made["id"], f"Reversal {made['number']} of {row.kind.replace('_', ' ')} {row.number} asked for.")


def _hands(tx: Tx, note: Row[Any]) -> tuple[int, ...]:
    """Who asked for and who approved a note: they do not decide about its reversal."""
    posted = tx.row(select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.posted_id == note.id))
    if posted is None:
        return ()
    return tuple(sorted({posted.maker_person_id, *(mark.person_id for mark in asking.marks(tx, posted.id))}))


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Conflict when the document was reversed meanwhile."""
    _not_twice(tx, _document(tx, row.document_id))


def post(tx: Tx, row: Row[Any]) -> str:
    """The reversal of an approved request."""
    old = _document(tx, row.document_id)
    found = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.source == "document",
                                      ITEM.c.source_id == old.id))  # fmt: skip
    if found is None:
        raise Refused(f"{old.number} has no open item to stand against.")
    item = allocating.items_of(tx, [found.id])[found.id]
    made = _reverse(tx, item, row.note, {"corrects_id": old.id})
    if old.kind in ("credit_note", "write_off"):
        _free(tx, old, made["number"])
    asking.change(tx, row.id, state="posted", posted_id=made["id"])
    audit.record(tx, "posting.post", "document", made["id"], None, {"number": made["number"], "reverses": old.number})
    return f"{old.kind.replace('_', ' ').capitalize()} {old.number} reversed by {made['number']}."


def _free(tx: Tx, note: Row[Any], by: str) -> None:
    """What a reversed credit note had credited may be credited again; a deduction that it, or a write-off, settled is
    in research again, and the ticket it was for open."""
    posted = select(REQUEST.c.id).where(REQUEST.c.company == tx.company, REQUEST.c.posted_id == note.id)
    for request in tx.rows(posted):
        credits.settle_claims(tx, request.id, "void")
        ticket_remedies.uncredited(tx, request.id, note.number, by)
        dispute_steps.reopened(tx, request.id)


def _reverse(tx: Tx, item: Row[Any], why: str, link: dict[str, Any]) -> dict[str, Any]:
    """Takes back what was applied of an item, posts the opposite and sets the two against each other."""
    if not why.strip():
        raise Invalid("Say why: a reversal wants its reason.", field="reason")
    day = customers.trading(tx, item.customer_id).local(tx.now).date()
    if "receipt_id" in link:
        known = tx.value(select(DOCUMENT.c.number).where(
            DOCUMENT.c.company == tx.company, DOCUMENT.c.receipt_id == link["receipt_id"]))  # fmt: skip
        if known is not None:
            raise Conflict(f"Receipt {item.number} was reversed by {known} already.")
    applied = allocating.standing(tx, item.id)
    if applied:
        allocating.take_back(tx, [row.id for row in applied], day, correcting=True)
        promise_keeping.rejudge(tx, (row.debit_item_id for row in applied))
    made = _opposite(tx, item, why, link, day)
    pair = (item.id, made["item_id"]) if item.face > 0 else (made["item_id"], item.id)
    allocating.settle(tx, [Pair(*pair, abs(item.face))], day, "reversal")
    return made


def _opposite(tx: Tx, item: Row[Any], why: str, link: dict[str, Any], day: date) -> dict[str, Any]:
    """The document with the other sign: its entries are those of what it reverses, turned round."""
    sides = {gl: -amount for gl, amount in booking.sides_of(tx, item.source, item.source_id).items()}
    tax = abs(sides.get("output-tax", 0))
    head = {
        "kind": "reversal", "customer_id": item.customer_id, "account_id": item.account_id, "currency": item.currency,
        "tax_method": "line", "rounding": "half_up", "issued_on": day, "reason": why.strip()[:40], **link,
    }  # fmt: skip
    line = {"product_id": None, "description": f"Reversal of {item.number}: {why.strip()}"[:300], "unit": "",
            "quantity": 1, "price": 0, "net": abs(item.face) - tax, "tax_rate": 0, "tax": tax}  # fmt: skip
    return booking.document(tx, head, [line], sign=-1 if item.face > 0 else 1, sides=sides)


def _document(tx: Tx, document_id: int) -> Row[Any]:
    row = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == document_id))
    if row is None:
        raise NotFound("This document is not there; h shows all.")
    return row


def _not_twice(tx: Tx, row: Row[Any]) -> None:
    again = select(DOCUMENT.c.number).where(
        DOCUMENT.c.company == tx.company, DOCUMENT.c.corrects_id == row.id, DOCUMENT.c.kind == "reversal"
    )
    if (known := tx.value(again)) is not None:
        raise Conflict(f"{row.number} was reversed by {known} already.")
