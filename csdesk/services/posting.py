"""Posting what was approved: the credit note with its number, lines, open item and audit, in one transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import DeskError, Refused
from csdesk.ids import new_id
from csdesk.models import ApprovalRequest, CreditAccount, Document, DocumentLine, OpenItem, Period, table
from csdesk.money import show
from csdesk.rules import approvals
from csdesk.rules.credit_notes import Credited
from csdesk.services import asking, audit, credits, customers, memory, numbers
from csdesk.services.tx import Tx, reads, writes

REQUEST, DOCUMENT, LINE = table(ApprovalRequest), table(Document), table(DocumentLine)
ITEM, ACCOUNT, PERIOD = table(OpenItem), table(CreditAccount), table(Period)


@reads("posting.run")
def due(tx: Tx, limit: int = 200) -> tuple[int, ...]:
    """Approved requests whose hold has passed, oldest first."""
    statement = select(REQUEST.c.id).where(
        REQUEST.c.company == tx.company, REQUEST.c.state == "approved", REQUEST.c.post_after <= tx.now
    )
    return tuple(row.id for row in tx.rows(statement.order_by(REQUEST.c.post_after, REQUEST.c.id).limit(limit)))


@writes("posting.run")
def post(tx: Tx, request_id: int) -> str:
    """Posts an approved credit request, once; checks anew that it is wholly approved and still fits.

    A request that no longer fits goes back to its maker with the reason; amounts are never cut silently. Gives one
    sentence. Posting what is posted already changes nothing.
    """
    row = asking.get(tx, request_id, lock=True)
    if row.state == "posted":
        return f"Request {row.number} was posted already."
    who = customers.trading(tx, row.customer_id, lock=True)
    if fault := approvals.why_not_post(asking.as_rule(row, asking.marks(tx, row.id)), asking.payload(row)):
        raise Refused(f"Request {row.number}: {fault}")
    if row.post_after is None or row.post_after > tx.now:
        raise Refused(f"Request {row.number} is on hold still; it posts once the hold has passed.")
    day = who.local(tx.now).date()
    try:
        _open_period(tx, day)
        found = credits.recheck(tx, row)
    except DeskError as error:
        return _returned(tx, row, error.message)
    return _note(tx, row, found, day, who.hold_seconds)


def _open_period(tx: Tx, day: date) -> None:
    """Raises Refused when the period of a day is not open."""
    row = tx.row(
        select(PERIOD.c.state).where(PERIOD.c.company == tx.company, PERIOD.c.starts_on <= day, PERIOD.c.ends_on >= day)
    )
    if row is not None and row.state != "open":
        raise Refused(f"The period of {day:%d %b %Y} is {row.state.replace('_', ' ')}; nothing posts into it.")


def _returned(tx: Tx, row: Row[Any], why: str) -> str:
    asking.sign(tx, row, "return", "system", why)
    asking.change(tx, row.id, state=approvals.move(row.state, "return"), why=why[:500])
    credits.settle_claims(tx, row.id, "void")
    audit.record(tx, "posting.post", "request", row.id, {"state": row.state}, {"state": "returned", "why": why})
    return f"Request {row.number} goes back to its maker: {why}"


def _note(tx: Tx, row: Row[Any], found: dict[int, Credited], day: date, hold: int) -> str:
    invoice = tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == row.document_id))
    assert invoice is not None
    billed = {line.line: line for line in credits.lines_of(tx, invoice.id)}
    number = numbers.order_number(tx.now.year, numbers.draw(tx, "credit_note"))
    net, tax = sum(each.net for each in found.values()), sum(each.tax for each in found.values())
    key = {"company": tx.company, "id": new_id()}
    same = ("customer_id", "account_id", "order_id", "currency", "tax_method", "rounding")
    head = {
        **key, **{name: getattr(invoice, name) for name in same}, "kind": "credit_note", "number": number,
        "corrects_id": invoice.id, "issued_on": day, "issued_at": tx.now, "due_on": day, "net": net, "tax": tax,
        "gross": net + tax, "reason": row.reason,
    }  # fmt: skip
    tx.do(insert(DOCUMENT), head)
    tx.do(insert(LINE), [
        {"company": tx.company, "document_id": key["id"], "line": place, "product_id": billed[line].product_id,
         "description": billed[line].description, "unit": billed[line].unit, "quantity": each.quantity,
         "price": billed[line].price, "net": each.net, "tax_rate": billed[line].tax_rate, "tax": each.tax,
         "order_line": billed[line].order_line}
        for place, (line, each) in enumerate(sorted(found.items()), 1)
    ])  # fmt: skip
    tx.do(insert(ITEM), {
        "company": tx.company, "id": new_id(), "account_id": row.account_id, "customer_id": row.customer_id,
        "source": "document", "source_id": key["id"], "number": number, "kind": "credit_note", "posted_on": day,
        "due_on": day, "currency": row.currency, "face": -(net + tax), "open": -(net + tax),
    })  # fmt: skip
    account = update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == row.account_id)
    tx.do(account.values(open_credit=ACCOUNT.c.open_credit + (net + tax), version=ACCOUNT.c.version + 1))
    credits.settle_claims(tx, row.id, "posted")
    asking.change(tx, row.id, state="posted", posted_id=key["id"])
    memory.post(tx, "credit-note", f"credit-note:{key['id']}", {"document": key["id"], "number": number}, hold)
    audit.record(tx, "posting.post", "document", int(key["id"]), None,
                 {"number": number, "gross": net + tax, "request": row.number, "invoice": invoice.number})  # fmt: skip
    return f"Credit note {number} posted: {show(net + tax, row.currency)} {row.currency} on invoice {invoice.number}."
