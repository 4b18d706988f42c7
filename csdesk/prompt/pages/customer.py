"""The page of an identified caller: what stands open, the numbered usual list; the history; a product; an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from csdesk.money import show, show_quantity
from csdesk.prompt.page import MOST_ROWS, Column, Page, Row, counted
from csdesk.services.customers import Bar
from csdesk.services.disputing import ShortPayment
from csdesk.services.history import OrderLineView, OrderRow, OrderView, UsualRow
from csdesk.services.previews import ProductInfo, plain_price
from csdesk.services.promised import Promised
from csdesk.services.queue import Entry
from csdesk.services.timeline import Happening


def customer_page(
    bar: Bar,
    orders: Sequence[OrderRow],
    usual: Sequence[UsualRow],
    short: Sequence[ShortPayment] = (),
    given: Promised | None = None,
    urgent: Entry | None = None,
) -> Page:
    """Standing instructions, what was promised, the most urgent ticket, open orders and short payments on top, the
    usual list below."""
    lead = [Row((f"! {text}",), "warn", span=True) for text in (bar.standing, bar.notes) if text]
    if bar.bill_to:
        lead.append(Row((f"Billed to {bar.bill_to}",), "dim", span=True))
    if given is not None and given.line:
        lead.append(Row((f"{given.line}   =",), "warn" if given.broken else "plain", span=True))
    if urgent is not None:
        more = f"   and {bar.tickets - 1} more" if bar.tickets > 1 else ""
        text = f"Ticket {urgent.number} (#)  {urgent.reason}  {urgent.label}: {urgent.words}{more}"
        lead.append(Row((text,), "warn" if urgent.late or urgent.safety else "plain", span=True))
    for order in orders[:3]:
        lead.append(Row((_order_line(order),), "strong" if order.holds else "plain", span=True))
    if len(orders) > 3:
        lead.append(Row((f"… and {len(orders) - 3} more open order{'s' * (len(orders) > 4)}: h",), "dim", span=True))
    for each in short[:2]:
        missing = f"{show(each.missing, each.currency)} of {show(each.face, each.currency)} unpaid"
        text = f"Short payment {each.place}: invoice {each.number}, {missing}   s{each.place} and the reason"
        lead.append(Row((text,), "warn", span=True))
    columns = (
        Column("N", 3, "right"),
        Column("Code", 10),
        Column("Usual list", 30, flex=True),
        Column("Usually", 9, "right"),
        Column("Unit", 8),
    )
    rows = tuple(
        Row((str(u.position), u.code, u.name, show_quantity(u.quantity) if u.quantity else "", u.unit)) for u in usual
    )
    foot = (Row(("CODE QTY or N QTY: a line   r: last order again   e: change it   ?: help",), "dim", span=True),)
    return Page("CUSTOMER", columns if rows else (), rows, tuple(lead), foot)


def _order_line(order: OrderRow) -> str:
    when = f"for {order.promised_on:%a %d %b}" if order.promised_on else "no date yet"
    held = f"  [HOLD {' '.join(order.holds)}]" if order.holds else ""
    lines = f"{order.lines} line{'s' * (order.lines != 1)}"
    return f"Open order {order.number}  {lines}  {show(order.gross, order.currency)} {order.currency}  {when}{held}"


def history_page(rows: Sequence[Happening], zone: tzinfo | None = None) -> Page:
    """Orders, deliveries, documents and calls, newest first."""
    columns = (
        Column("When", 9),
        Column("What", 11),
        Column("Number", 9),
        Column("", 10, flex=True),
        Column("Status", 16),
        Column("Amount", 10, "right"),
    )
    return Page(
        f"HISTORY   {counted(len(rows))}" if len(rows) >= MOST_ROWS else "HISTORY",
        columns,
        tuple(
            Row(
                (
                    f"{r.at.astimezone(zone):%d %b %y}", r.kind, r.number, r.text, r.status,
                    "" if r.amount is None else show(r.amount, r.currency),
                ),
                "warn" if r.status.startswith("HELD") else "plain",
            )
            for r in rows
        ),
        cursor=0 if rows else None,
    )  # fmt: skip


def order_page(order: OrderView) -> Page:
    """A placed order whole."""
    columns = (
        Column("#", 3, "right"),
        Column("Code", 9),
        Column("Product", 12, flex=True),
        Column("Qty", 7, "right"),
        Column("Unit", 6),
        Column("Price", 9, "right"),
        Column("Net", 10, "right"),
        Column("State", 12),
        Column("Price from", 24, wide=110),
    )
    wanted = f"wanted {order.requested_on:%a %d %b}" if order.requested_on else "wanted next truck"
    by = f"promised {order.promised_on:%a %d %b}" if order.promised_on else "not all of it has a date"
    lead = (Row((f"placed {order.placed_at:%d %b %Y}   {wanted}   {by}",), span=True),)
    rows = []
    for line in order.lines:
        state = _line_state(line)
        rows.append(
            Row(
                (
                    str(line.line), line.code, line.name, show_quantity(line.quantity), line.unit,
                    plain_price(line.price), show(line.net, order.currency), state, line.price_source,
                ),
                "dim" if line.quantity == 0 else "plain",
            )
        )  # fmt: skip
    foot = [Row((f"net {show(order.net, order.currency)}  tax {show(order.tax, order.currency)}  "
                 f"TOTAL {show(order.gross, order.currency)} {order.currency}",), "strong", span=True)]  # fmt: skip
    foot += [Row((f"! HELD {hold}",), "warn", span=True) for hold in order.holds]
    title = f"ORDER {order.number}  {order.status}  revision {order.revision}"
    return Page(title, columns, tuple(rows), lead, tuple(foot), cursor=0)


def _line_state(line: OrderLineView) -> str:
    if line.quantity == 0:
        return f"cancelled {line.cancel_reason}"
    if line.picked:
        return "picked"
    here, later = show_quantity(line.allocated), show_quantity(line.backordered)
    if line.backordered > 0:
        return f"{here} + {later} later" if line.allocated > 0 else f"{later} later"
    return "reserved" if line.allocated else ""


def info_page(info: ProductInfo, agreed: Sequence[str] = ()) -> Page:
    """All about a product: price and where it came from, packs, stock, what is coming, alternatives; `agreed` are the
    prices approved for this customer."""
    price = "no price for this customer"
    if info.price is not None:
        price = f"{plain_price(info.price)} {info.currency} per {info.unit}, from {info.source}"
        if info.list_price is not None and info.list_price != info.price:
            price += f" (list {plain_price(info.list_price)})"
    free = info.on_hand - info.reserved
    lines = [
        ("Price", price),
        *(("Agreed", words) for words in agreed),
        ("Tax", f"{info.tax_rate.normalize():f} %"),
        ("Stock", f"{show_quantity(free)} free = {show_quantity(info.on_hand)} here - {show_quantity(info.reserved)}"),
        *(("Coming", f"{show_quantity(quantity)} free on {on:%a %d %b %Y}") for on, quantity in info.incoming),
        *(("Pack", f"1 {unit} = {show_quantity(factor)}") for unit, factor in info.packs),
        ("Least", f"{show_quantity(info.minimum)} {info.unit}, in steps of {show_quantity(info.multiple)}"),
        *((f"a{n}", f"{a[0]} {a[1]}, {show_quantity(a[2])} free") for n, a in enumerate(info.alternatives, 1)),
        *(("List", f"{name}: {plain_price(amount)} per {unit} from {show_quantity(start)}")
          for name, unit, start, amount in info.breaks),
    ]  # fmt: skip
    if info.phase_out:
        lines.append(("Leaves", f"{info.phase_out:%a %d %b %Y}"))
    columns = (Column("", 8), Column("", 40, flex=True))
    return Page(f"PRODUCT {info.code} {info.name}", columns, tuple(Row(each) for each in lines), cursor=0)
