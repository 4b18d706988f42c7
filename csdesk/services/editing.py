"""What a rep types into the order pad: every accepted line changes the draft, is stored at once and can be undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models.orders import OPEN
from csdesk.money import show_quantity
from csdesk.rules import order_checks
from csdesk.rules.delivery import typed_day
from csdesk.services import (
    approved_prices,
    audit,
    calls,
    catalog,
    draft_changes,
    drafts,
    history,
    memory,
    orders,
    pads,
    previews,
    quoting,
    revisions,
)
from csdesk.services.customers import Trading
from csdesk.services.drafts import LINES, DraftLine, DraftRow
from csdesk.services.history import OrderView
from csdesk.services.pads import DraftView
from csdesk.services.tx import Tx, writes

MOST_LINES = 500


@writes("order.enter")
def add_line(tx: Tx, call_id: int, code: str, quantity: Decimal, unit: str = "") -> DraftView:
    """Adds a line by product code, opening a draft if need be. Raises NotFound for the code, Invalid for the rest."""
    who = draft_changes.customer(tx, call_id)
    product_id = catalog.by_code(tx, code)
    if product_id is None:
        raise NotFound(f"No product has the code {code}; type a part of its name after a blank to look.", field="code")
    return _add(tx, call_id, who, product_id, quantity, unit, "editing.add_line")


@writes("order.enter")
def add_usual(tx: Tx, call_id: int, position: int, quantity: Decimal | None = None) -> DraftView:
    """Adds entry `position` of the customer's usual list."""
    who = draft_changes.customer(tx, call_id)
    row = next((each for each in history.usual(tx, who.id) if each.position == position), None)
    if row is None:
        raise NotFound(f"The usual list has no number {position}, and no product has that code.", field="code")
    amount = quantity or row.quantity
    if amount is None:
        raise Invalid(f"How many of {row.code} {row.name}? Type {position} and a quantity.", field="quantity")
    return _add(tx, call_id, who, row.product_id, amount, row.unit, "editing.add_usual")


def _add(tx: Tx, call_id: int, who: Trading, product_id: int, quantity: Decimal, unit: str, verb: str) -> DraftView:
    day = who.local(tx.now).date()
    product = catalog.load(tx, who.buyer, [product_id], day=day, warehouse=who.warehouse)[product_id]
    name = previews.unit_meant(product, unit)
    quoting.check_line(product, name, quantity, day)
    if not quoting.has_price(who, product, quoting.Wanted(product_id, name, quantity), day):
        raise Invalid(f"{product.code} {product.name} has no price for this customer; ask for one.", field="product")
    before = draft_changes.open_draft(tx, call_id, who)
    if len(before.lines) >= MOST_LINES:
        raise Refused(f"This draft has {MOST_LINES} lines already; commit it and start another.")
    after = replace(before, lines=(*before.lines, DraftLine(product_id, name, quantity)))
    return draft_changes.change(
        tx, call_id, who, before, after, verb,
        lambda view: f"+ {product.code} {product.name}, {show_quantity(quantity)} {name}",
    )  # fmt: skip


@writes("order.enter")
def set_line(tx: Tx, call_id: int, number: int, quantity: Decimal) -> DraftView:
    """Sets the quantity of a line; 0 takes a new line off and marks an order's line for cancelling."""
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    place = draft_changes.place_of(before, number)
    old = before.lines[place]
    if quantity == 0 and old.line == 0:
        after = replace(before, lines=(*before.lines[:place], *before.lines[place + 1 :]))
    else:
        _check_quantity(tx, who, old, quantity)
        touched = old.line == 0 or quantity != old.was or bool(old.choice) or old.price is None
        after = draft_changes.with_line(before, place, replace(old, quantity=quantity, touched=touched))
    words = f"line {number}: {show_quantity(old.quantity)} -> {show_quantity(quantity)}"
    return draft_changes.change(tx, call_id, who, before, after, "editing.set_line", lambda view: words)


def _check_quantity(tx: Tx, who: Trading, line: DraftLine, quantity: Decimal) -> None:
    if quantity == 0:
        return
    day = who.local(tx.now).date()
    facts = catalog.load(tx, who.buyer, [line.product_id], day=day, warehouse=who.warehouse)
    quoting.check_line(facts[line.product_id], line.unit, quantity, day)


@writes("order.enter")
def set_date(tx: Tx, call_id: int, text: str) -> DraftView:
    """Sets the requested date of the whole draft: "12", "+3", "fri" (see rules.delivery.typed_day)."""
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    wish = typed_day(text, who.local(tx.now).date())
    after = replace(before, requested_on=wish, lines=tuple(replace(line, requested_on=None) for line in before.lines))
    return draft_changes.change(
        tx, call_id, who, before, after, "editing.set_date", lambda view: f"wanted for {wish:%a %d %b %Y}"
    )


@writes("order.enter")
def take_alternative(tx: Tx, call_id: int, nth: int = 1, number: int | None = None, instead: bool = False) -> DraftView:
    """Puts the `nth` offered alternative in place of a short line (the latest one unless `number` names it).

    `instead`: when the last command put one in, it is taken out again first, and only this one stays.
    """
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    start = draft_changes.untaken(tx, call_id, before) if instead else before
    view = pads.view_of(tx, start, who)
    place = draft_changes.short_place(view, number)
    short, old = view.lines[place], start.lines[place]
    if not 1 <= nth <= len(short.alternatives):
        many = len(short.alternatives)
        offered = f"it has {many} alternative{'s' * (many != 1)}" if many else "it has no alternative; b, w or 0"
        raise NotFound(f"Line {short.number} {short.code} is short, {offered}.", field="alternative")
    other = short.alternatives[nth - 1]
    day = who.local(tx.now).date()
    product = catalog.load(tx, who.buyer, [other.product_id], day=day, warehouse=who.warehouse)[other.product_id]
    unit = old.unit if product.factor(old.unit) is not None else product.sales_unit
    quoting.check_line(product, unit, old.quantity, day)
    line = DraftLine(
        other.product_id, unit, old.quantity, old.line, "", old.substituted_for or old.product_id, old.was,
        requested_on=old.requested_on,
    )  # fmt: skip
    after = draft_changes.with_line(start, place, line)
    words = f"line {short.number}: {other.code} {other.name} instead of {short.code}"
    offered_to = LINES.dump_json(start.lines).decode()
    return draft_changes.change(
        tx, call_id, who, before, after, "editing.take_alternative", lambda view: words, start=offered_to
    )


@writes("order.enter")
def choose_short(tx: Tx, call_id: int, choice: str, number: int | None = None) -> DraftView:
    """What a short line does: "part" now and the rest as backorder, or "wait" until all is there."""
    if choice not in {"part", "wait"}:
        raise Invalid("A short line takes part now (b) or waits for all (w).")
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    view = pads.view_of(tx, before, who)
    place = draft_changes.short_place(view, number)
    after = draft_changes.with_line(before, place, replace(before.lines[place], choice=choice))
    text = "part now, the rest later" if choice == "part" else "all together later"
    words = f"line {view.lines[place].number}: {text}"
    return draft_changes.change(tx, call_id, who, before, after, "editing.choose_short", lambda view: words)


@writes("order.enter")
def repeat(tx: Tx, call_id: int, order_id: int | None = None) -> DraftView:
    """Copies the customer's last order (or the one given) into the draft, at today's prices.

    What is no longer on sale is left out; the first warning of the answer names it.
    """
    who = draft_changes.customer(tx, call_id)
    if order_id is None:
        order_id = next((row.id for row in history.orders(tx, who.id, limit=20) if row.status != "cancelled"), None)
    if order_id is None:
        raise NotFound(f"{who.name} has no earlier order to repeat.")
    old = history.order_view(tx, history.head(tx, order_id))
    if old.customer_id != who.id:
        raise NotFound(f"{who.name} has no such order; h shows all.", field="order")
    before = draft_changes.open_draft(tx, call_id, who)
    if before.kind != "new" or before.lines:
        raise Refused("There is a draft open already; commit it with . or leave it with F12, then repeat.")
    day = who.local(tx.now).date()
    facts = catalog.load(tx, who.buyer, [line.product_id for line in old.lines], day=day, warehouse=who.warehouse)
    copied = {
        line.line: DraftLine(line.product_id, line.unit, line.quantity) for line in old.lines if line.quantity > 0
    }
    gone = {
        n: facts[line.product_id] for n, line in copied.items() if not _on_sale(who, facts[line.product_id], line, day)
    }
    lines = tuple(line for n, line in copied.items() if n not in gone)
    if not lines:
        raise Refused(f"Nothing of order {old.number} is on sale any more; type new lines.")
    after = replace(before, lines=lines)
    words = f"copied order {old.number}: {len(lines)} line{'s' * (len(lines) != 1)}"
    view = draft_changes.change(tx, call_id, who, before, after, "editing.repeat", lambda view: words)
    if not gone:
        return view
    left_out = "left out, not on sale: " + ", ".join(f"{each.code} {each.name}" for each in gone.values())
    return replace(view, warnings=(left_out, *view.warnings))


def _on_sale(who: Trading, product: catalog.Facts, line: DraftLine, day: date) -> bool:
    wanted = quoting.Wanted(line.product_id, line.unit, line.quantity)
    in_range = order_checks.phased_out(day, product.phase_in, product.phase_out) is None
    return in_range and product.factor(line.unit) is not None and quoting.has_price(who, product, wanted, day)


@writes("order.enter")
def amend(tx: Tx, call_id: int, ending: str = "") -> DraftView:
    """Opens the customer's latest open order (or the one whose number ends so) for amendment."""
    who = draft_changes.customer(tx, call_id)
    current = drafts.of_call(tx, call_id)
    if current is not None:
        draft_changes.may_leave(tx, current)
    order = history.order_view(tx, history.head(tx, orders.find_open(tx, who.id, ending)))
    if order.status not in OPEN:
        raise Refused(f"Order {order.number} is {order.status}; it cannot be changed any more.")
    if current is not None:
        drafts.save(tx, replace(current, status="dropped"))
    lines = approved_prices.taken_up(tx, order.id, who.id, who.local(tx.now).date(), lines_of(order))
    draft = DraftRow(
        new_id(), call_id, who.id, "amend", order.id, order.version, order.requested_on, "", lines, "open", 1
    )
    drafts.create(tx, draft)
    calls.set_draft(tx, call_id, draft.id)
    undo = {"do": "undraft", **draft_changes.state(replace(draft, status="dropped"))}
    memory.remember(tx, call_id, "editing.amend", f"opened order {order.number}", undo, who.hold_seconds)
    audit.record(tx, "editing.amend", "draft", draft.id, None, {"order": order.number})
    return pads.view_of(tx, draft, who)


def lines_of(order: OrderView) -> tuple[DraftLine, ...]:
    """An order's lines as an amendment draft shows them, nothing touched yet."""
    return tuple(
        DraftLine(
            line.product_id, line.unit, line.quantity, line.line, "", line.substituted_for_id, line.quantity, False,
            "picked" if line.picked > 0 else "cancelled" if line.quantity == 0 else "",
            line.price, line.list_price, line.price_source, line.requested_on, line.net,
        )
        for line in order.lines
    )  # fmt: skip


@writes("order.enter")
def rebase(tx: Tx, call_id: int) -> DraftView:
    """Puts the rep's changes on top of the order as it was saved meanwhile; nothing of its own to undo.

    A day the rep did not move is the order's as it stands now.
    """
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    if before.order_id is None:
        raise Refused("This draft changes no order.")
    order = history.order_view(tx, history.head(tx, before.order_id))
    mine = {line.line: line for line in before.lines if line.touched and line.line}
    fresh = [
        replace(mine[line.line], was=line.was) if line.line in mine and not line.fixed else line
        for line in lines_of(order)
    ]
    added = tuple(line for line in before.lines if line.line == 0)
    wish = order.requested_on
    if before.requested_on != revisions.day_seen(tx, order, before.base_version):
        wish, fresh = before.requested_on, [replace(line, requested_on=None) for line in fresh]
    after = replace(before, lines=(*fresh, *added), base_version=order.version, requested_on=wish)
    saved = drafts.save(tx, after)
    audit.record(tx, "editing.rebase", "draft", saved.id, draft_changes.state(before), draft_changes.state(saved))
    return pads.view_of(tx, saved, who)


@writes("order.enter")
def drop(tx: Tx, call_id: int) -> str:
    """Leaves the draft: it is dropped, the order it would have changed stays; undo brings it back."""
    who, before = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    saved = drafts.save(tx, replace(before, status="dropped"))
    calls.set_draft(tx, call_id, None)
    words = "draft left" if before.kind == "new" else "amendment left, the order stays as it was"
    memory.remember(
        tx, call_id, "editing.drop", words, {"do": "undraft", **draft_changes.state(before)}, who.hold_seconds
    )
    audit.record(tx, "editing.drop", "draft", saved.id, draft_changes.state(before), draft_changes.state(saved))
    return words
