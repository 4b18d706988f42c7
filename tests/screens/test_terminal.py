"""The desk on a real terminal: bursts, hang-ups, slow lines, sizes, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens.tty import Terminal

ORDER = "4711 12\r4720 6\r1035 24\r2208 3\r3319 10\r"
SAID = ["4711 12", "4720 6", "1035 24", "2208 3", "3319 10"]
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the canned desk writes what it was told."""
    return tmp_path / "record.json"


@pytest.fixture
def desk(record: Path) -> Callable[..., Terminal]:
    """Starts the canned desk in a terminal."""

    def start(face: str = "draft", *options: str, **more: Any) -> Terminal:
        return Terminal(["-m", "tests.screens.fake_app", str(record), face, *options], **more)

    return start


def told(record: Path) -> dict[str, list[str]]:
    """What the desk was told."""
    return json.loads(record.read_text())  # type: ignore[no-any-return]


def test_an_order_typed_before_the_program_started_arrives_whole(desk: Callable[..., Terminal], record: Path) -> None:
    with desk(typed=ORDER.encode()) as terminal:
        terminal.until("did 3319 10")
        terminal.type("bye\r")
        assert terminal.end() == 0
    assert told(record)["said"] == [*SAID, "bye"]


def test_an_order_in_one_burst_right_after_the_start_arrives_whole(desk: Callable[..., Terminal], record: Path) -> None:
    with desk() as terminal:
        terminal.type(ORDER * 10 + "\x1b1\r\x1bOP\x1b[20~bye\r")
        assert terminal.end() == 0
    keys = told(record)["pressed"]
    assert told(record)["said"] == [*SAID * 10, "1", "bye"]
    assert keys[-9:] == ["escape", "1", "enter", "f1", "f9", "b", "y", "e", "enter"]


def test_what_waits_behind_a_slow_desk_is_seen(desk: Callable[..., Terminal], record: Path) -> None:
    with desk("draft", "slow=0.2") as terminal:
        terminal.until("F9 Commit")
        terminal.type("4711")
        terminal.until(lambda: re.search(r"^> \S* ?4?7?1?1$", terminal.lines[22]) and "11" in terminal.lines[22])
        terminal.until("looked at 4711")
        terminal.type("\x03bye\r")
        assert terminal.end() == 0


def test_pad_enter_under_tmux_and_pasted_lines_count(desk: Callable[..., Terminal], record: Path) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        terminal.type("4711 12\n\x1b[200~4720 6\n1035 24\x1b[201~\rbye\r")
        assert terminal.end() == 0
    assert told(record)["said"] == ["4711 12", "4720 6", "1035 24", "bye"]


def test_a_terminal_that_goes_away_without_a_signal_ends_the_desk_and_keeps_the_text(
    desk: Callable[..., Terminal], record: Path
) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        terminal.type("4711 1")
        terminal.until("> 4711 1")
        terminal.hang_up()
        assert terminal.process.wait(10) == 0
    assert told(record)["done"][-2:] == ["pause 4711 1", "stop"]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_the_desk_after_all_that_was_typed(
    desk: Callable[..., Terminal], record: Path, number: signal.Signals
) -> None:
    with desk("draft", "slow=0.01") as terminal:
        terminal.until("F9 Commit")
        terminal.type("4711 12\r47")
        terminal.until(lambda: "4711" in terminal.lines[22])
        os.kill(terminal.process.pid, number)
        assert terminal.end() == 0
    assert told(record)["said"] == ["4711 12"]
    assert told(record)["done"][-2:] == ["pause 47", "stop"]


def test_a_line_that_takes_no_output_does_not_stop_the_desk(desk: Callable[..., Terminal], record: Path) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        for name in ("history", "draft", "hits", "amend") * 40:
            terminal.type(f"{name}\r")
        terminal.type("47")
        os.kill(terminal.process.pid, signal.SIGHUP)
        assert terminal.process.wait(15) == 0
    assert len(told(record)["said"]) == 160
    assert told(record)["done"][-2:] == ["pause 47", "stop"]


def test_a_slow_line_sees_the_last_picture_in_the_end(desk: Callable[..., Terminal]) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        for name in ("history", "draft", "hits", "amend") * 40:
            terminal.type(f"{name}\r")
        terminal.type("idle\rthe end")
        terminal.until("looked at the end")
        assert terminal.lines[2].startswith("── Who is calling?")
        assert terminal.lines[22] == "> the end"
        assert len(terminal.raw) < 160 * 2000, "a slow line must not be sent every picture"


def test_an_idle_desk_sleeps_and_writes_nothing(desk: Callable[..., Terminal]) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        terminal.type("47")
        terminal.until("looked at 47")
        while terminal.read(0.7):
            pass
        before = wakes(terminal.process.pid)
        assert not terminal.read(1.5)
        assert wakes(terminal.process.pid) - before <= 2


def wakes(pid: int) -> int:
    """How often the threads of a process went to sleep so far."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", (thread / "status").read_text(), re.MULTILINE)
        total += int(found.group(1)) if found else 0
    return total


def test_the_window_may_change_and_exported_sizes_mean_nothing(desk: Callable[..., Terminal]) -> None:
    with desk(environ={"COLUMNS": "40", "LINES": "10"}) as terminal:
        terminal.until("F9 Commit")
        assert len(terminal.lines[0]) == 80
        terminal.resize(120, 40)
        terminal.until(lambda: "SPRING10" in terminal.text and terminal.lines[39].startswith("F1 Help"))
        assert terminal.lines[38] == ">"
        terminal.resize(80, 24)
        terminal.until(lambda: "SPRING10" not in terminal.text and terminal.lines[23].startswith("F1 Help"))


def test_the_terminal_is_given_back_as_it_was(desk: Callable[..., Terminal]) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        assert termios.tcgetattr(terminal.master)[3] & termios.ICANON == 0
        terminal.type("bye\r")
        terminal.until(lambda: terminal.raw.endswith(b"\x1b[?1004l"))
        terminal.process.wait(10)
        assert termios.tcgetattr(terminal.master) == terminal.before
        assert b"\x1b[?1049l" in terminal.raw
        assert b"\x1b[?25h" in terminal.raw


def test_no_color_means_none(desk: Callable[..., Terminal]) -> None:
    with desk(environ={"NO_COLOR": "1"}) as terminal:
        terminal.until("F9 Commit")
        assert not COLOUR.search(terminal.raw)
        assert b"\x1b[1;4;39;49m" in terminal.raw, "warnings are bold and underlined"


def test_colours_are_there_without_it(desk: Callable[..., Terminal]) -> None:
    with desk() as terminal:
        terminal.until("F9 Commit")
        assert COLOUR.search(terminal.raw)


def test_a_terminal_of_plain_letters_gets_plain_letters(desk: Callable[..., Terminal]) -> None:
    with desk("draft", environ={"TERM": "linux", "COLORTERM": ""}) as terminal:
        terminal.until("F9 Commit")
        assert terminal.raw.isascii()
        terminal.type("x\r")
        terminal.until("OK did x")


def test_a_reader_finds_the_cursor_at_the_prompt(desk: Callable[..., Terminal]) -> None:
    with desk("draft", "a11y=1") as terminal:
        terminal.until("F9 Commit")
        terminal.type("47")
        terminal.until(lambda: not terminal.screen.cursor.hidden and "> 47" in terminal.text)
        terminal.until(lambda: (terminal.screen.cursor.x, terminal.screen.cursor.y) == (4, 22))
