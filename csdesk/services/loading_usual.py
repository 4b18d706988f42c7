"""Learning a customer's usual list from what it ordered, or from what was billed where no orders came in. Internal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from csdesk.models import Customer, Document, DocumentLine, OrderLine, Product, SalesOrder, UsualItem, table
from csdesk.services.loading_base import Load
from csdesk.services.loading_put import batches, put

USUAL, CUSTOMER, PRODUCT = table(UsualItem), table(Customer), table(Product)
ORDER, LINE, DOCUMENT, BILLED = table(SalesOrder), table(OrderLine), table(Document), table(DocumentLine)
LENGTH = 20
_GOODS = PRODUCT.c.kind == "stock"
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_WITHOUT = select(CUSTOMER.c.id).where(
    CUSTOMER.c.company == _C,
    CUSTOMER.c.id.in_(_IDS),
    CUSTOMER.c.anonymous.is_(False),
    ~select(USUAL.c.position)
    .where(USUAL.c.company == CUSTOMER.c.company, USUAL.c.customer_id == CUSTOMER.c.id)
    .exists(),
)
_ORDERED = (
    select(
        ORDER.c.customer_id, PRODUCT.c.id, PRODUCT.c.code_key, PRODUCT.c.sales_unit,
        func.count(ORDER.c.id.distinct()).label("times"), func.max(ORDER.c.placed_at).label("latest"),
    )
    .join(LINE, (LINE.c.company == ORDER.c.company) & (LINE.c.order_id == ORDER.c.id))
    .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
    .where(ORDER.c.company == _C, ORDER.c.customer_id.in_(_IDS), ORDER.c.status != "cancelled", _GOODS)
    .group_by(ORDER.c.customer_id, PRODUCT.c.id, PRODUCT.c.code_key, PRODUCT.c.sales_unit)
)  # fmt: skip
_BILLED = (
    select(
        DOCUMENT.c.customer_id, PRODUCT.c.id, PRODUCT.c.code_key, PRODUCT.c.sales_unit,
        func.count(DOCUMENT.c.id.distinct()).label("times"), func.max(DOCUMENT.c.issued_on).label("latest"),
    )
    .join(BILLED, (BILLED.c.company == DOCUMENT.c.company) & (BILLED.c.document_id == DOCUMENT.c.id))
    .join(PRODUCT, (PRODUCT.c.company == BILLED.c.company) & (PRODUCT.c.id == BILLED.c.product_id))
    .where(DOCUMENT.c.company == _C, DOCUMENT.c.customer_id.in_(_IDS), DOCUMENT.c.kind == "invoice", _GOODS)
    .group_by(DOCUMENT.c.customer_id, PRODUCT.c.id, PRODUCT.c.code_key, PRODUCT.c.sales_unit)
)  # fmt: skip


def learn(load: Load, customers: Iterable[int]) -> None:
    """The products a customer ordered most often (then latest, then by code). A list that is there is the rep's."""
    for some in batches(sorted(customers), 200):
        wanted = [row.id for row in load.tx.rows(_WITHOUT, {"c": load.tx.company, "ids": list(some)})]
        ordered = _top(load, _ORDERED, wanted)
        rest = [customer for customer in wanted if customer not in ordered]
        lists = ordered | _top(load, _BILLED, rest)
        put(
            load.tx, USUAL,
            [
                {"customer_id": customer, "position": place, "product_id": row.id, "unit": row.sales_unit}
                for customer, rows in sorted(lists.items())
                for place, row in enumerate(rows, 1)
            ],
        )  # fmt: skip


def _top(load: Load, statement: Any, customers: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    if customers:
        for row in load.tx.rows(statement, {"c": load.tx.company, "ids": list(customers)}):
            found[row.customer_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.code_key)
        rows.sort(key=lambda row: (row.times, row.latest), reverse=True)
        del rows[LENGTH:]
    return dict(found)
