"""The course of one file: ids, foreign keys, accounts of rows, quarantine. Every loader works through it. Internal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, bindparam, func, select, update

from csdesk.ids import new_id
from csdesk.models import (
    Customer,
    Delivery,
    Document,
    ImportKey,
    ImportNote,
    ImportRun,
    Product,
    SalesOrder,
    table,
)
from csdesk.services import loading_quarantine as quarantine
from csdesk.services.loading_put import batches, put, put_new
from csdesk.services.loading_types import FileJob, Source, Unit
from csdesk.services.tx import Tx

KEY, NOTE, RUN = table(ImportKey), table(ImportNote), table(ImportRun)
# Below every id the desk makes itself (a clock in the high bits) and above any counted by hand.
FIRST_ID = 1_000_000_000_000
LAST_ID = 1_000_000_000_000_000

_C: Any = bindparam("c")
_S: Any = bindparam("s")
_IDS: Any = bindparam("ids", expanding=True)
_KNOWN = select(KEY.c.key, KEY.c.subject_id, KEY.c.line, KEY.c.row_hash).where(
    KEY.c.company == _C, KEY.c.source == _S, KEY.c.entity == bindparam("e"), KEY.c.key.in_(_IDS)
)
_OURS = select(KEY.c.subject_id).where(
    KEY.c.company == _C, KEY.c.source == _S, KEY.c.entity == bindparam("e"), KEY.c.subject_id.in_(_IDS)
)
_REHASH = (
    update(KEY)
    .where(KEY.c.company == _C, KEY.c.source == _S, KEY.c.entity == bindparam("e"), KEY.c.key == bindparam("k"))
    .values(row_hash=bindparam("h"))
)
_LAST = select(func.coalesce(func.max(RUN.c.last_id), FIRST_ID)).where(RUN.c.company == _C)
_CODES: dict[str, tuple[Table, str]] = {
    "customer": (table(Customer), "code"),
    "product": (table(Product), "code_key"),
    "order": (table(SalesOrder), "number"),
    "document": (table(Document), "number"),
    "delivery": (table(Delivery), "number"),
}
_BY_CODE = {
    entity: select(each.c[column].label("code"), each.c.id).where(each.c.company == _C, each.c[column].in_(_IDS))
    for entity, (each, column) in _CODES.items()
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a foreign key became: record, line of it, hash of the row it came from."""

    subject_id: int
    line: int
    row_hash: str


@dataclass
class Load:
    """The state of one file's transaction."""

    tx: Tx
    job: FileJob
    last_id: int
    run_id: int
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    example: str = ""
    sums: dict[str, Any] = field(default_factory=dict)
    touched: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    cache: dict[Any, Any] = field(default_factory=dict)
    waiting: bool = False
    deferred: dict[int, str] = field(default_factory=dict)  # first rows of units put off to a further pass, and why
    _refused: list[tuple[Unit, str, str]] = field(default_factory=list)
    _taken: list[Unit] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """The source of the file."""
        return self.job.source

    def option(self, name: str) -> str:
        """An option of the mapping's part; "" when it says nothing."""
        return self.job.options.get(name, "")

    def new_id(self) -> int:
        """The next id of a record, in the order of the files: an import that was broken off gives the same ids in the
        end. Drawn only for what comes in; runs and quarantined rows have ids of their own."""
        self.last_id += 1
        return self.last_id

    def done(self, unit: Unit, how: str) -> None:
        """Accounts a unit as "imported", "updated" (imported too) or "merged"."""
        self.counts["merged"] += unit.dropped
        self.counts["imported" if how == "updated" else how] += len(unit.rows) - unit.dropped
        self.counts["updated"] += len(unit.rows) - unit.dropped if how == "updated" else 0
        for column, value in unit.sums.items():
            self.sums[column] = self.sums.get(column, 0) + value
        if self.waiting:
            self._taken.append(unit)

    def put_off(self, unit: Unit, reason: str) -> None:
        """Leaves a unit to a further pass over the file; refused with the reason when none gets further."""
        self.deferred[unit.rows[0]] = reason

    def refuse(self, unit: Unit, code: str, reason: str) -> None:
        """Puts all rows of a unit into the quarantine."""
        self.counts["quarantined"] += len(unit.rows)
        self.reasons[code] += len(unit.rows)
        self.example = self.example or f"row {unit.rows[0]}: {reason}"
        self._refused.append((unit, code, reason))

    def flush(self) -> None:
        """Writes the quarantine of a chunk and resolves what waited for the rows now taken."""
        if self._taken:
            quarantine.resolve(self.tx, self.job, self.run_id, self._taken)
        if self._refused:
            quarantine.keep(self.tx, self.job, self.run_id, self._refused)
        self._taken, self._refused = [], []


def begin(tx: Tx, job: FileJob) -> Load:
    """The state at the start of a file."""
    load = Load(tx, job, int(tx.value(_LAST, {"c": tx.company})), new_id())
    load.waiting = quarantine.any_waits(tx, job.source.name)
    return load


def known(load: Load, entity: str, keys: Iterable[str]) -> dict[str, Known]:
    """What the keys of this source became already."""
    found: dict[str, Known] = {}
    about = {"c": load.tx.company, "s": load.source.name, "e": entity}
    for some in batches(sorted(set(keys))):
        for row in load.tx.rows(_KNOWN, {**about, "ids": some}):
            found[row.key] = Known(row.subject_id, row.line, row.row_hash)
    return found


def remember(load: Load, entity: str, rows: Sequence[tuple[str, int, int, str]]) -> None:
    """Stores (key, record, line, hash) of rows that came in."""
    names = ("key", "subject_id", "line", "row_hash")
    about = {"source": load.source.name, "entity": entity}
    put(load.tx, KEY, [{**about, **dict(zip(names, row, strict=True))} for row in rows])


def rehash(load: Load, entity: str, rows: Sequence[tuple[str, str]]) -> None:
    """Stores the new hash of changed rows: (key, hash)."""
    about = {"c": load.tx.company, "s": load.source.name, "e": entity}
    if rows:
        load.tx.do(_REHASH, [{**about, "k": key, "h": row_hash} for key, row_hash in rows])


def resolve(load: Load, entity: str, keys: Iterable[str]) -> dict[str, int]:
    """The records references mean: first what this source brought in, then the desk's own codes and numbers.

    A number that two documents carry means neither.
    """
    wanted = {key for key in keys if key}
    found = {key: each.subject_id for key, each in known(load, entity, wanted).items()}
    missing = sorted(wanted - found.keys())
    if missing and entity in _BY_CODE:
        seen: Counter[str] = Counter()
        for some in batches(missing):
            for row in load.tx.rows(_BY_CODE[entity], {"c": load.tx.company, "ids": some}):
                seen[row.code] += 1
                found[row.code] = row.id
        for code, times in seen.items():
            if times > 1:
                del found[code]
    return found


def sorted_out(
    load: Load, entity: str, new: Sequence[Unit], code_of: Callable[[Unit], str]
) -> tuple[list[Unit], list[tuple[Unit, int]]]:
    """New units, and those whose code the desk has already (with the record); a code of another row is refused."""
    codes = [code_of(unit) for unit in new]
    there: dict[str, int] = {}
    for some in batches(sorted(set(codes))):
        there |= {row.code: row.id for row in load.tx.rows(_BY_CODE[entity], {"c": load.tx.company, "ids": some})}
    ours: set[int] = set()
    if there:
        about = {"c": load.tx.company, "s": load.source.name, "e": entity, "ids": sorted(there.values())}
        ours = {row.subject_id for row in load.tx.rows(_OURS, about)}
    fresh, adopted, seen = [], [], set()
    for unit, code in zip(new, codes, strict=True):
        if code in seen or there.get(code) in ours:
            load.refuse(unit, "twin", f"{entity.replace('_', ' ')} {code} came in under another key already")
        elif code in there:
            adopted.append((unit, there[code]))
        else:
            fresh.append(unit)
        seen.add(code)
    return fresh, adopted


def notes(load: Load, rows: Iterable[tuple[str, int, str, str]]) -> None:
    """Stores (subject, record, kind, text); the same note again changes nothing."""
    names = ("subject", "subject_id", "kind", "text")
    made = {row: {**dict(zip(names, row, strict=True)), "source": load.source.name} for row in rows}
    put_new(load.tx, NOTE, list(made.values()))
