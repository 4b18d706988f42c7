"""A new version of a credit request: other lines, quantity, value or reason; what it holds is taken anew. Internal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid
from csdesk.ids import new_id
from csdesk.models import CreditClaim, table
from csdesk.money import typed_minor
from csdesk.rules.credit_notes import Credited, LineCredit
from csdesk.services import asking, credits, one_credit, reasons
from csdesk.services.asking import Change, Wish
from csdesk.services.tx import Tx

CLAIM = table(CreditClaim)


def edit(tx: Tx, row: Row[Any], change: Change) -> Wish:
    """The wish of the new version, its claims made. Raises like the request for a credit."""
    return _on_invoice(tx, row, change) if row.document_id is not None else _without_invoice(tx, row, change)


def foresee(tx: Tx, row: Row[Any], change: Change) -> Wish:
    """The wish an edit would make; nothing is claimed. Raises as `edit`."""
    if row.document_id is None:
        return _without_invoice(tx, row, change)
    return _on_invoice(tx, row, change, claim=False)


def _on_invoice(tx: Tx, row: Row[Any], change: Change, claim: bool = True) -> Wish:
    head = credits.head_of(tx, row.document_id)
    reason = reasons.reason_of(tx, change.letter, "credit")
    before = asking.payload(row)["lines"]
    if not change.line and len(before) > 1:
        numbers = ", ".join(str(each["line"]) for each in before)
        raise Invalid(
            f"This request is about the lines {numbers}; say which one: e {before[0]['line']}/2d", field="line"
        )
    line = change.line or before[0]["line"]
    value = typed_minor(change.value, row.currency) if change.value else None
    new = LineCredit(line, value=value) if value is not None else LineCredit(line, change.quantity)
    kept = [_as_asked(each) for each in before if each["line"] != line]
    found = credits.reckoned(tx, head, [*kept, new], apart_from=row.id)
    gross = sum(each.net + each.tax for each in found.values())
    kind = "goodwill_credit" if reason.code == credits.GOODWILL else "credit_note"
    note = change.note or row.note
    one_credit.fits(tx, row, head, found, reason.code, gross, note)
    if claim:
        _claim(tx, row, found)
    payload = credits.payload_of(head, found, reason.code, note)
    return Wish(
        kind, row.customer_id, row.account_id, row.currency, gross, reason.code, payload, head.id, row.order_id, note
    )


def _as_asked(each: dict[str, Any]) -> LineCredit:
    quantity = Decimal(each["quantity"])
    return LineCredit(each["line"], quantity) if quantity else LineCredit(each["line"], value=each["net"])


def _without_invoice(tx: Tx, row: Row[Any], change: Change) -> Wish:
    if not change.value or change.line:
        raise Invalid("This credit has no invoice; type its new value: e =25g", field="value")
    reason = reasons.reason_of(tx, change.letter, "goodwill")
    value = typed_minor(change.value, row.currency)
    if value <= 0:
        raise Invalid("A credit is above 0.", field="value")
    note = change.note or row.note
    payload = {**asking.payload(row), "amount": value, "reason": reason.code, "note": note}
    return Wish(row.kind, row.customer_id, row.account_id, row.currency, value, reason.code, payload, note=note)


def _claim(tx: Tx, row: Row[Any], found: dict[int, Credited]) -> None:
    """The request holds this and nothing else."""
    mine = (CLAIM.c.company == tx.company, CLAIM.c.request_id == row.id)
    known = {each.line for each in tx.rows(select(CLAIM.c.line).where(*mine))}
    tx.do(update(CLAIM).where(*mine).values(state="void"))
    for line, each in found.items():
        values = {"quantity": each.quantity, "net": each.net, "tax": each.tax, "state": "pending"}
        if line in known:
            tx.do(update(CLAIM).where(*mine, CLAIM.c.line == line).values(**values))
        else:
            key = {"company": tx.company, "id": new_id(), "request_id": row.id, "document_id": row.document_id}
            tx.do(insert(CLAIM), {**key, "line": line, **values})


def hold(tx: Tx, row: Row[Any]) -> None:
    """Takes again what the present version of a request asks for."""
    mine = (CLAIM.c.company == tx.company, CLAIM.c.request_id == row.id)
    for each in asking.payload(row)["lines"]:
        tx.do(update(CLAIM).where(*mine, CLAIM.c.line == each["line"]).values(state="pending"))
