"""What is half typed, stored at every pause: with the call on the line, an answer on a ticket as its draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csdesk.ids import new_id
from csdesk.prompt import ticket_drafting
from csdesk.prompt.parse import names_a_caller
from csdesk.services import calls

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def keep(desk: Desk) -> None:
    """Stores the typed text and the view of the call; begins a call when somebody is being typed in."""
    now = desk.now
    await ticket_drafting.keep(desk)
    text = now.keys.text
    if now.call is None:
        if now.guide is not None or not names_a_caller(text, now.mode):
            return
        if not desk.away:
            desk.attempt = new_id()
        await desk.begin_call()
    assert now.call is not None
    state = (now.call.id, text, now.shown.name if now.shown else "")
    if state != now.kept:
        await desk.store.write(calls.keep, *state)
        now.kept = state
