"""The call tasks on every layer: Pilot, raw bytes in one burst through a pseudo-terminal or through ssh, and line mode.

Each run starts from a fresh copy of the desk, brings it into the task's start state, presses the task's keys, and
proves the end state by SQL. Keys are counted and compared with the budget; a failed proof or a passed budget fails.
Run: python bench/tasks.py [--desk sample wwi] [--database sqlite postgres] [--layer pilot pty ssh line] [--task 1 2 …]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bed
import desks
from sqlalchemy import text

from csdesk.config import Settings
from csdesk.money import show
from csdesk.prompt import line as line_mode
from csdesk.prompt.desk import Desk
from csdesk.services import queue, staff
from csdesk.store import Store

KEYS = {"⏎": ("enter", b"\r"), "↓": ("down", b"\x1b[B"), " ": ("space", b" ")}
NAMED = {".": "full_stop", "=": "equals_sign", "+": "plus", "*": "asterisk", "/": "slash", "-": "minus"}
PATIENCE = 60.0
SECOND = "SELECT id FROM approval_request WHERE posted_id IS NULL ORDER BY submitted_at, id LIMIT 1 OFFSET 1"


@dataclass(frozen=True)
class Task:
    """A task with its variables filled in."""

    number: int
    name: str
    budget: int
    before: list[str]
    keys: str
    lines: list[str]
    proof: list[tuple[str, str]]
    shows: list[tuple[str, str]]
    user: str = "rep7"
    opening: str = ""
    others: tuple[tuple[str, ...], ...] = ()


def tasks(desk: str) -> list[Task]:
    """The tasks of tasks.toml for a desk."""
    whole = tomllib.loads((bed.ROOT / "bench" / "tasks.toml").read_text("utf-8"))
    values = dict(whole["desk"][desk])
    values |= {f"c{n}": code for n, code in enumerate(values.pop("codes"), 1)}
    values |= {f"q{n}": quantity for n, quantity in enumerate(values.pop("quantities"), 1)}
    values |= {name: sql.format(**values) for name, sql in whole["sql"].items()}

    def fill(raw: str) -> str:
        return raw.format(**values)

    return [
        Task(
            each["number"], each["name"], each["budget"], [fill(one) for one in each["before"]], fill(each["keys"]),
            [fill(one) for one in each["lines"]], [(fill(a), fill(b)) for a, b in each["proof"]],
            [(label, fill(sql)) for label, sql in each.get("shows", [])], each.get("user", "rep7"),
            each.get("opening", ""), tuple(tuple(map(fill, one)) for one in each.get("others", [])),
        )
        for each in whole["task"]
        if desk in each.get("desks", [desk])
    ]  # fmt: skip


def faults(store: Store, task: Task, bar: str) -> list[str]:
    """What of the end state is not proven yet; empty when all is."""
    found = []
    with store.engine.connect() as connection:
        for sql, wanted in task.proof:
            rows = connection.execute(text(sql.replace(":", "\\:"))).all()
            got = "|".join(" ".join(str(cell) for cell in row) for row in rows)
            if got != wanted:
                found.append(f"{got!r} is not {wanted!r}: {sql}")
        for label, sql in task.shows:
            amount = connection.execute(text(sql)).scalar()
            if amount and f"{label} {show(int(amount), 'USD')}" not in bar:
                found.append(f"the bar does not show {label} {amount}: {bar}")
    return found


def placed(store: Store, task: Task) -> Task:
    """The task with the digit of the second of the requests that wait, as the queue of its user ranks them now."""
    if "{place}" not in task.keys:
        return task
    with store.engine.connect() as connection:
        second = connection.execute(text(SECOND)).scalar()
    rows = store.read_now(queue.entries)
    place = next(n for n, row in enumerate(rows, 1) if (row.kind, row.subject_id) == ("request", second))
    if place > 9:
        raise SystemExit(f"task {task.number}: the request stands at place {place}, which no digit reaches")
    lines = [each.format(place=place) for each in task.lines]
    return replace(task, keys=task.keys.format(place=place), lines=lines)


def prepare(store: Store, task: Task) -> None:
    """Brings a desk into the start state by line mode, what others did first; the call stays open as left."""

    async def go(desk: Desk, lines: Sequence[str]) -> None:
        await desk.start()
        for each in lines:
            if not await line_mode.enter(desk, each):
                raise SystemExit(f"task {task.number}: the start line {each!r} was refused: {desk.now.echo.text}")
        await desk.pause()

    for login, *lines in task.others:
        asyncio.run(go(Desk(store.acting(store.read_now(staff.sign_in, login))), lines))
    if task.before:
        asyncio.run(go(Desk(store), task.before))


def by_line(store: Store, task: Task) -> str:
    """Line mode; the context bar at the end."""

    async def go() -> str:
        desk = Desk(store)
        await desk.start()
        for each in [*task.opening.replace("⏎", "").split(), *task.lines]:
            await line_mode.enter(desk, each)
        return "  ".join(f"{fact.label} {fact.text}" for fact in desk.face.context)

    return asyncio.run(go())


def by_pilot(store: Store, task: Task) -> str:
    """The Textual app under its own test driver, one key after the other."""
    from csdesk.app import DeskApp

    async def go() -> str:
        desk = Desk(store)

        async def opening() -> Desk:
            return desk

        app = DeskApp(Settings(db=store.url, user=task.user), opening, list)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot, app)
            for key in task.opening + task.keys:
                await pilot.press(KEYS.get(key, (NAMED.get(key, key), b""))[0])
            await settle(pilot, app)
            return "  ".join(f"{fact.label} {fact.text}" for fact in desk.face.context)

    return asyncio.run(go())


async def settle(pilot: Any, app: Any) -> None:
    """Waits until every key has had its turn."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        await pilot.pause()
        if app.turns.idle:
            return


def by_pty(store: Store, task: Task, folder: Path) -> str:
    """A process on a pseudo-terminal; all keys lie in its line as one burst before it has started."""
    from tests.screens.tty import Terminal

    burst = b"".join(KEYS.get(key, ("", key.encode()))[1] for key in task.opening + task.keys)
    own = dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"), str(folder))
    environment = {**own, "CSDESK_DB": store.url, "CSDESK_USER": task.user, "CSDESK_CONFIG": str(folder / "none.toml")}
    with Terminal(["-m", "csdesk", "run"], typed=burst, environ=environment) as terminal:
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            terminal.read(0.2)
            bar = "\n".join(terminal.screen.display)
            if not faults(store, task, bar):
                return bar
    return "\n".join(terminal.screen.display)


def by_ssh(store: Store, task: Task, folder: Path) -> str:
    """OpenSSH on a pseudo-terminal at a server of its own; all keys come in one burst once something is painted."""
    from tests.server.house import Server

    burst = b"".join(KEYS.get(key, ("", key.encode()))[1] for key in task.opening + task.keys)
    server = Server(Path(tempfile.mkdtemp(dir=folder)), store.url)
    try:
        with server.sit(server.with_key(task.user)) as terminal:
            terminal.until(lambda: b"\x1b[?1049h" in terminal.raw, PATIENCE)
            terminal.type(burst)
            limit = time.monotonic() + PATIENCE
            while faults(store, task, terminal.text) and time.monotonic() < limit:
                terminal.read(0.2)
            return terminal.text
    finally:
        server.stop()


def run_one(url: str, layer: str, task: Task, folder: Path) -> dict[str, Any]:
    """One task on one layer of one desk."""
    store = Store(url)
    store = store.acting(store.read_now(staff.sign_in, task.user))
    prepare(store, task)
    task = placed(store, task)
    ways: dict[str, Callable[[], str]] = {
        "line": lambda: by_line(store, task),
        "pilot": lambda: by_pilot(store, task),
        "pty": lambda: by_pty(store, task, folder),
        "ssh": lambda: by_ssh(store, task, folder),
    }
    start = time.perf_counter()
    bar = ways[layer]()
    seconds = time.perf_counter() - start
    wrong = faults(store, task, bar)
    store.close()
    keys = len(task.keys)
    state = "ok" if not wrong and keys <= task.budget else "FAILED"
    return {"task": task.number, "what": task.name, "layer": layer, "keys": keys, "budget": task.budget,
            "state": state, "seconds": round(seconds, 2), "why": "; ".join(wrong)}  # fmt: skip


def main() -> None:
    """Runs what was asked for, prints the table, writes the JSON; exit 1 when a task failed."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--desk", nargs="+", default=["sample", "wwi"])
    words.add_argument("--database", nargs="+", default=["sqlite", "postgres"])
    words.add_argument("--layer", nargs="+", default=["pilot", "pty", "line"])
    words.add_argument("--task", nargs="+", type=int)
    given = words.parse_args()
    rows = []
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        made = desks.Maker(home, stack, postgres="postgres" in given.database)
        for desk in given.desk:
            if not made.can(desk):
                print(f"desk {desk}: skipped, {desks.WHY_NOT[desk]}")
                continue
            for database in given.database:
                for task in tasks(desk):
                    if given.task and task.number not in given.task:
                        continue
                    for layer in given.layer:
                        with made.fresh(desk, database) as url:
                            one = run_one(url, layer, task, home)
                        rows.append({"desk": desk, "database": database, **one})
                        print(f"{desk} {database} {layer} {task.number}: {one['state']} {one['why']}", file=sys.stderr)
        shutil.rmtree(home / "work", ignore_errors=True)
    bed.table([{k: v for k, v in row.items() if k != "why" or v} for row in rows])
    per_task = {row["task"]: row["keys"] for row in rows}
    print(f"{sum(row['state'] == 'ok' for row in rows)} of {len(rows)} runs ok; keys {per_task}")
    bed.keep("tasks", rows)
    sys.exit(any(row["state"] != "ok" for row in rows))


if __name__ == "__main__":
    main()
