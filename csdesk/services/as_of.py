"""Items as they stood at the end of any past day, rebuilt from postings and allocations. Internal to services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Subquery, and_, case, func, select, type_coerce

from csdesk.models import Allocation, Dispute, DisputeEvent, OpenItem, Promise, table
from csdesk.services import reports_base
from csdesk.services.dispute_steps import ENDED
from csdesk.services.tx import Tx

ITEM, ALLOCATION, DISPUTE, EVENT = table(OpenItem), table(Allocation), table(Dispute), table(DisputeEvent)
PROMISE = table(Promise)
COLUMNS = ("id", "account_id", "customer_id", "source", "source_id", "kind", "number", "posted_on", "due_on",
           "currency", "face")  # fmt: skip


def items_at(tx: Tx, day: date, account_id: int | None = None) -> Subquery:
    """Items posted by a day with what was open then as `left`, in minor units, debit positive; of one account or all.

    open = face - what was allocated by then, reversing rows counted where they were made.
    """
    moved = []
    for column, sign in ((ALLOCATION.c.debit_item_id, -1), (ALLOCATION.c.credit_item_id, 1)):
        amount = type_coerce(ALLOCATION.c.amount, BigInteger) * sign
        found = select(func.coalesce(func.sum(amount), 0)).where(
            ALLOCATION.c.company == ITEM.c.company, column == ITEM.c.id, ALLOCATION.c.applied_on <= day
        )
        moved.append(found.correlate(ITEM).scalar_subquery())
    left: Any = (type_coerce(ITEM.c.face, BigInteger) + moved[0] + moved[1]).label("left")
    items = select(*(ITEM.c[name] for name in COLUMNS), left).where(
        ITEM.c.company == tx.company, ITEM.c.posted_on <= day
    )
    return (items if account_id is None else items.where(ITEM.c.account_id == account_id)).subquery()


def disputes_at(tx: Tx, day: date, account_id: int | None = None) -> Subquery:
    """What was in dispute at the end of a day, of one account or all, a row a dispute: its `dispute_id`, `item_id`,
    `account_id`, `currency`, `deadline_on` and `open` in minor units, by its last event up to then; withdrawn, billed
    back or closed it is in dispute no more."""
    last = (
        select(EVENT.c.dispute_id, func.max(EVENT.c.version).label("version"))
        .where(EVENT.c.company == tx.company, EVENT.c.on <= day)
        .group_by(EVENT.c.dispute_id)
        .subquery()
    )
    told = and_(EVENT.c.dispute_id == last.c.dispute_id, EVENT.c.version == last.c.version)
    mine = and_(DISPUTE.c.company == EVENT.c.company, DISPUTE.c.id == EVENT.c.dispute_id)
    columns = (DISPUTE.c[name] for name in ("item_id", "account_id", "currency", "deadline_on"))
    opened = type_coerce(EVENT.c.open, BigInteger)
    statement = (
        select(EVENT.c.dispute_id, *columns, opened.label("open"))
        .join_from(EVENT, last, told)
        .join(DISPUTE, mine)
        .where(EVENT.c.company == tx.company, opened != 0, EVENT.c.state.not_in(sorted(ENDED)))
    )
    return (statement if account_id is None else statement.where(DISPUTE.c.account_id == account_id)).subquery()


def past(tx: Tx, day: date) -> date | None:
    """A day that is over by the company's calendar, to be rebuilt from events; None: things stand as they are now."""
    return day if day < tx.now.astimezone(reports_base.books(tx).zone).date() else None


def end_of(tx: Tx, day: date) -> datetime:
    """The instant a day is over by the company's calendar."""
    return reports_base.books(tx).midnight(day + timedelta(days=1))


def disputes(tx: Tx, day: date | None) -> Subquery:
    """What is in dispute now (None), or was at the end of a past day, as `disputes_at`."""
    if day is not None:
        return disputes_at(tx, day)
    names = ("item_id", "account_id", "currency", "deadline_on")
    columns = [DISPUTE.c.id.label("dispute_id"), *(DISPUTE.c[name] for name in names)]
    opened = type_coerce(DISPUTE.c.open, BigInteger).label("open")
    live = select(*columns, opened).where(DISPUTE.c.company == tx.company, DISPUTE.c.closed_at.is_(None))
    return live.subquery()


def promises(tx: Tx, day: date | None) -> Subquery:
    """Promises as they are (None), or as they stood at the end of a past day: one judged or withdrawn later was open.

    Columns: id, item_id, account_id, currency, amount, paid, promised_on, state.
    """
    names = ("id", "item_id", "account_id", "currency", "promised_on")
    amount: Any = type_coerce(PROMISE.c.amount, BigInteger)
    paid: Any = type_coerce(PROMISE.c.paid, BigInteger)
    columns: list[Any] = [PROMISE.c[name] for name in names]
    state: Any = PROMISE.c.state
    mine = [PROMISE.c.company == tx.company]
    if day is not None:
        end = end_of(tx, day)
        later = PROMISE.c.settled_at >= end
        mine.append(PROMISE.c.made_at < end)
        state, paid = case((later, "open"), else_=state), case((later, 0), else_=paid)
    return select(*columns, amount.label("amount"), paid.label("paid"), state.label("state")).where(*mine).subquery()


def disputed_at(tx: Tx, account_id: int | None, day: date) -> dict[int, int]:
    """What was in dispute of each item of an account, or of all, at the end of a day, in minor units."""
    rows = disputes_at(tx, day, account_id)
    statement = select(rows.c.item_id, func.sum(rows.c.open).label("open")).group_by(rows.c.item_id)
    return {row.item_id: int(row.open) for row in tx.rows(statement)}
