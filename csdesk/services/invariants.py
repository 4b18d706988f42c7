"""What must hold in any desk's database, as a registry: each check derives something anew and names what differs.

A check is one entry: a name, why it matters, and a function that gives the first offending records in words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select

from csdesk.models import (
    Allocation,
    CreditAccount,
    Customer,
    Document,
    DocumentLine,
    ExpectedReceipt,
    ImportRun,
    NumberSeries,
    OpenItem,
    OrderLine,
    Product,
    Reservation,
    SalesOrder,
    Stock,
    table,
)
from csdesk.models.orders import UNDELIVERED
from csdesk.money import show_quantity
from csdesk.services import audit
from csdesk.services.derived import NAMED, Amounts, part, quantity, raw, unequal, unequal_totals
from csdesk.services.tx import Tx

STOCK, COMING, RESERVED = table(Stock), table(ExpectedReceipt), table(Reservation)
ORDER, LINE, SERIES = table(SalesOrder), table(OrderLine), table(NumberSeries)
ACCOUNT, ITEM, ALLOCATION = table(CreditAccount), table(OpenItem), table(Allocation)
DOCUMENT, DOCUMENT_LINE, RUN = table(Document), table(DocumentLine), table(ImportRun)
PRODUCT, CUSTOMER = table(Product), table(Customer)
OPEN_AMOUNT = raw(ITEM.c.open)

Find = Callable[[Tx], Sequence[str]]


@dataclass(frozen=True)
class Check:
    """One thing that must hold, and why it matters."""

    name: str
    why: str
    find: Find


CHECKS: list[Check] = []


def checks(name: str, why: str) -> Callable[[Find], Find]:
    """Adds a function to what `check` runs; it gives sentences about what is wrong, at most NAMED of them."""

    def add(find: Find) -> Find:
        CHECKS.append(Check(name, why, find))
        return find

    return add


@checks("stock.reserved", "what is reserved on stock is what orders hold of it, or goods are sold twice")
def _stock_reserved(tx: Tx) -> Sequence[str]:
    held = part(tx, RESERVED, RESERVED.c.product_id, RESERVED.c.quantity, place=RESERVED.c.warehouse)
    stored = part(tx, STOCK, STOCK.c.product_id, STOCK.c.reserved, place=STOCK.c.warehouse)
    found = unequal(tx, stored, [held.where(RESERVED.c.receipt_id.is_(None))], PRODUCT, PRODUCT.c.code)
    return [
        f"product {name} in {place}: reserved {quantity(a)}, orders hold {quantity(b)}" for name, place, a, b in found
    ]


@checks("receipt.reserved", "what is promised of an expected receipt is what orders hold of it")
def _receipt_reserved(tx: Tx) -> Sequence[str]:
    held = part(tx, RESERVED, RESERVED.c.receipt_id, RESERVED.c.quantity).where(RESERVED.c.receipt_id.is_not(None))
    found = unequal(tx, part(tx, COMING, COMING.c.id, COMING.c.reserved), [held], COMING, COMING.c.due_on)
    return [f"expected receipt due {due}: reserved {quantity(a)}, orders hold {quantity(b)}" for due, _, a, b in found]


@checks("stock.oversold", "no more is reserved than lies there")
def _oversold(tx: Tx) -> Sequence[str]:
    statement = (
        select(PRODUCT.c.code, STOCK.c.warehouse, STOCK.c.reserved, STOCK.c.on_hand)
        .join(PRODUCT, (PRODUCT.c.company == STOCK.c.company) & (PRODUCT.c.id == STOCK.c.product_id))
        .where(STOCK.c.company == tx.company, STOCK.c.reserved > STOCK.c.on_hand, STOCK.c.reserved > 0)
    )
    return [
        f"product {row.code} in {row.warehouse}: {show_quantity(row.reserved)} reserved of {show_quantity(row.on_hand)}"
        for row in tx.rows(statement.limit(NAMED))
    ]


@checks("order.totals", "an order's net, tax and gross are the sums of its lines")
def _order_totals(tx: Tx) -> Sequence[str]:
    return unequal_totals(tx, "order", ORDER, LINE, LINE.c.order_id)


@checks("order.quantities", "no quantity of an order line is negative")
def _order_quantities(tx: Tx) -> Sequence[str]:
    columns = (LINE.c.quantity, LINE.c.cancelled_quantity, LINE.c.allocated, LINE.c.backordered, LINE.c.picked,
               LINE.c.shipped, LINE.c.delivered)  # fmt: skip
    found = tx.rows(_order_lines(tx).where(or_(*(column < 0 for column in columns))).limit(NAMED))
    return [f"order {row.number} line {row.line}: a negative quantity" for row in found]


@checks("order.allocation", "every open line is allocated or backordered, nothing of it is forgotten")
def _order_allocation(tx: Tx) -> Sequence[str]:
    promised = (raw(LINE.c.allocated) + raw(LINE.c.backordered)) * 1000  # quantity x factor has six decimals
    statement = _order_lines(tx).where(
        ORDER.c.source == "desk",
        ORDER.c.status.in_(("confirmed", "allocated")),
        promised != raw(LINE.c.quantity) * raw(LINE.c.factor),
    )
    return [
        f"order {row.number} line {row.line}: allocated and backordered do not make up its quantity"
        for row in tx.rows(statement.limit(NAMED))
    ]


@checks("order.reservations", "what a line of goods counts as allocated is reserved for it, on stock or on a receipt")
def _order_reservations(tx: Tx) -> Sequence[str]:
    open_ = select(ORDER.c.id).where(
        ORDER.c.company == tx.company, ORDER.c.source == "desk", ORDER.c.status.in_(("confirmed", "allocated"))
    )
    goods = select(PRODUCT.c.id).where(PRODUCT.c.company == tx.company, PRODUCT.c.kind == "stock")
    counted = part(tx, LINE, LINE.c.order_id, LINE.c.allocated, place=cast(LINE.c.line, String))
    counted = counted.where(LINE.c.order_id.in_(open_), LINE.c.product_id.in_(goods))
    held = part(tx, RESERVED, RESERVED.c.order_id, RESERVED.c.quantity, place=cast(RESERVED.c.line, String))
    found = unequal(tx, counted, [held.where(RESERVED.c.order_id.in_(open_))], ORDER, ORDER.c.number)
    return [f"order {name} line {line}: allocated {quantity(a)}, reserved {quantity(b)}" for name, line, a, b in found]


@checks("account.orders", "the orders part of an account's exposure is the sum over its undelivered orders")
def _account_orders(tx: Tx) -> Sequence[str]:
    taken = part(tx, ORDER, ORDER.c.account_id, ORDER.c.exposure).where(ORDER.c.status.in_(UNDELIVERED))
    return account_part(tx, ACCOUNT.c.orders, taken)


@checks("account.debit", "an account's open debit is the sum of its open debit items")
def _account_debit(tx: Tx) -> Sequence[str]:
    return account_part(tx, ACCOUNT.c.open_debit, part(tx, ITEM, ITEM.c.account_id, ITEM.c.open).where(OPEN_AMOUNT > 0))


@checks("account.credit", "an account's open credit is the sum of its open credit items")
def _account_credit(tx: Tx) -> Sequence[str]:
    return account_part(
        tx, ACCOUNT.c.open_credit, part(tx, ITEM, ITEM.c.account_id, -OPEN_AMOUNT).where(OPEN_AMOUNT < 0)
    )


def account_part(tx: Tx, column: ColumnElement[Any], derived: Amounts) -> list[str]:
    """Accounts whose stored part of the exposure is not what is derived for it, in words."""
    stored = part(tx, ACCOUNT, ACCOUNT.c.id, column)
    owner = select(func.min(CUSTOMER.c.code)).where(
        CUSTOMER.c.company == ACCOUNT.c.company, CUSTOMER.c.account_id == ACCOUNT.c.id
    )
    found = unequal(tx, stored, [derived], ACCOUNT, owner.correlate(ACCOUNT).scalar_subquery())
    return [f"account of customer {code}: stored {a}, derived {b} (minor units)" for code, _, a, b in found]


@checks("item.sign", "an open item never crosses zero and never exceeds its face")
def _item_sign(tx: Tx) -> Sequence[str]:
    face = raw(ITEM.c.face)
    within = or_(OPEN_AMOUNT.between(0, face), OPEN_AMOUNT.between(face, 0))
    statement = select(ITEM.c.kind, ITEM.c.number, ITEM.c.face, ITEM.c.open).where(
        ITEM.c.company == tx.company, ~within
    )
    found = tx.rows(statement.limit(NAMED))
    return [f"{row.kind} {row.number}: face {row.face}, open {row.open} (minor units)" for row in found]


@checks("item.open", "what is open of an item is its face less what was allocated")
def _item_open(tx: Tx) -> Sequence[str]:
    amount = raw(ALLOCATION.c.amount)
    derived = [
        part(tx, ITEM, ITEM.c.id, ITEM.c.face),
        part(tx, ALLOCATION, ALLOCATION.c.debit_item_id, -amount),
        part(tx, ALLOCATION, ALLOCATION.c.credit_item_id, amount),
    ]
    found = unequal(tx, part(tx, ITEM, ITEM.c.id, ITEM.c.open), derived, ITEM, ITEM.c.number)
    return [f"item {number}: open {a}, derived {b} (minor units)" for number, _, a, b in found]


@checks("document.totals", "a posted document's net, tax and gross are the sums of its lines")
def _document_totals(tx: Tx) -> Sequence[str]:
    return unequal_totals(tx, "document", DOCUMENT, DOCUMENT_LINE, DOCUMENT_LINE.c.document_id)


@checks("import.runs", "every row of an import was imported, merged or quarantined")
def _import_runs(tx: Tx) -> Sequence[str]:
    ended = RUN.c.imported + RUN.c.merged + RUN.c.quarantined
    statement = select(RUN.c.file, RUN.c.rows, ended.label("ended")).where(RUN.c.company == tx.company)
    found = tx.rows(statement.where(RUN.c.rows != ended).limit(NAMED))
    return [f"{row.file}: {row.rows} rows, {row.ended} accounted for" for row in found]


@checks("audit.trail", "the audit trail is whole: nothing changed, nothing taken out")
def _audit_trail(tx: Tx) -> Sequence[str]:
    return [f"lane {each.lane} entry {each.seq}: {each.why}" for each in audit.verify(tx)[1][:NAMED]]


def _order_lines(tx: Tx) -> Select[Any]:
    joined = (LINE.c.company == ORDER.c.company) & (LINE.c.order_id == ORDER.c.id)
    return select(ORDER.c.number, LINE.c.line).join_from(LINE, ORDER, joined).where(ORDER.c.company == tx.company)
