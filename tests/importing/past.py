"""A past day: what the whole books say of it is what books that were taken in only up to that day say.

`test_real.py` asks it of its import."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from csdesk.importing import driver, mapping
from csdesk.models import Customer, table
from csdesk.money import to_minor
from csdesk.services import ledger, reports
from csdesk.store import Store
from tests.importing.bed import REAL, broken
from tests.support import databases

END, CUT = date(2016, 5, 31), date(2016, 4, 30)
CUSTOMER = table(Customer)
REPORTS = frozenset({"receivables", "unapplied", "payments", "roll-forward"})
Rows = Iterator[dict[str, str]]


def until(row: dict[str, str], name: str) -> bool:
    """Whether a row is of the cut day or before."""
    return date.fromisoformat(row[name]) <= CUT


def cut(place: Path) -> Path:
    """The folder as it would have been written at the end of the cut day: no later row, nothing said of later."""
    place.mkdir()
    kept: set[str] = set()

    def invoices(rows: Rows) -> Rows:
        for row in rows:
            if until(row, "InvoiceDate"):
                kept.add(row["InvoiceID"])
                later = not row["FinalizationDate"] or not until(row, "FinalizationDate")
                yield {**row, "OrderID": "", "FinalizationDate": "", "OutstandingBalance": row["TransactionAmount"]} \
                    if later else {**row, "OrderID": ""}  # fmt: skip

    written: dict[str, Any] = {
        "customers.csv": lambda rows: rows,
        "stock_items.csv": lambda rows: rows,
        "invoices.csv": invoices,
        "invoice_lines.csv": lambda rows: (row for row in rows if row["InvoiceID"] in kept),
        "payments.csv": lambda rows: (row for row in rows if until(row, "TransactionDate")),
    }
    for name, chosen in written.items():
        with (REAL / "wwi_2016q2" / name).open(newline="", encoding="utf-8") as source:
            reader = csv.DictReader(source)
            with (place / name).open("w", newline="", encoding="utf-8") as target:
                writer = csv.DictWriter(target, reader.fieldnames or ())
                writer.writeheader()
                writer.writerows(chosen(reader))
    return place


def taken_in(store: Store, folder: Path) -> None:
    driver.run(store, driver.plan(mapping.find("wwi"), [folder]))
    assert broken(store) == []


def figures(store: Store, day: date) -> dict[str, Any]:
    """What reports and the ledger of every account say of a day."""
    names = REPORTS - {"roll-forward"}
    told: dict[str, Any] = {name: store.read_now(reports.run, name, day) for name in names}
    moved = {row[0]: row[1] for row in store.read_now(reports.run, "roll-forward", day).rows}
    told["roll-forward"] = {name: moved[name] for name in ("opening (derived)", "billed", "received", "closing")}
    with store.engine.connect() as connection:
        rows = connection.execute(select(CUSTOMER).order_by(CUSTOMER.c.code)).all()
    first = {row.account_id: row.code for row in reversed(rows)}
    for row in rows:
        if first[row.account_id] == row.code:
            told[row.code] = ledger_of(store, row.id, day)
    return told


def ledger_of(store: Store, customer: int, day: date) -> Any:
    """The ledger of a customer's account page by page: ageing, and (number, due, face, open, late) of each item."""
    found, after, items, running = None, None, [], 0
    while found is None or after is not None:
        found = store.read_now(ledger.page, customer, "open", after, running, day)
        items += [(each.number, each.due_on, each.face, each.open, each.late) for each in found.items]
        after, running = found.after, found.items[-1].running if found.items else 0
    assert running == found.aged.balance
    return found.aged, sorted(items)


def compare(whole: Store, backend: str, tmp_path: Path) -> None:
    """The cut day of the whole books against books that end there; and the end of May on every account's ledger."""
    (tmp_path / "short").mkdir()
    with databases.database(backend, tmp_path / "short", "migrated") as url:
        short = Store(url)
        taken_in(short, cut(tmp_path / "cut"))
        then, now = figures(short, CUT), figures(whole, CUT)
        short.close()
    assert then.keys() == now.keys()
    assert {key: (then[key], now[key]) for key in then if then[key] != now[key]} == {}
    at_end = figures(whole, END)
    owed = at_end["receivables"].rows
    assert [str(row[2]) for row in owed if row[0] == "invoice"] == ["267011.44"]
    on_screen = [each[0] for name, each in at_end.items() if name not in REPORTS]
    total = sum(sum(aged.buckets) + aged.not_due for aged in on_screen)
    unapplied = sum(aged.credits for aged in on_screen)
    assert (total, abs(unapplied)) == (to_minor("267011.44", "USD"), to_minor("242188.80", "USD"))
