"""What is shown while typing: live hits, and in the echo what Enter would do. Reads only, may be cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from csdesk.errors import DeskError, NotFound, Refused
from csdesk.prompt import article_acts, article_looks, expansion_acts, guides, pad_acts, previewing, ticket_acts
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.prompt.pages.help import help_page
from csdesk.prompt.pages.hits import customers_page, products_page
from csdesk.prompt.pages.pad import pad_with_hits
from csdesk.prompt.parse import Command, names_a_product, parse
from csdesk.services import previews, search
from csdesk.services.search import ProductHit

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown

LEAST = 2
UNDER_PAD = 6  # hits shown below the lines of a draft
USUAL_HEIGHT = 20


def _shown(name: str, page: Page, acts: object = ()) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)  # type: ignore[arg-type]


async def look(desk: Desk) -> bool:
    """Shows what is typed means; an answer that comes after the text has changed is dropped."""
    now = desk.now
    text = now.keys.text
    if now.echo.tone == "wrong":
        return False
    told = await expansion_acts.told(desk) if ";" in text or "{" in text else ""
    if now.guide is not None and told and now.keys.text == text:
        now.echo = Echo(told, "ask")
        return True
    if now.guide is not None:
        return await _look_at_form(desk)
    if now.choice is not None or not text.strip():
        return False
    try:
        live, echo = await _seen(desk, text)
    except DeskError as error:
        live, echo = None, Echo(error.message, "info")
    if now.keys.text != text or now.choice is not None:
        return False
    double = told and not echo.text.startswith(told)  # what refuses it may say so already
    now.live, now.echo = live, replace(echo, text=f"{told}; {echo.text}") if double else echo
    return True


async def _look_at_form(desk: Desk) -> bool:
    """In a form: what Enter would do with the answer that is typed or marked, once it is the last one."""
    now = desk.now
    asked, text, cursor = now.guide, now.keys.text, now.cursor
    command, words = guides.foreseen(desk), guides.question_words(desk)
    if command is not None:
        try:
            words = f"Enter: {await describe(desk, command)}   [{command.text.strip()}]"
        except DeskError as error:
            words = f"{error.message}   [{command.text.strip()}]"
    if (now.guide, now.keys.text, now.cursor) != (asked, text, cursor) or now.echo.text == words:
        return False
    now.echo = Echo(words, "ask")
    return True


async def _seen(desk: Desk, text: str) -> tuple[Shown | None, Echo]:
    now = desk.now
    plain = text.strip()
    if plain.startswith("?"):
        return _shown("live", help_page(now.mode, plain[1:])), Echo("Enter keeps this help open", "info")
    if plain.startswith("/"):
        shown = await jump_shown(desk, plain[1:]) if len(plain) > LEAST else None
        return shown, Echo(_going_words(shown, now.cursor) if shown else "Type any piece of it", "info")
    if now.keys.tail in {"a", "k"} and len(plain) == 1 and plain.isdecimal():
        text = now.keys.tail + plain
    try:
        command = parse(text, now.mode)
    except DeskError as error:
        if names_a_product(text, now.mode):
            return await _products(desk, plain)
        return None, Echo(error.message, "info")
    if command.verb.id == "find":
        return await _callers(desk, plain)
    try:
        words = await describe(desk, command)
        return await article_looks.beside(desk, command), Echo(words, "info")
    except NotFound:
        if command.verb.id != "line":
            raise
        return await _products(desk, command.args["code"], command)


async def _callers(desk: Desk, plain: str) -> tuple[Shown | None, Echo]:
    from csdesk.prompt import acts

    if len(plain) < LEAST:
        return None, Echo("one more character and the hits appear", "info")
    hits = await desk.store.read(search.customers, plain)
    if not hits:
        return None, Echo(f"nobody is found by '{plain}' yet", "info")
    top = hits[min(desk.now.cursor, len(hits) - 1)]
    tied = sum(1 for hit in hits if hit.rank == hits[0].rank)
    page = customers_page(hits, "WHO IS CALLING?")
    shown = _shown("live", page, tuple(partial(acts.identify, desk, hit.id) for hit in hits))
    if tied > 1 and not desk.now.cursor:
        return shown, Echo(f"Enter asks which one: {tied} fit alike; arrows choose", "info")
    return shown, Echo(f"Enter: {top.code} {top.name}{', ' + top.town if top.town else ''}", "info")


async def _products(desk: Desk, plain: str, command: Command | None = None) -> tuple[Shown | None, Echo]:
    """The products a text fits, and what Enter makes of it: with a quantity it adds the one that is meant."""
    customer_id = desk.now.bar.customer_id if desk.now.bar else None
    hits = await desk.store.read(search.products, plain, 9, customer_id)
    if not hits:
        return None, Echo(f"no product is found by '{plain}'", "info")
    echo = Echo(await _pick_words(desk, hits, command), "info")
    if desk.now.draft is None:
        return _shown("live", products_page(hits, "PRODUCTS")), echo
    room = UNDER_PAD if desk.now.height >= USUAL_HEIGHT else 3
    page = pad_with_hits(desk.now.draft, [(hit.code, hit.name, hit.sales_unit) for hit in hits[:room]])
    return _shown("live", page), echo


async def _pick_words(desk: Desk, hits: Sequence[ProductHit], command: Command | None) -> str:
    if command is None:
        one = f"Enter takes {hits[0].code}" if len(hits) == 1 else "Enter asks which one"
        return f"{one}; or type a blank and the quantity"
    sure = pad_acts.meant(hits)
    if sure is None:
        return f"Enter asks which one: {pad_acts.fitting(hits)}"
    assert desk.now.bar is not None
    words = (desk.now.bar.customer_id, sure.code, command.quantity(), command.args.get("unit", ""))
    return await desk.store.read(previews.line, *words)


async def jump_shown(desk: Desk, text: str) -> Shown:
    """The hits of the jump box, each with what Enter does."""
    from csdesk.prompt import acts

    bar = desk.now.bar
    hits = await desk.store.read(search.jump, text.strip(), 9, bar.customer_id if bar is not None else None)
    columns = (Column("", 2, "right"), Column("What", 9), Column("Number", 12), Column("", 30, flex=True))
    rows = tuple(Row((str(n), hit.kind, hit.code, f"{hit.title}  {hit.detail}")) for n, hit in enumerate(hits, 1))
    going = []
    for hit in hits:
        if hit.kind == "ticket":
            going.append(partial(_to_ticket, desk, hit.id))
        elif hit.kind == "article":
            going.append(partial(article_acts.opened, desk, hit.id))
        elif hit.customer_id is None:
            going.append(partial(acts.show, desk, "info", str(hit.id)))
        elif hit.kind == "order":
            going.append(partial(_to_order, desk, hit.customer_id, hit.id))
        else:
            going.append(partial(acts.identify, desk, hit.customer_id))
    return _shown("live", Page("JUMP TO", columns, rows, cursor=0 if rows else None), tuple(going))


def _going_words(shown: Shown, cursor: int) -> str:
    """Where Enter goes from the hits of the jump box."""
    rows = shown.page.rows
    if not rows:
        return "nothing is found by it yet"
    return f"Enter: {' '.join(' '.join(rows[min(cursor, len(rows) - 1)].cells[1:]).split())[:60]}; arrows choose"


async def _to_order(desk: Desk, customer_id: int, order_id: int) -> None:
    from csdesk.prompt import acts

    await acts.identify(desk, customer_id)
    await acts.show(desk, "order", str(order_id))


async def _to_ticket(desk: Desk, ticket_id: int) -> None:
    from csdesk.prompt import acts

    await acts.show(desk, "ticket", str(ticket_id))
    desk.now.echo = Echo()


async def describe(desk: Desk, command: Command) -> str:
    """What a command would do, in words and amounts. Raises like the act where that can be known."""
    verb, actor = command.verb, desk.store.actor
    if command.ask:
        return f"Enter asks step by step; or type it at once: {verb.shape} {verb.does}"
    if not actor.may(verb.duty):
        raise Refused(f"{actor.name} may not do this: it needs the duty '{verb.duty}'.")
    words = previewing.WORDS.get(verb.id)
    if words is None:
        return verb.does
    try:
        return await words(desk, command)
    except NotFound:
        await ticket_acts.still_there(desk)  # it may be the ticket that is shown, which a colleague took
        raise
