"""The verbs of tickets at the desk: opened on a call, worked while one is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from csdesk.errors import NotFound, Refused
from csdesk.prompt.acting import call_id, customer_id, done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.prompt.seen import meant
from csdesk.services import ticket_money, ticket_subjects, ticket_views, tickets
from csdesk.services.ticket_subjects import Dropped

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def complaint(desk: Desk, command: Command) -> None:
    """t2.1d2 text: a complaint about a line of a delivery; the ticket is shown, its credit one key away."""
    args, seen = command.args, await _delivery(desk, command)
    opened = await desk.write(
        tickets.complain, call_id(desk), seen, int(args["line"]), args["reason"], command.quantity(), args["text"]
    )
    await _opened(desk, opened)


async def complaint_words(desk: Desk, command: Command) -> str:
    """What a typed complaint would note. Raises like the act."""
    args, seen = command.args, await _delivery(desk, command, fresh=True)
    about = (seen, int(args["line"]), args["reason"], command.quantity(), args["text"])
    return await desk.store.read(tickets.preview, customer_id(desk), *about)


async def _delivery(desk: Desk, command: Command, fresh: bool = False) -> Dropped:
    """The delivery that is meant, as the echo named it. Raises NotFound."""
    place = int(command.args["place"])

    async def find() -> Dropped:
        return await desk.store.read(ticket_subjects.delivery, customer_id(desk), place)

    return await meant(desk, command, find, fresh)


async def note(desk: Desk, command: Command) -> None:
    """tq text: a ticket about no line."""
    opened = await desk.write(tickets.note, call_id(desk), command.args["kind"].lower(), command.args["text"])
    await _opened(desk, opened)


async def note_words(desk: Desk, command: Command) -> str:
    """Which ticket it would be. Raises like the act."""
    return await desk.store.read(tickets.note_preview, command.args["kind"].lower(), command.args["text"])


async def _opened(desk: Desk, opened: tickets.Opened) -> None:
    await refresh(desk)
    await show(desk, "ticket", str(opened.id))
    done(desk, opened.words)


async def list_(desk: Desk, command: Command) -> None:
    """t, and on a call #: the tickets one may see, of the caller or of all."""
    await show(desk, "tickets", "account" if desk.now.bar else "")
    some = desk.now.shown is not None and bool(desk.now.shown.acts)
    desk.now.echo = Echo("a digit or Enter shows one whole" if some else "no ticket is there", "info")
    desk.sync_keys()


def shown_id(desk: Desk) -> int:
    """The ticket in the view. Raises Refused when there is none."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith(("ticket:", "clocks:")):
        raise Refused("Show a ticket first: its number in the list, or Down and Enter.")
    return int(shown.name.split(":")[1])


def on_line(desk: Desk) -> int | None:
    """The call on which somebody is on the line, if any."""
    call = desk.now.call
    return call.id if call is not None and call.customer_id is not None else None


async def act(desk: Desk, verb: Callable[..., Any], *args: Any) -> None:
    """Does something with the ticket that is shown and shows what became of it: the one it went into, or the list when
    it is out of one's sight now."""
    ticket = shown_id(desk)
    try:
        made = await desk.write(verb, ticket, *args)
    except NotFound:
        await still_there(desk)
        raise
    await became(desk, made, ticket)


async def still_there(desk: Desk) -> None:
    """Raises Refused when the ticket that is shown went out of one's sight since; who has it now is not told."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("ticket:"):
        return
    try:
        await desk.store.read(ticket_views.whole, shown_id(desk))
    except NotFound:
        number = shown.page.title.split()[1]
        gone = f"Ticket {number} is no longer free; somebody has it. q goes on, a lead gives it to you."
        raise Refused(gone) from None


async def became(desk: Desk, made: Any, ticket: int = 0) -> None:
    """Shows what became of a ticket by a step: the one the step names, else `ticket`, or the list."""
    await refresh(desk)
    try:
        await show(desk, "ticket", str(getattr(made, "ticket_id", ticket)))
    except NotFound:
        await show(desk, "tickets", "account" if desk.now.bar else "")
    done(desk, made.words)


async def credit(desk: Desk, command: Command) -> None:
    """c: asks the credit of its line."""
    await act(desk, ticket_money.credit, int(command.args["line"] or 0), on_line(desk))


async def dispute(desk: Desk, command: Command) -> None:
    """s: holds what its line claims in dispute."""
    await act(desk, ticket_money.dispute, int(command.args["line"] or 0), on_line(desk))


def _line_words(preview: Callable[..., str]) -> Callable[[Desk, Command], Awaitable[str]]:
    async def words(desk: Desk, command: Command) -> str:
        return await desk.store.read(preview, shown_id(desk), int(command.args["line"] or 0))

    return words


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "complaint": complaint, "ticket": note, "tickets": list_, "their-tickets": list_,
    "ticket-credit": credit, "ticket-dispute": dispute,
}  # fmt: skip
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "complaint": complaint_words,
    "ticket": note_words,
    "ticket-credit": _line_words(ticket_money.credit_preview),
    "ticket-dispute": _line_words(ticket_money.dispute_preview),
}
