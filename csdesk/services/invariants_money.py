"""What must hold of requests, credits and disputes; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, and_, func, or_, select

from csdesk.models import (
    ApprovalMark,
    ApprovalRequest,
    CreditClaim,
    Dispute,
    DisputeEvent,
    Document,
    DocumentLine,
    GoodsReturn,
    OpenItem,
    PriceOverride,
    SalesOrder,
    table,
)
from csdesk.money import show_quantity
from csdesk.rules import approvals
from csdesk.services import asking, catalog
from csdesk.services.derived import NAMED, quantity, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

REQUEST, CLAIM, DISPUTE = table(ApprovalRequest), table(CreditClaim), table(Dispute)
DOCUMENT, LINE, RETURN, ITEM = table(Document), table(DocumentLine), table(GoodsReturn), table(OpenItem)
EVENT, OVERRIDE, MARK = table(DisputeEvent), table(PriceOverride), table(ApprovalMark)
ORDER = table(SalesOrder)
_EVENTS = and_(EVENT.c.company == DISPUTE.c.company, EVENT.c.dispute_id == DISPUTE.c.id)
HELD = {"pending": approvals.HOLDING, "posted": frozenset({"posted"})}


@checks("credit.within", "no more is credited of an invoice line than was billed, pending requests counted in")
def _credit_within(tx: Tx) -> Sequence[str]:
    pieces, net, tax = (func.sum(raw(column)) for column in (CLAIM.c.quantity, CLAIM.c.net, CLAIM.c.tax))
    taken = (
        select(CLAIM.c.document_id, CLAIM.c.line, pieces.label("pieces"), net.label("net"), tax.label("tax"))
        .where(CLAIM.c.company == tx.company, CLAIM.c.state != "void", CLAIM.c.request_id.not_in(asking.lapsed(tx)))
        .group_by(CLAIM.c.document_id, CLAIM.c.line)
        .subquery()
    )
    over = (
        select(DOCUMENT.c.number, LINE.c.line, taken.c.pieces, raw(LINE.c.quantity).label("billed"))
        .join_from(taken, LINE, (LINE.c.document_id == taken.c.document_id) & (LINE.c.line == taken.c.line))
        .join(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .where(
            LINE.c.company == tx.company, raw(LINE.c.net) >= 0,
            (taken.c.pieces > raw(LINE.c.quantity)) | (taken.c.net > raw(LINE.c.net))
            | ((DOCUMENT.c.tax_method == "line") & (taken.c.tax > raw(LINE.c.tax))),
        )
        .limit(NAMED)
    )  # fmt: skip
    return [
        f"invoice {row.number} line {row.line}: {quantity(int(row.pieces))} credited of {quantity(row.billed)} billed"
        for row in tx.rows(over)
    ]


@checks("request.claims", "what a credit request takes is held while it waits, posted with its note, else free")
def _request_claims(tx: Tx) -> Sequence[str]:
    joined = (REQUEST.c.company == CLAIM.c.company) & (REQUEST.c.id == CLAIM.c.request_id)
    reversed_ = select(DOCUMENT.c.corrects_id).where(
        DOCUMENT.c.company == tx.company, DOCUMENT.c.kind == "reversal", DOCUMENT.c.corrects_id.is_not(None)
    )  # what a reversed note took is free again, and what an order was to replace that is cancelled
    gone = select(ORDER.c.id).where(ORDER.c.company == tx.company, ORDER.c.status == "cancelled")
    back = REQUEST.c.posted_id.in_(reversed_) | REQUEST.c.posted_id.in_(gone)
    rows = tx.rows(
        select(REQUEST.c.number, REQUEST.c.state, CLAIM.c.state.label("claim"))
        .join_from(CLAIM, REQUEST, joined)
        .where(CLAIM.c.company == tx.company, REQUEST.c.posted_id.is_(None) | ~back)
        .group_by(REQUEST.c.number, REQUEST.c.state, CLAIM.c.state)
    )
    wanted = {state: claim for claim, states in HELD.items() for state in states}
    wrong = [row for row in rows if row.claim != wanted.get(row.state, "void")]
    return [f"request {row.number} is {row.state}, its claim {row.claim}" for row in wrong[:NAMED]]


@checks("request.approvals", "what is approved or posted has all its approvals, by other persons than its maker")
def _request_approvals(tx: Tx) -> Sequence[str]:
    decided = (REQUEST.c.company == tx.company, REQUEST.c.state.in_(("approved", "posted")))
    given: dict[int, list[Row[Any]]] = {}
    about = select(MARK).where(
        MARK.c.company == tx.company, MARK.c.request_id.in_(select(REQUEST.c.id).where(*decided))
    )
    for mark in tx.rows(about.order_by(MARK.c.id)):
        given.setdefault(mark.request_id, []).append(mark)
    found = []
    for row in tx.rows(select(REQUEST).where(*decided).order_by(REQUEST.c.id)):
        rule = replace(asking.as_rule(row, given.get(row.id, ())), state="approved")
        if why := approvals.why_not_post(rule, asking.payload(row)):
            found.append(f"request {row.number}: {why}")
    return found[:NAMED]


@checks("dispute.amounts", "a disputed amount is what is open, paid, credited and cleared of it")
def _dispute_amounts(tx: Tx) -> Sequence[str]:
    d, e = DISPUTE.c, EVENT.c
    parts = raw(d.open) + raw(d.paid) + raw(d.credited) + raw(d.cleared)
    wrong = select(d.number, d.original).where(d.company == tx.company, raw(d.original) != parts)
    found = list(tx.rows(wrong.limit(NAMED)))
    wrong_events = (
        select(d.number, d.original)
        .join_from(DISPUTE, EVENT, _EVENTS)
        .where(d.company == tx.company, raw(d.original) != raw(e.open) + raw(e.paid) + raw(e.credited) + raw(e.cleared))
    )
    found = [*found, *tx.rows(wrong_events.limit(NAMED))][:NAMED]
    return [f"dispute {row.number}: original {row.original}, its parts make something else" for row in found]


@checks("dispute.events", "a dispute is what its last event says")
def _dispute_events(tx: Tx) -> Sequence[str]:
    d, e = DISPUTE.c, EVENT.c
    same = [raw(d[name]) == raw(e[name]) for name in ("open", "paid", "credited", "cleared")]
    told = and_(_EVENTS, e.version == d.version)
    wrong = (
        select(d.number, d.version)
        .outerjoin_from(DISPUTE, EVENT, told)
        .where(d.company == tx.company, or_(e.version.is_(None), d.state != e.state, *(~each for each in same)))
        .limit(NAMED)
    )
    return [f"dispute {row.number}: step {row.version} is missing or says otherwise" for row in tx.rows(wrong)]


@checks("price.approved", "orders use no more of an approved price than was approved")
def _price_approved(tx: Tx) -> Sequence[str]:
    of: dict[int, dict[str, Row[Any]]] = {}
    for row in tx.rows(select(OVERRIDE).where(OVERRIDE.c.company == tx.company).order_by(OVERRIDE.c.id)):
        of.setdefault(row.customer_id, {})[row.number] = row
    found = []
    for customer, rows in of.items():
        for number, much in catalog.used(tx, customer, {each: row.unit for each, row in rows.items()}).items():
            if much > rows[number].quantity:
                most = show_quantity(rows[number].quantity)
                found.append(f"price request {number}: {show_quantity(much)} used of {most} approved")
    return found[:NAMED]


@checks("dispute.open", "no more of an item is in dispute than is open of it")
def _dispute_open(tx: Tx) -> Sequence[str]:
    live = (
        select(DISPUTE.c.item_id, func.sum(raw(DISPUTE.c.open)).label("open"))
        .where(DISPUTE.c.company == tx.company, DISPUTE.c.closed_at.is_(None))
        .group_by(DISPUTE.c.item_id)
        .subquery()
    )
    wrong = select(ITEM.c.number).join(live, live.c.item_id == ITEM.c.id)
    rows = tx.rows(wrong.where(ITEM.c.company == tx.company, live.c.open > raw(ITEM.c.open)).limit(NAMED))
    return [f"item {row.number}: more is in dispute than is open" for row in rows]


@checks("returns.within", "no more of an invoice line came back than was billed")
def _returns_within(tx: Tx) -> Sequence[str]:
    pieces = func.sum(raw(RETURN.c.quantity))
    back = (
        select(RETURN.c.document_id, RETURN.c.line, pieces.label("pieces"))
        .where(RETURN.c.company == tx.company)
        .group_by(RETURN.c.document_id, RETURN.c.line)
        .subquery()
    )
    over = (
        select(DOCUMENT.c.number, LINE.c.line, back.c.pieces, raw(LINE.c.quantity).label("billed"))
        .join_from(back, LINE, (LINE.c.document_id == back.c.document_id) & (LINE.c.line == back.c.line))
        .join(DOCUMENT, (DOCUMENT.c.company == LINE.c.company) & (DOCUMENT.c.id == LINE.c.document_id))
        .where(LINE.c.company == tx.company, back.c.pieces > raw(LINE.c.quantity))
        .limit(NAMED)
    )
    return [
        f"invoice {row.number} line {row.line}: {quantity(int(row.pieces))} came back of {quantity(row.billed)} billed"
        for row in tx.rows(over)
    ]
