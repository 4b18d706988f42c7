"""The clocks of a shown ticket: the list, one taken apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.page import Echo
from csdesk.prompt.pages.clocks import clock_page, clocks_page
from csdesk.prompt.parse import Command
from csdesk.services import clock_views

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown


async def clocks(desk: Desk, command: Command) -> None:
    """l: the clocks of the ticket that is shown."""
    from csdesk.prompt.acting import show
    from csdesk.prompt.ticket_acts import shown_id

    await show(desk, "clocks", str(shown_id(desk)))
    desk.now.echo = Echo("a digit or Enter shows what a clock counted", "info")
    desk.sync_keys()


async def clocks_view(desk: Desk, argument: str) -> Shown:
    """All clocks of a ticket ("12"), or one of them taken apart ("12:resolution.1")."""
    from csdesk.prompt.acting import show
    from csdesk.prompt.desk import Shown

    ticket, _, which = argument.partition(":")
    view = await desk.store.read(clock_views.of_ticket, int(ticket))
    names = [f"{each.clock.kind}.{each.clock.epoch}" for each in view.clocks]
    if which in names:
        return Shown(f"clocks:{argument}", clock_page(view, view.clocks[names.index(which)]), ())
    opens = tuple(partial(show, desk, "clocks", f"{ticket}:{name}") for name in names)
    return Shown(f"clocks:{ticket}", clocks_page(view), opens)


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {"ticket-clocks": clocks}
VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"clocks": clocks_view}
