"""What breaks during the soak: the database restarts and crashes, the server drains and dies, desks are killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import served
from soak_board import Board, Outage
from soak_reps import Rep
from sqlalchemy.engine import make_url

from tests.support import postgres

DOWN_FOR = 3.0  # seconds a database or a server stays down
START = 60.0
EVERY = 40.0  # seconds between two desks that are killed


class Database:
    """The bench's own Postgres."""

    def __init__(self, url: str) -> None:
        self.home = Path(str(make_url(url).query["host"]))
        self.data = self.home / "data"
        self.programs = json.loads((self.home.parent / "postgres.json").read_text())["programs"]

    @property
    def pid(self) -> int:
        """The postmaster."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def end(self, sign: signal.Signals) -> None:
        """Stops it: SIGINT is the stop -m fast of pg_ctl, SIGKILL a crash."""
        self.command = shlex.split((self.data / "postmaster.opts").read_text())
        pid = self.pid
        os.kill(pid, sign)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(START)

    def start(self) -> None:
        """Starts it as it was started, as often as it takes while processes of a crash linger."""
        limit = time.monotonic() + START
        while time.monotonic() < limit:
            with (self.home / "log").open("ab") as log:
                process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                           start_new_session=True, **postgres._as(postgres._other_user()))  # type: ignore[call-overload]  # fmt: skip
            while process.poll() is None and time.monotonic() < limit:
                with contextlib.suppress(psycopg.Error):
                    psycopg.connect(f"host={self.home} user=desk dbname=postgres").close()
                    return
                time.sleep(0.05)
            time.sleep(0.3)
        raise TimeoutError(f"Postgres does not come up again; see {self.home / 'log'}")


class Harm:
    """Breaks things in the order of a plan."""

    def __init__(self, board: Board, reps: list[Rep], server: served.Server, anew: Callable[[], served.Server]) -> None:
        self.board, self.reps, self.server, self.anew = board, reps, server, anew
        self.database = Database(board.url)
        self.dice = random.Random("harm")
        self.plan = ((0.12, self.restart), (0.27, self.zygote), (0.40, self.crash), (0.56, self.drain),
                     (0.72, self.front))  # fmt: skip

    async def run(self) -> None:
        """All of the plan, and a desk killed now and then in between."""
        every = min(EVERY, self.board.seconds / 10)
        plan, due = list(self.plan), every
        while self.board.open:
            if plan and self.board.now > plan[0][0] * self.board.seconds:
                await plan.pop(0)[1]()
            if self.board.now > due:
                due += every
                self.kill_a_desk()
            await asyncio.sleep(0.2)
        for _, each in plan:
            self.board.fault("the bench", f"never came to break: {each.__name__}")

    async def restart(self) -> None:
        """The database stops as an administrator stops it, and starts again."""
        await self._database("database restarts", signal.SIGINT)

    async def crash(self) -> None:
        """The database's first process is killed; it recovers at its start."""
        await self._database("database crashes", signal.SIGKILL)

    async def _database(self, what: str, sign: signal.Signals) -> None:
        outage = self.board.broke(what)
        await asyncio.to_thread(self.database.end, sign)
        await asyncio.sleep(DOWN_FOR)
        await asyncio.to_thread(self.database.start)
        self._up(outage)

    async def zygote(self) -> None:
        """The process desks are forked from is killed; the server starts another one."""
        outage = self.board.broke("zygote killed")
        for each in psutil.Process(self.server.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # or a zombie
                if "zygote" in " ".join(each.cmdline()):
                    each.kill()
        self._up(outage)

    async def drain(self) -> None:
        """The server ends in order and another one starts."""
        outage = self.board.broke("server drained")
        await asyncio.to_thread(self.server.stop)
        await asyncio.sleep(DOWN_FOR)
        await self._serve(outage)

    async def front(self) -> None:
        """The process that holds all lines is killed; another server starts."""
        outage = self.board.broke("server killed")
        self.server.process.kill()
        await asyncio.to_thread(self.server.stop)
        await asyncio.sleep(DOWN_FOR)
        await self._serve(outage)

    async def _serve(self, outage: Outage) -> None:
        self.server = await asyncio.to_thread(self.anew)
        self.board.port = self.server.port
        self._up(outage)

    def _up(self, outage: Outage) -> None:
        outage.down = self.board.now - outage.begin

    def kill_a_desk(self) -> None:
        """Kills the desk of somebody with -9, whatever he does just now."""
        pids = self._desks()
        chosen = self.dice.choice([each for each in self.reps if each.login in pids] or [None])  # type: ignore[list-item]
        if chosen is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pids[chosen.login])
            if "zygote" in " ".join(process.cmdline()):  # the number may be another process's by now
                chosen.killed = self.board.now
                process.kill()
                self.board.counts["desks killed"] += 1

    def _desks(self) -> dict[str, int]:
        where = f"host={self.database.home} user=desk dbname={make_url(self.board.url).database}"
        asked: Any = ("SELECT s.login, d.pid FROM desk_session d JOIN staff s ON s.id = d.staff_id"
                      " WHERE d.ended_at IS NULL AND d.pid > 0")  # fmt: skip
        with contextlib.suppress(psycopg.Error), psycopg.connect(where) as connection:
            return dict(connection.execute(asked).fetchall())
        return {}
