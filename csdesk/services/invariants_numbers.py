"""What must hold of the numbers this desk gives; adds itself to the registry of `invariants`.

Asked from the numbers, not from the counters: a counter that is gone leaves its numbers without one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)

from csdesk.models import ApprovalRequest, Document, NumberSeries, Receipt, SalesOrder, table
from csdesk.rules.numbering import gaps
from csdesk.services.derived import NAMED
from csdesk.services.invariants import checks
from csdesk.services.numbers import OWN
from csdesk.services.tx import Tx

ORDER, DOCUMENT, RECEIPT = table(SalesOrder), table(Document), table(Receipt)
REQUEST, SERIES = table(ApprovalRequest), table(NumberSeries)
DOCUMENTS = ("invoice", "credit_note", "debit_note", "write_off", "reversal")
# Rows that have a number of this desk: their kind, and which of them are its own.
Numbered = tuple[Table, ColumnElement[str], ColumnElement[bool]]
ORDERS: Numbered = (ORDER, literal("order"), ORDER.c.source == "desk")
POSTED: tuple[Numbered, ...] = (
    (DOCUMENT, DOCUMENT.c.kind, DOCUMENT.c.source == "desk"),
    (RECEIPT, literal("receipt"), RECEIPT.c.source == "desk"),
)
REQUESTS: Numbered = (REQUEST, literal("request"), true())


def _parts(number: ColumnElement[str]) -> tuple[ColumnElement[str], ColumnElement[str], ColumnElement[bool]]:
    """The series of a number, its digits (two of the year, at least six of the sequence), and whether it is one."""
    digits = func.ltrim(number, OWN)
    series = func.substr(number, 1, func.length(number) - func.length(digits))
    plain = and_(func.length(digits).between(8, 14), func.ltrim(digits, "0123456789") == "")
    return series, digits, plain


def _used(tx: Tx, *numbered: Numbered) -> Select[tuple[str, str, int, int, int]]:
    """Kind, series and year of the numbers there are, how many, and the last; beside the counter, None without one."""
    each = []
    for rows, kind, own in numbered:
        series, digits, plain = _parts(rows.c.number)
        each.append(
            select(kind.label("kind"), series.label("series"), func.substr(digits, 1, 2).label("yy"),
                   cast(func.substr(digits, 3), BigInteger).label("sequence"))
            .where(rows.c.company == tx.company, own, plain)
        )  # fmt: skip
    u = union_all(*each).subquery().c
    count, last = func.count(u.sequence.distinct()), func.max(u.sequence)
    return select(u.kind, u.series, u.yy, count.label("count"), last.label("last")).group_by(u.kind, u.series, u.yy)


def _counted(tx: Tx, kinds: Sequence[str]) -> dict[tuple[str, str, int], int]:
    s = SERIES.c
    rows = tx.rows(select(s.kind, s.series, s.year, s.last).where(s.company == tx.company, s.kind.in_(kinds)))
    return {(row.kind, row.series, row.year): row.last for row in rows}


def _gaps(tx: Tx, kinds: Sequence[str], numbered: Sequence[Numbered]) -> list[str]:
    """Every number up to the counter is there, once; where the count says otherwise, the numbers are looked through."""
    there = {(row.kind, row.series, row.yy): row for row in tx.rows(_used(tx, *numbered))}
    counters = _counted(tx, kinds)
    bare = there.keys() - {(kind, series, f"{year % 100:02d}") for kind, series, year in counters}
    found = [f"{kind} numbers {series}{yy}… go on, their counter is not there" for kind, series, yy in sorted(bare)]
    for (kind, series, year), counted in sorted(counters.items()):
        row = there.get((kind, series, f"{year % 100:02d}"))
        last, count = (row.last, row.count) if row is not None else (0, 0)
        if (count, last) == (counted, counted):
            continue
        what = f"{kind} numbers{f' {series}' if series else ''}"
        used = _sequences(tx, kind, series, year, numbered)
        missing = gaps([each for each in used if each <= counted], first=1, last=counted)
        found += [f"{what} {low} to {high} of {year} are missing" for low, high in missing[:NAMED]]
        if last > counted:
            found.append(f"{what} of {year} go on to {last}, the series ends at {counted}")
    return found[:NAMED]


def _sequences(tx: Tx, kind: str, series: str, year: int, numbered: Sequence[Numbered]) -> list[int]:
    used: list[int] = []
    for rows, kinds, own in numbered:
        of, digits, plain = _parts(rows.c.number)
        mine = (rows.c.company == tx.company, own, plain, kinds == kind, of == series)
        found = tx.rows(select(digits.label("digits")).where(*mine, func.substr(digits, 1, 2) == f"{year % 100:02d}"))
        used += [int(row.digits[2:]) for row in found]
    return used


@checks("order.numbers", "order numbers have no gap and end where the series says")
def _order_numbers(tx: Tx) -> Sequence[str]:
    return _gaps(tx, ["order"], [ORDERS])


@checks("document.numbers", "the numbers of what this desk posted have no gap and end where the series says")
def _document_numbers(tx: Tx) -> Sequence[str]:
    return _gaps(tx, [*DOCUMENTS, "receipt"], POSTED)


@checks("request.numbers", "the numbers of requests have no gap and end where the series says")
def _request_numbers(tx: Tx) -> Sequence[str]:
    return _gaps(tx, ["request"], [REQUESTS])
