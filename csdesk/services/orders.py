"""Orders: placed in one transaction and at most once, lines cancelled with a reason, held orders released.

Locks are taken in one order everywhere: draft, credit account, stock and receipts (sorted), number series, audit lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Call, CreditAccount, OrderHold, OrderLine, SalesOrder, table
from csdesk.models.orders import UNDELIVERED, move
from csdesk.money import show
from csdesk.rules.credit import headroom, over_limit
from csdesk.services import audit, catalog, customers, drafts, history, memory, numbers, quoting, stocking
from csdesk.services.customers import Trading
from csdesk.services.drafts import DraftRow
from csdesk.services.history import OrderView
from csdesk.services.quoting import Quoted
from csdesk.services.tx import Tx, writes

ORDER, LINE, HOLD = table(SalesOrder), table(OrderLine), table(OrderHold)
ACCOUNT, CALL = table(CreditAccount), table(Call)
_NEW_ORDER, _NEW_LINES, _NEW_HOLD = insert(ORDER), insert(LINE), insert(HOLD)
_EXISTS = select(ORDER.c.id).where(ORDER.c.company == bindparam("c"), ORDER.c.id == bindparam("id"))
_TAKE_CREDIT = (
    update(ACCOUNT)
    .where(ACCOUNT.c.company == bindparam("c"), ACCOUNT.c.id == bindparam("i"))
    .values(orders=ACCOUNT.c.orders + bindparam("v", type_=ACCOUNT.c.orders.type), version=ACCOUNT.c.version + 1)
)
_CLEAR_CALL = (
    update(CALL)
    .where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("i"))
    .values(draft_id=bindparam("d"), wrap_up=bindparam("w"))
)
RELEASE_DUTY = "order.release"


@dataclass(frozen=True)
class Placed:
    """What placing or applying did: the order and one sentence for the rep."""

    order: OrderView
    words: str


def take_credit(tx: Tx, account_id: int, value: int) -> None:
    """Adds `value` (minor units, may be negative) to the account's order exposure."""
    if value:
        tx.do(_TAKE_CREDIT, {"c": tx.company, "i": account_id, "v": value})


def set_call_draft(tx: Tx, call_id: int | None, draft_id: int | None, wrap_up: str) -> None:
    """Points a call at its draft (or at none) and codes what the call was about."""
    if call_id is not None:
        tx.do(_CLEAR_CALL, {"c": tx.company, "i": call_id, "d": draft_id, "w": wrap_up})


@writes("order.enter")
def place(tx: Tx, draft_id: int) -> Placed:
    """Places the order of a draft: price, tax, holds, stock, credit, number, audit, outbox in one transaction.

    The draft's id becomes the order's, so a second submit finds the order and changes nothing. An order over the
    credit limit is stored as held and takes neither headroom nor stock. Raises Invalid for an empty draft or a line
    that cannot be ordered, Refused for a draft that is no new order.
    """
    draft = drafts.get(tx, draft_id, lock=True)
    if tx.value(_EXISTS, {"c": tx.company, "id": draft_id}) is not None:
        done = history.order_view(tx, history.head(tx, draft_id))
        return Placed(done, f"Order {done.number} was placed already.")
    if draft.kind != "new" or draft.status != "open":
        raise Refused("This draft cannot be placed; it is no open order.")
    who = customers.trading(tx, draft.customer_id, lock=True)
    quoted = _quoted(tx, draft, who)
    order = _insert(tx, draft, who, quoted)
    set_call_draft(tx, draft.call_id, None, "order")
    drafts.save(tx, replace(draft, status="placed"))
    view = history.order_view(tx, history.head(tx, order["id"]))
    words = placed_words(view)
    memory.remember(tx, draft.call_id, "orders.place", words, {"do": "unplace", "order": view.id}, who.hold_seconds)
    payload = {"order": view.id, "number": view.number, "customer": view.customer_id}
    memory.post(tx, "order-confirmation", f"order:{view.id}:1", payload, who.hold_seconds)
    audit.record(tx, "orders.place", "order", view.id, None, summary(view))
    return Placed(view, words)


def _quoted(tx: Tx, draft: DraftRow, who: Trading) -> tuple[Quoted, ...]:
    if not any(line.quantity > 0 for line in draft.lines):
        raise Invalid("There is no line to place yet; type a product code and a quantity.")
    wanted = [line for line in drafts.wanted_of(draft) if line.quantity > 0]
    day = who.local(tx.now).date()
    ids = [line.product_id for line in wanted]
    facts = catalog.load(tx, who.buyer, ids, day=day, warehouse=who.warehouse, lock=True)
    for line in wanted:
        quoting.check_line(facts[line.product_id], line.unit, line.quantity, day)
    return quoting.quote(who, facts, wanted, tx.now, requested_on=draft.requested_on)


def _insert(tx: Tx, draft: DraftRow, who: Trading, quoted: Sequence[Quoted]) -> dict[str, Any]:
    net, tax = sum(each.net for each in quoted), sum(each.tax for each in quoted)
    holds = holds_for(who, net + tax, net)
    first = quoting.delivery_day(who, tx.now, draft.requested_on)
    status = "held" if holds else status_of(quoted)
    sequence = numbers.draw(tx, "order")
    order = {
        "company": tx.company,
        "id": draft.id,
        "number": numbers.order_number(tx.now.year, sequence),
        "customer_id": who.id,
        "account_id": who.account.id,
        "warehouse": who.warehouse,
        "status": move("", "draft", status) if status != "allocated" else status,
        "currency": who.currency,
        "tax_method": who.tax_method,
        "rounding": who.rounding,
        "requested_on": draft.requested_on,
        "promised_on": promised(first, quoted),
        "customer_reference": draft.customer_reference,
        "net": net,
        "tax": tax,
        "gross": net + tax,
        "exposure": 0 if holds else net + tax,
        "call_id": draft.call_id,
        "placed_at": tx.now,
        "placed_by": tx.actor.id,
        "source": "desk",
    }
    tx.do(_NEW_ORDER, order)
    tx.do(_NEW_LINES, [line_row(tx, draft.id, place, each, not holds) for place, each in enumerate(quoted, 1)])
    if holds:
        put_holds(tx, draft.id, holds)
    else:
        reserve(tx, draft.id, who.warehouse, [(place, each) for place, each in enumerate(quoted, 1)])
        take_credit(tx, who.account.id, net + tax)
    return order


def holds_for(who: Trading, gross: int, net: int, exposed: int = 0) -> list[tuple[str, str]]:
    """(kind, reason) of every hold an order of `gross` gets; `exposed` is what it takes of the limit already."""
    found = []
    if who.on_hold or who.account.on_hold:
        found.append(("customer", "this customer is on hold"))
    exposure = replace(who.account.exposure, orders=who.account.exposure.orders - exposed)
    if over_limit(who.account.credit_limit, exposure, gross):
        left = headroom(who.account.credit_limit, exposure) or 0
        over = show(gross - left, who.account.currency)
        found.append(("credit", f"{over} over the credit limit"))
    if net < who.minimum_order:
        found.append(("minimum", f"below the minimum order of {show(who.minimum_order, who.currency)}"))
    return found


def put_holds(tx: Tx, order_id: int, holds: Sequence[tuple[str, str]]) -> None:
    """Stores the holds of an order."""
    for kind, reason in holds:
        row = {"company": tx.company, "id": new_id(), "order_id": order_id, "kind": kind, "reason": reason}
        tx.do(_NEW_HOLD, {**row, "lifted_by_duty": RELEASE_DUTY, "placed_at": tx.now})


def status_of(quoted: Sequence[Quoted]) -> str:
    """allocated when everything lies here, else confirmed."""
    return "confirmed" if any(each.offer.short for each in quoted) else "allocated"


def promised(first: date, quoted: Sequence[Quoted]) -> date | None:
    """The day the whole order is promised for; None while a line has no date."""
    days = [each.promised_on for each in quoted]
    return None if any(day is None for day in days) else max([first, *(day for day in days if day)])


def reserve(tx: Tx, order_id: int, warehouse: str, lines: Sequence[tuple[int, Quoted]]) -> None:
    """Reserves the promised quantities of numbered lines."""
    stocking.reserve(
        tx, order_id, warehouse, [(number, each.wanted.product_id, each.offer.takes) for number, each in lines]
    )


def line_row(tx: Tx, order_id: int, number: int, each: Quoted, live: bool) -> dict[str, Any]:
    """The row of a new order line; a line of a held order (`live` false) has nothing allocated."""
    found = each.offer.wanted - each.offer.missing if live else each.offer.wanted * 0
    return {
        "company": tx.company,
        "order_id": order_id,
        "line": number,
        "product_id": each.wanted.product_id,
        "description": each.name,
        "unit": each.wanted.unit,
        "factor": each.factor,
        "quantity": each.wanted.quantity,
        "original_quantity": each.wanted.quantity,
        "price": each.price,
        "list_price": each.list_price,
        "price_source": each.source[:120],
        "net": each.net,
        "tax_rate": each.tax_rate,
        "tax": each.tax,
        "requested_on": each.wanted.requested_on,
        "original_requested_on": each.wanted.requested_on,
        "promised_on": each.promised_on,
        "original_promised_on": each.promised_on,
        "substituted_for_id": each.wanted.substituted_for,
        "allocated": found,
        "backordered": each.offer.wanted - found if live else each.offer.wanted * 0,
    }


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
    if view.promised_on is None:
        return f"{text}; part of it has no date yet."
    return f"{text}, by {view.promised_on:%a %d %b}."


@writes(RELEASE_DUTY)
def release(tx: Tx, order_id: int) -> Placed:
    """Lifts all holds of a held order: it takes stock and credit as of now. Raises Refused unless it is held."""
    row = history.head(tx, order_id, lock=True)
    if row.status != "held":
        raise Refused(f"Order {row.number} is {row.status}, not held.")
    who = customers.trading(tx, row.customer_id, lock=True)
    view = history.order_view(tx, row)
    lines = [line for line in view.lines if line.quantity > 0]
    day = who.local(tx.now).date()
    ids = [line.product_id for line in lines]
    facts = catalog.load(tx, who.buyer, ids, day=day, warehouse=row.warehouse, lock=True)
    wanted = [
        quoting.Wanted(
            line.product_id, line.unit, line.quantity, line.line, price=line.price, list_price=line.list_price,
            source=line.price_source,
        )
        for line in lines
    ]  # fmt: skip
    quoted = quoting.quote(who, facts, wanted, tx.now, requested_on=row.requested_on)
    reserve(tx, order_id, row.warehouse, [(each.wanted.line, each) for each in quoted])
    for each in quoted:
        set_allocation(tx, order_id, each)
    take_credit(tx, who.account.id, row.gross)
    first = quoting.delivery_day(who, tx.now, row.requested_on)
    status = move(row.number, row.status, status_of(quoted))
    change_order(tx, row, status=status, exposure=row.gross, promised_on=promised(first, quoted))
    lifted = {"lifted_at": tx.now, "lifted_by": tx.actor.id}
    tx.do(update(HOLD).where(HOLD.c.company == tx.company, HOLD.c.order_id == order_id).values(**lifted))
    after = history.order_view(tx, history.head(tx, order_id))
    audit.record(tx, "orders.release", "order", order_id, summary(view), summary(after))
    return Placed(after, f"Order {after.number} released: {show(after.gross, after.currency)} {after.currency}.")


def set_allocation(tx: Tx, order_id: int, each: Quoted) -> None:
    """Writes what a line holds and when it comes."""
    found = each.offer.wanted - each.offer.missing
    tx.do(
        update(LINE)
        .where(LINE.c.company == tx.company, LINE.c.order_id == order_id, LINE.c.line == each.wanted.line)
        .values(allocated=found, backordered=each.offer.missing, promised_on=each.promised_on)
    )


def change_order(tx: Tx, row: Any, **values: Any) -> None:
    """Writes changed columns of an order and its version."""
    tx.do(
        update(ORDER)
        .where(ORDER.c.company == tx.company, ORDER.c.id == row.id)
        .values(**values, version=row.version + 1, changed_at=tx.now, changed_by=tx.actor.id)
    )


def exposed_value(status: str, gross: int) -> int:
    """What an order of this status takes of the limit."""
    return gross if status in UNDELIVERED else 0


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
