"""Macros at the ticket that is shown: ';ph' and Enter does what the echo says, as one step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.errors import Conflict
from csdesk.prompt import ticket_drafting
from csdesk.prompt.acting import show
from csdesk.prompt.parse import Command
from csdesk.prompt.ticket_acts import act, on_line, shown_id
from csdesk.services import ticket_drafts, ticket_macros

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


def _given(desk: Desk, command: Command) -> tuple[str, str, int, int | None]:
    """Code, letter of the cause, the version looked at, the call on which somebody is on the line."""
    args = command.args
    return args["macro"], args["cause"], ticket_drafting.looked_at(desk), on_line(desk)


async def carry_out(desk: Desk, command: Command) -> None:
    """;ph: carries the macro out. Refused for what came meanwhile, that is shown; Enter then does it all the same."""
    ticket = shown_id(desk)
    try:
        await act(desk, ticket_macros.carry_out, *_given(desk, command))
    except Conflict:
        await show(desk, "ticket", str(ticket))
        raise


async def words(desk: Desk, command: Command) -> str:
    """What the macro would do here; who else is at work on the ticket. Raises like the act."""
    ticket = shown_id(desk)
    found = await desk.store.read(ticket_macros.preview, ticket, *_given(desk, command))
    busy = await desk.store.read(ticket_drafts.busy, ticket)
    return f"{found}{f'; {busy} is at work on it too' if busy else ''}"


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {"ticket-macro": carry_out}
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {"ticket-macro": words}
