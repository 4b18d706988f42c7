"""The verbs of cash and of credits without an invoice: the cash page, receipts, applications, goodwill, write-offs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import NotFound
from csdesk.money import show as show_amount
from csdesk.money import typed_minor
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show, today
from csdesk.prompt.money_acts import one_item
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command
from csdesk.prompt.seen import meant, on_page
from csdesk.services import applying, goodwill, reversing, unidentified, writing_off

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


def typed_value(desk: Desk, command: Command) -> int | None:
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
    value = typed_value(desk, command)
    assert value is not None
    made = await desk.write(
        applying.receive, customer_id(desk), value, today(desk), "hand", command.args.get("text", ""), call_id(desk)
    )
    await _after(desk, made.words)


async def apply(desk: Desk, command: Command) -> None:
    """o1 by rule; o1 98 to one item, o1 98=40 in part, o1 98m with the rest as a small difference."""
    credit = (await credit_of(desk, command)).item_id
    if not command.args["ending"]:
        made = await desk.write(applying.automatic, call_id(desk), credit)
        await _after(desk, made.words)
        return
    await one_item(desk, command, partial(_apply, credit))


async def _apply(credit: int, desk: Desk, item: int, command: Command) -> None:
    desk.now.choice = None
    made = await desk.write(
        applying.apply, call_id(desk), credit, item, typed_value(desk, command), command.args.get("reason", "")
    )
    await _after(desk, made.words)


async def credit_of(desk: Desk, command: Command, fresh: bool = False) -> applying.Unapplied:
    """The credit that is meant: as the cash page shows it, else as the echo named it. Raises NotFound."""
    place, shown = int(command.args["place"]), on_page(desk, "cash", "credits")

    async def find() -> applying.Unapplied:
        if shown is not None and 1 <= place <= len(shown):
            seen: applying.Unapplied = shown[place - 1]
            return seen
        return await desk.store.read(applying.credit, customer_id(desk), place, not command.args["ending"])

    return await meant(desk, command, find, fresh)


async def unapply(desk: Desk, command: Command) -> None:
    """o-2: takes application 2 of the cash page back."""
    made = await desk.write(applying.unapply, call_id(desk), await applied_of(desk, command))
    await _after(desk, made.words)


async def applied_of(desk: Desk, command: Command, fresh: bool = False) -> int:
    """The application that is meant: as the cash page shows it, else as the echo named it. Raises NotFound."""
    place, shown = int(command.args["place"]), on_page(desk, "cash", "applied")

    async def find() -> int:
        rows = shown
        if rows is None:
            rows = (await desk.store.read(applying.page, customer_id(desk))).applied
        if not 1 <= place <= len(rows):
            raise NotFound(f"There is no application {place}; o shows the latest.", field="place")
        return int(rows[place - 1].id)

    return await meant(desk, command, find, fresh)


async def bounce(desk: Desk, command: Command) -> None:
    """o!47 text: reverses the receipt whose number ends so."""
    item = await receipt_of(desk, command)
    made = await desk.write(reversing.receipt, item, command.args["text"], call_id(desk))
    await _after(desk, made.words)


async def receipt_of(desk: Desk, command: Command, fresh: bool = False) -> int:
    """The item of the receipt that is meant. Raises NotFound for none, Invalid for several."""
    ending = command.args["ending"]
    find = partial(desk.store.read, reversing.receipt_ending, customer_id(desk), ending)
    return await meant(desk, command, find, fresh)


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
    found = await money_of(desk, command)
    made = await desk.write(unidentified.identify, found, customer_id(desk), call_id(desk))
    await _after(desk, made.words)


async def money_of(desk: Desk, command: Command, fresh: bool = False) -> int:
    """The waiting money that is meant. Raises NotFound for none, Invalid for several."""
    find = partial(desk.store.read, unidentified.ending, command.args["ending"])
    return await meant(desk, command, find, fresh)


async def goodwill_(desk: Desk, command: Command) -> None:
    """g25g 9 text: goodwill without an invoice."""
    value = typed_value(desk, command)
    assert value is not None
    args = command.args
    asked = await desk.write(
        goodwill.ask, call_id(desk), value, args["reason"], args.get("month", ""), args.get("text", "")
    )
    await refresh(desk)
    done(desk, asked.words)


async def write_off(desk: Desk, command: Command) -> None:
    """f98j text: asks to write an item off."""
    await one_item(desk, command, _write_off)


async def _write_off(desk: Desk, item: int, command: Command) -> None:
    desk.now.choice = None
    args = command.args
    asked = await desk.write(writing_off.ask, item, args["reason"], args.get("text", ""), call_id(desk))
    done(desk, asked.words)


async def _after(desk: Desk, words: str) -> None:
    """The context bar and the cash page as they are now."""
    await refresh(desk)
    await show(desk, "cash")
    done(desk, words)
