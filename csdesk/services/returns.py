"""Goods that come back: counted in against the line they were billed on, back into stock when they are sound; and what
a credit for returned goods needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import (
    ApprovalRequest,
    Company,
    CreditClaim,
    Document,
    DocumentLine,
    GoodsReturn,
    OrderLine,
    PackUnit,
    Product,
    SalesOrder,
    Staff,
    Stock,
    StockMovement,
    table,
)
from csdesk.money import show_quantity
from csdesk.rules.credit_notes import Credited
from csdesk.services import asking, audit, customers, numbers, ticket_resuming
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

DOCUMENT, LINE, RETURN, CLAIM = table(Document), table(DocumentLine), table(GoodsReturn), table(CreditClaim)
REQUEST, STOCK, MOVED, PRODUCT = table(ApprovalRequest), table(Stock), table(StockMovement), table(Product)
ORDER, ORDER_LINE, PACK, COMPANY = table(SalesOrder), table(OrderLine), table(PackUnit), table(Company)
STAFF = table(Staff)
NEEDS_GOODS = frozenset({"returned", "refused"})  # reasons that are credited only for goods that were counted in


@dataclass(frozen=True)
class Received:
    """Goods that were counted in, in one sentence."""

    id: int
    number: str
    words: str


@writes("return.receive")
def receive(
    tx: Tx, invoice: str, line: int, quantity: Decimal, *, sound: bool = True, note: str = "", warehouse: str = ""
) -> Received:
    """Counts goods of an invoice line in, in the unit of the line; sound ones are in stock again (the order's
    warehouse unless another is named).

    Raises NotFound for an invoice or line that is not there, Invalid for no quantity, Refused for more than was billed
    less what came back before, or for what is no goods.
    """
    head, billed = _billed(tx, invoice, line)
    customers.trading(tx, head.customer_id, lock=True)
    if quantity <= 0 or quantity != quantity.quantize(Decimal("0.001")):
        raise Invalid("How many came back? More than 0, with three decimals at most.", field="quantity")
    before = counted(tx, head.id).get(line, Decimal(0))
    if quantity > billed.quantity - before:
        rest = f"{show_quantity(billed.quantity - before)} of {show_quantity(billed.quantity)} {billed.unit}".rstrip()
        raise Refused(f"Only {rest} of invoice {head.number} line {line} can still come back.", field="quantity")
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "document_id": head.id, "line": line, "quantity": quantity,
        "number": numbers.next_number(tx, "goods_return"), "sound": sound,
        "note": note[:300], "received_at": tx.now, "received_by": tx.actor.id,
    }  # fmt: skip
    tx.do(insert(RETURN), row)
    where = _into_stock(tx, head, billed, row, warehouse) if sound else "not in stock: not sound"
    what = f"{show_quantity(quantity)} {billed.unit} {billed.code} of invoice {head.number} line {line}"
    ticket_resuming.returned(tx, head.id, line, row["number"])
    told = {"number": row["number"], "invoice": head.number, "line": line, "quantity": quantity, "sound": sound}
    audit.record(tx, "returns.receive", "goods_return", row["id"], None, told)
    return Received(row["id"], row["number"], f"Return {row['number']}: {what} counted in, {where}.")


def _billed(tx: Tx, invoice: str, line: int) -> tuple[Row[Any], Row[Any]]:
    head = tx.row(
        select(DOCUMENT).where(
            DOCUMENT.c.company == tx.company, DOCUMENT.c.kind == "invoice", DOCUMENT.c.number == invoice.strip()
        )
    )
    if head is None:
        raise NotFound(f"There is no invoice {invoice.strip()}; its whole number is wanted.", field="invoice")
    billed = tx.row(
        select(LINE, PRODUCT.c.code, PRODUCT.c.kind)
        .outerjoin(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
        .where(LINE.c.company == tx.company, LINE.c.document_id == head.id, LINE.c.line == line)
    )
    if billed is None:
        raise NotFound(f"Invoice {head.number} has no line {line}.", field="line")
    if billed.product_id is None or billed.kind != "stock":
        raise Refused(f"Line {line} of invoice {head.number} is no goods; nothing of it can come back.", field="line")
    return head, billed


def _into_stock(tx: Tx, head: Row[Any], billed: Row[Any], row: Mapping[str, Any], warehouse: str) -> str:
    place = warehouse or _warehouse(tx, head)
    base = row["quantity"] * _factor(tx, head, billed)
    key = (STOCK.c.company == tx.company, STOCK.c.product_id == billed.product_id, STOCK.c.warehouse == place)
    lying = tx.row(select(STOCK.c.on_hand).where(*key).with_for_update())
    if lying is None:
        raise NotFound(f"Product {billed.code} does not lie in {place}; name its warehouse with --warehouse.")
    tx.do(update(STOCK).where(*key).values(on_hand=lying.on_hand + base))
    tx.do(insert(MOVED), {
        "company": tx.company, "id": new_id(), "product_id": billed.product_id, "warehouse": place, "kind": "return",
        "number": row["number"], "quantity": base, "note": row["note"], "at": tx.now, "source": "desk",
    })  # fmt: skip
    return f"in stock at {place}"


def _warehouse(tx: Tx, head: Row[Any]) -> str:
    mine = select(ORDER.c.warehouse).where(ORDER.c.company == tx.company, ORDER.c.id == head.order_id)
    usual = select(COMPANY.c.usual_warehouse).where(COMPANY.c.id == tx.company)
    return str((tx.value(mine) if head.order_id else None) or tx.value(usual))


def _factor(tx: Tx, head: Row[Any], billed: Row[Any]) -> Decimal:
    """Base units in one of the line: as it was ordered, else as the product is packed now."""
    if head.order_id and billed.order_line:
        sold = select(ORDER_LINE.c.factor, ORDER_LINE.c.unit).where(
            ORDER_LINE.c.company == tx.company, ORDER_LINE.c.order_id == head.order_id,
            ORDER_LINE.c.line == billed.order_line,
        )  # fmt: skip
        row = tx.row(sold)
        if row is not None and row.unit == billed.unit:
            return Decimal(row.factor)
    packed = select(PACK.c.factor).where(
        PACK.c.company == tx.company, PACK.c.product_id == billed.product_id, PACK.c.unit == billed.unit
    )
    return Decimal(tx.value(packed) or 1)


def counted(tx: Tx, document_id: int) -> dict[int, Decimal]:
    """What was counted in of each line of an invoice, in the line's unit."""
    statement = select(RETURN.c.line, func.sum(raw(RETURN.c.quantity)).label("pieces")).where(
        RETURN.c.company == tx.company, RETURN.c.document_id == document_id
    )
    return {row.line: _decimal(row.pieces) for row in tx.rows(statement.group_by(RETURN.c.line))}


def covered(tx: Tx, head: Row[Any], lines: Mapping[int, Credited], reason: str, apart_from: int = 0) -> None:
    """Raises Refused when a credit for returned goods asks for more than was counted in, posted and pending requests of
    such reasons counted; other reasons need no goods."""
    if reason not in NEEDS_GOODS:
        return
    before, there = _credited(tx, head.id, apart_from), counted(tx, head.id)
    for line, each in sorted(lines.items()):
        if not each.quantity:
            raise Refused(
                f"Goods that came back are credited by quantity; invoice {head.number} line {line} names a value.",
                field="quantity",
            )
        left = there.get(line, Decimal(0)) - before.get(line, Decimal(0))
        if each.quantity > left:
            raise Refused(
                f"Invoice {head.number} line {line}: {show_quantity(max(left, Decimal(0)))} came back and are not "
                "credited yet; the warehouse counts goods in first (csdesk return).",
                field="quantity",
            )  # fmt: skip


def _credited(tx: Tx, document_id: int, apart_from: int) -> dict[int, Decimal]:
    """What requests for returned goods took of each line, posted and pending."""
    joined = (REQUEST.c.company == CLAIM.c.company) & (REQUEST.c.id == CLAIM.c.request_id)
    statement = (
        select(CLAIM.c.line, func.sum(raw(CLAIM.c.quantity)).label("pieces"))
        .join(REQUEST, joined)
        .where(
            CLAIM.c.company == tx.company, CLAIM.c.document_id == document_id, CLAIM.c.state != "void",
            REQUEST.c.reason.in_(sorted(NEEDS_GOODS)), CLAIM.c.request_id != apart_from,
            CLAIM.c.request_id.not_in(asking.lapsed(tx)),
        )
        .group_by(CLAIM.c.line)
    )  # fmt: skip
    return {row.line: _decimal(row.pieces) for row in tx.rows(statement)}


def _decimal(pieces: Any) -> Decimal:
    return Decimal(int(pieces)).scaleb(-3)


def received_by(tx: Tx, document_id: int) -> frozenset[int]:
    """The persons who counted goods of an invoice in. What they may not do with its credit is kept by `separating`,
    which reads the returns of the order and the customer itself."""
    joined = (STAFF.c.company == RETURN.c.company) & (STAFF.c.id == RETURN.c.received_by)
    statement = select(STAFF.c.person_id).join_from(RETURN, STAFF, joined)
    rows = tx.rows(statement.where(RETURN.c.company == tx.company, RETURN.c.document_id == document_id))
    return frozenset(row.person_id for row in rows)


@dataclass(frozen=True)
class ReturnRow:
    """Goods that came back, as the list shows them."""

    number: str
    invoice: str
    line: int
    code: str
    quantity: Decimal
    sound: bool
    note: str


@reads("customer.read")
def latest(tx: Tx, limit: int = 50) -> tuple[ReturnRow, ...]:
    """What was counted in last, newest first."""
    joined = (LINE.c.company == RETURN.c.company) & (LINE.c.document_id == RETURN.c.document_id)
    statement = (
        select(RETURN, DOCUMENT.c.number.label("invoice"), PRODUCT.c.code)
        .join(DOCUMENT, (DOCUMENT.c.company == RETURN.c.company) & (DOCUMENT.c.id == RETURN.c.document_id))
        .join(LINE, joined & (LINE.c.line == RETURN.c.line))
        .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
        .where(RETURN.c.company == tx.company)
        .order_by(RETURN.c.received_at.desc(), RETURN.c.id.desc())
        .limit(limit)
    )
    return tuple(
        ReturnRow(row.number, row.invoice, row.line, row.code, row.quantity, row.sound, row.note)
        for row in tx.rows(statement)
    )
