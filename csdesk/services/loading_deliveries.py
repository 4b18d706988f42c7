"""Loading deliveries, their lines and what happened on the way. Internal to the importer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from csdesk.models import Delivery, DeliveryEvent, DeliveryLine, OrderLine, SalesOrder, table
from csdesk.services import ticket_resuming
from csdesk.services.loading_base import Known, Load, rehash, remember, resolve, sorted_out
from csdesk.services.loading_orders import owners
from csdesk.services.loading_put import put
from csdesk.services.loading_types import Line, Unit

DELIVERY, LINE, EVENT = table(Delivery), table(DeliveryLine), table(DeliveryEvent)
ORDER, ORDERED = table(SalesOrder), table(OrderLine)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_ORDERS = select(ORDER.c.id, ORDER.c.customer_id).where(ORDER.c.company == _C, ORDER.c.id.in_(_IDS))
_ORDERED = (
    select(ORDERED.c.order_id, ORDERED.c.line, ORDERED.c.product_id, ORDERED.c.picked)
    .where(ORDERED.c.company == _C, ORDERED.c.order_id.in_(_IDS))
    .order_by(ORDERED.c.order_id, ORDERED.c.line)
)
_OF = select(DELIVERY.c.id, DELIVERY.c.order_id).where(DELIVERY.c.company == _C, DELIVERY.c.id.in_(_IDS))
_LAST_LINE = (
    select(LINE.c.delivery_id, func.max(LINE.c.line).label("last"))
    .where(LINE.c.company == _C, LINE.c.delivery_id.in_(_IDS))
    .group_by(LINE.c.delivery_id)
)
_LAST_EVENT = (
    select(EVENT.c.delivery_id, func.max(EVENT.c.seq).label("last"))
    .where(EVENT.c.company == _C, EVENT.c.delivery_id.in_(_IDS))
    .group_by(EVENT.c.delivery_id)
)
_FACTS = ("carrier", "tracking", "instructions", "planned_on", "dispatched_at", "delivered_at", "received_by")
_TEXTS = {"carrier", "tracking", "instructions", "received_by"}


class _Ordered:
    """The lines of the orders of a chunk."""

    def __init__(self, load: Load, orders: Sequence[int]) -> None:
        key = {"c": load.tx.company, "ids": sorted(set(orders))}
        self.customers = {row.id: row.customer_id for row in load.tx.rows(_ORDERS, key)}
        self.lines: dict[int, list[Any]] = defaultdict(list)
        for row in load.tx.rows(_ORDERED, key):
            self.lines[row.order_id].append(row)

    def line(self, order: int, number: int | None, product: int | None) -> int | None:
        """The line of an order by its number, else the first of the product."""
        for row in self.lines[order]:
            if row.line == number or (number is None and row.product_id == product):
                return int(row.line)
        return None


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads deliveries with the lines and events of their rows; a changed row moves the delivery on."""
    fresh, there = sorted_out(load, "delivery", new, lambda unit: str(unit.values["number"]))
    for unit, _ in there:
        load.refuse(unit, "taken", f"the desk has a delivery {unit.values['number']} of its own")
    orders = resolve(load, "order", [unit.values["order"] for unit in fresh])
    products = resolve(load, "product", [line.values.get("product") or "" for unit in fresh for line in unit.lines])
    ordered = _Ordered(load, list(orders.values()))
    rows, lines, events, keys = [], [], [], []
    for unit in fresh:
        order = orders.get(unit.values["order"])
        wrong, own = "", []
        if order is None:
            wrong = f"there is no order {unit.values['order']!r}"
        elif load.option("delivery_lines") == "order":
            own = _whole_order(ordered.lines[order])
        else:
            wrong, own = _lines(0, order, unit.lines, 0, products, ordered)
        if wrong or order is None:
            load.refuse(unit, "unknown", wrong)
            continue
        made = load.new_id()
        rows.append(_row(load, made, order, ordered.customers[order], unit.values))
        lines += [{**line, "delivery_id": made} for line in own]
        events += _events(made, unit.sub, 0)
        keys.append((unit.key, made, 0, unit.hash))
        load.touched["order"].add(order)
        load.done(unit, "imported")
    put(load.tx, DELIVERY, rows)
    put(load.tx, LINE, lines)
    put(load.tx, EVENT, events)
    remember(load, "delivery", keys)
    for unit, before in changed:
        _change(load, unit, before)
    ticket_resuming.delivered(load.tx, {row["id"] for row in rows} | {before.subject_id for _, before in changed})


def _row(load: Load, made: int, order: int, customer: int, values: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: values.get(name) or ("" if name in _TEXTS else None) for name in _FACTS}
    own = {"id": made, "number": values["number"], "order_id": order, "customer_id": customer}
    return {**own, **facts, "source": load.source.name[:20]}


def _whole_order(ordered: Sequence[Any]) -> list[dict[str, Any]]:
    """Everything picked of the order: for sources that keep no lines of deliveries."""
    picked = [row for row in ordered if row.picked > 0]
    return [_line(0, number, row.line, {"shipped": row.picked}) for number, row in enumerate(picked, 1)]


def _line(delivery: int, number: int, order_line: int, values: Mapping[str, Any]) -> dict[str, Any]:
    lost = {name: values.get(name) or Decimal(0) for name in ("short", "damaged", "refused")}
    own = {"delivery_id": delivery, "line": number, "order_line": order_line, "shipped": values["shipped"]}
    return {**own, **lost, "reason": values.get("reason") or ""}


def _lines(
    delivery: int, order: int, lines: Sequence[Line], last: int, products: Mapping[str, int], ordered: _Ordered
) -> tuple[str, list[dict[str, Any]]]:
    rows = []
    for number, line in enumerate(lines, last + 1):
        product = products.get(line.values.get("product") or "")
        found = ordered.line(order, line.values.get("order_line"), product)
        if found is None:
            return f"row {line.row} is about no line of the order", []
        rows.append(_line(delivery, number, found, line.values))
    return "", rows


def _events(delivery: int, events: Sequence[Mapping[str, Any]], last: int) -> list[dict[str, Any]]:
    return [
        {
            "delivery_id": delivery,
            "seq": number,
            "at": each["at"],
            "event": each["event"],
            "status": each.get("status") or "",
            "comment": each.get("comment") or "",
        }
        for number, each in enumerate(events, last + 1)
    ]


def _change(load: Load, unit: Unit, before: Known) -> None:
    """Facts that came later: dispatch, proof, further events. Another order is refused."""
    here = select(DELIVERY).where(DELIVERY.c.company == load.tx.company, DELIVERY.c.id == before.subject_id)
    row = load.tx.row(here)
    order = resolve(load, "order", [unit.values["order"]]).get(unit.values["order"])
    if row is None or order != row.order_id or unit.lines:
        load.refuse(unit, "posted", f"delivery {unit.values['number']} is there for another order or other lines")
        return
    facts = {name: unit.values[name] or ("" if name in _TEXTS else None) for name in _FACTS if name in unit.values}
    own = (DELIVERY.c.company == load.tx.company, DELIVERY.c.id == row.id)
    if facts:
        load.tx.do(update(DELIVERY).where(*own).values(**facts))
    if unit.sub:
        load.tx.do(delete(EVENT).where(EVENT.c.company == load.tx.company, EVENT.c.delivery_id == row.id))
        put(load.tx, EVENT, _events(row.id, unit.sub, 0))
    rehash(load, "delivery", [(unit.key, unit.hash)])
    load.touched["order"].add(row.order_id)
    load.done(unit, "updated")


def take_lines(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads lines of deliveries from a file of their own; a changed line is written over."""
    units = [*new, *(unit for unit, _ in changed)]
    deliveries = owners(load, "delivery", units)
    products = resolve(load, "product", [unit.values.get("product") or "" for unit in units])
    key = {"c": load.tx.company, "ids": sorted(set(deliveries.values()))}
    orders = {row.id: row.order_id for row in load.tx.rows(_OF, key)}
    last = {row.delivery_id: row.last for row in load.tx.rows(_LAST_LINE, key)}
    ordered = _Ordered(load, list(orders.values()))
    there = {unit.key: before for unit, before in changed}
    rows, keys = [], []
    for unit in units:
        delivery, known_line = deliveries.get(unit.values["delivery"]), there.get(unit.key)
        start = known_line.line - 1 if known_line else last.get(delivery or 0, 0)
        line = [Line(unit.rows[0], unit.values)]
        own: list[dict[str, Any]] = []
        wrong = f"there is no delivery {unit.values['delivery']!r}"
        if delivery is not None:
            wrong, own = _lines(delivery, orders[delivery], line, start, products, ordered)
        if wrong or delivery is None:
            load.refuse(unit, "unknown", wrong)
            continue
        load.touched["order"].add(orders[delivery])
        if known_line:
            _overwrite(load, own[0])
            rehash(load, "delivery_line", [(unit.key, unit.hash)])
        else:
            last[delivery] = start + 1
            rows += own
            keys.append((unit.key, delivery, start + 1, unit.hash))
        load.done(unit, "updated" if known_line else "imported")
    put(load.tx, LINE, rows)
    remember(load, "delivery_line", keys)


def _overwrite(load: Load, row: Mapping[str, Any]) -> None:
    own = (LINE.c.company == load.tx.company, LINE.c.delivery_id == row["delivery_id"], LINE.c.line == row["line"])
    load.tx.do(update(LINE).where(*own).values(**row))


def take_events(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads events of deliveries from a file of their own, numbered in the order of the file."""
    for unit, _ in changed:
        load.refuse(unit, "posted", "an event that happened stands; this row says something else of it")
    deliveries = owners(load, "delivery", new)
    key = {"c": load.tx.company, "ids": sorted(set(deliveries.values()))}
    last = {row.delivery_id: row.last for row in load.tx.rows(_LAST_EVENT, key)}
    rows, keys = [], []
    for unit in new:
        delivery = deliveries.get(unit.values["delivery"])
        if delivery is None:
            load.refuse(unit, "unknown", f"there is no delivery {unit.values['delivery']!r}")
            continue
        last[delivery] = last.get(delivery, 0) + 1
        rows += _events(delivery, [unit.values], last[delivery] - 1)
        keys.append((unit.key, delivery, last[delivery], unit.hash))
        load.done(unit, "imported")
    put(load.tx, EVENT, rows)
    remember(load, "delivery_event", keys)
