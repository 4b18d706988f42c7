"""A customer's ledger at a million and at ten million items: first page with balance and ageing, and the context bar.

    python bench/ledger.py [--sizes 1000000,10000000] [--accounts 100000] [--databases sqlite,postgres] [--calls 300]

One database grows from size to size; items.py says what is in it, and what is left out. Every call goes through the
store as the desk's does, for accounts picked at random and for one with 10,000 open items; beside it stand the same
figures by plain SQL on the bare driver, in turn with it, and both must agree. "as of" a past day is told, not judged.
The plan of every statement is looked at: one that walks all items ends the run. Writes bench/results/ledger.json.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import bed
import items
import mass
from sqlalchemy import event

from csdesk.rules.ageing import EDGES
from csdesk.services import customers, ledger
from csdesk.store import Store

LARGE = 10_000  # open items of the large account
DAY = date.fromisoformat(items.TODAY)
NOW = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
TARGETS = {"page": 20.0, "bar": 5.0}  # ms, p95
FLAT = 1.5  # the median of as many items on the page may grow by this from size to size
WARM = 30

Key = tuple[date, int] | None


@dataclass(frozen=True)
class Case:
    """A call of the desk: what it is, which target it has (none: it is only told), whose account, which page."""

    what: str
    target: str
    large: bool
    shown: str = ""
    next: bool = False
    past: bool = False


CASES = (
    Case("open", "page", False, "open"), Case("overdue", "page", False, "overdue"), Case("all", "page", False, "all"),
    Case("bar", "bar", False),
    Case("large: open", "page", True, "open"), Case("large: overdue", "page", True, "overdue"),
    Case("large: all", "page", True, "all"), Case("large: next page", "page", True, "open", next=True),
    Case("large: bar", "bar", True), Case("as of a past day", "", False, "open", past=True),
)  # fmt: skip


class Peer:
    """The same figures by hand: one statement for the page, one for the ageing, one for the bar."""

    def __init__(self, url: str) -> None:
        self.connection = items.connect(url)
        self.mark = "?" if isinstance(self.connection, sqlite3.Connection) else "%s"

    def rows(self, text: str, *values: Any) -> list[Any]:
        """All rows of a statement with ? for its parameters."""
        return list(self.connection.execute(text.replace("?", self.mark), values).fetchall())

    def page(self, account: int, shown: str, after: Key) -> tuple[list[Any], list[int]]:
        """Rows of a page, one more than it shows; credits, not due and buckets."""
        which = {"all": "", "open": " AND open <> 0", "overdue": f" AND open <> 0 AND open > 0 AND due_on < '{DAY}'"}
        behind = " AND (due_on, id) > (?, ?)" if after else ""
        found = self.rows(
            f"SELECT id, account_id, customer_id, source, source_id, kind, number, posted_on, due_on, currency, face, "
            f"open FROM open_item WHERE company = 1 AND account_id = ?{which[shown]}{behind} "
            f"ORDER BY due_on, id LIMIT {ledger.PAGE + 1}",
            account, *((after[0].isoformat(), after[1]) if after else ()),
        )  # fmt: skip
        aged = sorted(self.rows(AGEING, *[account] * AGEING.count("?")))
        return found, [int(sum(row[1] for row in aged)), *(int(row[2]) for row in aged)]

    def bar(self, customer: int) -> Any:
        """Code, name, balance, overdue, town, contact, open orders, holds."""
        return self.rows(BAR, customer)[0]


def _ageing() -> str:
    """Credit and debit of each of rules.ageing's buckets, not due first: a range of the index each, which is faster
    than a sum of CASEs over all."""
    days = [DAY, *(DAY - timedelta(days=edge) for edge in EDGES)]
    ranges = [f"due_on >= '{days[0]}'", *(f"due_on < '{a}' AND due_on >= '{b}'" for a, b in pairwise(days))]
    sums = ", ".join(f"coalesce(sum(CASE WHEN open {way} 0 THEN open ELSE 0 END), 0)" for way in "<>")
    return " UNION ALL ".join(
        f"SELECT {place}, {sums} FROM open_item WHERE company = 1 AND account_id = ? AND open <> 0 AND {each}"
        for place, each in enumerate([*ranges, f"due_on < '{days[-1]}'"])
    )


AGEING = _ageing()
BAR = f"""
SELECT c.code, c.name, a.open_debit - a.open_credit,
       (SELECT coalesce(sum(open), 0) FROM open_item WHERE company = 1 AND account_id = a.id AND open <> 0
        AND open > 0 AND due_on < '{DAY}'),
       (SELECT city FROM ship_to WHERE company = 1 AND customer_id = c.id LIMIT 1),
       (SELECT name FROM contact WHERE company = 1 AND customer_id = c.id LIMIT 1),
       (SELECT count(*) FROM sales_order WHERE company = 1 AND customer_id = c.id
        AND status IN ('held', 'confirmed', 'allocated')),
       (SELECT count(*) FROM order_hold h JOIN sales_order o ON o.company = h.company AND o.id = h.order_id
        WHERE o.company = 1 AND o.customer_id = c.id AND o.status = 'held' AND h.lifted_at IS NULL)
FROM customer c JOIN credit_account a ON a.company = c.company AND a.id = c.account_id
WHERE c.company = 1 AND c.id = ?
"""


class Desk:
    """A store on a filled database beside a bare connection, with the statements of its last call."""

    def __init__(self, url: str, accounts: int, seed: int) -> None:
        self.store, self.peer = Store(url, clock=lambda: NOW), Peer(url)
        self.accounts, self.pick = accounts, random.Random(f"ledger {seed}")
        self.sent: list[tuple[str, Any]] = []
        self.large = mass.FIRST_ID + accounts - 1
        self.after: Key = None
        self.listening = False
        self.worked: list[float] = []
        event.listen(self.store.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if self.listening:
            self.sent.append((statement, parameters))

    def call(self, case: Case) -> tuple[float, float, int]:
        """Seconds of the desk's call and of the peer's, and rows on the page. Fails when they do not agree."""
        who = self.large if case.large else mass.FIRST_ID + self.pick.randrange(self.accounts)
        if not case.shown:
            took, bar = self._timed(customers.bar, who)
            bare, row = bed.timed(lambda: self.peer.bar(who))
            assert (bar.code, bar.name, bar.balance, bar.overdue) == tuple(row[:4]), (bar, row)
            return took, bare, 0
        after = self.after if case.next else None
        day = DAY - timedelta(days=self.pick.randrange(10, 700)) if case.past else None
        took, page = self._timed(ledger.page, who, case.shown, after, 0, day)
        if case.past:
            return took, 0.0, len(page.items)
        bare, (rows, sums) = bed.timed(lambda: self.peer.page(who, case.shown, after))
        assert [each.id for each in page.items] == [row[0] for row in rows[: ledger.PAGE]], (case, who)
        aged = page.aged
        assert (aged.credits, aged.not_due, *aged.buckets) == tuple(sums), (case, who)
        self.after = page.after if case.next or (case.large and case.shown == "open") else None
        return took, bare, len(page.items)

    def _timed(self, verb: Any, *words: Any) -> tuple[float, Any]:
        """As bed.timed, and notes the processor time of this process: on SQLite that is all of the call's."""
        begin = time.process_time()
        found = bed.timed(lambda: self.store.read_now(verb, *words))
        self.worked.append(time.process_time() - begin)
        return found

    def check(self, who: int) -> None:
        """The stored balance is what the ageing adds up to."""
        balance = self.store.read_now(customers.bar, who).balance
        aged = self.store.read_now(ledger.page, who).aged
        assert balance == aged.credits + aged.not_due + sum(aged.buckets), who

    def plans(self, case: Case) -> str:
        """The indexes of the items the call uses. Raises SystemExit when a statement walks the whole table."""
        self.sent, self.listening = [], True
        self.call(case)
        self.listening = False
        used: list[str] = []
        for statement, parameters in self.sent:
            for line in self._plan(statement, parameters) if "open_item" in statement else ():
                if line.startswith(("SCAN open_item", "Seq Scan on open_item")):
                    raise SystemExit(f"{case.what}: {line}\n{statement}")
                used += [word for word in line.replace("(", " ").split() if word.startswith("ix_open_item")]
        return ", ".join(dict.fromkeys(each.removeprefix("ix_open_item_") for each in used))

    def _plan(self, statement: str, parameters: Any) -> Iterator[str]:
        word = "EXPLAIN" if self.store.postgres else "EXPLAIN QUERY PLAN"
        with self.store.engine.connect() as connection:
            for row in connection.exec_driver_sql(f"{word} {statement}", parameters):
                yield str(row[-1]).strip(" ->")

    def close(self) -> None:
        """Closes both connections."""
        self.store.close()
        self.peer.connection.close()


def measure(url: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each case: the desk's times, the peer's, rows on the page, indexes."""
    desk, rows = Desk(url, options.accounts, options.seed), []
    try:
        for who in (desk.large, *(mass.FIRST_ID + options.accounts * n // 20 for n in range(20))):
            desk.check(who)
        for case in CASES:
            for _ in range(WARM):
                desk.call(case)
            plan = desk.plans(case)
            found = [desk.call(case) for _ in range(options.calls)]
            own, bare = bed.spread([each[0] for each in found]), bed.spread([each[1] for each in found])
            rows.append({
                "what": case.what, **own, "cpu_p95_ms": bed.spread(desk.worked[-options.calls :])["p95_ms"],
                "peer_p50_ms": bare["p50_ms"], "peer_p95_ms": bare["p95_ms"],
                "ratio_p50": round(own["p50_ms"] / bare["p50_ms"], 1) if bare["p50_ms"] else "",
                "items_p50": statistics.median(each[2] for each in found),
                "target_p95": TARGETS.get(case.target, ""),
                "met": own["p95_ms"] < TARGETS[case.target] if case.target else "", "index": plan,
            })  # fmt: skip
    finally:
        desk.close()
    return rows


def growth(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How the times of each case grow from the first size to the last; "flat" where as many items are shown."""
    grown = []
    sizes = sorted({row["items"] for row in rows})
    for last in (row for row in rows if len(sizes) > 1 and row["items"] == sizes[-1]):
        first = next(row for row in rows if row["items"] == sizes[0]
                     and (row["database"], row["what"]) == (last["database"], last["what"]))  # fmt: skip
        factor = {name: round(last[f"{name}_ms"] / max(first[f"{name}_ms"], 0.001), 2)
                  for name in ("p50", "p95", "peer_p50") if last[f"{name}_ms"]}  # fmt: skip
        shown = (first["items_p50"], last["items_p50"])
        grown.append({
            "database": last["database"], "what": last["what"], **{f"{k}_growth": v for k, v in factor.items()},
            "items_p50": f"{shown[0]:g} -> {shown[1]:g}", "flat": factor["p50"] <= FLAT if shown[0] == shown[1] else "",
        })  # fmt: skip
    return grown


def build(url: str, start: int, end: int, options: argparse.Namespace) -> dict[str, Any]:
    """Grows a database and tells what it took, a million items each."""
    if not start:
        mass.fill_customers(url, options.accounts, options.seed, index=False)
    large = min(LARGE, min(options.sizes) // 2)
    before, begin = items.size(url), time.perf_counter()
    items.grow(url, start, end, accounts=options.accounts, large=large, seed=options.seed)
    million, seconds = (end - start) / 1e6, time.perf_counter() - begin
    return {
        "build_s_per_million": round(seconds / million, 1),
        "mb_per_million": round((items.size(url) - before) / 1e6 / million),
    }


def main() -> None:
    """Builds and measures both databases size by size, prints the tables and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    many: Callable[[str], list[int]] = lambda text: [int(each) for each in text.split(",")]  # noqa: E731
    parser.add_argument("--sizes", type=many, default=[1_000_000, 10_000_000], help="items, smaller first")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--databases", type=lambda text: text.split(","), default=["sqlite", "postgres"])
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="make the SQLite file in this folder and leave it there")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    built: list[dict[str, Any]] = []
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="csdesk")))
        for database, url in stack.enter_context(bed.urls(folder, options.databases)).items():
            for start, end in zip([0, *options.sizes], options.sizes, strict=False):
                built.append({"database": database, "items": end, **build(url, start, end, options)})
                load = round(os.getloadavg()[0], 1)
                found = [{"database": database, "items": end, **row} for row in measure(url, options)]
                built[-1] |= {"load_before": load, "load_after": round(os.getloadavg()[0], 1)}
                bed.table(found)
                rows += found
    grown = growth(rows)
    for each in (built, grown):
        print()
        bed.table(each)
    judged = [row for row in rows if row["met"] != ""]
    flat = [row["flat"] for row in grown if row["flat"] != ""]
    print(
        f"\nwithin the target: {sum(row['met'] for row in judged)} of {len(judged)}; flat: {sum(flat)} of {len(flat)}"
    )
    bed.keep("ledger", rows, growth=grown, built=built, targets_p95_ms=TARGETS, flat_p50=FLAT,
             accounts=options.accounts, seed=options.seed, cores=os.cpu_count(),
             sqlite=sqlite3.sqlite_version)  # fmt: skip


if __name__ == "__main__":
    main()
