"""A page laid out in a window: which lines stand where, which rows are seen, where the typed cell is."""

from __future__ import annotations

from dataclasses import dataclass

from csdesk.prompt.page import Page, Row
from csdesk.screens.widgets.cells import Glyphs, Line, Span, plain, width_of
from csdesk.screens.widgets.columns import MARGIN, Grid, edge_lines, edited_line, grid, row_line, titles

AROUND = 2  # rows kept in sight beyond the cursor
BODY_LEAST = 3


@dataclass(frozen=True)
class Laid:
    """Painted lines of a page; rows `first` to `last` of `total` are seen; `caret` is the (x, y) of a typed cell."""

    lines: tuple[Line, ...]
    first: int
    last: int
    total: int
    caret: tuple[int, int] | None = None

    @property
    def whole(self) -> bool:
        """Whether every row is seen."""
        return self.last - self.first >= self.total


def lay(page: Page, width: int, height: int, offset: int, glyphs: Glyphs) -> Laid:
    """Lays a page into `width` x `height` cells; `offset` is the first row wanted, moved so that the cursor is seen.

    Lead and foot leave the table a few lines; the foot is kept longer, it holds the totals.
    """
    columns = len(page.columns)
    laid = grid(page.columns, (*page.lead, *page.rows, *page.foot), width)
    heading = titles(laid, glyphs)
    lead, bottom = (
        [line for row in rows for line in edge_lines(row, laid, width, glyphs, columns=columns)]
        for rows in (page.lead, page.foot)
    )
    spare = max(0, height - min(BODY_LEAST, len(page.rows)) - bool(heading))
    bottom = bottom[-spare:] if spare else []
    top = [*lead[: max(0, spare - len(bottom))], *([heading] if heading else [])]
    room = max(0, height - len(top) - len(bottom))
    first = _first(len(page.rows), room, page.cursor, offset)
    seen = page.rows[first : first + room]
    body = [_body_line(page, first + at, row, laid, width, glyphs) for at, row in enumerate(seen)]
    blank: list[Line] = [()] * (room - len(body))
    lines = (*top, *body, *blank, *bottom)[:height]
    return Laid(lines, first, first + len(seen), len(page.rows), _caret(page, lines, len(top) - first))


def _first(total: int, room: int, cursor: int | None, offset: int) -> int:
    first = offset
    if cursor is not None:
        around = min(AROUND, max(0, (room - 1) // 2))
        first = min(first, cursor - around)
        first = max(first, cursor + around + 1 - room)
    return max(0, min(first, total - room))


def _body_line(page: Page, index: int, row: Row, laid: Grid, width: int, glyphs: Glyphs) -> Line:
    here = index == page.cursor
    if here and page.edit is not None and not row.span:
        return edited_line(row, laid, page.edit, page.edit_column, glyphs)
    line = row_line(row, laid, width, glyphs, columns=len(page.columns))
    if not here:
        return line
    marked = (Span(">" + " " * (MARGIN - 1), "strong"), *line[1:])
    fill = width - sum(width_of(span.text) for span in marked)
    return tuple(Span(text, tone, "here") for text, tone, _ in (*marked, Span(" " * max(0, fill), row.tone)) if text)


def _caret(page: Page, lines: tuple[Line, ...], shift: int) -> tuple[int, int] | None:
    if page.cursor is None or page.edit is None or not 0 <= page.cursor + shift < len(lines):
        return None
    line = lines[page.cursor + shift]
    for at, span in enumerate(line):
        if span.tone == "edit":
            return width_of(plain(line[: at + 1])) - 1, page.cursor + shift
    return None
