"""What lies over the desk for a moment: a page, an echo, a prompt and keys of its own, where the desk has them too.

The app hands it keys one by one, without a focused input: a burst of keys right behind the one that opened it loses
none of them, and nothing blinks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Key, Paste, Resize
from textual.screen import ModalScreen

from csdesk.prompt.page import Echo, Page
from csdesk.screens.widgets.painted import TONE_CLASSES, EchoLine, KeysLine, PageView, PromptLine, Rule

LEAVE = frozenset({"escape", "f3", "f12", "ctrl+p", "ctrl+c"})
ENTER = frozenset({"enter", "ctrl+j"})


class Dialog(ModalScreen[None], inherit_bindings=False):
    """A page over the desk; each kind says what keys do (`take`) and what is seen (`paint`, which calls `show`)."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = []
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES

    def compose(self) -> ComposeResult:
        """Title, table, echo, prompt and keys."""
        yield Rule()
        yield PageView()
        yield EchoLine()
        yield PromptLine()
        yield KeysLine()

    def on_mount(self) -> None:
        """Paints once the widgets have their sizes."""
        self.call_after_refresh(self.paint)

    def on_resize(self, _event: Resize) -> None:
        """Another window size, other columns."""
        self.call_after_refresh(self.paint)

    def take(self, event: Key | Paste) -> None:
        """A key or a pasted text."""

    def paint(self) -> None:
        """Shows how things stand."""

    def show(self, page: Page, echo: Echo, typed: str, keys: Sequence[tuple[str, str]]) -> None:
        """Puts it all on the screen, the cursor behind what is typed."""
        if not self.is_mounted:
            return
        view = self.query_one(PageView)
        view.show(page)
        self.query_one(Rule).show(page.title, view.note)
        self.query_one(EchoLine).show(echo)
        prompt = self.query_one(PromptLine)
        prompt.show(typed, len(typed), "", None)
        self.app.cursor_position = prompt.caret
        self.query_one(KeysLine).show(keys)
