"""Reports on posted documents, stock written off, and what imports noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, select

from csdesk.models import Customer, Document, DocumentLine, ImportNote, ImportRun, Product, StockMovement, table
from csdesk.services.reports_base import Table, bare, books, counted, fetched, fetched_one, report, rows_table
from csdesk.services.tx import Tx

DOCUMENT, LINE, MOVED, NOTE = table(Document), table(DocumentLine), table(StockMovement), table(ImportNote)
RUN, PRODUCT, CUSTOMER = table(ImportRun), table(Product), table(Customer)
_LINES = and_(LINE.c.company == DOCUMENT.c.company, LINE.c.document_id == DOCUMENT.c.id)


def _posted(tx: Tx, as_of: date, *also: Any) -> tuple[Any, ...]:
    return DOCUMENT.c.company == tx.company, DOCUMENT.c.issued_on <= as_of, *also


@report("invoices", "Documents issued up to the key date by kind: count, gross, tax and net of their heads.")
def invoices(tx: Tx, as_of: date) -> Table:
    """One row a kind."""
    own = books(tx)
    sums = (func.sum(DOCUMENT.c.gross), func.sum(DOCUMENT.c.tax), func.sum(DOCUMENT.c.net))
    statement = select(DOCUMENT.c.kind, func.count(), *sums).where(*_posted(tx, as_of)).group_by(DOCUMENT.c.kind)
    rows = [(row[0], int(row[1]), *map(own.major, row[2:])) for row in fetched(tx, statement.order_by(DOCUMENT.c.kind))]
    return rows_table("kind, documents, gross, tax, net", rows)


@report("header-check", "Documents whose gross is not the sum of their lines' net and tax.")
def header_check(tx: Tx, as_of: date) -> Table:
    """One row a document, the first hundred; the last line counts documents and those that differ."""
    own = books(tx)
    lines = func.coalesce(func.sum(LINE.c.net), 0) + func.coalesce(func.sum(LINE.c.tax), 0)
    statement = (
        select(DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.gross, lines.label("summed"))
        .outerjoin(LINE, _LINES)
        .where(*_posted(tx, as_of))
        .group_by(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.gross)
        .having(DOCUMENT.c.gross != lines)
    )
    differing = counted(tx, select(func.count()).select_from(statement.subquery()))
    checked = counted(tx, select(func.count()).where(*_posted(tx, as_of)))
    rows = [
        (row.kind, row.number, own.major(row.gross), own.major(row.summed))
        for row in fetched(tx, statement.order_by(DOCUMENT.c.kind, DOCUMENT.c.number).limit(100))
    ]
    return rows_table("kind, document, head, lines", rows, (f"{checked} checked", f"{differing} differ", None, None))


@report("documents", "Documents and stock papers by the first sign of their number, with lines and net value.")
def documents(tx: Tx, as_of: date) -> Table:
    """Credits count negative; a stock paper is a number under which stock moved without a sale."""
    own = books(tx)
    first = func.substr(DOCUMENT.c.number, 1, 1)
    sign = case((first.between("0", "9"), "digit"), else_=first)
    net = case((DOCUMENT.c.kind == "credit_note", -LINE.c.net), else_=LINE.c.net)
    statement = (
        select(
            sign.label("sign"),
            DOCUMENT.c.kind,
            func.count(DOCUMENT.c.id.distinct()),
            func.count(LINE.c.line),
            func.sum(net),
        )
        .outerjoin(LINE, _LINES)
        .where(*_posted(tx, as_of))
        .group_by(sign, DOCUMENT.c.kind)
    )
    rows: list[tuple[Any, ...]] = [(r[0], r[1], int(r[2]), int(r[3]), own.major(r[4])) for r in fetched(tx, statement)]
    first = func.substr(MOVED.c.number, 1, 1)
    sign = case((first.between("0", "9"), "digit"), else_=first)
    moved = (
        select(sign.label("sign"), func.count(MOVED.c.number.distinct()), func.count())
        .where(MOVED.c.company == tx.company, MOVED.c.number != "")
        .group_by(sign)
    )
    rows += [(r[0], "stock paper", int(r[1]), int(r[2]), own.major(0)) for r in fetched(tx, moved)]
    rows.sort(key=lambda row: (row[0], row[1]))
    total = ("all", "", *(sum(row[n] for row in rows) for n in (2, 3)), sum((row[4] for row in rows), own.major(0)))
    return rows_table("number begins with, kind, documents, lines, value", rows, total)


def _value(tx: Tx, as_of: date, kind: str) -> tuple[int, int, int]:
    statement = select(func.count(DOCUMENT.c.id.distinct()), func.count(), func.coalesce(func.sum(LINE.c.net), 0))
    joined = statement.join_from(DOCUMENT, LINE, _LINES).where(*_posted(tx, as_of, DOCUMENT.c.kind == kind))
    row = fetched_one(tx, joined)
    return int(row[0]), int(row[1]), int(row[2])


@report("credit-notes", "Credit notes: documents, lines, and their net value (negative).")
def credit_notes(tx: Tx, as_of: date) -> Table:
    """One row."""
    found = _value(tx, as_of, "credit_note")
    return rows_table("documents, lines, value", [(found[0], found[1], -books(tx).major(found[2]))])


@report("gross-net", "Invoiced net of tax, credited, what is left, and credited as a share of invoiced (six decimals).")
def gross_net(tx: Tx, as_of: date) -> Table:
    """No share while nothing was invoiced."""
    own = books(tx)
    billed, credited = _value(tx, as_of, "invoice")[2], _value(tx, as_of, "credit_note")[2]
    share = round(Decimal(credited) / Decimal(billed), 6) if billed > 0 else None
    amounts = (own.major(billed), -own.major(credited), own.major(billed - credited))
    return rows_table("invoiced, credited, net, share", [(*amounts, share)])


@report("stock-writeoffs", "Stock that moved without a sale, by kind: rows, base units, and what was billed (nothing).")
def stock_writeoffs(tx: Tx, as_of: date) -> Table:
    """One row a kind."""
    own = books(tx)
    statement = select(MOVED.c.kind, func.count(), func.sum(MOVED.c.quantity)).where(MOVED.c.company == tx.company)
    found = fetched(tx, statement.group_by(MOVED.c.kind).order_by(MOVED.c.kind))
    return rows_table("kind, rows, units, value", [(r[0], int(r[1]), bare(r[2]), own.major(0)) for r in found])


@report("timestamps", "Documents whose lines carry more than one time; the first was kept.")
def timestamps(tx: Tx, as_of: date) -> Table:
    """One row a document."""
    return _flagged(tx, as_of, "two-timestamps")


@report("repeats", "Documents with lines that repeat an earlier line word for word; they were kept and flagged.")
def repeats(tx: Tx, as_of: date) -> Table:
    """One row a document, with the lines flagged."""
    statement = (
        select(DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.issued_on, func.count())
        .join(LINE, _LINES)
        .where(*_posted(tx, as_of, LINE.c.flags == "repeat"))
        .group_by(DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.issued_on)
        .order_by(DOCUMENT.c.issued_on, DOCUMENT.c.number)
    )
    rows = [(r[0], r[1], r[2], int(r[3])) for r in fetched(tx, statement)]
    return rows_table("kind, document, issued, lines", rows, ("all", "", None, sum(row[3] for row in rows)))


def _flagged(tx: Tx, as_of: date, flag: str) -> Table:
    shown = (DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.issued_on)
    statement = select(*shown).where(*_posted(tx, as_of, (" " + DOCUMENT.c.flags + " ").like(f"% {flag} %")))
    rows: Sequence[Any] = fetched(tx, statement.order_by(DOCUMENT.c.issued_on, DOCUMENT.c.number))
    return rows_table("kind, document, issued", [tuple(row) for row in rows])


@report("identities", "Distinct product codes as written and customers known by name, anonymous ones apart.")
def identities(tx: Tx, as_of: date) -> Table:
    """Spellings = products + further spellings of their codes noted by imports."""
    products = counted(tx, select(func.count()).where(PRODUCT.c.company == tx.company))
    spelled = select(func.count()).where(
        NOTE.c.company == tx.company, NOTE.c.subject == "product", NOTE.c.kind == "code"
    )
    own = select(func.count()).where(CUSTOMER.c.company == tx.company)
    rows = [("products", products), ("product codes as written", products + counted(tx, spelled))]
    rows += [
        ("customers", counted(tx, own.where(CUSTOMER.c.anonymous.is_(False)))),
        ("anonymous customers", counted(tx, own.where(CUSTOMER.c.anonymous.is_(True)))),
    ]
    return rows_table("what, count", rows)


@report("import-notes", "What sources say besides: other spellings and descriptions, other countries of a customer.")
def import_notes(tx: Tx, as_of: date) -> Table:
    """One row a note; the days of payment and stated amounts are left to their own reports."""
    rows: list[tuple[Any, ...]] = []
    for subject, each in (("customer", CUSTOMER), ("product", PRODUCT)):
        statement = (
            select(each.c.code, each.c.name, NOTE.c.kind, NOTE.c.text)
            .join(NOTE, (NOTE.c.company == each.c.company) & (NOTE.c.subject_id == each.c.id))
            .where(each.c.company == tx.company, NOTE.c.subject == subject)
            .order_by(each.c.code, NOTE.c.kind, NOTE.c.text)
        )
        rows += [(subject, *row) for row in fetched(tx, statement)]
    return rows_table("record, code, name, what, also", rows)


@report("import-runs", "Files taken in, and what became of their rows: rows = imported + merged + quarantined.")
def import_runs(tx: Tx, as_of: date) -> Table:
    """One row a run, the latest last."""
    names = ("at", "source", "part", "file", "rows", "imported", "updated", "merged", "quarantined", "left_out")
    statement = select(*(RUN.c[name] for name in names)).where(RUN.c.company == tx.company).order_by(RUN.c.id)
    rows = [(f"{row[0]:%Y-%m-%d %H:%M}", *row[1:]) for row in fetched(tx, statement)]
    return rows_table(", ".join(names).replace("_", " "), rows)
