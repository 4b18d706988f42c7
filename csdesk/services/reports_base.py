"""What a report is: a name, one sentence that defines it, and a function of (tx, as_of). Internal to the reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from csdesk.models import Company, table
from csdesk.money import show_quantity, to_major
from csdesk.services.tx import Tx

Cell = str | int | Decimal | date | None


@dataclass(frozen=True)
class Table:
    """Columns, rows, and the sums of the last line where there are any."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()


Make = Callable[[Tx, date], Table]


@dataclass(frozen=True)
class Report:
    """An entry of the registry."""

    name: str
    definition: str
    make: Make


REPORTS: dict[str, Report] = {}


def report(name: str, definition: str) -> Callable[[Make], Make]:
    """Adds a function to the registry under a name, with the one sentence that defines its figures."""

    def add(make: Make) -> Make:
        REPORTS[name] = Report(name, definition, make)
        return make

    return add


def rows_table(columns: str, rows: Sequence[Sequence[Cell]], total: Sequence[Cell] = ()) -> Table:
    """A table; column names stand in one text, parted by commas."""
    names = tuple(each.strip() for each in columns.split(","))
    return Table(names, tuple(tuple(row) for row in rows), tuple(total))


def summed(
    columns: str, rows: Sequence[Sequence[Cell]], currency: int, amounts: Sequence[int], label: str = "all"
) -> Table:
    """A table with the sums of some columns: as its total, or a line a currency where the rows are of several, for
    amounts of two currencies never add. `currency` and `amounts` are places of columns; `label` stands in the first."""
    sums: dict[str, dict[int, Decimal]] = {}
    for row in rows:
        mine = sums.setdefault(str(row[currency]), dict.fromkeys(amounts, Decimal(0)))
        for place in amounts:
            value = row[place]
            mine[place] += value if isinstance(value, Decimal) else 0
    blank: list[Cell] = [None] * len(columns.split(","))
    totals = []
    for code, mine in sorted(sums.items()):
        line = [label, *blank[1:]]
        line[currency] = code
        for place, value in mine.items():
            line[place] = value
        totals.append(line)
    if len(totals) == 1:
        return rows_table(columns, rows, totals[0])
    return rows_table(columns, [*rows, *totals])


def in_major(minor: Any, currency: str) -> Decimal:
    """Minor units of a currency (None = nothing) in its major units."""
    return to_major(int(minor or 0), currency)


@dataclass(frozen=True)
class Books:
    """The company's currency and zone."""

    currency: str
    zone: ZoneInfo
    rounding: str
    deal_mode: str

    def major(self, minor: Any) -> Decimal:
        """Minor units (None = nothing) in major units."""
        return to_major(int(minor or 0), self.currency)

    def midnight(self, day: date) -> datetime:
        """The instant a local day begins."""
        return datetime.combine(day, time(0), self.zone)


def books(tx: Tx) -> Books:
    """The company's books; euros and UTC while there is no company yet."""
    row = tx.row(select(table(Company)).where(table(Company).c.id == tx.company))
    if row is None:
        return Books("EUR", ZoneInfo("UTC"), "half_up", "best")
    return Books(row.currency, ZoneInfo(row.timezone), row.rounding, row.deal_mode)


def stands(tx: Tx, own: Books) -> str:
    """How old what this transaction reads is, in the company's zone: "as of 14:02:07, 3 s behind"; "" when it reads the
    primary because there is no replica."""
    if tx.stand is None:
        return ""
    here, behind = tx.stand.at.astimezone(own.zone), tx.stand.behind
    day = "" if here.date() == tx.now.astimezone(own.zone).date() else f"{here:%Y-%m-%d} "
    if tx.stand.instead:
        words = f"from the primary: {tx.stand.instead}"
    elif behind < 120:
        words = f"{behind} s behind" if behind else "up to date"
    else:
        words = f"{behind // 3600} h {behind // 60 % 60} min behind" if behind >= 7200 else f"{behind // 60} min behind"
    return f"as of {day}{here:%H:%M:%S}, {words}"


def counted(tx: Tx, statement: Any, params: Mapping[str, Any] | None = None) -> int:
    """A count or sum as an int; nothing = 0."""
    return int(tx.value(statement, params) or 0)


def bare(value: Decimal | None) -> Decimal:
    """A quantity or price without needless zeros: 12, 1.5 (None = 0)."""
    return Decimal(show_quantity(value or Decimal(0)))


def fetched(tx: Tx, statement: Any) -> Sequence[Any]:
    """All rows of a statement; columns by name or place."""
    return tx.rows(statement)


def fetched_one(tx: Tx, statement: Any) -> Any:
    """The only row of a statement that always has one."""
    return tx.rows(statement)[0]
