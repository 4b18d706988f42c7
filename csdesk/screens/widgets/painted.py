"""The widgets of the desk. Each holds painted lines and repaints only those that changed: a slow link sees no more."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from csdesk.prompt.page import Column, Echo, Fact, Page, Tab
from csdesk.screens.widgets import strips
from csdesk.screens.widgets.cells import PRETTY, Glyphs, Line, length
from csdesk.screens.widgets.linear import lay_linear
from csdesk.screens.widgets.pages import Laid, lay

TONES = (
    *("plain", "strong", "warn", "dim", "good", "head"),
    *("here", "edit", "caret", "ghost", "fault", "rule", "key", "ring"),
)

# Component classes of a screen, whose theme gives their colours and, where there are none, their styles. They are not
# each widget's own: the styles of a hundred more would be worked out before the first picture.
TONE_CLASSES = {f"tone--{tone}" for tone in TONES}


class Painted(Widget, can_focus=False):
    """A widget of painted lines, in the tones of its screen."""

    DEFAULT_CSS = """
    Painted {
        width: 100%;
        height: 1;
        color: $foreground;
        background: $background;
    }
    """
    ALLOW_SELECT = False
    glyphs: Glyphs = PRETTY

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()

    def put(self, lines: Sequence[Line]) -> None:
        """Shows lines; only those that differ from what stands there are painted again."""
        before, self.lines = self.lines, tuple(lines)
        for y in range(max(len(before), len(self.lines))):
            if before[y : y + 1] != self.lines[y : y + 1]:
                self.refresh(Region(0, y, max(1, self.size.width), 1))

    def render_line(self, y: int) -> Strip:
        """One painted line, filled to the width of the widget."""
        line = self.lines[y] if y < len(self.lines) else ()
        base = self._tone("plain")
        segments = [Segment(text, self._tone(tone, back)) for text, tone, back in line if text]
        return Strip(segments, length(line)).adjust_cell_length(self.size.width, base)

    def _tone(self, tone: str, back: str = "") -> Style:
        style = self.screen.get_component_rich_style(f"tone--{tone}", partial=True)
        return style + self.screen.get_component_rich_style(f"tone--{back}", partial=True) if back else style


class CallsLine(Painted):
    """The calls that are open, a ringing one, who works here and the time."""

    def show(self, tabs: Sequence[Tab], who: str, clock: str, ringing: str, *, timers: bool = True) -> None:
        """Paints the line; `timers` off leaves out everything that only counts."""
        self.put([strips.calls_line(tabs, who, clock, ringing, self.size.width, self.glyphs, timers)])


class ContextBar(Painted):
    """Facts about the customer on the line."""

    def show(self, facts: Sequence[Fact]) -> None:
        """Paints the facts that fit."""
        self.put([strips.context_line(facts, self.size.width, self.glyphs)])


class Rule(Painted):
    """A rule with a title and a note."""

    def show(self, title: str = "", note: str = "") -> None:
        """Paints the rule."""
        self.put([strips.rule_line(title, note, self.size.width, self.glyphs)])


class PageView(Painted):
    """A page: lead lines, a table that scrolls with its cursor, foot lines at the bottom."""

    def __init__(self, *, id: str | None = None, linear: bool = False) -> None:
        super().__init__(id=id)
        self.linear = linear
        self.laid = Laid((), 0, 0, 0)
        self._columns: tuple[Column, ...] = ()

    def show(self, page: Page) -> None:
        """Paints the page. With no cursor the newest rows stay in sight while a table grows or its room shrinks."""
        same = page.columns == self._columns
        offset = self.laid.first if same else 0
        at_end = self.laid.last == self.laid.total
        if same and page.cursor is None and (at_end or len(page.rows) > self.laid.total):
            offset = len(page.rows)
        self._columns = page.columns
        arrange = lay_linear if self.linear else lay
        self.laid = arrange(page, self.size.width, self.size.height, offset, self.glyphs)
        self.put(self.laid.lines)

    @property
    def note(self) -> str:
        """Which rows are seen, when not all are."""
        return "" if self.laid.whole else f"{self.laid.first + 1}-{self.laid.last} of {self.laid.total}"

    @property
    def caret(self) -> Offset | None:
        """Where on the screen the next key goes while a row is edited, else None."""
        at = self.laid.caret
        return None if at is None else self.region.offset + Offset(*at)


class EchoLine(Painted):
    """What Enter would do, what was done, or what is wrong: two rows, a short echo leaves the first to a rule."""

    ruled = True

    def show(self, echo: Echo) -> None:
        """Paints the echo."""
        lines = strips.echo_lines(echo, self.size.width, self.glyphs)
        if len(lines) < 2:
            rule: Line = strips.rule_line("", "", self.size.width, self.glyphs) if self.ruled else ()
            lines = [rule, *lines] if self.ruled else [*lines, rule]
        self.put(lines)


class PromptLine(Painted):
    """The one place that takes typing."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.column = 2

    def show(self, text: str, cursor: int, ghost: str, fault: int | None, *, here: bool = True) -> None:
        """Paints the prompt; `here` is off while a row is edited."""
        line, self.column = strips.prompt_line(text, cursor, ghost, fault, self.size.width, self.glyphs, here)
        self.put([line])

    @property
    def caret(self) -> Offset:
        """Where on the screen the next key goes."""
        return self.region.offset + Offset(self.column, 0)


class KeysLine(Painted):
    """The keys that work here."""

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Paints the keys that fit."""
        self.put([strips.keys_line(keys, self.size.width, self.glyphs)])
