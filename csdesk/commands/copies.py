"""Backups: a consistent copy of a database as one file, and back again. Nothing is ever left half-written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from csdesk.engine import DAMAGED
from csdesk.errors import Invalid, NotFound, Refused, Unavailable

if TYPE_CHECKING:
    from csdesk.store import Store

HEADS = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}
WORDS = {"sqlite": "a SQLite file", "postgresql": "a Postgres database"}
# Another server knows neither the owner nor those who were given rights; "db grant" and "db roles" give them there.
BARE = ("--no-owner", "--no-privileges")


def write(store: Store, file: Path) -> None:
    """Copies the store's database into a new file that only its owner may read, while others go on working.

    SQLite: its backup interface. Postgres: pg_dump, of the server's version or newer. Refuses an existing file.
    """
    if file.exists():
        raise Refused(f"{file} exists already; name another file.")
    with _new_file(file) as part:
        if store.postgres:
            _run(store, "pg_dump", "--format=custom", *BARE, f"--file={part}")
        else:
            _copy(Path(store.engine.url.database or ""), part)


def put_back(store: Store, file: Path) -> None:
    """Restores a backup into the store's database, which must hold no desk. Refuses a file of the other kind."""
    kind = _kind(file)
    if kind != store.engine.dialect.name:
        raise Invalid(f"{file} is a copy of {WORDS[kind]}; name such a one with --db.")
    if store.postgres:
        _refuse_a_desk(store)
        _run(store, "pg_restore", *BARE, "--exit-on-error", "--single-transaction", str(file))
        return
    target = Path(store.engine.url.database or "")
    if target.exists() and target.stat().st_size:
        _refuse_a_desk(store)
        raise Refused(f"{target} holds other data; name a new file with --db.")
    _refuse_leavings(target)
    store.engine.dispose()
    target.unlink(missing_ok=True)
    with _new_file(target) as part:
        _copy(file, part, resting=True)


def _refuse_a_desk(store: Store) -> None:
    from csdesk.migrations import schema

    try:
        present = schema.current(store)
    except Unavailable as error:
        if error.message != DAMAGED:
            raise
        raise Unavailable(
            f"{store.engine.url.database} is damaged; move it away, and what begins with its name (-wal, -shm), "
            "or name a new file with --db."
        ) from None
    if present is not None:
        raise Refused("There is a desk in this database already; name a new one with --db.")


def _refuse_leavings(target: Path) -> None:
    """SQLite would play the log of a dead desk into the copy that takes its place; and it may hold the last of it."""
    for each in (target.with_name(target.name + end) for end in ("-wal", "-shm", "-journal")):
        if each.exists():
            raise Refused(
                f"{each} is left of a desk that stood here; move it to that one, or name a new file with --db."
            )


def _kind(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
    except FileNotFoundError:
        raise NotFound(f"There is no file {file}.") from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be read: {error.strerror}.") from None
    for sign, kind in HEADS.items():
        if head.startswith(sign):
            return kind
    raise Invalid(f"{file} is no backup of a desk.")


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside the wanted one that takes its name when all of it is on the disk, and is gone otherwise."""
    part = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(part, file)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}; nothing was kept of it.") from None
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path, *, resting: bool = False) -> None:
    """Copies a database; of a `resting` one, a backup, its place is only read. One with a log beside it is no such."""
    resting = resting and not source.with_name(f"{source.name}-wal").exists()
    address = source.absolute().as_uri() + ("?mode=ro&immutable=1" if resting else "")
    try:
        with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            faults = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"The copy of {source} failed: {error}; nothing was kept of it.") from None
    if faults != "ok":
        raise Unavailable(f"{source} is damaged ({faults}); restore an older backup.")


def _run(store: Store, program: str, *arguments: str) -> None:
    """Runs a program of Postgres on the store's database; its address goes by the environment, not the command line."""
    found = shutil.which(program)
    if found is None:
        raise Unavailable(f"The program {program} is not here; install the Postgres client programs.")
    into = ["--dbname", str(store.engine.url.database)] if program == "pg_restore" else []
    done = subprocess.run(
        [found, *into, *arguments], env={**os.environ, **_address(store)}, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise Unavailable(f"{said}; nothing was kept.")


def _address(store: Store) -> dict[str, str]:
    from psycopg import pq

    names = {each.keyword.decode(): each.envvar.decode() for each in pq.Conninfo.get_defaults() if each.envvar}
    given = store.engine.dialect.create_connect_args(store.engine.url)[1]
    return {names[key]: str(value) for key, value in given.items() if key in names and value is not None}
