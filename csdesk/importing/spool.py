"""Rows put aside on disk, so that memory stays flat: rows of one record gathered, keys of a file remembered."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence

from csdesk.importing.values import Typed


def packed(cells: Sequence[str]) -> str:
    """Cells as JSON text; a typed cell is a list of one."""
    return json.dumps([[cell] if type(cell) is Typed else cell for cell in cells])


def unpacked(text: str) -> list[str]:
    """Cells from `packed` text."""
    return [Typed(cell[0]) if isinstance(cell, list) else cell for cell in json.loads(text)]


class _Scratch:
    """A temporary SQLite file that is gone when it is closed."""

    def __init__(self, schema: str) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="csdesk-", suffix=".spool")  # noqa: SIM115
        self._base = sqlite3.connect(self._file.name, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.execute(schema)

    def close(self) -> None:
        """Drops it."""
        self._base.close()
        self._file.close()


class Gathered(_Scratch):
    """Rows by the record they belong to, wherever in the file they stand."""

    def __init__(self) -> None:
        super().__init__("CREATE TABLE row (seq INTEGER PRIMARY KEY, number INTEGER, owner TEXT, cells TEXT)")

    def add(self, rows: Iterable[tuple[int, str, Sequence[str]]]) -> None:
        """Puts rows aside: (number, record, cells)."""
        self._base.execute("BEGIN")
        made = ((number, owner, packed(cells)) for number, owner, cells in rows)
        self._base.executemany("INSERT INTO row (number, owner, cells) VALUES (?, ?, ?)", made)
        self._base.execute("COMMIT")

    def records(self) -> Iterator[list[tuple[int, list[str]]]]:
        """The rows of one record after the other, in the order of each one's first row."""
        self._base.execute("CREATE INDEX IF NOT EXISTS owned ON row (owner, seq)")
        found = self._base.execute(
            "SELECT r.number, r.owner, r.cells FROM (SELECT owner, MIN(seq) AS first FROM row GROUP BY owner) AS o"
            " JOIN row AS r ON r.owner = o.owner ORDER BY o.first, r.seq"
        )
        owner, rows = None, []
        for number, belongs, cells in found:
            if rows and belongs != owner:
                yield rows
                rows = []
            owner = belongs
            rows.append((number, unpacked(cells)))
        if rows:
            yield rows


class Seen(_Scratch):
    """The keys of a file with the first row of each, and how often a content came."""

    def __init__(self) -> None:
        super().__init__("CREATE TABLE seen (key TEXT PRIMARY KEY, row INTEGER, hash TEXT) WITHOUT ROWID")
        self._base.execute("BEGIN")

    def first(self, key: str, row: int, content: str) -> tuple[int, bool]:
        """(0, False) for a new key; else its first row, and whether that one said the same."""
        made = self._base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (key, row, content))
        if made.rowcount:
            return 0, False
        found = self._base.execute("SELECT row, hash FROM seen WHERE key = ?", (key,)).fetchone()
        return int(found[0]), found[1] == content

    def times(self, content: str) -> int:
        """How often this content came so far, this time included."""
        self._base.execute(
            "INSERT INTO seen VALUES (?, 1, '') ON CONFLICT (key) DO UPDATE SET row = row + 1", (content,)
        )
        return int(self._base.execute("SELECT row FROM seen WHERE key = ?", (content,)).fetchone()[0])
