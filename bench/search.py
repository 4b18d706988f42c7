"""How long one keystroke of search takes at a million customers and as many products, on both databases.

    python bench/search.py [--size 1000000] [--names 40] [--databases sqlite,postgres] [--seed 1]

Every prefix of what is typed is one search through the store, as the desk runs it. Beside it stands a plain
`LIKE '%text%'` over the names, ordered, on the same rows in the same run. Writes bench/results/search.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bed  # noqa: F401 - it also puts the project on the path
import mass
from sqlalchemy import select, text

from csdesk import models as m
from csdesk.migrations import schema
from csdesk.models import search_ddl
from csdesk.rules.text import words
from csdesk.services import search, search_index
from csdesk.store import Store

RESULT = Path(os.environ.get("BENCH_RESULTS", Path(__file__).parent / "results")) / "search.json"
TARGET_MS = 10.0
LONGEST = 24  # letters of a name that are typed

Typed = tuple[str, int, list[str]]  # class, the record that is meant, one text for each keystroke


def main() -> None:
    """Builds both databases, types, measures, prints a table and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=40, help="records typed for each class")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="measure this database, filled by an earlier run with --keep")
    parser.add_argument("--keep", type=Path, help="make the SQLite file in this folder and leave it there")
    options = parser.parse_args()
    result: dict[str, Any] = {
        "size": options.size, "seed": options.seed, "target_p95_ms": TARGET_MS, "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "cores": os.cpu_count(), "databases": {},
    }  # fmt: skip
    for name in options.databases.split(","):
        with _database(name, options) as url:
            store = Store(url)
            built = {} if options.url else _build(store, options.size, options.seed)
            measured = _measure(store, options)
            result["databases"][name] = {**built, **measured, "load": round(os.getloadavg()[0], 1)}
            _show(name, result["databases"][name])
            store.close()
    if not options.url:
        RESULT.parent.mkdir(exist_ok=True)
        known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
        if known.get("size") == options.size:  # one database measured anew keeps the other's figures
            result["databases"] = {**known["databases"], **result["databases"]}
        RESULT.write_text(json.dumps(result, indent=1) + "\n")


@contextmanager
def _database(name: str, options: argparse.Namespace) -> Iterator[str]:
    if options.url:
        yield options.url
    elif name == "sqlite":
        folder = options.keep or Path(tempfile.mkdtemp(prefix="csdesk-bench-"))
        yield f"sqlite:///{folder / 'search.db'}"
        if not options.keep:
            shutil.rmtree(folder)
    else:
        from tests.support import postgres

        run = postgres.new_run()
        postgres.SETTINGS.update(
            shared_buffers="512MB", autovacuum="on", max_wal_size="8GB", maintenance_work_mem="256MB"
        )
        try:
            server = postgres.server(run)
            server.run("CREATE DATABASE search TEMPLATE template0")
            yield server.url("search")
        finally:
            postgres.stop(run)


def _build(store: Store, size: int, seed: int) -> dict[str, Any]:
    """Fills an empty database; on Postgres the GIN indexes are made when the rows are there, as a restore would."""
    schema.upgrade(store)
    start = time.perf_counter()
    mass.fill_customers(store.url, size, seed, index=False)
    mass.fill_products(store.url, size, seed, index=False)
    filled = time.perf_counter()
    if store.postgres:
        _outside(
            store, [f"DROP INDEX lookup_{kind}_{of}" for kind in search_ddl.SEARCHED for of in ("words", "numbers")]
        )
    store.write_now(search_index.reindex)
    if store.postgres:
        _outside(store, [*search_ddl.statements("postgresql"), "VACUUM ANALYZE"])
    return {"fill_s": round(filled - start, 1), "index_s": round(time.perf_counter() - filled, 1)}


def _outside(store: Store, statements: list[str]) -> None:
    with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in ["SET statement_timeout = 0", *statements]:
            connection.execute(text(statement))


def _measure(store: Store, options: argparse.Namespace) -> dict[str, Any]:
    typed = list(_typed(store, options.size, options.names, random.Random(f"typing {options.seed}")))
    for kind, _, texts in typed[:: max(1, len(typed) // 60)]:  # statements are compiled once in a process
        _search(store, _verb(kind), texts[-1])
    classes: dict[str, dict[str, Any]] = {}
    for kind, meant, texts in typed:
        found = classes.setdefault(kind, {"ms": [], "cpu": [], "found": []})
        for each in texts:
            start, cpu = time.perf_counter(), time.process_time()
            hits = _search(store, _verb(kind), each)
            found["ms"].append((time.perf_counter() - start) * 1000)
            found["cpu"].append((time.process_time() - cpu) * 1000)
        if meant:
            found["found"].append(any(hit.id == meant for hit in hits) or len(hits) == 9)
    measured = {kind: _figures(found) for kind, found in classes.items()}
    everything = [ms for found in classes.values() for ms in found["ms"]]
    cpu = [ms for found in classes.values() for ms in found["cpu"]]
    measured["all keystrokes"] = _figures({"ms": everything, "cpu": cpu, "found": []})
    return {"classes": measured, "like_scan": _scan(store, typed)}


def _verb(kind: str) -> Callable[..., Any]:
    return search.products if kind.startswith("product") else search.customers


def _search(store: Store, verb: Callable[..., Any], each: str) -> Any:
    return store.read_now(verb, each)


def _figures(found: dict[str, list[Any]]) -> dict[str, Any]:
    ms = found["ms"]
    return {
        "keystrokes": len(ms), "p50_ms": round(statistics.median(ms), 2), "p95_ms": round(_p95(ms), 2),
        "max_ms": round(max(ms), 2), "client_cpu_p95_ms": round(_p95(found["cpu"]), 2),
        "found": f"{sum(found['found'])}/{len(found['found'])}" if found["found"] else "",
    }  # fmt: skip


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _scan(store: Store, typed: list[Typed]) -> dict[str, Any]:
    """What the same texts cost without an index: the names that hold the text, in order, nine of them."""
    scan = text("SELECT id FROM customer WHERE company = 1 AND lower(name) LIKE :like ORDER BY name LIMIT 9")
    texts = [texts[-1].lower() for kind, _, texts in typed if kind in ("name", "inside a word")][::8][:10]
    ms = []
    for each in texts:
        with store.engine.connect() as connection:
            start = time.perf_counter()
            connection.execute(scan, {"like": f"%{each}%"}).all()
            ms.append((time.perf_counter() - start) * 1000)
    return {"queries": len(ms), "p50_ms": round(statistics.median(ms), 1), "max_ms": round(max(ms), 1)}


def _typed(store: Store, size: int, count: int, pick: random.Random) -> Iterator[Typed]:
    """What a rep types for sampled customers and products."""
    for _ in range(count):
        id_ = mass.FIRST_ID + pick.randrange(size)
        row = _customer(store, id_)
        name = row["name"][:LONGEST]
        yield "name", id_, _grown(name)
        parts = sorted(words(row["name"]), key=len)[-2:]
        yield "two words, any order", id_, [f"{parts[0]} {each}" for each in _grown(parts[-1])]
        yield "contact", id_, _grown(row["contact"])
        yield "town", 0, _grown(row["city"])
        yield "code", id_, _grown(row["code"])
        yield "phone ending", id_, _grown(row["e164"][-pick.randrange(5, 8) :])
        yield "phone as written", id_, _grown(row["raw"])
        yield "inside a word", 0, _grown(_inside(pick, parts[-1]), 3)
        yield "one letter wrong", id_, _grown(_wrong(pick, row["name"]), 3)
        yield "nothing", 0, _grown("".join(pick.choice("bcdfghjklmnpqrstvwxz") for _ in range(8)))
        yield from _product_typed(store, mass.FIRST_ID + pick.randrange(size), pick)


def _product_typed(store: Store, id_: int, pick: random.Random) -> Iterator[Typed]:
    product = m.table(m.Product)
    with store.engine.connect() as connection:
        row = connection.execute(select(product).where(product.c.company == 1, product.c.id == id_)).one()
    parts = words(row.name)
    yield "product name", id_, _grown(row.name[:LONGEST])
    yield "product code", id_, _grown(row.code)
    yield "product two words", id_, [f"{parts[2]} {each}" for each in _grown(parts[0])]
    yield "product one letter wrong", id_, _grown(_wrong(pick, row.name), 3)


def _customer(store: Store, id_: int) -> dict[str, Any]:
    query = text(
        "SELECT c.name, c.code, s.city, k.name AS contact, p.raw, p.e164 FROM customer c "
        "JOIN ship_to s ON s.company = 1 AND s.customer_id = c.id "
        "JOIN contact k ON k.company = 1 AND k.customer_id = c.id "
        "JOIN contact_phone p ON p.company = 1 AND p.customer_id = c.id WHERE c.company = 1 AND c.id = :id"
    )
    with store.engine.connect() as connection:
        return dict(connection.execute(query, {"id": id_}).mappings().first() or {})


def _grown(whole: str, start: int = 1) -> list[str]:
    return [whole[:end] for end in range(min(start, len(whole)), len(whole) + 1)]


def _inside(pick: random.Random, word: str) -> str:
    start = pick.randrange(1, max(2, len(word) - 3))
    return word[start : start + 6]


def _wrong(pick: random.Random, name: str) -> str:
    """A name with one letter of its longest word missing, extra, wrong or swapped with its neighbour."""
    parts = list(words(name))
    longest = max(range(len(parts)), key=lambda at: (parts[at].isalpha(), len(parts[at])))
    word, letter = parts[longest], pick.choice("abcdefghijklmnopqrstuvwxyz")
    at = pick.randrange(1, max(2, len(word) - 1))
    parts[longest] = pick.choice([
        word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
        word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    ])  # fmt: skip
    return " ".join(parts)[:LONGEST]


def _show(name: str, measured: dict[str, Any]) -> None:
    print(f"\n{name}  filled {measured.get('fill_s', '-')} s, indexed {measured.get('index_s', '-')} s")
    print(f"{'typed':<26}{'keys':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'cpu p95':>9}  found")
    for kind, row in measured["classes"].items():
        mark = "" if row["p95_ms"] < TARGET_MS else "  over"
        figures = "".join(f"{row[key]:>9.2f}" for key in ("p50_ms", "p95_ms", "max_ms", "client_cpu_p95_ms"))
        print(f"{kind:<26}{row['keystrokes']:>7}{figures}  {row['found']}{mark}")
    scan = measured["like_scan"]
    print(f"{'LIKE scan of the names':<26}{scan['queries']:>7}{scan['p50_ms']:>9.1f}{'':>9}{scan['max_ms']:>9.1f}")


if __name__ == "__main__":
    main()
