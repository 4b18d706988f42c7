"""Keys that have reached the server get their turn: those of a burst just before the line broke, those typed ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncssh
import pytest

from tests.crash.rep import CUSTOMER, ORDER
from tests.server.house import HALF, Server, is_kept
from tests.server.records import Person, until

BURST = f"{CUSTOMER}\r{ORDER}{HALF}".encode()
AT_ONCE = 6
Way = Callable[[asyncssh.SSHClientConnection, asyncssh.SSHClientProcess[bytes]], Awaitable[None]]


async def cut(line: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes]) -> None:
    """All keys in one packet, and nothing after them, not even a word that the channel is closed."""
    await process.stdout.readuntil(b"Commit")
    process.stdin.write(BURST)
    line._transport.close()  # type: ignore[union-attr]


async def typed_ahead(line: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes]) -> None:
    """As `ssh -tt < keys` does: all of it before there is a desk, then no more."""
    process.stdin.write(BURST)
    process.stdin.write_eof()
    await process.stdout.read()


async def pasted_ahead(line: asyncssh.SSHClientConnection, process: asyncssh.SSHClientProcess[bytes]) -> None:
    """More than waits for a desk, its end among what comes last."""
    process.stdin.write(b"x\x7f" * 2500 + BURST)
    process.stdin.write_eof()
    await process.stdout.read()


def each_loses_nothing(server: Server, way: Way, people: list[Person]) -> None:
    """Everybody comes in at the same time, types, and is gone; all that was typed is in the database."""

    async def one(who: Person) -> None:
        line = await asyncssh.connect(
            "127.0.0.1", server.port, username=who.login, client_keys=[str(who.key)], config=None, agent_path=None,
            known_hosts=str(server.folder / "known"), local_addr=(who.address, 0),
        )  # fmt: skip
        process: Any = await line.create_process(term_type="xterm", encoding=None)
        await way(line, process)
        line.abort()

    async def all_of_them() -> None:
        await asyncio.wait_for(asyncio.gather(*map(one, people)), 60)

    asyncio.run(all_of_them())
    for who in people:
        assert server.over(who) == "the line broke"
    assert [who.login for who in people if not is_kept(server, who)] == []


@pytest.mark.parametrize("way", [cut, typed_ahead])
def test_a_burst_and_then_no_line_loses_no_key(server: Server, way: Way) -> None:
    each_loses_nothing(server, way, [server.hire() for _ in range(AT_ONCE)])


def test_a_paste_before_the_desk_is_there_keeps_its_middle_and_end(server: Server) -> None:
    who = server.hire()
    each_loses_nothing(server, pasted_ahead, [who])
    until(lambda: server.logged("desk over", login=who.login))
