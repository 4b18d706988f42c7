"""How orders are written: rows, holds, credit taken, the view of what was written. Internal to services."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, update

from csdesk.ids import new_id
from csdesk.models import Call, CreditAccount, OrderHold, OrderLine, SalesOrder, table
from csdesk.models.orders import UNDELIVERED, move
from csdesk.money import show
from csdesk.rules.credit import headroom, over_limit
from csdesk.services import credit_rules, numbers, overriding, quoting, stocking
from csdesk.services.customers import Trading
from csdesk.services.drafts import DraftRow
from csdesk.services.history import OrderLineView, OrderView
from csdesk.services.quoting import Quoted
from csdesk.services.tx import Tx

ORDER, LINE, HOLD = table(SalesOrder), table(OrderLine), table(OrderHold)
ACCOUNT, CALL = table(CreditAccount), table(Call)
_NEW_ORDER, _NEW_LINES, _NEW_HOLD = insert(ORDER), insert(LINE), insert(HOLD)
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


def take_credit(tx: Tx, account_id: int, value: int) -> None:
    """Adds `value` (minor units, may be negative) to the account's order exposure."""
    if value:
        tx.do(_TAKE_CREDIT, {"c": tx.company, "i": account_id, "v": value})


def code_call(tx: Tx, call_id: int | None, wrap_up: str) -> None:
    """Codes what a call was about; its draft stays."""
    if call_id is not None:
        mine = update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call_id)
        tx.do(mine.values(wrap_up=wrap_up))


def set_call_draft(tx: Tx, call_id: int | None, draft_id: int | None, wrap_up: str) -> None:
    """Points a call at its draft (or at none) and codes what the call was about."""
    if call_id is not None:
        tx.do(_CLEAR_CALL, {"c": tx.company, "i": call_id, "d": draft_id, "w": wrap_up})


def insert_order(
    tx: Tx, draft: DraftRow, who: Trading, quoted: Sequence[Quoted], maker: int | None = None
) -> OrderView:
    """Writes a new order with lines and reservations, or holds; one that was approved (for its `maker`) has none."""
    net, tax = sum(each.net for each in quoted), sum(each.tax for each in quoted)
    holds = [] if maker else overriding.spared(tx, who.id, draft.id, net + tax, holds_for(tx, who, net + tax, net))
    first = quoting.delivery_day(who, tx.now, draft.requested_on)
    status = "held" if holds else status_of(quoted)
    order = {
        "company": tx.company,
        "id": draft.id,
        "number": numbers.next_number(tx, "order"),
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
        "placed_by": maker or tx.actor.id,
        "source": "desk",
    }
    tx.do(_NEW_ORDER, order)
    lines = [line_row(tx, draft.id, place, each, not holds) for place, each in enumerate(quoted, 1)]
    tx.do(_NEW_LINES, lines)
    if holds:
        put_holds(tx, draft.id, holds)
    else:
        reserve(tx, draft.id, who.warehouse, [(place, each) for place, each in enumerate(quoted, 1)])
        take_credit(tx, who.account.id, net + tax)
    return _new_view(order, lines, quoted, holds)


def _new_view(
    order: dict[str, Any], lines: Sequence[dict[str, Any]], quoted: Sequence[Quoted], holds: Sequence[tuple[str, str]]
) -> OrderView:
    """The view of an order just written, without reading it back."""
    fields = {each.name for each in dataclasses.fields(OrderView)}
    line_fields = {each.name for each in dataclasses.fields(OrderLineView)}
    blank: dict[str, Any] = {"picked": Decimal(0), "cancelled_quantity": Decimal(0), "cancel_reason": ""}
    return OrderView(
        **{name: value for name, value in order.items() if name in fields},
        revision=1, version=1, changed_at=None, changed_by="",
        lines=tuple(
            OrderLineView(
                **{name: value for name, value in line.items() if name in line_fields}, **blank,
                code=each.code, name=each.name,
            )
            for line, each in zip(lines, quoted, strict=True)
        ),
        holds=tuple(f"{kind}: {reason}" for kind, reason in holds),
    )  # fmt: skip


def holds_for(tx: Tx, who: Trading, gross: int, net: int, exposed: int = 0) -> list[tuple[str, str]]:
    """(kind, reason) of every hold an order of `gross` gets; `exposed` is what it takes of the limit already.

    The rules about the oldest item and the dunning level read the account's items only where they are set.
    """
    found = []
    if who.on_hold or who.account.on_hold:
        found.append(("customer", "this customer is on hold"))
    exposure = replace(who.account.exposure, orders=who.account.exposure.orders - exposed)
    if over_limit(who.account.credit_limit, exposure, gross):
        left = headroom(who.account.credit_limit, exposure) or 0
        over = show(gross - left, who.account.currency)
        found.append(("credit", f"{over} over the credit limit"))
    found += credit_rules.findings(tx, who, gross)
    if net < who.minimum_order:
        found.append(("minimum", f"below the minimum order of {show(who.minimum_order, who.currency)}"))
    return found


def put_holds(tx: Tx, order_id: int, holds: Sequence[tuple[str, str]]) -> None:
    """Stores the holds of an order."""
    for kind, reason in holds:
        row = {"company": tx.company, "id": new_id(), "order_id": order_id, "kind": kind, "reason": reason}
        tx.do(_NEW_HOLD, {**row, "lifted_by_duty": RELEASE_DUTY, "placed_at": tx.now})


def lift_holds(tx: Tx, order_id: int) -> None:
    """Lifts the holds an order has, by whoever acts."""
    mine = update(HOLD).where(HOLD.c.company == tx.company, HOLD.c.order_id == order_id, HOLD.c.lifted_at.is_(None))
    tx.do(mine.values(lifted_at=tx.now, lifted_by=tx.actor.id))


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
    """The row of a new order line; a line of a held order (`live` false) has nothing allocated, a service all of it."""
    found, missing = _found(each) if live else (Decimal(0), Decimal(0))
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
        "requested_on": each.wished_on,
        "original_requested_on": each.wished_on,
        "promised_on": each.promised_on,
        "original_promised_on": each.promised_on,
        "substituted_for_id": each.wanted.substituted_for,
        "allocated": found,
        "backordered": missing,
    }


def _found(each: Quoted) -> tuple[Decimal, Decimal]:
    """Of a line, in base units: what is promised of it, and what nothing was found for."""
    return each.wanted.quantity * each.factor - each.offer.missing, each.offer.missing


def set_allocation(tx: Tx, order_id: int, each: Quoted) -> None:
    """Writes what a line holds and when it comes."""
    found, missing = _found(each)
    tx.do(
        update(LINE)
        .where(LINE.c.company == tx.company, LINE.c.order_id == order_id, LINE.c.line == each.wanted.line)
        .values(allocated=found, backordered=missing, promised_on=each.promised_on)
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
