"""The view of a handover: the latest pack of one's team, a digit accepts a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.page import Echo
from csdesk.prompt.pages.handover import handover_page
from csdesk.services import handover
from csdesk.services.handover import LineView

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


async def handover_view(desk: Desk, argument: str) -> Shown:
    """What the shift before hands over."""
    from csdesk.prompt.desk import Shown

    found = await desk.store.read(handover.latest)
    acts = tuple(partial(_take, desk, found.id, each) for each in found.lines)
    subjects = tuple((found.id, each.line) for each in found.lines)
    return Shown("handover", handover_page(found, desk.now.zone), acts, subjects=subjects)


async def _take(desk: Desk, pack_id: int, each: LineView) -> None:
    from csdesk.prompt.handover_acts import take

    if each.accepted_by:
        desk.now.echo = Echo(f"{each.accepted_by} has accepted it: {each.words}", "info")
        return
    await take(desk, pack_id, each.line)


VIEWS = {"handover": handover_view}
