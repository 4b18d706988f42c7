"""Document numbers without gaps: drawn inside the posting transaction from a row-locked counter."""

from __future__ import annotations

from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.models import NumberSeries, table
from csdesk.services.tx import Tx

N = table(NumberSeries)
_KEY = (
    N.c.company == bindparam("c"),
    N.c.kind == bindparam("k"),
    N.c.series == bindparam("s"),
    N.c.year == bindparam("y"),
)
_DRAW = update(N).where(*_KEY).values(last=N.c.last + bindparam("n", type_=Integer)).returning(N.c.last)
_LAST = select(N.c.last).where(*_KEY)


def draw(tx: Tx, kind: str, series: str = "", count: int = 1) -> int:
    """The next number of a series in the year of `tx.now` (the first of `count`); a rollback gives it back.

    Holds the counter's row until the commit, so call it as late as possible.
    """
    key = {"c": tx.company, "k": kind, "s": series, "y": tx.now.year}
    last = tx.value(_DRAW, {**key, "n": count})
    if last is None:
        row = {"company": tx.company, "kind": kind, "series": series, "year": tx.now.year, "last": 0}
        start = (postgresql.insert(N) if tx.postgres else sqlite.insert(N)).on_conflict_do_nothing()
        tx.do(start, row)
        last = tx.value(_DRAW, {**key, "n": count})
    return int(last) - count + 1


def peek(tx: Tx, kind: str, series: str = "", year: int | None = None) -> int:
    """The last number drawn, 0 before the first."""
    key = {"c": tx.company, "k": kind, "s": series, "y": year or tx.now.year}
    return int(tx.value(_LAST, key) or 0)


def order_number(year: int, sequence: int) -> str:
    """An order number as it is spoken and typed: two digits of the year, six of the sequence, e.g. 26000140."""
    return f"{year % 100:02d}{sequence:06d}"
