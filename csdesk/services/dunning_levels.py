"""The dunning level each open item has reached, and what keeps items out of dunning. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from csdesk.models import CreditAccount, Dispute, DunnedItem, DunningLevel, DunningNotice, OpenItem, Promise, table
from csdesk.rules.dunning import Level, Procedure
from csdesk.rules.promises import level_after
from csdesk.services import as_of, customers
from csdesk.services.tx import Tx

LEVEL, DUNNED, NOTICE = table(DunningLevel), table(DunnedItem), table(DunningNotice)
PROMISE, DISPUTE, ITEM, ACCOUNT = table(Promise), table(Dispute), table(OpenItem), table(CreditAccount)
CHUNK = 500


@dataclass(frozen=True)
class Reached:
    """How far an item was dunned: its level and the day of its last notice."""

    level: int = 0
    last_notice_on: date | None = None


NEVER = Reached()


def procedures(tx: Tx) -> dict[str, tuple[Procedure, tuple[Any, ...]]]:
    """Each dunning procedure of the company with its rows (channel, text), by name; '' is the usual one."""
    if "dunning procedures" in tx.cache:
        return dict(tx.cache["dunning procedures"])
    rows: dict[str, list[Any]] = {}
    for row in tx.rows(select(LEVEL).where(LEVEL.c.company == tx.company).order_by(LEVEL.c.procedure, LEVEL.c.level)):
        rows.setdefault(row.procedure, []).append(row)
    found = {name: (_procedure(each), tuple(each)) for name, each in rows.items()}
    tx.cache["dunning procedures"] = found
    return found


def read_anew(tx: Tx) -> None:
    """Reads the procedures after one was changed. Raises Invalid when its levels do not follow each other."""
    tx.cache.pop("dunning procedures", None)
    procedures(tx)


def currency_of(tx: Tx, procedure: str) -> str:
    """The currency of a procedure's minimums and fees: its own, else the company's."""
    known = procedures(tx).get(procedure)
    return (known[1][0].currency if known else "") or customers.company_currency(tx)


def without_amounts(procedure: Procedure) -> Procedure:
    """The procedure for an account in another currency than its amounts: no minimum, no fee."""
    return Procedure(tuple(replace(each, minimum_amount=0, fee=0) for each in procedure.levels))


def _procedure(rows: Sequence[Any]) -> Procedure:
    return Procedure(
        tuple(
            Level(row.level, row.days_late, row.minimum, row.minimum_percent, row.fee, row.interest_percent)
            for row in rows
        )
    )


def reached(
    tx: Tx, item_ids: Sequence[int], maximum: Mapping[int, int] | int | None = None, past: date | None = None
) -> dict[int, Reached]:
    """The level of each item: notices and broken promises in the order they happened; items never dunned are missing.

    Of one instant the promise comes first: the notice was made knowing it. A notice brings its level, a broken promise
    one more (`rules.promises.level_after`), never above the last level of the procedure: `maximum`, by item, or of all.
    With a `past` day as it was at its end.
    """
    end = as_of.end_of(tx, past) if past is not None else None
    top = tops(tx, item_ids) if maximum is None else maximum
    events: dict[int, list[tuple[datetime, int, date | None]]] = {}
    for start in range(0, len(item_ids), CHUNK):
        for row in tx.rows(_events(tx, item_ids[start : start + CHUNK])):
            if past is None or row.run_on <= past:
                events.setdefault(row.item_id, []).append((row.at, row.level, row.run_on))
        for row in tx.rows(_broken(tx, item_ids[start : start + CHUNK])):
            if end is None or row.settled_at < end:
                events.setdefault(row.item_id, []).append((row.settled_at, 0, None))
    return {
        item: _folded(
            sorted(told, key=lambda each: (each[0], each[1] > 0)), top if isinstance(top, int) else top.get(item, 0)
        )
        for item, told in events.items()
    }


def _folded(events: Sequence[tuple[datetime, int, date | None]], maximum: int) -> Reached:
    level, last = 0, None
    for _, noticed, on in events:
        level = max(level, noticed) if on else level_after(level, "broken", maximum)
        last = on or last
    return Reached(level, last)


def _events(tx: Tx, items: Sequence[int]) -> Select[Any]:
    notice = (NOTICE.c.company == DUNNED.c.company) & (NOTICE.c.id == DUNNED.c.notice_id)
    return (
        select(DUNNED.c.item_id, DUNNED.c.level, NOTICE.c.made_at.label("at"), NOTICE.c.run_on)
        .join(NOTICE, notice)
        .where(DUNNED.c.company == tx.company, DUNNED.c.item_id.in_(items))
    )


def _broken(tx: Tx, items: Sequence[int]) -> Select[Any]:
    return select(PROMISE.c.item_id, PROMISE.c.settled_at).where(
        PROMISE.c.company == tx.company, PROMISE.c.item_id.in_(items), PROMISE.c.state == "broken",
        PROMISE.c.settled_at.is_not(None),
    )  # fmt: skip


def tops(tx: Tx, items: Sequence[int]) -> dict[int, int]:
    """The last level of the procedure each item is dunned by."""
    last = dict(
        tuple(row)
        for row in tx.rows(
            select(LEVEL.c.procedure, func.max(LEVEL.c.level))
            .where(LEVEL.c.company == tx.company)
            .group_by(LEVEL.c.procedure)
        )
    )
    account = (ACCOUNT.c.company == ITEM.c.company) & (ACCOUNT.c.id == ITEM.c.account_id)
    found: dict[int, int] = {}
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        named = select(ITEM.c.id, ACCOUNT.c.dunning_procedure).join(ACCOUNT, account)
        for row in tx.rows(named.where(ITEM.c.company == tx.company, ITEM.c.id.in_(chunk))):
            found[row.id] = last.get(row.dunning_procedure, 0)
    return found


def disputed_items(tx: Tx, past: date | None = None) -> Select[Any]:
    """The ids of items with a dispute that is not closed: not dunned, not collected, not proposed to be written off;
    with a `past` day as it was at its end."""
    if past is not None:
        return select(as_of.disputes(tx, past).c.item_id)
    return select(DISPUTE.c.item_id).where(DISPUTE.c.company == tx.company, DISPUTE.c.closed_at.is_(None))


def promised_items(tx: Tx, day: date, past: date | None = None) -> Select[Any]:
    """The ids of items with an open promise whose day has not passed; with a `past` day as it was at its end."""
    if past is not None:
        then = as_of.promises(tx, past)
        return select(then.c.item_id).where(then.c.state == "open", then.c.promised_on >= day)
    return select(PROMISE.c.item_id).where(
        PROMISE.c.company == tx.company, PROMISE.c.state == "open", PROMISE.c.promised_on >= day
    )


def blocked_accounts(tx: Tx, day: date) -> Select[Any]:
    """The ids of accounts that are not to be reminded on a day."""
    return select(ACCOUNT.c.id).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.dunning_blocked_until >= day)


def free_of_holds(tx: Tx, day: date, past: date | None = None, item: Any = ITEM.c.id) -> Any:
    """The condition on open items that nothing holds them out of collection: neither disputed nor promised; with a
    `past` day then. `item` is their id, where they are not read from the table."""
    return ~or_(item.in_(disputed_items(tx, past)), item.in_(promised_items(tx, day, past)))
