"""What the verbs of the queue do: show it, take what is next, let a ticket pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt.acting import done, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.prompt.ticket_acts import on_line, shown_id
from csdesk.services import ticket_next
from csdesk.services.queue_tickets import MINE, TEAM
from csdesk.services.ticket_next import Taken

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def queue(desk: Desk, command: Command) -> None:
    """q: what waits for me; again, for who leads: for the team."""
    now, leads = desk.now, desk.store.actor.may("ticket.lead")
    here = now.shown is not None and now.shown.name == "inbox"
    now.queue = TEAM if here and leads and now.queue == MINE else MINE
    await show(desk, "inbox")
    other = "" if not leads else "; q again: the team's" if now.queue == MINE else "; q again: mine"
    words = "a digit shows one whole; n takes the next ticket" if now.shown and now.shown.acts else "nothing waits"
    now.echo = Echo(words + other, "info")


async def next_(desk: Desk, command: Command) -> None:
    """n: the ticket that is next is mine, and shown."""
    await _taken(desk, await desk.write(ticket_next.next_, on_line(desk)))


async def next_words(desk: Desk, command: Command) -> str:
    """What n would take. Raises like the act."""
    return await desk.store.read(ticket_next.next_words)


async def skip(desk: Desk, command: Command) -> None:
    """n reason: lets the ticket that is shown pass and takes the next one."""
    await _taken(desk, await desk.write(ticket_next.skip, shown_id(desk), command.args["text"], on_line(desk)))


async def skip_words(desk: Desk, command: Command) -> str:
    """What letting it pass would do. Raises like the act."""
    return await desk.store.read(ticket_next.skip_words, shown_id(desk), command.args["text"])


async def _taken(desk: Desk, taken: Taken) -> None:
    if taken.id is None:
        await show(desk, "inbox")
    else:
        await show(desk, "ticket", str(taken.id))
    done(desk, taken.words)


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {"queue": queue, "next": next_, "skip": skip}
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {"next": next_words, "skip": skip_words}
