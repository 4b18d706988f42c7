"""What waits for one person beside approvals: callbacks, held orders, broken promises, money without an owner; each
source gated by the duty of the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from csdesk.models import BankLine, Customer, OpenItem, Promise, table
from csdesk.services import audit, callback_lists, callbacks, collecting, releasing, reports_base
from csdesk.services.callback_lists import CallbackView
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

CUSTOMER, PROMISE = table(Customer), table(Promise)
ITEM, BANK = table(OpenItem), table(BankLine)
SOON = timedelta(minutes=30)
BROKEN_DAYS = 30  # a promise broken longer ago is the work list's business
MOST = 50  # of each kind


@dataclass(frozen=True)
class Entry:
    """A thing that waits: its kind (callback, held, promise, cash), what Enter opens, amount in minor units (None: it
    has none), when it was or is due, the reason for its place. Lower rank stands higher."""

    kind: str
    subject_id: int
    customer_id: int | None
    customer: str
    amount: int | None
    currency: str
    due: date
    words: str
    rank: int


@reads("customer.read")
def entries(tx: Tx) -> tuple[Entry, ...]:
    """What waits for the reader: callbacks due (own) first, then held orders, broken promises, money that waits for its
    owner; within a kind the earliest due, money by size."""
    found = [entry for source in SOURCES for entry in source(tx)]
    return tuple(sorted(found, key=lambda each: (each.rank, each.due, -(each.amount or 0), each.subject_id)))


def _callbacks(tx: Tx) -> list[Entry]:
    zone = reports_base.books(tx).zone
    return [
        Entry("callback", each.id, each.customer_id, each.customer, None, "", each.due.astimezone(zone).date(),
              f"{each.due.astimezone(zone):%H:%M} {each.words}", 1)
        for each in callback_lists.mine(tx, tx.now + SOON, MOST)
    ]  # fmt: skip


def _held(tx: Tx) -> list[Entry]:
    if not tx.actor.may("order.release"):
        return []
    zone = reports_base.books(tx).zone
    return [
        Entry("held", row.id, row.customer_id, f"{row.code} {row.name}", row.gross, row.currency,
              row.placed_at.astimezone(zone).date(), "; ".join(why), 2)
        for row, why in releasing.listed(tx, MOST)
    ]  # fmt: skip


def _promises(tx: Tx) -> list[Entry]:
    """Broken lately and open still; a collector sees all, others those they took."""
    again = select(PROMISE.c.item_id).where(PROMISE.c.company == tx.company, PROMISE.c.state == "open")
    item = (ITEM.c.company == PROMISE.c.company) & (ITEM.c.id == PROMISE.c.item_id)
    customer = (CUSTOMER.c.company == PROMISE.c.company) & (CUSTOMER.c.id == PROMISE.c.customer_id)
    mine = [] if tx.actor.may("dunning.run") else [PROMISE.c.made_by == tx.actor.id]
    statement = (
        select(PROMISE, ITEM.c.number, ITEM.c.open, CUSTOMER.c.code, CUSTOMER.c.name)
        .join(ITEM, item)
        .join(CUSTOMER, customer)
        .where(
            PROMISE.c.company == tx.company, PROMISE.c.state.in_(collecting.BROKEN), raw(ITEM.c.open) > 0,
            PROMISE.c.settled_at > tx.now - timedelta(days=BROKEN_DAYS), PROMISE.c.item_id.not_in(again), *mine,
        )
        .order_by(PROMISE.c.promised_on)
        .limit(MOST)
    )  # fmt: skip
    return [
        Entry("promise", row.id, row.customer_id, f"{row.code} {row.name}", row.open, row.currency, row.promised_on,
              f"{row.state} promise, {row.number} of {row.promised_on:%d %b}", 3)
        for row in tx.rows(statement)
    ]  # fmt: skip


def _money(tx: Tx) -> list[Entry]:
    if not tx.actor.may("cash.apply"):
        return []
    statement = (
        select(BANK)
        .where(BANK.c.company == tx.company, BANK.c.state == "waiting")
        .order_by(BANK.c.received_on, BANK.c.id)
        .limit(MOST)
    )
    return [
        Entry("cash", row.id, None, row.payer, row.amount, row.currency, row.received_on,
              f"whose is it? {row.reference}".strip(), 4)
        for row in tx.rows(statement)
    ]  # fmt: skip


SOURCES: tuple[Callable[[Tx], list[Entry]], ...] = (_callbacks, _held, _promises, _money)


@reads("customer.read")
def callback(tx: Tx, callback_id: int) -> CallbackView:
    """A call to make, whole. Raises NotFound."""
    return callback_lists.whole(tx, callback_id)


@writes("customer.read")
def called(tx: Tx, callback_id: int) -> str:
    """The call was made: the callback is done. Done already, nothing changes."""
    words = callbacks.keep(tx, callback_id).words
    audit.record(tx, "queue.called", "callback", callback_id)
    return words


@writes("customer.read")
def missed(tx: Tx, callback_id: int, why: str) -> str:
    """Nobody was reached: it stands in the contact log, the callback stays due. Raises Invalid without a reason."""
    words = callbacks.attempt(tx, callback_id, why).words
    audit.record(tx, "queue.missed", "callback", callback_id)
    return words
