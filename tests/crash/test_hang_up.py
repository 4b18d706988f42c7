"""The terminal goes away: the desk keeps everything, ends within seconds and leaves no trace on the line."""

from __future__ import annotations

import os
import signal
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.rep import CUSTOMER, FIVE, ORDER, Books, Desk

SOON = 20.0  # the deadline of an orderly end is 8 seconds; the rest is for a busy machine


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_keeps_all_and_gives_the_terminal_back(
    desk: Callable[..., Desk], books: Books, log: Path, number: signal.Signals
) -> None:
    with desk() as terminal:
        terminal.ready()
        terminal.type(f"{CUSTOMER}\r{ORDER}4711 1")
        terminal.wait(lambda: books.calls())
        os.kill(terminal.process.pid, number)
        terminal.wait(lambda: terminal.process.poll() is not None, SOON)
        while terminal.read(0):
            pass
        assert terminal.process.returncode == 0
        assert termios.tcgetattr(terminal.master) == terminal.before
        assert b"Traceback" not in terminal.raw
        assert terminal.raw.rstrip().endswith(b"\x1b[?1004l"), "nothing is written after the window is given back"
    assert books.drafts() == [list(FIVE)]
    assert books.calls() == [(1, True, CUSTOMER, "4711 1")]
    assert books.faults() == []
    assert not log.exists() or "Traceback" not in log.read_text()


def test_a_closed_terminal_keeps_what_was_typed(desk: Callable[..., Desk], books: Books, log: Path) -> None:
    with desk(typed=f"{CUSTOMER}\r{ORDER}47") as terminal:
        terminal.wait(lambda: terminal.prompt == "47")
        terminal.type("11 7")
        terminal.wait(lambda: terminal.prompt == "4711 7")
        terminal.hang_up()
        assert terminal.process.wait(SOON) == 0
    assert books.drafts() == [list(FIVE)]
    assert books.calls() == [(1, True, CUSTOMER, "4711 7")]
    assert not log.exists() or "Traceback" not in log.read_text()


def test_a_terminal_closed_while_the_desk_opens_leaves_no_process(desk: Callable[..., Desk], books: Books) -> None:
    with desk(typed=f"{CUSTOMER}\r{ORDER}.") as terminal:
        terminal.until("Opening the desk")
        terminal.hang_up()
        terminal.process.wait(SOON)
    placed, drafts = list(books.orders().values()), books.drafts()
    assert placed + drafts in ([], *[[list(FIVE[:lines])] for lines in range(1, 6)])
    assert books.faults() == []
