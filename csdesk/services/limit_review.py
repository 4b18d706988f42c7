"""Which accounts should have another limit: use and behaviour, with the evidence. Nothing is changed by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from csdesk.models import CreditAccount, Customer, OpenItem, table
from csdesk.services import behaviour, customers, proposing, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads

ACCOUNT, CUSTOMER, ITEM = table(CreditAccount), table(Customer), table(OpenItem)
FULL, EMPTY = 80, 10  # percent of the limit that is much used, and hardly used
PROMPT, LATE = 5, 30  # days after due on average: so few count as on time, so many as late
KEPT = 50  # percent of promises by value, below which they count as not kept
STEP = 25  # percent up or down


@dataclass(frozen=True)
class Suggestion:
    """A limit to propose for an account, minor units, with the reason and the evidence."""

    customer: str
    name: str
    currency: str
    limit: int
    proposed: int
    reason: str
    evidence: tuple[str, ...]


@reads("limit.request")
def review(tx: Tx, limit: int = 50) -> tuple[Suggestion, ...]:
    """Accounts whose use and behaviour suggest another limit, the most used first.

    Up by STEP percent: used to FULL percent or more, on average at most PROMPT days late and nothing over 30 days past
    due. Down by STEP percent: on average more than LATE days late, or half of the promises by value not kept. Down to
    the highest balance of the year: never used beyond EMPTY percent, when that is less than half the limit.
    Amounts are rounded up to two digits. Accounts without a limit or with none at all (0) are left out.
    """
    today = tx.now.astimezone(reports_base.books(tx).zone).date()
    late, kept = behaviour.days_late(tx, today), behaviour.kept_percents(tx, today)
    found = []
    for row in _limited(tx, today):
        if (made := _suggest(tx, row, late.get(row.id), kept.get(row.id), today)) is not None:
            found.append((row.used / row.credit_limit, made))
    found.sort(key=lambda each: (-each[0], each[1].customer))
    return tuple(each for _, each in found[:limit])


def _limited(tx: Tx, today: date) -> Iterator[Any]:
    used = sum((raw(ACCOUNT.c[part]) for part in ("orders", "delivered", "billed", "open_debit")), -raw(
        ACCOUNT.c.open_credit))  # fmt: skip
    overdue = (
        select(func.count())
        .where(ITEM.c.company == tx.company, ITEM.c.account_id == ACCOUNT.c.id, raw(ITEM.c.open) > 0,
               ITEM.c.due_on < today - timedelta(days=30))
        .correlate(ACCOUNT)
        .scalar_subquery()
    )  # fmt: skip
    owner = (
        select(func.min(CUSTOMER.c.id))
        .where(CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id == ACCOUNT.c.id, CUSTOMER.c.bill_to_id.is_(None))
        .correlate(ACCOUNT)
        .scalar_subquery()
    )
    statement = select(ACCOUNT.c.id, ACCOUNT.c.currency, ACCOUNT.c.credit_limit, used.label("used"),
                       overdue.label("overdue"), owner.label("customer_id"))  # fmt: skip
    wanted = and_(ACCOUNT.c.company == tx.company, raw(ACCOUNT.c.credit_limit) > 0, owner.is_not(None))
    yield from tx.rows(statement.where(wanted).order_by(ACCOUNT.c.id))


def _suggest(tx: Tx, row: Any, days_late: Any, kept: Any, today: date) -> Suggestion | None:
    much = row.used * 100 >= FULL * row.credit_limit
    prompt = days_late is not None and days_late <= PROMPT and not row.overdue
    slow = (days_late is not None and days_late > LATE) or (kept is not None and kept < KEPT)
    if not (much and prompt) and not slow and row.used * 100 > EMPTY * row.credit_limit:
        return None
    how = behaviour.of(tx, row.id, today)
    proposed, reason = row.credit_limit, ""
    if much and prompt:
        proposed, reason = _round(row.credit_limit * (100 + STEP) // 100), "much used, pays on time"
    elif slow:
        proposed, reason = _round(row.credit_limit * (100 - STEP) // 100), "pays late or keeps no promises"
    elif how.highest * 2 < row.credit_limit and how.highest * 100 <= EMPTY * row.credit_limit and how.highest:
        proposed, reason = _round(how.highest * 2), "hardly used in a year"
    if not reason or proposed == row.credit_limit:
        return None
    who = customers.trading(tx, row.customer_id)
    return Suggestion(
        who.code, who.name, row.currency, row.credit_limit, proposed, reason, proposing.evidence(tx, who, today)
    )


def _round(amount: int) -> int:
    """An amount rounded up to two digits: a limit is said, not reckoned."""
    step: int = 10 ** max(0, len(str(amount)) - 2)
    return -(-amount // step) * step
