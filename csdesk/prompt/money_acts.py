"""The verbs of money: the ledger, credit requests, the approvals inbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import NotFound, Refused
from csdesk.money import show as amount
from csdesk.money import to_minor
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.parse import Command
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import approving, credits, disputing, ledger, promises

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
        return (LineCredit(number, value=to_minor(value.replace(",", "."), currency)),)
    return (LineCredit(number, command.quantity()),)


async def credit(desk: Desk, command: Command) -> None:
    """c512.1 2d: a credit request on the invoice that ends so; asks which one when several do."""
    ending = command.args["ending"]
    hits = await desk.store.read(credits.invoices, customer_id(desk), ending)
    if not hits:
        raise NotFound(f"This customer has no invoice that ends in {ending}; h shows all.", field="invoice")
    exact = [hit for hit in hits if hit.number == ending]
    if len(hits) == 1 or exact:
        await _ask(desk, (exact or list(hits))[0].id, command)
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
    acts = [partial(_ask, desk, hit.id, command) for hit in hits]
    ask(desk, page, list(acts), f"{len(hits)} invoices end in {ending}", command.text)


async def credit_words(desk: Desk, command: Command) -> str:
    """What a typed credit would ask for. Raises like the act."""
    hits = await desk.store.read(credits.invoices, customer_id(desk), command.args["ending"])
    if not hits:
        raise NotFound(f"This customer has no invoice that ends in {command.args['ending']}; h shows all.")
    exact = next((hit for hit in hits if hit.number == command.args["ending"]), hits[0])
    if len(hits) > 1 and exact.number != command.args["ending"]:
        return f"{len(hits)} invoices end so; Enter asks which one"
    ask_for = wanted(command, exact.currency)
    return await desk.store.read(credits.preview, exact.id, ask_for, command.args["reason"])


async def _ask(desk: Desk, document_id: int, command: Command) -> None:
    desk.now.choice = None
    bar = desk.now.bar
    assert bar is not None
    asked = await desk.write(
        credits.ask, call_id(desk), document_id, wanted(command, bar.currency), command.args["reason"],
        command.args.get("text", ""),
    )  # fmt: skip
    await refresh(desk)
    done(desk, asked.words)


async def promise(desk: Desk, command: Command) -> None:
    """p98 19 c14: a promise for the item that ends so; asks which one when several do."""
    ending = command.args["ending"]
    hits = await desk.store.read(promises.items, customer_id(desk), ending)
    hits = tuple(hit for hit in hits if hit.number == ending) or hits
    if not hits:
        raise NotFound(f"No open item of this account ends in {ending}; l shows the ledger.", field="item")
    if len(hits) == 1:
        await _promise(desk, hits[0].id, command)
        return
    columns = (Column("", 2, "right"), Column("Item", 14), Column("Due", 12), Column("Open", 14, flex=True))
    rows = tuple(
        Row((str(n), hit.number, f"{hit.due_on:%d %b %Y}", amount(hit.open, hit.currency)))
        for n, hit in enumerate(hits, 1)
    )
    acts = [partial(_promise, desk, hit.id, command) for hit in hits]
    page = Page(f"Which item that ends in {ending}?", columns, rows, cursor=0)
    ask(desk, page, list(acts), f"{len(hits)} open items end in {ending}", command.text)


async def _promise(desk: Desk, item_id: int, command: Command) -> None:
    desk.now.choice = None
    args = command.args
    taken = await desk.write(promises.take, call_id(desk), item_id, args["day"], args.get("clock", ""))
    done(desk, taken.words)


async def promise_words(desk: Desk, command: Command) -> str:
    """What a typed promise would note. Raises like the act."""
    args = command.args
    hits = await desk.store.read(promises.items, customer_id(desk), args["ending"])
    hits = tuple(hit for hit in hits if hit.number == args["ending"]) or hits
    if not hits:
        raise NotFound(f"No open item of this account ends in {args['ending']}; l shows the ledger.")
    if len(hits) > 1:
        return f"{len(hits)} open items end so; Enter asks which one"
    return await desk.store.read(promises.preview, customer_id(desk), hits[0].id, args["day"], args.get("clock", ""))


async def short(desk: Desk, command: Command) -> None:
    """s1d: a short payment gets its reason, its dispute is opened."""
    place, reason = int(command.args["place"]), command.args["reason"]
    found = await desk.write(disputing.code, call_id(desk), place, reason, command.args.get("text", ""))
    await refresh(desk)
    await show(desk, desk.now.shown.name if desk.now.shown else "customer")
    done(desk, found.words)


async def short_words(desk: Desk, command: Command) -> str:
    """What coding a short payment would do. Raises like the act."""
    place, reason = int(command.args["place"]), command.args["reason"]
    return await desk.store.read(disputing.preview, customer_id(desk), place, reason)


WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "credit": credit_words,
    "promise": promise_words,
    "short": short_words,
}


async def queue(desk: Desk, command: Command) -> None:
    """q: what waits for approval."""
    await show(desk, "inbox")
    many = len(desk.now.shown.acts) if desk.now.shown else 0
    words = "a digit shows a request whole; then y approves, n reason rejects" if many else "nothing waits"
    desk.now.echo = Echo(words, "info")


def _shown_request(desk: Desk) -> int:
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("request:"):
        raise Refused("Show a request first: its number, or Down and Enter.")
    return int(shown.name.removeprefix("request:"))


async def approve(desk: Desk, command: Command) -> None:
    """y: approves the request that is shown whole."""
    decided = await desk.write(approving.approve, _shown_request(desk))
    await show(desk, "inbox")
    done(desk, decided.words)


async def reject(desk: Desk, command: Command) -> None:
    """n reason: rejects the request that is shown whole."""
    decided = await desk.write(approving.reject, _shown_request(desk), command.args["text"])
    await show(desk, "inbox")
    done(desk, decided.words)
