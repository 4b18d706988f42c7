"""What typed verbs of an order and of a call would do, in words. Each raises like its act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt.acting import customer_id
from csdesk.prompt.parse import Command
from csdesk.services import calls, previews

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def line_words(desk: Desk, command: Command) -> str:
    """What an order line would be."""
    args = command.args
    code, unit = args.get("code") or args["number"], args.get("unit", "")
    return await desk.store.read(previews.line, customer_id(desk), code, command.quantity(), unit)


async def cancel_words(desk: Desk, command: Command) -> str:
    """Which line would be cancelled."""
    order_id = desk.now.draft.order_id if desk.now.draft else None
    line, reason = int(command.args["line"]), command.args["reason"]
    return await desk.store.read(previews.cancel, customer_id(desk), order_id, line, reason)


async def amend_words(desk: Desk, command: Command) -> str:
    """Which order would be opened."""
    return await desk.store.read(previews.amendment, customer_id(desk), command.args["ending"])


async def date_words(desk: Desk, command: Command) -> str:
    """Which day would be wanted."""
    return await desk.store.read(previews.wish, customer_id(desk), command.args["day"])


async def alternative_words(desk: Desk, command: Command) -> str:
    """Which alternative would be taken."""
    draft, nth = desk.now.draft, int(command.args["nth"] or 1)
    offers = [line for line in draft.lines if line.alternatives and line.quantity > 0] if draft else []
    if not offers or nth > len(offers[-1].alternatives):
        return "takes another alternative of the short line"
    other = offers[-1].alternatives[nth - 1]
    return f"takes {other.code} {other.name} for line {offers[-1].number}"


async def part_words(desk: Desk, command: Command) -> str:
    """Which short line would go in part, or wait."""
    which = f"line {command.args['line']}" if command.args.get("line") else "the short line"
    return f"{which}: {'part now, the rest later' if command.verb.id == 'part' else 'all together, when it is there'}"


async def set_words(desk: Desk, command: Command) -> str:
    """What would become of a line."""
    draft, number = desk.now.draft, int(command.args["line"])
    lines = draft.lines if draft else ()
    line = next((each for each in lines if each.number == number), None)
    if line is None:
        return f"there is no line {number}; the draft has {len(lines)}"
    quantity = command.quantity()
    if quantity == 0:
        return f"takes line {number} off: {line.code} {line.name}"
    was = f"{line.quantity.normalize():f}"
    return f"line {number} {line.code} {line.name}: {was} -> {quantity.normalize():f} {line.unit}"


async def repeat_words(desk: Desk, command: Command) -> str:
    """Which order would be repeated."""
    ending = command.args.get("ending")
    return f"{f'the order ending {ending}' if ending else 'the last order'} again as a draft"


async def wrap_up_words(desk: Desk, command: Command) -> str:
    """What the call would be coded as."""
    code = command.args["code"].lower()
    named = next((name for letter, name in calls.WRAP_UPS.items() if letter == code), "")
    return f"codes this call: {named}" if named else f"'{code}' is no code of a call; {command.verb.does}"


async def note_words(desk: Desk, command: Command) -> str:
    """What would be noted."""
    return f"notes on this call: {command.args['text']}"


async def info_words(desk: Desk, command: Command) -> str:
    """Which product would be shown."""
    found = await desk.store.read(previews.resolve, customer_id(desk), command.args["what"].strip())
    return f"shows {found.code} {found.name} whole" if found else command.verb.does


async def park_words(desk: Desk, command: Command) -> str:
    """Which call would come forward."""
    slot = command.args.get("slot")
    return f"parks this call and goes to call {slot}" if slot else "parks this call"


WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "line": line_words, "usual": line_words, "set": set_words, "cancel": cancel_words, "amend": amend_words,
    "date": date_words, "alternative": alternative_words, "part": part_words, "wait": part_words,
    "repeat": repeat_words, "wrap-up": wrap_up_words, "note": note_words, "info": info_words, "park": park_words,
}  # fmt: skip
