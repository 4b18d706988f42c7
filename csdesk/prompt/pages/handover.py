"""What a shift hands over, line by line."""

from __future__ import annotations

from datetime import tzinfo

from csdesk.documents.cells import wrapped
from csdesk.prompt.page import Column, Page, Row, Tone
from csdesk.services.handover import LineView, PackView

COLUMNS = (
    Column("", 3, "right"),
    Column("What", 8),
    Column("Due", 12),
    Column("Of", 8),
    Column("", 30, flex=True),
    Column("With", 8),
)
FOOT = "Enter shows a line   a digit accepts it   y1-5 several   m text packs   e ends"
MOST_NOTED = 8  # lines of notes above the table


def handover_page(found: PackView, zone: tzinfo | None, width: int = 80) -> Page:
    """A team's latest pack, notes whole above its lines: what nobody has accepted stands out."""
    foot = (Row((FOOT,), "head", span=True),)
    whose = found.team or "the desk"
    if not found.id or found.made_at is None or found.until is None:
        return Page(f"HANDOVER   {whose}", rows=(Row((f"Nothing was packed for {whose} yet.",), span=True),), foot=foot)
    left = sum(not each.accepted_by for each in found.lines)
    title = f"HANDOVER   {whose}   {left} of {len(found.lines)} to accept"
    made, until = found.made_at.astimezone(zone), found.until.astimezone(zone)
    lead = [Row((f"packed by {found.made_by} {made:%d %b %H:%M}, due until {until:%d %b %H:%M}",), "dim", span=True)]
    noted = [row for each in found.lines if each.kind == "note" for row in _noted(found, each, width)]
    lead += noted[:MOST_NOTED]
    rows = tuple(_row(place, each, zone) for place, each in enumerate(found.lines, 1))
    return Page(title, COLUMNS if rows else (), rows, tuple(lead), foot, cursor=0 if rows else None)


def _noted(found: PackView, each: LineView, width: int) -> list[Row]:
    """A note whole; a line keeps its beginning alone, the pack all of its own."""
    whole = found.note if each.words and found.note.startswith(each.words) else each.words
    tone: Tone = "dim" if each.accepted_by else "strong"
    return [Row((text,), tone, span=True) for text in wrapped(f"{each.of}: {whole}", width - 4)]


def _row(place: int, each: LineView, zone: tzinfo | None) -> Row:
    due = f"{each.due_at.astimezone(zone):%d %b %H:%M}" if each.due_at is not None else ""
    cells = (str(place), each.kind, due, each.of, each.words, each.accepted_by)
    return Row(cells, "dim" if each.accepted_by else "plain")
