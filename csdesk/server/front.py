"""`csdesk serve`: listens for SSH, lets people in, has a desk forked for each, watches over them, ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pty
import signal
import socket
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from csdesk.config import Settings, data_dir
from csdesk.errors import DeskError, Refused, Unavailable
from csdesk.server import algorithms, hostkeys, room, terminal, watch
from csdesk.server.metrics import Metrics
from csdesk.server.nursery import Nursery, reached_by_desks, settings_of
from csdesk.server.refusals import Refusals
from csdesk.server.relay import Relay, resize
from csdesk.server.served import Served
from csdesk.server.zygote import Seat
from csdesk.services import sessions
from csdesk.services.sessions import Coming, Sitting
from csdesk.store import Store

if TYPE_CHECKING:
    from csdesk.server.visit import Visit

STOPPED = "The server stopped"
WRITE_SECONDS = 5.0  # so long a server that stops waits for ends to be written, beyond the time desks have
LAST_WORDS = 3.0  # seconds a client may take to hear that its desk is over when the server stops
KEEPALIVE, KEEPALIVE_MISSED = 30, 3  # seconds of silence after which a client is asked; unanswered so often it is gone
log = logging.getLogger("csdesk.server")


def folder_of(settings: Settings) -> Path:
    """Where a server keeps its host keys and its pid."""
    return Path(settings.serve_folder) if settings.serve_folder else data_dir() / "serve"


class Front:
    """A server: `start`, then `run` until a signal; `drain` ends it in order."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings, self.store = settings, store
        store.read_apart()
        self.name = settings.serve_name or socket.gethostname()
        self.folder = folder_of(settings)
        self.served: dict[int, Served] = {}
        self.visits: set[Visit] = set()  # whose channel is open
        self.half_open: Counter[str] = Counter()  # connections that have not logged in, by network
        self.inside: Counter[str] = Counter()  # those that have, by login
        self._sitting: set[int] = set()  # sessions from the row that begins them to their end
        self._placing = asyncio.Lock()
        self.draining = False
        self.nursery = Nursery()
        self.metrics = Metrics(lambda: len(self.served))
        self._listener: asyncssh.SSHAcceptor | None = None
        self._done = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.refusals = Refusals(store, self.metrics, self.begin)

    async def start(self) -> int:
        """Begins to listen; gives the port. Raises Unavailable with a sentence when it cannot."""
        from csdesk.server.login import Login

        reached_by_desks(self.store)
        keys = hostkeys.load(self.folder)
        await self.nursery.start()
        left = await self.store.write(sessions.swept, self.name)
        if left:
            log.warning("sessions of an earlier server ended with it", extra={"sessions": left})
        try:
            self._listener = await asyncssh.listen(
                self.settings.serve_host or None, self.settings.serve_port, server_factory=lambda: Login(self),
                server_host_keys=keys, encoding=None, line_editor=False, login_timeout=0,
                keepalive_interval=KEEPALIVE, keepalive_count_max=KEEPALIVE_MISSED, agent_forwarding=False,
                x11_forwarding=False, gss_host=None, server_version="csdesk", **algorithms.strong(),
            )  # fmt: skip
        except OSError as error:
            self.nursery.close()
            where = f"{self.settings.serve_host or 'all addresses'}, port {self.settings.serve_port}"
            raise Unavailable(f"Nothing can listen at {where}: {error.strerror}.") from None
        if self.settings.serve_metrics:
            self.metrics.listen(self.settings.serve_metrics)
        self.begin(watch.leavers(self))
        self.begin(watch.unread(self))
        self.begin(watch.ticks(self))
        return int(self._listener.get_port())

    def begin(self, work: Any) -> asyncio.Task[Any]:
        """Runs something beside; it is kept until it ends, and a fault in it is logged."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done_with)
        return task

    def _done_with(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("something of the server failed", exc_info=fault)

    async def run(self) -> None:
        """Serves until SIGTERM or SIGINT; a second one ends at once."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._asked_to_end)
        await self._done.wait()

    def _asked_to_end(self) -> None:
        wait = 0.0 if self.draining else float(self.settings.serve_drain)
        self.begin(self.drain(wait))

    async def drain(self, wait: float) -> None:
        """Lets nobody in any more, tells everybody, ends what is open after `wait` seconds; nothing is lost."""
        self.draining = True
        log.info("draining", extra={"sessions": len(self.served), "seconds": wait})
        if self._listener is not None:
            self._listener.close()
        for each in list(self.served.values()):
            each.notice(f"This server stops in {wait:.0f} s; everything is kept. Log in again and go on.")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._empty(), wait)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(watch.LEAVE_SECONDS + WRITE_SECONDS):
                await asyncio.gather(*(each.end(STOPPED, watch.LEAVE_SECONDS) for each in list(self.served.values())))
                await self._empty()
        for _ in range(round(LAST_WORDS / 0.05)):
            if not self.visits:
                break
            await asyncio.sleep(0.05)
        self._close()

    async def _empty(self) -> None:
        """Until nobody sits here any more, or is about to, and all ends are written."""
        while self._sitting or self._placing.locked():
            await asyncio.sleep(0.05)

    def _close(self) -> None:
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        self.nursery.close()
        self._done.set()

    def refused(self, who: Coming, why: str) -> None:
        """Logs and audits that somebody was refused."""
        self.refusals.tell(who, why)

    # -- one person comes in -------------------------------------------------------------------------------------

    async def admit(self, visit: Visit) -> str:
        """A desk for somebody who is logged in, from its start to its end; gives the last words to say to him."""
        while not isinstance(found := await self._place(visit), Sitting):
            if not found:
                return ""
            if not await self._taken_over(visit, found[0]):
                return "Nothing was changed; the other desk goes on."
        try:
            if visit.left or self.draining:  # while the row was written, which may take long
                await self._ended(found.id, "left before the desk began" if visit.left else STOPPED)
                if not visit.left:
                    self._room()  # which says why not
                return ""
            return await self._serve(visit, found)
        finally:
            self._sitting.discard(found.id)

    async def _place(self, visit: Visit) -> Sitting | tuple[Sitting, ...]:
        """A session for somebody, or those he has already when he may have no more; none when he has left, who would
        stand in the way of himself when he comes again. One after the other: who comes twice at once is found by
        himself."""
        async with self._placing:
            self._room()
            others = () if visit.left else await self._others(visit.who.login)
            if visit.left or len(others) >= self.settings.serve_per_login:
                return () if visit.left else others
            made = await self.store.write(sessions.begin, self.name, visit.who)
            self._sitting.add(made.id)
            return made

    def _room(self) -> None:
        if self.draining:
            raise Refused("This server is stopping; log in again in a moment.")
        if len(self._sitting) >= self.settings.serve_most:
            raise Refused(f"All {self.settings.serve_most} desks of this server are taken; try again later.")
        coming = len(self._sitting) - len(self.served) + 1
        if room.left() < (self.settings.serve_reserve + coming * room.OF_A_DESK) << 20:
            raise Refused("This server has no memory left for another desk; try again later. Others work on unharmed.")

    async def _taken_over(self, visit: Visit, first: Sitting) -> bool:
        """Asks whether the desk that is open is to be taken over, and ends it; False when not."""
        since = f"{first.started_at:%d %b %H:%M} UTC"
        asked = f"{first.login} sits at a desk since {since}, from {first.address}."
        if not await visit.ask(asked, "Enter takes it over, q leaves it."):
            return False
        words = f"taken over from {visit.who.address}"
        if first.id in self.served:  # at once, though the database may take no writes
            self.begin(self.served[first.id].end(f"This desk was {words}", watch.LEAVE_SECONDS))
        await self.store.write(sessions.want_end, first.id, words)
        try:
            async with asyncio.timeout(watch.LEAVE_SECONDS + 3 * watch.LOOK_EVERY):
                while await self.store.read(sessions.still, first.id):
                    await asyncio.sleep(0.1)
        except TimeoutError:  # another server's, which is down or cannot be reached
            await self.store.write(sessions.end, first.id, f"{words}; its server did not answer")
        return True

    async def _others(self, login: str) -> tuple[Sitting, ...]:
        """The sessions of a login that go on. One of this server's that no desk runs for is ended: its end could not
        be written when it came."""
        found = await self.store.read(sessions.of_login, login)
        for each in found:
            if each.server == self.name and each.id not in self._sitting:
                await self.store.write(sessions.end, each.id, "its end was not written when it came")
        return tuple(each for each in found if each.server != self.name or each.id in self._sitting)

    async def _serve(self, visit: Visit, sitting: Sitting) -> str:
        master, slave = pty.openpty()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            terminal.as_typed(slave)  # or the kernel would take some of what is typed ahead for itself
            resize(slave, *visit.size)
            seat = Seat(sitting.id, visit.term, {**settings_of(self.settings), "user": visit.who.login})
            process = await self.nursery.seat(seat, slave, theirs.fileno())
        except BaseException as error:
            os.close(master)
            ours.close()
            await self._ended(sitting.id, f"did not begin: {error}")
            raise
        finally:
            os.close(slave)
            theirs.close()
        served = Served(sitting, process, Relay(master, visit.channel, self.metrics.painted), ours, self.metrics.told)
        self.served[sitting.id] = served
        visit.begun(served)
        log.info("desk begins", extra=served.facts)
        self.begin(self._running(sitting.id, process.pid))
        if self.draining:  # those who sat were told before this desk was there
            self.begin(served.end(STOPPED, watch.LEAVE_SECONDS))
        try:
            await served.until_over(watch.LEAVE_SECONDS)
        finally:
            del self.served[sitting.id]
            log.info("desk over", extra={**served.facts, "why": served.why})
            await self._ended(sitting.id, served.why)
        return served.last_words

    async def _running(self, session_id: int, pid: int) -> None:
        try:
            await self.store.write(sessions.running, session_id, pid)
        except DeskError as error:
            log.warning("the process of a session is not written", extra={"session": session_id, "why": error.message})

    async def _ended(self, session_id: int, why: str) -> None:
        try:
            if not await self.store.write(sessions.gone, session_id, why):
                log.warning("a session had been ended from elsewhere", extra={"session": session_id, "why": why})
        except DeskError as error:  # the database is away: found ended at the next login, or at the next start
            log.warning("the end of a session is not written", extra={"session": session_id, "why": error.message})
