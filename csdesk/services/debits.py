"""Debit notes on invoice lines: what was billed too low or not at all, asked for, approved, then posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Customer, Document, Terms, table
from csdesk.money import rounded, show, show_quantity
from csdesk.rules.credit_notes import LineCredit
from csdesk.rules.tax import line_taxes
from csdesk.services import asking, audit, booking, calls, credited, credits, customers, memory, reasons, tax_categories
from csdesk.services.crediting import INHERITED, RequestLine
from csdesk.services.credits import Requested
from csdesk.services.tx import Tx, reads, writes

DOCUMENT, TERMS, CUSTOMER = table(Document), table(Terms), table(Customer)
USE = "credit"  # what was billed wrong is one list of reasons, whichever way it was wrong


@reads("customer.read")
def preview(tx: Tx, document_id: int, wanted: tuple[LineCredit, ...], letter: str) -> str:
    """What a debit request would ask for. Raises like the act."""
    head = credits.head_of(tx, document_id)
    reason = reasons.reason_of(tx, letter, USE)
    found = _reckoned(tx, head, wanted)
    gross = sum(each["net"] + each["tax"] for each in found)
    lines = "; ".join(_words(head, each) for each in found)
    needs = asking.needs(tx, _wish(tx, head, gross, reason.code, {}, ""))
    amount = f"{show(gross, head.currency)} {head.currency}"
    return f"asks debit {amount} on invoice {head.number}: {lines}  ({reason.name}); {needs}"


def _wish(tx: Tx, head: Row[Any], gross: int, reason: str, payload: dict[str, Any], note: str) -> asking.Wish:
    return asking.Wish(
        "debit_note", head.customer_id, head.account_id, head.currency, gross, reason, payload, head.id, head.order_id,
        note, credits.creators_of(tx, head),
    )  # fmt: skip


@writes("credit.request")
def ask(
    tx: Tx, call_id: int, document_id: int, wanted: tuple[LineCredit, ...], letter: str, note: str = ""
) -> Requested:
    """Requests a debit note on lines of an invoice: further pieces at the line's price, or a further net value.

    Raises Invalid for a reason, quantity or value that cannot be, NotFound for a line that is not there, Refused for
    another customer's invoice.
    """
    call = calls.own(tx, call_id)
    head = credits.head_of(tx, document_id)
    if call.customer_id != head.customer_id:
        raise Refused(f"Invoice {head.number} is another customer's; find that customer first.")
    who = customers.trading(tx, head.customer_id, lock=True)
    reason = reasons.reason_of(tx, letter, USE)
    found = _reckoned(tx, head, wanted)
    gross = sum(each["net"] + each["tax"] for each in found)
    payload = {"document": head.id, "number": head.number, "currency": head.currency, "reason": reason.code,
               "note": note, "tax_method": head.tax_method, "rounding": head.rounding, "lines": found}  # fmt: skip
    row = asking.submit(tx, _wish(tx, head, gross, reason.code, payload, note))
    steps = " then ".join(row["steps"].split()) or "nobody"
    words = (
        f"Debit request {row['number']}: {show(gross, head.currency)} {head.currency} on invoice {head.number} "
        f"({reason.name}), to be approved by {steps}"
    )
    memory.remember(tx, call.id, "debits.ask", words, {"do": "withdraw", "request": row["id"]}, who.hold_seconds)
    audit.record(tx, "debits.ask", "request", row["id"], None,
                 {name: row[name] for name in ("number", "kind", "amount", "counted", "reason", "steps")})  # fmt: skip
    return Requested(row["id"], row["number"], gross, head.currency, f"{words}.")


def _reckoned(tx: Tx, head: Row[Any], wanted: Sequence[LineCredit]) -> list[dict[str, Any]]:
    """Line, quantity, net and tax asked for: net = round(line net x quantity / line quantity), tax as the invoice's."""
    if not wanted:
        raise Invalid("Which line? n512.1 2p asks a debit for 2 more of line 1 of the invoice ending 512, reason p.")
    billed = {row.line: row for row in credited.lines_of(tx, head.id)}
    found = []
    for each in wanted:
        if each.line not in billed:
            raise NotFound(f"Invoice {head.number} has no line {each.line}; it has {len(billed)}.", field="line")
        line = billed[each.line]
        if each.quantity is None:
            net, pieces = each.value or 0, Decimal(0)
        else:
            pieces = each.quantity
            net = int(rounded(Decimal(line.net) * pieces / line.quantity, 0, head.rounding)) if line.quantity else 0
        if net <= 0:
            raise Invalid(f"A debit on line {each.line} of invoice {head.number} comes to nothing.", field="quantity")
        found.append({"line": line.line, "code": line.code, "name": line.name, "unit": line.unit, "quantity": pieces,
                      "net": net, "rate": line.tax_rate})  # fmt: skip
    taxes = line_taxes([(each["net"], each["rate"]) for each in found], head.tax_method, head.rounding)
    return [{**each, "tax": tax} for each, tax in zip(found, taxes, strict=True)]


def _words(head: Row[Any], each: dict[str, Any]) -> str:
    what = f"line {each['line']}, {each['code']} {each['name']}"
    if not each["quantity"]:
        return f"{what}, {show(each['net'], head.currency)} more"
    return f"{what}, {show_quantity(each['quantity'])} {each['unit']} more"


def lines(tx: Tx, row: Row[Any]) -> tuple[RequestLine, ...]:
    """The lines a debit request is about, with what was billed and what the line comes to with it."""
    billed = {line.line: line for line in credited.lines_of(tx, row.document_id)}
    return tuple(
        RequestLine(
            line.line, line.code, line.name, line.unit, line.quantity, line.net, 0, Decimal(each["quantity"]),
            each["net"], each["tax"], line.net + each["net"],
        )
        for each in asking.payload(row)["lines"]
        for line in (billed[each["line"]],)
    )  # fmt: skip


def post(tx: Tx, row: Row[Any]) -> str:
    """The debit note of an approved request: tax method, rates and rounding of its invoice, due by today's terms."""
    who = customers.trading(tx, row.customer_id)
    invoice = credits.head_of(tx, row.document_id)
    billed = {line.line: line for line in credited.lines_of(tx, invoice.id)}
    day = who.local(tx.now).date()
    days = tx.value(select(TERMS.c.net_days).where(TERMS.c.company == tx.company, TERMS.c.code == who.terms)) or 0
    head = {
        **{name: getattr(invoice, name) for name in INHERITED}, "kind": "debit_note", "corrects_id": invoice.id,
        "issued_on": day, "due_on": day + timedelta(days=int(days)), "reason": row.reason,
    }  # fmt: skip
    made = [
        {"product_id": line.product_id, "description": line.description, "unit": line.unit,
         "quantity": Decimal(each["quantity"]), "price": line.price, "net": each["net"], "tax_rate": line.tax_rate,
         "tax": each["tax"], "order_line": line.order_line, **tax_categories.kept(line)}
        for each in asking.payload(row)["lines"] for line in (billed[each["line"]],)
    ]  # fmt: skip
    note = booking.document(tx, head, made)
    asking.change(tx, row.id, state="posted", posted_id=note["id"])
    told = {"document": note["id"], "number": note["number"]}
    memory.post(tx, "debit-note", f"debit-note:{note['id']}", told, who.hold_seconds)
    audit.record(tx, "posting.post", "document", note["id"], None,
                 {"number": note["number"], "gross": note["gross"], "request": row.number,
                  "invoice": invoice.number})  # fmt: skip
    return (
        f"Debit note {note['number']} posted: {show(note['gross'], row.currency)} {row.currency} "
        f"on invoice {invoice.number}."
    )
