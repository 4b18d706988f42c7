"""What the importer hands to the loaders and what they give back. Plain frozen data, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

ANONYMOUS: Final = "\x00anonymous"  # the reference of a row that names no customer; no cell can hold it


@dataclass(frozen=True)
class Source:
    """A source as its mapping describes it: who keeps the books, in what currency, up to which day.

    `opening_receivables` (minor units) is what the publisher states; it is kept beside the derived figure, never used
    in it. `fold` names the entities whose keys compare without case.
    """

    name: str
    title: str = ""
    today: date | None = None
    company_code: str = ""
    company_name: str = ""
    country: str = ""
    currency: str = "EUR"
    timezone: str = "UTC"
    tax_method: str = "line"
    rounding: str = "half_up"
    warehouse: str = ""  # empty = the company's usual one
    terms_days: int = 30
    base_unit: str = "EA"
    opening_receivables: int | None = None
    anonymous_code: str = ""
    anonymous_name: str = ""
    fold: frozenset[str] = frozenset({"product"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a unit: the row it stands in, its values, and a flag ("repeat")."""

    row: int
    values: Mapping[str, Any]
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Make:
    """A record a row mentions by the way: made when it is not known, its differing values noted, never changed."""

    entity: str
    key: str
    values: Mapping[str, Any]
    note: tuple[tuple[str, str], ...] = ()  # (kind of note, text)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is taken or refused as a whole: one row, or all rows of one document.

    `fault` says why it cannot be read ("" = it can), with a short `code`. `twin` is the first row of the same file
    with the same key, `same` whether it says the same. `sums` are the cells of the demanded control totals.
    """

    entity: str
    key: str
    hash: str
    rows: tuple[int, ...]
    cells: tuple[Sequence[str], ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    sub: tuple[Mapping[str, Any], ...] = ()
    makes: tuple[Make, ...] = ()
    flags: str = ""
    dropped: int = 0  # repeated rows inside the unit that the mapping merges
    fault: str = ""
    code: str = ""
    twin: int = 0
    same: bool = False
    sums: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Some units, the rows they came from, and how many rows the mapping left out meanwhile."""

    units: Sequence[Unit]
    rows: int
    left_out: int = 0


@dataclass(frozen=True)
class FileJob:
    """One file under one part of a mapping. `chunks` can be started anew: a transaction may be tried again."""

    source: Source
    part: str
    file: str
    sha256: str
    chunks: Callable[[], Iterator[Chunk]]
    raw: Callable[[Sequence[str]], str]  # the cells of a row as JSON text, for the quarantine
    options: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, Decimal] = field(default_factory=dict)
    progress: Callable[[int], None] = lambda rows: None


@dataclass(frozen=True)
class FileResult:
    """What became of a file's rows: rows = imported + merged + quarantined. `reasons` are (code, rows)."""

    part: str
    file: str
    rows: int
    imported: int
    merged: int
    quarantined: int
    updated: int = 0
    left_out: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    example: str = ""  # the first quarantined row with its reason


@dataclass(frozen=True)
class Quarantined:
    """A row that waits in the quarantine."""

    id: int
    source: str
    part: str
    entity: str
    file: str
    row: int
    code: str
    reason: str
    data: str
