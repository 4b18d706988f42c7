"""The customer's ledger: ageing in one statement, and items page by page by key, as of now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select, tuple_

from csdesk.models import Dispute, Document, OpenItem, table
from csdesk.rules.ageing import EDGES, Aged, days_past_due
from csdesk.services import customers
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads

ITEM, DISPUTE, DOCUMENT = table(OpenItem), table(Dispute), table(Document)
PAGE = 200
SHOWN = ("open", "overdue", "disputed", "all")


@dataclass(frozen=True)
class ItemView:
    """An item of the sub-ledger, debit positive, minor units; `late` is days past due, `running` the balance so far."""

    id: int
    number: str
    kind: str
    posted_on: date
    due_on: date
    face: int
    open: int
    late: int
    disputed: int
    running: int
    source: str
    source_id: int


@dataclass(frozen=True)
class LedgerPage:
    """A page of an account's items with its ageing; `after` is the key the next page begins behind, None at the end."""

    account_id: int
    currency: str
    as_of: date
    shown: str
    aged: Aged
    items: tuple[ItemView, ...]
    after: tuple[date, int] | None
    limit: int | None
    exposure: int


@reads("customer.read", quick=True)
def page(
    tx: Tx, customer_id: int, shown: str = "open", after: tuple[date, int] | None = None, running: int = 0
) -> LedgerPage:
    """A page of the ledger of the account a customer is billed to: open, overdue, disputed or all items by due day.

    `running` is the balance the page before ended with.
    """
    who = customers.trading(tx, customer_id)
    account, today = who.account, who.local(tx.now).date()
    rows = _rows(tx, account.id, shown, today, after)
    disputed = _disputed(tx, [row.id for row in rows])
    items = []
    for row in rows[:PAGE]:
        running += row.face if shown == "all" else row.open
        items.append(_view(row, today, disputed.get(row.id, 0), running))
    more = (rows[PAGE - 1].due_on, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return LedgerPage(
        account.id, account.currency, today, shown, aged(tx, account.id, today), tuple(items), more,
        account.credit_limit, account.exposure.total,
    )  # fmt: skip


def _rows(tx: Tx, account_id: int, shown: str, today: date, after: tuple[date, int] | None) -> Sequence[Row[Any]]:
    wanted = [ITEM.c.company == tx.company, ITEM.c.account_id == account_id]
    if shown != "all":
        wanted.append(raw(ITEM.c.open) != 0)
    if shown == "overdue":
        wanted += [raw(ITEM.c.open) > 0, ITEM.c.due_on < today]
    if shown == "disputed":
        live = and_(DISPUTE.c.company == tx.company, DISPUTE.c.account_id == account_id, DISPUTE.c.closed_at.is_(None))
        wanted.append(ITEM.c.id.in_(select(DISPUTE.c.item_id).where(live)))
    if after is not None:
        wanted.append(tuple_(ITEM.c.due_on, ITEM.c.id) > tuple_(*after))
    statement = select(ITEM).where(*wanted).order_by(ITEM.c.due_on, ITEM.c.id).limit(PAGE + 1)
    return tx.rows(statement)


def _disputed(tx: Tx, ids: Sequence[int]) -> dict[int, int]:
    if not ids:
        return {}
    statement = select(DISPUTE.c.item_id, DISPUTE.c.open).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.item_id.in_(ids), DISPUTE.c.closed_at.is_(None)
    )
    found: dict[int, int] = {}
    for row in tx.rows(statement):
        found[row.item_id] = found.get(row.item_id, 0) + row.open
    return found


def _view(row: Row[Any], today: date, disputed: int, running: int) -> ItemView:
    late = days_past_due(row.due_on, today) if row.open > 0 else 0
    return ItemView(
        row.id, row.number, row.kind, row.posted_on, row.due_on, row.face, row.open, late, disputed, running,
        row.source, row.source_id,
    )  # fmt: skip


def aged(tx: Tx, account_id: int, today: date, edges: Sequence[int] = EDGES) -> Aged:
    """Ageing of an account by due day, credits apart, in one statement; adds up to the account's balance.

    Edges as `rules.ageing.age`: due today is not past due, an edge day belongs to the lower bucket.
    """
    opened = raw(ITEM.c.open)
    sums = [case((or_(opened < 0), opened), else_=0), case((and_(opened > 0, ITEM.c.due_on >= today), opened), else_=0)]
    newest = today
    for edge in edges:
        oldest = today - timedelta(days=edge)
        sums.append(case((and_(opened > 0, ITEM.c.due_on < newest, ITEM.c.due_on >= oldest), opened), else_=0))
        newest = oldest
    sums.append(case((and_(opened > 0, ITEM.c.due_on < newest), opened), else_=0))
    row = tx.row(
        select(*(func.coalesce(func.sum(each), 0) for each in sums)).where(
            ITEM.c.company == tx.company, ITEM.c.account_id == account_id, opened != 0
        )
    )
    assert row is not None
    credit, not_due, *buckets = (int(each) for each in row)
    return Aged(tuple(edges), not_due, tuple(buckets), credit)
