"""Where what waits comes from beside tickets: callbacks, approvals, held orders, broken promises, money nobody owns.

A source gives the entries of a list ("mine" or "team") for a reader, nothing where he lacks the duty. Internal to the
queue; another source is one function here or elsewhere and one entry in `services.queue.SOURCES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from sqlalchemy import select

from csdesk.models import BankLine, Customer, OpenItem, Promise, table
from csdesk.services import callback_lists, collecting, inbox, releasing, ticket_cutoffs
from csdesk.services.derived import raw
from csdesk.services.inbox import Waiting
from csdesk.services.queue_entries import Entry, Hours
from csdesk.services.queue_tickets import TEAM
from csdesk.services.tx import Tx

CUSTOMER, PROMISE = table(Customer), table(Promise)
ITEM, BANK = table(OpenItem), table(BankLine)
SOON = timedelta(minutes=30)
BROKEN_DAYS = 30  # a promise broken longer ago is the work list's business
MOST = 50  # of each kind
MOST_REQUESTS = 200

Source = Callable[[Tx, str, Hours], Iterable[Entry]]


def callbacks(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
    """Calls to make whose window opens within 30 minutes: those in the reader's hands, or for the team everybody's."""
    lists = callback_lists.everybodys if whose == TEAM else callback_lists.mine
    return [
        Entry("callback", each.id, each.customer_id, each.customer, None, "", each.words, each.due, each.due,
              callback=True, owner=each.owner, label="callback", version=each.version)
        for each in lists(tx, hours.now + SOON, MOST)
    ]  # fmt: skip


def requests(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
    """Requests this person may decide; due by the usual target for approvals."""
    found = [each for each in waiting(tx) if not each.barred]
    dues = hours.by_target("approval", [each.submitted_at for each in found])
    return [
        Entry("request", each.id, None, each.customer, each.amount, each.currency, _asked(each), each.submitted_at,
              due, "approval" if due else "", label=each.kind, number=each.number, version=each.version,
              owner=each.maker)
        for each, due in zip(found, dues, strict=True)
    ]  # fmt: skip


def _asked(each: Waiting) -> str:
    step = f", step {each.step} of {each.steps}" if each.steps > 1 else ""
    return f"{each.reason}, by {each.maker}{step}"


def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """Requests in approval that are not the reader's own, with those he may not decide; () without the duty to see
    them. Read once a transaction."""
    if not tx.actor.may("request.read"):
        return ()
    if "waiting requests" not in tx.cache:
        own = {each.id for each in inbox.mine(tx)}
        tx.cache["waiting requests"] = tuple(each for each in inbox.waiting(tx, MOST_REQUESTS) if each.id not in own)
    found: tuple[Waiting, ...] = tx.cache["waiting requests"]
    return found


def held(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
    """Held orders, each due by the cut-off of the truck that waits for it."""
    if not tx.actor.may("order.release"):
        return []
    rows = releasing.listed(tx, MOST)
    cut_offs = ticket_cutoffs.of_orders(tx, [row.id for row, _ in rows])
    return [
        Entry("held", row.id, row.customer_id, f"{row.code} {row.name}", row.gross, row.currency, "; ".join(why),
              row.placed_at, cut_offs.get(row.id), cutoff_at=cut_offs.get(row.id), label="held", number=row.number,
              version=row.version)
        for row, why in rows
    ]  # fmt: skip


def promises(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
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
        Entry("promise", row.id, row.customer_id, f"{row.code} {row.name}", row.open, row.currency,
              f"{row.state} promise, {row.number} of {row.promised_on:%d %b}", row.settled_at, label="promise")
        for row in tx.rows(statement)
    ]  # fmt: skip


def money(tx: Tx, whose: str, hours: Hours) -> list[Entry]:
    """Receipts whose owner is not known."""
    if not tx.actor.may("cash.apply"):
        return []
    statement = (
        select(BANK)
        .where(BANK.c.company == tx.company, BANK.c.state == "waiting")
        .order_by(BANK.c.received_on, BANK.c.id)
        .limit(MOST)
    )
    return [
        Entry("cash", row.id, None, row.payer, row.amount, row.currency, f"whose is it? {row.reference}".strip(),
              hours.day_begins(row.received_on), label="cash")
        for row in tx.rows(statement)
    ]  # fmt: skip
