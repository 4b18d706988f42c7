"""Reports on receivables and receipts, as of any day: open = face less what was allocated up to that day."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Subquery, and_, cast, func, select

from csdesk.models import Customer, Document, ImportNote, ImportSource, Receipt, table
from csdesk.services.as_of import items_at
from csdesk.services.reports_base import Table, books, counted, fetched, fetched_one, report, rows_table
from csdesk.services.tx import Tx

RECEIPT, NOTE, DOCUMENT = table(Receipt), table(ImportNote), table(Document)
CUSTOMER, SOURCE = table(Customer), table(ImportSource)


@report("receivables", "Open items by kind as of the key date: how many, how much, of how many debtors (accounts).")
def receivables(tx: Tx, as_of: date) -> Table:
    """Debits first; the last line is the balance."""
    own, items = books(tx), items_at(tx, as_of)
    debit = items.c.left > 0
    statement = (
        select(items.c.kind, func.count(), func.sum(items.c.left), func.count(items.c.account_id.distinct()))
        .where(items.c.left != 0)
        .group_by(items.c.kind, debit)
        .order_by(debit.desc(), items.c.kind)
    )
    rows = [
        (kind, int(found), own.major(value), int(debtors)) for kind, found, value, debtors in fetched(tx, statement)
    ]
    debtors = counted(tx, select(func.count(items.c.account_id.distinct())).where(items.c.left != 0))
    balance = sum((row[2] for row in rows), own.major(0))
    return rows_table("kind, items, open, debtors", rows, ("balance", sum(row[1] for row in rows), balance, debtors))


@report(
    "payments",
    "Receipts up to the key date by method, those reversed by then left out; money in is negative, as in the debtor's "
    "account.",
)
def payments(tx: Tx, as_of: date) -> Table:
    """One row a method."""
    own = books(tx)
    back = select(DOCUMENT.c.id).where(
        DOCUMENT.c.company == tx.company, DOCUMENT.c.receipt_id == RECEIPT.c.id, DOCUMENT.c.issued_on <= as_of
    )
    statement = (
        select(RECEIPT.c.method, func.count(), func.sum(RECEIPT.c.amount))
        .where(RECEIPT.c.company == tx.company, RECEIPT.c.received_on <= as_of, ~back.exists())
        .group_by(RECEIPT.c.method)
        .order_by(RECEIPT.c.method)
    )
    rows = [(method or "(none)", int(found), -own.major(value)) for method, found, value in fetched(tx, statement)]
    return rows_table(
        "method, receipts, amount", rows, ("all", sum(r[1] for r in rows), sum((r[2] for r in rows), own.major(0)))
    )


@report("unapplied", "Receipts with money that is set against nothing as of the key date.")
def unapplied(tx: Tx, as_of: date) -> Table:
    """One row a receipt, the oldest first."""
    own, items = books(tx), items_at(tx, as_of)
    statement = (
        select(items.c.number, CUSTOMER.c.code, items.c.posted_on, items.c.face, items.c.left)
        .join(CUSTOMER, (CUSTOMER.c.company == tx.company) & (CUSTOMER.c.id == items.c.customer_id))
        .where(items.c.kind == "receipt", items.c.left < 0)
        .order_by(items.c.posted_on, items.c.number)
    )
    rows = [
        (row.number, row.code, row.posted_on, own.major(row.face), own.major(row.left))
        for row in fetched(tx, statement)
    ]
    total = ("all", "", None, sum((r[3] for r in rows), own.major(0)), sum((r[4] for r in rows), own.major(0)))
    return rows_table("receipt, debtor, received, amount, unapplied", rows, (*total[:2], len(rows), *total[3:]))


MOVES = {
    "invoice": "billed", "debit_note": "debit notes", "credit_note": "credited", "write_off": "written off",
    "reversal": "notes reversed", "receipt": "received",
}  # fmt: skip


@report(
    "roll-forward",
    "Opening receivables + billed + debit notes - credited - written off + notes reversed - received (without receipts "
    "that were reversed) = closing receivables; opening is what receipts paid that is not in these books (money set "
    "against nothing), closing must be the open debit items less open credits other than money.",
)
def roll_forward(tx: Tx, as_of: date) -> Table:
    """With what the source itself states beside the derived figures, and the differences."""
    own, items = books(tx), items_at(tx, as_of)
    moves = dict.fromkeys(MOVES.values(), 0)
    for kind, value in fetched(tx, select(items.c.kind, func.sum(items.c.face)).group_by(items.c.kind)):
        moves[MOVES.get(kind, "billed")] += int(value)
    bounced = _bounced(tx, items)
    moves["received"] += bounced
    moves["notes reversed"] -= bounced
    opening = -counted(tx, select(func.sum(items.c.left)).where(items.c.kind == "receipt", items.c.left < 0))
    closing = opening + sum(moves.values())
    debit = counted(tx, select(func.sum(items.c.left)).where(items.c.left > 0))
    credit = counted(tx, select(func.sum(items.c.left)).where(items.c.left < 0, items.c.kind != "receipt"))
    figures = {"opening (derived)": opening, **moves, "closing": closing, "open debit items": debit,
               "open credits": credit, "difference": closing - debit - credit}  # fmt: skip
    rows: list[tuple[str, Any]] = [(name, own.major(value)) for name, value in figures.items()]
    stated = tx.value(select(func.sum(SOURCE.c.opening_receivables)).where(SOURCE.c.company == tx.company))
    if stated is not None:
        rows += [("opening stated by the source", own.major(stated)), ("difference", own.major(opening - int(stated)))]
    if (left := _stated_open(tx)) is not None:
        rows += [("closing stated by the source", own.major(left)), ("difference", own.major(closing - left))]
    return rows_table("what, amount", rows)


def _bounced(tx: Tx, items: Subquery) -> int:
    """The reversals of receipts among items: they lessen what was received."""
    reverses = and_(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == items.c.source_id)
    found = select(func.sum(items.c.face)).join_from(items, DOCUMENT, reverses)
    return counted(tx, found.where(items.c.kind == "reversal", DOCUMENT.c.receipt_id.is_not(None)))


def _stated_open(tx: Tx) -> int | None:
    """What the source says is open of its documents, in minor units; None when it says nothing."""
    said = select(func.sum(cast(NOTE.c.text, BigInteger)), func.count()).where(
        NOTE.c.company == tx.company, NOTE.c.subject == "document", NOTE.c.kind == "stated-open"
    )
    row = fetched_one(tx, said)
    return int(row[0]) if row[1] else None


@report("stated-open", "Documents whose open amount differs from what their source states.")
def stated_open(tx: Tx, as_of: date) -> Table:
    """One row a document, the first hundred."""
    own, items = books(tx), items_at(tx, as_of)
    said = cast(NOTE.c.text, BigInteger)
    statement = (
        select(items.c.number, items.c.posted_on, items.c.left, said.label("said"))
        .join(NOTE, (NOTE.c.subject_id == items.c.source_id) & (NOTE.c.company == tx.company))
        .where(NOTE.c.subject == "document", NOTE.c.kind == "stated-open", said != items.c.left)
        .order_by(items.c.posted_on, items.c.number)
        .limit(100)
    )
    rows = [(row.number, row.posted_on, own.major(row.left), own.major(row.said)) for row in fetched(tx, statement)]
    return rows_table("document, posted, open here, open by the source", rows)
