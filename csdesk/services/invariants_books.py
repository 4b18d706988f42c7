"""What must hold of postings and numbers; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, union_all

from csdesk.models import BankLine, Document, LedgerEntry, NumberSeries, OpenItem, Receipt, table
from csdesk.rules.numbering import gaps
from csdesk.services import numbers
from csdesk.services.booking import CONTROL
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

ENTRY, ITEM, DOCUMENT, RECEIPT = table(LedgerEntry), table(OpenItem), table(Document), table(Receipt)
SERIES, BANK = table(NumberSeries), table(BankLine)


@checks("posting.balance", "the entries of every posting add up to zero")
def _posting_balance(tx: Tx) -> Sequence[str]:
    e, total = ENTRY.c, func.sum(raw(ENTRY.c.amount))
    wrong = (
        select(e.source, e.source_id, e.currency, total.label("off"))
        .where(e.company == tx.company)
        .group_by(e.source, e.source_id, e.currency)
        .having(total != 0)
        .limit(NAMED)
    )
    return [f"{row.source} {row.source_id}: its entries make {int(row.off)} {row.currency}" for row in tx.rows(wrong)]


@checks("control.account", "on every day the sub-ledger of an account is what its control account says")
def _control(tx: Tx) -> Sequence[str]:
    sides = union_all(
        select(ITEM.c.account_id, ITEM.c.posted_on, ITEM.c.currency, raw(ITEM.c.face).label("amount")).where(
            ITEM.c.company == tx.company
        ),
        select(ENTRY.c.account_id, ENTRY.c.posted_on, ENTRY.c.currency, -raw(ENTRY.c.amount)).where(
            ENTRY.c.company == tx.company, ENTRY.c.gl == CONTROL
        ),
    ).subquery()
    off = func.sum(sides.c.amount)
    wrong = (
        select(sides.c.account_id, sides.c.posted_on, off.label("off"))
        .group_by(sides.c.account_id, sides.c.posted_on, sides.c.currency)
        .having(off != 0)
        .order_by(sides.c.posted_on, sides.c.account_id)
        .limit(NAMED)
    )
    return [
        f"account {row.account_id} on {row.posted_on}: items and control account differ by {int(row.off)}"
        for row in tx.rows(wrong)
    ]


@checks("cash.waiting", "money that waits for its owner is what its ledger account holds")
def _waiting(tx: Tx) -> Sequence[str]:
    sides = union_all(
        select(BANK.c.currency, raw(BANK.c.amount).label("amount")).where(
            BANK.c.company == tx.company, BANK.c.state == "waiting"
        ),
        select(ENTRY.c.currency, raw(ENTRY.c.amount)).where(
            ENTRY.c.company == tx.company, ENTRY.c.gl == "unidentified-cash"
        ),
    ).subquery()
    off = func.sum(sides.c.amount)
    wrong = select(sides.c.currency, off.label("off")).group_by(sides.c.currency).having(off != 0)
    return [f"{row.currency}: what waits and its ledger account differ by {int(row.off)}" for row in tx.rows(wrong)]


@checks("document.numbers", "the numbers of what this desk posted have no gap and end where the series says")
def _numbers(tx: Tx) -> Sequence[str]:
    found: list[str] = []
    drawn = select(SERIES).where(SERIES.c.company == tx.company, SERIES.c.series == "").order_by(SERIES.c.kind)
    for row in tx.rows(drawn):
        if row.kind not in {"invoice", "credit_note", "debit_note", "write_off", "reversal", "receipt"}:
            continue
        rows, of_kind = (RECEIPT, []) if row.kind == "receipt" else (DOCUMENT, [DOCUMENT.c.kind == row.kind])
        prefix = numbers.order_number(row.year, 0)[:2]
        there = tx.rows(
            select(rows.c.number).where(
                rows.c.company == tx.company, rows.c.source == "desk", rows.c.number.startswith(prefix), *of_kind
            )
        )
        used = [int(each.number[2:]) for each in there if each.number[2:].isdecimal()]
        missing = gaps(used, first=1, last=row.last)
        found += [f"{row.kind} numbers {first} to {last} of {row.year} are missing" for first, last in missing]
        if used and max(used) > row.last:
            found.append(f"{row.kind} numbers of {row.year} go on to {max(used)}, the series ends at {row.last}")
    return found[:NAMED]
