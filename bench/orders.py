"""A five-line order through the service against the same statements sent by the bare driver, in the same run.

The statements of one placed order are recorded as they leave the service, then sent again for other drafts through
sqlite3 and psycopg by a plain loop, with fresh ids: no SQLAlchemy, no rules, no objects.
1 and 8 clients, each a process.
Run: python bench/orders.py [--orders 200] [--clients 1 8]
"""

from __future__ import annotations

import argparse
import multiprocessing
import sqlite3
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import bed
import psycopg
from sqlalchemy import event, insert
from sqlalchemy.engine import make_url

from csdesk.ids import new_id
from csdesk.models import Draft, table
from csdesk.services import orders, staff
from csdesk.services.drafts import LINES, DraftLine
from csdesk.services.tx import utc_now
from csdesk.store import Store
from tests.support.seed import seed

CODES = (("4711", 12), ("4720", 6), ("1035", 24), ("2208", 3), ("3319", 10))
PLENTY = 10**9


def drafts(store: Store, seeded: Any, count: int) -> list[int]:
    """Prepared five-line drafts."""
    lines = LINES.dump_json(tuple(DraftLine(seeded.products[code], "EA", Decimal(q)) for code, q in CODES)).decode()
    ids = [new_id() for _ in range(count)]
    now = utc_now()
    rows = [
        {"company": 1, "id": each, "staff_id": 1, "customer_id": 1, "kind": "new", "lines": lines, "status": "open",
         "version": 1, "created_at": now, "updated_at": now}
        for each in ids
    ]  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(insert(table(Draft)), rows)
    return ids


def service(url: str, ids: list[int], results: Any) -> None:
    """One client: places its drafts through the store."""
    store = Store(url)
    store = store.acting(store.read_now(staff.sign_in, "rep7"))
    store.write_now(orders.place, ids[0], request_id=f"w-{ids[0]}")
    seconds = []
    for each in ids[1:]:
        start = time.perf_counter()
        store.write_now(orders.place, each, request_id=f"r-{each}")
        seconds.append(time.perf_counter() - start)
    store.close()
    results.put(seconds)


def record(url: str, draft: int) -> list[tuple[str, Any, bool]]:
    """The statements of one placed order as (text, parameters, many)."""
    store = Store(url)
    store = store.acting(store.read_now(staff.sign_in, "rep7"))
    found: list[tuple[str, Any, bool]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        found.append((statement, parameters, many))

    event.listen(store.engine, "before_cursor_execute", note)
    store.write_now(orders.place, draft, request_id=f"r-{draft}")
    store.close()
    return found


class Fresh:
    """Gives every id, number and hash of the recorded order a new value, the same one each time it occurs."""

    def __init__(self, old: int, new: int, run: int) -> None:
        self.known: dict[Any, Any] = {old: new}
        self.run, self.old, self.new = run, str(old), str(new)

    def of(self, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and value > 10**15:
            if value not in self.known:
                self.known[value] = new_id()
            return self.known[value]
        return value.replace(self.old, self.new) if isinstance(value, str) else value

    def row(self, parameters: Any) -> Any:
        if isinstance(parameters, dict):
            return {key: self.of(value) for key, value in parameters.items()}
        return tuple(self.of(value) for value in parameters)


def driver(url: str, recorded: list[tuple[str, Any, bool]], old: int, ids: list[int], lane: int, results: Any) -> None:
    """One client: sends the recorded statements for its drafts through the bare driver."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite:
        connection: Any = sqlite3.connect(parsed.database or "", timeout=60, isolation_level=None)
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
    else:
        connection = psycopg.connect(host=parsed.query["host"], user=parsed.username, dbname=parsed.database)
    number = lane * 10**6
    seconds = []
    for each in ids:
        number += 1
        work = prepared(recorded, old, each, number, lane)
        start = time.perf_counter()
        cursor = connection.cursor()
        if sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for text, parameters, many in work:
            if many:
                cursor.executemany(text, parameters)
            else:
                cursor.execute(text, parameters)
                if cursor.description:
                    cursor.fetchall()
        connection.commit()
        seconds.append(time.perf_counter() - start)
    connection.close()
    results.put(seconds[1:])


def prepared(
    recorded: list[tuple[str, Any, bool]], old: int, new: int, number: int, lane: int
) -> list[tuple[str, Any, bool]]:
    """The recorded statements for another draft; order number and audit entry are made unique per client."""
    fresh = Fresh(old, new, number)
    work = []
    for text, parameters, many in recorded:
        if text.startswith("BEGIN"):
            continue
        rows = [fresh.row(row) for row in parameters] if many else fresh.row(parameters)
        if text.startswith("INSERT INTO sales_order"):
            rows = with_column(text, rows, "number", f"B{number:08d}")
        if text.startswith("INSERT INTO audit "):
            rows = with_column(text, with_column(text, rows, "lane", 1000 + lane), "seq", number)
        work.append((text, rows, many))
    return work


def with_column(text: str, row: Any, name: str, value: Any) -> Any:
    """The parameters of an INSERT with the value of one column changed."""
    if isinstance(row, dict):
        return {**row, name: value}
    columns = [each.strip() for each in text[text.index("(") + 1 : text.index(")")].split(",")]
    place = columns.index(name)
    return (*row[:place], value, *row[place + 1 :])


def race(target: Any, shares: list[tuple[Any, ...]]) -> tuple[list[float], float]:
    """Runs one process a share; all single times and the orders a second of the whole."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    running = [context.Process(target=target, args=(*share, results)) for share in shares]
    start = time.perf_counter()
    for process in running:
        process.start()
    found = [seconds for _ in running for seconds in results.get()]
    for process in running:
        process.join()
    return found, len(found) / (time.perf_counter() - start)


def main() -> None:
    """Measures both databases with each number of clients and prints the ratio of the medians."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--orders", type=int, default=200)
    words.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    words.add_argument("--only", choices=["sqlite", "postgres"])
    given = words.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder, bed.urls(Path(folder)) as urls:
        for backend, url in urls.items():
            if given.only not in (None, backend):
                continue
            store = Store(url)
            seeded = seed(store)
            with store.engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE stock SET on_hand = {PLENTY * 1000}")
                connection.exec_driver_sql("UPDATE credit_account SET credit_limit = NULL")
            for clients in given.clients:
                each = max(10, given.orders // clients)
                through, _ = race(service, [(url, drafts(store, seeded, each)) for _ in range(clients)])
                sample = drafts(store, seeded, 1)[0]
                recorded = record(url, sample)
                lanes = range(len(rows) * 10, len(rows) * 10 + clients)
                bare, _ = race(driver, [(url, recorded, sample, drafts(store, seeded, each), n) for n in lanes])
                ratio = bed.spread(through)["p50_ms"] / bed.spread(bare)["p50_ms"]
                rows.append(
                    {"database": backend, "clients": clients, "statements": len(recorded),
                     **{f"service_{k}": v for k, v in bed.spread(through).items()},
                     **{f"driver_{k}": v for k, v in bed.spread(bare).items()}, "ratio_p50": round(ratio, 2)}
                )  # fmt: skip
            store.close()
    bed.table(rows)
    bed.keep("orders", rows, target="service p50 at most 2x the driver's")


if __name__ == "__main__":
    main()
