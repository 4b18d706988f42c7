"""The verbs of money: the ledger, credit requests, the approvals inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from csdesk.errors import NotFound, Refused
from csdesk.money import show as amount
from csdesk.money import typed_minor
from csdesk.prompt import collect_acts
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show, today
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command
from csdesk.prompt.seen import meant, on_page
from csdesk.rules.credit_notes import LineCredit
from csdesk.rules.delivery import past_day
from csdesk.services import approving, credits, debits, disputing, ledger, promises

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def ledger_(desk: Desk, command: Command) -> None:
    """l: the ledger; again: overdue, disputed, all items, and round again."""
    name = desk.now.shown.name if desk.now.shown else ""
    shown = name.removeprefix("ledger:") if name.startswith("ledger:") else ""
    following = ledger.SHOWN[(ledger.SHOWN.index(shown) + 1) % len(ledger.SHOWN)] if shown in ledger.SHOWN else "open"
    await show(desk, "ledger", following)
    desk.now.echo = Echo("l again: overdue, disputed, all; Enter shows a document; F3 goes back", "info")


def wanted(command: Command, currency: str) -> tuple[LineCredit, ...]:
    """What a typed credit asks for: a quantity, or after = a net value."""
    number, value = int(command.args["line"]), command.args.get("value", "")
    if value:
        return (LineCredit(number, value=typed_minor(value, currency)),)
    return (LineCredit(number, command.quantity()),)


NOTES: dict[str, Any] = {"credit": credits, "debit": debits}  # verb -> the service with its preview and ask


async def credit(desk: Desk, command: Command) -> None:
    """c512.1 2d: a credit request on the invoice that ends so; asks which one when several do."""
    ending = command.args["ending"]
    hits = await _invoices(desk, command)
    if len(hits) == 1:
        await _ask(desk, hits[0], command)
        return
    columns = (
        Column("", 2, "right"),
        Column("Invoice", 14),
        Column("Of", 12),
        Column("Amount", 14, "right", flex=True),
    )
    rows = tuple(
        Row((str(n), hit.number, hit.issued_on, amount(hit.gross, hit.currency))) for n, hit in enumerate(hits, 1)
    )
    page = Page(f"Which invoice that ends in {ending}?", columns, rows, cursor=0)
    acts = [partial(_ask, desk, hit, command) for hit in hits]
    ask(desk, page, list(acts), f"{len(hits)} invoices end in {ending}", command.text)


debit = credit  # n512.1 2p: the same shape, a debit request


async def _invoices(desk: Desk, command: Command) -> Sequence[credits.InvoiceHit]:
    """The invoices that end so; one alone when its whole number was typed. Raises NotFound."""
    ending = command.args["ending"]
    hits = await desk.store.read(credits.invoices, customer_id(desk), ending)
    if not hits:
        raise NotFound(f"This customer has no invoice that ends in {ending}; h shows all.", field="invoice")
    return [hit for hit in hits if hit.number == ending] or hits


async def credit_words(desk: Desk, command: Command) -> str:
    """What a typed credit or debit would ask for. Raises like the act."""
    hits = await _invoices(desk, command)
    if len(hits) > 1:
        return f"{len(hits)} invoices end so; Enter asks which one"
    preview = NOTES[command.verb.id].preview
    ask_for = wanted(command, hits[0].currency)
    said = (command.args.get("text", ""),) if command.verb.id == "credit" else ()
    words: str = await desk.store.read(preview, hits[0].id, ask_for, command.args["reason"], *said)
    return words


async def _ask(desk: Desk, hit: credits.InvoiceHit, command: Command) -> None:
    desk.now.choice = None
    asked = await desk.write(
        NOTES[command.verb.id].ask, call_id(desk), hit.id, wanted(command, hit.currency), command.args["reason"],
        command.args.get("text", ""),
    )  # fmt: skip
    await refresh(desk)
    done(desk, asked.words)


async def as_of(desk: Desk, command: Command) -> None:
    """@30/4: the ledger as it stood at the end of a past day; l goes on to today's."""
    assert desk.now.bar is not None
    day = past_day(command.args["day"], today(desk))
    await show(desk, "ledger", f"open@{day.isoformat()}")
    desk.now.echo = Echo(f"as it stood at the end of {day:%d %b %Y}; l shows today's, F3 goes back", "info")


async def as_of_words(desk: Desk, command: Command) -> str:
    """What a typed past day would show. Raises like the act."""
    return f"the ledger as it stood at the end of {past_day(command.args['day'], today(desk)):%a %d %b %Y}"


async def one_item(desk: Desk, command: Command, act: Callable[[Desk, int, Command], Awaitable[None]]) -> None:
    """Does the act on the open item that ends as typed; asks which one when several do. Raises NotFound."""
    ending = command.args["ending"]
    hits = await open_items(desk, ending)
    if len(hits) == 1:
        await act(desk, hits[0].id, command)
        return
    columns = (Column("", 2, "right"), Column("Item", 14), Column("Due", 12), Column("Open", 14, flex=True))
    rows = tuple(
        Row((str(n), hit.number, f"{hit.due_on:%d %b %Y}", amount(hit.open, hit.currency)))
        for n, hit in enumerate(hits, 1)
    )
    acts = [partial(act, desk, hit.id, command) for hit in hits]
    page = Page(f"Which item that ends in {ending}?", columns, rows, cursor=0)
    ask(desk, page, list(acts), f"{len(hits)} open items end in {ending}", command.text)


async def open_items(desk: Desk, ending: str) -> Sequence[promises.ItemHit]:
    """The open items that end so; one alone when its whole number was typed. Raises NotFound."""
    hits = await desk.store.read(promises.items, customer_id(desk), ending)
    if not hits:
        raise NotFound(f"No open item of this account ends in {ending}; l shows the ledger.", field="item")
    return [hit for hit in hits if hit.number == ending] or hits


async def promise(desk: Desk, command: Command) -> None:
    """p98 19 c14: a promise for the item that ends so; asks which one when several do."""
    await one_item(desk, command, _promise)


async def _promise(desk: Desk, item_id: int, command: Command) -> None:
    desk.now.choice = None
    args = command.args
    taken = await desk.write(promises.take, call_id(desk), item_id, args["day"], args.get("clock", ""))
    done(desk, taken.words)


async def promise_words(desk: Desk, command: Command) -> str:
    """What a typed promise would note. Raises like the act."""
    args = command.args
    hits = await open_items(desk, args["ending"])
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    return await desk.store.read(promises.preview, customer_id(desk), hits[0].id, args["day"], args.get("clock", ""))


async def short(desk: Desk, command: Command) -> None:
    """s1d: a short payment gets its reason, its dispute is opened."""
    args = command.args
    seen = await _short_payment(desk, command)
    found = await desk.write(
        disputing.code, call_id(desk), seen.place, args["reason"], args.get("text", ""), args.get("code", ""), seen
    )
    await refresh(desk)
    await show(desk, desk.now.shown.name if desk.now.shown else "customer")
    done(desk, found.words)


async def short_words(desk: Desk, command: Command) -> str:
    """What coding a short payment would do. Raises like the act."""
    seen, args = await _short_payment(desk, command, fresh=True), command.args
    return await desk.store.read(disputing.preview, customer_id(desk), seen, args["reason"], args.get("code", ""))


async def _short_payment(desk: Desk, command: Command, fresh: bool = False) -> disputing.ShortPayment:
    """The short payment that is meant: as the first page shows it, else as the echo named it. Raises NotFound."""
    place, shown = int(command.args["place"]), on_page(desk, "customer", "short")

    async def find() -> disputing.ShortPayment:
        if shown is not None and 1 <= place <= len(shown):
            seen: disputing.ShortPayment = shown[place - 1]
            return seen
        return await desk.store.read(disputing.short_payment, customer_id(desk), place)

    return await meant(desk, command, find, fresh)


def shown_request(desk: Desk) -> tuple[int, int | None]:
    """The request in the view and the version that is shown of it. Raises Refused when there is none."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("request:"):
        raise Refused("Show a request first: its number, or Down and Enter.")
    return shown.subjects[0] if shown.subjects else (int(shown.name.removeprefix("request:")), None)


async def approve(desk: Desk, command: Command) -> None:
    """y: approves the request that is shown whole; releases a held order."""
    if (other := collect_acts.subject(desk)) is not None:
        await collect_acts.agree(desk, other)
        return
    decided = await desk.write(approving.approve, *shown_request(desk))
    await show(desk, "inbox")
    done(desk, decided.words)


async def reject(desk: Desk, command: Command) -> None:
    """n reason: rejects the request that is shown whole; leaves an order held."""
    if (other := collect_acts.subject(desk)) is not None:
        await collect_acts.decline(desk, other, command.args["text"])
        return
    request_id, version = shown_request(desk)
    decided = await desk.write(approving.reject, request_id, command.args["text"], version)
    await show(desk, "inbox")
    done(desk, decided.words)
