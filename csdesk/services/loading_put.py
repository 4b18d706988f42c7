"""Bulk statements of the import. Internal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.services.tx import Tx

_FIRST = 300  # rows of a table after which its statistics are first made anew


def batches(items: Sequence[Any], size: int = 1000) -> Iterable[Sequence[Any]]:
    """The items in runs of at most `size`: databases limit the parameters of a statement."""
    return (items[at : at + size] for at in range(0, len(items), size))


def put(tx: Tx, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bulk insert. The rows carry the same columns; the company is added."""
    if rows:
        tx.cache.setdefault("grown", Counter())[into.name] += len(rows)
        tx.do(insert(into), [{"company": tx.company, **row} for row in rows])


def put_new(tx: Tx, into: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bulk insert that leaves alone what is there (by the primary key)."""
    if rows:
        new = (postgresql.insert(into) if tx.postgres else sqlite.insert(into)).on_conflict_do_nothing()
        tx.do(new, [{"company": tx.company, **row} for row in rows])


def analyze(tx: Tx) -> None:
    """Tells Postgres of tables that grew in this transaction, each time one has trebled.

    Without it the check of a foreign key is planned once, for an empty table, and may read the whole company for every
    row that refers to it.
    """
    if not tx.postgres:
        return
    due: dict[str, int] = tx.cache.setdefault("due", {})
    for name, rows in sorted(tx.cache.get("grown", {}).items()):
        if rows >= due.get(name, _FIRST):
            tx.do(text(f"ANALYZE {name}"))
            due[name] = 3 * rows
