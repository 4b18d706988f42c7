"""A folder of backups: how they are named, which is the newest, which have had their time; and a drill with one."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from csdesk.commands import copies
from csdesk.errors import Invalid, NotFound, Refused, Unavailable
from csdesk.models import AuditEntry, table
from csdesk.store import AWAY, Store

_WHERE = text(
    "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "FROM pg_control_system()"
)
NAME = re.compile(r"(?P<desk>.+)-[0-9]{8}T[0-9]{6}Z\.backup")
AT = "%Y%m%dT%H%M%SZ"
AHEAD = timedelta(hours=1)  # so far the clocks of two machines may be apart


def desk(store: Store) -> str:
    """What the backups of a database are known by: its name, and a mark of the server or folder it is in.

    Raises Unavailable when the server does not answer.
    """
    name = store.engine.url.database or "desk"
    where = os.path.realpath(name)
    if store.postgres:
        try:
            with store.engine.connect() as connection:
                where = str(connection.execute(_WHERE).scalar())
        except DBAPIError:
            raise Unavailable(AWAY) from None
    plain = re.sub(r"[^\w.-]+", "_", Path(name).stem if not store.postgres else name)
    return f"{plain}-{sha256(where.encode()).hexdigest()[:6]}"


def place(path: Path, desk: str, now: datetime) -> Path:
    """The file a backup goes to: the path itself, or in a folder one named after the desk and the instant (UTC)."""
    return path / f"{desk}-{now:{AT}}.backup" if path.is_dir() else path


def retire(made: Path, desk: str, keep: int) -> list[Path]:
    """Removes of a desk's backups beside the one just made all but the newest so many, that one always among them;
    gives what was removed. Those of other desks and other names stay, and those of an instant that has not come.

    Raises Invalid for less than one.
    """
    if keep < 1:
        raise Invalid("At least one backup is kept.", field="keep")
    old = [each for each in _all(made.parent) if each.name <= made.name and _desk(each) == desk][keep:]
    for each in old:
        each.unlink(missing_ok=True)
    return old


def newest(path: Path, now: datetime, desk: str = "") -> Path:
    """A file itself, or the newest backup of a folder: of this desk, or of the only one that has any there.

    Raises NotFound, and Refused where there are several desks or the newest is of an instant that has not come.
    """
    if not path.is_dir():
        return path
    found = _all(path)
    found = [each for each in found if _desk(each) == desk] or found
    if not found:
        raise NotFound(f"There is no backup in {path}; they are named …Z.backup.")
    desks = sorted({_desk(each) for each in found})
    if len(desks) > 1:
        raise Refused(f"{path} holds backups of {len(desks)} desks ({', '.join(desks)}); name one file.")
    if found[0].name > place(path, desks[0], now + AHEAD).name:
        raise Refused(f"{found[0]} is named after an instant that has not come; rename it, or name the file you want.")
    return found[0]


def _desk(file: Path) -> str:
    known = NAME.fullmatch(file.name)
    return known["desk"] if known else ""


def _all(folder: Path) -> list[Path]:
    """Of each desk the newest first; their names tell, whatever a copy did to their dates."""
    return sorted((each for each in folder.iterdir() if _desk(each)), reverse=True)


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
                last = connection.execute(select(func.max(table(AuditEntry).c.at))).scalar()
            sound = check(other)
        finally:
            other.close()
    done = f"what was done last in it: {last:%Y-%m-%d %H:%M:%S} UTC" if last else "nothing was done in it yet"
    return sound, f"put back in {took:.1f} s; {done}"


@contextmanager
def _scratch(store: Store) -> Iterator[str]:
    if not store.postgres:
        with tempfile.TemporaryDirectory(prefix="csdesk-drill") as folder:
            yield f"sqlite:///{folder}/desk.db"
        return
    name = f"{scratch()}{time.time_ns()}"
    _alone(store, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield make_url(store.url).set(database=name).render_as_string(hide_password=False)
    finally:
        with suppress(Unavailable):
            _alone(store, f"DROP DATABASE {name}")


def scratch() -> str:
    """How the names of this process's scratch databases begin."""
    return f"csdesk_drill_{os.getpid()}_"


def _alone(store: Store, statement: str) -> None:
    """Runs a statement that takes no transaction around it."""
    try:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0]
        raise Unavailable(f"No scratch database can be made here ({said}); do it as a role that may.") from None
