"""Line mode: the same grammar on plain stdin and stdout, one line in, its answer out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from csdesk.prompt.expansion_acts import at_hand
from csdesk.prompt.expansions import whole
from csdesk.prompt.page import Face, Page, Row
from csdesk.prompt.verbs import IDLE

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

SPECIAL = {"<back>": "f3", "<cancel>": "f12", "<list>": "f4", "<end>": "f8", "<next>": "f6"}


_WRITTEN = {key.upper(): written for written, key in SPECIAL.items()}
_KEYS = re.compile(rf"\b(?:{'|'.join(_WRITTEN)})\b")


async def enter(desk: Desk, line: str) -> bool:
    """Takes one whole line as if typed and entered. True unless it was refused.

    Function keys are written <back>, <cancel>, <list>, <end>, <next>; a lone number answers a numbered question.
    """
    desk.now.echo = type(desk.now.echo)()
    plain = line.strip()
    if plain in SPECIAL:
        await desk.press(SPECIAL[plain])
        return desk.now.echo.tone != "wrong"
    choice = desk.now.choice
    if choice is not None and choice.digits and plain.isdecimal() and 1 <= int(plain) <= len(choice.acts):
        desk.now.cursor = int(plain) - 1
        await desk.press("enter")
        return desk.now.echo.tone != "wrong"
    if choice is None and plain.isdecimal() and 1 <= int(plain) <= desk.now.numbered:
        await desk.press(plain)
        return desk.now.echo.tone != "wrong"
    if desk.now.choice is not None and desk.now.guide is None:
        desk.now.choice = None
    desk.sync_keys(whole(line, desk.now.mode, at_hand(desk)))
    desk.now.keys = replace(desk.now.keys, choices=0)  # a whole line is no choice of the row under the cursor
    await desk.press("enter")
    if desk.now.echo.tone == "wrong":
        desk.sync_keys()
        return False
    desk.now.keys = desk.now.keys.__class__(**{**desk.now.keys.__dict__, "row": None, "tail": ""})
    return True


def as_text(face: Face, *, page: bool = True) -> list[str]:
    """A face as plain lines: result first, then the context, then the page, as a screen reader wants it."""
    lines = [_typed_keys(face.echo.text)] if face.echo.text else []
    if face.context:
        lines.append("  ".join(f"{fact.label} {fact.text}".strip() for fact in face.context))
    return lines + (page_text(face.page) if page else [])


def _typed_keys(text: str) -> str:
    """A sentence with its function keys as they are typed here."""
    return _KEYS.sub(lambda found: _WRITTEN[found[0]], text)


def page_text(page: Page) -> list[str]:
    """A page as plain lines, cells two blanks apart."""
    widths = [
        max([len(column.title), *(len(row.cells[n]) for row in page.rows if not row.span and n < len(row.cells))])
        for n, column in enumerate(page.columns)
    ]
    lines = [page.title, *(_row(row, page, widths) for row in page.lead)]
    if any(column.title for column in page.columns):
        lines.append(_row(Row(tuple(column.title for column in page.columns)), page, widths))
    lines += [_row(row, page, widths) for row in page.rows]
    return [line.rstrip() for line in (*lines, *(_row(row, page, widths) for row in page.foot))]


def _row(row: Row, page: Page, widths: list[int]) -> str:
    if row.span:
        return row.cells[0]
    cells = []
    for column, width, cell in zip(page.columns, widths, row.cells, strict=False):
        cells.append(cell.rjust(width) if column.align == "right" else cell.ljust(width))
    return "  ".join(cells)


async def run(desk: Desk, lines: Iterable[str], out: Callable[[str], None], *, prompt: bool = False) -> int:
    """Takes lines until they end and prints each answer. Returns 0, or 1 when any line was refused."""
    from csdesk.rules.text import printable

    desk.alone = None  # a half-typed text waits for a desk with a prompt
    await desk.start()
    refused = 0
    if prompt:
        for text in as_text(desk.face):
            out(printable(text))
    for line in lines:
        if not line.strip():
            continue
        good = await enter(desk, line.rstrip("\r\n"))
        refused |= not good
        show_page = (good and desk.now.echo.tone in {"ask", "info", ""}) or (desk.now.mode != IDLE and good)
        for text in as_text(desk.face, page=bool(show_page)):
            out(printable(text))
        out("")
        if desk.quitting:
            break
    await desk.stop()
    return int(bool(refused))
