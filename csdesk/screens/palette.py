"""The list of all commands: type to narrow it, Enter types the command chosen into the prompt.

The app hands it keys one by one, without a focused input: a burst of keys right after Ctrl+P loses none of them, and
nothing blinks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key, Paste, Resize
from textual.screen import ModalScreen

from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.screens import keys
from csdesk.screens.widgets.painted import TONE_CLASSES, EchoLine, KeysLine, PageView, PromptLine, Rule

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


class PaletteScreen(ModalScreen[None], inherit_bindings=False):
    """The commands as a table with a cursor; `done` is told the letter of the one chosen, or None."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES

    def __init__(self, commands: Sequence[Command], done: Callable[[str | None], None]) -> None:
        super().__init__()
        self._done = done
        self._commands = commands
        self._typed = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        """Title, table, echo, prompt and keys, where they are on the desk too."""
        yield Rule()
        yield PageView()
        yield EchoLine()
        yield PromptLine()
        yield KeysLine()

    def on_mount(self) -> None:
        """Paints once the widgets have their sizes."""
        self.call_after_refresh(self._paint)

    def on_resize(self, _event: Resize) -> None:
        """Another window size, other columns."""
        self.call_after_refresh(self._paint)

    def take(self, event: Key | Paste) -> None:
        """Letters narrow the list, arrows choose, Enter takes, Escape, F3 and F12 leave."""
        if isinstance(event, Paste):
            self._type("".join(key for key in keys.pasted_keys(event.text) if len(key) == 1))
        elif event.key in {"escape", "f3", "f12", "ctrl+p", "ctrl+c"}:
            self._done(None)
        elif event.key in {"enter", "ctrl+j"}:
            found = matching(self._commands, self._typed)
            self._done(found[self._at].letter if found else None)
        elif event.key in {"up", "down", "pageup", "pagedown", "home", "end"}:
            self._move(event.key)
        elif event.key == "backspace":
            self._typed, self._at = self._typed[:-1], 0
            self._paint()
        else:
            self._type("".join(key for key in keys.prompt_keys(event) if len(key) == 1))

    def _type(self, text: str) -> None:
        self._typed, self._at = self._typed + text, 0
        self._paint()

    def _move(self, key: str) -> None:
        last = len(matching(self._commands, self._typed)) - 1
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -last, "end": last}
        self._at = max(0, min(last, self._at + steps[key]))
        self._paint()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        found = matching(self._commands, self._typed)
        rows = tuple(Row((each.shape, each.does)) for each in found)
        view = self.query_one(PageView)
        view.show(Page("All commands", COLUMNS, rows, cursor=self._at if rows else None))
        self.query_one(Rule).show("All commands", view.note)
        none = Echo("No command has these words.", "wrong")
        self.query_one(EchoLine).show(Echo("Enter types the command into the prompt.") if rows else none)
        prompt = self.query_one(PromptLine)
        prompt.show(self._typed, len(self._typed), "", None)
        self.app.cursor_position = prompt.caret
        self.query_one(KeysLine).show([("Enter", "Take"), ("Up/Down", "Choose"), ("F12", "Cancel")])
