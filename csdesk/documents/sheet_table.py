"""Tables on sheets: columns as wide as their figures, one column takes the rest, the head comes again on each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csdesk.documents.sheet import MARGIN, SHADE, SOFT, Sheet, leading

_SIZE, _HEAD, _PAD, _GAP = 8.5, 7.5, 1.0, 3.0


@dataclass(frozen=True)
class Cells:
    """A row of a table; `note` stands below it in small letters, `strong` rows are bold."""

    cells: tuple[str, ...]
    note: str = ""
    strong: bool = False


def table(
    sheet: Sheet, head: Sequence[str], rows: Sequence[Cells], *, right: Sequence[int], flex: int, most: float = 30.0
) -> None:
    """Writes a table over as many pages as it needs; a row never parts. `most` mm for a column that is no figure."""
    widths = _widths(sheet, head, rows, right, flex, most)
    _head(sheet, head, widths, right)
    for number, row in enumerate(rows):
        lines = [sheet.wrapped(cell, width, _SIZE, row.strong) for cell, width in zip(row.cells, widths, strict=True)]
        note = sheet.wrapped(row.note, widths[flex], _HEAD) if row.note else []
        height = max(map(len, lines)) * leading(_SIZE) + len(note) * leading(_HEAD) + 2 * _PAD
        if sheet.room < height + 2:
            sheet.next_page()
            _head(sheet, head, widths, right)
        if number % 2:
            sheet.pdf.set_fill_color(*SHADE)
            sheet.pdf.rect(MARGIN, sheet.y, sheet.width, height, style="F")
        start = sheet.y
        for place, cell in enumerate(lines):
            _stack(sheet, cell, sum(widths[:place]), start + _PAD, widths[place], place in right, row.strong)
        below = start + _PAD + len(lines[flex]) * leading(_SIZE)
        for place, text in enumerate(note):
            spot = below + place * leading(_HEAD)
            sheet.put(text, sum(widths[:flex]), spot, widths[flex], size=_HEAD, colour=SOFT)
        sheet.y = start + height
    sheet.rule()


def _stack(sheet: Sheet, lines: Sequence[str], x: float, top: float, width: float, right: bool, strong: bool) -> None:
    """The lines of one cell below one another."""
    for place, line in enumerate(lines):
        sheet.put(line, x, top + place * leading(_SIZE), width, size=_SIZE, right=right, bold=strong)


def _widths(
    sheet: Sheet, head: Sequence[str], rows: Sequence[Cells], right: Sequence[int], flex: int, most: float
) -> list[float]:
    widths = []
    for place, title in enumerate(head):
        need = max([sheet.wide(title, _HEAD, True), *(sheet.wide(row.cells[place], _SIZE, row.strong) for row in rows)])
        widths.append(need + _GAP if place in right else min(need, most) + _GAP / 2)
    widths[flex] = max(24.0, sheet.width - sum(widths) + widths[flex])
    return widths


def _head(sheet: Sheet, head: Sequence[str], widths: Sequence[float], right: Sequence[int]) -> None:
    top = sheet.y
    for place, title in enumerate(head):
        x = sum(widths[:place])
        sheet.put(title, x, top, widths[place], size=_HEAD, bold=True, right=place in right, colour=SOFT)
    sheet.y = top + leading(_HEAD) + 0.8
    sheet.rule(thick=0.4)
    sheet.y += 0.4
