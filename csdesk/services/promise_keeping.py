"""Promises to pay once their day has come: kept, partly kept or broken by what was really paid, written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update

from csdesk.models import Allocation, OpenItem, Promise, Receipt, table
from csdesk.money import show
from csdesk.rules import promises as rule
from csdesk.services import audit, customers, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

PROMISE, ITEM, ALLOCATION, RECEIPT = table(Promise), table(OpenItem), table(Allocation), table(Receipt)
TOLERANCE_DAYS = 1  # a transfer made on the promised day stands on the account the day after


@reads("posting.run")
def due(tx: Tx, limit: int = 500, tolerance_days: int = TOLERANCE_DAYS) -> tuple[int, ...]:
    """Open promises to judge: their day and the tolerance have passed, or nothing is open of their item any more."""
    last = tx.now.astimezone(reports_base.books(tx).zone).date() - timedelta(days=tolerance_days)
    item = (ITEM.c.company == PROMISE.c.company) & (ITEM.c.id == PROMISE.c.item_id)
    statement = (
        select(PROMISE.c.id)
        .join(ITEM, item)
        .where(
            PROMISE.c.company == tx.company, PROMISE.c.state == "open",
            or_(PROMISE.c.promised_on < last, raw(ITEM.c.open) == 0),
        )
        .order_by(PROMISE.c.promised_on, PROMISE.c.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(row.id for row in tx.rows(statement))


@writes("posting.run")
def settle(tx: Tx, promise_id: int, tolerance_days: int = TOLERANCE_DAYS, given_up: bool = False) -> str:
    """Writes what became of a promise, once; gives one sentence, '' when there is nothing to write (yet or any more).

    Judged by `rules.promises.evaluate` on the customer's local day; when it is `given_up` for another one its own day
    is over too, unless it was given that very day. What was credited of the item since lessens what
    was promised; credited whole, the promise falls away (withdrawn). A broken one raises the dunning level of its item,
    see `dunning_levels`.
    """
    row = _promise(tx, promise_id)
    if row is None:
        return ""
    who = customers.trading(tx, row.customer_id, lock=True)
    row = _promise(tx, promise_id)  # somebody else may have judged it before the lock was ours
    if row is None or row.state != "open":
        return ""
    item = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    assert item is not None
    given, today = who.local(row.made_at).date(), who.local(tx.now).date()
    as_of = today + timedelta(days=1) if given_up and given < today else today
    found = judged(row, _paid(tx, row), given, as_of, tolerance_days)
    if found.status == "open":
        return ""
    mine = update(PROMISE).where(PROMISE.c.company == tx.company, PROMISE.c.id == promise_id, PROMISE.c.state == "open")
    tx.do(mine.values(state=found.status, paid=found.paid, settled_at=tx.now))
    audit.record(tx, "promise_keeping.settle", "promise", promise_id, {"state": "open"},
                 {"state": found.status, "paid": found.paid, "short": found.short})  # fmt: skip
    money = f"{show(found.paid, row.currency)} of {show(row.amount, row.currency)} {row.currency}"
    return f"Promise for {item.number} of {row.promised_on:%d %b}: {found.status}, {money} paid."


def rejudge(tx: Tx, item_ids: Iterable[int]) -> None:
    """Judges anew the promises on items whose money went back (a receipt bounced): what was kept by it is not; before
    its day is over it is open again. Part of an act that is audited itself; the caller holds the account locked."""
    said = (PROMISE.c.company == tx.company, PROMISE.c.item_id.in_(sorted(set(item_ids))),
            PROMISE.c.state.in_(("kept", "partly")))  # fmt: skip
    for row in tx.rows(select(PROMISE).where(*said).order_by(PROMISE.c.id)):
        who = customers.trading(tx, row.customer_id)
        found = judged(row, _paid(tx, row), who.local(row.made_at).date(), who.local(tx.now).date())
        if (found.status, found.paid) == (row.state, row.paid):
            continue
        opened = found.status == "open"
        values = {"state": found.status, "paid": 0 if opened else found.paid, "settled_at": None if opened else tx.now}
        tx.do(update(PROMISE).where(PROMISE.c.company == tx.company, PROMISE.c.id == row.id).values(values))
        audit.record(tx, "promise_keeping.settle", "promise", row.id, {"state": row.state, "paid": row.paid},
                     {"state": found.status, "paid": found.paid, "short": found.short})  # fmt: skip


def judged(
    row: Row[Any], moves: Sequence[Row[Any]], given_on: date, today: date, tolerance_days: int = TOLERANCE_DAYS
) -> rule.Evaluation:
    """The state of a promise as of a day, from what moved on its item after it was made (rows of `_paid`)."""
    credited = sum(each.amount for each in moves if each.kind != "receipt")
    wanted = row.amount - max(0, credited)
    if wanted <= 0:
        return rule.Evaluation("withdrawn", 0, 0)
    payments = [rule.Payment(max(each.on, given_on), each.amount) for each in moves if each.kind == "receipt"]
    promise = rule.Promise(given_on, max(given_on, row.promised_on), wanted)
    return rule.evaluate(promise, payments, today, tolerance_days=tolerance_days)


def _paid(tx: Tx, row: Row[Any]) -> Sequence[Row[Any]]:
    """What was set against the item after the promise was made: amount, kind of the credit and its value date.

    Ids are drawn in the order of time, so a later id is a later act; taking back what was there before the promise is
    no payment missed.
    """
    credit = (ITEM.c.company == ALLOCATION.c.company) & (ITEM.c.id == ALLOCATION.c.credit_item_id)
    money = and_(RECEIPT.c.company == ITEM.c.company, ITEM.c.source == "receipt", RECEIPT.c.id == ITEM.c.source_id)
    return tx.rows(
        select(ALLOCATION.c.amount, ITEM.c.kind, func.coalesce(RECEIPT.c.received_on, ITEM.c.posted_on).label("on"))
        .join(ITEM, credit)
        .outerjoin(RECEIPT, money)
        .where(
            ALLOCATION.c.company == tx.company, ALLOCATION.c.debit_item_id == row.item_id, ALLOCATION.c.id > row.id,
            or_(ALLOCATION.c.reverses_id.is_(None), ALLOCATION.c.reverses_id > row.id),
        )
    )  # fmt: skip


def _promise(tx: Tx, promise_id: int) -> Row[Any] | None:
    return tx.row(select(PROMISE).where(PROMISE.c.company == tx.company, PROMISE.c.id == promise_id))
