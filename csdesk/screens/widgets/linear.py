"""A page for ears: every row is a sentence "Title value, Title value", wrapped, with nothing drawn around it."""

from __future__ import annotations

from csdesk.prompt.page import Page, Row
from csdesk.screens.widgets.cells import Glyphs, Line, Span, clean, wrapped
from csdesk.screens.widgets.pages import Laid

LINES_MOST = 3  # a row longer than this ends in an ellipsis


def lay_linear(page: Page, width: int, height: int, offset: int, glyphs: Glyphs) -> Laid:
    """As `pages.lay`, for a screen reader: rows in reading order, the cursor row told by '>' at its beginning."""
    lead = [line for row in page.lead for line in _spoken(page, row, "", width, glyphs)]
    foot = [line for row in page.foot for line in _spoken(page, row, "", width, glyphs)]
    room = max(0, height - len(lead) - len(foot))
    told = [_spoken(page, row, _mark(page, at), width, glyphs) for at, row in enumerate(page.rows)]
    first = min(offset, page.cursor) if page.cursor is not None else offset
    first = max(0, min(first, len(told) - 1))
    if page.cursor is not None:
        while first < page.cursor and sum(map(len, told[first : page.cursor + 1])) > room:
            first += 1
    body, last = list[Line](), first
    while last < len(told) and len(body) + len(told[last]) <= room:
        body += told[last]
        last += 1
    lines = (*lead, *body, *foot)[:height]
    return Laid((*lines, *[()] * (height - len(lines))), first, last, len(told))


def _mark(page: Page, at: int) -> str:
    if at != page.cursor:
        return f"{at + 1}: "
    return f"> {at + 1}: "


def _spoken(page: Page, row: Row, mark: str, width: int, glyphs: Glyphs) -> list[Line]:
    if row.span or not page.columns or len(row.cells) != len(page.columns):
        text = ", ".join(cell for cell in map(clean, row.cells) if cell.strip())
    else:
        edited = page.edit_column if mark.startswith(">") and page.edit is not None else -1
        cells = [page.edit or "" if at == edited else cell for at, cell in enumerate(row.cells)]
        pairs = [(column.title, clean(cell).strip()) for column, cell in zip(page.columns, cells, strict=True)]
        text = ", ".join(f"{clean(title)} {cell}".strip() for title, cell in pairs if cell)
    return [(Span(part, row.tone),) for part in wrapped(mark + text, width, LINES_MOST, glyphs.more)]
