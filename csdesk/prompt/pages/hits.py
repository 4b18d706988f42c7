"""Lists of hits: customers, products, documents, each row numbered."""

from __future__ import annotations

from collections.abc import Sequence

from csdesk.money import show
from csdesk.prompt.page import Column, Page, Row
from csdesk.services.history import OrderRow
from csdesk.services.search import CustomerHit, ProductHit


def customers_page(hits: Sequence[CustomerHit], title: str) -> Page:
    """Numbered customers; the first nine can be chosen by digit."""
    columns = (
        Column("", 2, "right"),
        Column("Code", 9),
        Column("Name", 20, flex=True),
        Column("Town", 16),
        Column("Phone", 16),
        Column("", 6),
        Column("Bill to", 24, wide=110),
    )
    rows = tuple(
        Row((str(n), h.code, h.name, h.town, h.phone, "[HOLD]" if h.on_hold else "", h.bill_to))
        for n, h in enumerate(hits, 1)
    )
    return Page(title, columns, rows, cursor=0 if rows else None)


def orders_page(orders: Sequence[OrderRow], title: str) -> Page:
    """Numbered orders."""
    columns = (
        Column("", 2, "right"),
        Column("Order", 10),
        Column("Placed", 11),
        Column("For", 11),
        Column("Lines", 5, "right"),
        Column("Value", 12, "right"),
        Column("State", 12, flex=True),
    )
    rows = tuple(
        Row((str(n), o.number, f"{o.placed_at:%d %b %Y}", f"{o.promised_on:%d %b %Y}" if o.promised_on else "",
             str(o.lines), show(o.gross, o.currency), o.status))
        for n, o in enumerate(orders, 1)
    )  # fmt: skip
    return Page(title, columns, rows, cursor=0 if rows else None)


def products_page(hits: Sequence[ProductHit], title: str) -> Page:
    """Numbered products."""
    columns = (Column("", 2, "right"), Column("Code", 12), Column("Product", 30, flex=True), Column("Unit", 8))
    rows = tuple(Row((str(n), h.code, h.name, h.sales_unit)) for n, h in enumerate(hits, 1))
    return Page(title, columns, rows, cursor=0 if rows else None)
