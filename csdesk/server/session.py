"""One served desk, in a process of its own: the terminal it was given, limits, the app, a line to the front."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import resource
import signal
import socket
import sys
import termios
import traceback
from typing import TYPE_CHECKING, Any

from csdesk.app import FELL, DeskApp, open_log, sit_at
from csdesk.config import Settings
from csdesk.errors import DeskError
from csdesk.prompt.page import Echo
from csdesk.server import faults
from csdesk.server.driver import DeskDriver
from csdesk.server.line import listen, tell
from csdesk.server.telling import Telling

if TYPE_CHECKING:
    from csdesk.server.zygote import Seat
    from csdesk.store import Store

log = logging.getLogger("csdesk.server")
MEMORY = 1 << 30  # bytes of address space beyond what the process begins with
FAULT_MOST = 3000  # signs of a fault that the server's log is told
KILL_FIRST = "500"  # of -1000 to 1000: when memory ends the kernel takes a session, never the server


class ServedApp(DeskApp):
    """A desk whose server speaks to it over a line: notices, and that it must end, one JSON object each."""

    def __init__(self, line: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._line = line
        self.telling: Telling

    def on_mount(self) -> None:
        """Listens to the server too; Textual calls the handler of the base class by itself."""
        listen(self._line, self._heard)
        self.telling = Telling(self._line)
        logging.getLogger("csdesk").addHandler(self.telling)

    def _heard(self, told: dict[str, Any]) -> None:
        if "hangup" in told:
            if isinstance(self._driver, DeskDriver):
                self._driver.expected = int(told["hangup"])
            self.hang_up()
            return
        self.turns.notice = Echo(str(told.get("notice", "")), "wrong")
        self.paint()


def run(seat: Seat, terminal_fd: int, line_fd: int) -> int:
    """Runs the desk of a seat to its end, in this process, which has just been forked; gives the exit code."""
    line = socket.socket(fileno=os.dup(line_fd))
    try:
        _sit_on(terminal_fd, line_fd, line)
        _limit()
        os.environ.update(TERM=seat.term, LANG="C.UTF-8")
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # heeded by the server alone, which ends the desks
        _unsigned()
        return _desk(_settings(seat), line, f"session {seat.session}")
    except DeskError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 - the rep's terminal
        return 1
    except Exception:  # noqa: BLE001 - whatever it was, the server's log is told
        tell(line, {"fault": traceback.format_exc()[-FAULT_MOST:]})
        return FELL
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


def tick(seat: Seat) -> int:
    """Does what is due by itself, mail too, in this process, which has just been forked; gives the exit code."""
    from csdesk.delivery.deliver import deliver
    from csdesk.opening import open_store
    from csdesk.services import ticking

    _unsigned()
    open_log()
    settings = _settings(seat)
    try:
        store = open_store(settings)
        for words, good in ticking.run(store):
            log.log(logging.INFO if good else logging.WARNING, "tick: %s", words)
        for words in deliver(store, settings):
            log.info("tick: %s", words)
    except DeskError as error:
        log.warning("tick: %s", error.message)
        return 1
    except Exception as fault:
        log.exception("tick: a fault of its own")
        faults.tell("a tick fell", fault)
        return FELL
    store.close()
    return 0


def _settings(seat: Seat) -> Settings:
    entries = dict(seat.settings)
    entries["keys"] = tuple((key, bound) for key, bound in entries.get("keys", ()))
    return Settings(**entries)


def _unsigned() -> None:
    """Signals mean what they mean to any process, not what they mean to its parent."""
    signal.set_wakeup_fd(-1)
    for each in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)


def _desk(settings: Settings, line: socket.socket, whence: str) -> int:
    from csdesk.opening import Opening, open_store
    from csdesk.server import terminal

    terminal.take()
    open_log()
    app: list[ServedApp] = []

    def stored() -> Store:
        store = open_store(settings)
        app[0].telling.watch(store.engine)
        return store

    opening = Opening(stored, settings.user, whence=whence)
    app.append(
        ServedApp(line, settings, opening.begin, opening.commands, leisure_after=None, password=opening.password)
    )
    try:
        sit_at(app[0])
        opening.close()
        return 0
    except DeskError:
        fault = app[0].failure
        if fault is None or isinstance(fault, DeskError):
            raise
        tell(line, {"fault": "".join(traceback.format_exception(fault))[-FAULT_MOST:]})
        return FELL
    finally:
        terminal.give_back()


def _sit_on(terminal_fd: int, line_fd: int, line: socket.socket) -> None:
    """The terminal becomes this process's own, its three streams lead there, and nothing else stays open but the line
    to the front."""
    os.setsid()
    fcntl.ioctl(terminal_fd, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(terminal_fd, stream)
    for each in (terminal_fd, line_fd):
        if each > 2 and each != line.fileno():
            os.close(each)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="replace", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="replace", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # type: ignore[misc]  # noqa: SIM115


def _limit() -> None:
    """Memory that runs away ends in an error of this session alone; no core dump shows a customer."""
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/statm", encoding="ascii") as statm:
            begun = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (begun + MEMORY, begun + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
        score.write(KILL_FIRST)


def rehearse() -> None:
    """Runs an empty desk once without a terminal, so that what a first picture makes is made before the fork."""

    async def play() -> None:
        async def opening() -> Any:
            await asyncio.Event().wait()

        app = DeskApp(Settings(user="nobody"), opening, list)
        async with app.run_test(size=(80, 24)):
            app.paint()

    asyncio.run(play())
