"""Promises to pay: taken on the phone for one open item, with the callback that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import OpenItem, Promise, table
from csdesk.money import show
from csdesk.rules import promises as rule
from csdesk.rules.business_days import is_business_day
from csdesk.rules.callbacks import Window
from csdesk.rules.delivery import typed_day
from csdesk.services import audit, callback_rows, callbacks, calls, customers, memory, promise_keeping
from csdesk.services.customers import Trading, holidays_of
from csdesk.services.tx import Tx, reads, writes

ITEM, PROMISE = table(OpenItem), table(Promise)


@dataclass(frozen=True)
class ItemHit:
    """An open debit item a typed ending may mean; amounts in minor units."""

    id: int
    number: str
    due_on: date
    open: int
    currency: str


@dataclass(frozen=True)
class Promised:
    """A promise that was taken, in one sentence."""

    id: int
    words: str


@reads("customer.read")
def items(tx: Tx, customer_id: int, ending: str, limit: int = 9) -> tuple[ItemHit, ...]:
    """Open debit items of the account a customer is billed to whose numbers end so, oldest due first."""
    who = customers.trading(tx, customer_id)
    statement = (
        select(ITEM)
        .where(
            ITEM.c.company == tx.company, ITEM.c.account_id == who.account.id, ITEM.c.open > 0,
            ITEM.c.number.like(f"%{ending}"),
        )
        .order_by(ITEM.c.due_on, ITEM.c.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(ItemHit(row.id, row.number, row.due_on, row.open, row.currency) for row in tx.rows(statement))


@reads("customer.read")
def preview(tx: Tx, customer_id: int, item_id: int, day: str, clock: str = "") -> str:
    """What taking a promise would note. Raises like the act."""
    who = customers.trading(tx, customer_id)
    row, pays_on, calls_at = _meant(tx, who, item_id, day, clock)
    return f"notes: pays {_words(who, row, pays_on, calls_at)}"


@writes("promise.take")
def take(tx: Tx, call_id: int, item_id: int, day: str, clock: str = "") -> Promised:
    """Takes the promise that an item is paid on a day; with `clock` ("14" or "14:30", the customer's time) a callback
    on the working day after it. An earlier open promise for the item is replaced; one whose day has come is judged
    first, so that no new promise hides that it was broken.

    Raises Invalid for a day or clock that cannot be, Refused for an item of another account or without anything open,
    and for a day that only a dunning block may reach (`rules.promises.too_far`).
    """
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    who = customers.trading(tx, call.customer_id, lock=True)
    row, pays_on, calls_at = _meant(tx, who, item_id, day, clock)
    callback_id = None
    if calls_at:
        phone = call.phone or callback_rows.number_of(tx, who.id)
        callback_id = callbacks.add(tx, who.id, Window(calls_at), f"promise to pay {row.number}", phone)
    replaced = _replace(tx, row.id)
    made: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "item_id": row.id, "account_id": row.account_id,
        "customer_id": who.id, "currency": row.currency, "amount": row.open, "promised_on": pays_on, "state": "open",
        "made_at": tx.now, "made_by": tx.actor.id, "callback_id": callback_id,
    }  # fmt: skip
    tx.do(insert(PROMISE), made)
    words = f"Promised: {_words(who, row, pays_on, calls_at)}"
    undo = {"do": "unpromise", "promise": made["id"], "replaced": replaced}
    memory.remember(tx, call.id, "promises.take", words, undo, who.hold_seconds)
    audit.record(tx, "promises.take", "promise", made["id"], None,
                 {"item": row.number, "amount": row.open, "on": pays_on, "callback": calls_at})  # fmt: skip
    return Promised(made["id"], f"{words}.")


def _replace(tx: Tx, item_id: int) -> list[int]:
    """Judges promises for an item whose day is over, and withdraws those still open; gives the ids of the withdrawn."""
    live = (PROMISE.c.company == tx.company, PROMISE.c.item_id == item_id, PROMISE.c.state == "open")
    for row in tx.rows(select(PROMISE.c.id).where(*live).order_by(PROMISE.c.id)):
        promise_keeping.settle(
            tx, row.id, tolerance_days=0, given_up=True
        )  # who promises anew says that no payment is on its way
    left = [row.id for row in tx.rows(select(PROMISE.c.id).where(*live).order_by(PROMISE.c.id))]
    tx.do(update(PROMISE).where(*live).values(state="withdrawn", settled_at=tx.now))
    return left


def withdraw(tx: Tx, promise_id: int, replaced: Sequence[int] = ()) -> str:
    """Takes a promise and its callback back; those it `replaced` are open again."""
    row = tx.row(select(PROMISE).where(PROMISE.c.company == tx.company, PROMISE.c.id == promise_id))
    assert row is not None
    if row.state != "open":
        raise Refused(f"This promise is {row.state} already.")
    mine = update(PROMISE).where(PROMISE.c.company == tx.company, PROMISE.c.id == promise_id)
    tx.do(mine.values(state="withdrawn", settled_at=tx.now))
    if row.callback_id is not None:
        callbacks.drop(tx, row.callback_id)
    again = update(PROMISE).where(
        PROMISE.c.company == tx.company, PROMISE.c.id.in_(replaced), PROMISE.c.state == "withdrawn"
    )
    tx.do(again.values(state="open", settled_at=None))
    return "promise withdrawn"


def _meant(tx: Tx, who: Trading, item_id: int, day: str, clock: str) -> tuple[Row[Any], date, datetime | None]:
    row = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == item_id))
    if row is None or row.account_id != who.account.id:
        raise NotFound("This item is not on the caller's account; l shows the ledger.", field="item")
    if row.open <= 0:
        raise Refused(f"Nothing is open of {row.number}; l shows the ledger.")
    pays_on = typed_day(day, who.local(tx.now).date())
    if far := rule.too_far(pays_on, _given_on(tx, who, item_id)):
        raise Refused(f"{far} csdesk dunning block {who.code} asks for one.", field="day")
    return row, pays_on, _callback_at(who, pays_on, clock) if clock else None


def _given_on(tx: Tx, who: Trading, item_id: int) -> list[date]:
    """Today, and the days on which promises for an item were given of late that stand or were replaced in time."""
    since = tx.now - timedelta(days=rule.MOST_DAYS)
    lately = select(PROMISE.c.made_at).where(
        PROMISE.c.company == tx.company, PROMISE.c.item_id == item_id, PROMISE.c.made_at >= since,
        PROMISE.c.state.in_(("open", "withdrawn")),
    )  # fmt: skip
    return [who.local(at).date() for at in (tx.now, *(row.made_at for row in tx.rows(lately)))]


def _callback_at(who: Trading, pays_on: date, clock: str) -> datetime:
    """The working day after a promised one, at a clock in the customer's zone."""
    hour, _, minute = clock.partition(":")
    if int(hour) > 23 or int(minute or 0) > 59:
        raise Invalid(f"'{clock}' is no time of day; c14 or c14:30 is wanted.", field="clock")
    day = pays_on + timedelta(days=1)
    while not is_business_day(day, holidays_of(who.country, day.year)):
        day += timedelta(days=1)
    at = datetime.combine(day, time(int(hour), int(minute or 0)), ZoneInfo(who.timezone))
    return at.astimezone(UTC)


def _words(who: Trading, row: Row[Any], pays_on: date, calls_at: datetime | None) -> str:
    text = f"{show(row.open, row.currency)} {row.currency} of {row.number} on {pays_on:%a %d %b}"
    if calls_at is None:
        return text
    return f"{text}, callback {calls_at.astimezone(ZoneInfo(who.timezone)):%a %d %b %H:%M}"
