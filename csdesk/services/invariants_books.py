"""What must hold of postings; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, union_all

from csdesk.models import BankLine, LedgerEntry, OpenItem, table
from csdesk.services.booking import CONTROL
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

ENTRY, ITEM, BANK = table(LedgerEntry), table(OpenItem), table(BankLine)


@checks("posting.balance", "the entries of every posting add up to zero, on each of its days")
def _posting_balance(tx: Tx) -> Sequence[str]:
    e, total = ENTRY.c, func.sum(raw(ENTRY.c.amount))
    wrong = (
        select(e.source, e.source_id, e.currency, total.label("off"))
        .where(e.company == tx.company)
        .group_by(e.source, e.source_id, e.currency, e.posted_on)
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
