"""No more processes may begin, the parent of desks does not come up, work hangs or falls: the server goes on."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from csdesk.config import Settings
from csdesk.errors import Refused, Unavailable
from csdesk.server import nursery, session, terminal, zygote
from csdesk.server.nursery import Nursery, reached_by_desks
from csdesk.server.zygote import Seat, message
from csdesk.services import ticking
from csdesk.store import Store


@pytest.fixture
def line() -> Any:
    """Both ends of a line between processes."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield ours, theirs


def refusing(*_: Any, **__: Any) -> Any:
    raise BlockingIOError(11, "Resource temporarily unavailable")


def test_a_refused_fork_is_an_answer(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", refusing)
    ours, theirs = line
    with open(os.devnull) as beside:
        socket.send_fds(ours, [message(Seat(7, "xterm", {}))], [beside.fileno()])
    sessions: dict[int, int] = {}
    before = set(os.listdir("/proc/self/fd"))
    assert zygote._seat(theirs, sessions, ())
    assert json.loads(ours.recv(1000)) == {"session": 7, "pid": 0, "why": "Resource temporarily unavailable"}
    assert sessions == {}
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_server_that_was_killed_with_words_unread_is_gone(line: Any) -> None:
    ours, theirs = line
    theirs.send(b"the end of a desk")
    ours.close()
    assert zygote._seat(theirs, {}, ()) is False


class Parent:
    """Stands for the process desks are forked from; the test speaks in its place."""

    def __init__(self, words: list[str], **more: Any) -> None:
        self.line = socket.socket(fileno=os.dup(more["pass_fds"][0]))
        self.line.settimeout(5)
        self.killed = False

    def poll(self) -> None:
        """Nothing to bury."""

    def kill(self) -> None:
        self.killed = True


async def comes_up(tried: list[Any], turn: Any) -> None:
    """The first dies, two cannot be started, one says nothing, the fifth serves."""
    made = Nursery()
    await made.start()
    tried[0].line.close()
    while len(tried) < 4:
        await turn(0)
    assert not made._up.is_set()
    await made._up.wait()
    assert tried[3].killed
    assert tried[3].line.recv(10) == b""
    refused = asyncio.ensure_future(made.seat(Seat(10, "", {})))
    for _ in range(10):
        await turn(0)
    assert json.loads(tried[4].line.recv(1000))["session"] == 10
    tried[4].line.send(b'{"session": 10, "pid": 0, "why": "no"}')
    with pytest.raises(Unavailable, match="could not start a desk"):
        await refused
    made.close()


def test_a_parent_of_desks_comes_up_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def starting(*words: Any, **more: Any) -> Any:
        tried.append(None)
        if len(tried) in (2, 3):
            refusing()
        tried[-1] = Parent(*words, **more)
        if len(tried) != 4:  # the fourth says nothing
            tried[-1].line.send(b'{"ready": 1}')
        return tried[-1]

    async def at_once(seconds: float) -> None:
        await turn(0)

    turn = asyncio.sleep
    monkeypatch.setattr(subprocess, "Popen", starting)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    monkeypatch.setattr(nursery, "START_SECONDS", 0.2)

    asyncio.run(asyncio.wait_for(comes_up(tried, turn), 20))
    for each in tried:
        if each is not None:
            each.line.close()


def test_a_tick_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(nursery, "TICK_SECONDS", 0.01)
    hangs = subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"])

    async def play() -> None:
        made = Nursery()

        async def seat(*_: Any) -> nursery.Process:
            return nursery.Process(hangs.pid)

        monkeypatch.setattr(made, "seat", seat)
        await made.tick({})

    asyncio.run(play())
    assert hangs.wait() == -9
    assert "a tick hangs and is killed" in caplog.text


def test_a_tick_that_falls_says_why(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def falls(store: Any) -> Any:
        raise ZeroDivisionError("of the tick")

    monkeypatch.setattr(ticking, "run", falls)
    monkeypatch.setattr("csdesk.opening.open_store", lambda settings: None)
    monkeypatch.setattr(session, "open_log", lambda: None)
    monkeypatch.setattr(session, "_unsigned", lambda: None)
    assert session.tick(Seat(0, "", {})) == session.FELL
    told = json.loads(capfd.readouterr().err.splitlines()[-1])
    assert told["event"] == "a tick fell"
    assert "ZeroDivisionError: of the tick" in told["exception"]


def test_a_desk_that_falls_before_it_begins_says_why(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_sit_on", refusing)
    ours, theirs = line
    assert session.run(Seat(7, "xterm", {}), 0, theirs.fileno()) == session.FELL
    assert "Resource temporarily unavailable" in json.loads(ours.recv(8000))["fault"]


def test_desks_are_told_where_the_database_is_and_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGPASSFILE", "PGSSLROOTCERT", "PGSERVICEFILE", "PGHOST", "PGPASSWORD", "CSDESK_DB"):
        monkeypatch.setenv(name, "/some/where")
    told = nursery._environ()
    assert {name for name in told if name.startswith(("PG", "CSDESK"))} == {
        "PGPASSFILE", "PGSSLROOTCERT", "PGSERVICEFILE", "PGHOST"
    }  # fmt: skip
    for url, refused in (("postgresql+psycopg://desk@db/desk", True), ("postgresql+psycopg://desk:x@db/desk", False),
                         ("sqlite:///desk.db", False)):  # fmt: skip
        store = Store(url)
        if refused:
            with pytest.raises(Refused, match="PGPASSFILE"):
                reached_by_desks(store)
        else:
            reached_by_desks(store)


def test_a_desk_that_falls_while_it_is_used_says_why(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app tells whoever sits there that it ended; the server must hear of its fault all the same."""

    def falls(app: Any) -> None:
        app.failure = ZeroDivisionError("of the desk")
        raise Unavailable("The desk ended by a fault of its own.")

    monkeypatch.setattr(session, "sit_at", falls)
    monkeypatch.setattr(session, "open_log", lambda: None)
    monkeypatch.setattr(terminal, "take", lambda: None)
    monkeypatch.setattr(terminal, "give_back", lambda: None)
    ours, theirs = line
    assert session._desk(Settings(user="rep7"), theirs, "session 7") == session.FELL
    assert "ZeroDivisionError: of the desk" in json.loads(ours.recv(9000))["fault"]


async def test_an_answer_for_a_login_that_was_given_up_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    made, loop = Nursery(), asyncio.get_running_loop()
    given_up, waits = loop.create_future(), loop.create_future()
    given_up.cancel()
    made._pids = {1: given_up, 2: waits}
    made._heard({"session": 1, "pid": 77})
    assert "a desk began too late" in caplog.text
    made._pids[1], made._closing = given_up, True
    made._line, other = socket.socketpair()
    made._lost()
    other.close()
    assert made._pids == {}
    with pytest.raises(Unavailable):
        await waits
