"""The view of an escalation; Enter opens its ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.pages.escalation import escalation_page
from csdesk.services import escalation_lists

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


async def escalation_view(desk: Desk, argument: str) -> Shown:
    """An escalation whole."""
    from csdesk.prompt.desk import Shown

    view = await desk.store.read(escalation_lists.whole, int(argument))
    opens = partial(_open, desk, view.head.ticket_id)
    return Shown(f"escalation:{argument}", escalation_page(view, desk.clock()), tuple(opens for _ in view.ladder))


async def _open(desk: Desk, ticket_id: int) -> None:
    from csdesk.prompt import acts

    await acts.show(desk, "ticket", str(ticket_id))
    desk.sync_keys()


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"escalation": escalation_view}
