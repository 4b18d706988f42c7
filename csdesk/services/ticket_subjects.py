"""What a complaint is about: deliveries by their place, their lines with the order and invoice lines behind them, and
what a quantity of a line was worth. Internal to services but for the lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, and_, func, select

from csdesk.errors import Invalid, NotFound
from csdesk.models import Delivery, DeliveryLine, Document, DocumentLine, OrderLine, Product, SalesOrder, table
from csdesk.money import share, show_quantity
from csdesk.rules.credit_notes import InvoiceLine, LineCredit, credit_note
from csdesk.services import credited
from csdesk.services.tx import Tx, reads

DELIVERY, CARRIED, ORDER, ORDER_LINE = table(Delivery), table(DeliveryLine), table(SalesOrder), table(OrderLine)
DOCUMENT, BILLED, PRODUCT = table(Document), table(DocumentLine), table(Product)
LATEST = 9


@dataclass(frozen=True)
class Dropped:
    """A delivery as a rep speaks of it: `place` 1 is the latest; `wrong` says what is known to be wrong with it."""

    place: int
    id: int
    number: str
    order: str
    at: datetime | None
    day: date | None
    lines: int
    wrong: str = ""


@dataclass(frozen=True)
class Carried:
    """A line of a delivery in the unit it was ordered in; `wrong` is short, damaged, refused as the proof says."""

    line: int
    code: str
    name: str
    unit: str
    quantity: Decimal
    wrong: str = ""


@dataclass(frozen=True)
class Subject:
    """A line somebody complains about, down to its invoice line where it is billed. `worth` is gross, minor units."""

    kind: str
    id: int
    line: int
    number: str
    order_id: int
    order_line: int
    document_id: int | None
    document_line: int | None
    product_id: int
    code: str
    name: str
    unit: str
    carried: Decimal
    currency: str
    worth: int


@reads("customer.read")
def deliveries(tx: Tx, customer_id: int, limit: int = LATEST) -> tuple[Dropped, ...]:
    """The customer's deliveries that have left, the latest first."""
    at = func.coalesce(DELIVERY.c.delivered_at, DELIVERY.c.dispatched_at)
    of = (CARRIED.c.company == DELIVERY.c.company) & (CARRIED.c.delivery_id == DELIVERY.c.id)
    wrong = [func.coalesce(func.sum(CARRIED.c[name]), 0).label(name) for name in ("short", "damaged", "refused")]
    statement = (
        select(DELIVERY.c.id, DELIVERY.c.number, DELIVERY.c.delivered_at, DELIVERY.c.dispatched_at,
               DELIVERY.c.planned_on, ORDER.c.number.label("order"), func.count(CARRIED.c.line).label("lines"), *wrong)
        .join(ORDER, (ORDER.c.company == DELIVERY.c.company) & (ORDER.c.id == DELIVERY.c.order_id))
        .outerjoin(CARRIED, of)
        .where(DELIVERY.c.company == tx.company, DELIVERY.c.customer_id == customer_id, at.is_not(None))
        .group_by(DELIVERY.c.id, DELIVERY.c.number, DELIVERY.c.delivered_at, DELIVERY.c.dispatched_at,
                  DELIVERY.c.planned_on, ORDER.c.number, at)
        .order_by(at.desc(), DELIVERY.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(
        Dropped(n, row.id, row.number, row.order, row.delivered_at or row.dispatched_at, row.planned_on, row.lines,
                ", ".join(_wrong(row)))
        for n, row in enumerate(tx.rows(statement), 1)
    )  # fmt: skip


def _wrong(row: Row[Any]) -> list[str]:
    """What a proof of delivery, or a delivery, is known to lack."""
    found = [name for name in ("short", "damaged", "refused") if getattr(row, name)]
    on_time = getattr(row, "planned_on", None) is None or row.delivered_at is None
    if not on_time and row.delivered_at.date() > row.planned_on:
        found.append("late")
    return found


@reads("customer.read")
def delivery(tx: Tx, customer_id: int, place: int) -> Dropped:
    """The delivery at a place, 1 the latest. Raises NotFound."""
    found = deliveries(tx, customer_id, max(LATEST, min(place, 99)))
    if not 1 <= place <= len(found):
        have = f"{len(found)} deliveries" if found else "no delivery yet"
        raise NotFound(f"This customer has {have}, not {place}; h shows them, 1 is the latest.", field="place")
    return found[place - 1]


@reads("customer.read")
def carried(tx: Tx, delivery_id: int) -> tuple[Carried, ...]:
    """The lines of a delivery."""
    return tuple(
        Carried(row.line, row.code, row.name, row.unit, _units(row.shipped, row.factor), ", ".join(_wrong(row)))
        for row in tx.rows(_lines(tx, delivery_id).order_by(CARRIED.c.line))
    )


def _lines(tx: Tx, delivery_id: int) -> Any:
    order_line = and_(
        ORDER_LINE.c.company == CARRIED.c.company, ORDER_LINE.c.order_id == DELIVERY.c.order_id,
        ORDER_LINE.c.line == CARRIED.c.order_line,
    )  # fmt: skip
    return (
        select(
            CARRIED, DELIVERY.c.number, DELIVERY.c.order_id, ORDER.c.currency, ORDER_LINE.c.unit, ORDER_LINE.c.factor,
            ORDER_LINE.c.quantity.label("ordered"), ORDER_LINE.c.net, ORDER_LINE.c.tax, ORDER_LINE.c.tax_rate,
            ORDER_LINE.c.product_id, PRODUCT.c.code, PRODUCT.c.name,
        )
        .join(DELIVERY, (DELIVERY.c.company == CARRIED.c.company) & (DELIVERY.c.id == CARRIED.c.delivery_id))
        .join(ORDER, (ORDER.c.company == DELIVERY.c.company) & (ORDER.c.id == DELIVERY.c.order_id))
        .join(ORDER_LINE, order_line)
        .join(PRODUCT, (PRODUCT.c.company == ORDER_LINE.c.company) & (PRODUCT.c.id == ORDER_LINE.c.product_id))
        .where(CARRIED.c.company == tx.company, CARRIED.c.delivery_id == delivery_id)
    )  # fmt: skip


def went_to(tx: Tx, delivery_id: int, customer_id: int | None) -> bool:
    """Whether a delivery went to a customer."""
    mine = select(DELIVERY.c.customer_id).where(DELIVERY.c.company == tx.company, DELIVERY.c.id == delivery_id)
    return customer_id is not None and tx.value(mine) == customer_id


def _units(base: Decimal, factor: Decimal) -> Decimal:
    return (base / factor).quantize(Decimal("0.001")) if factor else base


def of_delivery(tx: Tx, delivery_id: int, line: int, quantity: Decimal) -> Subject:
    """A quantity of a delivered line, in the unit it was ordered in, with its worth. Raises NotFound for a line that is
    not on the delivery, Invalid for nothing or more than was ordered."""
    row = tx.row(_lines(tx, delivery_id).where(CARRIED.c.line == line))
    if row is None:
        many = tx.value(
            select(func.count()).where(CARRIED.c.company == tx.company, CARRIED.c.delivery_id == delivery_id)
        )
        raise NotFound(f"This delivery has no line {line}; it has {many}.", field="line")
    most = max(row.ordered, _units(row.shipped, row.factor))
    if not 0 < quantity <= most:
        raise Invalid(f"Line {line} is {show_quantity(most)} {row.unit} {row.code}; so many at most.", field="quantity")
    invoice = _billed(tx, row)
    worth = (
        _worth_billed(tx, invoice, quantity)
        if invoice is not None
        else worth_ordered(row.net + row.tax, row.ordered, quantity)
    )
    return Subject(
        "delivery", delivery_id, line, row.number, row.order_id, row.order_line,
        invoice.document_id if invoice is not None else None, invoice.line if invoice is not None else None,
        row.product_id, row.code, row.name, row.unit, _units(row.shipped, row.factor), row.currency, worth,
    )  # fmt: skip


def _billed(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The invoice line of an order line, the latest invoice first; None before it is billed."""
    head = (DOCUMENT.c.company == BILLED.c.company) & (DOCUMENT.c.id == BILLED.c.document_id)
    return tx.row(
        select(BILLED, DOCUMENT.c.tax_method, DOCUMENT.c.rounding, DOCUMENT.c.currency)
        .join(DOCUMENT, head)
        .where(
            BILLED.c.company == tx.company, DOCUMENT.c.order_id == row.order_id, DOCUMENT.c.kind == "invoice",
            BILLED.c.order_line == row.order_line,
        )
        .order_by(DOCUMENT.c.issued_on.desc(), DOCUMENT.c.id.desc())
        .limit(1)
    )  # fmt: skip


def _worth_billed(tx: Tx, line: Row[Any], quantity: Decimal) -> int:
    """What a credit of so much would come to if nothing of the invoice were credited yet."""
    lines = [
        InvoiceLine(each.quantity, each.net, each.tax, each.tax_rate, each.line, line.currency)
        for each in credited.lines_of(tx, line.document_id)
    ]
    wanted = [LineCredit(line.line, min(quantity, line.quantity))]
    found = credit_note(lines, {}, wanted, tax_method=line.tax_method, rounding=line.rounding)
    return sum(each.net + each.tax for each in found.values())


def worth_ordered(gross: int, ordered: Decimal, quantity: Decimal) -> int:
    """The share of an order line's gross (minor units) that a quantity of it has, before it is billed."""
    return share(gross, min(quantity, ordered), ordered)
