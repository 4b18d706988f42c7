"""Two hundred thousand tickets: the queue, a ticket opened, search and claiming, each key through the desk.

    python bench/tickets.py [--tickets 200000] [--customers 20000] [--calls 100] [--databases sqlite,postgres]

A call is one key of a rep's desk (`prompt.Desk.press`, without a screen): q, a digit, PgDn, Enter on /text, n. One
ticket in ten is under way (tickets_mass.py says what is in it). Beside it stand the same rows by plain SQL on the bare
driver, in turn with it; where they name the same things both must agree. Writes bench/results/tickets.json.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bed
import items
import mass
import tickets_mass as tm
from sqlalchemy import text

from csdesk import models as m
from csdesk.prompt.desk import Desk
from csdesk.rules import ranking
from csdesk.rules.clock import due
from csdesk.services import staff
from csdesk.services.queue_entries import Hours
from csdesk.services.tx import Tx
from csdesk.store import Store
from tests.support.seed import put, seed

TARGET = 100.0  # ms, p95
STAFF = range(1000, 1030)
WORKED: list[float] = []  # seconds of processor time of each key, of all desks
LIVE = "(t.base = 'work' OR (t.base = 'wait' AND t.due_at IS NOT NULL))"


def found(url: str, options: argparse.Namespace) -> float:
    """The small desk, its customers and tickets; seconds it took."""
    begin = time.perf_counter()
    store = Store(url)
    seed(store)
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text("UPDATE customer SET code = 'Q' || code"))  # the mass has codes of that kind too
        put(connection, m.Person, [{"id": each, "name": f"Rep {each}"} for each in STAFF])
        put(connection, m.Staff, [
            {"id": each, "person_id": each, "login": f"r{each}", "name": f"Rep {each}", "team": "North"}
            for each in STAFF
        ])  # fmt: skip
        put(connection, m.ServiceQueue, [{"code": "south", "name": "South", "policy": "standard", "team": "North"}])
    store.close()
    mass.fill_customers(url, options.customers, options.seed)
    tm.fill(url, options.tickets, options.customers, [1, 2, *STAFF], options.seed)
    return time.perf_counter() - begin


class Peer:
    """The same figures by hand on the bare driver."""

    def __init__(self, url: str, horizon: Any) -> None:
        self.connection = items.connect(url)
        self.lite = isinstance(self.connection, sqlite3.Connection)
        now, far = (self._at(each) for each in (tm.NOW, tm.NOW + ranking.NEXT_TRUCK))
        tier = "t.tier" if self.lite else 't.tier COLLATE "C"'
        self.order = (
            f"CASE WHEN t.safety THEN 0 ELSE 1 END, CASE WHEN t.due_at <= '{self._at(horizon)}' THEN 0 ELSE 1 END, "
            f"CASE WHEN t.cutoff_at > '{now}' AND t.cutoff_at <= '{far}' THEN -t.value ELSE 0 END, "
            f"coalesce(t.due_at, '9999-01-01 00:00:00.000000'), {tier}, t.opened_at, t.id"
        )

    def _at(self, at: Any) -> str:
        return at.strftime("%Y-%m-%d %H:%M:%S.%f" + ("" if self.lite else "+00"))

    def rows(self, text: str, *values: Any) -> list[Any]:
        """All rows of a statement with ? for its parameters."""
        return list(self.connection.execute(text.replace("?", "?" if self.lite else "%s"), values).fetchall())

    def queue(self, mine: bool) -> list[Any]:
        """The first 200 rows of the rep's own queue, or of both queues."""
        whose = "(t.owner_id = 1 OR t.owner_id IS NULL)" if mine else "t.company = 1"
        return self.rows(
            f"SELECT t.*, c.code, c.name, s.login FROM (SELECT t.id FROM ticket t WHERE t.company = 1 "
            f"AND t.queue IN ('desk', 'south') AND {whose} AND {LIVE} ORDER BY {self.order} LIMIT 201) x "
            f"JOIN ticket t ON t.company = 1 AND t.id = x.id LEFT JOIN customer c ON c.company = 1 "
            f"AND c.id = t.customer_id LEFT JOIN staff s ON s.company = 1 AND s.id = t.owner_id ORDER BY {self.order}"
        )

    def ticket(self, number: int) -> list[Any]:
        """A ticket with its events, thread and lines."""
        parts = ("ticket_event", "ticket_item", "ticket_line")
        found = [self.rows("SELECT * FROM ticket WHERE company = 1 AND id = ?", number)]
        return found + [
            self.rows(f"SELECT * FROM {each} WHERE company = 1 AND ticket_id = ?", number) for each in parts
        ]

    def search(self, word: str) -> list[Any]:
        """The latest 9 tickets one may see with a word that begins so."""
        seen = "(t.owner_id = 1 OR (t.owner_id IS NULL AND t.queue IN ('desk', 'south')))"
        if self.lite:
            return self.rows(
                "SELECT t.id FROM ticket_fts f CROSS JOIN ticket_search s ON s.id = f.rowid CROSS JOIN ticket t "
                f"ON t.company = 1 AND t.id = s.ticket_id WHERE ticket_fts MATCH ? AND {seen} "
                "ORDER BY f.rowid DESC LIMIT 9", f'"{word}"*',
            )  # fmt: skip
        return self.rows(
            "SELECT t.id FROM ticket_search s JOIN ticket t ON t.company = 1 AND t.id = s.ticket_id "
            f"WHERE s.company = 1 AND s.terms @@ to_tsquery('simple', ?) AND {seen} ORDER BY s.id DESC LIMIT 9",
            f"'{word}':*",
        )


class Keys:
    """A desk pressed key by key, with the seconds each took."""

    def __init__(self, store: Store) -> None:
        self.desk, self.loop, self.worked = Desk(store), asyncio.new_event_loop(), WORKED
        self.loop.run_until_complete(self.desk.start())

    def timed(self, work: Callable[[], Any]) -> float:
        """Seconds of a key, and what of them this process worked."""
        before = time.process_time()
        took, _ = bed.timed(lambda: self.loop.run_until_complete(work()))
        self.worked.append(time.process_time() - before)
        return took

    def press(self, *keys: str) -> float:
        """Seconds of the last of some keys."""
        for key in keys[:-1]:
            self.loop.run_until_complete(self.desk.press(key))
        took = self.timed(lambda: self.desk.press(keys[-1]))
        assert self.desk.now.echo.tone != "wrong", self.desk.now.echo.text
        return took

    def look(self, text: str) -> float:
        """Seconds until the hits of a typed text stand there."""
        for key in text:
            self.loop.run_until_complete(self.desk.press(key))
        return self.timed(self.desk.look)

    @property
    def listed(self) -> list[int]:
        """The tickets of the view, in order."""
        acts = self.desk.now.shown.acts if self.desk.now.shown else ()
        return [act.args[1].subject_id for act in acts if act is not None and act.args[1].kind == "ticket"]


def lasting(worked: list[float], what: str) -> float:
    """The processor time of the key that was measured: the last one, before the one that leaves a search."""
    return worked[-2] if what.startswith("search") else worked[-1]


class Doings:
    """What is timed: each gives the seconds of the desk's key and of the peer's rows, 0 where there is no peer."""

    def __init__(self, rep: Keys, lead: Keys, peer: Peer, seed: int, tickets: int) -> None:
        self.rep, self.lead, self.peer, self.tickets = rep, lead, peer, tickets
        self.pick = random.Random(seed)

    def mine(self) -> tuple[float, float]:
        """The rep's own queue."""
        return self.rep.press("q"), bed.timed(lambda: self.peer.queue(True))[0]

    def turned(self) -> tuple[float, float]:
        """Its next page."""
        self.rep.press("q", "end")
        return self.rep.press("down"), 0.0

    def team(self) -> tuple[float, float]:
        """The team's queue."""
        if self.lead.desk.now.queue == "team":
            self.lead.press("q")
        return self.lead.press("q"), bed.timed(lambda: self.peer.queue(False))[0]

    def opened(self) -> tuple[float, float]:
        """A ticket of the queue."""
        self.rep.press("q")
        place = self.pick.randrange(9)
        ticket = self.rep.listed[place]
        return self.rep.press(str(place + 1)), bed.timed(lambda: self.peer.ticket(ticket))[0]

    def searched(self, words: Callable[[], str]) -> Callable[[], tuple[float, float]]:
        """A search for words."""

        def call() -> tuple[float, float]:
            word = words()
            took = self.rep.look(f"/{word}")
            self.rep.press("f12")
            return took, bed.timed(lambda: self.peer.search(word.split()[-1]))[0]

        return call

    def claimed(self) -> tuple[float, float]:
        """The next ticket, taken."""
        return self.rep.press("q", "n", "enter"), 0.0

    def all(self) -> dict[str, Callable[[], tuple[float, float]]]:
        """By name."""
        pick = self.pick
        return {
            "queue: mine": self.mine,
            "queue: next page": self.turned,
            "queue: team": self.team,
            "ticket opened": self.opened,
            "search: one word": self.searched(lambda: pick.choice(tm.SUBJECTS)),
            "search: beginning": self.searched(lambda: pick.choice(tm.SUBJECTS)[:3]),
            "search: rare word": self.searched(lambda: str(pick.randrange(1000, 9973))),
            "search: number": self.searched(lambda: f"t{pick.randrange(self.tickets):08d}"),
            "claim next": self.claimed,
        }


def measure(url: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each thing a rep does: the desk's times, the peer's, the target."""
    store = Store(url, clock=lambda: tm.NOW)
    rep = Keys(store.acting(store.read_now(staff.sign_in, "rep7")))
    lead = Keys(store.acting(store.read_now(staff.sign_in, "lead3")))
    with store.engine.connect() as connection:
        hours = Hours(Tx(connection, 1, rep.desk.store.actor, tm.NOW), tm.NOW)
        peer = Peer(url, due(hours.calendar(("standard", 1)), tm.NOW, ranking.SOON))
    lead.press("q", "enter")
    rep.press("q", "enter")
    assert rep.listed == [row[1] for row in peer.queue(True)[: len(rep.listed)]]
    cases = Doings(rep, lead, peer, options.seed, options.tickets).all()
    rows = [row(what, call, options.calls) for what, call in cases.items()]
    store.close()
    return rows


def row(what: str, call: Callable[[], tuple[float, float]], calls: int) -> dict[str, Any]:
    """One of them, warmed and timed."""
    for _ in range(5):
        call()
    times, worked = [], []
    for _ in range(calls if what != "claim next" else max(calls // 3, 5)):
        times.append(call())
        worked.append(lasting(WORKED, what))
    own, bare = bed.spread([each[0] for each in times]), bed.spread([each[1] for each in times])
    ratio = round(own["p50_ms"] / bare["p50_ms"], 1) if bare["p50_ms"] else ""
    return {
        "what": what, **own, "cpu_p95_ms": bed.spread(worked)["p95_ms"], "peer_p50_ms": bare["p50_ms"] or "",
        "peer_p95_ms": bare["p95_ms"] or "", "ratio_p50": ratio, "target_p95": TARGET, "met": own["p95_ms"] < TARGET,
    }  # fmt: skip


def main() -> None:
    """Builds and measures both databases, prints the table and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--databases", type=lambda text: text.split(","), default=["sqlite", "postgres"])
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    built = []
    with tempfile.TemporaryDirectory(prefix="csdesk") as folder, bed.urls(Path(folder), options.databases) as urls:
        for database, url in urls.items():
            seconds = round(found(url, options), 1)
            load = round(os.getloadavg()[0], 1)
            part = [{"database": database, **row} for row in measure(url, options)]
            built.append({"database": database, "build_s": seconds, "load_before": load,
                          "load_after": round(os.getloadavg()[0], 1)})  # fmt: skip
            bed.table(part)
            rows += part
    bed.table(built)
    print(f"within the target: {sum(row['met'] for row in rows)} of {len(rows)}")
    bed.keep("tickets", rows, built=built, target_p95_ms=TARGET, tickets=options.tickets, customers=options.customers,
             seed=options.seed, cores=os.cpu_count(), sqlite=sqlite3.sqlite_version)  # fmt: skip


if __name__ == "__main__":
    main()
