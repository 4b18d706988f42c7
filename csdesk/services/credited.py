"""What was credited of an invoice's lines so far: by requests that wait or are posted, and by notes from elsewhere.
Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from csdesk.models import ApprovalRequest, CreditClaim, Document, DocumentLine, Product, table
from csdesk.rules.credit_notes import Credited
from csdesk.services import asking
from csdesk.services.tx import Tx

DOCUMENT, LINE, CLAIM = table(Document), table(DocumentLine), table(CreditClaim)
PRODUCT, REQUEST = table(Product), table(ApprovalRequest)


def lines_of(tx: Tx, document_id: int) -> Sequence[Row[Any]]:
    """The lines of a document with their products' codes and names."""
    statement = (
        select(LINE, PRODUCT.c.code, PRODUCT.c.name)
        .join(PRODUCT, (PRODUCT.c.company == LINE.c.company) & (PRODUCT.c.id == LINE.c.product_id))
        .where(LINE.c.company == tx.company, LINE.c.document_id == document_id)
        .order_by(LINE.c.line)
    )
    return tx.rows(statement)


def taken(tx: Tx, document_id: int, apart_from: int = 0) -> dict[int, Credited]:
    """What posted and pending requests took of each line of an invoice so far."""
    found: dict[int, Credited] = {}
    for row in (*claims_on(tx, document_id, apart_from), *_noted(tx, document_id)):
        found[row.line] = found.get(row.line, Credited()) + Credited(row.quantity, row.net, row.tax)
    return found


def claims_on(tx: Tx, document_id: int, apart_from: int = 0) -> Sequence[Row[Any]]:
    """What requests that wait or are posted take of an invoice's lines."""
    return tx.rows(
        select(CLAIM).where(
            CLAIM.c.company == tx.company, CLAIM.c.document_id == document_id, CLAIM.c.state != "void",
            CLAIM.c.request_id != apart_from, CLAIM.c.request_id.not_in(asking.lapsed(tx)),
        )
    )  # fmt: skip


def _noted(tx: Tx, document_id: int) -> Sequence[Row[Any]]:
    """Lines of credit notes that came without a request (taken in from elsewhere), each by its product's first line."""
    note, noted, line = DOCUMENT.alias(), LINE.alias(), LINE.alias()
    first = (
        select(func.min(line.c.line))
        .where(line.c.company == noted.c.company, line.c.document_id == document_id,
               line.c.product_id == noted.c.product_id)
        .scalar_subquery()
    )  # fmt: skip
    requested = select(REQUEST.c.posted_id).where(
        REQUEST.c.company == tx.company, REQUEST.c.document_id == document_id, REQUEST.c.posted_id.is_not(None)
    )
    back = DOCUMENT.alias()
    reversed_ = select(back.c.corrects_id).where(
        back.c.company == tx.company, back.c.kind == "reversal", back.c.corrects_id.is_not(None)
    )
    return tx.rows(
        select(first.label("line"), noted.c.quantity, noted.c.net, noted.c.tax)
        .join(note, (note.c.company == noted.c.company) & (note.c.id == noted.c.document_id))
        .where(
            note.c.company == tx.company, note.c.corrects_id == document_id, note.c.kind == "credit_note",
            note.c.id.not_in(requested), note.c.id.not_in(reversed_),
        )
    )  # fmt: skip
