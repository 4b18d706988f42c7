"""Comparing stored running figures with what the rows behind them make. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from csdesk.money import show_quantity
from csdesk.services.tx import Tx

NAMED = 5  # so many offenders are named

Amounts = Select[Any]  # rows of (id, place, amount)


def raw(column: ColumnElement[Any]) -> ColumnElement[int]:
    """An exact column as the integer it is stored as."""
    return type_coerce(column, BigInteger)


def unsettled(left: ColumnElement[Any]) -> ColumnElement[bool]:
    """That something is open of an item, the nought written out as the index of open items has it.

    A parameter in its place, or `open > 0` alone, may keep the database from using that index.
    """
    return raw(left) != literal_column("0", BigInteger)


def quantity(stored: int) -> str:
    """A stored quantity (three decimals) in words."""
    return show_quantity(Decimal(stored).scaleb(-3))


def part(
    tx: Tx, rows: Table, key: ColumnElement[Any], amount: ColumnElement[Any], place: ColumnElement[str] | None = None
) -> Amounts:
    """The amounts of a table, keyed by record and, where it has one, place."""
    where = literal("") if place is None else place
    statement = select(key.label("id"), where.label("place"), raw(amount).label("amount"))
    return statement.where(rows.c.company == tx.company)


def unequal(
    tx: Tx, stored: Amounts, derived: Sequence[Amounts], names: Table, name: ColumnElement[Any]
) -> list[tuple[Any, str, int, int]]:
    """(name, place, stored, derived) of the first records whose sums differ; a record may be on one side only."""
    left, right = stored.subquery(), union_all(*derived).subquery()
    none = literal(0, BigInteger)
    both = union_all(
        select(left.c.id, left.c.place, left.c.amount.label("a"), none.label("b")),
        select(right.c.id, right.c.place, none.label("a"), right.c.amount.label("b")),
    ).subquery()
    a, b = func.sum(both.c.a), func.sum(both.c.b)
    wrong = select(both.c.id, both.c.place, a.label("a"), b.label("b")).group_by(both.c.id, both.c.place).having(a != b)
    bad = wrong.limit(NAMED).subquery()
    statement: Amounts = select(name, bad.c.place, bad.c.a, bad.c.b).join_from(names, bad, names.c.id == bad.c.id)
    found: Sequence[Any] = tx.rows(statement.where(names.c.company == tx.company))
    return [(row[0], row[1], int(row.a), int(row.b)) for row in found]


def unequal_totals(tx: Tx, what: str, heads: Table, lines: Table, key: ColumnElement[Any]) -> list[str]:
    """Documents whose head is not the sum of its lines, in words.

    Net always; tax where it is reckoned per line (per document it is rounded once a rate); gross = net + tax.
    """
    net = _column(tx, what, heads, lines, key, "net")
    by_line = select(heads.c.id).where(heads.c.company == tx.company, heads.c.tax_method == "line")
    tax = _column(tx, what, heads, lines, key, "tax", by_line)
    gross = select(heads.c.number).where(
        heads.c.company == tx.company, raw(heads.c.gross) != raw(heads.c.net) + raw(heads.c.tax)
    )
    crooked = [f"{what} {row.number}: gross is not net plus tax" for row in tx.rows(gross.limit(NAMED))]
    return (net + tax + crooked)[:NAMED]


def _column(
    tx: Tx, what: str, heads: Table, lines: Table, key: ColumnElement[Any], name: str, only: Amounts | None = None
) -> list[str]:
    stored, derived = part(tx, heads, heads.c.id, heads.c[name]), part(tx, lines, key, lines.c[name])
    if only is not None:
        stored, derived = stored.where(heads.c.id.in_(only)), derived.where(key.in_(only))
    return [
        f"{what} {number}: {name} {a}, its lines make {b} (minor units)"
        for number, _, a, b in unequal(tx, stored, [derived], heads, heads.c.number)
    ]
