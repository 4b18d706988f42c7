"""Usual lists, learnt from the orders of the six weeks."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from statistics import median_low

from sqlalchemy import select

from csdesk.models import OrderLine, SalesOrder, UsualItem, table
from csdesk.sample.site import Site

ORDER, LINE = table(SalesOrder), table(OrderLine)
LONGEST, LEAST = 12, 2  # entries of a list; orders a customer needs to have one


def learn(site: Site) -> None:
    """Numbers for each customer the products it orders most often, with the middle one of their quantities."""
    joined = (LINE.c.company == ORDER.c.company) & (LINE.c.order_id == ORDER.c.id)
    rows = site.tx.rows(
        select(ORDER.c.customer_id, ORDER.c.id, LINE.c.product_id, LINE.c.unit, LINE.c.quantity)
        .join(LINE, joined)
        .where(ORDER.c.company == site.tx.company, LINE.c.quantity > 0)
        .order_by(ORDER.c.placed_at, ORDER.c.id, LINE.c.line)
    )
    taken: dict[int, dict[tuple[int, str], list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    orders: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        taken[row.customer_id][row.product_id, row.unit].append(row.quantity)
        orders[row.customer_id].add(row.id)
    for customer, found in sorted(taken.items()):
        if len(orders[customer]) < LEAST:
            continue
        often = Counter({key: len(quantities) for key, quantities in found.items()}).most_common()
        once: dict[int, tuple[int, str]] = {}
        for (product, unit), _ in often:
            once.setdefault(product, (product, unit))
        site.put(UsualItem, [
            {"customer_id": customer, "position": place, "product_id": product, "unit": unit,
             "quantity": median_low(found[product, unit])}
            for place, (product, unit) in enumerate(list(once.values())[:LONGEST], 1)
        ])  # fmt: skip
