"""Changes of placed orders: each makes a revision with before and after, re-priced, re-allocated, re-checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models.orders import OPEN, move
from csdesk.services import (
    approved_prices,
    audit,
    calls,
    catalog,
    credit_rules,
    customers,
    drafts,
    history,
    memory,
    order_rows,
    overriding,
    quoting,
    reasons,
    replacement_orders,
    revisions,
    stocking,
)
from csdesk.services.customers import Trading
from csdesk.services.history import OrderLineView, OrderView
from csdesk.services.order_rows import LINE
from csdesk.services.orders import Placed, summary
from csdesk.services.quoting import Quoted, Wanted
from csdesk.services.tx import Tx, writes


@dataclass(frozen=True)
class Change:
    """One change of an order line (line 0 = a new one). Quantity 0 cancels it with `reason`; a `price` (major units,
    with its `net` in minor units) is taken as it is, else the line is priced anew; no `requested_on` = the order's."""

    line: int
    product_id: int
    unit: str
    quantity: Decimal
    choice: str = ""
    substituted_for: int | None = None
    reason: str = ""
    price: Decimal | None = None
    list_price: Decimal | None = None
    source: str = ""
    net: int | None = None
    requested_on: date | None = None


@writes("order.enter")
def apply(tx: Tx, draft_id: int) -> Placed:
    """Applies an amendment draft to its order.

    Only what the rep touched is applied. Raises Conflict, naming who and when, when the order was saved since the
    draft was opened (the draft is kept for `editing.rebase`); Refused for picked lines or an order past amending.
    """
    draft = drafts.get(tx, draft_id, lock=True)
    if draft.kind != "amend" or draft.order_id is None:
        raise Refused("This draft changes no order.")
    row = history.head(tx, draft.order_id, lock=True)
    before = history.order_view(tx, row)
    if draft.status == "applied":
        return Placed(before, f"Order {before.number} was amended already.")
    if draft.status != "open":
        raise Refused(f"This change of order {before.number} was left; open the order again (e).")
    if row.version != draft.base_version:
        raise Conflict(changed_since(tx, before), field="order")
    if draft.call_id is not None:
        calls.own(tx, draft.call_id)
    changes = [
        Change(
            line.line, line.product_id, line.unit, line.quantity, line.choice, line.substituted_for,
            "customer" if line.quantity == 0 else "", requested_on=line.requested_on,
        )
        for line in draft.lines
        if line.touched and not (line.line == 0 and line.quantity == 0)
    ]  # fmt: skip
    if not changes and draft.requested_on == row.requested_on:
        raise Invalid(f"Nothing of order {before.number} is changed yet; type 3=36 or d12, F12 leaves it.")
    after = revise(tx, before, changes, requested_on=draft.requested_on, wish="customer")
    drafts.save(tx, replace(draft, status="applied"))
    order_rows.set_call_draft(tx, draft.call_id, None, "amend")
    words = f"Order {after.number} amended (revision {after.revision}): {revisions.difference(before, after)}."
    _finish(tx, "amendments.apply", draft.call_id, before, after, words)
    return Placed(after, words)


@writes("order.enter")
def cancel_line(tx: Tx, order_id: int, line: int, reason_letter: str, call_id: int | None = None) -> Placed:
    """Cancels a line of an open order with a reason; frees its stock and credit at once. Raises NotFound, Refused."""
    if call_id is not None:
        calls.own(tx, call_id)
    reason = reasons.reason_of(tx, reason_letter, "cancel")
    before = history.order_view(tx, history.head(tx, order_id, lock=True))
    old = next((each for each in before.lines if each.line == line), None)
    if old is None:
        raise NotFound(f"Order {before.number} has no line {line}; it has {len(before.lines)}.", field="line")
    if old.quantity == 0:
        raise Refused(f"Line {line} of order {before.number} is cancelled already.", field="line")
    change = Change(line, old.product_id, old.unit, Decimal(0), reason=reason.code)
    after = revise(tx, before, [change], requested_on=before.requested_on, wish="customer")
    words = f"Order {after.number} line {line} cancelled ({reason.name}): {revisions.difference(before, after)}."
    order_rows.code_call(tx, call_id, "amend")
    _finish(tx, "amendments.cancel_line", call_id, before, after, words)
    return Placed(after, words)


def _finish(tx: Tx, verb: str, call_id: int | None, before: OrderView, after: OrderView, words: str) -> None:
    undo = {"do": "unrevise", "order": after.id, "revision": after.revision, "version": after.version}
    hold = customers.trading(tx, after.customer_id).hold_seconds
    memory.remember(tx, call_id, verb, words, undo, hold)
    payload = {"order": after.id, "number": after.number, "revision": after.revision}
    memory.post(tx, "amendment-confirmation", f"order:{after.id}:{after.revision}", payload, hold)
    audit.record(tx, verb, "order", after.id, summary(before), summary(after))


def changed_since(tx: Tx, order: OrderView) -> str:
    """The sentence that names who saved first."""
    return f"{changed_words(tx, order)}; look again, then commit to apply your changes."


def changed_words(tx: Tx, order: OrderView) -> str:
    """Who changed an order last, and when on the customer's clock."""
    local = customers.trading(tx, order.customer_id).local(order.changed_at or order.placed_at)
    return f"Order {order.number} was changed {local:%H:%M} by {order.changed_by or 'another desk'}"


def revise(
    tx: Tx,
    before: OrderView,
    changes: Sequence[Change],
    *,
    requested_on: date | None,
    wish: str,
    reopen: bool = False,
) -> OrderView:
    """Applies changes to an order in place and stores the revision; `reopen` (undo) also revives a cancelled order.

    Changed and new lines are priced anew, the others keep their price; all lines are promised anew, so that stock that
    one line frees serves another. Over the credit limit the whole order becomes held and gives back stock and credit.
    """
    if before.status not in OPEN and not (reopen and before.status == "cancelled"):
        raise Refused(f"Order {before.number} is {before.status}; it cannot be changed any more.")
    replacement_orders.guard(before, changes)
    who = quoting.under(customers.trading(tx, before.customer_id, lock=True), before)
    wanted = _merged(before, changes, requested_on != before.requested_on)
    day = who.local(tx.now).date()
    ids = [each.product_id for each in wanted]
    mine = history.reserved_by(tx, before.id)
    facts = catalog.load(tx, who.buyer, ids, day=day, warehouse=before.warehouse, lock=True, order=before.id)
    for each in wanted:
        if each.price is None:
            quoting.check_line(facts[each.product_id], each.unit, each.quantity, day)
    quoted = quoting.quote(who, facts, wanted, tx.now, requested_on=requested_on, mine=mine)
    approved_prices.never_ones_own(tx, before.id, quoted)
    held = _holds(tx, who, before, quoted)
    _rewrite(tx, before, who, quoted, changes, held if quoted else [], requested_on, "customer" if reopen else wish)
    after = history.order_view(tx, history.head(tx, before.id))
    revisions.store(tx, before, after, wish)
    replacement_orders.follow(tx, before, after)
    return after


def _holds(tx: Tx, who: Trading, before: OrderView, quoted: Sequence[Quoted]) -> list[tuple[str, str]]:
    """The holds of an order as it will be. One that takes its credit already is checked for credit again only when it
    grew; a released one when it grew past what was released, or its release has ended."""
    gross = sum(each.net + each.tax for each in quoted)
    held = order_rows.holds_for(tx, who, gross, sum(each.net for each in quoted), before.exposure)
    if before.exposure and any(kind in credit_rules.KINDS for kind, _ in held):
        why = credit_rules.why_again(tx, before.id, gross, who.local(tx.now).date(), ZoneInfo(who.timezone))
        if why is None or (not why and gross <= before.gross):
            held = [hold for hold in held if hold[0] not in credit_rules.KINDS]
    return overriding.spared(tx, who.id, before.id, gross, replacement_orders.spared(before, held))


def _merged(before: OrderView, changes: Sequence[Change], moved: bool) -> list[Wanted]:
    """The lines as wanted; once the order's day is `moved`, lines that are not named follow it."""
    by_line = {change.line: change for change in changes if change.line}
    wanted = []
    for line in before.lines:
        change = by_line.get(line.line)
        if change is not None and line.picked > 0:
            raise Refused(f"Line {line.line} of order {before.number} is picked already; it cannot be changed.")
        wanted.append(_kept(line, moved) if change is None else _changed(line, change))
    last = max((line.line for line in before.lines), default=0)
    for place, change in enumerate((change for change in changes if change.line == 0), last + 1):
        wanted.append(
            Wanted(change.product_id, change.unit, change.quantity, place, change.choice, None, change.substituted_for)
        )
    return [each for each in wanted if each.quantity > 0]


def _kept(line: OrderLineView, moved: bool) -> Wanted:
    day = None if moved else line.requested_on
    return Wanted(
        line.product_id, line.unit, line.quantity, line.line, "", day, line.substituted_for_id,
        line.price, line.list_price, line.price_source, line.net,
    )  # fmt: skip


def _changed(line: OrderLineView, change: Change) -> Wanted:
    return Wanted(
        change.product_id, change.unit, change.quantity, line.line, change.choice, change.requested_on,
        change.substituted_for or line.substituted_for_id, change.price, change.list_price, change.source, change.net,
    )  # fmt: skip


def _rewrite(
    tx: Tx,
    before: OrderView,
    who: Trading,
    quoted: Sequence[Quoted],
    changes: Sequence[Change],
    held: list[tuple[str, str]],
    requested_on: date | None,
    wish: str,
) -> None:
    stocking.release(tx, before.id, before.warehouse)
    old = {line.line: line for line in before.lines}
    for each in quoted:
        _write_line(tx, before, each, old.get(each.wanted.line), not held, wish)
    reasons = {change.line: change.reason for change in changes}
    gone = [line for line in before.lines if line.quantity > 0 and all(q.wanted.line != line.line for q in quoted)]
    for line in gone:
        cancel_row(tx, before.id, line, reasons.get(line.line) or "customer")
    if not held:
        order_rows.reserve(tx, before.id, before.warehouse, [(each.wanted.line, each) for each in quoted])
    net, tax = sum(each.net for each in quoted), sum(each.tax for each in quoted)
    status = "cancelled" if not quoted else "held" if held else order_rows.status_of(quoted)
    exposure = order_rows.exposed_value(status, net + tax)
    order_rows.take_credit(tx, before.account_id, exposure - before.exposure)
    order_rows.lift_holds(tx, before.id)
    if held:
        order_rows.put_holds(tx, before.id, held)
    first = quoting.delivery_day(who, tx.now, requested_on)
    order_rows.change_order(
        tx, before,
        status=status if before.status in (status, "cancelled") else move(before.number, before.status, status),
        net=net, tax=tax, gross=net + tax, exposure=exposure, requested_on=requested_on,
        promised_on=order_rows.promised(first, quoted) if quoted else None, revision=before.revision + 1,
        **({"released_value": None, "released_until": None} if held else {}),
    )  # fmt: skip


def _write_line(tx: Tx, before: OrderView, each: Quoted, old: OrderLineView | None, live: bool, wish: str) -> None:
    row = order_rows.line_row(tx, before.id, each.wanted.line, each, live)
    if old is None:
        tx.do(insert(LINE), row)
        return
    kept = ("company", "order_id", "line", "original_quantity", "original_requested_on", "original_promised_on")
    values = {name: value for name, value in row.items() if name not in kept}
    if each.wished_on != old.requested_on:
        values["requested_by"] = wish
    tx.do(
        update(LINE)
        .where(LINE.c.company == tx.company, LINE.c.order_id == before.id, LINE.c.line == old.line)
        .values(
            **values,
            cancel_reason="",
            cancelled_by=None,
            cancelled_quantity=max(Decimal(0), old.original_quantity - each.wanted.quantity),
        )
    )


def cancel_row(tx: Tx, order_id: int, line: OrderLineView, reason: str) -> None:
    """Writes a line as cancelled."""
    zero = Decimal(0)
    tx.do(
        update(LINE)
        .where(LINE.c.company == tx.company, LINE.c.order_id == order_id, LINE.c.line == line.line)
        .values(
            quantity=zero, net=0, tax=0, allocated=zero, backordered=zero,
            cancelled_quantity=max(line.quantity, line.original_quantity), cancel_reason=reason,
            cancelled_by=tx.actor.id,
        )
    )  # fmt: skip
