"""How a debtor behaves: days late of what was paid, promises kept, the highest balance. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from csdesk.models import Allocation, OpenItem, Promise, table
from csdesk.rules.collection import Paid, average_days_late, promise_kept_percent
from csdesk.services.derived import raw
from csdesk.services.tx import Tx

ITEM, ALLOCATION, PROMISE = table(OpenItem), table(Allocation), table(Promise)
MONTHS_DAYS = 365  # the year that tells how somebody behaves now


@dataclass(frozen=True)
class Behaviour:
    """Of the last year: weighted average days late (None: nothing paid), share of promises kept by value in percent
    (None: none came due), highest balance in minor units and its day."""

    days_late: Decimal | None
    kept_percent: Decimal | None
    promises: int
    highest: int
    highest_on: date | None


def of(tx: Tx, account_id: int, day: date) -> Behaviour:
    """The behaviour of an account in the year up to a day."""
    since = day - timedelta(days=MONTHS_DAYS)
    judged = tx.rows(
        select(PROMISE.c.state, PROMISE.c.amount, PROMISE.c.paid).where(
            PROMISE.c.company == tx.company, PROMISE.c.account_id == account_id, PROMISE.c.promised_on >= since,
            PROMISE.c.state.in_(("kept", "partly", "broken")),
        )
    )  # fmt: skip
    kept = promise_kept_percent([(row.state, row.amount, row.paid) for row in judged])
    highest, on = _highest(tx, account_id, since, day)
    return Behaviour(days_late(tx, day, (account_id,)).get(account_id), kept, len(judged), highest, on)


def kept_percents(tx: Tx, day: date) -> Mapping[int, Decimal | None]:
    """The share of promises kept, by value in percent, of each account with promises judged in the year up to a day."""
    judged = (PROMISE.c.company == tx.company, PROMISE.c.promised_on >= day - timedelta(days=MONTHS_DAYS),
              PROMISE.c.state.in_(("kept", "partly", "broken")))  # fmt: skip
    rows: dict[int, list[tuple[str, int, int]]] = {}
    for row in tx.rows(select(PROMISE).where(*judged)):
        rows.setdefault(row.account_id, []).append((row.state, row.amount, row.paid))
    return {account: promise_kept_percent(told) for account, told in rows.items()}


def days_late(tx: Tx, day: date, accounts: Sequence[int] | None = None) -> Mapping[int, Decimal | None]:
    """The weighted average days late of each account (or of all) in the year up to a day, by the value date of the
    money; negative: early. What was taken back counts out."""
    debit, credit = ITEM.alias("debit"), ITEM.alias("credit")
    statement = (
        select(
            debit.c.account_id, debit.c.due_on, credit.c.posted_on, func.sum(raw(ALLOCATION.c.amount)).label("amount")
        )
        .join_from(ALLOCATION, debit, (debit.c.company == ALLOCATION.c.company)
                   & (debit.c.id == ALLOCATION.c.debit_item_id))
        .join(credit, (credit.c.company == ALLOCATION.c.company) & (credit.c.id == ALLOCATION.c.credit_item_id))
        .where(
            ALLOCATION.c.company == tx.company, credit.c.kind == "receipt", ALLOCATION.c.applied_on <= day,
            credit.c.posted_on > day - timedelta(days=MONTHS_DAYS),
        )
        .group_by(debit.c.account_id, debit.c.due_on, credit.c.posted_on)
    )  # fmt: skip
    if accounts is not None:
        statement = statement.where(debit.c.account_id.in_(accounts))
    paid: dict[int, list[Paid]] = {}
    for row in tx.rows(statement):
        paid.setdefault(row.account_id, []).append(Paid(int(row.amount), row.due_on, row.posted_on))
    return {account: average_days_late(rows) for account, rows in paid.items()}


def _highest(tx: Tx, account_id: int, since: date, day: date) -> tuple[int, date | None]:
    """The highest balance at the end of a day: the running sum of what was posted, debits less credits."""
    posted: Sequence[Any] = tx.rows(
        select(ITEM.c.posted_on, func.sum(raw(ITEM.c.face)).label("moved"))
        .where(ITEM.c.company == tx.company, ITEM.c.account_id == account_id, ITEM.c.posted_on <= day)
        .group_by(ITEM.c.posted_on)
        .order_by(ITEM.c.posted_on)
    )
    balance, highest, on = 0, 0, None
    for row in posted:
        balance += int(row.moved)
        if row.posted_on >= since and balance > highest:
            highest, on = balance, row.posted_on
    return highest, on
