"""What Enter would do, in words and amounts, before it does it. Reads only; the act itself decides anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, select

from csdesk.errors import Invalid, NotFound
from csdesk.models import Product, table
from csdesk.money import show, show_quantity
from csdesk.rules.availability import ZERO
from csdesk.rules.delivery import typed_day
from csdesk.services import catalog, customers, history, orders, quoting, reasons
from csdesk.services.quoting import Quoted, Wanted
from csdesk.services.tx import Tx, reads

PRODUCT = table(Product)
_NAMED = select(PRODUCT.c.code, PRODUCT.c.name).where(
    PRODUCT.c.company == bindparam("c"), PRODUCT.c.id == bindparam("id")
)


@dataclass(frozen=True)
class ProductInfo:
    """All a rep may be asked of a product: price with its source, packs, stock and what is coming (base units)."""

    code: str
    name: str
    unit: str
    price: Decimal | None
    list_price: Decimal | None
    source: str
    currency: str
    tax_rate: Decimal
    packs: tuple[tuple[str, Decimal], ...]
    minimum: Decimal
    multiple: Decimal
    on_hand: Decimal
    reserved: Decimal
    incoming: tuple[tuple[date, Decimal], ...]
    alternatives: tuple[tuple[str, str, Decimal], ...]
    phase_out: date | None
    breaks: tuple[tuple[str, str, Decimal, Decimal], ...]


@dataclass(frozen=True)
class Resolved:
    """What a typed code means for this customer: a product, or an entry of the usual list."""

    product_id: int
    code: str
    name: str
    usual: int | None = None


@reads("customer.read")
def resolve(tx: Tx, customer_id: int, code: str) -> Resolved | None:
    """The product with this code; else, for one or two digits, that number of the usual list; else None."""
    product_id = catalog.by_code(tx, code)
    if product_id is not None:
        named = tx.row(_NAMED, {"c": tx.company, "id": product_id})
        assert named is not None
        return Resolved(product_id, named.code, named.name)
    if code.isdecimal() and len(code) <= 2:
        row = next((each for each in history.usual(tx, customer_id) if each.position == int(code)), None)
        if row is not None:
            return Resolved(row.product_id, row.code, row.name, row.position)
    return None


@reads("customer.read")
def line(tx: Tx, customer_id: int, code: str, quantity: Decimal, unit: str) -> str:
    """What adding a line would do: product, quantity, price, value and whether it is there. Raises like the act."""
    found = resolve(tx, customer_id, code)
    if found is None:
        raise NotFound(f"No product has the code {code}.", field="code")
    who = customers.trading(tx, customer_id)
    day = who.local(tx.now).date()
    product = catalog.load(tx, who.buyer, [found.product_id], day=day, warehouse=who.warehouse)[found.product_id]
    name = unit_meant(product, unit)
    quoting.check_line(product, name, quantity, day)
    quoted = quoting.quote(who, {product.id: product}, [Wanted(product.id, name, quantity)], tx.now)[0]
    value = f"{show_quantity(quantity)} {name} x {plain_price(quoted.price)} = {show(quoted.net, who.currency)}"
    return f"{product.code} {product.name}  {value} net  {availability(quoted, product)}"


def unit_meant(product: catalog.Facts, unit: str) -> str:
    """The unit meant by what was typed: any unique beginning, case does not matter; empty = the sales unit."""
    if not unit:
        return product.sales_unit
    units = dict.fromkeys([product.base_unit, product.sales_unit, *product.packs])
    fits = [each for each in units if each.lower() == unit.lower()]
    fits = fits or [each for each in units if each.lower().startswith(unit.lower())]
    return fits[0] if len(fits) == 1 else unit


def plain_price(price: Decimal) -> str:
    """A unit price with at least two decimals and no needless zeros."""
    text = f"{price:.6f}".rstrip("0")
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


def availability(quoted: Quoted, product: catalog.Facts) -> str:
    """One short phrase about what is there: "120 free", "!OUT 2 now, 10 on 12 Dec"."""
    if product.kind == "service":
        return "service"
    if not quoted.offer.short:
        return f"{show_quantity(max(ZERO, product.on_hand - product.reserved))} free"
    return short_text(quoted)


def short_text(quoted: Quoted) -> str:
    """Why a line is short and when the rest comes."""
    parts = [f"{show_quantity(quoted.offer.now)} now"]
    parts += [f"{show_quantity(take.quantity)} on {take.on:%d %b}" for take in quoted.offer.takes if take.on]
    if quoted.offer.missing:
        parts.append(f"{show_quantity(quoted.offer.missing)} without a date")
    return "!OUT " + ", ".join(parts)


@reads("customer.read")
def cancel(tx: Tx, customer_id: int, order_id: int | None, number: int, letter: str) -> str:
    """What cancelling a line would do. Raises like the act."""
    found = order_id or orders.find_open(tx, customer_id)
    order = history.order_view(tx, history.head(tx, found))
    old = next((each for each in order.lines if each.line == number), None)
    if old is None:
        raise NotFound(f"Order {order.number} has no line {number}; it has {len(order.lines)}.", field="line")
    reason = reasons.reason_of(tx, letter, "cancel").name if letter else "…"
    text = f"{show_quantity(old.quantity)} {old.unit} {old.code} {old.name}"
    return f"cancels line {number} of order {order.number}: {text}  ({reason})"


@reads("customer.read")
def amendment(tx: Tx, customer_id: int, ending: str) -> str:
    """Which order `e` would open. Raises like the act."""
    order = history.order_view(tx, history.head(tx, orders.find_open(tx, customer_id, ending)))
    return f"opens order {order.number}, {len(order.lines)} lines, {show(order.gross, order.currency)}, to change it"


@reads("customer.read")
def wish(tx: Tx, customer_id: int, text: str) -> str:
    """Which day a typed date means and when the truck goes. Raises Invalid."""
    who = customers.trading(tx, customer_id)
    day = typed_day(text, who.local(tx.now).date())
    truck = quoting.delivery_day(who, tx.now, day)
    return f"wanted for {day:%a %d %b %Y}; the truck goes {truck:%a %d %b}"


@reads("customer.read")
def product(tx: Tx, customer_id: int | None, product_id: int) -> ProductInfo:
    """All a rep may be asked of a product, priced for the customer on the call."""
    if customer_id is None:
        raise Invalid("Find the caller first; prices and stock depend on the customer.")
    who = customers.trading(tx, customer_id)
    day = who.local(tx.now).date()
    ranked = catalog.alternatives(tx, [product_id], who.warehouse).get(product_id, [])
    facts = catalog.load(tx, who.buyer, [product_id, *ranked], day=day, warehouse=who.warehouse)
    found = facts[product_id]
    wanted = Wanted(product_id, found.sales_unit, max(found.minimum, Decimal(1)))
    priced = quoting.has_price(who, found, wanted, day)
    quoted = quoting.quote(who, facts, [wanted], tx.now)[0] if priced else None
    return ProductInfo(
        code=found.code, name=found.name, unit=found.sales_unit, price=quoted.price if quoted else None,
        list_price=quoted.list_price if quoted else None, source=quoted.source if quoted else "", currency=who.currency,
        tax_rate=found.tax_rate, packs=tuple(sorted(found.packs.items())), minimum=found.minimum,
        multiple=found.multiple, on_hand=found.on_hand, reserved=found.reserved,
        incoming=tuple((each.due_on, each.free) for each in found.incoming),
        alternatives=tuple(
            (facts[o].code, facts[o].name, max(ZERO, facts[o].on_hand - facts[o].reserved)) for o in ranked
        ),
        phase_out=found.phase_out,
        breaks=tuple((f"{p.kind} {p.list_code}", p.unit, p.min_quantity, p.amount) for p in found.prices),
    )  # fmt: skip
