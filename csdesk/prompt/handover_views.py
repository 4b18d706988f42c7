"""The view of a handover: the latest pack of one's team, a digit accepts a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import DeskError
from csdesk.prompt.page import Echo
from csdesk.prompt.pages.handover import handover_page
from csdesk.services import handover
from csdesk.services.handover import LineView

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


OPENED = {"ticket": "ticket", "reply": "ticket", "callback": "callback", "request": "request", "held": "held"}


async def handover_view(desk: Desk, argument: str) -> Shown:
    """What the shift before hands over."""
    from csdesk.prompt.desk import Shown

    found = await desk.store.read(handover.latest)
    acts = tuple(partial(_take, desk, found.id, each) for each in found.lines)
    subjects = tuple((found.id, each.line) for each in found.lines)
    opens = tuple(partial(_open, desk, each) for each in found.lines)
    page = handover_page(found, desk.now.zone, desk.now.width)
    return Shown("handover", page, acts, opens=opens, subjects=subjects)


async def _open(desk: Desk, each: LineView) -> None:
    """Enter: what the line is about, before it is taken; a note, and what is shown only to who has it, told whole."""
    from csdesk.prompt import acts

    view = OPENED.get(each.kind, "")
    try:
        if view and each.subject_id is not None:
            await acts.show(desk, view, str(each.subject_id))
            desk.now.echo = Echo("F3 goes back; > and its digit accepts it", "info")
            return
    except DeskError:
        pass  # a ticket of the shift before is seen by who has accepted it
    accepted = f"{each.accepted_by} has accepted it" if each.accepted_by else "its digit or y accepts it"
    desk.now.echo = Echo(f"{each.kind} of {each.of}: {each.words}; {accepted}", "info")


async def _take(desk: Desk, pack_id: int, each: LineView) -> None:
    from csdesk.prompt.handover_acts import take

    if each.accepted_by:
        desk.now.echo = Echo(f"{each.accepted_by} has accepted it: {each.words}", "info")
        return
    await take(desk, pack_id, each.line)


VIEWS = {"handover": handover_view}
