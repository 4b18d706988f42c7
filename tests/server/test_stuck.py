"""Desks that hang, take all memory, or whose rep says nothing more: ended in time, taken over, nothing lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.rep import CUSTOMER, FIVE, ORDER
from tests.screens.tty import ROOT
from tests.server.house import Guest, Server, asked, finds_all, half_typed, is_kept, serving
from tests.server.records import Person
from tests.support import databases

IDLE = 15  # of tests.server.quick: seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits seconds instead of minutes, whose desks have faults."""
    folder = tmp_path_factory.mktemp("quick")
    faults = {"PYTHONPATH": f"{Path(__file__).parent / 'broken'}:{ROOT}"}
    settings = {"serve_idle": IDLE}
    with (
        databases.database("sqlite", folder, "seeded") as url,
        serving(folder / "s", url, module="tests.server.quick", environ=faults, settings=settings) as made,
    ):
        yield made


def loops(server: Server, who: Person, desk: Guest) -> None:
    desk.type("4711 99\r")


def stops(server: Server, who: Person, desk: Guest) -> None:
    os.kill(server.pid(who), signal.SIGSTOP)


@pytest.mark.parametrize("hangs", [loops, stops])
def test_a_desk_that_hangs_is_taken_over(server: Server, hangs: Callable[..., None]) -> None:
    who, other = server.hire(), server.hire()
    with server.sit(other) as beside, server.sit(who) as desk:
        beside.ready()
        desk.ready()
        desk.type(f"{CUSTOMER}\r{ORDER}")
        desk.wait(lambda: server.drafts(who) == [list(FIVE)])
        hangs(server, who, desk)
        beside.type(CUSTOMER)
        beside.wait(lambda: beside.prompt == CUSTOMER)
        with server.sit(who) as again:
            asked(again)
            again.type("\r")
            again.ready()
            again.wait(lambda: again.pad == list(FIVE))
            assert desk.closed() == 0
            assert b"This desk was taken over" in desk.raw
            assert b"but for perhaps the last of it" in desk.raw
    assert server.sessions(who)[0][2].count("killed since it did not end") == 1


def test_a_desk_that_takes_all_memory_ends_alone(server: Server) -> None:
    who, other = server.hire(), server.hire()
    with server.sit(other) as beside, server.sit(who) as desk:
        beside.ready()
        desk.ready()
        desk.type(f"{CUSTOMER}\r{ORDER}")
        desk.wait(lambda: server.drafts(who) == [list(FIVE)])
        desk.type("4711 98\r")
        desk.wait(lambda: "log" in desk.echo or desk.process.poll() is not None)
        beside.type(CUSTOMER)
        beside.wait(lambda: beside.prompt == CUSTOMER)
    server.over(who)
    with server.sit(who) as desk:
        desk.ready()
        desk.wait(lambda: desk.pad)
        assert desk.pad == list(FIVE)


def test_a_question_nobody_answers_changes_nothing(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        desk.ready()
        with server.sit(who) as second:
            asked(second)
            assert second.closed() == 0
            assert "the other desk goes on" in second.text
        desk.type(CUSTOMER)
        desk.wait(lambda: desk.prompt == CUSTOMER)
    assert server.over(who) == "the line broke"


def test_a_client_that_says_nothing_more_is_gone(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        desk.send(signal.SIGSTOP)
        assert server.over(who) == "the line broke"
        assert is_kept(server, who)
        desk.send(signal.SIGKILL)


def test_a_desk_without_keys_is_parked(server: Server) -> None:
    who = server.hire()
    with server.sit(who) as desk:
        half_typed(desk)
        assert desk.closed(IDLE + 20.0) == 0
        assert f"Parked after {IDLE} minutes without a key; log in again and go on.".encode() in desk.raw
        assert b"Everything you typed is kept." in desk.raw
    assert "Parked" in server.over(who)
    with server.sit(who) as desk:
        finds_all(desk)
