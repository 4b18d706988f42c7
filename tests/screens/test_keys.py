"""Keys: ids, remapping, and what terminals send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from csdesk.app import DeskApp
from csdesk.errors import Invalid
from csdesk.screens import keys
from csdesk.screens.desk import DeskScreen
from csdesk.screens.palette import PaletteScreen
from csdesk.server.driver import DeskDriver


def test_every_binding_of_ours_has_an_id_and_words() -> None:
    for owner in (DeskApp, DeskScreen, PaletteScreen):
        for binding in owner.BINDINGS:
            assert binding.id, binding  # type: ignore[union-attr]
            assert binding.description, binding  # type: ignore[union-attr]
    ids = [binding.id for binding in keys.BINDINGS]
    assert len(ids) == len(set(ids))


def test_no_binding_uses_keys_that_terminals_lose() -> None:
    for binding in keys.BINDINGS:
        for key in binding.key.split(","):
            assert not key.startswith(("alt+", "shift+")), key
            assert key not in {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+s", "ctrl+z", "ctrl+a", "ctrl+b"}


def test_a_remapped_key_takes_the_place_of_the_usual_one() -> None:
    made = keys.actions([("commit", "f5"), ("palette", "ctrl+k, ctrl+o")])
    assert made["f5"] == "feed('f9')"
    assert "f9" not in made
    assert made["ctrl+k"] == made["ctrl+o"] == "palette"
    assert keys.labels([("commit", "f5")]) == {"F9": "F5"}


def test_an_unknown_id_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="'comit' in the settings is no key of the desk; known are back, cancel,"):
        keys.actions([("comit", "f5")])


@pytest.mark.parametrize(
    ("name", "character", "wanted"),
    [
        ("a", "a", ["a"]),
        ("full_stop", ".", ["."]),
        ("space", " ", [" "]),
        ("enter", "\r", ["enter"]),
        ("tab", "\t", ["tab"]),
        ("backspace", "\x7f", ["backspace"]),
        ("alt+r", "r", ["escape", "r"]),
        ("pageup", None, ["pageup"]),
        ("ctrl+s", "\x13", []),
        ("shift+tab", None, []),
        ("insert", None, []),
        ("é", "é", ["é"]),
    ],
)
def test_what_a_terminal_key_is_at_the_prompt(name: str, character: str | None, wanted: list[str]) -> None:
    assert keys.prompt_keys(Key(name, character)) == wanted


def test_pasted_text_is_keys() -> None:
    assert keys.pasted_keys("47\r\n6\tx\x1b\r") == ["4", "7", "enter", "6", " ", "x", "enter"]


class Recorder(DeskDriver):
    """Only the part of the driver that makes keys of what is read."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def process_message(self, message: Any) -> None:
        """Keeps the event."""
        self.events.append(message)


@pytest.fixture
def read() -> Callable[[str], list[str]]:
    """What the driver makes of one read."""

    def reading(text: str) -> list[str]:
        recorder = Recorder()
        recorder._feed(XTermParser(), text)
        return [event.key for event in recorder.events if isinstance(event, Key)]

    return reading


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b1r", ["escape", "1", "r"]),
        ("\x1b4711", ["escape", "4", "7", "1", "1"]),
        ("\x1bOl", ["comma"]),
        ("\x1bOM\x1bOp", ["enter", "0"]),
        ("\x1bOP\x1b[11~\x1b[[A", ["f1", "f1", "f1"]),
        ("\x1b[1~\x1b[7~\x1b[H\x1bOH", ["home"] * 4),
        ("\x1b[4~\x1b[8~\x1b[F\x1bOF", ["end"] * 4),
        ("\x1b[20~\x1b[24~\x1b[5~\x1b[6~\x1b[3~", ["f9", "f12", "pageup", "pagedown", "delete"]),
        ("\n\r", ["ctrl+j", "enter"]),
        ("\x7f\x08", ["backspace", "backspace"]),
    ],
)
def test_no_key_is_lost_in_one_read(read: Callable[[str], list[str]], text: str, wanted: list[str]) -> None:
    assert read(text) == wanted
