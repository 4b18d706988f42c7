"""Another price for a customer and product: asked for on a line of a draft, decided by somebody else, used by orders.

The tier is picked by what it costs: how far the asked price is from today's price by lists and deals, times the
quantity of the line. Once posted it is a row of `price_override`, and the pricing rule puts it before every list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select

from csdesk.errors import Invalid, Refused
from csdesk.ids import new_id
from csdesk.models import Draft, PriceOverride, table
from csdesk.money import decimal_of, may_be_thousands, show, show_quantity
from csdesk.rules.delivery import typed_day
from csdesk.rules.pricing import LinePrice, line_net
from csdesk.services import (
    asking,
    audit,
    catalog,
    customers,
    draft_changes,
    drafts,
    history,
    memory,
    pads,
    quoting,
    reasons,
    releasing,
)
from csdesk.services.approved_prices import KIND
from csdesk.services.customers import Trading
from csdesk.services.drafts import DraftLine, DraftRow
from csdesk.services.pads import DraftView
from csdesk.services.previews import plain_price
from csdesk.services.quoting import Wanted
from csdesk.services.tx import Tx, reads, writes

OVERRIDE, DRAFT = table(PriceOverride), table(Draft)
USUAL_DAYS, MOST_DAYS = 7, 30


@dataclass(frozen=True)
class Asked:
    """A request that was made, in one sentence."""

    id: int
    number: str
    words: str


@reads("order.enter")
def preview(tx: Tx, call_id: int, number: int, price: str, letter: str, until: str = "") -> str:
    """What asking for another price would do, and who would have to approve it. Raises like the act."""
    who, draft = _at_hand(tx, call_id)
    wish, place = _wish(tx, who, draft, number, price, letter, until)
    steps = " then ".join(asking.steps_of(tx, wish)) or "nobody"
    return f"asks {_told(wish.payload)} for line {place}, {_cost(wish.payload)}; needs: {steps}"


@writes("order.enter")
def ask(
    tx: Tx, call_id: int, number: int, price: str, letter: str, until: str = "", note: str = ""
) -> tuple[DraftView, Asked]:
    """Asks for another unit price (major units, as typed) of a line of the draft, for its quantity, until a day.

    The draft stays as it is and may be placed at the ordinary price meanwhile. Raises Invalid for a price, day or
    reason that is none; Refused when the price is that already, when one asked for the line waits, for a line without
    a price of its own, and for a customer on hold.
    """
    who, draft = _at_hand(tx, call_id)
    who = quoting.under(customers.trading(tx, who.id, lock=True), who)
    wish, place = _wish(tx, who, draft, number, price, letter, until, note)
    row = asking.submit(tx, wish)
    at = draft_changes.place_of(draft, place)
    saved = drafts.save(tx, draft_changes.with_line(draft, at, replace(draft.lines[at], asked=row["id"])))
    steps = " then ".join(row["steps"].split()) or "nobody"
    words = f"Price request {row['number']}: {_told(wish.payload)} for line {place}, {_cost(wish.payload)}"
    words = f"{words} (until {_until(wish.payload):%d %b}), to be approved by {steps}"
    undo = {"do": "unask-price", "request": row["id"]}
    memory.remember(tx, call_id, "price_overriding.ask", words, undo, who.hold_seconds)
    told = {name: row[name] for name in ("number", "amount", "counted", "reason", "steps")}
    audit.record(tx, "price_overriding.ask", "request", row["id"], None, {**told, **wish.payload})
    return pads.view_of(tx, saved), Asked(row["id"], row["number"], f"{words}.")


@writes("order.enter")
def reprice(tx: Tx, call_id: int, number: int) -> DraftView:
    """Prices a line of an order under change anew, so that a price approved meanwhile counts. Raises Refused for a line
    that is priced anew anyway."""
    who, draft = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    place = draft_changes.place_of(draft, number)
    if draft.lines[place].touched:
        raise Refused(f"Line {number} is priced as of now already.", field="line")
    after = draft_changes.with_line(draft, place, replace(draft.lines[place], touched=True))
    return draft_changes.change(
        tx, call_id, who, draft, after, "price_overriding.reprice", lambda view: f"line {number}: priced as of now"
    )


def withdraw(tx: Tx, request_id: int) -> str:
    """Takes a price request back before it is decided. Raises Refused once it is."""
    row = asking.get(tx, request_id, lock=True)
    if row.state not in {"submitted", "in_approval", "returned"}:
        raise Refused(f"Request {row.number} is {row.state.replace('_', ' ')} already; it cannot be taken back.")
    asking.sign(tx, row, "withdraw", "maker")
    asking.change(tx, row.id, state="withdrawn", decided_at=tx.now, decided_by=tx.actor.id)
    return f"price request {row.number} withdrawn"


def _at_hand(tx: Tx, call_id: int) -> tuple[Trading, DraftRow]:
    """The draft of a call and the terms its order is made under."""
    who, draft = draft_changes.customer(tx, call_id), draft_changes.need_draft(tx, call_id)
    return (quoting.under(who, history.head(tx, draft.order_id)) if draft.order_id else who), draft


def _wish(
    tx: Tx, who: Trading, draft: DraftRow, number: int, price: str, letter: str, until: str, note: str = ""
) -> tuple[asking.Wish, int]:
    """What is asked for, with the number of its line."""
    line = draft.lines[draft_changes.place_of(draft, number)]
    if line.quantity <= 0:
        raise Refused(f"Line {number} is taken off; there is nothing to price.", field="line")
    if who.currency != who.account.currency:
        raise Refused(f"{who.name} buys in {who.currency}, but the account is kept in {who.account.currency}.")
    reason = reasons.reason_of(tx, letter, "price")
    asked, order_id = _typed(price), draft.order_id or draft.id
    _none_waits(tx, who.id, order_id, line)
    product = _product(tx, who, line.product_id)
    now = _ordinary(tx, who, product, line.unit, line.quantity)
    if now.price == asked:
        raise Refused(f"{plain_price(asked)} is the price of line {number} already ({now.source}).", field="price")
    net = line_net(asked, line.quantity, who.currency, who.rounding)
    payload = {
        "order": order_id, "customer": who.id, "product": product.id, "code": product.code, "name": product.name,
        "line": number, "unit": line.unit, "quantity": line.quantity, "currency": who.currency,
        "before": plain_price(now.price), "source": now.source, "price": plain_price(asked), "net_before": now.net,
        "net": net, "until": _day(who.local(tx.now).date(), until), "reason": reason.code,
    }  # fmt: skip
    _blocked(who)
    creators = _creators(tx, draft)
    wish = asking.Wish(
        KIND, who.id, who.account.id, who.currency, abs(now.net - net), reason.code, payload, order_id=order_id,
        note=note.strip(), creators=creators,
    )  # fmt: skip
    return wish, number


def _typed(text: str) -> Decimal:
    """A typed unit price. Raises Invalid for one that is none or may mean two things."""
    if text.count(".") + text.count(",") > 1 or ("," in text and may_be_thousands(text)):
        raise Invalid(f"{text} may mean two prices; type it with a point before the decimals.", field="price")
    price = decimal_of(text.replace(",", "."))
    if price <= 0:
        raise Invalid("A price is above 0; goods for nothing are goodwill (g).", field="price")
    if price >= 10**9 or price != price.quantize(Decimal("0.000001")):
        raise Invalid("A price is below 1000000000 and has at most six decimals.", field="price")
    return price


def _day(today: date, text: str) -> date:
    until = typed_day(text, today) if text else today + timedelta(days=USUAL_DAYS)
    if not 0 <= (until - today).days <= MOST_DAYS:
        raise Invalid(f"A price is asked for at most {MOST_DAYS} days: +{MOST_DAYS}.", field="day")
    return until


def _none_waits(tx: Tx, customer_id: int, order_id: int, line: DraftLine) -> None:
    request = asking.REQUEST
    rows = tx.rows(
        select(request).where(
            request.c.company == tx.company, request.c.customer_id == customer_id, request.c.kind == KIND,
            request.c.order_id == order_id, request.c.state.in_(("in_approval", "approved", "returned")),
            request.c.id.not_in(asking.lapsed(tx)),
        )
    )  # fmt: skip
    for row in rows:
        frozen = asking.payload(row)
        if (frozen["product"], frozen["unit"]) == (line.product_id, line.unit):
            words = f"Request {row.number} asks {_told(frozen)} for it already ({row.state.replace('_', ' ')})"
            raise Refused(f"{words}; its maker takes it back first (q, then x).", field="line")


def _creators(tx: Tx, draft: DraftRow) -> tuple[int, ...]:
    """Whoever began the draft, or placed or changed the order: none of them approves its price."""
    if draft.order_id:
        return tuple(sorted(releasing.hands(tx, history.head(tx, draft.order_id))))
    began = tx.value(select(DRAFT.c.staff_id).where(DRAFT.c.company == tx.company, DRAFT.c.id == draft.id))
    person = asking.person_of(tx, began)
    return (person,) if person is not None else ()


def _product(tx: Tx, who: Trading, product_id: int) -> catalog.Facts:
    day = who.local(tx.now).date()
    return catalog.load(tx, who.buyer, [product_id], day=day, warehouse=who.warehouse)[product_id]


def _ordinary(tx: Tx, who: Trading, product: catalog.Facts, unit: str, quantity: Decimal) -> LinePrice:
    found = quoting.ordinary(who, product, Wanted(product.id, unit, quantity), who.local(tx.now).date())
    if found is None:
        raise Refused(
            f"{product.code} {product.name} has no price of its own for this customer; a price list is first."
        )
    return found


def _blocked(who: Trading) -> None:
    if who.on_hold or who.account.on_hold:
        raise Refused(f"{who.name} is on hold; no price is agreed before the hold is lifted.")


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused (Invalid for the product) when the price can be given no more: its day is over, the customer is on
    hold, the product is not sold, or the ordinary price moved so far that another tier would decide."""
    frozen = asking.payload(row)
    who = customers.trading(tx, row.customer_id)
    day = who.local(tx.now).date()
    if _until(frozen) < day:
        raise Refused("Its last day is over; ask anew.")
    _blocked(who)
    if who.currency != frozen["currency"] or who.account.currency != frozen["currency"]:
        raise Refused(f"{who.name} does not buy in {frozen['currency']} any more; ask anew.")
    quantity, unit = Decimal(frozen["quantity"]), frozen["unit"]
    product = _product(tx, who, frozen["product"])
    quoting.check_line(product, unit, quantity, day)
    now = _ordinary(tx, who, product, unit, quantity)
    told = f"The ordinary price of {product.code} is {plain_price(now.price)} by now, not {frozen['before']}"
    if (now.net - frozen["net"]) * (frozen["net_before"] - frozen["net"]) < 0:
        raise Refused(f"{told}: {frozen['price']} would turn round what was asked; ask anew.")
    more = abs(now.net - frozen["net"]) - row.amount
    if more > 0 and (outgrown := asking.outgrown(tx, row, more)):
        raise Refused(f"{told}. {outgrown} Ask anew.")


def post(tx: Tx, row: Row[Any]) -> str:
    """The approved price stands, from today on."""
    frozen = asking.payload(row)
    made = {
        "company": tx.company, "id": new_id(), "number": row.number, "request_id": row.id,
        "customer_id": row.customer_id, "product_id": frozen["product"], "order_id": row.order_id,
        "unit": frozen["unit"], "currency": frozen["currency"], "price": Decimal(frozen["price"]),
        "quantity": Decimal(frozen["quantity"]),
        "valid_from": customers.trading(tx, row.customer_id).local(tx.now).date(), "valid_until": _until(frozen),
        "made_at": tx.now,
    }  # fmt: skip
    tx.do(insert(OVERRIDE), made)
    asking.change(tx, row.id, state="posted", posted_id=made["id"])
    audit.record(tx, "posting.post", "price_override", made["id"], None, {**made, "request": row.number})
    return f"Price of request {row.number} stands: {_told(frozen)} for {frozen['code']} {frozen['name']}."


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """Before and after for the approver: the price now and where it comes from, the price asked, what it costs."""
    frozen = asking.payload(row)
    who = customers.trading(tx, row.customer_id)
    product = _product(tx, who, frozen["product"])
    now = quoting.ordinary(
        who, product, Wanted(product.id, frozen["unit"], Decimal(frozen["quantity"])), who.local(tx.now).date()
    )
    moved = f"; by now {plain_price(now.price)}" if now and plain_price(now.price) != frozen["before"] else ""
    amount = f"{show_quantity(Decimal(frozen['quantity']))} {frozen['unit']}"
    each = Decimal(frozen["price"]) - Decimal(frozen["before"])
    return (
        f"line {frozen['line']}: {amount} of {frozen['code']} {frozen['name']}",
        f"price now {frozen['before']} from {frozen['source']}{moved}, asked {frozen['price']}",
        f"{plain_price(abs(each))} {'less' if each < 0 else 'more'} per {frozen['unit']}, {_cost(frozen)} in all, "
        "without tax; the margin is not known",
        f"for {amount} of this customer's orders until {_until(frozen):%d %b %Y}",
    )


def _until(payload: Mapping[str, Any]) -> date:
    return date.fromisoformat(str(payload["until"]))


def _told(payload: Mapping[str, Any]) -> str:
    return f"{payload['price']} instead of {payload['before']} {payload['unit']}"


def _cost(payload: Mapping[str, Any]) -> str:
    """What a price costs: "21.60 USD less"."""
    change = int(payload["net"]) - int(payload["net_before"])
    return f"{show(abs(change), payload['currency'])} {payload['currency']} {'less' if change < 0 else 'more'}"
