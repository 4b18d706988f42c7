"""The customer's ledger: ageing in two statements, and items page by page by key, as of now or of any past day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, case, func, select, tuple_

from csdesk.errors import Invalid
from csdesk.models import Dispute, OpenItem, table
from csdesk.rules.ageing import EDGES, Aged, bucket_of, days_past_due
from csdesk.services import customers
from csdesk.services.as_of import COLUMNS, disputes_at, items_at
from csdesk.services.derived import raw, unsettled
from csdesk.services.tx import Tx, reads

ITEM, DISPUTE = table(OpenItem), table(Dispute)
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
    past: bool = False  # as of a day that is over; limit and exposure are today's


@dataclass(frozen=True)
class InDispute:
    """An item that is in dispute: its due day, and what is in dispute of it, minor units."""

    id: int
    due_on: date
    disputed: int


@reads("customer.read", quick=True)
def page(
    tx: Tx,
    customer_id: int,
    shown: str = "open",
    after: tuple[date, int] | None = None,
    running: int = 0,
    day: date | None = None,
) -> LedgerPage:
    """A page of the ledger of the account a customer is billed to: open, overdue, disputed or all items by due day.

    `running` is the balance the page before ended with. With a past `day` everything is as it stood at its end, rebuilt
    from postings, allocations and disputes. Raises Invalid for a day to come.
    """
    who = customers.trading(tx, customer_id)
    account, today = who.account, who.local(tx.now).date()
    if day is not None and day > today:
        raise Invalid(f"{day:%d %b %Y} is still to come; the ledger shows today or a past day.", field="day")
    past = day if day is not None and day < today else None
    today = past or today
    opened = _Open(tx, account.id, past)
    rows = tx.rows(_page(opened, shown, today, after))
    parts = opened.disputed()
    disputed = {row.id: row.disputed for row in parts}
    items = []
    for row in rows[:PAGE]:
        running += row.face if shown == "all" else row.left
        items.append(_view(row, today, disputed.get(row.id, 0), running))
    more = (rows[PAGE - 1].due_on, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return LedgerPage(
        account.id, account.currency, today, shown, _aged(opened, parts, today, EDGES), tuple(items), more,
        account.credit_limit, account.exposure.total, past is not None,
    )  # fmt: skip


class _Open:
    """The items of an account as they are, or as they stood at the end of a past day."""

    def __init__(self, tx: Tx, account_id: int, day: date | None = None) -> None:
        self.tx, self.account_id, self.day = tx, account_id, day
        if day is None:
            self.columns: Any = ITEM.c
            self.left: Any = raw(ITEM.c.open)
            self.of_account: list[Any] = [ITEM.c.company == tx.company, ITEM.c.account_id == account_id]
        else:
            past = items_at(tx, day, account_id)
            self.columns, self.left, self.of_account = past.c, past.c.left, []

    def disputed(self) -> tuple[InDispute, ...]:
        """The items that are in dispute, with their due day and what is in dispute of them: never more than is open."""
        rows = self._disputes().subquery()
        c = self.columns
        part = func.sum(rows.c.open).label("part")
        statement = select(c.id, c.due_on, self.left.label("left"), part).join(rows, rows.c.item_id == c.id)
        found = self.tx.rows(statement.where(*self.of_account).group_by(c.id, c.due_on, self.left))
        kept = ((row, min(int(row.left), int(row.part))) for row in found)
        return tuple(InDispute(row.id, row.due_on, part) for row, part in kept if part > 0)

    def in_dispute(self) -> Any:
        """The items that are, for a WHERE clause."""
        return select(self._disputes().subquery().c.item_id)

    def _disputes(self) -> Select[Any]:
        if self.day is not None:
            past = disputes_at(self.tx, self.day, self.account_id)
            return select(past.c.item_id, past.c.open)
        return select(DISPUTE.c.item_id, raw(DISPUTE.c.open).label("open")).where(*self._live())

    def _live(self) -> list[Any]:
        return [DISPUTE.c.company == self.tx.company, DISPUTE.c.account_id == self.account_id,
                DISPUTE.c.closed_at.is_(None)]  # fmt: skip


def _page(items: _Open, shown: str, today: date, after: tuple[date, int] | None) -> Select[Any]:
    c, wanted = items.columns, [*items.of_account]
    if shown != "all":
        wanted.append(unsettled(items.left))
    if shown == "overdue":
        wanted += [items.left > 0, c.due_on < today]
    if shown == "disputed":
        wanted.append(c.id.in_(items.in_dispute()))
    if after is not None:
        wanted.append(tuple_(c.due_on, c.id) > tuple_(*after))
    columns = [*(c[name] for name in COLUMNS), items.left.label("left")]
    return select(*columns).where(*wanted).order_by(c.due_on, c.id).limit(PAGE + 1)


def _view(row: Row[Any], today: date, disputed: int, running: int) -> ItemView:
    late = days_past_due(row.due_on, today) if row.left > 0 else 0
    return ItemView(
        row.id, row.number, row.kind, row.posted_on, row.due_on, row.face, row.left, late, disputed, running,
        row.source, row.source_id,
    )  # fmt: skip


def aged(tx: Tx, account_id: int, today: date, edges: Sequence[int] = EDGES) -> Aged:
    """Ageing of an account by due day, credits and disputed money apart; adds up to the account's balance.

    Edges as `rules.ageing.age`: due today is not past due, an edge day belongs to the lower bucket.
    """
    items = _Open(tx, account_id)
    return _aged(items, items.disputed(), today, edges)


def _aged(items: _Open, disputed: Sequence[InDispute], today: date, edges: Sequence[int]) -> Aged:
    """A sum a due day, and the days by bucket: the index holds all of it, and one pass is enough for any edges. What is
    in dispute is taken out of the bucket it would be in."""
    opened, due_on = items.left, items.columns.due_on
    credit, debit = func.sum(case((opened < 0, opened), else_=0)), func.sum(case((opened > 0, opened), else_=0))
    sums_of = select(due_on, credit.label("credit"), debit.label("debit"))
    days = sums_of.where(*items.of_account, unsettled(opened)).group_by(due_on)
    credits, sums = 0, [0] * (len(edges) + 2)
    for row in items.tx.rows(days):
        credits += int(row.credit)
        sums[bucket_of(days_past_due(row.due_on, today), edges) + 1] += int(row.debit)
    for each in disputed:
        sums[bucket_of(days_past_due(each.due_on, today), edges) + 1] -= each.disputed
    return Aged(tuple(edges), sums[0], tuple(sums[1:]), credits, sum(each.disputed for each in disputed))
