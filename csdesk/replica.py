"""Beside the store: a standby of the database that figures are read from, and how far it is behind.

Nobody acts on what is read here, so it may be a little old; how old is measured at each read and goes with the answer.
A standby that does not answer, or cannot, is no reason to go without: the primary is asked, and that is said too.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from csdesk.engine import make_engine, unavailable
from csdesk.errors import Invalid
from csdesk.services.tx import Stand

LONGEST = 300_000  # milliseconds of one statement: a report holds up nobody here
REST = 30.0  # seconds a standby that did not answer is not asked again
TRIES, PAUSE = 5, 0.04  # a standby that is level but for this instant's bytes gets a moment to take them
log = logging.getLogger("csdesk.replica")
_SAME = text(
    "SELECT system_identifier, "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system()"
)
# Where the disk has it: no commit is acknowledged before, unless commits do not wait for the disk. When a page is just
# full that place may be a page header (24 bytes) beyond what there is to replay; no commit is that short.
_WRITTEN = text(
    "SELECT CAST(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() "
    "ELSE pg_current_wal_flush_lsn() END AS text)"
)
_STAND = text(
    "SELECT CASE WHEN pg_is_in_recovery() "
    "THEN pg_wal_lsn_diff(CAST(:written AS pg_lsn), pg_last_wal_replay_lsn()) <= 24 ELSE true END AS level, "
    "clock_timestamp() AS here, pg_last_xact_replay_timestamp() AS replayed"
)


class Missed(Exception):
    """The standby could not be read; `stand` says why, for who asks the primary instead."""

    def __init__(self, why: str, at: datetime) -> None:
        super().__init__(why)
        self.stand = Stand(at, instead=why)


class Replica:
    """A standby of the database of `primary`; `close` once at the end."""

    def __init__(self, url: str, primary: Engine, clock: Callable[[], datetime]) -> None:
        engine = make_engine(url)
        if "sqlite" in (engine.dialect.name, primary.dialect.name):
            raise Invalid("read_db needs Postgres on both sides: it names a standby of the server that db names.")
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._primary, self._clock = primary, clock
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._same = False
        self._level_at: datetime | None = None  # the last instant it was seen to hold everything

    @contextlib.contextmanager
    def reading(self) -> Iterator[tuple[Connection, Stand]]:
        """A connection for one reading verb, which sees one moment, and how old that is. Raises Missed, also for what
        fails inside; Invalid when it is no copy of the primary's database; Unavailable for what takes too long."""
        if monotonic() < self._rests_until:
            raise Missed("the replica does not answer", self._clock())
        try:
            with self._engine.connect() as connection:
                self._need_a_copy(connection)
                stand = self._stand(connection)
                connection.rollback()
                connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST}"))
                yield connection, stand
        except DBAPIError as error:
            log.warning("the replica was not read: %s", error.orig)
            state = getattr(error.orig, "sqlstate", None)
            if state == "57014":  # it took too long; the primary would not be quicker, and has other work
                raise unavailable(error, state) from error
            if state is None or error.connection_invalidated:
                self._rests_until = monotonic() + REST
                self._engine.dispose()
                raise Missed("the replica does not answer", self._clock()) from error
            raise Missed(f"the replica refused ({str(error.orig).splitlines()[0][:80]})", self._clock()) from error

    def close(self) -> None:
        """Closes its connections."""
        self._engine.dispose()

    def _stand(self, connection: Connection) -> Stand:
        """What the standby holds. All that the primary had written before: level. Else the commit replayed last, or
        the last moment it was seen level, if that is later. Raises Missed when neither is known."""
        written = self._written()
        for left in reversed(range(TRIES)):
            row = connection.execute(_STAND, {"written": written}).one()
            if row.level or written is None or not left:
                break
            threading.Event().wait(PAUSE)
        with self._lock:
            if row.level:
                self._level_at = row.here
                return Stand(row.here)
            known = [each for each in (row.replayed, self._level_at) if each is not None]
        if not known:
            raise Missed("how far the replica is behind cannot be told", self._clock())
        at = max(known)
        return Stand(at, max(0, math.ceil((row.here - at).total_seconds())))

    def _written(self) -> str | None:
        """How far the primary has written; None when it does not answer, or is a standby itself by now."""
        with contextlib.suppress(DBAPIError), self._primary.connect() as connection:
            return str(connection.execute(_WRITTEN).scalar_one())
        return None

    def _need_a_copy(self, connection: Connection) -> None:
        if self._same:
            return
        here = tuple(connection.execute(_SAME).one())
        with contextlib.suppress(DBAPIError), self._primary.connect() as primary:
            if tuple(primary.execute(_SAME).one()) != here:
                raise Invalid("read_db names another database, not a standby of the server that db names.")
            self._same = True
