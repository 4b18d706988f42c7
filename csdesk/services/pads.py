"""The order pad: a draft with its prices, promises, alternatives and warnings, as of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from csdesk.models import Product, table
from csdesk.rules import order_checks
from csdesk.rules.availability import Take
from csdesk.services import (
    approved_prices,
    catalog,
    credit_rules,
    customers,
    drafts,
    history,
    order_rows,
    overriding,
    quoting,
)
from csdesk.services.drafts import DraftLine, DraftRow
from csdesk.services.quoting import Quoted, Wanted
from csdesk.services.tx import Tx, reads

PRODUCT = table(Product)


@dataclass(frozen=True)
class OfferedAlternative:
    """An alternative of a short line: unit price in major units, free base units now."""

    product_id: int
    code: str
    name: str
    price: Decimal | None
    free: Decimal


@dataclass(frozen=True)
class LineView:
    """A line as the pad shows it. Amounts in minor units, price in major units, `free` in base units."""

    number: int
    code: str
    name: str
    quantity: Decimal
    unit: str
    factor: Decimal
    price: Decimal
    list_price: Decimal
    source: str
    net: int
    tax: int
    tax_rate: Decimal
    promised_on: date | None
    short: bool
    now: Decimal
    takes: tuple[Take, ...]
    missing: Decimal
    choice: str
    was: Decimal | None
    touched: bool
    fixed: str
    substituted_for: str
    alternatives: tuple[OfferedAlternative, ...] = ()
    warning: str = ""


@dataclass(frozen=True)
class DraftView:
    """The order pad: lines in order, totals in minor units of `currency`."""

    id: int
    kind: str
    order_id: int | None
    order_number: str
    customer_id: int
    currency: str
    requested_on: date | None
    delivery_on: date | None
    lines: tuple[LineView, ...]
    net: int
    tax: int
    gross: int
    warnings: tuple[str, ...] = field(default=())
    was_gross: int | None = None
    was_requested_on: date | None = None


_NAMES = select(PRODUCT.c.id, PRODUCT.c.code).where(
    PRODUCT.c.company == bindparam("c"), PRODUCT.c.id.in_(bindparam("ids", expanding=True))
)


@reads("customer.read")
def view(tx: Tx, draft_id: int) -> DraftView:
    """The order pad of a draft, priced and promised as of now."""
    return view_of(tx, drafts.get(tx, draft_id))


def view_of(tx: Tx, draft: DraftRow, who: customers.Trading | None = None) -> DraftView:
    """The order pad of a stored draft."""
    who = who or customers.trading(tx, draft.customer_id)
    order = history.head(tx, draft.order_id) if draft.order_id else None
    if order is not None:
        who = quoting.under(who, order)
    day = who.local(tx.now).date()
    ids = [line.product_id for line in draft.lines]
    facts = catalog.load(tx, who.buyer, ids, day=day, warehouse=who.warehouse, order=draft.order_id or 0)
    mine = history.reserved_by(tx, order.id) if order is not None else quoting.NOTHING
    wanted = drafts.wanted_of(draft)
    priced = [quoting.has_price(who, facts[line.product_id], line, day) for line in wanted]
    live = [place for place, line in enumerate(wanted) if line.quantity > 0 and priced[place]]
    quoted = quoting.quote(
        who, facts, [wanted[place] for place in live], tx.now, requested_on=draft.requested_on, mine=mine
    )
    by_place = dict(zip(live, quoted, strict=True))
    short = [each for each in quoted if each.offer.short and each.wanted.price is None]
    taken: dict[int, Decimal] = {}
    for each in quoted:
        taken[each.wanted.product_id] = taken.get(each.wanted.product_id, Decimal(0)) + each.offer.now
    others = _alternatives(tx, who, short, day, taken)
    usual = history.usual_quantities(tx, draft.customer_id, ids)
    swapped = [line.substituted_for for line in draft.lines if line.substituted_for]
    names = {row.id: row.code for row in tx.rows(_NAMES, {"c": tx.company, "ids": swapped})} if swapped else {}
    numbers = drafts.numbers_of(draft)
    lines = tuple(
        _line_view(numbers[place], line, by_place.get(place), facts, names, others, usual)
        for place, line in enumerate(draft.lines)
    )
    net, tax = sum(each.net for each in quoted), sum(each.tax for each in quoted)
    first = quoting.delivery_day(who, tx.now, draft.requested_on)
    return DraftView(
        id=draft.id, kind=draft.kind, order_id=draft.order_id, order_number=order.number if order else "",
        customer_id=draft.customer_id, currency=who.currency, requested_on=draft.requested_on, delivery_on=first,
        lines=lines, net=net, tax=tax, gross=net + tax, warnings=_warnings(tx, draft, who, quoted, first, order),
        was_gross=order.gross if order else None, was_requested_on=order.requested_on if order else None,
    )  # fmt: skip


def _line_view(
    number: int,
    line: DraftLine,
    quoted: Quoted | None,
    facts: dict[int, catalog.Facts],
    names: dict[int, str],
    others: dict[int, tuple[OfferedAlternative, ...]],
    usual: dict[int, list[Decimal]],
) -> LineView:
    product = facts[line.product_id]
    swap = names.get(line.substituted_for or 0, "")
    if quoted is None:
        zero = Decimal(0)
        return LineView(
            number, product.code, product.name, line.quantity, line.unit, product.factor(line.unit) or Decimal(1),
            zero, zero, "", 0, 0, product.tax_rate, None, False, zero, (), zero, "", line.was, line.touched, line.fixed,
            swap, warning="no price any more: take it off" if line.quantity > 0 else "",
        )  # fmt: skip
    typical = order_checks.unusual(line.quantity * quoted.factor, usual.get(line.product_id, []))
    warning = ""
    if typical is not None and line.touched:
        warning = f"usually {(typical / quoted.factor).normalize():f}"
    promise = quoted.offer
    return LineView(
        number, product.code, product.name, line.quantity, line.unit, quoted.factor, quoted.price, quoted.list_price,
        quoted.source, quoted.net, quoted.tax, quoted.tax_rate, quoted.promised_on, promise.short, promise.now,
        promise.takes, promise.missing, line.choice, line.was, line.touched, line.fixed, swap,
        others.get(line.product_id, ()), warning,
    )  # fmt: skip


def _alternatives(
    tx: Tx, who: customers.Trading, short: Sequence[Quoted], day: date, taken: Mapping[int, Decimal]
) -> dict[int, tuple[OfferedAlternative, ...]]:
    ranked = catalog.alternatives(tx, [each.wanted.product_id for each in short], who.warehouse)
    if not ranked:
        return {}
    ids = {other for others in ranked.values() for other in others}
    facts = catalog.load(tx, who.buyer, sorted(ids), day=day, warehouse=who.warehouse)
    offered = {id: _offered(who, product, tx, day, taken) for id, product in facts.items()}
    return {
        product: tuple(found for other in others if (found := offered.get(other)) is not None)
        for product, others in ranked.items()
    }


def _offered(
    who: customers.Trading, product: catalog.Facts, tx: Tx, day: date, taken: Mapping[int, Decimal]
) -> OfferedAlternative | None:
    """The offer of a product, less what the draft takes of it already; None when it cannot be ordered."""
    wanted = Wanted(product.id, product.sales_unit, max(product.minimum, Decimal(1)))
    if order_checks.phased_out(day, product.phase_in, product.phase_out):
        return None
    if not quoting.has_price(who, product, wanted, day):
        return None
    free = max(Decimal(0), product.on_hand - product.reserved - taken.get(product.id, Decimal(0)))
    price = quoting.quote(who, {product.id: product}, [wanted], tx.now)[0].price
    return OfferedAlternative(product.id, product.code, product.name, price, free)


def _warnings(
    tx: Tx, draft: DraftRow, who: customers.Trading, quoted: Sequence[Quoted], first: date, order: Any
) -> tuple[str, ...]:
    found = []
    if draft.kind == "new" and quoted:
        basket = [(each.wanted.product_id, each.wanted.quantity * each.factor) for each in quoted]
        twin = order_checks.duplicate_of(basket, tx.now, history.baskets(tx, draft.customer_id, tx.now))
        if twin:
            found.append(f"same as order {twin} of the last 24 h")
    net = sum(each.net for each in quoted)
    gross = net + sum(each.tax for each in quoted)
    if quoted and (order is None or gross > order.gross):
        holds = order_rows.holds_for(tx, who, gross, net, order.exposure if order is not None else 0)
        mine = draft.id if order is None else order.id
        holds = overriding.spared(tx, who.id, mine, gross, holds, use=False)
        found += [f"{reason}: will be held" for kind, reason in holds if order is None or kind in credit_rules.KINDS]
    found += approved_prices.asked_words(tx, draft, quoted)
    if draft.requested_on and first != draft.requested_on:
        found.append(f"the truck goes {first:%a %d %b}, not {draft.requested_on:%a %d %b}")
    return tuple(found)
