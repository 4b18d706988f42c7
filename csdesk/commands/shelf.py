"""A folder of backups: how they are named, which is the newest, which have had their time; and a drill with one."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from csdesk.commands import copies
from csdesk.errors import Invalid, NotFound, Unavailable
from csdesk.store import Store

NAME = re.compile(r"desk-[0-9]{8}T[0-9]{6}Z\.backup")


def place(path: Path, now: datetime) -> Path:
    """The file a backup goes to: the path itself, or in a folder one named after the instant (UTC)."""
    return path / f"desk-{now:%Y%m%dT%H%M%SZ}.backup" if path.is_dir() else path


def retire(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest so many backups of a folder; gives what was removed. Files of other names stay.

    Raises Invalid for less than one.
    """
    if keep < 1:
        raise Invalid("At least one backup is kept.", field="keep")
    old = _all(folder)[keep:]
    for each in old:
        each.unlink(missing_ok=True)
    return old


def newest(path: Path) -> Path:
    """A file itself, or the newest backup of a folder. Raises NotFound."""
    if not path.is_dir():
        return path
    found = _all(path)
    if not found:
        raise NotFound(f"There is no backup in {path}; they are named desk-…Z.backup.")
    return found[0]


def _all(folder: Path) -> list[Path]:
    """The newest first; their names tell, whatever a copy did to their dates."""
    return sorted((each for each in folder.iterdir() if NAME.fullmatch(each.name)), reverse=True)


def drill(store: Store, file: Path, check: Callable[[Store], bool]) -> tuple[bool, str]:
    """Puts a backup back beside the desk, looks at it as `check` does and throws it away; whether all holds, words.

    SQLite: in a scratch file. Postgres: in a scratch database on the same server, which the login must be allowed to
    make. Raises Unavailable and what `copies.put_back` raises.
    """
    begun = time.perf_counter()
    with _scratch(store) as url:
        other = Store(url, company=store.company)
        try:
            copies.put_back(other, file)
            took = time.perf_counter() - begun
            with other.engine.connect() as connection:
                last = connection.execute(text("SELECT max(at) FROM audit")).scalar()
            sound = check(other)
        finally:
            other.close()
    return sound, f"put back in {took:.1f} s; what was done last in it: {str(last)[:19]} UTC"


@contextmanager
def _scratch(store: Store) -> Iterator[str]:
    if not store.postgres:
        with tempfile.TemporaryDirectory(prefix="csdesk-drill") as folder:
            yield f"sqlite:///{folder}/desk.db"
        return
    name = f"csdesk_drill_{time.time_ns()}"
    _alone(store, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield make_url(store.url).set(database=name).render_as_string(hide_password=False)
    finally:
        with suppress(Unavailable):
            _alone(store, f"DROP DATABASE {name}")


def _alone(store: Store, statement: str) -> None:
    """Runs a statement that takes no transaction around it."""
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0]
        raise Unavailable(f"No scratch database can be made here ({said}); do it as a role that may.") from None
