"""A posted document as a page: head and what it corrects on top, its lines, tax by rate and what is open below."""

from __future__ import annotations

from csdesk.documents.paper import Paper, PaperLine, day_text, price_text, rate_text
from csdesk.documents.words import tax_name
from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Page, Row


def document_page(view: Paper) -> Page:
    """An invoice, credit note or debit note whole."""
    columns = (
        Column("#", 3, "right"),
        Column("Code", 8),
        Column("Description", 16, flex=True),
        Column("Qty", 7, "right"),
        Column("Unit", 5),
        Column("Price", 9, "right"),
        Column("Tax", 6, "right"),
        Column("Net", 11, "right"),
    )
    rows = tuple(_line(view, line) for line in view.lines)
    title = f"{view.title.upper()} {view.number}"
    return Page(title, columns if rows else (), rows, _lead(view), _foot(view), cursor=0 if rows else None)


def _lead(view: Paper) -> tuple[Row, ...]:
    days = f"of {day_text(view.issued_on)}"
    if view.kind != "credit_note":
        days += f"   due {day_text(view.due_on)}   {view.terms}"
    refers = [
        f"order {view.order_number}" if view.order_number else "",
        f"their reference {view.customer_reference}" if view.customer_reference else "",
        f"delivered {day_text(view.delivered_on)}" if view.delivered_on else "",
        f"for invoice {view.corrects.number}" if view.corrects else "",
        view.reason,
    ]
    texts = (f"{days}   to {view.buyer.code} {view.buyer.name}", "   ".join(filter(None, refers)))
    return tuple(Row((text,), span=True) for text in texts if text)


def _line(view: Paper, line: PaperLine) -> Row:
    counted = line.counted
    return Row(
        (
            str(line.line), line.code, line.name, show_quantity(line.quantity) if counted else "value",
            line.unit if counted else "", price_text(line.price, view.currency) if counted else "",
            rate_text(line.tax_rate) if line.category == "S" else line.category, show(line.net, view.currency),
        )
    )  # fmt: skip


def _foot(view: Paper) -> tuple[Row, ...]:
    cur = view.currency
    taxes = [f"tax {tax_name(part)} on {show(part.base, cur)}: {show(part.tax, cur)}" for part in view.taxes]
    total = f"net {show(view.net, cur)}  tax {show(view.tax, cur)}  TOTAL {show(view.gross, cur)} {cur}"
    rows = [Row((text,), "dim", span=True) for text in taxes]
    rows.append(Row((total,), "strong", span=True))
    if view.open is not None:
        rows.append(Row((f"open now {show(view.open, cur)} {cur}" if view.open else "settled",), span=True))
    return tuple(rows)
