"""Orders while the primary dies, a standby dies, the primary hands over: what is lost, what is doubled, how long away.

Several processes place orders as the desk does, each with its request id, and send the same request again until it is
answered. Then everything is counted in the database: each answered order is there once, as it was answered, none is
there twice, none in half; `csdesk check` and `csdesk audit verify` find nothing. "seconds away" is the longest time in
which nobody's order was answered. The last run, without synchronous standbys, is there to be seen losing: the line to
the standbys stalls for a second before the primary dies, as it does in the run before it.
It needs what deploy/ha/README.md says.
Run: python bench/failover.py [--cluster-python /opt/patroni/bin/python] [--workers 6] [--only kill-primary/hosts]
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bed
from orders import CODES, PLENTY, drafts
from sqlalchemy import func, select, text

from csdesk.config import database_url
from csdesk.errors import Unavailable
from csdesk.migrations import schema
from csdesk.models import AuditEntry, OrderLine, Outbox, SalesOrder, table
from csdesk.services import care, orders, staff
from csdesk.store import Store
from tests.support.seed import Seeded, seed

ORDER, LINE, ENTRY, OUTBOX = table(SalesOrder), table(OrderLine), table(AuditEntry), table(Outbox)
MOST = 1000  # orders a worker may place in one run
PATIENCE = 120  # seconds a worker goes on asking
# What happens, by which way the desk reaches the database, and the line to the standbys stalled for how long before.
RUNS = (("kill-primary", "hosts", 0), ("kill-standby", "hosts", 0), ("switchover", "hosts", 0),
        ("kill-primary", "pgbouncer", 0), ("switchover", "pgbouncer", 0), ("kill-primary", "haproxy", 0),
        ("kill-primary", "hosts", 1))  # fmt: skip
WITHOUT = (("kill-primary", "hosts", 1),)


@dataclass(frozen=True)
class Answer:
    """What a worker got for one order: number, when, how often it asked, and what it was told meanwhile."""

    draft: int
    number: str  # empty: never answered
    at: float
    tries: int
    strange: str = ""


class Cluster:
    """A cluster of deploy/ha in a folder."""

    def __init__(self, python: str, folder: Path) -> None:
        self.command = [python, str(bed.ROOT / "deploy" / "ha" / "cluster")]
        self.folder = folder

    def do(self, what: str, *words: str) -> str:
        """Runs a command of it and gives what it prints."""
        done = subprocess.run([*self.command, what, str(self.folder), *words], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{what}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def url(self, way: str) -> str:
        """The address of its database."""
        return database_url(self.do("url", way))


def load(url: str, ids: list[int], pace: float, stop: Any, answered: Any, results: Any) -> None:
    """One worker: places its orders one after another, until it is stopped."""
    store = Store(url)
    rep = store.acting(store.read_now(staff.sign_in, "rep7"))
    found = []
    for each in ids:
        if stop.is_set():
            break
        begin = time.monotonic()
        found.append(insist(rep, each))
        with answered.get_lock():
            answered.value += 1
        time.sleep(max(0.0, begin + pace - time.monotonic()))
    store.close()
    results.put(found)


def insist(rep: Store, draft: int) -> Answer:
    """Places one order; while the database is away, the same request is sent again."""
    strange, tries, limit = "", 0, time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        tries += 1
        try:
            placed = rep.write_now(orders.place, draft, request_id=f"commit-{draft}")
            return Answer(draft, placed.order.number, time.monotonic(), tries, strange)
        except Unavailable:
            pass
        except Exception as error:  # noqa: BLE001 - whatever else a rep would be told is counted
            strange = f"{type(error).__name__}: {error}"[:300]
        time.sleep(0.1)
    return Answer(draft, "", time.monotonic(), tries, strange)


def under_load(cluster: Cluster, seeded: Seeded, run: tuple[str, str, int], given: Any) -> dict[str, Any]:
    """Starts the workers, lets it happen, waits until orders go through again, and counts."""
    event, way, stalled = run
    store = Store(cluster.url("hosts"))
    shares = [drafts(store, seeded, MOST) for _ in range(given.workers)]
    context = multiprocessing.get_context("spawn")
    stop, answered, results = context.Event(), context.Value("i", 0), context.Queue()
    rest = (1 / given.rate, stop, answered, results)
    running = [context.Process(target=load, args=(cluster.url(way), share, *rest)) for share in shares]
    for process in running:
        process.start()
    further(answered, given)
    begin = time.monotonic()
    cluster.do(event, *(["--stalled", str(stalled)] if event == "kill-primary" else []))
    time.sleep(3)  # what was on its way is answered by now
    further(answered, given)
    stop.set()
    answers = [each for _ in running for each in results.get()]
    for process in running:
        process.join()
    store.engine.dispose()  # its connection is of a server that may be no primary now
    times = [each.at for each in answers if each.number]
    row = {"what": event, "by": way, "stalled": stalled, "answered": len(times),
           "asked again": sum(each.tries > 1 for each in answers), **counted(store, shares, answers),
           "longest before": longest(at for at in times if at < begin),
           "seconds away": longest(at for at in times if at > begin - 1)}  # fmt: skip
    store.close()
    return row


def further(answered: Any, given: Any) -> None:
    """Waits for some orders, and then for the time of a calm."""
    wanted, limit = answered.value + 5 * given.workers, time.monotonic() + PATIENCE
    while answered.value < wanted:
        if time.monotonic() > limit:
            sys.exit(f"no orders went through for {PATIENCE} s")
        time.sleep(0.1)
    time.sleep(given.calm)


def longest(times: Iterable[float]) -> float:
    """The longest time between two answers."""
    ranked = sorted(times)
    return round(max((after - before for before, after in itertools.pairwise(ranked)), default=0.0), 1)


def counted(store: Store, shares: list[list[int]], answers: list[Answer]) -> dict[str, Any]:
    """What the database holds of the answered orders, and of those asked for at all."""
    drafts_of = {each for share in shares for each in share}
    with store.engine.connect() as connection:
        stored = {
            row.id: row.number for row in connection.execute(select(ORDER.c.id, ORDER.c.number)) if row.id in drafts_of
        }
        placings, papers = Counter[int](), Counter[int]()
        placed = select(ENTRY.c.subject_id).where(ENTRY.c.verb == "orders.place", ENTRY.c.subject == "order")
        placings.update(row.subject_id for row in connection.execute(placed) if row.subject_id in drafts_of)
        papers.update(json.loads(row.payload)["order"] for row in connection.execute(select(OUTBOX.c.payload).where(
            OUTBOX.c.kind == "order-confirmation")))  # fmt: skip
        lines = {row.order_id: row.n for row in connection.execute(
            select(LINE.c.order_id, func.count().label("n")).group_by(LINE.c.order_id))}  # fmt: skip
    asked = {each.draft: each for each in answers}
    numbers = Counter(each.number for each in answers if each.number)
    twice = {each for each, times in (*placings.items(), *papers.items()) if times > 1 and each in drafts_of} | {
        each.draft for each in answers if each.number and numbers[each.number] > 1}  # fmt: skip
    half = [each for each in stored if lines.get(each) != len(CODES) or not placings[each] or not papers[each]]
    half += [each for each in placings if each not in stored]
    found = [f"{each.name}: {words}" for each in store.read_now(care.check) for words in each.offenders]
    found += [str(each) for each in store.read_now(care.verify_audit)[1]]
    strange = sorted({each.strange for each in answers if each.strange})
    for words in [*found[:5], *strange[:5]]:
        print("  !", words)
    return {
        "lost": sum(1 for each in answers if each.number and stored.get(each.draft) != each.number),
        "doubled": len(twice),
        "in half": len(half),
        "unanswered": sum(1 for each in stored if each not in asked or not asked[each].number),
        "check": len(found),
        "odd answers": len(strange),
    }


def prepared(cluster: Cluster) -> Seeded:
    """The small desk in the cluster, with stock and credit for everything."""
    store = Store(cluster.url("hosts"))
    schema.upgrade(store)
    seeded = seed(store)
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE stock SET on_hand = {PLENTY * 1000}"))
        connection.execute(text("UPDATE credit_account SET credit_limit = NULL"))
    store.close()
    return seeded


def with_cluster(given: Any, runs: Iterable[tuple[str, str, int]], *words: str) -> list[dict[str, Any]]:
    """Runs on a new cluster; each begins with all three servers well."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="csdesk-ha", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        cluster = Cluster(given.cluster_python, Path(folder) / "c")
        try:
            cluster.do("up", *words)
            seeded = prepared(cluster)
            for run in runs:
                standbys = "asynchronous" if words else "synchronous"
                rows.append({"standbys": standbys, **under_load(cluster, seeded, run, given)})
                bed.table(rows[-1:])
                cluster.do("up")
        finally:
            cluster.do("down")
    return rows


def main() -> None:
    """Runs what was asked for; exit 1 when an order was lost, doubled or halved with synchronous standbys."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--cluster-python", default=sys.executable, help="a Python that has deploy/ha/requirements.txt")
    words.add_argument("--workers", type=int, default=6)
    words.add_argument("--rate", type=float, default=10, help="orders a second of one worker, at most")
    words.add_argument("--calm", type=float, default=8, help="seconds of orders before and after")
    words.add_argument("--only", help="what/by, as kill-primary/hosts; 'async' for the run that may lose")
    given = words.parse_args()
    runs = [run for run in RUNS if given.only in (None, "/".join(run[:2]))]
    rows = with_cluster(given, runs) if runs else []
    if given.only in (None, "async"):
        rows += with_cluster(given, WITHOUT, "--async")
    print()
    bed.table(rows)
    if given.only is None:
        bed.keep("failover", rows, workers=given.workers, rate=given.rate, ttl=20, loop_wait=5,
                 target="synchronous: lost 0, doubled 0, in half 0; asynchronous may lose")  # fmt: skip
    wrong = ("lost", "doubled", "in half", "unanswered", "check", "odd answers")
    sys.exit(any(row[name] for row in rows for name in wrong if row["standbys"] == "synchronous"))


if __name__ == "__main__":
    main()
