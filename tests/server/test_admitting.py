"""Who gets a desk, and what ends one, when the database is slow, stuck or was away: a front alone, with stand-ins."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncssh
import pytest

from csdesk import gate as gate_of_files
from csdesk import store as stores
from csdesk.config import Settings
from csdesk.errors import Refused, Unavailable
from csdesk.server import front as fronts
from csdesk.server import watch
from csdesk.server.front import Front
from csdesk.server.login import Login
from csdesk.server.nursery import Process
from csdesk.services import access_keys, founding, sessions
from csdesk.services.sessions import Coming
from csdesk.store import Store
from tests.server.house import new_key, public
from tests.support import databases

DESK = "import socket, sys; socket.socket(fileno=int(sys.argv[1])).recv(9000)"  # ends when it is told anything
PATIENCE = 20.0


class Nursery:
    """Begins stand-ins of desks, when it may."""

    def __init__(self) -> None:
        self.may, self.asked = asyncio.Event(), 0
        self.may.set()
        self.made: list[subprocess.Popen[bytes]] = []

    async def seat(self, seat: Any, slave: int, line: int) -> Process:
        self.asked += 1
        await self.may.wait()
        self.made.append(subprocess.Popen([sys.executable, "-S", "-c", DESK, str(line)], pass_fds=(line,)))
        process = Process(self.made[-1].pid)
        process.told.set()
        return process

    def close(self) -> None:
        for each in self.made:
            each.wait(PATIENCE)


class Visit:
    """A client that takes over whatever it finds."""

    def __init__(self, who: Coming) -> None:
        self.who, self.term, self.size, self.left, self.channel = who, "xterm", (80, 24), False, self

    def begun(self, served: Any) -> None:
        """Nothing was typed ahead."""

    async def ask(self, *lines: str) -> bool:
        return True

    def write(self, data: bytes) -> None:
        """Nobody looks."""

    pause_reading = resume_reading = lambda self: None


class House:
    """A database, people, and servers on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder, self.store = url, folder, Store(url)
        self.key = public(new_key(folder, "key"))
        self.hired = 0

    def hire(self) -> Visit:
        self.hired += 1
        login = f"guest{self.hired}"
        self.store.write_now(founding.add_staff, login, "Test Guest", "rep")
        key = public(new_key(self.folder, login))
        self.store.write_now(access_keys.add_key, login, key)
        return Visit(Coming(login, "192.0.2.7", "key", access_keys.fingerprint_of(key)))

    def rows(self, who: Visit) -> list[tuple[int, str]]:
        """(id, why it ended or '') of somebody's sessions."""
        with self.store.engine.connect() as line:
            found = line.exec_driver_sql(
                "SELECT s.id, s.ended_at, s.ended_why FROM desk_session s JOIN staff t ON t.id = s.staff_id"
                f" WHERE t.login = '{who.who.login}' ORDER BY s.id"
            ).all()
        return [(row[0], row[2] if row[1] else "") for row in found]

    def told(self, verb: str, session: int) -> list[str]:
        with self.store.engine.connect() as line:
            asked = f"SELECT after FROM audit WHERE verb = '{verb}' AND subject_id = {session}"
            return [row[0] for row in line.exec_driver_sql(asked)]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[tuple[Front, Nursery]]:
        settings = Settings(serve_name="here", serve_folder=str(self.folder), serve_reserve=1, db=self.url)
        front, nursery = Front(settings, Store(self.url)), Nursery()
        front.nursery = cast(Any, nursery)
        try:
            yield front, nursery
        finally:
            await front.drain(0)
            front.store.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests of this file; each hires people of its own."""
    folder = tmp_path_factory.mktemp("admitting")
    with databases.database("sqlite", folder, "seeded") as url:
        made = House(url, folder)
        yield made
        made.store.close()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks often, waits for nobody."""
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(fronts, "LAST_WORDS", 0.0)


def play(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), PATIENCE))


async def until(check: Callable[[], Any]) -> None:
    while not check():
        await asyncio.sleep(0.01)


def admitted(front: Front, who: Visit) -> asyncio.Task[str]:
    return asyncio.ensure_future(front.admit(cast(Any, who)))


@pytest.mark.parametrize(
    ("why", "logged"),
    [
        ("taken over from 192.0.2.8; its server did not answer", ""),
        (sessions.SWEPT, "another server has this one's name"),
    ],
)
def test_a_desk_whose_row_somebody_else_ended_ends(
    house: House, caplog: pytest.LogCaptureFixture, why: str, logged: str
) -> None:
    who = house.hire()

    async def work() -> None:
        async with house.serving() as (front, _):
            desk = admitted(front, who)
            await until(lambda: front.served)
            (only,) = front.served
            house.store.write_now(sessions.end, only, why)
            front.begin(watch.leavers(front))
            assert await desk == f"This desk was ended: {why}. Everything you typed is kept."
            assert house.rows(who) == [(only, why)]
            assert house.told("sessions.gone", only) == [f'{{"why":"This desk was ended: {why}"}}']

    play(work)
    assert (logged in caplog.text) or not logged
    assert "a session had been ended from elsewhere" in caplog.text


@pytest.mark.parametrize("when", ["before his turn", "while it is written"])
def test_who_left_while_he_waited_stands_in_nobodys_way(
    house: House, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    who = house.hire()

    async def work() -> None:
        async with house.serving() as (front, nursery):
            front.settings = replace(front.settings, serve_most=1)  # which he takes himself
            await front._placing.acquire()
            desk = admitted(front, who)
            await asyncio.sleep(0)
            if when == "before his turn":
                who.left = True
            else:
                write = front.store.write

                async def leaves(verb: Any, *given: Any, **more: Any) -> Any:
                    answer = await write(verb, *given, **more)
                    who.left = True
                    return answer

                monkeypatch.setattr(front.store, "write", leaves)
            front._placing.release()
            assert await desk == ""
            assert nursery.asked == 0
            assert [why for _, why in house.rows(who)] == ["left before the desk began"] * (when != "before his turn")

    play(work)


@pytest.mark.parametrize("where", ["row", "fork"])
def test_a_server_that_stops_waits_for_a_login_in_progress(house: House, monkeypatch: Any, where: str) -> None:
    who, sits = house.hire(), house.hire()

    async def work() -> None:
        async with house.serving() as (front, nursery):
            write, may = front.store.write, asyncio.Event()

            async def slow(verb: Any, *given: Any, **more: Any) -> Any:
                if verb is sessions.begin and where == "row":
                    await may.wait()
                return await write(verb, *given, **more)

            monkeypatch.setattr(front.store, "write", slow)
            if where == "fork":
                nursery.may.clear()
            desk = admitted(front, who)
            await until(lambda: nursery.asked or front._placing.locked())
            await until(lambda: nursery.asked or where == "row")
            stopping = asyncio.ensure_future(front.drain(0))
            await asyncio.sleep(0.1)
            assert not stopping.done()
            nursery.may.set()
            may.set()
            if where == "row":
                with pytest.raises(Refused, match="stopping"):
                    await desk
            else:
                assert await desk == "The server stopped. Everything you typed is kept."
            await stopping
            assert [why for _, why in house.rows(who)] == ["The server stopped"]
            with pytest.raises(Refused, match="stopping"):
                await front.admit(cast(Any, sits))

    play(work)


def test_a_database_that_takes_no_writes_keeps_nobody_at_a_desk(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program holds it: reading goes on, a desk that is taken over or kicked ends, who waits is told."""
    who, other = house.hire(), house.hire()

    async def work() -> None:
        async with house.serving() as (front, _):
            first, kicked = admitted(front, who), admitted(front, other)
            await until(lambda: len(front.served) == 2)
            await until(lambda: not front._tasks)
            front.store.clock = lambda: stores.utc_now() + timedelta(hours=1)  # a minute is noted at the next look
            assert front.store._gate._thread.acquire()
            front.begin(watch.leavers(front))
            monkeypatch.setattr(gate_of_files, "GATE_SECONDS", 1.0)
            again = admitted(front, who)
            assert (await first).startswith("This desk was taken over from 192.0.2.7.")
            (session, _), = house.rows(other)  # fmt: skip
            house.store.write_now(sessions.want_end, session, "moving")
            assert (await kicked).startswith("This desk was ended: moving.")
            assert await front.store.read(sessions.still, session)
            with pytest.raises(Unavailable, match="Another program holds the database"):
                await again
            front.store._gate._thread.release()

    play(work)


def test_another_program_that_holds_the_file_is_told_of(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_of_files, "GATE_SECONDS", 0.1)
    gate = house.store._gate._file
    assert gate is not None
    holds = (
        "import fcntl, sys; f = open(sys.argv[1], 'ab'); fcntl.lockf(f, fcntl.LOCK_EX); print('', flush=True); input()"
    )
    words = [sys.executable, "-S", "-c", holds, gate.path.decode()]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(Unavailable, match="Another program holds the database; nothing was written"):
            house.store.write_now(sessions.swept, "nowhere")
        other.kill()
    assert house.store.write_now(sessions.swept, "nowhere") == 0


def test_no_key_is_told_as_wrong_while_logins_cannot_be_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise Unavailable(stores.AWAY)

    async def work() -> None:
        async with house.serving() as (front, _):
            monkeypatch.setattr(front.store, "read", away)
            login = Login(front)
            login._conn = cast(Any, SimpleNamespace(send_auth_banner=lambda words: None))
            assert await login.begin_auth("guest1")
            assert not login.validate_public_key("guest1", asyncssh.import_public_key(house.key))
            assert login._last_words(None) == f"logins cannot be read ({stores.AWAY})"

    play(work)
