"""The credit rules beside the limit: how late the oldest item may be, how far an account may be dunned; and how long a
release holds good. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from csdesk.models import OpenItem, OrderHold, SalesOrder, table
from csdesk.rules.credit import AccountItem, Exposure, Release, credit_check, why_recheck
from csdesk.services import dunning_levels
from csdesk.services.customers import Trading
from csdesk.services.derived import raw
from csdesk.services.tx import Tx

ITEM, ORDER, HOLD = table(OpenItem), table(SalesOrder), table(OrderHold)
KINDS = frozenset(
    {"credit", "oldest-item", "dunning"}
)  # holds that a release covers, and that growth or age brings back
_NAMES = {"oldest item": "oldest-item", "dunning level": "dunning"}
_PAST_DUE = select(ITEM.c.id, ITEM.c.open, ITEM.c.due_on).where(
    ITEM.c.company == bindparam("c"),
    ITEM.c.account_id == bindparam("a"),
    raw(ITEM.c.open) != 0,  # the index of open items is asked for so
    raw(ITEM.c.open) > 0,
    ITEM.c.due_on < bindparam("day"),
)
_RELEASED = select(ORDER.c.released_value, ORDER.c.released_until).where(
    ORDER.c.company == bindparam("c"), ORDER.c.id == bindparam("i")
)
_LIFTED = select(func.max(HOLD.c.lifted_at).label("at")).where(
    HOLD.c.company == bindparam("c"), HOLD.c.order_id == bindparam("i")
)


def findings(tx: Tx, who: Trading, gross: int) -> list[tuple[str, str]]:
    """(kind, reason) of the rules about items that hold an order of `gross`; nothing is read where none is set.

    Disputed items stay out of both: whether they are owed is the question (`rules.credit.credit_check`).
    """
    account = who.account
    if account.oldest_days is None and account.highest_level is None:
        return []
    today = who.local(tx.now).date()
    rows = tx.rows(_PAST_DUE, {"c": tx.company, "a": account.id, "day": today})
    found = credit_check(
        gross, limit=None, exposure=Exposure(), items=_items(tx, rows, account.highest_level is not None), today=today,
        max_overdue_days=account.oldest_days, max_dunning_level=account.highest_level, skip_disputed=True,
        currency=account.currency,
    )  # fmt: skip
    return [(_NAMES[each.rule], _plain(each.sentence)) for each in found]


def _items(tx: Tx, rows: Sequence[Row[Any]], dunned: bool) -> list[AccountItem]:
    ids = [row.id for row in rows]
    if not ids:
        return []
    disputed = {row.item_id for row in tx.rows(dunning_levels.disputed_items(tx))}
    levels = dunning_levels.reached(tx, ids) if dunned else {}
    return [
        AccountItem(row.open, row.due_on, row.id in disputed, levels.get(row.id, dunning_levels.NEVER).level)
        for row in rows
    ]


def _plain(sentence: str) -> str:
    """A sentence as the reason of a hold: no capital, no point."""
    return sentence[0].lower() + sentence[1:].rstrip(".")


def why_again(tx: Tx, order_id: int, gross: int, day: date, zone: Any) -> str | None:
    """Why a released order is checked again at a value on a day; None while its release covers it, '' when the order
    was never released (`rules.credit.why_recheck`)."""
    key = {"c": tx.company, "i": order_id}
    row = tx.row(_RELEASED, key)
    if row is None or row.released_value is None or row.released_until is None:
        return ""
    lifted = tx.value(_LIFTED, key)
    began = min(row.released_until, lifted.astimezone(zone).date()) if lifted else row.released_until
    release = Release(order_id, row.released_value, began, (row.released_until - began).days)
    return why_recheck(release, order=order_id, value=gross, day=day, release_day_counts=False)
