"""The process served desks are forked from: it has imported all of the desk and does nothing but fork.

It holds no thread, no database and no terminal of a session. The front sends one message a session over a Unix
socket, with the session's terminal and the end of a line to it; the answer is the pid, and later that the process
ended. When the front is gone, it ends; the sessions then get a hang-up of their own, since their terminals close.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from csdesk.server import faults
from csdesk.server.line import MESSAGE_MOST, tell

# What a desk needs from its first picture to its first order.
WARM = (
    "csdesk.app", "csdesk.opening", "csdesk.prompt.desk", "csdesk.prompt.acts", "csdesk.prompt.looking",
    "csdesk.prompt.moves", "csdesk.prompt.faces", "csdesk.migrations.schema", "csdesk.delivery.deliver",
    "csdesk.server.session", "sqlalchemy.dialects.postgresql.psycopg", "psycopg", "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlite3", "textual.scrollbar",
)  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """What a session is started with: its number, its terminal's name, its settings, the login among them.

    A seat without a terminal is for what is due by itself: its process does that once and ends.
    """

    session: int
    term: str
    settings: dict[str, Any]


def main(line: socket.socket) -> None:
    """Serves the front at the other end of `line` until it is gone."""
    for name in WARM:
        import_module(name)
    from csdesk.server import session

    session.rehearse()
    gc.collect()
    gc.freeze()
    heard, told = socket.socketpair()
    for each in (heard, told):
        each.setblocking(False)
    signal.set_wakeup_fd(told.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a service manager tells the front, which ends the sessions
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _tell(line, {"ready": os.getpid()})
    sessions: dict[int, int] = {}
    try:
        while True:
            ready, _, _ = select.select([line, heard], [], [])
            if heard in ready:
                heard.recv(4096)
                _bury(line, sessions)
            if line in ready and not _seat(line, sessions, (heard, told)):
                return
    finally:  # desks that end later find no socket to tell of it
        signal.set_wakeup_fd(-1)


def _seat(line: socket.socket, sessions: dict[int, int], own: tuple[socket.socket, ...]) -> bool:
    """Forks a desk for the next message; False when the front is gone. Where no more processes may be begun the answer
    says why."""
    try:
        data, files, _, _ = socket.recv_fds(line, MESSAGE_MOST, 2)
    except ConnectionError:  # it was killed before it had read all it was told
        return False
    if not data:
        return False
    seat = Seat(**json.loads(data))
    try:
        pid = os.fork()
    except OSError as error:
        _shut(files)
        _tell(line, {"session": seat.session, "pid": 0, "why": str(error.strerror)})
        return True
    if pid == 0:
        try:
            for each in (line, *own):
                each.close()
            from csdesk.server import session

            os._exit(session.run(seat, *files) if files else session.tick(seat))
        except BaseException as fault:  # noqa: BLE001 - nothing may come back into the loop of the parent
            faults.tell("what was forked fell", fault)
            os._exit(70)
    _shut(files)
    sessions[pid] = seat.session
    _tell(line, {"session": seat.session, "pid": pid})
    return True


def _shut(files: list[int]) -> None:
    for each in files:
        os.close(each)


def _bury(line: socket.socket, sessions: dict[int, int]) -> None:
    while sessions:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        _tell(line, {"session": sessions.pop(pid, 0), "pid": pid, "exit": os.waitstatus_to_exitcode(status)})


def _tell(line: socket.socket, words: dict[str, Any]) -> None:
    if not tell(line, words):
        sys.exit(0)


def message(seat: Seat) -> bytes:
    """A seat as it is sent."""
    return json.dumps(asdict(seat)).encode()


if __name__ == "__main__":
    sys.excepthook = lambda _kind, fault, _trace: faults.tell("the desks' parent process fell", fault)
    main(socket.socket(fileno=int(sys.argv[1])))
