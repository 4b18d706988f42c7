"""Served desks against a program for each login: login to first picture, memory, idle work, keys of many at once.

    python bench/server.py [--sessions 1,20,100] [--typing 50] [--seconds 20] [--database postgres] [--full]

Both ways are behind the same SSH library and get the same clients in turn. `ready` is until the desk behind the first
picture is open. Memory is USS (a process's own pages) of the desks, and the PSS of everything by desk. Writes
bench/results/server.json. With --full it only asks for more desks than there is memory for, and writes
server_full.json.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bed
import psutil
import served
from desks import Maker

from csdesk.server import room

LOGINS = 20  # at least so many are timed for a row
TARGETS = {"time": 0.25, "memory": 0.4, "idle_percent": 3.0}


async def crowd(server: served.Server, logins: list[str], keys: Path, options: argparse.Namespace) -> dict[str, Any]:
    """One way with so many sessions: a row of figures."""
    painted, ready = [], []
    for _ in range(max(0, LOGINS - len(logins))):  # one login is no sample
        reps, *times = await served.all_in(server.port, logins[:1], keys)
        painted, ready = painted + times[0], ready + times[1]
        await reps[0].leave()
        await empty(server)
    reps, *times = await served.all_in(server.port, logins, keys)
    painted, ready = painted + times[0], ready + times[1]
    await asyncio.sleep(4)  # desks settle: the garbage of the start is frozen
    before = server.worked()
    await asyncio.sleep(options.seconds)
    idle = (server.worked() - before) / options.seconds * 100
    uss = served.megabytes(server.desks())
    pss = served.megabytes(server.processes(), "pss")
    row = {
        "way": "program each" if server.plain else "served", "sessions": len(reps),
        **{f"paint_{name}": value for name, value in bed.spread(painted).items() if name != "n"},
        "ready_p50_ms": bed.spread(ready)["p50_ms"], "ready_p95_ms": bed.spread(ready)["p95_ms"],
        "uss_mb": round(sum(uss) / max(len(uss), 1), 1), "pss_each_mb": round(sum(pss) / len(reps), 1),
        "idle_cpu_percent": round(idle, 2),
    }  # fmt: skip
    await asyncio.gather(*(rep.leave() for rep in reps))
    await empty(server)
    return row


async def empty(server: served.Server) -> None:
    """Waits until every desk of those who left has ended: who comes back sooner is asked whether he takes it over."""
    end = time.perf_counter() + 60
    while server.desks() and time.perf_counter() < end:
        await asyncio.sleep(0.2)


async def typing(server: served.Server, logins: list[str], keys: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Many reps typing at once: from a key to its picture, and the bytes of it."""
    reps, _, _ = await served.all_in(server.port, logins, keys)
    times: list[float] = []
    weights: list[int] = []

    async def type_on(rep: served.Rep, dice: random.Random) -> None:
        await asyncio.sleep(dice.random())
        end = time.perf_counter() + options.seconds
        while time.perf_counter() < end:
            for typed in ("5", "\x7f"):
                rep.keys(typed)
                times.append(await rep.until(len))
                weights.append(len(rep.got) - rep.since)
                await asyncio.sleep(dice.uniform(0.15, 0.35))

    before = server.worked()
    await asyncio.gather(*(type_on(rep, random.Random(f"{options.seed} {n}")) for n, rep in enumerate(reps)))
    worked = (server.worked() - before) / len(times)
    change = await changes(reps[0])
    await asyncio.gather(*(rep.leave() for rep in reps))
    return {
        "way": "program each" if server.plain else "served", "typing": len(reps), "keys": len(times),
        **{f"key_{name}": value for name, value in bed.spread(times).items() if name != "n"},
        "cpu_ms_key": round(worked * 1000, 2), "bytes_key_p50": sorted(weights)[len(weights) // 2],
        "bytes_screen": change,
    }  # fmt: skip


async def changes(rep: served.Rep) -> int:
    """The bytes of a whole new page: help and back."""
    found = []
    for typed in ("\x1bOP", "\x1bOR") * 3:
        rep.keys(typed)
        await asyncio.sleep(0.5)
        found.append(len(rep.got) - rep.since)
    return sorted(found)[len(found) // 2]


async def full(url: str, folder: Path, keys: Path) -> dict[str, Any]:
    """More desks than there is memory for: refused with a sentence, the others work on."""
    server = served.Server(url, folder)  # what is left beside one without desks
    await settled()
    reserve = (room.left() >> 20) - 5 * room.OF_A_DESK
    server.stop()
    server = served.Server(url, folder, reserve=reserve)
    reps, words = [], ""
    try:
        for number in range(40):
            rep = await served.Rep.login(server.port, f"b{number:03d}", keys)
            try:
                await rep.until(served.OPEN.search)
            except ConnectionError as error:
                words = str(error).strip().splitlines()[-1]
                break
            reps.append(rep)
        for rep in reps:
            rep.keys("5")
            await rep.until(len)
    finally:
        await asyncio.gather(*(rep.leave() for rep in reps))
        server.stop()
    return {"desks_that_fit": len(reps), "then": words, "work_on": len(reps)}


async def settled() -> None:
    """Waits until those who ended before have given their memory back."""
    before = -(1 << 40)
    while abs((now := room.left()) - before) > 8 << 20:
        before = now
        await asyncio.sleep(1)


def compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Served against plain, by the number of sessions, with the targets."""
    found = []
    for own in (row for row in rows if row["way"] == "served"):
        peer = next((row for row in rows if row["way"] != "served" and row["sessions"] == own["sessions"]), None)
        if peer is None:
            continue
        spent, held = own["paint_p50_ms"] / peer["paint_p50_ms"], own["uss_mb"] / peer["uss_mb"]
        ready = own["ready_p50_ms"] / peer["ready_p50_ms"]
        met = (
            spent <= TARGETS["time"] and held <= TARGETS["memory"] and own["idle_cpu_percent"] < TARGETS["idle_percent"]
        )
        found.append({"sessions": own["sessions"], "time": round(spent, 3), "time_ready": round(ready, 3),
                      "memory": round(held, 3), "idle_cpu_percent": own["idle_cpu_percent"], "met": met})  # fmt: skip
    return found


def main() -> None:
    """Builds the desk, measures both ways, prints tables and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=lambda text: [int(each) for each in text.split(",")], default=[1, 20, 100])
    parser.add_argument("--typing", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--database", default="postgres", choices=["sqlite", "postgres"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="csdesk") as place, ExitStack() as stack:
        folder = Path(place)
        maker = Maker(folder, stack, postgres=options.database == "postgres")
        with maker.fresh("sample", options.database) as url:
            keys = served.people(url, max(*options.sessions, options.typing, 40), folder)
            if options.full:
                found = asyncio.run(full(url, folder, keys))
                bed.table([found])
                bed.keep("server_full", [found], database=options.database)
            else:
                both(url, folder, keys, options)


def both(url: str, folder: Path, keys: Path, options: argparse.Namespace) -> None:
    """Measures the two ways in turn, prints and writes."""
    rows: list[dict[str, Any]] = []
    keyed = []
    logins = [f"b{number:03d}" for number in range(max(*options.sessions, options.typing))]
    for plain in (False, True):
        server = served.Server(url, folder, plain=plain)
        try:
            for many in options.sessions:
                row = asyncio.run(crowd(server, logins[:many], keys, options))
                bed.table([row])
                rows.append(row)
            keyed.append(asyncio.run(typing(server, logins[: options.typing], keys, options)))
        finally:
            server.stop()
    ratios = compared(rows)
    for each in (rows, keyed, ratios):
        bed.table(each)
    bed.keep("server", rows, typing=keyed, ratios=ratios, targets=TARGETS, database=options.database,
             seed=options.seed, cores=psutil.cpu_count())  # fmt: skip


if __name__ == "__main__":
    main()
