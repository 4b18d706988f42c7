"""Document numbers without gaps: drawn inside the posting transaction from a row-locked counter.

A number that came in from elsewhere is never given again: where one lies in the way, the desk goes on in a series of
its own, whose numbers begin with D, and that has no gap either.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Table,
    Update,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.models import Document, NumberSeries, Receipt, SalesOrder, table
from csdesk.services.tx import Tx

N = table(NumberSeries)
OWN = "D"  # what a series of the desk's own begins with; another D is added should that lie in the way too
_KEY = (
    N.c.company == bindparam("c"),
    N.c.kind == bindparam("k"),
    N.c.series == bindparam("s"),
    N.c.year == bindparam("y"),
)
_DRAW = update(N).where(*_KEY).values(last=N.c.last + bindparam("n", type_=Integer)).returning(N.c.last)
_LAST = select(N.c.last).where(*_KEY)
_GIVE_BACK = update(N).where(*_KEY).values(last=N.c.last - 1)
_OTHER = N.alias()
_LATEST = (
    select(func.max(_OTHER.c.series))
    .where(_OTHER.c.company == bindparam("c"), _OTHER.c.kind == bindparam("k"), _OTHER.c.year == bindparam("y"))
    .scalar_subquery()
)


def _next(taken: ColumnElement[bool]) -> Update:
    """Draws from the latest series of a kind, and says whether the number is taken already."""
    mine = (N.c.company == bindparam("c"), N.c.kind == bindparam("k"), N.c.year == bindparam("y"))
    drawn = update(N).where(*mine, N.c.series == _LATEST).values(last=N.c.last + 1)
    return drawn.returning(N.c.last, N.c.series, taken.label("taken"))


_SEQUENCE = case(
    (N.c.last < 1_000_000, func.substr(cast(N.c.last + 1_000_000, String), 2)), else_=cast(N.c.last, String)
)
_NUMBER = N.c.series.op("||")(literal("", String) + bindparam("p", type_=String)).op("||")(_SEQUENCE)


def _given(rows: Table, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row has the number that is being drawn.

    SQLite names the counter's columns bare in RETURNING, so only those stand here that `rows` has not.
    """
    same = select(rows.c.id).where(rows.c.company == bindparam("c"), rows.c.number == _NUMBER, *more)
    return same.correlate(N).exists()


_FOREIGN = {"order": _given(table(SalesOrder)), "receipt": _given(table(Receipt))}
_DOCUMENTS = _given(table(Document), table(Document).c.kind == bindparam("k"))
_FOREIGN |= dict.fromkeys(("invoice", "credit_note", "debit_note", "write_off", "reversal"), _DOCUMENTS)
_NEXT = {kind: _next(taken) for kind, taken in _FOREIGN.items()}
_NEXT_OF_OURS = _next(false())  # kinds that never come in from elsewhere


def next_number(tx: Tx, kind: str) -> str:
    """The next number of a kind in the year of `tx.now`, as it is written; a rollback gives it back.

    Holds the counter's row until the commit, so call it as late as possible.
    """
    key: dict[str, Any] = {"c": tx.company, "k": kind, "y": tx.now.year}
    statement, prefix = _NEXT.get(kind, _NEXT_OF_OURS), f"{tx.now.year % 100:02d}"
    while True:
        row = tx.row(statement, key | {"p": prefix} if kind in _NEXT else key)
        if row is None:
            _begin(tx, kind, "")
        elif row.taken:
            tx.do(_GIVE_BACK, key | {"s": row.series})
            _begin(tx, kind, row.series + OWN)
        else:
            return f"{row.series}{order_number(tx.now.year, row.last)}"


def draw(tx: Tx, kind: str, series: str = "", count: int = 1) -> int:
    """The next number of one series in the year of `tx.now` (the first of `count`); a rollback gives it back.

    For a desk that has no numbers from elsewhere; what the desk posts has its number from `next_number`.
    """
    key = {"c": tx.company, "k": kind, "s": series, "y": tx.now.year}
    last = tx.value(_DRAW, {**key, "n": count})
    if last is None:
        _begin(tx, kind, series)
        last = tx.value(_DRAW, {**key, "n": count})
    return int(last) - count + 1


def _begin(tx: Tx, kind: str, series: str) -> None:
    row = {"company": tx.company, "kind": kind, "series": series, "year": tx.now.year, "last": 0}
    tx.do((postgresql.insert(N) if tx.postgres else sqlite.insert(N)).on_conflict_do_nothing(), row)


def peek(tx: Tx, kind: str, series: str = "", year: int | None = None) -> int:
    """The last number drawn, 0 before the first."""
    key = {"c": tx.company, "k": kind, "s": series, "y": year or tx.now.year}
    return int(tx.value(_LAST, key) or 0)


def order_number(year: int, sequence: int) -> str:
    """An order number as it is spoken and typed: two digits of the year, six of the sequence, e.g. 26000140."""
    return f"{year % 100:02d}{sequence:06d}"
