"""The verbs of the order pad: lines, quantities, dates, short lines, repeat, amend, commit, cancel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused, Unavailable
from csdesk.money import show_quantity
from csdesk.prompt.acting import ask, call_id, customer_id, done, refresh, show, take_draft
from csdesk.prompt.page import Echo
from csdesk.prompt.pages.hits import orders_page, products_page
from csdesk.prompt.pages.pad import short_words
from csdesk.prompt.parse import Command
from csdesk.services import amendments, editing, history, orders, previews, search
from csdesk.services.pads import DraftView
from csdesk.services.search import ProductHit

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def line(desk: Desk, command: Command) -> None:
    """CODE QTY: by exact code, else number of the usual list, else by what the text finds."""
    args, call = {"code": command.args.get("number", ""), **command.args}, call_id(desk)
    quantity = command.quantity()
    found = await desk.store.read(previews.resolve, customer_id(desk), args["code"])
    if found is not None and found.usual is not None:
        view = await desk.write(editing.add_usual, call, found.usual, quantity)
        await take_draft(desk, view, line_words(view))
        return
    if found is not None:
        await add(desk, found.code, quantity, args.get("unit", ""))
        return
    hits = await desk.store.read(search.products, args["code"], 9, customer_id(desk))
    if (sure := meant(hits)) is not None:
        await add(desk, sure.code, quantity, args.get("unit", ""))
        return
    if not hits:
        raise NotFound(
            f"No product has the code {args['code']}; a blank and part of its name looks for it.", field="code"
        )
    acts = [partial(add, desk, hit.code, quantity, args.get("unit", "")) for hit in hits]
    ask(desk, products_page(hits, "Which product?"), list(acts), fitting(hits), command.text)


def meant(hits: Sequence[ProductHit]) -> ProductHit | None:
    """The one product a text names beyond doubt, else None: then Enter asks."""
    tied = [hit for hit in hits if hit.rank == hits[0].rank] if hits else []
    return tied[0] if len(tied) == 1 and tied[0].rank <= 1 else None


def fitting(hits: Sequence[ProductHit]) -> str:
    """How many products fit."""
    return f"{len(hits)} products fit" if len(hits) > 1 else "1 product fits; is it meant?"


async def pick(desk: Desk, text: str) -> bool:
    """A product named without a quantity: its code goes into the prompt, asked which when several fit; False: none."""
    hits = await desk.store.read(search.products, text.strip(), 9, customer_id(desk))
    if len(hits) == 1:
        await _code(desk, hits[0].code)
    elif hits:
        ask(desk, products_page(hits, "Which product?"), [partial(_code, desk, hit.code) for hit in hits],
            f"{fitting(hits)}; then type the quantity", text)  # fmt: skip
    return bool(hits)


async def _code(desk: Desk, code: str) -> None:
    desk.now.choice = None
    desk.sync_keys(f"{code} ")
    desk.now.echo = Echo(f"{code}: type the quantity and Enter", "ask")


async def add(desk: Desk, code: str, quantity: Decimal, unit: str) -> None:
    """Adds the line; the echo shows it with its price."""
    desk.now.choice = None
    view = await desk.write(editing.add_line, call_id(desk), code, quantity, unit)
    await take_draft(desk, view, line_words(view))
    desk.sync_keys()


def line_words(view: DraftView) -> str:
    """The echo of the last line of a draft."""
    last = view.lines[-1]
    text = f"line {last.number}: {show_quantity(last.quantity)} {last.unit} {last.code} {last.name}"
    text += f", {last.warning}" if last.warning else ""
    if any(line.code == last.code and line.quantity > 0 for line in view.lines[:-1]):
        text += ", twice on this order"
    if last.short:
        offer = f"; a takes {last.alternatives[0].code}" if last.alternatives else ""
        return f"{text} - {short_words(last)}{offer}"
    return text


async def set_row(desk: Desk, row: int, quantity: Decimal) -> None:
    """The quantity typed into a row of the pad."""
    draft = desk.now.draft
    if draft is None or not 0 <= row < len(draft.lines):
        raise Refused("There is no such line any more.")
    number, keys = draft.lines[row].number, desk.now.keys
    try:
        await _set(desk, number, quantity)
    except Unavailable:
        raise
    except DeskError:  # it becomes a line in the prompt, with what was typed since: nothing is committed past it
        desk.sync_keys(f"{number}={show_quantity(quantity)}{keys.text}")
        raise
    rows = len(desk.now.draft.lines) if desk.now.draft is not None else 0
    focus = None if keys.row is None or not rows else keys.row - (rows < len(draft.lines) and keys.row > row)
    desk.now.keys = replace(
        keys, mode=desk.now.mode, rows=rows, row=None if focus is None else min(max(focus, 0), rows - 1),
        short=desk.now.undecided,
    )  # fmt: skip


async def _set(desk: Desk, number: int, quantity: Decimal) -> None:
    view = await desk.write(editing.set_line, call_id(desk), number, quantity)
    await take_draft(desk, view, f"line {number}: {show_quantity(quantity) if quantity else 'taken off'}")


async def set_(desk: Desk, command: Command) -> None:
    """3=36."""
    await _set(desk, int(command.args["line"]), command.quantity())


async def date(desk: Desk, command: Command) -> None:
    """d12: the wanted date of the whole draft."""
    view = await desk.write(editing.set_date, call_id(desk), command.args["day"])
    wish, truck = view.requested_on, view.delivery_on
    late = f"; the truck goes {truck:%a %d %b}" if truck and truck != wish else ""
    year = f" {wish:%Y}" if wish and wish.year != desk.clock().year else ""
    await take_draft(desk, view, f"wanted for {wish:%a %d %b}{year}{late}")


async def alternative(desk: Desk, command: Command) -> None:
    """a / a2: an alternative for the short line. After `a`, a digit and Enter takes another one instead."""
    nth = int(command.args.get("nth") or 1)
    short_left = desk.now.draft is not None and any(x.short and not x.choice for x in desk.now.draft.lines)
    instead = command.tail or (nth > 1 and not short_left)
    view = await desk.write(editing.take_alternative, call_id(desk), nth, None, instead)
    swapped = next((each for each in reversed(view.lines) if each.substituted_for), view.lines[-1])
    words = f"line {swapped.number}: {swapped.code} {swapped.name} instead of {swapped.substituted_for}"
    await take_draft(desk, view, words)


async def _short(desk: Desk, command: Command, choice: str, words: str) -> None:
    number = int(command.args.get("line") or 0) or None
    view = await desk.write(editing.choose_short, call_id(desk), choice, number)
    await take_draft(desk, view, words)


async def part(desk: Desk, command: Command) -> None:
    """b: part now, the rest as backorder."""
    await _short(desk, command, "part", "part now, the rest as backorder")


async def wait(desk: Desk, command: Command) -> None:
    """w: all together later."""
    await _short(desk, command, "wait", "all together when it is there")


async def repeat(desk: Desk, command: Command) -> None:
    """r: the last order as a draft, first row focused."""
    ending = command.args.get("ending", "")
    if not ending or not await _several(desk, command, False, partial(_copy, desk)):
        await _copy(desk, ending)


async def _copy(desk: Desk, ending: str) -> None:
    order_id = None
    if ending:
        found = await desk.store.read(history.orders, customer_id(desk), ending=ending)
        if not found:
            raise NotFound(f"No order of this customer ends in {ending}; h shows all.", field="order")
        order_id = found[0].id
    view = await desk.write(editing.repeat, call_id(desk), order_id)
    words = f"{len(view.lines)} line{'s' * (len(view.lines) != 1)} of the last order"
    left_out = next((each for each in view.warnings if each.startswith("left out")), "")
    await take_draft(desk, view, f"{words}; {left_out or 'digits overwrite, Down goes on, . places'}")
    desk.sync_keys(row=0)


async def amend(desk: Desk, command: Command) -> None:
    """e / e140: an open order for amendment, first row focused."""
    ending = command.args.get("ending", "")
    if ending and await _several(desk, command, True, partial(_open, desk)):
        return
    await _open(desk, ending)


async def _several(desk: Desk, command: Command, only_open: bool, act: Callable[[str], Awaitable[None]]) -> bool:
    """Asks which order is meant when several end so; False when one or none does."""
    ending = command.args["ending"]
    rows = await desk.store.read(history.orders, customer_id(desk), only_open=only_open, ending=ending, limit=9)
    if len(rows) < 2 or any(row.number == ending for row in rows):
        return False
    page = orders_page(rows, f"Which order that ends in {ending}?")
    ask(desk, page, [partial(act, row.number) for row in rows], f"{len(rows)} orders end in {ending}", command.text)
    return True


async def _open(desk: Desk, ending: str) -> None:
    view = await desk.write(editing.amend, call_id(desk), ending)
    agreed = [f"line {each.number} gets its approved price" for each in view.lines if each.touched]
    told = "; ".join(
        (f"order {view.order_number} open to change", *agreed[:3], "Down or Enter, then digits; d date, . applies")
    )
    await take_draft(desk, view, told)
    desk.sync_keys(row=0, tail="" if ending else "e")


async def commit(desk: Desk, command: Command) -> None:
    """. : places the order or applies the amendment; the request id is the draft's, so a retry changes nothing."""
    draft = desk.now.draft
    if draft is None:
        if desk.now.echo.tone != "done":  # a second . after the first one: what was done stays to be read
            raise Invalid("There is nothing to commit; type a product code and a quantity first.")
        return
    if draft.kind == "new":
        placed = await desk.store.write(orders.place, draft.id, request_id=f"commit-{draft.id}")
    else:
        try:
            placed = await desk.write(amendments.apply, draft.id)
        except Conflict as error:
            await _put_on_top(desk, error)
            return
    await refresh(desk)
    await show(desk, "customer")
    done(desk, placed.words)
    if placed.order.holds:
        desk.now.echo = replace(desk.now.echo, tone="ask")


async def _put_on_top(desk: Desk, error: DeskError) -> None:
    view = await desk.write(editing.rebase, call_id(desk))
    await take_draft(desk, view)
    desk.now.echo = Echo(error.message, "wrong")


async def leave_draft(desk: Desk) -> None:
    """F12 on the pad: the draft is left; u brings it back."""
    words = await desk.write(editing.drop, call_id(desk))
    await refresh(desk)
    await show(desk, "customer")
    done(desk, f"{words}; u brings it back")
    desk.sync_keys()


async def cancel(desk: Desk, command: Command) -> None:
    """x4c: cancels a line of the order being amended, else of the latest open order."""
    draft = desk.now.draft
    order_id = draft.order_id if draft is not None else None
    if order_id is None:
        rows = await desk.store.read(history.orders, customer_id(desk), only_open=True, limit=1)
        order_id = rows[0].id if rows else None
    if order_id is None:
        raise NotFound("This customer has no open order; h shows all orders.", field="order")
    number, reason = int(command.args["line"]), command.args["reason"]
    placed = await desk.write(amendments.cancel_line, order_id, number, reason, call_id(desk))
    if draft is not None and draft.kind == "amend":
        await desk.write(editing.rebase, call_id(desk))
    await refresh(desk)
    await show(desk, "pad" if desk.now.draft else "customer")
    done(desk, placed.words)
