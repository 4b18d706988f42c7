"""The verbs of prices: another price asked for a line of the draft, a line of an order priced anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt.acting import call_id, take_draft
from csdesk.prompt.parse import Command
from csdesk.services import price_overriding
from csdesk.services.previews import plain_price

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def ask(desk: Desk, command: Command) -> None:
    """2@17.50p: asks for another price of a line; the draft goes on meanwhile."""
    view, asked = await desk.write(price_overriding.ask, *_asked(desk, command), command.args.get("text", ""))
    await take_draft(desk, view, asked.words)


async def ask_words(desk: Desk, command: Command) -> str:
    """What asking would do, what it costs and who decides. Raises like the act."""
    return await desk.store.read(price_overriding.preview, *_asked(desk, command))


def _asked(desk: Desk, command: Command) -> tuple[int, int, str, str, str]:
    args = command.args
    return call_id(desk), int(args["line"]), args["value"], args["reason"], args.get("day", "")


async def reprice(desk: Desk, command: Command) -> None:
    """2@: the line at the price of now."""
    number = int(command.args["line"])
    view = await desk.write(price_overriding.reprice, call_id(desk), number)
    line = next(each for each in view.lines if each.number == number)
    await take_draft(desk, view, f"line {number}: {plain_price(line.price)} from {line.source}")


async def reprice_words(desk: Desk, command: Command) -> str:
    """What pricing anew would do."""
    return f"prices line {command.args['line']} as of now; an approved price comes before the lists"


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {"price": ask, "reprice": reprice}
WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {"price": ask_words, "reprice": reprice_words}
