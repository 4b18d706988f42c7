"""Everything `csdesk check` and `csdesk audit verify` find, at a fraction of the cost of asking it after every test.

A check is a function of what its queries give. Where they give just what they gave when it last found nothing, it finds
nothing again: so its queries are run as they were sent, and the check itself, which would make them anew from a hundred
expressions each, only where something else comes back. Checks that look at the time are always run.
"""

from __future__ import annotations

import os
from datetime import date
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, event

from csdesk.services import care
from csdesk.services.invariants import CHECKS, Check
from csdesk.services.tx import Tx
from csdesk.store import Store

LONG = os.environ.get("CSDESK_LONG") == "1"
Sent = list[tuple[str, Any, list[tuple[Any, ...]]]]
_CLEAN: dict[tuple[str, str], Sent] = {}
_TRIES: dict[tuple[str, str], list[int]] = {}  # how often the queries gave the same, and how often not


def faults(store: Store) -> list[str]:
    """The findings of all checks and broken links of the trail, in words."""
    with store.engine.connect() as connection:
        care._one_snapshot(tx := Tx(connection, store.company, store.actor, store.clock()))
        found = [f"{each.name}: {words}" for each in CHECKS for words in _offenders(tx, each)]
    return found + [str(each) for each in store.read_now(care.verify_audit)[1]]


def at_the_end(store: Store, test: str) -> list[str]:
    """What is asked when a test is over: of SQLite after one test in two, of Postgres after one in eight, by its name;
    the same acts leave the same rows there. CSDESK_LONG=1 asks always."""
    if not LONG and crc32(test.encode()) % (8 if store.postgres else 2):
        return []
    return faults(store)


def _offenders(tx: Tx, check: Check) -> list[str]:
    key = (tx.connection.dialect.name, check.name)
    same, other = _TRIES.setdefault(key, [0, 0])
    before = _CLEAN.get(key)
    if before is not None and other <= 3 + same:
        again = all(_raw(tx.connection, sent, given) == rows for sent, given, rows in before)
        _TRIES[key][0 if again else 1] += 1
        if again:
            return []
    sent: list[tuple[str, Any]] = []

    def keep(connection: Any, cursor: Any, statement: str, given: Any, context: Any, many: bool) -> None:
        if statement != "BEGIN":
            sent.append((statement, given))

    event.listen(tx.connection, "before_cursor_execute", keep)
    found = list(check.find(tx))
    event.remove(tx.connection, "before_cursor_execute", keep)
    if not found and not any(_times(given) for _, given in sent):
        _CLEAN[key] = [(statement, given, _raw(tx.connection, statement, given)) for statement, given in sent]
    return found


def _times(given: Any) -> bool:
    values = given.values() if isinstance(given, dict) else given
    return any(isinstance(each, date) or (isinstance(each, str) and each[:4].isdecimal()) for each in values)


def _raw(connection: Connection, statement: str, given: Any) -> list[tuple[Any, ...]]:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, given)
        return [tuple(row) for row in cursor.fetchall()]
    finally:
        cursor.close()
