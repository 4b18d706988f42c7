"""Orders: placed in one transaction and at most once, lines cancelled with a reason, held orders released.

Locks are taken in one order everywhere: draft, credit account, stock and receipts (sorted), number series, audit lane.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.money import show, show_quantity
from csdesk.services import (
    approved_prices,
    audit,
    calls,
    catalog,
    customers,
    drafts,
    history,
    memory,
    order_rows,
    quoting,
    releasing,
    separating,
)
from csdesk.services.customers import Trading
from csdesk.services.drafts import DraftRow
from csdesk.services.history import OrderView
from csdesk.services.quoting import Quoted
from csdesk.services.tx import Tx, writes

RELEASE_DUTY = order_rows.RELEASE_DUTY


@dataclass(frozen=True)
class Placed:
    """What placing or applying did: the order and one sentence for the rep."""

    order: OrderView
    words: str


@writes("order.enter")
def place(tx: Tx, draft_id: int) -> Placed:
    """Places the order of a draft: price, tax, holds, stock, credit, number, audit, outbox in one transaction.

    The draft's id becomes the order's, so a second submit finds the order and changes nothing. An order over the
    credit limit is stored as held and takes neither headroom nor stock. Raises Invalid for an empty draft or a line
    that cannot be ordered, Refused for a draft that is no new order and for an account in another currency.
    """
    draft = drafts.get(tx, draft_id, lock=True)
    if draft.status == "placed":
        done = history.order_view(tx, history.head(tx, draft_id))
        return Placed(done, f"Order {done.number} was placed already.")
    if draft.kind != "new" or draft.status != "open":
        raise Refused("This draft cannot be placed; it is no open order.")
    if draft.call_id is not None:
        calls.own(tx, draft.call_id)
    who = customers.trading(tx, draft.customer_id, lock=True)
    quoted = _quoted(tx, draft, who)
    approved_prices.never_ones_own(tx, draft.id, quoted)
    view = order_rows.insert_order(tx, draft, who, quoted)
    order_rows.set_call_draft(tx, draft.call_id, None, "order")
    drafts.save(tx, replace(draft, status="placed"))
    words = placed_words(view)
    memory.remember(tx, draft.call_id, "orders.place", words, {"do": "unplace", "order": view.id}, who.hold_seconds)
    payload = {"order": view.id, "number": view.number, "customer": view.customer_id}
    memory.post(tx, "order-confirmation", f"order:{view.id}:1", payload, who.hold_seconds)
    audit.record(tx, "orders.place", "order", view.id, None, summary(view))
    return Placed(view, words)


def _quoted(tx: Tx, draft: DraftRow, who: Trading) -> tuple[Quoted, ...]:
    if not any(line.quantity > 0 for line in draft.lines):
        raise Invalid("There is no line to place yet; type a product code and a quantity.")
    if who.currency != who.account.currency:
        money = f"buys in {who.currency} but the account is kept in {who.account.currency}"
        raise Refused(f"{who.name} {money}; ask who looks after the customers.")
    wanted = [line for line in drafts.wanted_of(draft) if line.quantity > 0]
    day = who.local(tx.now).date()
    ids = [line.product_id for line in wanted]
    facts = catalog.load(tx, who.buyer, ids, day=day, warehouse=who.warehouse, lock=True)
    for line in wanted:
        quoting.check_line(facts[line.product_id], line.unit, line.quantity, day)
    return quoting.quote(who, facts, wanted, tx.now, requested_on=draft.requested_on)


def summary(view: OrderView) -> dict[str, Any]:
    """What the audit keeps of an order."""
    return {
        "number": view.number,
        "status": view.status,
        "gross": view.gross,
        "requested_on": view.requested_on,
        "lines": [[line.line, line.code, line.quantity, line.unit, line.net] for line in view.lines],
    }


def placed_words(view: OrderView) -> str:
    """One sentence about a placed order."""
    lines = sum(1 for line in view.lines if line.quantity > 0)
    value = f"{show(view.gross, view.currency)} {view.currency}"
    text = f"Order {view.number} placed: {lines} line{'s' * (lines != 1)}, {value}"
    if view.status == "held":
        return f"{text}. HELD - {'; '.join(view.holds)}."
    open_lines = [line for line in view.lines if line.quantity > 0]
    later = [f"{show_quantity(line.backordered)} of {line.code}" for line in open_lines if line.backordered > 0]
    undated = f"; no date yet for {', '.join(later[:3])}{' …' if len(later) > 3 else ''}" if later else ""
    if view.promised_on is None:
        return f"{text}{undated or '; part of it has no date yet'}."
    return f"{text}, by {view.promised_on:%a %d %b}{undated}."


@writes(RELEASE_DUTY)
def release(tx: Tx, order_id: int, days: int = releasing.RELEASE_DAYS, version: int | None = None) -> Placed:
    """Lifts all holds of a held order for its value and so many days: it takes stock and credit as of now.

    `version` is the one looked at. Raises Refused unless it is held, as it was looked at, for whoever placed or changed
    it, and above the tier of the one who releases: then `releasing.ask` asks somebody who may.
    """
    row = history.head(tx, order_id, lock=True)
    releasing.must_be_held(row, version)
    who = customers.trading(tx, row.customer_id, lock=True)
    if barred := releasing.why_not(tx, row):
        raise Refused(barred)
    separating.refuse(tx, RELEASE_DUTY, [tx.actor.person_id], separating.About(row.id, row.customer_id, row.account_id))
    view = history.order_view(tx, row)
    after = releasing.let_go(tx, row, who, days)
    audit.record(tx, "orders.release", "order", order_id, summary(view), summary(after))
    return Placed(after, f"Order {after.number} released: {show(after.gross, after.currency)} {after.currency}.")


def find_open(tx: Tx, customer_id: int, ending: str = "") -> int:
    """The id of the customer's latest open order, or of the one whose number ends so. Raises NotFound, or Invalid when
    several fit."""
    rows = history.orders(tx, customer_id, only_open=True, ending=ending, limit=10)
    if not rows:
        what = f"open order that ends in {ending}" if ending else "open order"
        raise NotFound(f"This customer has no {what}; 'h' shows all orders.", field="order")
    if ending and len(rows) > 1 and not any(row.number == ending for row in rows):
        raise Invalid(f"{len(rows)} open orders end in {ending}: type more digits ({rows[0].number} …).", field="order")
    return rows[0].id
