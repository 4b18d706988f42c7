"""The verbs of cash and of credits without an invoice: the cash page, receipts, applications, goodwill, write-offs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import NotFound
from csdesk.money import show as show_amount
from csdesk.money import typed_minor
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show, today
from csdesk.prompt.money_acts import one_item, open_items
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command
from csdesk.services import applying, goodwill, reversing, unidentified, writing_off

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


def _value(desk: Desk, command: Command) -> int | None:
    """A typed amount in minor units of the account's currency; None when none was typed. Raises Invalid."""
    typed = command.args.get("value", "")
    bar = desk.now.bar
    assert bar is not None
    return typed_minor(typed, bar.currency) if typed else None


async def cash(desk: Desk, command: Command) -> None:
    """o: what is unapplied, what rule makes of it, what was applied last."""
    customer_id(desk)
    await show(desk, "cash")
    desk.now.echo = Echo("o1 applies credit 1 by rule, o1 98 to item 98; o-2 takes application 2 back; F3 goes back",
                         "info")  # fmt: skip


async def receive(desk: Desk, command: Command) -> None:
    """o+250 ref: money of the customer, received today."""
    value = _value(desk, command)
    assert value is not None
    made = await desk.write(
        applying.receive, customer_id(desk), value, today(desk), "hand", command.args.get("text", ""), call_id(desk)
    )
    await _after(desk, made.words)


async def apply(desk: Desk, command: Command) -> None:
    """o1 by rule; o1 98 to one item, o1 98=40 in part, o1 98m with the rest as a small difference."""
    credit = (await _credit(desk, command)).item_id
    if not command.args["ending"]:
        made = await desk.write(applying.automatic, call_id(desk), credit)
        await _after(desk, made.words)
        return
    await one_item(desk, command, _apply)


async def _apply(desk: Desk, item: int, command: Command) -> None:
    desk.now.choice = None
    credit = (await _credit(desk, command)).item_id
    made = await desk.write(
        applying.apply, call_id(desk), credit, item, _value(desk, command), command.args.get("reason", "")
    )
    await _after(desk, made.words)


async def apply_words(desk: Desk, command: Command) -> str:
    """What applying would do. Raises like the act where that can be known."""
    credit = await _credit(desk, command, by_rule=not command.args["ending"])
    if not command.args["ending"]:
        return f"applies {credit.number} by rule: {credit.proposal or 'nothing fits'}"
    hits = await open_items(desk, command.args["ending"])
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    typed = command.args.get("value")
    much = typed or "as much as fits"
    letter = command.args.get("reason", "")
    rest = f"; the rest of it with reason {letter}" if letter else ""
    return f"applies {much} of {credit.number} to {hits[0].number}{rest}"


async def _credit(desk: Desk, command: Command, by_rule: bool = False) -> applying.Unapplied:
    return await desk.store.read(applying.credit, customer_id(desk), int(command.args["place"]), by_rule)


async def receive_words(desk: Desk, command: Command) -> str:
    """What taking money in would do. Raises like the act."""
    value, bar = _value(desk, command), desk.now.bar
    assert value is not None
    assert bar is not None
    return f"takes in {show_amount(value, bar.currency)} {bar.currency} from {bar.code} {bar.name}, received today"


async def unapply(desk: Desk, command: Command) -> None:
    """o-2: takes application 2 of the cash page back."""
    page = await desk.store.read(applying.page, customer_id(desk))
    place = int(command.args["place"])
    if not 1 <= place <= len(page.applied):
        raise NotFound(f"There is no application {place}; o shows the latest.", field="place")
    made = await desk.write(applying.unapply, call_id(desk), page.applied[place - 1].id)
    await _after(desk, made.words)


async def bounce(desk: Desk, command: Command) -> None:
    """o!47 text: reverses the receipt whose number ends so."""
    item = await desk.store.read(reversing.receipt_ending, customer_id(desk), command.args["ending"])
    made = await desk.write(reversing.receipt, item, command.args["text"], call_id(desk))
    await _after(desk, made.words)


async def whose(desk: Desk, bank_line: int) -> None:
    """Money without an owner: the customers it may be of, numbered, with why one would think so."""
    money, guesses = await desk.store.read(unidentified.one, bank_line)
    told = f"{show_amount(money.amount, money.currency)} {money.currency} of {money.received_on:%d %b %Y}"
    if not guesses:
        desk.now.echo = Echo(f"{told}: nobody fits; find the customer, then o={money.number}", "info")
        return
    columns = (Column("", 2, "right"), Column("Code", 10), Column("Customer", 24, flex=True), Column("Why", 34))
    rows = tuple(Row((str(n), each.code, each.name, each.why)) for n, each in enumerate(guesses, 1))
    page = Page(f"WHOSE MONEY?   {money.number}   {told}   {money.payer} {money.reference}".rstrip(), columns, rows,
                cursor=0)  # fmt: skip
    acts = [partial(_is_of, desk, bank_line, each.customer_id) for each in guesses]
    ask(desk, page, list(acts), f"A number makes it a receipt of that customer; else find it, then o={money.number}")


async def _is_of(desk: Desk, bank_line: int, customer: int) -> None:
    desk.now.choice = None
    made = await desk.write(unidentified.identify, bank_line, customer, desk.now.call.id if desk.now.call else None)
    await show(desk, "inbox")
    done(desk, made.words)
    desk.sync_keys()


async def identify(desk: Desk, command: Command) -> None:
    """o=3: the waiting money whose number ends so is this customer's."""
    found = await desk.store.read(unidentified.ending, command.args["ending"])
    made = await desk.write(unidentified.identify, found, customer_id(desk), call_id(desk))
    await _after(desk, made.words)


async def goodwill_(desk: Desk, command: Command) -> None:
    """g25g 9 text: goodwill without an invoice."""
    value = _value(desk, command)
    assert value is not None
    args = command.args
    asked = await desk.write(
        goodwill.ask, call_id(desk), value, args["reason"], args.get("month", ""), args.get("text", "")
    )
    await refresh(desk)
    done(desk, asked.words)


async def goodwill_words(desk: Desk, command: Command) -> str:
    """What asking for goodwill would do. Raises like the act."""
    args, value = command.args, _value(desk, command) or 0
    return await desk.store.read(goodwill.preview, customer_id(desk), value, args["reason"], args.get("month", ""))


async def write_off(desk: Desk, command: Command) -> None:
    """f98j text: asks to write an item off."""
    await one_item(desk, command, _write_off)


async def _write_off(desk: Desk, item: int, command: Command) -> None:
    desk.now.choice = None
    args = command.args
    asked = await desk.write(writing_off.ask, item, args["reason"], args.get("text", ""), call_id(desk))
    done(desk, asked.words)


async def write_off_words(desk: Desk, command: Command) -> str:
    """What asking for a write-off would do. Raises like the act."""
    hits = await open_items(desk, command.args["ending"])
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    return await desk.store.read(writing_off.preview, hits[0].id, command.args["reason"])


async def _after(desk: Desk, words: str) -> None:
    """The context bar and the cash page as they are now."""
    await refresh(desk)
    await show(desk, "cash")
    done(desk, words)
