"""What the benches of the server share: a server on a fresh desk, a plain one beside it, reps who log in over SSH."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncssh
import bed
import psutil

from csdesk.services import access_keys, founding
from csdesk.store import Store

OPEN = re.compile(rb"Who is calling")  # the first words of a desk that is ready
BEGIN = 60.0  # seconds a server may take to start


def people(url: str, many: int, folder: Path, role: str = "rep", letter: str = "b") -> Path:
    """Reps b000 … with a key each; gives the folder of the private keys, named after the logins."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    store = Store(url)
    for number in range(many):
        login = f"{letter}{number:03d}"
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(keys / login))
        public = " ".join(key.export_public_key().decode().split()[:2])
        store.write_now(founding.add_staff, login, f"{role.title()} {number}", role, "North", "")
        store.write_now(access_keys.add_key, login, public, "bench")
    store.close()
    return keys


class Server:
    """A server in a process of its own: `csdesk serve`, or the plain one that starts a program for each login."""

    def __init__(self, url: str, folder: Path, *, plain: bool = False, **settings: Any) -> None:
        self.plain = plain
        words = ["bench/plain_front.py"] if plain else ["-m", "csdesk", "serve"]
        given = {"most": 1000, "half_open": 1000, "per_address": 1000, "host": "127.0.0.1", "port": 0,
                 "folder": folder / "serve", "drain": 1, **settings}  # fmt: skip
        env = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "CSDESK_DB": url,
               **{f"CSDESK_SERVE_{name.upper()}": str(value) for name, value in given.items()}}  # fmt: skip
        self.log = (folder / ("plain.log" if plain else "serve.log")).open("a+b")
        self.process = subprocess.Popen(
            [sys.executable, *words], cwd=bed.ROOT, env=env, stdout=subprocess.PIPE, stderr=self.log
        )
        assert self.process.stdout is not None
        while (found := re.search(rb"at port (\d+)", line := self.process.stdout.readline())) is None:
            assert line, self.log.name  # how the first administrator comes in is told before
        self.port = int(found.group(1))

    def processes(self) -> list[psutil.Process]:
        """The server and all that runs below it."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def desks(self) -> list[psutil.Process]:
        """The processes of desks: forked from the one process below the server, or started by it."""
        below = psutil.Process(self.process.pid).children()
        return below if self.plain else [each for parent in below for each in parent.children()]

    def worked(self) -> float:
        """Seconds of processor time of all of them until now."""
        return sum(sum(each.cpu_times()[:2]) for each in self.processes())

    def stop(self) -> None:
        """Ends it and all desks."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Rep(asyncssh.SSHClientSession[bytes]):
    """A rep at an SSH client, who counts the bytes of what is painted."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.since = 0
        self.closed = False
        self._more = asyncio.Event()
        self._channel: Any = None
        self._line: Any = None

    @classmethod
    async def login(cls, port: int, login: str, keys: Path, size: tuple[int, int] = (80, 24)) -> Rep:
        """Logs in and asks for the desk; waits for nothing that is painted."""
        line = await asyncssh.connect(
            "127.0.0.1", port, username=login, client_keys=[str(keys / login)], known_hosts=None, agent_path=None,
            config=None, login_timeout=120, connect_timeout=120,
        )  # fmt: skip
        channel, rep = await line.create_session(cls, term_type="xterm-256color", term_size=size, encoding=None)
        rep._channel, rep._line = channel, line
        return rep

    def data_received(self, data: bytes, datatype: Any) -> None:
        """Something is painted."""
        self.got += data
        self._more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The desk or the line is gone."""
        self.closed = True
        self._more.set()

    def keys(self, typed: str | bytes) -> None:
        """Types."""
        self.since = len(self.got)
        with contextlib.suppress(OSError):
            self._channel.write(typed if isinstance(typed, bytes) else typed.encode())

    async def until(self, holds: Callable[[bytes], object], patience: float = 60.0) -> float:
        """Seconds until what was painted since the last key holds true; raises TimeoutError with the end of it."""
        begin = time.perf_counter()
        while not holds(bytes(self.got[self.since :])):
            left = patience - (time.perf_counter() - begin)
            self._more.clear()
            try:
                await asyncio.wait_for(self._more.wait(), max(left, 0.001))
            except TimeoutError:
                raise TimeoutError(f"never painted; at last {bytes(self.got[-300:])!r}") from None
            if self.closed and not holds(bytes(self.got[self.since :])):
                raise ConnectionError(bytes(self.got[-200:]).decode("utf-8", "replace"))
        return time.perf_counter() - begin

    async def more(self, seconds: float) -> None:
        """Waits for anything more that is painted, or the end of the line, at most so long."""
        self._more.clear()
        if not self.closed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), seconds)

    async def leave(self) -> None:
        """Closes the laptop."""
        self._line.abort()
        with contextlib.suppress(Exception):
            await self._line.wait_closed()


async def all_in(port: int, logins: Sequence[str], keys: Path) -> tuple[list[Rep], list[float], list[float]]:
    """Logs reps in one after the other; gives them, the seconds to the first picture, and to a desk that is ready."""
    reps, painted, ready = [], [], []
    for login in logins:
        begin = time.perf_counter()
        rep = await Rep.login(port, login, keys)
        await rep.until(lambda got: b"Opening" in got)
        painted.append(time.perf_counter() - begin)
        await rep.until(OPEN.search)
        ready.append(time.perf_counter() - begin)
        reps.append(rep)
    return reps, painted, ready


def megabytes(processes: Sequence[psutil.Process], kind: str = "uss") -> list[float]:
    """Memory of processes: uss is what is theirs alone, pss their share of what is common too."""
    found = []
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(getattr(each.memory_full_info(), kind) / 2**20)
    return found
