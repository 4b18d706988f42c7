"""Which schema a database has, and bringing it up to date: beside the services, called by commands and tests.

Revisions are numbered 0001, 0002 … in one line, so a program can tell an older schema from a newer one without
loading Alembic.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text

from csdesk.errors import Refused, Unavailable
from csdesk.migrations.sql import VERSIONS
from csdesk.services import audit
from csdesk.services.tx import Tx, reads, writes
from csdesk.store import Store

MARK = "alembic_version"


@cache
def revisions() -> tuple[str, ...]:
    """The revisions this program knows, oldest first."""
    return tuple(sorted(file.name[:4] for file in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py")))


def current(store: Store) -> str | None:
    """The revision of the store's database; None = no desk in it (a file that does not exist is not made)."""
    if not _exists(store):
        return None
    return store.read_now(revision)


def upgrade(store: Store) -> tuple[str | None, str]:
    """Brings the database to the newest revision: (before, after). Does nothing when it is there already.

    One transaction; of two processes at once the second waits and finds it done. Refuses a newer schema and a
    database that holds tables of another program.
    """
    if not store.postgres and store.engine.url.database:
        Path(store.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    before = current(store)
    if before != revisions()[-1]:
        before = store.write_now(advance)
    return before, revisions()[-1]


def require_current(store: Store) -> None:
    """Raises Unavailable unless the database has exactly this program's schema; the sentence says what to do."""
    _judge(current(store))


def require_a_desk(store: Store) -> None:
    """Raises Unavailable unless the database holds a desk, of whichever schema."""
    found = current(store)
    if not _ours(found):
        _judge(found)


@reads()
def revision(tx: Tx) -> str | None:
    """The revision the database is marked with, None when there is none."""
    if not inspect(tx.connection).has_table(MARK):
        return None
    found = tx.value(text(f"SELECT version_num FROM {MARK}"))
    return None if found is None else str(found)


@reads("db.care")
def integrity(tx: Tx) -> list[str]:
    """What the database engine finds wrong with its own storage (SQLite only; a Postgres server sees to its own)."""
    if tx.postgres:
        return []
    found = [str(row[0]) for row in tx.rows(text("PRAGMA integrity_check(10)"))]
    strays = [f"a row of {row[0]} points to a missing {row[2]}" for row in tx.rows(text("PRAGMA foreign_key_check"))]
    return [words for words in found if words != "ok"] + strays[:10]


@writes("db.care")
def advance(tx: Tx) -> str | None:
    """Runs the missing revisions and gives the revision before; audited when there was a desk before."""
    _lock(tx)
    before = revision(tx)
    if before is None:
        _refuse_strangers(tx)
    elif before not in revisions():
        _judge(before)
    _run_alembic(tx)
    if before not in (None, revisions()[-1]):
        audit.record(tx, "db.upgrade", "schema", 0, {"revision": before}, {"revision": revisions()[-1]})
    return before


def _exists(store: Store) -> bool:
    return store.postgres or (store.engine.url.database is not None and Path(store.engine.url.database).exists())


def _judge(found: str | None) -> None:
    newest = revisions()[-1]
    if found is None:
        raise Unavailable("This database holds no desk yet; run 'csdesk db upgrade'.")
    if not _ours(found):
        raise Unavailable("This database belongs to another program; check the name given with --db.")
    if found < newest:
        raise Unavailable(f"This desk has the older schema {found}, needed is {newest}; run 'csdesk db upgrade'.")
    if found > newest:
        raise Unavailable(f"This desk has the newer schema {found}, this program knows {newest}; update csdesk.")


def _ours(found: str | None) -> bool:
    return found is not None and len(found) == len(revisions()[-1]) and found.isdecimal()


def _lock(tx: Tx) -> None:
    if not tx.postgres:
        return  # BEGIN IMMEDIATE has locked the file
    tx.do(text("SET LOCAL statement_timeout = 0"))
    tx.do(text("SET LOCAL lock_timeout = 0"))
    # Before the first revision no table of ours is there to lock; desk work itself never takes an advisory lock.
    tx.do(text("SELECT pg_advisory_xact_lock(hashtext('csdesk schema'))"))


def _refuse_strangers(tx: Tx) -> None:
    strangers = [name for name in inspect(tx.connection).get_table_names() if name != MARK]
    if strangers:
        raise Refused(f"This database holds tables of another program ({strangers[0]} …); name an empty one with --db.")


def _run_alembic(tx: Tx) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    config.attributes["connection"] = tx.connection
    command.upgrade(config, "head")
