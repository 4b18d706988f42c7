"""What must hold of controlled postings: each has its approved request. Adds itself to the registry of `invariants`.

Asked from the document, not from the request: a request that is gone, or says otherwise, leaves its posting bare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, and_, case, func, or_, select

from csdesk.models import ApprovalRequest, Document, ImportKey, LedgerEntry, table
from csdesk.services import asking
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

DOCUMENT, REQUEST, ENTRY, KEY = table(Document), table(ApprovalRequest), table(LedgerEntry), table(ImportKey)
# Kind of document -> kinds of request that post it. A receipt's reversal needs none: the money itself went back.
POSTED_BY: Mapping[str, tuple[str, ...]] = {
    "credit_note": ("credit_note", "goodwill_credit"),
    "debit_note": ("debit_note",),
    "write_off": ("write_off", "deduction_write_off", "small_difference"),
    "reversal": ("reversal",),
}
PROVISION = "provision"
POSTING = tuple(sorted(kind for kinds in POSTED_BY.values() for kind in kinds))  # kinds of request that post a document
_OWN = and_(DOCUMENT.c.source == "desk", DOCUMENT.c.kind.in_(sorted(POSTED_BY)), DOCUMENT.c.receipt_id.is_(None))
_POSTED = and_(REQUEST.c.company == DOCUMENT.c.company, REQUEST.c.posted_id == DOCUMENT.c.id,
               REQUEST.c.state == "posted", REQUEST.c.kind.in_(POSTING))  # fmt: skip


def _of_a_kind() -> ColumnElement[bool]:
    return or_(*(and_(DOCUMENT.c.kind == kind, REQUEST.c.kind.in_(by)) for kind, by in POSTED_BY.items()))


@checks("document.approved", "every note, write-off and reversal posted here has its approved request, for just that")
def _document_approved(tx: Tx) -> Sequence[str]:
    d, r = DOCUMENT.c, REQUEST.c
    same = and_(
        _of_a_kind(), raw(r.amount) == raw(d.gross), r.currency == d.currency, r.account_id == d.account_id,
        r.document_id.is_not_distinct_from(d.corrects_id),
    )  # fmt: skip
    found, fitting = func.count(r.id), func.sum(case((same, 1), else_=0))
    wrong = (
        select(d.kind, d.number, found.label("found"))
        .outerjoin_from(DOCUMENT, REQUEST, _POSTED)
        .where(d.company == tx.company, _OWN)
        .group_by(d.id, d.kind, d.number)
        .having(or_(found != 1, fitting != 1))
        .order_by(d.kind, d.number)
        .limit(NAMED)
    )
    return [f"{row.kind.replace('_', ' ')} {row.number}: {_why(int(row.found))}" for row in tx.rows(wrong)]


def _why(found: int) -> str:
    if found == 1:
        return "its request is about something else, or another amount"
    return f"{found} requests posted it, not one"


@checks("request.posted", "every posted request posted what it asked for, and that is there")
def _request_posted(tx: Tx) -> Sequence[str]:
    r = REQUEST.c
    bare = (
        select(r.number)
        .outerjoin_from(REQUEST, DOCUMENT, and_(_POSTED, _of_a_kind(), _OWN))
        .where(r.company == tx.company, r.state == "posted", r.kind.in_(POSTING), DOCUMENT.c.id.is_(None))
        .order_by(r.number)
        .limit(NAMED)
    )
    found = [f"request {row.number} is posted, its document is not there" for row in tx.rows(bare)]
    posted = select(r.number, r.kind, r.amount, r.payload).where(
        r.company == tx.company, r.state == "posted", r.kind.in_((*POSTING, PROVISION))
    )
    for row in tx.rows(posted.order_by(r.number)):
        if (asked := _asked(row)) != row.amount:
            found.append(f"request {row.number}: its content comes to {asked}, it says {row.amount} (minor units)")
    return found[:NAMED]


def _asked(row: Row[Any]) -> int:
    """What the frozen content of a request comes to, in minor units."""
    content = asking.payload(row)
    if row.kind == PROVISION:
        return abs(int(content["after"]) - int(content["before"]))
    if content.get("lines"):
        return sum(int(line["net"]) + int(line["tax"]) for line in content["lines"])
    return int(content["amount"])


@checks("provision.approved", "the allowance is booked by approved requests, on the day and with the amount of each")
def _provision_approved(tx: Tx) -> Sequence[str]:
    e, r = ENTRY.c, REQUEST.c
    change = func.sum(case((e.gl == "allowance", -raw(e.amount)), else_=0), type_=BigInteger)
    booked = (
        select(e.source_id, func.min(e.posted_on).label("on"), func.count().label("rows"), change.label("change"))
        .where(e.company == tx.company, e.source == PROVISION)
        .group_by(e.source_id)
        .subquery()
    )
    mine = and_(r.company == tx.company, r.kind == PROVISION, r.state == "posted")
    pairs = select(booked, r.number, r.payload).join_from(
        booked, REQUEST, and_(mine, r.posted_id == booked.c.source_id), isouter=True
    )
    found = []
    for row in tx.rows(pairs.order_by(booked.c.source_id)):
        asked = asking.payload(row) if row.number is not None else None
        if asked is None:
            found.append(f"the allowance booked on {row.on} has no posted request")
        elif (row.rows, row.on.isoformat(), row.change) != (2, asked["as_of"], asked["after"] - asked["before"]):
            found.append(f"request {row.number}: the allowance was booked otherwise than it asks")
    bare = select(r.number).where(mine, r.id.not_in(select(booked.c.source_id)))
    found += [f"request {row.number} is posted, its entries are not there" for row in tx.rows(bare.order_by(r.number))]
    return found[:NAMED]


@checks("document.origin", "a document of another source came in by an import")
def _document_origin(tx: Tx) -> Sequence[str]:
    d, k = DOCUMENT.c, KEY.c
    came = select(k.subject_id).where(k.company == tx.company, k.entity == "document")
    stray = select(d.kind, d.number, d.source).where(d.company == tx.company, d.source != "desk", d.id.not_in(came))
    return [
        f"{row.kind.replace('_', ' ')} {row.number}: no import brought it from {row.source}"
        for row in tx.rows(stray.order_by(d.kind, d.number).limit(NAMED))
    ]
