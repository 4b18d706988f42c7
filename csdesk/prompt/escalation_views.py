"""The view of an escalation; Enter opens its ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.pages.escalation import escalation_page
from csdesk.services import escalation_lists, supervising
from csdesk.services.inbox import Waiting

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


MOST_ASKED = 3  # requests the page has room for: what it does not show is not approved here


async def escalation_view(desk: Desk, argument: str) -> Shown:
    """An escalation whole, with what is asked for its ticket: g approves those requests, in the versions shown."""
    from csdesk.prompt.desk import Shown

    view = await desk.store.read(escalation_lists.whole, int(argument))
    asked: tuple[Waiting, ...] = ()
    if desk.store.actor.may("request.read"):
        asked = await desk.store.read(supervising.asked, int(argument))
    page = escalation_page(view, desk.clock(), asked[:MOST_ASKED], len(asked))
    opens = partial(_open, desk, view.head.ticket_id)
    places = {"asked": tuple((each.id, each.version) for each in asked[:MOST_ASKED])}
    return Shown(f"escalation:{argument}", page, tuple(opens for _ in view.ladder), places=places)


async def _open(desk: Desk, ticket_id: int) -> None:
    from csdesk.prompt import acts

    await acts.show(desk, "ticket", str(ticket_id))
    desk.sync_keys()


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"escalation": escalation_view}
