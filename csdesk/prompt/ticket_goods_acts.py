"""Goods that come again and corrective actions at the desk, while a ticket, or the list of actions, is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.errors import NotFound
from csdesk.prompt.acting import done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.prompt.ticket_acts import act, on_line, shown_id
from csdesk.services import corrective, replacing

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def replace_(desk: Desk, command: Command) -> None:
    """b: asks that the goods of its line come again for nothing."""
    await act(desk, replacing.ask, int(command.args["line"] or 0), on_line(desk))


async def replace_words(desk: Desk, command: Command) -> str:
    """What asking a replacement would ask. Raises like the act."""
    return await desk.store.read(replacing.preview, shown_id(desk), int(command.args["line"] or 0))


async def corrective_(desk: Desk, command: Command) -> None:
    """d login +14 text: an action; d1=result: it is done; d: those that are open."""
    args = command.args
    if args["login"]:
        await act(desk, corrective.add, args["login"], args["day"], args["text"], on_line(desk))
    elif args["place"]:
        words = await desk.write(corrective.done, _meant(desk, int(args["place"])), args["result"])
        assert desk.now.shown is not None
        name = desk.now.shown.name
        await refresh(desk)
        await show(desk, name)
        done(desk, words.words)
    else:
        await show(desk, "corrective")
        some = desk.now.shown is not None and bool(desk.now.shown.acts)
        desk.now.echo = Echo("Enter shows its ticket; d1=result: the first is done" if some else "none is open", "info")
        desk.sync_keys()


async def corrective_words(desk: Desk, command: Command) -> str:
    """What would be noted. Raises like the act."""
    args = command.args
    if args["login"]:
        return await desk.store.read(corrective.preview, shown_id(desk), args["login"], args["day"], args["text"])
    if args["place"]:
        id = _meant(desk, int(args["place"]))
        return f"done: {await desk.store.read(corrective.told, id)}; result: {args['result']}"
    return "lists the corrective actions that are open"


def _meant(desk: Desk, place: int) -> int:
    """The action at a place of the page that is shown. Raises NotFound."""
    shown = desk.now.shown
    rows = shown.places.get("corrective", ()) if shown is not None else ()
    if not 1 <= place <= len(rows):
        raise NotFound(f"There is no corrective action {place} here; d lists them.", field="place")
    return int(rows[place - 1])


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "ticket-replace": replace_, "corrective": corrective_,
}  # fmt: skip
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "ticket-replace": replace_words, "corrective": corrective_words,
}  # fmt: skip
