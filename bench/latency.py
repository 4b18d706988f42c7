"""What a rep waits for, measured through a pseudo-terminal on the real program: key to paint, Enter to saved, start.

100,000 customers, thousands of priced products, a 30-line draft open. A time runs from the write of a key to the read
of the last piece of output that was needed to show it; the screen is worked out afterwards, so that this process does
not slow down what it measures. "shown" is the key itself in its place, "told" everything it changes (hits, the echo
above the prompt). Some keys come while half-typed text is being stored, as at a real desk.
Run: python bench/latency.py [--customers 100000] [--keys 100] [--orders 15] [--database sqlite postgres]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import select
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import bed
import mass
import psutil
from sqlalchemy import select as rows_of
from sqlalchemy import text

from csdesk import models as m
from csdesk.store import Store
from tests.screens.tty import Terminal
from tests.support.seed import put, seed

LINES = 30
CALLER = "q20417"
QUIET = 0.15  # seconds without output after which a key has had its effect
PATIENCE = 20.0
TARGETS = {"key": 50, "enter": 100}  # ms, p95


class Watched(Terminal):
    """A terminal that notes when each piece of output came."""

    def __init__(self, url: str, **more: Any) -> None:
        super().__init__(["-m", "csdesk", "run", "--db", url, "--user", "rep7"], **more)
        self.bytes = 0

    def pieces(self, quiet: float) -> Iterator[tuple[float, bytes]]:
        """Output with its time until none came for `quiet` seconds."""
        while select.select([self.master], [], [], quiet)[0]:
            data = os.read(self.master, 65536)
            yield time.perf_counter(), data

    def drain(self, quiet: float = QUIET) -> None:
        """Reads until it is quiet."""
        for _, data in self.pieces(quiet):
            self._stream.feed(data)

    def press(self, keys: str, shown: Callable[[], object]) -> tuple[float, float]:
        """Seconds from the keys to the piece after which `shown` holds, and to the last one."""
        start = time.perf_counter()
        os.write(self.master, keys.encode())
        seen, last, self.bytes = 0.0, 0.0, 0
        while not seen:
            for at, data in list(self.pieces(QUIET)):  # read first: working it out must not delay the reading
                self.bytes += len(data)
                self._stream.feed(data)
                last = at - start
                if not seen and shown():
                    seen = last
            if not seen and time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"{keys!r} was never shown:\n{self.text}")
        return seen, last

    @property
    def worked(self) -> float:
        """Seconds of processor time the program has used so far, on all its threads (Linux)."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    @property
    def prompt(self) -> str:
        """What stands in the prompt."""
        return self.lines[-2].removeprefix("> ").removeprefix(">")

    @property
    def echo(self) -> str:
        """The lines above the prompt."""
        return " ".join(self.lines[-4:-2])


class Times(dict[str, list[float]]):
    """Seconds by kind of key, bytes, and processor time."""

    def add(self, kind: str, terminal: Watched, keys: str, shown: Callable[[], object]) -> None:
        """Presses keys and notes what it took."""
        before = terminal.worked
        seen, last = terminal.press(keys, shown)
        work = terminal.worked - before
        for name, value in (("shown", seen), ("told", last), ("bytes", terminal.bytes), ("cpu", work)):
            self.setdefault(f"{kind} {name}", []).append(value)


def found(url: str) -> None:
    """The small desk of the tests; its customers get codes that no customer of the mass has."""
    store = Store(url)
    seed(store)
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(text("UPDATE customer SET code = 'Q' || code"))
        connection.execute(text("UPDATE credit_account SET credit_limit = NULL"))
    store.close()


def shelf(url: str, count: int) -> list[str]:
    """Priced products with stock; their codes."""
    mass.fill_products(url, count)
    store = Store(url)
    with store.engine.execution_options(desk_write=True).begin() as connection:
        product = m.table(m.Product)
        found = connection.execute(rows_of(product.c.id, product.c.code).where(product.c.id >= mass.FIRST_ID)).all()
        ids = [row.id for row in found]
        put(connection, m.PackUnit, [{"product_id": each, "unit": "EA", "factor": Decimal(1)} for each in ids])
        put(connection, m.Price, [
            {"id": id_, "price_list_id": 1, "product_id": id_, "unit": "EA", "amount": Decimal(id_ % 9000 + 99) / 100}
            for id_ in ids
        ])  # fmt: skip
        put(connection, m.Stock, [{"product_id": each, "warehouse": "MAIN", "on_hand": Decimal(10**6)} for each in ids])
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    store.close()
    return [row.code for row in found if row.code.isdigit()]


def names(url: str, pick: random.Random, count: int) -> list[str]:
    """First words of customers' names, lower case, as a rep types them."""
    store = Store(url)
    with store.engine.connect() as connection:
        ids = [mass.FIRST_ID + pick.randrange(1000) for _ in range(count)]
        found = connection.execute(text(f"SELECT name FROM customer WHERE id IN ({','.join(map(str, ids))})")).scalars()
        words = [re.sub(r"[^a-z ]", "", name.lower())[:8] for name in found]
    store.close()
    return [word for word in words if len(word) >= 3]


def wait(pick: random.Random, terminal: Watched) -> None:
    """A moment between keys, sometimes longer than the pause after which half-typed text is stored."""
    limit = time.perf_counter() + pick.uniform(0, 0.4)
    while (left := limit - time.perf_counter()) > 0:
        if select.select([terminal.master], [], [], left)[0]:
            terminal.drain(0)


def search(terminal: Watched, times: Times, pick: random.Random, words: list[str], count: int) -> None:
    """Letters of names while nobody is on the line."""
    typed = 0
    for word in words:
        for at in range(1, len(word) + 1):
            times.add("letter in search", terminal, word[at - 1], lambda: terminal.prompt == word[:at].rstrip())  # noqa: B023
            wait(pick, terminal)
            typed += 1
        terminal.press("\x03", lambda: terminal.prompt == "")
        if typed >= count:
            return


def digits(terminal: Watched, times: Times, pick: random.Random, codes: list[str], count: int) -> None:
    """Code and quantity in the prompt below a 30-line draft; the line is not entered."""
    for number in range(count // 6):
        typed = f"{codes[number % len(codes)]} {pick.randint(1, 9)}"
        for at in range(1, len(typed) + 1):
            times.add("digit with a draft", terminal, typed[at - 1], lambda: terminal.prompt == typed[:at].rstrip())  # noqa: B023
            wait(pick, terminal)
        terminal.press("\x03", lambda: terminal.prompt == "")


def arrows(terminal: Watched, times: Times, pick: random.Random, count: int) -> None:
    """Down through the rows of the draft and up again."""
    at, down = 0, True
    for _ in range(count):
        down = at < LINES if down else at == 1
        at += 1 if down else -1
        row = re.compile(rf"^> +{at} ")
        times.add(
            "arrow over rows", terminal, "\x1b[B" if down else "\x1b[A",
            lambda: any(row.match(line) for line in terminal.lines),  # noqa: B023
        )  # fmt: skip
        wait(pick, terminal)
    terminal.press("\x1b[24~", lambda: not any(re.match(r"^> +\d", line) for line in terminal.lines))


def lines(terminal: Watched, times: Times, codes: list[str], count: int) -> None:
    """A line added to the draft, and taken off again."""
    for number in range(count):
        code = codes[-1 - number]
        terminal.press(f"{code} 2", lambda: terminal.prompt == f"{code} 2")  # noqa: B023
        times.add("Enter: line added", terminal, "\r", lambda: f"line {LINES + 1}: 2 EA {code}" in terminal.echo)  # noqa: B023
        terminal.press(f"{LINES + 1}=0", lambda: terminal.prompt == f"{LINES + 1}=0")
        times.add("Enter: line set", terminal, "\r", lambda: f"line {LINES + 1}: 0" in terminal.echo)


def orders(terminal: Watched, times: Times, count: int) -> None:
    """The draft placed; the last order repeated as the next one."""
    for _ in range(count):
        times.add("point: order placed", terminal, ".", lambda: re.search(r"Order \d+ placed", terminal.echo))
        times.add("r: last order as draft", terminal, "r", lambda: f"{LINES} lines" in terminal.echo)
        terminal.press("\x1b[24~", lambda: not any(re.match(r"^> +\d", line) for line in terminal.lines))


def views(terminal: Watched, times: Times, count: int) -> None:
    """Whole pages: help and back to the pad."""
    for _ in range(count):
        times.add("page: help", terminal, "\x1bOP", lambda: "WHAT CAN I TYPE" in terminal.lines[2])
        times.add("page: back to the pad", terminal, "\x1bOR", lambda: "NEW ORDER" in terminal.lines[2])


def starts(url: str, count: int) -> dict[str, list[float]]:
    """Seconds from the start of the program to its first picture, and to a prompt that answers."""
    found: dict[str, list[float]] = {"start to first picture": [], "start to usable prompt": []}
    for _ in range(count):
        begin = time.perf_counter()
        with Watched(url) as terminal:
            first = None
            while "F9 Commit" not in terminal.lines[-1]:
                at, data = next(terminal.pieces(PATIENCE))
                terminal._stream.feed(data)
                if first is None and terminal.lines[-3].strip():
                    first = at - begin
            found["start to first picture"].append(first or at - begin)
            found["start to usable prompt"].append(at - begin)
    return found


def measure(url: str, codes: list[str], keys: int, placed: int) -> tuple[Times, dict[str, Any]]:
    """All times of one database."""
    pick, times = random.Random(7), Times()
    with Watched(url) as terminal:
        terminal.until("F9 Commit")
        terminal.drain()
        search(terminal, times, pick, names(url, pick, keys), keys)
        begin = time.perf_counter()
        burst = f"{CALLER}\r" + "".join(f"{code} {n + 1}\r" for n, code in enumerate(codes[:LINES]))
        seen, _ = terminal.press(burst, lambda: f"line {LINES}: {LINES} EA" in terminal.echo)
        whole = {"burst_of_30_lines_s": round(seen, 2)}
        digits(terminal, times, pick, codes, keys)
        arrows(terminal, times, pick, keys)
        lines(terminal, times, codes, keys // 3)
        orders(terminal, times, placed)
        views(terminal, times, 10)
        memory = psutil.Process(terminal.process.pid).memory_full_info()
        whole |= {"uss_mb": round(memory.uss / 2**20, 1), "rss_mb": round(memory.rss / 2**20, 1)}
        whole["session_s"] = round(time.perf_counter() - begin)
    times.update(starts(url, 5))
    return times, whole


def rows_for(database: str, times: Times) -> list[dict[str, Any]]:
    """The table of one database."""
    rows = []
    for name in sorted(name for name in times if not name.endswith((" bytes", " cpu"))):
        kind = "enter" if name.startswith(("Enter", "point")) else "key"
        target = TARGETS[kind] if name.endswith("shown") and not name.startswith(("r:", "page")) else ""
        what, told = name.rpartition(" ")[0], name.endswith(" told")
        row = {"database": database, "what": name, **bed.spread(times[name])}
        row["target_p95"] = target
        if told:
            row["cpu_p50_ms"] = round(statistics.median(times[f"{what} cpu"]) * 1000, 1)
            row["bytes_p50"] = round(statistics.median(times[f"{what} bytes"]))
        rows.append(row)
    return rows


def main() -> None:
    """Measures the databases asked for, prints the table and writes the JSON."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--customers", type=int, default=100_000)
    words.add_argument("--products", type=int, default=5_000)
    words.add_argument("--keys", type=int, default=150)
    words.add_argument("--orders", type=int, default=20)
    words.add_argument("--database", nargs="+", default=["sqlite", "postgres"])
    given = words.parse_args()
    rows: list[dict[str, Any]] = []
    facts: dict[str, Any] = {"customers": given.customers, "cores": os.cpu_count(), "load_before": os.getloadavg()}
    with tempfile.TemporaryDirectory(prefix="csdesk") as folder, bed.urls(Path(folder), given.database) as urls:
        os.environ.update(dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"), folder))
        for database, url in urls.items():
            found(url)
            mass.fill_customers(url, given.customers)
            codes = shelf(url, given.products)
            facts[f"{database}_load"] = os.getloadavg()
            times, facts[database] = measure(url, codes, given.keys, given.orders)
            rows += rows_for(database, times)
    bed.table(rows)
    print(facts)
    bed.keep("latency", rows, load_after=os.getloadavg(), targets_p95_ms=TARGETS, **facts)


if __name__ == "__main__":
    main()
