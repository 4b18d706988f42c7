"""Statements of account as of any day, rebuilt from what was posted and allocated by then. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, or_, select

from csdesk.documents.paper import Movement, OpenLine, Statement
from csdesk.errors import Invalid, NotFound
from csdesk.models import Allocation, Customer, OpenItem, Receipt, table
from csdesk.rules import ageing
from csdesk.services import papers_parties as parties
from csdesk.services.as_of import disputed_at
from csdesk.services.derived import raw
from csdesk.services.papers_parties import Parties
from csdesk.services.tx import Tx, reads

ITEM, ALLOCATION, CUSTOMER, RECEIPT = table(OpenItem), table(Allocation), table(Customer), table(Receipt)
USUAL_DAYS = 30  # of movements, when nobody says since when


@reads("customer.read")
def customer_of(tx: Tx, code: str) -> int:
    """The id of a customer by its code. Raises NotFound."""
    found = tx.value(select(CUSTOMER.c.id).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.code == code.strip()))
    if found is None:
        raise NotFound(f"There is no customer {code}; give the code as it stands on the desk's context bar.")
    return int(found)


@reads("customer.read")
def statement(tx: Tx, customer_id: int, as_of: date | None = None, since: date | None = None) -> Statement:
    """The account a customer is billed to, as of a day (today), with movements since another (30 days before).

    Opening balance + movements = closing balance = open items = ageing, what is in dispute apart. What was allocated
    or posted later is not in it. Raises Invalid for days in the wrong order or in the future.
    """
    who = parties.of(tx, customer_id)
    today = tx.now.astimezone(ZoneInfo(who.timezone)).date()
    as_of = as_of or today
    since = since or as_of - timedelta(days=USUAL_DAYS)
    if as_of > today:
        raise Invalid(f"{as_of:%d %b %Y} lies ahead; a statement is as of today or a day before.", field="as-of")
    if since > as_of:
        raise Invalid(f"{since:%d %b %Y} is after {as_of:%d %b %Y}; a statement begins before it ends.", field="from")
    currency = _currency(tx, who.account_id)
    opening = _balance(tx, who.account_id, since)
    movements = _movements(tx, who, since, as_of, opening)
    items = _open(tx, who.account_id, as_of)
    parts = [ageing.OpenItem(item.open - item.disputed, item.due_on) for item in items]
    parts += [ageing.OpenItem(item.disputed, item.due_on, disputed=True) for item in items if item.disputed]
    aged = ageing.age(parts, as_of, disputed="apart")
    ages = [("Not due", aged.not_due), *zip(aged.labels, aged.buckets, strict=True)]
    ages += [*([("Disputed", aged.disputed)] if aged.disputed else []), ("Credits", aged.credits)]
    return Statement(
        as_of, since, currency, who.seller, who.debtor, opening, movements,
        movements[-1].balance if movements else opening, tuple(ages), items, who.account, customer_id,
    )  # fmt: skip


def _currency(tx: Tx, account_id: int) -> str:
    from csdesk.models import CreditAccount

    account = table(CreditAccount)
    here = (account.c.company == tx.company, account.c.id == account_id)
    return str(tx.value(select(account.c.currency).where(*here)))


def _balance(tx: Tx, account_id: int, before: date) -> int:
    """The balance at the beginning of a day: allocations move nothing between accounts, so faces alone make it."""
    here = (ITEM.c.company == tx.company, ITEM.c.account_id == account_id, ITEM.c.posted_on < before)
    return int(tx.value(select(func.coalesce(func.sum(raw(ITEM.c.face)), 0)).where(*here)))


def _movements(tx: Tx, who: Parties, since: date, as_of: date, balance: int) -> tuple[Movement, ...]:
    of = (CUSTOMER.c.company == ITEM.c.company) & (CUSTOMER.c.id == ITEM.c.customer_id)
    paid = (RECEIPT.c.company == ITEM.c.company) & (RECEIPT.c.id == ITEM.c.source_id) & (ITEM.c.source == "receipt")
    rows = tx.rows(
        select(ITEM, CUSTOMER.c.code, RECEIPT.c.reference)
        .join_from(ITEM, CUSTOMER, of)
        .join(RECEIPT, paid, isouter=True)
        .where(
            ITEM.c.company == tx.company,
            ITEM.c.account_id == who.account_id,
            ITEM.c.posted_on >= since,
            ITEM.c.posted_on <= as_of,
        )
        .order_by(ITEM.c.posted_on, ITEM.c.id)
    )
    made = []
    for row in rows:
        balance += row.face
        text = row.reference or (row.code if row.code != who.debtor.code else "")
        debit, credit = max(0, row.face), max(0, -row.face)
        made.append(Movement(row.posted_on, row.kind, row.number, text, row.due_on, debit, credit, balance))
    return tuple(made)


def _open(tx: Tx, account_id: int, as_of: date) -> tuple[OpenLine, ...]:
    """What was open at the end of a day: what is open now, and what was taken off it since put back."""
    later = _later(tx, account_id, as_of)
    here = [ITEM.c.company == tx.company, ITEM.c.account_id == account_id, ITEM.c.posted_on <= as_of]
    rows: Sequence[Row[Any]] = tx.rows(
        select(ITEM)
        .where(*here, or_(raw(ITEM.c.open) != 0, ITEM.c.id.in_(sorted(later))))
        .order_by(ITEM.c.due_on, ITEM.c.id)
    )
    found = [(row, row.open + later.get(row.id, 0)) for row in rows]
    disputed = disputed_at(tx, account_id, as_of)
    return tuple(
        OpenLine(row.number, row.kind, row.posted_on, row.due_on, row.face, left,
                 ageing.days_past_due(row.due_on, as_of) if left > 0 else 0, max(0, min(left, disputed.get(row.id, 0))))
        for row, left in found if left
    )  # fmt: skip


def _later(tx: Tx, account_id: int, as_of: date) -> dict[int, int]:
    """Item -> what was allocated after a day, with the sign of the item."""
    found: dict[int, int] = {}
    for side, sign in ((ALLOCATION.c.debit_item_id, 1), (ALLOCATION.c.credit_item_id, -1)):
        of = (ITEM.c.company == ALLOCATION.c.company) & (ITEM.c.id == side)
        statement = (
            select(side.label("item"), func.sum(raw(ALLOCATION.c.amount)).label("amount"))
            .join_from(ALLOCATION, ITEM, of)
            .where(ALLOCATION.c.company == tx.company, ITEM.c.account_id == account_id, ALLOCATION.c.applied_on > as_of)
            .group_by(side)
        )
        for row in tx.rows(statement):
            found[row.item] = found.get(row.item, 0) + sign * int(row.amount)
    return found
