"""The front's end of the zygote: starts it, has desks forked, knows when each has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from itertools import chain, repeat
from typing import Any

from csdesk.errors import Refused, Unavailable
from csdesk.server.line import listen
from csdesk.server.zygote import Seat, message
from csdesk.store import Store

START_SECONDS = 60.0
FORK_SECONDS = 10.0
TICK_SECONDS = 900.0  # mail to a slow relay among it
NOT_NOW = "The server could not start a desk just now; log in again."
# What a desk reaches its database by besides the address: places and ways, no secrets (PGPASSWORD is none of these).
KEPT = ("PATH", "HOME", "TMPDIR", "TZ", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSFILE",
        "PGREQUIREAUTH", "PGCHANNELBINDING", "PGTARGETSESSIONATTRS")  # fmt: skip
KEPT_FAMILIES = ("XDG_", "PYTHON", "PGSSL", "PGSERVICE", "PGSYSCONFDIR", "PGGSS", "PGKRB")
BARRED = 1  # the exit code of a desk that said why it could not be opened
log = logging.getLogger("csdesk.server")


class Process:
    """A desk's process. It is known by a handle of the kernel, so that no other one is ever signalled by its number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended = asyncio.Event()
        self.exit: int | None = None  # as its parent told; a signal's number below zero
        self.told = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._handle, self._over)

    def _over(self) -> None:
        self._loop.remove_reader(self._handle)
        os.close(self._handle)
        self.ended.set()

    def over(self, exit_code: int) -> None:
        """Its parent tells how it ended, mostly a moment after the kernel did that it has."""
        self.exit = exit_code
        self.told.set()

    @property
    def fell(self) -> str:
        """That a signal or a fault of its own ended it, in words; '' when it ended in order, or nobody can tell."""
        if self.exit is None or self.exit in (0, BARRED):
            return ""
        return "the desk fell" if self.exit > 0 else f"the desk was killed (signal {-self.exit})"

    def send(self, sign: signal.Signals) -> None:
        """Sends a signal, to nobody when it has ended."""
        if not self.ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, sign)


class Nursery:
    """Forks desks. A zygote that dies is started anew; the desks it made go on."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self._pids: dict[int, asyncio.Future[int]] = {}
        self._ready: asyncio.Future[int] | None = None
        self._up = asyncio.Event()
        self._processes: dict[int, Process] = {}
        self._closing = False
        self._zygote: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Starts the zygote and waits until it has imported all. Raises Unavailable when it does not come up."""
        if self._zygote is not None:
            self._zygote.poll()  # the last one is buried
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._zygote = subprocess.Popen(
                [sys.executable, "-m", "csdesk.server.zygote", str(theirs.fileno())], pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=_environ(), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            ours.close()
            raise Unavailable(f"The desks' parent process does not start: {error.strerror}.") from None
        finally:
            theirs.close()
        self._line = ours
        self._ready = asyncio.get_running_loop().create_future()
        listen(ours, self._heard, self._lost)
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), START_SECONDS)
        except TimeoutError:
            self._zygote.kill()
            self._hang_up()
            raise Unavailable("The desks' parent process does not start; see the server's log.") from None

    def _heard(self, told: dict[str, Any]) -> None:
        if "ready" in told and self._ready is not None and not self._ready.done():
            self._ready.set_result(told["ready"])
            self._up.set()
        elif "exit" in told:
            if told["session"] in self._processes:
                self._processes.pop(told["session"]).over(told["exit"])
            level = logging.INFO if told["exit"] == 0 else logging.WARNING
            level = logging.DEBUG if not told["session"] and not told["exit"] else level
            log.log(level, "desk ended", extra={"session": told["session"], "pid": told["pid"], "exit": told["exit"]})
        elif told.get("session") in self._pids:
            answer = self._pids.pop(told["session"])
            if answer.done():  # given up a moment ago
                log.error("a desk began too late", extra={"session": told["session"], "pid": told["pid"]})
            elif told["pid"]:
                answer.set_result(told["pid"])
            else:
                log.error("nothing more can be forked", extra={"session": told["session"], "why": told.get("why")})
                answer.set_exception(Unavailable(NOT_NOW))

    def _lost(self) -> None:
        assert self._line is not None
        self._line.close()
        self._line = None
        self._up.clear()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(Unavailable("The desks' parent process does not start; see the server's log."))
            return
        for each in self._pids.values():
            if not each.done():  # given up a moment ago
                each.set_exception(Unavailable(NOT_NOW))
        self._pids.clear()
        for process in self._processes.values():  # they run on, and nobody will tell how they end
            process.told.set()
        self._processes.clear()
        if not self._closing:
            log.error("the zygote died; starting another one")
            self._again = asyncio.ensure_future(self._start_again())

    async def _start_again(self) -> None:
        """Until one comes up, each try a little later than the last."""
        for seconds in chain((0, 1, 2, 4, 8, 16), repeat(30)):
            await asyncio.sleep(seconds)
            try:
                await self.start()
            except (Unavailable, OSError) as error:
                log.error("the zygote does not come up", extra={"why": str(error)})
            else:
                return

    async def seat(self, seat: Seat, *files: int) -> Process:
        """Has a desk forked. While the zygote is started anew this waits. Raises Unavailable when none comes up or it
        does not answer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._up.wait(), START_SECONDS)
        if self._line is None or not self._up.is_set():
            raise Unavailable(NOT_NOW)
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pids[seat.session] = answer
        try:
            if files:
                socket.send_fds(self._line, [message(seat)], list(files))
            else:
                self._line.send(message(seat))
            self._processes[seat.session] = Process(await asyncio.wait_for(answer, FORK_SECONDS))
            return self._processes[seat.session]
        except OSError:  # no answer in time among them
            raise Unavailable(NOT_NOW) from None
        finally:
            self._pids.pop(seat.session, None)

    async def tick(self, settings: dict[str, Any]) -> None:
        """Has what is due by itself done in a process of its own, and waits for its end. One that hangs is killed, so
        that the next one comes: what it had not committed is done then."""
        process = await self.seat(Seat(0, "", settings))
        try:
            await asyncio.wait_for(process.ended.wait(), TICK_SECONDS)
        except TimeoutError:
            log.error("a tick hangs and is killed", extra={"pid": process.pid, "seconds": TICK_SECONDS})
            process.send(signal.SIGKILL)
            await process.ended.wait()

    def close(self) -> None:
        """Ends the zygote; desks that run are not touched."""
        self._closing = True
        self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().remove_reader(self._line)
            self._line.close()
            self._line = None


def _environ() -> dict[str, str]:
    kept = {name: os.environ[name] for name in os.environ if name in KEPT or name.startswith(KEPT_FAMILIES)}
    return {**kept, "LANG": "C.UTF-8"}


def reached_by_desks(store: Store) -> None:
    """Refuses a password of the database that the server alone would know."""
    url = store.engine.url
    if store.postgres and "PGPASSWORD" in os.environ and url.password is None and "password" not in url.query:
        raise Refused(
            "PGPASSWORD reaches no desk, so that nobody reads it off a process: put the password into the file that"
            " PGPASSFILE names, or into the database's address, and take PGPASSWORD away."
        )


def settings_of(settings: Any) -> dict[str, Any]:
    """What a desk is told of the settings: the database and how it looks, nothing of mail."""
    names = ("db", "read_db", "company", "theme", "a11y", "mono", "keys")
    return {name: getattr(settings, name) for name in names}
