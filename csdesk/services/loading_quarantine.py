"""The quarantine: rows kept as they stood with the reason, each once, and resolved when they come in after all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update

from csdesk.ids import new_id
from csdesk.models import ImportQuarantine, table
from csdesk.services.loading_put import batches, put
from csdesk.services.loading_types import FileJob, Quarantined, Unit
from csdesk.services.tx import Tx, reads

WAITING = table(ImportQuarantine)
_C: Any = bindparam("c")
_S: Any = bindparam("s")
_IDS: Any = bindparam("ids", expanding=True)
# Refused beside a row of the same key that is in: the key coming in again mends nothing.
_SAME_KEY = {"twin", "posted"}
_OPEN = WAITING.c.resolved_at.is_(None)
_ANY_OPEN = select(WAITING.c.id).where(WAITING.c.company == _C, WAITING.c.source == _S, _OPEN).limit(1)
_BY_DIGEST = select(WAITING.c.id, WAITING.c.digest).where(
    WAITING.c.company == _C, WAITING.c.source == _S, _OPEN, WAITING.c.digest.in_(_IDS)
)
_RESOLVE_DIGEST = (
    update(WAITING)
    .where(WAITING.c.company == _C, WAITING.c.source == _S, _OPEN, WAITING.c.digest.in_(_IDS))
    .values(resolved_at=bindparam("n"))
)
_RESOLVE_KEY = (
    update(WAITING)
    .where(
        WAITING.c.company == _C,
        WAITING.c.source == _S,
        WAITING.c.part == bindparam("p"),
        _OPEN,
        WAITING.c.run_id < bindparam("r"),
        WAITING.c.key.in_(_IDS),
    )
    .values(resolved_at=bindparam("n"))
)


def any_waits(tx: Tx, source: str) -> bool:
    """Whether anything of a source waits."""
    return tx.value(_ANY_OPEN, {"c": tx.company, "s": source}) is not None


def _digests(job: FileJob, unit: Unit) -> list[tuple[int, str, str]]:
    """(row number, row as JSON text, digest of file, place and row)."""
    found = []
    for row, cells in zip(unit.rows, unit.cells, strict=True):
        data = job.raw(cells)
        text = f"{job.part}\0{job.file}\0{row}\0{data}"
        found.append((row, data, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()))
    return found


def resolve(tx: Tx, job: FileJob, run_id: int, units: Sequence[Unit]) -> None:
    """Ends the waiting of rows that were taken now, and of earlier rows whose key came in."""
    key = {"c": tx.company, "s": job.source.name, "n": tx.now}
    digests = [digest for unit in units for _, _, digest in _digests(job, unit)]
    for some in batches(digests):
        tx.do(_RESOLVE_DIGEST, {**key, "ids": some})
    for some in batches([unit.key for unit in units if unit.key]):
        tx.do(_RESOLVE_KEY, {**key, "p": job.part, "r": run_id, "ids": some})


def keep(tx: Tx, job: FileJob, run_id: int, refused: Sequence[tuple[Unit, str, str]]) -> None:
    """Puts the rows of refused units, with code and reason, where they wait; one that waits already keeps its place."""
    rows: dict[str, dict[str, Any]] = {}
    for unit, code, reason in refused:
        for row, data, digest in _digests(job, unit):
            rows[digest] = {
                "run_id": run_id,
                "source": job.source.name,
                "part": job.part,
                "entity": unit.entity,
                "file": job.file,
                "row": row,
                "key": "" if code in _SAME_KEY else unit.key,
                "code": code,
                "reason": reason[:500],
                "data": data,
                "digest": digest,
            }
    key = {"c": tx.company, "s": job.source.name}
    for some in batches(list(rows)):
        for there in tx.rows(_BY_DIGEST, {**key, "ids": some}):
            kept = rows.pop(there.digest)
            change = {"code": kept["code"], "reason": kept["reason"]}
            tx.do(update(WAITING).where(WAITING.c.company == tx.company, WAITING.c.id == there.id), change)
    put(tx, WAITING, [{**row, "id": new_id()} for row in rows.values()])


@reads("import.run")
def listed(tx: Tx, source: str = "", after: int = 0, limit: int = 500) -> tuple[Quarantined, ...]:
    """Rows that wait, oldest first, in pages: `after` is the last id of the page before."""
    own = [WAITING.c.company == tx.company, WAITING.c.resolved_at.is_(None), WAITING.c.id > after]
    if source:
        own.append(WAITING.c.source == source)
    names = Quarantined.__dataclass_fields__
    rows = tx.rows(select(*(WAITING.c[name] for name in names)).where(*own).order_by(WAITING.c.id).limit(limit))
    return tuple(Quarantined(**row._mapping) for row in rows)


@reads("import.run")
def waiting(tx: Tx, source: str = "") -> tuple[tuple[str, str, str, int], ...]:
    """(source, part, file, rows) of what waits in the quarantine."""
    own = [WAITING.c.company == tx.company, WAITING.c.resolved_at.is_(None)]
    if source:
        own.append(WAITING.c.source == source)
    names = (WAITING.c.source, WAITING.c.part, WAITING.c.file)
    rows = tx.rows(select(*names, func.count().label("waiting")).where(*own).group_by(*names).order_by(*names))
    return tuple((row.source, row.part, row.file, row.waiting) for row in rows)


@reads("import.run")
def of_file(
    tx: Tx, source: str, part: str, file: str, after: tuple[int, int] = (0, 0), limit: int = 1000
) -> tuple[tuple[int, int, str], ...]:
    """(row number, id, row as it stood) of what waits of one file, in its order; `after` ends the page before."""
    same = (WAITING.c.source == source, WAITING.c.part == part, WAITING.c.file == file)
    later = tuple_(WAITING.c.row, WAITING.c.id) > tuple_(*after)
    own = select(WAITING.c.row, WAITING.c.id, WAITING.c.data).where(
        WAITING.c.company == tx.company, WAITING.c.resolved_at.is_(None), later, *same
    )
    return tuple((row.row, row.id, row.data) for row in tx.rows(own.order_by(WAITING.c.row, WAITING.c.id).limit(limit)))
