"""What must hold of credits as a whole: no document is credited for more than it was. Adds itself to the registry of
`invariants`.

`credit.within` (invariants_money) asks it of single lines; here it is asked of the document and of each tax rate, with
notes that came without a request. The cap that keeps it so is `rules.credit_caps.beyond_document`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all

from csdesk.models import ApprovalRequest, CreditClaim, Document, DocumentLine, table
from csdesk.money import show
from csdesk.services import asking
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

DOCUMENT, LINE, CLAIM, REQUEST = table(Document), table(DocumentLine), table(CreditClaim), table(ApprovalRequest)
NONE = literal(0)


def live(tx: Tx) -> list[Any]:
    """Claims that hold something: not void, not of a request that waited too long."""
    return [CLAIM.c.company == tx.company, CLAIM.c.state != "void", CLAIM.c.request_id.not_in(asking.lapsed(tx))]


def _claimed(tx: Tx) -> Select[Any]:
    """By document: what posted and waiting requests take, and the posted ones alone."""
    taken = raw(CLAIM.c.net) + raw(CLAIM.c.tax)
    posted = func.sum(case((CLAIM.c.state == "posted", taken), else_=0))
    columns = (CLAIM.c.document_id.label("id"), func.sum(taken).label("here"), posted.label("posted"))
    return select(*columns, NONE.label("elsewhere")).where(*live(tx)).group_by(CLAIM.c.document_id)


def _elsewhere(tx: Tx) -> Select[Any]:
    """By document: notes on it that came without a request and stand."""
    back, note = DOCUMENT.alias(), DOCUMENT.alias()
    requested = select(REQUEST.c.posted_id).where(REQUEST.c.company == tx.company, REQUEST.c.posted_id.is_not(None))
    reversed_ = select(back.c.corrects_id).where(
        back.c.company == tx.company, back.c.kind == "reversal", back.c.corrects_id.is_not(None)
    )
    return (
        select(note.c.corrects_id, NONE, NONE, func.sum(raw(note.c.gross)))
        .where(
            note.c.company == tx.company, note.c.kind == "credit_note", note.c.corrects_id.is_not(None),
            note.c.id.not_in(requested), note.c.id.not_in(reversed_),
        )
        .group_by(note.c.corrects_id)
    )  # fmt: skip


@checks("credit.document", "no document is credited for more than it was, notes from elsewhere counted in")
def _credit_document(tx: Tx) -> Sequence[str]:
    """Requests that wait are weighed with what was posted here; notes from elsewhere with what was posted: one that is
    taken in while a request waits stops the request, at its approval."""
    parts = union_all(_claimed(tx), _elsewhere(tx)).subquery()
    here, posted, other = (func.sum(parts.c[name]) for name in ("here", "posted", "elsewhere"))
    whole = case((raw(DOCUMENT.c.gross) > 0, raw(DOCUMENT.c.gross)), else_=0)
    over = (
        select(
            DOCUMENT.c.number, DOCUMENT.c.currency, DOCUMENT.c.gross, here.label("here"), (posted + other).label("all")
        )
        .join(parts, parts.c.id == DOCUMENT.c.id)
        .where(DOCUMENT.c.company == tx.company)
        .group_by(DOCUMENT.c.id, DOCUMENT.c.number, DOCUMENT.c.currency, DOCUMENT.c.gross)
        .having((here > whole) | (posted + other > whole))
        .order_by(DOCUMENT.c.number)
        .limit(NAMED)
    )
    return [
        f"document {row.number}: {show(max(int(row.here), int(row.all)), row.currency)} {row.currency} credited of "
        f"{show(row.gross, row.currency)}"
        for row in tx.rows(over)
    ]


@checks("credit.tax", "of no tax rate of a document more tax is credited than was billed, pending requests counted in")
def _credit_tax(tx: Tx) -> Sequence[str]:
    taken = select(CLAIM.c.document_id, CLAIM.c.line, raw(CLAIM.c.tax).label("tax")).where(*live(tx)).subquery()
    rates = (
        select(taken.c.document_id, LINE.c.tax_rate, func.sum(taken.c.tax).label("taken"))
        .join_from(taken, LINE, (LINE.c.document_id == taken.c.document_id) & (LINE.c.line == taken.c.line))
        .where(LINE.c.company == tx.company)
        .group_by(taken.c.document_id, LINE.c.tax_rate)
        .subquery()
    )
    billed = func.sum(raw(LINE.c.tax))
    over = (
        select(DOCUMENT.c.number, DOCUMENT.c.currency, rates.c.tax_rate, rates.c.taken, billed.label("billed"))
        .join_from(rates, LINE, (LINE.c.document_id == rates.c.document_id) & (LINE.c.tax_rate == rates.c.tax_rate))
        .join(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .where(LINE.c.company == tx.company)
        .group_by(DOCUMENT.c.id, DOCUMENT.c.number, DOCUMENT.c.currency, rates.c.tax_rate, rates.c.taken)
        .having((rates.c.taken > 0) & (rates.c.taken > billed))
        .order_by(DOCUMENT.c.number)
        .limit(NAMED)
    )
    return [
        f"document {row.number}: {show(int(row.taken), row.currency)} {row.currency} tax at "
        f"{row.tax_rate.normalize():f} % credited of {show(int(row.billed), row.currency)}"
        for row in tx.rows(over)
    ]
