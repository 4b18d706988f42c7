"""Answers and notes while they are typed: stored at every pause, brought back when they are wanted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csdesk.errors import NotFound
from csdesk.prompt.grammar import LINE_END
from csdesk.prompt.page import Echo
from csdesk.services import ticket_drafts

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

_TYPED = re.compile(r"(?P<letter>[ri])\s+(?P<body>\S.*)", re.IGNORECASE | re.DOTALL)
ASKED = {"reply": True, "note-inside": False}  # questions of forms whose answer is a draft: whether it goes out


def looked_at(desk: Desk) -> int:
    """The version of the ticket that is on the page."""
    shown = desk.now.shown
    return shown.subjects[0][1] if shown is not None and shown.subjects else 0


def typed(desk: Desk) -> tuple[str, bool] | None:
    """What is being written on the ticket that is shown, and whether it goes out; None for anything else."""
    now = desk.now
    if now.shown is None or not now.shown.name.startswith("ticket:"):
        return None
    question = getattr(now.guide, "question", "") if now.guide is not None else ""
    if question:
        text = now.keys.text.strip()
        return (_said(text), ASKED[question]) if question in ASKED and text else None
    found = _TYPED.fullmatch(now.keys.text.strip())
    return (_said(found["body"]), found["letter"].lower() == "r") if found is not None else None


def _said(text: str) -> str:
    """A typed text with the ends of its lines."""
    return text.replace(LINE_END, "\n")


def drafting(desk: Desk) -> tuple[str, bool] | None:
    """What is being written that is kept as a draft: of who merely reads tickets nothing."""
    return typed(desk) if any(desk.store.actor.may(duty) for duty in ticket_drafts.WRITERS) else None


def mark(visible: bool) -> str:
    """What stands for a draft in a kept line: the letter that is typed before its words, and a blank."""
    return "r " if visible else "i "


async def brought(desk: Desk, kept: str) -> str:
    """A kept line as it was typed, the words of a draft back in it; '' when that was sent or dropped since."""
    if kept not in (mark(True), mark(False)) or desk.now.shown is None:
        return kept
    ticket = int(desk.now.shown.name.partition(":")[2])
    draft = await desk.store.read(ticket_drafts.mine, ticket, kept == mark(True))
    return "" if draft is None else kept + draft.body.replace("\n", LINE_END)


async def keep(desk: Desk) -> None:
    """Stores what is being written, if anything is and it is not stored yet."""
    writing = drafting(desk)
    if writing is None:
        return
    shown = desk.now.shown
    assert shown is not None
    state = (shown.name, *writing)
    if state != desk.drafted:
        await store(desk, int(shown.name.partition(":")[2]), *writing)
        desk.drafted = state


async def store(desk: Desk, ticket: int, body: str, visible: bool) -> None:
    """Stores a draft. A ticket that went out of sight meanwhile has none any more."""
    try:
        await desk.store.write(ticket_drafts.keep, ticket, body, visible, looked_at(desk))
    except NotFound:
        desk.now.echo = Echo("This ticket is out of your sight by now; copy what you wrote.", "wrong")


async def begun(desk: Desk, ticket: int) -> bool:
    """Whether a draft of an answer is kept on a ticket."""
    return await desk.store.read(ticket_drafts.mine, ticket) is not None


async def remind(desk: Desk) -> None:
    """Says at the start that answers are unsent."""
    if not desk.store.actor.may("ticket.work"):
        return
    unsent = await desk.store.read(ticket_drafts.unsent)
    if unsent and not (desk.now.echo.text or desk.now.keys.text):
        more = f" and {len(unsent) - 1} more" if len(unsent) > 1 else ""
        desk.now.echo = Echo(
            f"An answer of yours is unsent: ticket {unsent[0].number}{more}; / and its number.", "info"
        )
