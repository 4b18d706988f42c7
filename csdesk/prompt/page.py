"""What a desk shows, as plain frozen data: screens paint it, line mode prints it. No markup anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

MOST_ROWS = 200

Tone = Literal["plain", "strong", "warn", "dim", "good", "head"]


@dataclass(frozen=True)
class Column:
    """A column: least width, alignment; `flex` takes the room that is left, `wide` hides it on narrower windows."""

    title: str
    width: int
    align: Literal["left", "right"] = "left"
    flex: bool = False
    wide: int = 0


@dataclass(frozen=True)
class Row:
    """A row of cells, one a column; a row of `span` is one text over the whole width."""

    cells: tuple[str, ...]
    tone: Tone = "plain"
    span: bool = False


def counted(rows: int) -> str:
    """How many rows a list shows, and that they are not all when it is as long as lists get."""
    return f"the first {rows}" if rows >= MOST_ROWS else str(rows)


@dataclass(frozen=True)
class Page:
    """One view: lead lines, a table, foot lines that stay at the bottom.

    `cursor` is the row marked with '>', or None. While a row is edited `edit` is the text typed into the cell
    `edit_column` of that row, else None.
    """

    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    lead: tuple[Row, ...] = ()
    foot: tuple[Row, ...] = ()
    cursor: int | None = None
    edit: str | None = None
    edit_column: int = 0


@dataclass(frozen=True)
class Tab:
    """A call in the top line; `seconds` since it began, when the face was made."""

    slot: int
    name: str
    seconds: int
    active: bool


@dataclass(frozen=True)
class Fact:
    """A piece of the context bar, most important first: those that do not fit are left out from the end."""

    label: str
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Echo:
    """The line that says what Enter would do, what was done, or what is wrong (`fault` = column in the prompt)."""

    text: str = ""
    tone: Literal["info", "done", "wrong", "ask"] = "info"
    fault: int | None = None


@dataclass(frozen=True)
class Face:
    """All a desk shows at one moment."""

    tabs: tuple[Tab, ...] = ()
    who: str = ""
    clock: str = ""
    ringing: str = ""
    context: tuple[Fact, ...] = ()
    page: Page = field(default_factory=lambda: Page(""))
    echo: Echo = field(default_factory=Echo)
    prompt: str = ""
    cursor: int = 0
    keys: tuple[tuple[str, str], ...] = ()
