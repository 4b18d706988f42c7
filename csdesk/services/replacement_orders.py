"""The orders that replace goods for nothing: whether they can be sent, how one is made, what follows when it is
cancelled. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from csdesk.errors import Refused
from csdesk.ids import new_id
from csdesk.models import ApprovalRequest, OrderLine, table
from csdesk.money import share, show_quantity
from csdesk.rules import order_checks
from csdesk.rules.tax import line_taxes
from csdesk.services import (
    asking,
    catalog,
    credits,
    customers,
    dispute_steps,
    disputing,
    order_rows,
    quoting,
    replaced,
    ticket_claims,
    ticket_log,
    ticket_money,
    ticket_remedies,
    ticket_telling,
)
from csdesk.services.customers import Trading
from csdesk.services.drafts import DraftRow
from csdesk.services.history import OrderView
from csdesk.services.quoting import Wanted
from csdesk.services.replaced import KIND, SOURCE
from csdesk.services.tx import Tx

if TYPE_CHECKING:
    from csdesk.services.amendments import Change

REQUEST, ORDERED = table(ApprovalRequest), table(OrderLine)
ZERO = Decimal(0)


def _facts(tx: Tx, who: Trading, product_id: int, lock: bool = False) -> catalog.Facts:
    day = who.local(tx.now).date()
    found = catalog.load(tx, who.buyer, [product_id], day=day, warehouse=who.warehouse, lock=lock)
    return found[product_id]


def check(tx: Tx, who: Trading, product_id: int, unit: str, quantity: Decimal) -> None:
    """Raises Refused for goods that cannot be sent: no goods at all, not sold in the unit any more, or out of the range
    and none of them there. Minimum and multiple do not bind: what was broken comes again."""
    product = _facts(tx, who, product_id)
    name = f"{product.code} {product.name}"
    if product.kind == "service":
        raise Refused(f"{name} is no goods; c asks the credit instead.", field="line")
    factor = product.factor(unit)
    if factor is None:
        raise Refused(f"{name} is not sold by {unit} any more; c asks the credit instead.", field="line")
    gone = order_checks.phased_out(who.local(tx.now).date(), product.phase_in, product.phase_out)
    if gone and product.on_hand - product.reserved < quantity * factor:
        raise Refused(f"{name} cannot come again: {gone}; c asks the credit instead.", field="line")


def lies(tx: Tx, who: Trading, product_id: int, unit: str, quantity: Decimal) -> str:
    """In words whether the goods lie here, or when they come."""
    product = _facts(tx, who, product_id)
    (quoted,) = quoting.quote(who, {product_id: product}, [_free(product_id, unit, quantity, "")], tx.now)
    if not quoted.offer.short:
        return f"in stock, {quoted.promised_on:%a %d %b}" if quoted.promised_on else "in stock"
    here = show_quantity(quoted.offer.now / quoted.factor)
    when = f"complete {quoted.promised_on:%a %d %b}" if quoted.promised_on else "no date for the rest yet"
    return f"{here} {unit} in stock, {when}"


def _free(product_id: int, unit: str, quantity: Decimal, number: str) -> Wanted:
    """A line that costs nothing: its price source says which ticket it comes from, so that figures can tell it."""
    return Wanted(product_id, unit, quantity, price=ZERO, list_price=ZERO, source=f"{SOURCE}{number}", net=0)


def ordered(tx: Tx, line: Row[Any]) -> Decimal:
    """How much of an order line was ordered or shipped, whichever is more, in its unit."""
    own = (ORDERED.c.company == tx.company, ORDERED.c.order_id == line.order_id, ORDERED.c.line == line.order_line)
    row = tx.row(select(ORDERED).where(*own))
    if row is None:
        return Decimal(line.quantity)
    shipped = row.shipped / row.factor if row.factor else ZERO
    return Decimal(max(row.quantity, shipped))


def worth(tx: Tx, who: Trading, line: Row[Any], quantity: Decimal) -> int:
    """What a quantity of a line that is not billed is worth, tax in it: its share of what the line claims; of goods
    that cost nothing, such as a replacement itself, today's price by lists and deals. Raises Refused where there is
    none: nobody could say who has to approve it."""
    if line.claimed > 0:
        return share(line.claimed, quantity, line.quantity, who.rounding)
    product = _facts(tx, who, line.product_id)
    wanted = Wanted(line.product_id, line.unit, quantity)
    found = quoting.ordinary(who, product, wanted, who.local(tx.now).date())
    if found is None or who.currency != line.currency:
        raise Refused(f"{product.code} {product.name} has no price for this customer; nobody can say what it is worth.")
    rate = ZERO if who.buyer.tax_exempt else product.tax_rate
    return found.net + line_taxes([(found.net, rate)], who.tax_method, who.rounding)[0]


def make(tx: Tx, who: Trading, request: Row[Any], ticket: Row[Any]) -> OrderView:
    """The order of an approved request: price 0, stock reserved, the first delivery day, placed by its maker."""
    frozen = asking.payload(request)
    product = _facts(tx, who, frozen["product"], lock=True)
    wanted = _free(frozen["product"], frozen["unit"], Decimal(str(frozen["quantity"])), ticket.number)
    quoted = quoting.quote(who, {product.id: product}, [wanted], tx.now)
    draft = DraftRow(new_id(), None, who.id, "new", None, None, None, f"Ticket {ticket.number}", (), "placed", 1)
    return order_rows.insert_order(tx, draft, who, quoted, request.maker_staff_id)


def told(tx: Tx, who: Trading, request: Row[Any], rows: Sequence[Row[Any]], order: OrderView) -> None:
    """The line has its order, a dispute held for it is closed, and the customer is told, which is the decision; `rows`
    are the ticket and what it was merged into."""
    frozen, ticket = asking.payload(request), rows[0]
    line = next(each for each in ticket_money.lines_of(tx, ticket.id) if each.line == frozen["line"])
    ticket_money.set_line(tx, ticket.id, line.line, {"replacement_id": order.id, "remedy": "replace"})
    _due_again(tx, who, line, order)
    if rows[-1].state == "cancelled":
        return
    data = {"request": request.number, "order": order.number, "amount": request.amount}
    what = f"{show_quantity(Decimal(str(frozen['quantity'])))} {frozen['unit']} {frozen['code']} {frozen['name']}"
    day = f" on {order.promised_on:%a %d %b}" if order.promised_on else " as soon as they are there"
    asked = ticket.kind in ticket_telling.COMPLAINTS
    about = f"Your complaint {ticket.number} is decided" if asked else f"{ticket.subject} ({ticket.number})"
    words = f"{about}: {what} come again free of charge{day}, order {order.number}."
    ticket_telling.told(tx, rows, line.line, data, words)


def _due_again(tx: Tx, who: Trading, line: Row[Any], order: OrderView) -> None:
    """What is open of a line's disputes is due again: the goods come, so the invoice stays owed. One that a request is
    to settle is left to it."""
    day, note = who.local(tx.now).date(), _replaced_by(order)
    for each in ticket_claims.disputes_of(tx, line, live=True):
        held = dispute_steps.get(tx, each.id, lock=True)
        waits = dispute_steps.live_request(tx, held)
        if waits is None or waits.state == "posted":
            dispute_steps.step(tx, held, "withdraw", day, note=note, state="withdrawn", closed_at=tx.now)


# --- what becomes of such an order ------------------------------------------------------------------------------


def _is_one(order: OrderView) -> bool:
    return any(line.price_source.startswith(SOURCE) for line in order.lines)


def guard(before: OrderView, changes: Sequence[Change]) -> None:
    """Raises Refused for a change of an order that replaces goods but cancelling its line, or taking that back: another
    quantity would be another request, other goods are another order."""
    if _is_one(before) and any(each.quantity > 0 and each.price is None for each in changes):
        raise Refused(
            f"Order {before.number} replaces goods for nothing: its line stays or is cancelled; other goods are an "
            "order of their own."
        )


def spared(before: OrderView, held: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The holds of an order under change: what costs nothing needs no credit and no minimum."""
    return [each for each in held if each[0] == "customer"] if _is_one(before) else held


def follow(tx: Tx, before: OrderView, after: OrderView) -> None:
    """A cancelled replacement gives its quantity back, its ticket is open again and its amount in dispute; one whose
    cancelling is taken back takes it again. Raises Refused when somebody else has it by then."""
    if not _is_one(before) or (before.status == "cancelled") == (after.status == "cancelled"):
        return
    request = tx.row(
        select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.kind == KIND, REQUEST.c.posted_id == after.id)
    )
    if request is None:
        return
    frozen, back = asking.payload(request), after.status == "cancelled"
    if not back:
        _taken_again(tx, request)
    credits.settle_claims(tx, request.id, "void" if back else "posted")
    who = customers.trading(tx, request.customer_id, lock=True)
    line = next(each for each in ticket_money.lines_of(tx, frozen["ticket"]) if each.line == frozen["line"])
    data = {"line": line.line, "order": after.number, "request": request.number}
    if back:
        _disputed_again(tx, who, line, after)
        why = f"Order {after.number} is cancelled: nothing comes again"
        ticket_remedies.gone(tx, line.ticket_id, "unreplaced", data, why)
    else:
        _due_again(tx, who, line, after)
        ticket_remedies.stands(tx, line.ticket_id, after.number, data)
        said = ticket_log.get(tx, line.ticket_id)
        ticket_log.say(tx, said, "system", f"Order {after.number} stands again.")


def _disputed_again(tx: Tx, who: Trading, line: Row[Any], order: OrderView) -> None:
    """What an order that is cancelled had taken out of dispute is held again, as far as it is open and free."""
    ended = [each for each in ticket_claims.disputes_of(tx, line) if each.state == "withdrawn"]
    if not any(dispute_steps.events(tx, each.id)[-1].note == _replaced_by(order) for each in ended):
        return
    over = ticket_log.upward(tx, line.ticket_id)[-1].state == "cancelled"
    if over or ticket_claims.disputes_of(tx, line, live=True):
        return
    item, free = ticket_money.free_of(tx, line)
    amount = min(ticket_claims.open_of(tx, line), free)
    if item is not None and amount > 0:
        note = f"Order {order.number} is cancelled"
        made = disputing.raise_for(tx, who, item.id, amount, line.reason, note, line=(line.ticket_id, line.line))
        ticket_money.set_line(tx, line.ticket_id, line.line, {"dispute_id": made.id})


def _replaced_by(order: OrderView) -> str:
    return f"replaced by order {order.number}"


def _taken_again(tx: Tx, request: Row[Any]) -> None:
    """Raises Refused when a line was credited or replaced otherwise since its replacement was cancelled."""
    frozen = asking.payload(request)
    line = next(each for each in ticket_money.lines_of(tx, frozen["ticket"]) if each.line == frozen["line"])
    if line.replacement_request_id != request.id:
        raise Refused(f"Ticket {frozen['number']} has another replacement by now; this one stays cancelled.")
    if request.document_id is not None:
        credits.recheck(tx, request)
        return
    who = customers.trading(tx, request.customer_id)
    taken = replaced.unbilled(tx, frozen["order"], request.id).get(frozen["order_line"], ZERO)
    if taken + Decimal(str(frozen["quantity"])) > ordered(tx, line):
        raise Refused(f"{who.name} gets these goods again by another request; this one stays cancelled.")
