"""What typed cash verbs, goodwill and write-offs would do, in words and amounts. Each raises like its act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csdesk.errors import Refused
from csdesk.prompt.acting import customer_id
from csdesk.prompt.cash_acts import applied_of, credit_of, money_of, receipt_of, typed_value
from csdesk.prompt.money_acts import open_items
from csdesk.prompt.parse import Command
from csdesk.services import cash_previews, goodwill, writing_off

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def apply_words(desk: Desk, command: Command) -> str:
    """What applying a credit would do, by rule or to an item."""
    credit = await credit_of(desk, command, fresh=True)
    if not command.args["ending"]:
        if not credit.proposal:
            raise Refused(f"Nothing open fits {credit.number}; it stays on account.")
        return f"applies {credit.number} by rule: {credit.proposal}"
    hits = await open_items(desk, command.args["ending"])
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    value, rest = typed_value(desk, command), command.args.get("reason", "") or ""
    return await desk.store.read(cash_previews.apply, credit.item_id, hits[0].id, value, rest)


async def receive_words(desk: Desk, command: Command) -> str:
    """What taking money in would do."""
    value = typed_value(desk, command)
    assert value is not None
    return await desk.store.read(cash_previews.receive, customer_id(desk), value)


async def unapply_words(desk: Desk, command: Command) -> str:
    """What taking an application back would do."""
    return await desk.store.read(cash_previews.unapply, await applied_of(desk, command, fresh=True))


async def bounce_words(desk: Desk, command: Command) -> str:
    """What reversing a receipt would do."""
    item = await receipt_of(desk, command, fresh=True)
    return await desk.store.read(cash_previews.bounce, item, command.args["text"])


async def identify_words(desk: Desk, command: Command) -> str:
    """What saying that waiting money is this customer's would do."""
    found = await money_of(desk, command, fresh=True)
    return await desk.store.read(cash_previews.identify, found, customer_id(desk))


async def goodwill_words(desk: Desk, command: Command) -> str:
    """What asking for goodwill would do."""
    args, value = command.args, typed_value(desk, command) or 0
    return await desk.store.read(goodwill.preview, customer_id(desk), value, args["reason"], args.get("month", ""))


async def write_off_words(desk: Desk, command: Command) -> str:
    """What asking for a write-off would do."""
    hits = await open_items(desk, command.args["ending"])
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    return await desk.store.read(writing_off.preview, hits[0].id, command.args["reason"])
