"""Open and cleared items by the million: made by the database itself, the same rows on SQLite and Postgres.

Item n of a seed has its account, age, kind and amount by arithmetic on n, so that a database grows from one size to
the next and nothing is random. A few accounts have many items and many have few; rows of an account lie scattered, as
those of years do. About 8 % are open, 3 in 20 are receipts and credit notes (negative), a part of the open ones is
half paid. The first items are the debits of one large account, all open.

Documents, receipts, allocations and postings behind the items are left out: no page, ageing or bar joins them. A past
day is rebuilt from allocations, so without any it shows every item at its face and probes an empty index.
The schema's indexes and triggers stand; foreign keys are not looked up row by row, the accounts are there before.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import mass
import psycopg
from sqlalchemy.engine import make_url

TODAY = "2026-06-15"
CHUNK = 500_000
COLUMNS = (
    "company, id, account_id, customer_id, source, source_id, number, kind, posted_on, due_on, currency, face, open"
)
SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (VALUES({a}) UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {b})",
    "postgresql": "WITH s AS (SELECT generate_series({a}, {b} - 1)::bigint AS n)",
}
BEFORE = {
    "sqlite": f"date('{TODAY}', -({{}}) || ' days')",
    "postgresql": f"DATE '{TODAY}' - ({{}})::integer",
}
# h spreads accounts and kinds, g ages and amounts; both are products modulo the prime 2^31 - 1. A square makes low
# places on the list of accounts rare in number and rich in items: place p has about 1 / (2 sqrt(p / accounts)) shares.
ITEMS = """
{series},
t AS (SELECT n, (n * 48271 + {seed} * 7919 + 11) % 2147483647 AS h,
             (n * 69621 + {seed} * 104729 + 12345) % 2147483647 AS g FROM s),
u AS (SELECT n, h, g, CASE WHEN n < {large} THEN {first} + {accounts} - 1
                           ELSE {first} + (h % {accounts}) * (h % {accounts}) / {accounts} END AS account,
             CASE WHEN n < {large} THEN 5 ELSE h / {accounts} % 20 END AS k,
             CASE WHEN n < {large} OR g % 100 < 8 THEN 1 ELSE 0 END AS live FROM t),
v AS (SELECT n, account, k, live, g / 100 % CASE live WHEN 1 THEN 150 ELSE 1095 END AS age,
             CASE WHEN k < 3 THEN -1 ELSE 1 END * (500 + g / 7 % 400000) AS face, g FROM u)
INSERT_HERE
SELECT {company}, {first} + n, account, account, CASE WHEN k < 2 THEN 'receipt' ELSE 'document' END, n,
       CASE WHEN k < 2 THEN 'REC-' WHEN k = 2 THEN 'CRN-' WHEN k = 3 THEN 'DBN-' ELSE 'INV-' END || n,
       CASE WHEN k < 2 THEN 'receipt' WHEN k = 2 THEN 'credit_note' WHEN k = 3 THEN 'debit_note' ELSE 'invoice' END,
       {posted}, {due}, 'USD', face, live * (CASE WHEN g % 4 = 0 THEN face / 2 ELSE face END) FROM v
"""
FIGURES = """
UPDATE credit_account SET open_debit = f.debit, open_credit = f.credit
FROM (SELECT account_id, sum(CASE WHEN open > 0 THEN open ELSE 0 END) AS debit,
             sum(CASE WHEN open < 0 THEN -open ELSE 0 END) AS credit
      FROM open_item WHERE company = {company} AND open <> 0 GROUP BY account_id) AS f
WHERE credit_account.company = {company} AND credit_account.id = f.account_id
"""


def connect(url: str) -> Any:
    """A bare connection of the driver, each statement its own transaction."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite3.connect(parsed.database or "", isolation_level=None)
    return psycopg.connect(host=parsed.query["host"], user=parsed.username, dbname=parsed.database, autocommit=True)


def grow(url: str, start: int, end: int, *, accounts: int, large: int, seed: int) -> None:
    """Adds items `start` to `end` and sets the running figures of the accounts right; the first `large` items are those
    of the large account. Statistics are those of an ANALYZE afterwards."""
    backend = make_url(url).get_backend_name()
    connection = connect(url)
    try:
        for pragma in _settings(backend):
            connection.execute(pragma)
        for at in range(start, end, CHUNK):
            connection.execute(_insert(backend, at, min(end, at + CHUNK), accounts, large, seed))
        connection.execute(FIGURES.format(company=mass.COMPANY))
        for statement in ("ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)") if backend == "sqlite" else ("VACUUM ANALYZE",):
            connection.execute(statement)
    finally:
        connection.close()


def size(url: str) -> int:
    """Bytes of the items with their indexes."""
    connection = connect(url)
    try:
        if make_url(url).get_backend_name() == "sqlite":
            return Path(make_url(url).database or "").stat().st_size
        return int(connection.execute("SELECT pg_database_size(current_database())").fetchone()[0])
    finally:
        connection.close()


def _settings(backend: str) -> tuple[str, ...]:
    if backend == "sqlite":
        return ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-2000000", "PRAGMA temp_store=MEMORY")
    return (
        "ALTER SYSTEM SET max_wal_size = '8GB'", "SELECT pg_reload_conf()", "SET synchronous_commit = off",
        "SET session_replication_role = replica", "SET work_mem = '256MB'",
    )  # fmt: skip


def _insert(backend: str, a: int, b: int, accounts: int, large: int, seed: int) -> str:
    before = BEFORE[backend]
    due = f"CASE WHEN k < 3 THEN {before.format('age')} ELSE {before.format('age - 30')} END"
    rows = ITEMS.format(
        series=SERIES[backend].format(a=a, b=b), seed=seed, large=large, first=mass.FIRST_ID, accounts=accounts,
        company=mass.COMPANY, posted=before.format("age"), due=due,
    )  # fmt: skip
    return rows.replace("INSERT_HERE", f"INSERT INTO open_item ({COLUMNS})")
