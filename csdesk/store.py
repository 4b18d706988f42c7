"""The only session and the only thread hop: `read` and `write` run one service verb in one transaction.

SQLite: WAL, foreign keys, synchronous FULL, BEGIN IMMEDIATE behind a file lock. Postgres: READ COMMITTED with row
locks taken by the services in sorted order, statement, lock and connect timeouts. A write carries a request id; its
answer is kept in the same transaction, so a repeated submit gets the first answer and does nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from csdesk.engine import make_engine, unavailable
from csdesk.errors import Conflict, DeskError, Refused, Unavailable
from csdesk.gate import Gate
from csdesk.models import Request, table
from csdesk.replica import Missed, Replica
from csdesk.services import audit
from csdesk.services.tx import READING_VERBS, SYSTEM, WRITING_VERBS, Actor, Stand, Tx, utc_now, verb_name

P = ParamSpec("P")
T = TypeVar("T")
Along = Callable[[Tx], None]
R = table(Request)
TRIES = 8
SECRET = frozenset({"tx", "password", "secret", "key", "code"})  # arguments that are not written down
log = logging.getLogger("csdesk.store")
AWAY = "The database is away; what you typed is kept."
_RETRY = {"40001", "40P01"}  # serialization failure, deadlock
# A new connection mends it: the server stopped, is a standby now (25006), or a pooler says that it is gone (08P01).
_GONE = {"25006", "57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "08P01"}


class Store:
    """A database and who acts on it. Cheap to copy for another actor with `acting`; `close` once at the end."""

    def __init__(
        self,
        url: str,
        *,
        actor: Actor = SYSTEM,
        company: int = 1,
        clock: Callable[[], datetime] = utc_now,
        read_only: bool = False,
        read_url: str = "",
    ) -> None:
        self.url = url
        self.actor = actor
        self.company = company
        self.clock = clock
        self.read_only = read_only
        self.engine = make_engine(url)
        self.replica = Replica(read_url, self.engine, clock) if read_url else None
        self._writers = self.engine.execution_options(desk_write=True)
        self._pools: dict[bool, ThreadPoolExecutor] = {}
        self._apart = False
        self.away_since: datetime | None = None  # since when the database does not answer
        self._gate = Gate(self.engine)

    def acting(self, actor: Actor, clock: Callable[[], datetime] | None = None) -> Store:
        """The same database for another actor (and clock); shares engine, pool and gate."""
        other = object.__new__(Store)
        other.__dict__.update(self.__dict__, actor=actor, clock=clock or self.clock)
        return other

    def read_apart(self) -> None:
        """From now on what is read has threads of its own: it never waits behind writes that are stuck."""
        self._apart = True

    @property
    def postgres(self) -> bool:
        """Whether the database is Postgres."""
        return self.engine.dialect.name == "postgresql"

    async def read(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a reading verb on the store's threads; see `read_now`."""
        return await self._hop(lambda: self.read_now(verb, *args, **kwargs), self._apart)

    async def write(
        self,
        verb: Callable[Concatenate[Tx, ...], T],
        *args: Any,
        request_id: str = "",
        along: Along | None = None,
        **kwargs: Any,
    ) -> T:
        """Runs a writing verb in its own transaction on the store's threads; see `write_now`."""
        return await self._hop(lambda: self.write_now(verb, *args, request_id=request_id, along=along, **kwargs))

    def read_now(self, verb: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a reading verb. A lost connection is tried once more. Raises Refused, Unavailable or the verb's own.

        A verb marked quick goes on Postgres without BEGIN and ROLLBACK around it: READ COMMITTED sees each statement's
        own moment anyway, and two round trips are half of a quick search. One marked replica is asked of the standby,
        if there is one, and of the primary when that fails.
        """
        name = verb_name(verb)
        if READING_VERBS.get(name) is not verb:
            raise TypeError(f"{name} is no reading verb")
        stand: Stand | None = None
        if self.replica is not None and verb.replica:  # type: ignore[attr-defined]
            try:
                with self.replica.reading() as (connection, stand):
                    return verb(self._asked(verb, connection, stand), *args, **kwargs)
            except Missed as missed:
                stand = missed.stand
        for last in (False, True):
            try:
                with _speaking(self), self._reader(verb) as connection:
                    return verb(self._asked(verb, connection, stand), *args, **kwargs)
            except _Again:
                if last:
                    raise Unavailable(AWAY) from None
        raise AssertionError("unreachable")

    def _asked(self, verb: Any, connection: Connection, stand: Stand | None) -> Tx:
        tx = Tx(connection, self.company, self.actor, self.clock(), stand=stand)
        tx.need(verb.duty)
        return tx

    def _reader(self, verb: Any) -> Connection:
        connection = self.engine.connect()
        alone = self.postgres and verb.quick
        return connection.execution_options(isolation_level="AUTOCOMMIT") if alone else connection

    def write_now(
        self,
        verb: Callable[Concatenate[Tx, ...], T],
        *args: Any,
        request_id: str = "",
        along: Along | None = None,
        **kwargs: Any,
    ) -> T:
        """Runs a writing verb and commits; `along` is what goes with it or not at all.

        With a request id the answer is stored beside the effect: the same id again returns it without a second
        effect, also after a lost connection. Raises Refused when the store is read-only or the duty is missing.
        """
        name = verb_name(verb)
        if WRITING_VERBS.get(name) is not verb:
            raise TypeError(f"{name} is no writing verb")
        if self.read_only:
            raise Refused("This desk is open for reading only.")
        clash: Conflict | None = None
        for _ in range(TRIES):
            try:
                return cast(T, self._write_once(name, verb, request_id, along, args, kwargs))
            except _Again as again:
                if clash and again.clash:
                    raise again.clash from None
                clash = again.clash
            except Refused as refused:
                self._note(name, verb, args, kwargs, refused)
                raise
        raise Unavailable(AWAY)

    def _note(self, name: str, verb: Any, args: Any, kwargs: Any, refused: Refused) -> None:
        """Leaves a refused attempt in the audit trail, in a transaction of its own; a fault there never hides it."""
        try:
            with self._gate, self._writers.connect() as connection:
                tx = Tx(connection, self.company, self.actor, self.clock())
                told = inspect.signature(verb).bind_partial(tx, *args, **kwargs).arguments
                audit.refused(tx, name, refused.message, {each: told[each] for each in told if each not in SECRET})
                connection.commit()
        except Exception:
            log.exception("a refused attempt could not be written down")

    def _write_once(self, name: str, verb: Any, request_id: str, along: Along | None, args: Any, kwargs: Any) -> Any:
        with _speaking(self, bool(request_id)), self._gate, self._writers.connect() as connection:
            tx = Tx(connection, self.company, self.actor, self.clock(), request_id)
            tx.need(verb.duty)
            if request_id:
                found = select(R.c.reply).where(R.c.company == tx.company, R.c.id == request_id)
                kept = tx.value(found)
                if kept is not None:
                    if self.postgres:
                        # A first answer is given once a standby has its commit too; what is found again may be on this
                        # server alone, if it crashed in between. A lock's commit waits for the standbys as far as here.
                        tx.value(found.with_for_update())
                        _commit(connection, True)
                    return _reply_type(verb).validate_json(kept)
            answer = verb(tx, *args, **kwargs)
            if along is not None:
                along(tx)
            if request_id:
                reply = _reply_type(verb).dump_json(answer).decode()
                row = {"company": tx.company, "id": request_id, "verb": name, "at": tx.now, "reply": reply}
                tx.do(insert(R), row)
            _commit(connection, bool(request_id))
            return answer

    async def _hop(self, work: Callable[[], T], apart: bool = False) -> T:
        if apart not in self._pools:
            self._pools[apart] = ThreadPoolExecutor(max_workers=2, thread_name_prefix="csdesk-store")
        done = asyncio.get_running_loop().run_in_executor(self._pools[apart], work)
        try:
            await asyncio.wait((done,))  # which, once begun, goes on whoever is called away
        except asyncio.CancelledError:
            done.add_done_callback(_alone)
            raise
        return done.result()

    def close(self) -> None:
        """Waits for running saves and closes every connection."""
        while self._pools:
            self._pools.popitem()[1].shutdown(wait=True)
        self.engine.dispose()
        if self.replica is not None:
            self.replica.close()


def _alone(done: asyncio.Future[Any]) -> None:
    """Nobody waits for an answer any more: that the database is away is nothing new then, a fault of ours is told."""
    fault = None if done.cancelled() else done.exception()
    if fault is not None and not isinstance(fault, DeskError):
        log.error("nobody waited for what went wrong", exc_info=fault)


@lru_cache(maxsize=256)
def _reply_type(verb: Any) -> TypeAdapter[Any]:
    return TypeAdapter(get_type_hints(verb)["return"])


def _commit(connection: Connection, keyed: bool) -> None:
    """Commits. A connection lost at that moment leaves open whether it happened, which only a request id can tell."""
    try:
        connection.commit()
    except DBAPIError as error:
        if not keyed and (error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _GONE):
            raise Unavailable(
                "The database went away while saving; look whether it is there, then try again."
            ) from error
        raise


class _Again(Exception):
    """The transaction did not happen, or its request id will tell, and may be tried once more; `clash`: with a row."""

    def __init__(self, clash: Conflict | None = None) -> None:
        super().__init__()
        self.clash = clash


@contextlib.contextmanager
def _speaking(store: Store, keyed: bool = False) -> Iterator[None]:
    """Turns database errors into desk errors; raises _Again for those that a new transaction mends."""
    try:
        yield
        store.away_since = None
    except IntegrityError as error:
        clash = Conflict(f"Somebody saved the same at this moment ({_first_line(error)}); look again.")
        if keyed:  # perhaps it was a twin of this request: then its answer is there now
            raise _Again(clash) from error
        raise clash from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state in _RETRY:
            raise _Again from None
        if error.connection_invalidated or state in _GONE or (store.postgres and _never_connected(error, state)):
            store.away_since = store.away_since or store.clock()
            store.engine.dispose()
            raise _Again from None
        raise unavailable(error, state) from error


def _never_connected(error: DBAPIError, state: str) -> bool:
    return isinstance(error, OperationalError) and not state


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0][:120]
