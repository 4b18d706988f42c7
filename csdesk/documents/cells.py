"""Text laid into columns of terminal cells: wrapped, never cut, whatever signs a name is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from csdesk.rules.text import printable

WIDTH = 80


def wrapped(text: str, width: int) -> list[str]:
    """The text in rows of at most `width` cells, parted at blanks; a longer word is parted where it must. Never empty.

    Control, direction and invisible signs vanish first.
    """
    rows, row = [], ""
    for word in printable(text).split():
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        *full, row = _parts(word, width)
        rows += full
    return [*rows, row] if row or not rows else rows


def _parts(word: str, width: int) -> list[str]:
    parts, part, used = [], "", 0
    for sign in word:
        cells = cell_len(sign)
        if part and used + cells > width:
            parts.append(part)
            part, used = "", 0
        part, used = part + sign, used + cells
    return [*parts, part]


def fitted(text: str, width: int, right: bool = False) -> str:
    """The text padded to `width` cells."""
    gap = " " * max(0, width - cell_len(text))
    return gap + text if right else text + gap


def row_of(cells: Sequence[str], widths: Sequence[int], right: Iterable[int] = ()) -> list[str]:
    """One row of a table as lines; cells that are too long go on in further lines. Columns are parted by a blank."""
    stacks = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    lines = []
    for depth in range(max(len(stack) for stack in stacks)):
        parts = [stack[depth] if depth < len(stack) else "" for stack in stacks]
        padded = [fitted(part, width, place in right)
                  for place, (part, width) in enumerate(zip(parts, widths, strict=True))]  # fmt: skip
        lines.append(" ".join(padded).rstrip())
    return lines


def side_by_side(left: Sequence[str], right: Sequence[str], width: int) -> list[str]:
    """Two blocks beside one another, the left one `width` cells wide."""
    lines = []
    for place in range(max(len(left), len(right))):
        first = left[place] if place < len(left) else ""
        second = right[place] if place < len(right) else ""
        lines.append(f"{fitted(first, width)} {second}".rstrip())
    return lines


def facts(pairs: Iterable[tuple[str, str]], label: int, width: int) -> list[str]:
    """Labelled facts, those without a text left out."""
    lines: list[str] = []
    for name, text in pairs:
        if text:
            lines += row_of((name, text), (label, width - label - 1))
    return lines
