"""What the verbs of callbacks do: promise one on a call; on the one that is shown spoke, missed, moved, cancelled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.errors import Refused
from csdesk.prompt.acting import call_id, customer_id, done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.services import callback_lists, callbacks

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def make(desk: Desk, command: Command) -> None:
    """b15 text: a callback today at 15:00 on the caller's clock."""
    made = await desk.write(callbacks.make, call_id(desk), command.args["when"], command.args["about"])
    if desk.now.shown is not None and desk.now.shown.name == "customer":
        await show(desk, "customer")
    done(desk, made.words)


async def make_words(desk: Desk, command: Command) -> str:
    """What a typed callback would promise. Raises like the act."""
    phone = desk.now.call.phone if desk.now.call is not None else ""
    args = command.args
    return await desk.store.read(callbacks.preview, customer_id(desk), args["when"], args["about"], phone)


async def promised(desk: Desk, command: Command) -> None:
    """=: everything promised to the customer."""
    await show(desk, "promised")
    desk.now.echo = Echo("Enter opens a callback; F3 goes back", "info")


def _id(desk: Desk) -> int:
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("callback:"):
        raise Refused("Show a callback first: q and its number.")
    return int(shown.name.removeprefix("callback:"))


async def spoke(desk: Desk, command: Command) -> None:
    """y: done; the customer comes on a call, with the ledger when it was about a promise to pay."""
    from csdesk.prompt import acts
    from csdesk.prompt.collect_views import to_ledger

    callback = _id(desk)
    await desk.store.read(callbacks.preview_keep, callback)  # what cannot be begins no call
    view = await desk.store.read(callback_lists.whole, callback)
    await acts.identify(desk, view.customer_id)
    kept = await desk.write(callbacks.keep, callback, call_id(desk))  # on that call, where u takes it back
    if view.of_promise:
        await to_ledger(desk, view.customer_id, kept.words)
        return
    await show(desk, "pad" if desk.now.draft else "customer")
    done(desk, kept.words)


async def spoke_words(desk: Desk, command: Command) -> str:
    """What would be noted. Raises like the act."""
    return await desk.store.read(callbacks.preview_keep, _id(desk))


async def missed(desk: Desk, command: Command) -> None:
    """n words: it stays due."""
    await _back(desk, (await desk.write(callbacks.attempt, _id(desk), command.args["text"])).words)


async def move(desk: Desk, command: Command) -> None:
    """m15, m15c: another time, by us or as the customer wishes."""
    moved = await desk.write(callbacks.move, _id(desk), command.args["when"], bool(command.args["wish"]))
    await _back(desk, moved.words)


async def cancel(desk: Desk, command: Command) -> None:
    """x reason: wanted no longer."""
    await _back(desk, (await desk.write(callbacks.cancel, _id(desk), command.args["text"])).words)


async def _back(desk: Desk, words: str) -> None:
    """To the queue, saying what was done."""
    await refresh(desk)
    await show(desk, "inbox")
    done(desk, words)


async def missed_words(desk: Desk, command: Command) -> str:
    """What would be noted."""
    return f"notes that nobody was reached: {command.args['text']}; it stays due"


async def move_words(desk: Desk, command: Command) -> str:
    """Where it would be moved. Raises like the act."""
    when, wish = command.args["when"], bool(command.args["wish"])
    return await desk.store.read(callbacks.preview_move, _id(desk), when, wish)


async def cancel_words(desk: Desk, command: Command) -> str:
    """What would be cancelled."""
    view = await desk.store.read(callback_lists.whole, _id(desk))
    return f"cancels the callback to {view.customer} about {view.about}: {command.args['text']}"


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {
    "callback": make, "promised": promised, "callback-spoke": spoke, "callback-missed": missed, "callback-move": move,
    "callback-cancel": cancel,
}  # fmt: skip
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "callback": make_words, "callback-spoke": spoke_words, "callback-missed": missed_words, "callback-move": move_words,
    "callback-cancel": cancel_words,
}  # fmt: skip
