"""Text measured in terminal cells: cleaned, cut with an ellipsis, padded. Every text a widget paints passes here."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

from rich.cells import cell_len

from csdesk.rules.text import printable

ROOM = 4000  # longer texts are cut before they are measured


class Span(NamedTuple):
    """A piece of a painted line. `tone` names its style; `back` a second style laid under it ("" for none)."""

    text: str
    tone: str = "plain"
    back: str = ""


Line = tuple[Span, ...]


class Glyphs(NamedTuple):
    """The few signs that are drawn rather than typed, with a plain set for terminals that speak ASCII only."""

    rule: str = "─"
    more: str = "…"
    done: str = "✓"
    unseen: str = "·"
    enter: str = "↵"


PRETTY = Glyphs()
ASCII = Glyphs(rule="-", more="~", done="OK", unseen="?", enter="/")


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """The text without control, direction and invisible characters."""
    return printable(text[:ROOM], ROOM)


def width_of(text: str) -> int:
    """Cells the text takes on a terminal."""
    return cell_len(text)


def cut(text: str, width: int, more: str = "…") -> str:
    """At most `width` cells of the text, with an ellipsis where something is missing."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    return printable(text, width)[:-1] + more if width > 0 else ""


def cut_left(text: str, width: int, more: str = "…") -> str:
    """As `cut`, but keeps the end: for figures and for text that is being typed."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    first = max(0, len(text) - width)
    while cell_len(text[first:]) > width - 1:
        first += 1
    return more + text[first:]


def fit(text: str, width: int, align: Literal["left", "right"] = "left", more: str = "…") -> str:
    """Exactly `width` cells: padded, or cut with an ellipsis (at the left when aligned right)."""
    short = cut_left(text, width, more) if align == "right" else cut(text, width, more)
    pad = " " * (width - cell_len(short))
    return pad + short if align == "right" else short + pad


def wrapped(text: str, width: int, lines: int, more: str = "…") -> list[str]:
    """The text in at most `lines` lines, broken at blanks; an ellipsis ends the last one when something is missing."""
    words, out = clean(text).split(), [""]
    for index, word in enumerate(words):
        longer = f"{out[-1]} {word}".lstrip()
        if cell_len(longer) <= width or not out[-1]:
            out[-1] = cut(longer, width, more)
        elif len(out) < lines:
            out.append(cut(word, width, more))
        else:
            out[-1] = cut(" ".join([out[-1], *words[index:]]), width, more)
            break
    return out


def folded(text: str, width: int, lines: int, more: str = "…") -> list[str]:
    """As `wrapped`, but blanks within a line stay, so that what is set apart stays apart."""
    rest, out = clean(text).rstrip(), list[str]()
    while cell_len(rest) > width and len(out) < lines - 1:
        room = next((at for at in range(min(len(rest), width), 0, -1) if cell_len(rest[:at]) <= width), 1)
        at = rest.rfind(" ", 1, room + 1)
        at = at if rest[: max(at, 0)].strip() else room
        out.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*out, cut(rest, width, more)]


def length(line: Line) -> int:
    """Cells a line takes."""
    return sum(cell_len(span.text) for span in line)


def plain(line: Line) -> str:
    """The line as plain text."""
    return "".join(span.text for span in line)
