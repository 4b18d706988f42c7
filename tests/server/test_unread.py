"""A client that stops reading its line, whatever window it granted: its desk paints no more, little waits for it."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
from types import SimpleNamespace
from typing import Any, cast

import pytest

from csdesk.server import watch
from csdesk.server.relay import Relay
from csdesk.server.visit import Visit
from csdesk.services.sessions import Coming


class Line:
    """A connection, its transport and its channel in one."""

    def __init__(self) -> None:
        self._transport, self.waits, self.aborted = self, 0, False
        self.written = self.heard = b""
        self._sock, self.client = socket.socketpair()
        self._sock.setblocking(False)

    def get_connection(self) -> Line:
        return self

    def get_write_buffer_size(self) -> int:
        return self.waits

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def pause_writing(self) -> None:
        """As the library's: nothing."""

    resume_writing = pause_reading = resume_reading = pause_writing

    def data_received(self, data: bytes) -> None:
        assert not self.aborted
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.aborted = True

    def abort(self) -> None:
        self.aborted = True


def visiting(front: Any) -> tuple[Visit, Line]:
    visit, line = Visit(front, Coming("rep7", "192.0.2.7", "key")), Line()
    visit.connection_made(line)
    return visit, line


def test_a_line_that_takes_nothing_pauses_its_desk_as_a_window_does() -> None:
    async def play() -> None:
        visit, line = visiting(None)
        line.pause_writing()  # before there is a desk
        master, slave = pty.openpty()
        relay = Relay(master, line, lambda seconds: None)
        visit.begun(cast(Any, SimpleNamespace(relay=relay)))
        os.write(slave, b"one")
        await turns()
        visit.pause_writing()
        line.resume_writing()
        await turns()
        assert line.written == b""
        visit.resume_writing()
        await asyncio.wait_for(_until(lambda: line.written == b"one"), 5)
        line.pause_writing()
        os.write(slave, b"two")
        await turns()
        assert line.written == b"one"
        relay.close()
        relay.keys(b"late")
        assert relay.taken == 0
        os.close(slave)

    asyncio.run(play())


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _until(check: Any) -> None:
    while not check():
        await asyncio.sleep(0.01)


def test_a_client_that_asks_on_and_reads_no_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.01)
    refused: list[str] = []
    front = cast(Any, SimpleNamespace(visits=set(), refused=lambda who, why: refused.append(f"{who.login} {why}")))
    deaf, slow = visiting(front), visiting(front)
    front.visits |= {deaf[0], slow[0]}
    deaf[1].waits, slow[1].waits = watch.MOST_UNREAD + 1, watch.MOST_UNREAD

    async def play() -> None:
        task = asyncio.ensure_future(watch.unread(front))
        await asyncio.wait_for(_until(lambda: deaf[1].aborted), 5)
        task.cancel()

    asyncio.run(play())
    assert not slow[1].aborted
    assert refused[0] == "rep7 a client that asks on and reads nothing"


def test_keys_that_wait_in_a_socket_when_a_write_fails_are_read() -> None:
    for exc, heard in ((ConnectionResetError(), b"keys" * 20000), (None, b"")):
        _, line = visiting(None)
        line.client.sendall(b"keys" * 20000)
        line.client.close()
        line.connection_lost(exc)
        assert (line.heard, line.aborted) == (heard, True)
