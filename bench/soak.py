"""Many reps at served desks for many minutes while everything breaks: what is lost, doubled or half afterwards.

    python bench/soak.py [--reps 40] [--minutes 20] [--seed 1] [--leads 3]

Reps at SSH clients take calls on Postgres as a real desk does: orders, changes, tickets, credits, promises, notes, with
time to think and wrong keys. Meanwhile the database restarts and crashes, the server drains, its first process and the
parent of all desks are killed, desks are killed one by one, and clients vanish in the middle of a line. A command
counts as acknowledged when the screen said so. At the end each of those must be in the books once, every other one once
or not at all, none by half; `csdesk check` and `csdesk audit verify` must be clean and no session open. Exit code 1
when not. Writes bench/results/soak.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bed
import psutil
import served
from desks import Maker
from soak_board import Board
from soak_books import Books
from soak_harm import Harm
from soak_reps import Lead, Rep

VANISH_EVERY = 300.0  # seconds of one rep between two of his lines that break, about
KEYS_A_SECOND = 1.2  # that a rep presses, about
ENDS = 240.0  # seconds all reps may take to come to an end
CLOSED = 45.0  # seconds after which no session may be open any more


async def soak(board: Board, server: served.Server, anew: Any, options: argparse.Namespace) -> served.Server:
    """The run itself; gives the server that is up at its end."""
    reps = [Rep(board, f"b{number:03d}", f"{options.seed} rep {number}") for number in range(options.reps)]
    leads = [Lead(board, f"l{number:03d}", f"{options.seed} lead {number}") for number in range(options.leads)]
    for number, each in enumerate(reps):
        each.callers = board.share(number, len(reps), each.dice)

    async def begin(rep: Rep) -> None:
        await asyncio.sleep(rep.dice.uniform(0, min(20.0, board.seconds / 10)))
        await rep.work()

    harm = Harm(board, [*reps, *leads], server, anew)
    works = [asyncio.ensure_future(begin(each)) for each in (*reps, *leads)]
    broken = asyncio.ensure_future(harm.run())
    _, left = await asyncio.wait([*works, broken], timeout=board.seconds + ENDS)
    for each in left:
        each.cancel()
        board.fault("the bench", f"did not come to an end: {each}")
    for each in (*works, broken):
        if each.done() and not each.cancelled() and (fault := each.exception()) is not None:
            board.fault("the bench", repr(fault))
    return harm.server


def open_sessions(url: str, patience: float) -> list[str]:
    """Sessions that are open after so long."""
    from csdesk.services import sessions
    from csdesk.store import Store

    store, end = Store(url), time.monotonic() + patience
    try:
        while (left := store.read_now(sessions.sitting)) and time.monotonic() < end:
            time.sleep(0.5)
        return [f"{each.login} since {each.started_at:%H:%M:%S}" for each in left]
    finally:
        store.close()


def command(url: str, *words: str) -> tuple[int, list[str]]:
    """A command of csdesk on the database: its exit code and what it says."""
    done = subprocess.run([sys.executable, "-m", "csdesk", *words, "--db", url], cwd=bed.ROOT, capture_output=True,
                          text=True)  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


def logged(folder: Path) -> dict[str, Any]:
    """What the logs of desks and server hold: warnings by their first words, and tracebacks."""
    desk = folder / "state" / "csdesk" / "csdesk.log"
    lines = desk.read_text("utf-8", "replace").splitlines() if desk.exists() else []
    told = Counter(" ".join(line.split(" ")[2:])[:100] for line in lines if line[:2] == "20")
    raw = (folder / "serve.log").read_text("utf-8", "replace").splitlines()
    served_: Counter[str] = Counter()
    for line in raw:
        try:
            entry = json.loads(line)
        except ValueError:
            served_["NO JSON: " + line[:100]] += 1
            continue
        if entry.get("level") in ("warning", "error", "critical"):
            served_[f"{entry['level']}: {entry['event']} {str(entry.get('why', ''))[:80]}".strip()] += 1
    falls = [line for line in raw if "Traceback" in line]
    return {"desks": dict(told.most_common()), "server": dict(served_.most_common()),
            "tracebacks of desks": sum("Traceback (most" in line for line in lines),
            "tracebacks of the server": len(falls), "last of the server": falls[-1:],
            "last of desks": _last_fall(lines)}  # fmt: skip


def _last_fall(lines: list[str]) -> list[str]:
    at = [number for number, line in enumerate(lines) if "Traceback (most" in line]
    return lines[max(0, at[-1] - 1) : at[-1] + 60] if at else []


def timed(board: Board) -> list[dict[str, Any]]:
    """Key to picture in and outside of outages."""
    spans = [(each.begin, max(each.begin + each.down, each.back, each.answered)) for each in board.outages]
    inside = [spent for at, spent in board.keyed if any(begin <= at <= end for begin, end in spans)]
    outside = [spent for at, spent in board.keyed if not any(begin <= at <= end for begin, end in spans)]
    return [{"key to paint": name, **bed.spread(each)} for name, each in (("outside of outages", outside),
            ("in outages", inside), ("login to desk", board.logins)) if each]  # fmt: skip


def outages(board: Board) -> list[dict[str, Any]]:
    """Each outage: how long down by our doing, until a command was answered again, until all cut off were back."""
    return [{"outage": each.what, "at_s": round(each.begin), "down_s": round(each.down, 1),
             "answer_s": round(each.answered - each.begin, 1) if each.answered else "",
             "cut_off": board.counts[f"cut off by: {each.what}"],
             "all_back_s": round(each.back - each.begin, 1) if each.back else ""}
            for each in board.outages]  # fmt: skip


def judged(board: Board, folder: Path, left: list[str]) -> dict[str, Any]:
    """Everything the end is judged by; `wrong` is empty when all is well."""
    books = Books(board)
    rows = books.table()
    books.close()
    wrong = [*board.wrong, *books.half, *(f"a session is open: {each}" for each in left)]
    checks = {}
    for words in (("check",), ("audit", "verify")):
        code, said = command(board.url, *words)
        checks[" ".join(words)] = f"exit {code}: {said[-1] if said else ''}"
        if code:
            wrong += [f"csdesk {' '.join(words)}: {line}" for line in said if not line.startswith("ok")]
    logs = logged(folder)
    if logs["tracebacks of the server"]:
        wrong.append(f"tracebacks of the server: {logs['tracebacks of the server']}")
    counts = {name: count for name, count in sorted(board.counts.items()) if not name.startswith("cut off by")}
    return {"commands": rows, "wrong": wrong, "checks": checks, "slow_keys": board.slow, "counts": counts,
            "found_again": dict(board.found), "refusals": dict(board.refusals.most_common(40)),
            "outages": outages(board), "times": timed(board), "logs": logs}  # fmt: skip


def tell(found: dict[str, Any]) -> None:
    """Prints it all."""
    for name in ("commands", "outages", "times"):
        bed.table(found[name])
        print()
    for name in ("counts", "found_again", "refusals", "checks"):
        print(f"{name.replace('_', ' ')}:")
        for key, value in found[name].items():
            print(f"  {key}: {value}")
    for words in found["slow_keys"][:20]:
        print(f"  not painted for five seconds: {words}")
    logs = found["logs"]
    for name, of in (("desks", "tracebacks of desks"), ("server", "tracebacks of the server")):
        print(f"log of {name}, {logs[of]} tracebacks:")
        for words, count in list(logs[name].items())[:25]:
            print(f"  {count} x {words}")
    print(f"WRONG: {len(found['wrong'])}" if found["wrong"] else "Nothing is lost, doubled or half.")
    for words in found["wrong"][:40]:
        print(f"  {words}")


def main() -> None:
    """Builds the desk, runs, counts, prints, writes; exit 1 when something is lost, doubled or half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--leads", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder logs are copied to")
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="csdesk") as place, ExitStack() as stack:
        folder = Path(place)
        maker = Maker(folder, stack, postgres=True)
        with maker.fresh("sample", "postgres") as url:
            said = command(url, "article", "reindex", "--user", "boss1")  # a copy from SQLite has the words of SQLite
            if said[0]:
                sys.exit("\n".join(said[1]))
            keys = served.people(url, options.reps, folder)
            served.people(url, options.leads, folder, "lead", "l")
            board = Board(url, keys, options.minutes * 60, 1 / (VANISH_EVERY * KEYS_A_SECOND))

            def anew() -> served.Server:
                return served.Server(url, folder, drain=2)

            server = anew()
            board.port, board.begin = server.port, time.monotonic()
            try:
                server = asyncio.run(soak(board, server, anew, options))
                left = open_sessions(url, CLOSED)
            finally:
                server.stop()
            found = judged(board, folder, left)
            if options.keep:
                for each in (folder / "serve.log", folder / "state" / "csdesk" / "csdesk.log"):
                    if each.exists():
                        shutil.copy(each, options.keep)
    tell(found)
    bed.keep("soak", found.pop("commands"), **found, reps=options.reps, leads=options.leads, minutes=options.minutes,
             seed=options.seed, cores=psutil.cpu_count())  # fmt: skip
    sys.exit(bool(found["wrong"]))


if __name__ == "__main__":
    main()
