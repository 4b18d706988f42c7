"""The database server dies under a call: the desk says so, keeps what is typed, and goes on when it is back."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import psutil
import pytest

from csdesk.migrations import schema
from csdesk.store import Store
from tests.crash.rep import CUSTOMER, FIVE, ORDER, Books, Desk
from tests.support import databases, postgres
from tests.support.seed import seed

AWAY = "The database is away since "
NUMBERS = count(1)
SAFE = {"synchronous_commit": "on"}  # what was answered must outlive the server


class Mortal:
    """A Postgres server that can be killed and started again."""

    def __init__(self, run: Path) -> None:
        self.usual = postgres.server(run)
        self.home = Path(self.usual.folder)
        self.process = psutil.Process(self.usual.pid)
        self.readers: list[Store] = []

    def die(self) -> None:
        """Ends the server at once: no client is told."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)

    def live(self) -> None:
        """Starts it again on the same data."""
        settings = {**postgres.SETTINGS, **SAFE, "unix_socket_directories": str(self.home)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "log").open("ab") as log:
            started = subprocess.Popen(
                [f"{self.usual.programs}/postgres", "-D", str(self.home / "data"), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/",
                **postgres._as(postgres._other_user()),
            )  # fmt: skip
        postgres._wait(started, self.home)
        self.process = psutil.Process(started.pid)
        for each in self.readers:
            each.engine.dispose()


@pytest.fixture(scope="module")
def server() -> Iterator[Mortal]:
    """A server of these tests alone."""
    databases.the_server()  # skips the tests where there is none
    run = postgres.new_run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "SETTINGS", {**postgres.SETTINGS, **SAFE})
        postgres.watch(run)
        made = Mortal(run)
        try:
            made.usual.run("CREATE DATABASE seeded")
            store = Store(made.usual.url("seeded"))
            schema.upgrade(store)
            seed(store)
            store.close()
            yield made
        finally:
            postgres.stop(run)


@pytest.fixture
def url(server: Mortal) -> str:
    """The seeded desk of one test."""
    name = f"desk_{next(NUMBERS)}"
    server.usual.run(f"CREATE DATABASE {name} TEMPLATE seeded")
    return server.usual.url(name)


@pytest.fixture
def books(server: Mortal, url: str) -> Iterator[Books]:
    """The books of the seeded desk."""
    store = Store(url)
    server.readers.append(store)
    yield Books(store)
    store.close()


@pytest.fixture
def desk(url: str) -> Callable[..., Desk]:
    """Starts the program."""
    return partial(Desk, url)


def test_a_line_typed_while_the_server_is_dead_waits_and_goes_on_by_itself(
    server: Mortal, desk: Callable[..., Desk], books: Books
) -> None:
    with desk(typed=f"{CUSTOMER}\r4711 12\r") as terminal:
        terminal.wait(lambda: terminal.pad == [FIVE[0]])
        server.die()
        terminal.type("4720 6\r")
        terminal.wait(lambda: AWAY in terminal.echo)
        assert terminal.prompt.startswith("4720 6")
        assert terminal.pad == [FIVE[0]]
        server.live()
        terminal.wait(lambda: terminal.pad == list(FIVE[:2]))
        assert terminal.prompt == ""
    assert books.drafts() == [list(FIVE[:2])]


def test_an_order_typed_ahead_of_the_bad_news_is_placed_exactly_once(
    server: Mortal, desk: Callable[..., Desk], books: Books
) -> None:
    with desk(typed=f"{CUSTOMER}\r4711 12\r") as terminal:
        terminal.wait(lambda: terminal.pad == [FIVE[0]])
        server.die()
        terminal.type(ORDER.partition("\r")[2] + ".")
        terminal.wait(lambda: AWAY in terminal.echo)
        terminal.wait(lambda: terminal.prompt.startswith("4720 6 ↵1035 24↵2208 3↵3319 10↵."))
        server.live()
        terminal.wait(lambda: "placed" in terminal.echo)
    assert list(books.orders().values()) == [list(FIVE)]
    assert books.faults() == []


def test_what_waits_can_be_taken_back_and_typed_otherwise(
    server: Mortal, desk: Callable[..., Desk], books: Books
) -> None:
    with desk(typed=f"{CUSTOMER}\r4711 12\r") as terminal:
        terminal.wait(lambda: terminal.pad == [FIVE[0]])
        server.die()
        terminal.type("4720 66\r1035 1\r")
        terminal.wait(lambda: AWAY in terminal.echo)
        terminal.type("\x03")
        terminal.wait(lambda: terminal.prompt == "")
        terminal.type("4720 66\r")
        terminal.wait(lambda: AWAY in terminal.echo and terminal.prompt.startswith("4720 66"))
        terminal.type("\x7f\r")
        terminal.wait(lambda: terminal.prompt.startswith("4720 6 ↵"))
        server.live()
        terminal.wait(lambda: terminal.pad == list(FIVE[:2]))
    assert books.drafts() == [list(FIVE[:2])]


def test_half_typed_text_is_stored_as_soon_as_the_server_is_back(
    server: Mortal, desk: Callable[..., Desk], books: Books
) -> None:
    with desk(typed=f"{CUSTOMER}\r") as terminal:
        terminal.wait(lambda: CUSTOMER in terminal.lines[1])
        server.die()
        terminal.type("4711 1")
        terminal.wait(lambda: AWAY in terminal.echo)
        server.live()
        terminal.wait(lambda: [call[3] for call in books.calls()] == ["4711 1"])
        server.die()
        terminal.type("2")
        terminal.wait(lambda: AWAY in terminal.echo)
        os.kill(terminal.process.pid, signal.SIGTERM)
        server.live()
        terminal.wait(lambda: terminal.process.poll() is not None)
    assert [call[3] for call in books.calls()] == ["4711 12"]


def test_a_server_that_dies_again_and_again_under_a_typist_doubles_and_loses_nothing(
    server: Mortal, desk: Callable[..., Desk], books: Books
) -> None:
    books.do("UPDATE stock SET on_hand = 1000000000")
    lines = [("4711", n) for n in range(1, 61)]
    with desk(typed=f"{CUSTOMER}\r") as terminal:
        terminal.wait(lambda: CUSTOMER in terminal.lines[1])
        terminal.type("".join(f"{code} {quantity}\r" for code, quantity in lines))
        for seen in (5, 20, 35, 50):
            terminal.wait(lambda: any(quantity >= seen for _, quantity in terminal.pad))  # noqa: B023
            server.die()
            terminal.wait(lambda: AWAY in terminal.echo)
            server.live()
        terminal.wait(lambda: "line 60: 60 EA" in terminal.echo)
        terminal.type(".")
        terminal.wait(lambda: "placed" in terminal.echo)
    assert list(books.orders().values()) == [lines]
    assert books.faults() == []
