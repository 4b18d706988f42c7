"""What must hold between documents, receipts, open items, entries and allocations; adds itself to `invariants`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, not_, or_, select

from csdesk.models import Allocation, BankLine, Customer, Document, LedgerEntry, OpenItem, Receipt, table
from csdesk.services.booking import CONTROL, CREDITS
from csdesk.services.derived import NAMED, raw
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

ITEM, DOCUMENT, RECEIPT, ENTRY = table(OpenItem), table(Document), table(Receipt), table(LedgerEntry)
ALLOCATION, BANK, CUSTOMER = table(Allocation), table(BankLine), table(Customer)
_POSTED_ITEM = ("document", "receipt")  # sources of entries that have an open item
TAX, CASH = "output-tax", ("bank", "unidentified-cash")
# Kind of document -> ledger accounts its net may stand on; a reversal stands where what it reverses stood.
NET_ON = {
    "invoice": ("revenue",), "credit_note": ("revenue", "goodwill"), "debit_note": ("revenue", "charges"),
    "write_off": ("credit-losses", "small-differences"),
}  # fmt: skip
NET_ON["reversal"] = tuple(sorted({*CASH, *(gl for each in NET_ON.values() for gl in each)}))
_OF_DOCUMENT = and_(
    ITEM.c.company == DOCUMENT.c.company, ITEM.c.source == "document", ITEM.c.source_id == DOCUMENT.c.id
)
_OF_RECEIPT = and_(ITEM.c.company == RECEIPT.c.company, ITEM.c.source == "receipt", ITEM.c.source_id == RECEIPT.c.id)


@checks("item.document", "an open item says what its document says: amount, days, currency, account, customer, number")
def _item_document(tx: Tx) -> Sequence[str]:
    i, d, old = ITEM.c, DOCUMENT.c, DOCUMENT.alias()
    credit = or_(d.kind.in_(sorted(CREDITS)), and_(d.kind == "reversal", old.c.kind == "debit_note"))
    face = case((credit, -raw(d.gross)), else_=raw(d.gross))
    same = and_(*(i[name] == d[name] for name in ("number", "kind", "account_id", "customer_id", "currency", "due_on")),
                i.posted_on == d.issued_on, or_(d.source != "desk", raw(i.face) == face))  # fmt: skip
    wanted = (
        select(d.kind, d.number)
        .outerjoin_from(DOCUMENT, ITEM, _OF_DOCUMENT)
        .outerjoin(old, and_(old.c.company == d.company, old.c.id == d.corrects_id))
        .where(d.company == tx.company)
    )
    wrong = or_(and_(i.id.is_(None), d.source == "desk", raw(d.gross) != 0), and_(i.id.is_not(None), not_(same)))
    rows = tx.rows(wanted.where(wrong).order_by(d.kind, d.number).limit(NAMED))
    found = [f"{row.kind.replace('_', ' ')} {row.number}: its open item is missing or says otherwise" for row in rows]
    bare = select(i.kind, i.number).outerjoin_from(ITEM, DOCUMENT, _OF_DOCUMENT)
    bare = bare.where(i.company == tx.company, i.source != "receipt", d.id.is_(None))
    found += [f"item {row.number}: its {row.kind.replace('_', ' ')} is not there" for row in tx.rows(bare.limit(NAMED))]
    return found[:NAMED]


@checks("item.receipt", "an open item says what its receipt says: amount, days, currency, account, number")
def _item_receipt(tx: Tx) -> Sequence[str]:
    i, r = ITEM.c, RECEIPT.c
    identified = and_(r.bank_line_id.is_not(None), i.posted_on >= r.received_on)  # its owner was found later
    same = and_(
        *(i[name] == r[name] for name in ("number", "account_id", "currency")), i.kind == "receipt",
        raw(i.face) == -raw(r.amount), or_(r.source != "desk", i.due_on == i.posted_on),
        or_(i.posted_on == r.received_on, identified),
    )  # fmt: skip
    wrong = select(r.number).outerjoin_from(RECEIPT, ITEM, _OF_RECEIPT).where(r.company == tx.company)
    wrong = wrong.where(or_(i.id.is_(None), not_(same))).order_by(r.number)
    found = [f"receipt {row.number}: its open item is missing or says otherwise" for row in tx.rows(wrong.limit(NAMED))]
    bare = select(i.number).outerjoin_from(ITEM, RECEIPT, _OF_RECEIPT)
    bare = bare.where(i.company == tx.company, i.source == "receipt", r.id.is_(None)).limit(NAMED)
    return [*found, *(f"item {row.number}: its receipt is not there" for row in tx.rows(bare))][:NAMED]


def _postings(tx: Tx, of: ColumnElement[bool]) -> Subquery:
    """What the entries of each posting come to, and how many there are of each sort."""
    e = ENTRY.c
    sorts = {"control": e.gl == CONTROL, "tax": e.gl == TAX, "rest": e.gl.not_in((CONTROL, TAX))}
    sums = [func.sum(case((of, raw(e.amount)), else_=0)).label(name) for name, of in sorts.items()]
    counts = [func.sum(case((of, 1), else_=0)).label(f"{name}_rows") for name, of in sorts.items()]
    columns = (("posted_on", "first", "last"), ("currency", "currency", "currency_too"), ("account_id", "one", "other"))
    ends = [(func.min(e[name]).label(low), func.max(e[name]).label(high)) for name, low, high in columns]
    gl = func.min(case((sorts["rest"], e.gl))).label("gl")
    statement = select(e.source, e.source_id, gl, *sums, *counts, *(each for pair in ends for each in pair))
    return statement.where(e.company == tx.company, of).group_by(e.source, e.source_id).subquery()


@checks("posting.entries", "the entries of a posting are its gross, net and tax, all on its day and for its account")
def _posting_entries(tx: Tx) -> Sequence[str]:
    i, p = ITEM.c, _postings(tx, ENTRY.c.source.in_(_POSTED_ITEM))
    joined = (
        select(i.kind, i.number)
        .outerjoin_from(ITEM, DOCUMENT, _OF_DOCUMENT)
        .outerjoin(p, and_(p.c.source == i.source, p.c.source_id == i.source_id))
        .where(i.company == tx.company)
    )
    once = and_(
        p.c.first == i.posted_on, p.c.last == i.posted_on, p.c.one == i.account_id, p.c.other == i.account_id,
        p.c.currency == i.currency, p.c.currency_too == i.currency, p.c.control == raw(i.face),
        p.c.control_rows == 1, p.c.tax_rows <= 1, p.c.rest_rows <= 1,
    )  # fmt: skip
    cash = and_(i.source == "receipt", p.c.gl.in_(CASH), p.c.tax_rows == 0)
    paper = and_(i.source == "document", or_(_usual(p), _opening(p)))
    right = or_(and_(raw(i.face) == 0, p.c.source.is_(None)), and_(once, or_(cash, paper)))
    wrong = joined.where(not_(func.coalesce(right, False))).order_by(i.kind, i.number).limit(NAMED)
    return [f"{row.kind.replace('_', ' ')} {row.number}: its entries are not its amounts" for row in tx.rows(wrong)]


def _usual(p: Subquery) -> ColumnElement[bool]:
    """Net where its kind has it, and tax, both against the face."""
    d, sign = DOCUMENT.c, case((raw(ITEM.c.face) > 0, -1), else_=1)
    on = or_(p.c.rest_rows == 0, *(and_(d.kind == kind, p.c.gl.in_(gls)) for kind, gls in NET_ON.items()))
    return and_(p.c.rest == sign * raw(d.net), p.c.tax == sign * raw(d.tax), on)


def _opening(p: Subquery) -> ColumnElement[bool]:
    """What came in only partly stands against the opening balance."""
    return and_(DOCUMENT.c.source != "desk", p.c.gl == "opening-balance", p.c.tax_rows == 0)


@checks("posting.origin", "every entry belongs to a document, a receipt, money of the bank, or a provision")
def _posting_origin(tx: Tx) -> Sequence[str]:
    e, i, b, p = ENTRY.c, ITEM.c, BANK.c, _postings(tx, ENTRY.c.source.not_in((*_POSTED_ITEM, "provision")))
    item = and_(i.company == e.company, i.source == e.source, i.source_id == e.source_id)
    bare = select(e.source, e.source_id).distinct().outerjoin_from(ENTRY, ITEM, item)
    bare = bare.where(e.company == tx.company, e.source.in_(_POSTED_ITEM), i.id.is_(None))
    came = and_(p.c.source == "bank", p.c.first == b.received_on, p.c.last == b.received_on)
    went = and_(p.c.source == "bank-back", b.state == "returned", p.c.first == p.c.last)
    fits = and_(or_(came, went), p.c.rest_rows == 2, p.c.rest == 0, p.c.currency == b.currency)
    line = and_(b.company == tx.company, b.id == p.c.source_id)
    wrong = select(p.c.source, p.c.source_id).outerjoin_from(p, BANK, line).where(not_(func.coalesce(fits, False)))
    rows = [*tx.rows(bare.limit(NAMED)), *tx.rows(wrong.limit(NAMED))]
    return [f"{row.source} {row.source_id}: its entries belong to nothing that is there" for row in rows[:NAMED]]


@checks("allocation.fits", "a credit is set against a debit of its account or payer group, in its currency, in time")
def _allocation_fits(tx: Tx) -> Sequence[str]:
    a, debit, credit = ALLOCATION.c, ITEM.alias(), ITEM.alias()
    mine, theirs, back = CUSTOMER.alias(), CUSTOMER.alias(), ALLOCATION.alias()
    group = exists(
        select(mine.c.id)
        .join(theirs, and_(theirs.c.company == mine.c.company, theirs.c.payer_group == mine.c.payer_group))
        .where(mine.c.company == tx.company, mine.c.account_id == debit.c.account_id,
               theirs.c.account_id == credit.c.account_id, mine.c.payer_group != "")
    )  # fmt: skip
    # What was taken back is history: the accounts may have been one group then.
    undone = exists(select(back.c.id).where(back.c.company == a.company, back.c.reverses_id == a.id))
    fits = and_(
        raw(debit.c.face) > 0, raw(credit.c.face) < 0, raw(a.amount) > 0, debit.c.currency == credit.c.currency,
        a.applied_on >= debit.c.posted_on, a.applied_on >= credit.c.posted_on,
        or_(debit.c.account_id == credit.c.account_id, undone, group),
    )  # fmt: skip
    wrong = (
        select(debit.c.number, credit.c.number.label("credit"))
        .outerjoin_from(ALLOCATION, debit, and_(debit.c.company == a.company, debit.c.id == a.debit_item_id))
        .outerjoin(credit, and_(credit.c.company == a.company, credit.c.id == a.credit_item_id))
        .where(a.company == tx.company, a.reverses_id.is_(None), not_(func.coalesce(fits, False)))
        .order_by(a.id)
        .limit(NAMED)
    )
    return [f"{row.credit} set against {row.number} does not fit it" for row in tx.rows(wrong)]


@checks("allocation.taken_back", "what takes an application back is its whole opposite, once, not before it")
def _allocation_taken_back(tx: Tx) -> Sequence[str]:
    a, old = ALLOCATION.c, ALLOCATION.alias()
    opposite: list[ColumnElement[Any]] = [
        old.c.debit_item_id == a.debit_item_id, old.c.credit_item_id == a.credit_item_id, old.c.reverses_id.is_(None),
        raw(a.amount) == -raw(old.c.amount), a.applied_on >= old.c.applied_on,
    ]  # fmt: skip
    wrong = (
        select(ITEM.c.number)
        .join_from(ALLOCATION, ITEM, and_(ITEM.c.company == a.company, ITEM.c.id == a.debit_item_id))
        .outerjoin(old, and_(old.c.company == a.company, old.c.id == a.reverses_id))
        .where(a.company == tx.company, a.reverses_id.is_not(None), not_(func.coalesce(and_(*opposite), False)))
        .order_by(a.id)
        .limit(NAMED)
    )
    return [f"what was taken back on {row.number} is not what had been applied" for row in tx.rows(wrong)]
