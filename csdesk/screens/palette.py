"""The list of all commands: type to narrow it, Enter types the command chosen into the prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from textual.events import Key, Paste

from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.screens import keys
from csdesk.screens.dialog import ENTER, LEAVE, Dialog

COLUMNS = (Column("Type", 12), Column("It does", 20, flex=True))


class Command(NamedTuple):
    """A command of the list: what is typed to begin it, its shape in full, what it does."""

    letter: str
    shape: str
    does: str


def matching(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands that have every typed word in their letter, shape or description; letters that match come first."""
    words = typed.lower().split()
    found = [each for each in commands if all(word in " ".join(each).lower() for word in words)]
    return sorted(found, key=lambda each: each.letter.lower() != typed.strip().lower())


class PaletteScreen(Dialog, inherit_bindings=False):
    """The commands as a table with a cursor; `done` is told the letter of the one chosen, or None."""

    def __init__(self, commands: Sequence[Command], done: Callable[[str | None], None]) -> None:
        super().__init__()
        self._done = done
        self._commands = commands
        self._typed = ""
        self._at = 0

    def take(self, event: Key | Paste) -> None:
        """Letters narrow the list, arrows choose, Enter takes, Escape, F3 and F12 leave."""
        if isinstance(event, Paste):
            self._type("".join(key for key in keys.pasted_keys(event.text) if len(key) == 1))
        elif event.key in LEAVE:
            self._done(None)
        elif event.key in ENTER:
            found = matching(self._commands, self._typed)
            self._done(found[self._at].letter if found else None)
        elif event.key in {"up", "down", "pageup", "pagedown", "home", "end"}:
            self._move(event.key)
        elif event.key == "backspace":
            self._typed, self._at = self._typed[:-1], 0
            self.paint()
        else:
            self._type("".join(key for key in keys.prompt_keys(event) if len(key) == 1))

    def _type(self, text: str) -> None:
        self._typed, self._at = self._typed + text, 0
        self.paint()

    def _move(self, key: str) -> None:
        last = len(matching(self._commands, self._typed)) - 1
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -last, "end": last}
        self._at = max(0, min(last, self._at + steps[key]))
        self.paint()

    def paint(self) -> None:
        """The commands that are left."""
        found = matching(self._commands, self._typed)
        rows = tuple(Row((each.shape, each.does)) for each in found)
        page = Page("All commands", COLUMNS, rows, cursor=self._at if rows else None)
        none = Echo("No command has these words.", "wrong")
        said = Echo("Enter types the command into the prompt.") if rows else none
        self.show(page, said, self._typed, [("Enter", "Take"), ("Up/Down", "Choose"), ("F12", "Cancel")])
