"""The one screen of the desk: paints a face. It takes no keys itself; the app hands them to the desk in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize
from textual.geometry import Offset
from textual.screen import Screen

from csdesk.prompt.page import Echo, Face
from csdesk.screens import keys
from csdesk.screens.widgets.painted import (
    TONE_CLASSES,
    CallsLine,
    ContextBar,
    EchoLine,
    KeysLine,
    PageView,
    PromptLine,
    Rule,
)


class DeskScreen(Screen[None], inherit_bindings=False):
    """Calls, context, the view, what Enter would do, the prompt and the keys."""

    AUTO_FOCUS = None
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - the base class declares it so
        (0, "-low"),
        (9, "-usual"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = list(keys.BINDINGS)
    COMPONENT_CLASSES: ClassVar[set[str]] = TONE_CLASSES

    def __init__(
        self, resized: Callable[[], None], *, a11y: bool = False, labels: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self._resized = resized
        self._a11y = a11y
        self._labels = labels or {}

    def compose(self) -> ComposeResult:
        """From top to bottom; for a screen reader rows are sentences and no rules are drawn."""
        yield CallsLine()
        yield ContextBar()
        if self._a11y:
            yield PageView(linear=True)
            echo = EchoLine()
            echo.ruled = False
            yield echo
        else:
            yield Rule()
            yield PageView()
            yield EchoLine()
        yield PromptLine()
        yield KeysLine()

    def show(self, face: Face, ghost: str = "", echo: Echo | None = None) -> None:
        """Paints a face. `ghost` is typed ahead of it; `echo` stands in for the face's own."""
        said = echo or face.echo
        self.query_one(CallsLine).show(face.tabs, face.who, face.clock, face.ringing, timers=not self._a11y)
        self.query_one(ContextBar).show(face.context)
        view = self.query_one(PageView)
        view.show(face.page)
        for rule in self.query(Rule):
            rule.show(face.page.title, view.note)
        self.query_one(EchoLine).show(said)
        prompt = self.query_one(PromptLine)
        here = face.page.edit is None
        prompt.show(face.prompt, face.cursor, ghost, said.fault, here=here)
        self.query_one(KeysLine).show([(self._labels.get(key, key), label) for key, label in face.keys])
        caret = view.caret if not here else None
        self._place_cursor(caret or prompt.caret)

    def _place_cursor(self, at: Offset) -> None:
        """The terminal's own cursor follows too: screen readers, magnifiers and input methods look for it."""
        self.app.cursor_position = at

    def on_resize(self, _event: Resize) -> None:
        """Another window size: once the widgets have theirs, the face is laid out anew."""
        self.call_after_refresh(self._resized)
