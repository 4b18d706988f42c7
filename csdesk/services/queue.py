"""What waits for one person beside approvals: callbacks, held orders, broken promises, money without an owner; each
source gated by the duty of the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update

from csdesk.errors import Invalid, NotFound
from csdesk.models import BankLine, Callback, ContactPhone, Customer, OpenItem, Promise, table
from csdesk.services import audit, collecting, customers, releasing, reports_base
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

CALLBACK, CUSTOMER, PROMISE = table(Callback), table(Customer), table(Promise)
ITEM, BANK, PHONE = table(OpenItem), table(BankLine), table(ContactPhone)
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


@dataclass(frozen=True)
class CallbackView:
    """A call to make: whom, at which number, when on the customer's clock, about what."""

    id: int
    customer_id: int
    customer: str
    phone: str
    due: datetime
    about: str
    last: str


@reads("customer.read")
def entries(tx: Tx) -> tuple[Entry, ...]:
    """What waits for the reader: callbacks due (own) first, then held orders, broken promises, money that waits for its
    owner; within a kind the earliest due, money by size."""
    found = [entry for source in SOURCES for entry in source(tx)]
    return tuple(sorted(found, key=lambda each: (each.rank, each.due, -(each.amount or 0), each.subject_id)))


def _callbacks(tx: Tx) -> list[Entry]:
    zone = reports_base.books(tx).zone
    rows = tx.rows(
        _calls(tx)
        .where(CALLBACK.c.staff_id == tx.actor.id, CALLBACK.c.done_at.is_(None), CALLBACK.c.due_at <= tx.now + SOON)
        .order_by(CALLBACK.c.due_at)
        .limit(MOST)
    )
    return [
        Entry("callback", row.id, row.customer_id, f"{row.code} {row.name}", None, "",
              row.due_at.astimezone(zone).date(), f"{row.due_at.astimezone(zone):%H:%M} {row.about}", 1)
        for row in rows
    ]  # fmt: skip


def _calls(tx: Tx) -> Any:
    customer = (CUSTOMER.c.company == CALLBACK.c.company) & (CUSTOMER.c.id == CALLBACK.c.customer_id)
    return (
        select(CALLBACK, CUSTOMER.c.code, CUSTOMER.c.name)
        .join(CUSTOMER, customer)
        .where(CALLBACK.c.company == tx.company)
    )


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
    row = _callback(tx, callback_id)
    who = customers.trading(tx, row.customer_id)
    phone = tx.value(
        select(PHONE.c.raw).where(PHONE.c.company == tx.company, PHONE.c.customer_id == row.customer_id).limit(1)
    )
    spoken = collecting.contacts(tx, who.account.id, 1)
    last = f"{who.local(spoken[0].at):%d %b} {spoken[0].by}: {spoken[0].words}" if spoken else ""
    return CallbackView(
        row.id, row.customer_id, f"{row.code} {row.name}", phone or "", who.local(row.due_at), row.about, last
    )


def _callback(tx: Tx, callback_id: int) -> Row[Any]:
    row: Row[Any] | None = tx.row(_calls(tx).where(CALLBACK.c.id == callback_id))
    if row is None:
        raise NotFound("This callback no longer exists; q shows those that wait.")
    return row


@writes("customer.read")
def called(tx: Tx, callback_id: int) -> str:
    """The call was made: the callback is done. Done already, nothing changes."""
    row = _callback(tx, callback_id)
    if row.done_at is not None:
        return f"The callback to {row.code} was made already."
    tx.do(update(CALLBACK).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == callback_id).values(done_at=tx.now))
    audit.record(tx, "queue.called", "callback", callback_id, {"done": None}, {"done": tx.now, "about": row.about})
    return f"Callback to {row.code} {row.name}: {row.about}."


@writes("customer.read")
def missed(tx: Tx, callback_id: int, why: str) -> str:
    """Nobody was reached: it stands in the contact log, the callback stays due. Raises Invalid without a reason."""
    if not why.strip():
        raise Invalid("Say what happened: n and the words, then Enter.", field="reason")
    row = _callback(tx, callback_id)
    words = f"Not reached about {row.about}: {why.strip()}"
    collecting.note(tx, customers.trading(tx, row.customer_id).account.id, "call", words, "callback", row.id)
    audit.record(tx, "queue.missed", "callback", callback_id, None, {"why": why.strip()})
    return f"{words}. It stays in the queue."
