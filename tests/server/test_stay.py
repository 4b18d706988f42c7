"""Connections that stay without a desk, slowly log in, ask on for what is not served, or speak what is no text."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.packet import String

from csdesk.services import access_keys, sessions
from tests.server.house import Server, new_key, public, serving
from tests.server.records import Person, until
from tests.server.test_attacks import connected
from tests.support import databases
from tests.support.seed import acting

FINGERPRINT = access_keys.fingerprint_of


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Server]:
    """A server that waits three seconds for a login, as long for a desk, and half of one for who leaves."""
    more = {"module": "tests.server.quick", "settings": {"serve_grace": 3}}
    with databases.database("sqlite", tmp_path, "seeded") as url, serving(tmp_path / "s", url, **more) as made:
        yield made


def test_who_opens_no_desk_is_sent_away(hasty: Server) -> None:
    server = hasty
    who, slow, other = server.hire(), server.hire(), server.hire()

    async def many(line: asyncssh.SSHClientConnection) -> None:
        lines = [line]
        for _ in range(4):
            lines.append(await connect(server, who))
        with pytest.raises((asyncssh.Error, OSError)):
            await sits(server, who)
        server.store.write_now(access_keys.remove_key, who.login, FINGERPRINT(public(who.key)))
        process = await line.create_process(term_type="xterm", encoding=None)
        assert b"(key) lets in no more" in await process.stdout.read()
        for each in lines:
            await asyncio.wait_for(each.wait_closed(), 20)

    idle = subprocess.Popen(["ssh", *server.client(slow), "-N"], stderr=subprocess.PIPE, text=True)
    ask = ("-o", "PubkeyAuthentication=no")
    with server.sit(other, *ask) as desk:
        connected(server, who, many)
        until(lambda: server.refused(who, "too many connections"))
        until(lambda: server.refused(who, "no desk was asked for within 3 s"))
        assert idle.wait(20) == 255
        assert "No desk was asked for" in idle.communicate()[1]
        until(lambda: server.refused(other, "not logged in within 3 s"))
        desk.type("\r")  # ssh reads nothing while it asks
        assert desk.closed() == 255
        assert b"Logging in took too long" in desk.raw

    async def leaves(line: asyncssh.SSHClientConnection) -> None:
        process = await line.create_process(term_type="xterm", encoding=None)
        await process.stdout.readuntil(b"Commit")
        acting(server.store, "admin1").write_now(sessions.kick, other.login)
        await asyncio.wait_for(line.wait_closed(), 20)

    connected(server, other, leaves)
    assert server.logged("let in", login=other.login, method="key")


async def connect(server: Server, who: Person) -> asyncssh.SSHClientConnection:
    return await asyncssh.connect(
        "127.0.0.1", server.port, username=who.login, client_keys=[str(who.key)], config=None, agent_path=None,
        known_hosts=str(server.folder / "known"), local_addr=(who.address, 0),
    )  # fmt: skip


async def sits(server: Server, who: Person) -> None:
    await (await connect(server, who)).create_process(term_type="xterm")


def sends(server: Server, who: Person, kind: str, *more: bytes, times: int = 1) -> None:
    """Requests in a channel, as packets, until the server ends the connection or the client does."""

    async def ask(line: asyncssh.SSHClientConnection) -> None:
        opened = asyncio.get_running_loop().create_future()

        class Session(asyncssh.SSHClientSession[bytes]):
            def connection_made(self, chan: Any) -> None:
                for _ in range(times):
                    chan._send_request(kind.encode(), *more)
                opened.set_result(None)

        making = asyncio.ensure_future(line.create_session(Session, request_pty=False, encoding=None))
        await asyncio.wait([making, asyncio.ensure_future(line.wait_closed())], timeout=5,
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        making.cancel()

    connected(server, who, ask)


def test_what_the_library_refuses_is_told_too(server: Server) -> None:
    who, other, third, floods = (server.hire() for _ in range(4))
    sends(server, who, "exec", String(b"\xff\xfe"))
    until(lambda: server.refused(who, "command that is no text"))
    sends(server, who, "subsystem", String(b"\xff\xfe"))
    until(lambda: server.refused(who, "subsystem that is no text"))
    sends(server, other, "pty-req", String(b"\xff"), b"\0" * 16, String(b""))
    until(lambda: server.refused(other, "the connection failed: Invalid pty request"))
    sends(server, floods, "env", String(b"EVIL"), String(b"1"), times=500)
    until(lambda: server.logged("more refusals of this address", address=floods.address))
    assert len(server.trail("access.refused", login=floods.login)) <= 20
    assert len(server.logged("refused", login=floods.login)) <= 20
    authority, card = new_key(server.folder, f"{third.login}-ca"), new_key(server.folder, f"{third.login}-card")
    server.store.write_now(access_keys.trust, public(authority))
    words = ["ssh-keygen", "-q", "-s", str(authority), "-I", "x", "-n", third.login, "-O", "clear", f"{card}.pub"]
    subprocess.run(words, check=True, capture_output=True)
    assert server.run(third, "-W", "127.0.0.1:22", key=card)[0] != 0
    until(lambda: server.refused(third, "forwarding to 127.0.0.1:22"))
