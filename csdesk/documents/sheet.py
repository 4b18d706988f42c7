"""A sheet of paper for PDF: fonts, margins, tables whose head comes again on each page, page n of m. No figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from csdesk.rules.text import printable

FONTS = Path(__file__).parent / "fonts"
LETTER = frozenset({"US", "CA", "MX", "CL", "CO", "CR", "PH", "PR", "VE"})  # who writes on Letter; the others on A4
MARGIN, FOOT = 18.0, 20.0  # mm
INK, SOFT, LINE, SHADE = (28, 32, 38), (104, 112, 122), (196, 202, 208), (242, 244, 246)
_SIZE = 9.0
_MISSING = "\ufffd"


class Sheet:
    """An open PDF. Coordinates and widths in mm from the left margin; `y` is where the next thing goes."""

    def __init__(self, country: str, title: str, author: str, day: date) -> None:
        self.pdf = FPDF(format="letter" if country in LETTER else "a4", unit="mm")
        self.pdf.set_margins(MARGIN, MARGIN, MARGIN)
        self.pdf.set_auto_page_break(False)
        for style, weight in (("", "Regular"), ("B", "Bold")):
            self.pdf.add_font("text", style, FONTS / f"NotoSans-{weight}.ttf")
        self.pdf.set_title(safe(title))
        self.pdf.set_author(safe(author))
        self.pdf.set_creator("csdesk")
        self.pdf.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))  # the same paper, the same bytes
        self.pdf.set_text_color(*INK)
        self.pdf.set_draw_color(*LINE)
        self.running = ""  # told at the top of every page but the first
        self.pdf.add_page()

    @property
    def width(self) -> float:
        """What lies between the margins."""
        return float(self.pdf.w - 2 * MARGIN)

    @property
    def y(self) -> float:
        """How far down the page we are."""
        return float(self.pdf.get_y())

    @y.setter
    def y(self, value: float) -> None:
        self.pdf.set_y(value)

    @property
    def room(self) -> float:
        """What is left of the page."""
        return float(self.pdf.h - FOOT - self.pdf.get_y())

    def next_page(self) -> None:
        """A new page with the running head."""
        self.pdf.add_page()
        self.text(self.running, 0, self.width, size=8, colour=SOFT)
        self.y += 4

    def text(
        self, text: str, x: float, width: float, *, size: float = _SIZE, bold: bool = False, right: bool = False,
        colour: tuple[int, int, int] = INK,
    ) -> None:  # fmt: skip
        """Writes wrapped text at the present height and goes below it."""
        top = self.y
        for line in self.wrapped(text, width, size, bold):
            self.put(line, x, top, width, size=size, bold=bold, right=right, colour=colour)
            top += leading(size)
        self.y = top

    def put(
        self, line: str, x: float, y: float, width: float, *, size: float = _SIZE, bold: bool = False,
        right: bool = False, colour: tuple[int, int, int] = INK,
    ) -> None:  # fmt: skip
        """Writes one line as it is; it must fit."""
        self.pdf.set_font("text", "B" if bold else "", size)
        self.pdf.set_text_color(*colour)
        self.pdf.set_xy(MARGIN + x, y)
        self.pdf.cell(width, leading(size), line, align="R" if right else "L", new_x=XPos.LEFT, new_y=YPos.TOP)

    def wrapped(self, text: str, width: float, size: float = _SIZE, bold: bool = False) -> list[str]:
        """The text in lines that fit a width; a longer word is parted. Signs no font has become a replacement sign."""
        self.pdf.set_font("text", "B" if bold else "", size)
        limit = width - 2 * self.pdf.c_margin
        rows, row = [], ""
        for word in safe(text).split():
            joined = f"{row} {word}" if row else word
            if self.pdf.get_string_width(joined) <= limit:
                row = joined
                continue
            if row:
                rows.append(row)
            row = word
            while self.pdf.get_string_width(row) > limit:
                cut = self._cut(row, limit)
                rows.append(row[:cut])
                row = row[cut:]
        return [*rows, row] if row or not rows else rows

    def _cut(self, word: str, limit: float) -> int:
        cut = len(word) - 1
        while cut > 1 and self.pdf.get_string_width(word[:cut]) > limit:
            cut -= 1
        return max(1, cut)

    def wide(self, text: str, size: float = _SIZE, bold: bool = False) -> float:
        """The width a text needs in a cell."""
        self.pdf.set_font("text", "B" if bold else "", size)
        return float(self.pdf.get_string_width(safe(text))) + 2 * float(self.pdf.c_margin) + 0.3

    def rule(self, x: float = 0, width: float | None = None, thick: float = 0.2) -> None:
        """A line across at the present height."""
        self.pdf.set_line_width(thick)
        self.pdf.line(MARGIN + x, self.y, MARGIN + x + (self.width if width is None else width), self.y)

    def finish(self, foot: Sequence[str]) -> bytes:
        """Writes foot lines and "page n of m" on every page and gives the file."""
        pages = self.pdf.pages_count
        for page in range(1, pages + 1):
            self.pdf.page = page
            self.pdf.set_font("text", "B", 1)  # the page's own last font may not be the one remembered: say it anew
            self.y = self.pdf.h - FOOT + 5
            self.rule()
            self.y += 1.5
            top = self.y
            for line in foot:
                self.text(line, 0, self.width - 30, size=7, colour=SOFT)
            words = f"Page {page} of {pages}"
            self.put(words, self.width - 30, top, 30, size=7, right=True, colour=SOFT)
        return bytes(self.pdf.output())


def leading(size: float) -> float:
    """The height of a line of a size in points, in mm."""
    return size * 0.3528 * 1.38


@cache
def _known() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / "NotoSans-Regular.ttf") as font:
        return frozenset(font.getBestCmap())


def safe(text: str) -> str:
    """The text with what the font has; control and direction signs gone, every other sign a replacement."""
    return "".join(sign if ord(sign) in _known() else _MISSING for sign in printable(text))
