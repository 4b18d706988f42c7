"""How wide the columns of a page are in a given window, and a row laid out in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from csdesk.prompt.page import Column, Row
from csdesk.screens.widgets.cells import Glyphs, Line, Span, clean, cut, cut_left, fit, folded, width_of

FLEX_MOST = 64  # a text column wider than its texts and this only moves the figures out of sight of them
FLEX_EASY = 30
FLEX_LEAST = 8
MARGIN = 2  # cells before each row: the '>' of the cursor row


@dataclass(frozen=True)
class Grid:
    """The columns shown: index in the page, width; `gap` blanks between them."""

    columns: tuple[tuple[int, Column, int], ...]
    gap: int

    @property
    def width(self) -> int:
        """Cells of a row without its margin."""
        return sum(width for _, _, width in self.columns) + self.gap * (len(self.columns) - 1)


def grid(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Grid:
    """Columns for a window of `width` cells: texts get what figures leave; what does not fit at all is left out."""
    room = width - MARGIN
    needs = [
        max((width_of(clean(row.cells[at])) for row in rows if _has(row, at)), default=0) for at in range(len(columns))
    ]
    shown = [(index, column, _least(column)) for index, column in enumerate(columns) if column.wide <= width]
    while shown:
        loose, tight = (_filled(Grid(tuple(shown), gap), needs, room) for gap in (2, 1))
        if loose and (_easy(loose) or not tight):
            return loose
        if tight:
            return tight
        spare = Grid(tuple(shown), 1).width - room
        narrower = [_give_way(entry, spare) for entry in shown]
        if Grid(tuple(narrower), 1).width <= room:
            return Grid(tuple(narrower), 1)
        shown = shown[:-1]
    return Grid((), 1)


def _least(column: Column) -> int:
    return max(column.width, width_of(clean(column.title)))


def _give_way(entry: tuple[int, Column, int], spare: int) -> tuple[int, Column, int]:
    index, column, width = entry
    return (index, column, max(FLEX_LEAST, width - spare)) if column.flex else entry


def _filled(laid: Grid, needs: Sequence[int], room: int) -> Grid | None:
    """The columns widened into the room, or None when even their least widths do not fit."""
    return _spread(_grow(laid, needs, room), needs, room) if laid.width <= room else None


def _easy(laid: Grid) -> bool:
    """Whether texts have room enough for wide gaps; asked of the columns, not of their cells, so that they stand still
    while rows come and go."""
    return all(width >= FLEX_EASY for _, column, width in laid.columns if column.flex)


def _grow(laid: Grid, needs: Sequence[int], room: int) -> Grid:
    """Widens columns to what their cells need while there is room: figures first, then codes; never flex columns."""
    left, out = room - laid.width, list(laid.columns)
    for align in ("right", "left"):
        for place, (index, column, width) in enumerate(out):
            if not column.flex and column.align == align:
                more = min(left, max(0, needs[index] - width))
                out[place], left = (index, column, width + more), left - more
    return replace(laid, columns=tuple(out))


def _has(row: Row, index: int) -> bool:
    return not row.span and index < len(row.cells)


def _spread(laid: Grid, needs: Sequence[int], room: int) -> Grid:
    """Shares what is left among the flex columns, up to what is still easy to read across."""
    left, out = room - laid.width, list(laid.columns)
    flexible = [place for place, (_, column, _) in enumerate(out) if column.flex]
    for done, place in enumerate(flexible):
        index, column, width = out[place]
        more = min(left // (len(flexible) - done), max(0, max(FLEX_MOST, needs[index]) - width))
        out[place], left = (index, column, width + more), left - more
    return replace(laid, columns=tuple(out))


def titles(laid: Grid, glyphs: Glyphs) -> Line:
    """The line of column titles, or an empty line when no column has one."""
    if not any(column.title for _, column, _ in laid.columns):
        return ()
    texts = [fit(column.title, width, column.align, glyphs.more) for _, column, width in laid.columns]
    return (Span(" " * MARGIN), Span((" " * laid.gap).join(texts), "head"))


def row_line(row: Row, laid: Grid, width: int, glyphs: Glyphs, *, columns: int) -> Line:
    """A row that is not edited: in its columns, or as one text when it spans or has other cells than the table."""
    if row.span or not columns or len(row.cells) != columns:
        text = "  ".join(cell for cell in row.cells if cell)
        return (Span(" " * MARGIN), Span(cut(text, width - MARGIN, glyphs.more), row.tone))
    texts = [fit(row.cells[index], room, column.align, glyphs.more) for index, column, room in laid.columns]
    return (Span(" " * MARGIN), Span((" " * laid.gap).join(texts).rstrip(), row.tone))


def edge_lines(row: Row, laid: Grid, width: int, glyphs: Glyphs, *, columns: int) -> list[Line]:
    """A row above or below the table. One text that is too long goes on in a second line: it may be an instruction."""
    if not row.span:
        return [row_line(row, laid, width, glyphs, columns=columns)]
    text = "  ".join(cell for cell in row.cells if cell)
    parts = folded(text, width - MARGIN, 2, glyphs.more)
    return [(Span(" " * MARGIN), Span(part, row.tone)) for part in parts]


def edited_line(row: Row, laid: Grid, typed: str, at: int, glyphs: Glyphs) -> Line:
    """A row with one of its cells in reverse: the text typed so far, else what stands there and would be overwritten.

    A blank at the end of the cell is where the next key goes.
    """
    spans = [Span(">" + " " * (MARGIN - 1), "strong")]
    for place, (index, column, room) in enumerate(laid.columns):
        gap = " " * laid.gap if place else ""
        cell = row.cells[index] if index < len(row.cells) else ""
        if index == at:
            text = cut_left(typed or cell, room - 1, glyphs.more) + " "
            spans += [Span(gap, row.tone), Span(" " * (room - width_of(text)) + text, "edit")]
        else:
            spans.append(Span(gap + fit(cell, room, column.align, glyphs.more), row.tone))
    return tuple(span for span in spans if span.text)
