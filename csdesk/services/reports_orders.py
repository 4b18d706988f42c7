"""Reports on orders and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from csdesk.models import (
    CreditAccount,
    Customer,
    Delivery,
    DeliveryEvent,
    Document,
    DocumentLine,
    ImportQuarantine,
    OrderLine,
    Product,
    Receipt,
    SalesOrder,
    StockMovement,
    table,
)
from csdesk.models.orders import OPEN
from csdesk.money import share
from csdesk.services.reports_base import Books, Table, bare, books, counted, fetched, fetched_one, report, rows_table
from csdesk.services.tx import Tx

ORDER, LINE, CUSTOMER, PRODUCT = table(SalesOrder), table(OrderLine), table(Customer), table(Product)
DELIVERY, EVENT, ACCOUNT = table(Delivery), table(DeliveryEvent), table(CreditAccount)
DOCUMENT, BILLED, RECEIPT, MOVED = table(Document), table(DocumentLine), table(Receipt), table(StockMovement)
WAITING = table(ImportQuarantine)
AGES = ((0, 30, "0-30"), (31, 90, "31-90"), (91, 365, "91-365"), (366, None, "over 365"))


@report("counts", "How many records of each kind the books hold.")
def counts(tx: Tx, as_of: date) -> Table:
    """Counts of the tables; documents and their lines by kind."""
    plain = (
        ("customers", CUSTOMER), ("products", PRODUCT), ("orders", ORDER), ("order lines", LINE),
        ("receipts", RECEIPT), ("deliveries", DELIVERY), ("stock movements", MOVED),
    )  # fmt: skip
    rows = [(name, counted(tx, select(func.count()).where(each.c.company == tx.company))) for name, each in plain]
    heads = select(DOCUMENT.c.kind, func.count()).where(DOCUMENT.c.company == tx.company).group_by(DOCUMENT.c.kind)
    lines = (
        select(DOCUMENT.c.kind, func.count())
        .join(BILLED, (BILLED.c.company == DOCUMENT.c.company) & (BILLED.c.document_id == DOCUMENT.c.id))
        .where(DOCUMENT.c.company == tx.company)
        .group_by(DOCUMENT.c.kind)
    )
    for statement, what in ((heads, "s"), (lines, " lines")):
        rows += [
            (kind.replace("_", " ") + what, int(found)) for kind, found in sorted(map(tuple, fetched(tx, statement)))
        ]
    return rows_table("records, count", rows)


@report("credit-limits", "Credit accounts by what their limit means, and the sum of the limits in the books' currency.")
def credit_limits(tx: Tx, as_of: date) -> Table:
    """Limited, without credit, unlimited."""
    own = books(tx)
    limit = ACCOUNT.c.credit_limit
    rows = []
    for name, test in (("limited", limit > 0), ("no credit", limit == 0), ("unlimited", limit.is_(None))):
        found = fetched_one(tx, select(func.count(), func.sum(limit)).where(ACCOUNT.c.company == tx.company, test))
        rows.append((name, int(found[0]), own.major(found[1])))
    return rows_table("accounts, count, limit", rows)


@report("open-orders", "Orders not picked, held ones among them: their open lines, base units and value without tax.")
def open_orders(tx: Tx, as_of: date) -> Table:
    """One row a state."""
    own = books(tx)
    made: dict[str, list[Any]] = {}
    heads = select(ORDER.c.status, func.count()).where(*_open(tx, own, as_of)).group_by(ORDER.c.status)
    for status, found in fetched(tx, heads):
        made[status] = [int(found), 0, Decimal(0), 0]
    statement = (
        select(ORDER.c.status, ORDER.c.rounding, LINE.c.quantity, LINE.c.factor, LINE.c.picked, LINE.c.net)
        .join(LINE, (LINE.c.company == ORDER.c.company) & (LINE.c.order_id == ORDER.c.id))
        .where(*_open(tx, own, as_of))
    )
    for line in tx.connection.execute(statement.execution_options(yield_per=1000)):
        left = line.quantity * line.factor - line.picked
        if left > 0:
            sums = made[line.status]
            sums[1] += 1
            sums[2] += left
            sums[3] += share(line.net, left, line.quantity * line.factor, line.rounding)
    rows = [(status, *sums[:2], bare(sums[2]), own.major(sums[3])) for status, sums in sorted(made.items())]
    return rows_table("status, orders, lines, units, value", rows, _sum("all", rows))


def _sum(name: str, rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    width = len(rows[0]) if rows else 1
    return (name, *(sum(row[place] for row in rows) for place in range(1, width)))


def _open(tx: Tx, own: Books, as_of: date) -> tuple[Any, ...]:
    until = own.midnight(as_of + timedelta(days=1))
    return ORDER.c.company == tx.company, ORDER.c.status.in_(OPEN), ORDER.c.placed_at < until


@report("backlog-age", "Open orders by age in days: the key date less the day they were placed.")
def backlog_age(tx: Tx, as_of: date) -> Table:
    """Edge days belong to the lower bucket."""
    own = books(tx)
    rows = []
    for youngest, oldest, name in AGES:
        tests = [*_open(tx, own, as_of), ORDER.c.placed_at < own.midnight(as_of - timedelta(days=youngest - 1))]
        if oldest is not None:
            tests.append(ORDER.c.placed_at >= own.midnight(as_of - timedelta(days=oldest)))
        rows.append((name, counted(tx, select(func.count()).where(*tests))))
    return rows_table("days, orders", rows, _sum("all", rows))


@report(
    "deliveries", "Deliveries, those with a proof, and those with an attempt that failed (an event with a comment)."
)
def deliveries(tx: Tx, as_of: date) -> Table:
    """Failed attempts by their comment."""
    own = DELIVERY.c.company == tx.company
    rows: list[tuple[str, int]] = [
        ("deliveries", counted(tx, select(func.count()).where(own))),
        ("confirmed", counted(tx, select(func.count()).where(own, DELIVERY.c.delivered_at.is_not(None)))),
    ]
    failed = (
        select(EVENT.c.comment, func.count(EVENT.c.delivery_id.distinct()))
        .where(EVENT.c.company == tx.company, EVENT.c.comment != "")
        .group_by(EVENT.c.comment)
        .order_by(EVENT.c.comment)
    )
    rows += [(f"failed attempt: {comment}", int(found)) for comment, found in fetched(tx, failed)]
    return rows_table("what, deliveries", rows)


_PAIRS: tuple[tuple[str, Any, Any, Any], ...] = (
    ("order lines without order", LINE, LINE.c.order_id, ORDER),
    ("documents without customer", DOCUMENT, DOCUMENT.c.customer_id, CUSTOMER),
    ("documents without their order", DOCUMENT, DOCUMENT.c.order_id, ORDER),
    ("document lines without document", BILLED, BILLED.c.document_id, DOCUMENT),
    ("orders without customer", ORDER, ORDER.c.customer_id, CUSTOMER),
    ("backorders that are no orders", ORDER, ORDER.c.backorder_order_id, ORDER.alias("taker")),
    ("deliveries without order", DELIVERY, DELIVERY.c.order_id, ORDER),
)


@report("integrity", "Records that point at nothing, and rows an import kept out because they did.")
def integrity(tx: Tx, as_of: date) -> Table:
    """One row a kind of pointer, then the quarantine."""
    rows = []
    for name, each, column, other in _PAIRS:
        joined = each.outerjoin(other, (other.c.company == each.c.company) & (other.c.id == column))
        lost = select(func.count()).select_from(joined)
        lost = lost.where(each.c.company == tx.company, column.is_not(None), other.c.id.is_(None))
        rows.append((name, counted(tx, lost)))
    kept = select(func.count()).where(
        WAITING.c.company == tx.company, WAITING.c.resolved_at.is_(None), WAITING.c.code == "unknown"
    )
    rows.append(("rows in quarantine for a missing record", counted(tx, kept)))
    return rows_table("what, rows", rows)
