"""Posting an approved credit request: the credit note on its invoice. Internal to services."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import Document, table
from csdesk.money import show
from csdesk.services import (
    asking,
    audit,
    booking,
    credited,
    credits,
    customers,
    deduction_notes,
    memory,
    tax_categories,
    ticket_telling,
)
from csdesk.services.tx import Tx

DOCUMENT = table(Document)


@dataclass(frozen=True)
class RequestLine:
    """A line of a request: what was billed, credited before, asked for now and left after (base of the invoice)."""

    line: int
    code: str
    name: str
    unit: str
    billed: Decimal
    billed_net: int
    before_net: int
    quantity: Decimal
    net: int
    tax: int
    left_net: int


INHERITED = ("customer_id", "account_id", "order_id", "currency", "tax_method", "rounding")


def lines(tx: Tx, row: Row[Any]) -> tuple[RequestLine, ...]:
    """The lines a credit request is about, with what stood before and what would be left."""
    billed = {line.line: line for line in credited.lines_of(tx, row.document_id)}
    before = credited.taken(tx, row.document_id, apart_from=row.id)
    found = []
    for each in asking.payload(row)["lines"]:
        line, so_far = billed[each["line"]], before.get(each["line"])
        earlier = so_far.net if so_far else 0
        found.append(
            RequestLine(
                line.line, line.code, line.name, line.unit, line.quantity, line.net, earlier,
                Decimal(each["quantity"]), each["net"], each["tax"], line.net - earlier - each["net"],
            )
        )  # fmt: skip
    return tuple(found)


def post(tx: Tx, row: Row[Any]) -> str:
    """The credit note of an approved request: its lines, tax method, rates and rounding are those of the invoice."""
    found = credits.recheck(tx, row)
    who = customers.trading(tx, row.customer_id)
    invoice = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == row.document_id))
    assert invoice is not None
    billed = {line.line: line for line in credited.lines_of(tx, invoice.id)}
    head = {
        **{name: getattr(invoice, name) for name in INHERITED}, "kind": "credit_note", "corrects_id": invoice.id,
        "issued_on": who.local(tx.now).date(), "reason": row.reason,
    }  # fmt: skip
    lines = [
        {"product_id": billed[line].product_id, "description": billed[line].description, "unit": billed[line].unit,
         "quantity": each.quantity, "price": billed[line].price, "net": each.net, "tax_rate": billed[line].tax_rate,
         "tax": each.tax, "order_line": billed[line].order_line, **tax_categories.kept(billed[line])}
        for line, each in sorted(found.items())
    ]  # fmt: skip
    note = booking.document(tx, head, lines)
    credits.settle_claims(tx, row.id, "posted")
    asking.change(tx, row.id, state="posted", posted_id=note["id"])
    deduction_notes.settled(tx, row.id)
    told = {"document": note["id"], "number": note["number"]}
    memory.post(tx, "credit-note", f"credit-note:{note['id']}", told, who.hold_seconds)
    ticket_telling.posted(tx, row, note["number"])
    audit.record(tx, "posting.post", "document", note["id"], None,
                 {"number": note["number"], "gross": note["gross"], "request": row.number,
                  "invoice": invoice.number})  # fmt: skip
    return (
        f"Credit note {note['number']} posted: {show(note['gross'], row.currency)} {row.currency} "
        f"on invoice {invoice.number}."
    )
