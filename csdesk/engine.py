"""Beside the store: how a connection of it is opened, on SQLite, on one Postgres server, on several, or by a pooler,
and what its faults are called.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from csdesk.errors import Invalid, Unavailable

PG_SETTINGS = {
    "statement_timeout": "20000", "lock_timeout": "15000", "idle_in_transaction_session_timeout": "60000", "jit": "off",
}  # fmt: skip
PG_OPTIONS = " ".join(f"-c {name}={value}" for name, value in PG_SETTINGS.items())
# A server whose machine is gone answers nothing, not even that it is gone: after 25 seconds the line counts as lost.
PG_LINE = {
    "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25000, "application_name": "csdesk",
}  # fmt: skip
POOLER = "pooler"
HELD = "Another program holds the database; nothing was written. Try again in a moment."
READ_ONLY = "The database file is read-only; nothing was written. Ask who runs this desk."
DAMAGED = "The database file is damaged; restore the last backup ('csdesk db restore')."


def make_engine(url: str) -> Engine:
    """An engine for a SQLite or Postgres URL with the store's settings; what the URL says of the line itself stands.

    `?pooler=transaction` is for a pooler that lends a connection for one transaction (PgBouncer): nothing is prepared
    on it, and no timeouts are asked for at its start; the role has them there. Raises Invalid for another pooler.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 30}, pool_size=4)
        event.listen(engine, "do_connect", _owners_alone)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    bare = parsed.difference_update_query([POOLER])
    return create_engine(bare, connect_args=_line(parsed), pool_size=2, max_overflow=4, pool_recycle=900)


def _line(url: URL) -> dict[str, Any]:
    pooler = url.query.get(POOLER, "")
    if pooler not in ("", "transaction"):
        raise Invalid(f"The database's address says pooler={pooler}; the only pooler known is 'transaction'.")
    settings: dict[str, Any] = {"prepare_threshold": None} if pooler else {"options": PG_OPTIONS}
    return {name: value for name, value in {**PG_LINE, **settings}.items() if name not in url.query}


def _owners_alone(_dialect: Any, _record: Any, place: list[str], _more: dict[str, Any]) -> None:
    """A file that is not there yet is made readable by its owner alone, whatever the umask; its log is made alike."""
    if place and place[0] not in ("", ":memory:") and not place[0].startswith("file:"):
        with contextlib.suppress(OSError):
            os.close(os.open(place[0], os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("desk_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def unavailable(error: DBAPIError, state: str) -> Exception:
    """The desk's sentence for a fault that trying again does not mend; the fault itself where none fits."""
    text = str(error.orig).lower()
    for sign, sentence in (
        ("no such table", "This database holds no desk yet; run 'csdesk db upgrade'."),
        ("does not exist", "This database holds no desk yet; run 'csdesk db upgrade'."),
        ("disk is full", "The disk is full; nothing was written. Free some space, then try again."),
        ("readonly", READ_ONLY),
        ("malformed", DAMAGED),
        ("not a database", "This file is no csdesk database; check the name given with --db."),
        ("unable to open", "The database file cannot be opened; check the name given with --db and its folder."),
        ("locked", HELD),
    ):
        if sign in text or (sign == "does not exist" and state == "42P01"):
            return Unavailable(sentence)
    if state in {"55P03", "57014"}:
        return Unavailable("The database did not answer in time; nothing was written. Try again.")
    return error
