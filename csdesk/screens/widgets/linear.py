"""A page for ears: every row is a sentence "Title value, Title value", wrapped, with nothing drawn around it."""

from __future__ import annotations

from csdesk.prompt.page import Page, Row
from csdesk.screens.widgets.cells import Glyphs, Line, Span, clean, wrapped
from csdesk.screens.widgets.pages import Laid

LINES_MOST = 3  # a row longer than this ends in an ellipsis


def lay_linear(page: Page, width: int, height: int, offset: int, glyphs: Glyphs) -> Laid:
    """As `pages.lay`, for a screen reader: title, rows in reading order, the cursor row begins with '>'."""
    lead = [line for row in page.lead for line in _spoken(page, row, False, width, glyphs)]
    foot = [line for row in page.foot for line in _spoken(page, row, False, width, glyphs)]
    told = [_spoken(page, row, at == page.cursor, width, glyphs) for at, row in enumerate(page.rows)]
    room = max(0, height - len(lead) - len(foot) - 1)
    first = _first(told, room, page.cursor, offset)
    body, last = list[Line](), first
    while last < len(told) and len(body) + len(told[last]) <= room:
        body += told[last]
        last += 1
    part = "" if last - first >= len(told) else f", {first + 1}-{last} of {len(told)}"
    title = [(Span(line, "strong"),) for line in wrapped(page.title + part, width, 1, glyphs.more)]
    lines = (*title, *lead, *body, *foot)[:height]
    return Laid((*lines, *[()] * (height - len(lines))), first, last, len(told))


def _first(told: list[list[Line]], room: int, cursor: int | None, offset: int) -> int:
    """The first row to tell: as wanted, moved so that the cursor row, or the end of the page, is told whole."""
    last = len(told) - 1 if cursor is None else cursor
    first = max(0, min(offset, last))
    if cursor is not None or offset > 0:
        while first < last and sum(map(len, told[first : last + 1])) > room:
            first += 1
    return first


def _spoken(page: Page, row: Row, here: bool, width: int, glyphs: Glyphs) -> list[Line]:
    if row.span or not page.columns or len(row.cells) != len(page.columns):
        text = ", ".join(cell for cell in map(clean, row.cells) if cell.strip())
    else:
        edited = page.edit_column if here and page.edit is not None else -1
        cells = [page.edit or "" if at == edited else cell for at, cell in enumerate(row.cells)]
        pairs = [(each, clean(cell).strip()) for each, cell in zip(page.columns, cells, strict=True)]
        text = ", ".join(f"{clean(each.title)} {cell}".strip() for each, cell in pairs if cell and each.wide <= width)
    mark = "> " if here else ""
    return [(Span(part, row.tone),) for part in wrapped(mark + text, width, LINES_MOST, glyphs.more)]
