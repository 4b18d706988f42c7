"""What was credited of an invoice's lines so far: by requests that wait or are posted, and by notes from elsewhere.
Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, func, select

from csdesk.models import ApprovalRequest, CreditClaim, Document, DocumentLine, Product, table
from csdesk.rules.credit_notes import Credited
from csdesk.services import asking, replaced
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
    """What posted and pending requests took of each line of an invoice so far, and notes from elsewhere as far as they
    name its goods; `elsewhere` tells of the rest. What was replaced of a line counts like what was credited of it."""
    found = dict(replaced.on_invoice(tx, document_id))
    for row in claims_on(tx, document_id, apart_from):
        found[row.line] = found.get(row.line, Credited()) + Credited(row.quantity, row.net, row.tax)
    for line, part in _noted(tx, document_id):
        if line is not None:
            found[line] = found.get(line, Credited()) + part
    return found


def elsewhere(tx: Tx, document_id: int) -> Credited:
    """What notes from elsewhere took of an invoice that stands on none of its lines: a note without lines, or one line
    brought forward for all of it."""
    placed = sum((part for line, part in _noted(tx, document_id) if line is not None), Credited())
    notes = tx.rows(_notes(tx, document_id))
    net, tax = (sum(getattr(row, name) for row in notes) for name in ("net", "tax"))
    return Credited(net=net - placed.net, tax=tax - placed.tax)


def claims_on(tx: Tx, document_id: int, apart_from: int = 0) -> Sequence[Row[Any]]:
    """What requests that wait or are posted take of an invoice's lines."""
    return tx.rows(
        select(CLAIM).where(
            CLAIM.c.company == tx.company, CLAIM.c.document_id == document_id, CLAIM.c.state != "void",
            CLAIM.c.request_id != apart_from, CLAIM.c.request_id.not_in(asking.lapsed(tx)),
        )
    )  # fmt: skip


def _noted(tx: Tx, document_id: int) -> list[tuple[int | None, Credited]]:
    """Lines of notes from elsewhere, each by its product's first line on the invoice; None where that has none."""
    noted, line, note = LINE.alias(), LINE.alias(), _notes(tx, document_id).subquery()
    first = (
        select(func.min(line.c.line))
        .where(line.c.company == noted.c.company, line.c.document_id == document_id,
               line.c.product_id == noted.c.product_id)
        .scalar_subquery()
    )  # fmt: skip
    rows = tx.rows(
        select(first.label("line"), noted.c.quantity, noted.c.net, noted.c.tax)
        .join(note, note.c.id == noted.c.document_id)
        .where(noted.c.company == tx.company)
    )
    return [(row.line, Credited(row.quantity, row.net, row.tax)) for row in rows]


def _notes(tx: Tx, document_id: int) -> Select[Any]:
    """Credit notes on an invoice that came without a request (taken in from elsewhere) and were not reversed."""
    requested = select(REQUEST.c.posted_id).where(
        REQUEST.c.company == tx.company, REQUEST.c.document_id == document_id, REQUEST.c.posted_id.is_not(None)
    )
    back = DOCUMENT.alias()
    reversed_ = select(back.c.corrects_id).where(
        back.c.company == tx.company, back.c.kind == "reversal", back.c.corrects_id.is_not(None)
    )
    return select(DOCUMENT.c.id, DOCUMENT.c.net, DOCUMENT.c.tax).where(
        DOCUMENT.c.company == tx.company, DOCUMENT.c.corrects_id == document_id, DOCUMENT.c.kind == "credit_note",
        DOCUMENT.c.id.not_in(requested), DOCUMENT.c.id.not_in(reversed_),
    )  # fmt: skip
