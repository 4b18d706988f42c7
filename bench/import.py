"""Rows a minute of an import and the memory it takes, on SQLite and Postgres, for one size and for five times that.

The source is made here: customers, products, stock, orders, order lines and invoices with their lines in one file, one
row a line. Peak memory and processor time are those of a process of its own for each import (on Postgres without the
server's); the memory must not grow with the file.
Run: python bench/import.py [--orders 10000] [--backends sqlite postgres]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import bed

MAPPING = """
name = "bench"
today = 2024-12-31
[company]
currency = "EUR"
country = "DE"
[[file]]
name = "customers"
match = "customers.csv"
entity = "customer"
key = "no"
options = { empty_credit_limit = "unlimited" }
[file.fields]
code = "no"
name = "name"
bill_to = "payer"
credit_limit = "limit"
phone = "phone"
delivery_city = "town"
[[file]]
name = "products"
match = "products.csv"
entity = "product"
key = "item"
fields = { code = "item", name = "name", list_price = "price", tax_rate = { const = "19" } }
[[file]]
name = "stock"
match = "stock.csv"
entity = "stock"
key = "item"
fields = { product = "item", on_hand = "on_hand" }
[[file]]
name = "orders"
match = "orders.csv"
entity = "order"
key = "no"
fields = { number = "no", customer = "customer", placed_at = "day", picked_at = "picked" }
[[file]]
name = "lines"
match = "lines.csv"
entity = "order_line"
key = ["no", "pos"]
[file.fields]
order = "no"
product = "item"
quantity = "qty"
price = "price"
picked_quantity = "picked"
[[file]]
name = "invoices"
match = "invoices.csv"
entity = "document"
group = "no"
[file.fields]
kind = { const = "invoice" }
number = "no"
customer = "customer"
order = "order"
issued_on = "day"
[file.lines]
product = "item"
quantity = "qty"
price = "price"
"""


def make(folder: Path, orders: int) -> None:
    """Writes the source: three lines an order, four of five orders picked and billed."""
    customers, products = max(50, orders // 20), max(50, orders // 50)
    files: dict[str, tuple[str, Iterator[str]]] = {
        "customers": (
            "no,name,payer,limit,phone,town",
            (f"C{n},Customer {n},{f'C{n - n % 10}' if n % 10 else ''},5000,030 {5550000 + n},Town {n % 97}"
             for n in range(10, customers + 10)),
        ),
        "products": ("item,name,price", (f"P{n},Product {n},{n % 90 + 1}.50" for n in range(products))),
        "stock": ("item,on_hand", (f"P{n},{n % 40}" for n in range(products))),
        "orders": ("no,customer,day,picked", (
            f"{n},C{n % customers + 10},2024-{n % 12 + 1:02d}-{n % 28 + 1:02d},{'2024-12-30' if n % 5 else ''}"
            for n in range(1, orders + 1)
        )),
        "lines": ("no,pos,item,qty,price,picked", (
            f"{n},{pos},P{(n * 7 + pos) % products},{pos * 2},{(n * 7 + pos) % products % 90 + 1}.50,"
            f"{pos * 2 if n % 5 else 0}"
            for n in range(1, orders + 1) for pos in (1, 2, 3)
        )),
        "invoices": ("no,customer,order,day,item,qty,price", (
            f"{900000000 + n},C{n % customers + 10},{n},2024-12-30,P{(n * 7 + pos) % products},{pos * 2},"
            f"{(n * 7 + pos) % products % 90 + 1}.50"
            for n in range(1, orders + 1) if n % 5 for pos in (1, 2, 3)
        )),
    }  # fmt: skip
    for name, (head, rows) in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8") as file:
            file.write(head + "\n")
            file.writelines(f"{row}\n" for row in rows)


def one(url: str, folder: str) -> None:
    """Imports in this process and prints what it took as JSON."""
    from csdesk.importing import driver, mapping
    from csdesk.store import Store

    store = Store(url)
    parts, begun, last = [], time.perf_counter(), time.perf_counter()

    def done(result: object) -> None:
        nonlocal last
        now = time.perf_counter()
        parts.append((result.part, result.rows, result.quarantined, round(now - last, 2)))  # type: ignore[attr-defined]
        last = now

    driver.run(store, driver.plan(mapping.parse(MAPPING, "bench"), [Path(folder)]), driver.Watch(done=done))
    seconds = time.perf_counter() - begun
    store.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = round(used.ru_utime + used.ru_stime, 2)
    print(json.dumps({"parts": parts, "seconds": round(seconds, 2), "cpu": cpu, "peak_mb": used.ru_maxrss // 1024}))


def measured(backend: str, orders: int) -> dict[str, object]:
    """One import in a process of its own, into a new database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        make(folder / "in", orders)
        with bed.urls(folder, [backend]) as found:
            words = [sys.executable, __file__, "--one", found[backend], str(folder / "in")]
            ran = subprocess.run(words, capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(ran.stdout)
    rows = sum(part[1] for part in answer["parts"])  # type: ignore[attr-defined]
    kept_out = sum(part[2] for part in answer["parts"])  # type: ignore[attr-defined]
    minute = round(rows / float(str(answer["seconds"])) * 60)
    return {"backend": backend, "rows": rows, "quarantined": kept_out, "rows_a_minute": minute, **answer}


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--orders", type=int, default=10_000)
    words.add_argument("--backends", nargs="+", default=["sqlite", "postgres"])
    words.add_argument("--one", nargs=2)
    given = words.parse_args()
    if given.one:
        one(*given.one)
        return
    kept = []
    for backend in given.backends:
        for size in (given.orders, 5 * given.orders):
            found = measured(backend, size)
            kept.append({name: value for name, value in found.items() if name != "parts"})
            rate = f"{found['rows_a_minute']:>8} rows/min  cpu {found['cpu']} s  peak {found['peak_mb']} MB"
            print(
                f"{backend:9} {found['rows']:>8} rows  {found['seconds']:>7} s  {rate}, {found['quarantined']} kept out"
            )
            for part, rows, _, seconds in found["parts"]:  # type: ignore[attr-defined]
                print(f"          {part:10} {rows:>8} rows  {seconds:>7} s")
    bed.keep("import", kept)


if __name__ == "__main__":
    main()
