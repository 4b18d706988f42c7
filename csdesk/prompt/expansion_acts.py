"""Canned texts at the desk: the table it keeps, what the variables are at this moment, the list behind F4.

The table is read when the desk starts and again only when it has changed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.expansions import FREE_QUESTIONS, Canned, expanded, fragment, notice, there_are
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.rules.text import printable
from csdesk.services import canned

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


def at_hand(desk: Desk) -> Canned:
    """The desk's canned texts with what is known at this moment."""
    now, kept = desk.now, desk.canned
    question = getattr(now.guide, "question", None) if now.guide is not None else None
    values = {"rep": desk.store.actor.name, **kept.values}
    if now.bar is not None:
        values["customer"] = printable(now.bar.name)
    free = None if question is None else question in FREE_QUESTIONS
    return Canned(kept.texts, kept.titles, {**values, **now.values}, free, kept.stamp)


async def refresh(desk: Desk) -> None:
    """Reads the table again if it has changed."""
    found = await desk.store.read(canned.table, desk.canned.stamp)
    if found is None:
        return
    known = await desk.store.read(canned.values)
    texts = {each.code: printable(each.body) for each in found.texts}
    titles = {each.code: printable(each.title) for each in found.texts}
    desk.canned = Canned(texts, titles, {"company": known.get("company", "")}, None, found.stamp)


async def told(desk: Desk) -> str:
    """What the echo says of canned texts now; a code the desk does not know may be a new one."""
    keys, known = desk.now.keys, at_hand(desk)
    code = fragment(keys.text, keys.cursor, keys.mode, known)
    if code and not any(each.startswith(code) for each in known.texts):
        await refresh(desk)
        known = at_hand(desk)
    return notice(keys.text, keys.cursor, keys.mode, known)


async def offer(desk: Desk) -> bool:
    """F4 behind a ';': the canned texts that begin so, each put in by its number; False when no ';' stands there."""
    from csdesk.prompt.desk import Choice

    keys, known = desk.now.keys, at_hand(desk)
    code = fragment(keys.text, keys.cursor, keys.mode, known)
    if code is None:
        return False
    await refresh(desk)
    known = at_hand(desk)
    meant = [each for each in known.texts if each.startswith(code)] or [*known.texts]
    if not meant or desk.now.guide is not None:
        words = there_are(known, meant) or "there are no canned texts yet"
        desk.now.echo = Echo(words, "ask")
        return True
    rows = tuple(
        Row((str(n) if n < 10 else "", each, known.titles[each], known.texts[each])) for n, each in enumerate(meant, 1)
    )
    columns = (Column("", 2, "right"), Column("Code", 6), Column("Title", 24), Column("Text", 30, flex=True))
    puts = [partial(_put, desk, keys.text, keys.cursor, code, each) for each in meant]
    desk.now.choice = Choice(Page("CANNED TEXTS", columns, rows, cursor=0), puts, keys.text)
    desk.now.cursor = 0
    desk.now.echo = Echo("Type a number, or arrows and Enter; F12 goes back", "ask")
    desk.sync_keys()
    return True


async def _put(desk: Desk, text: str, cursor: int, typed: str, code: str) -> None:
    """The text of a code in place of what was typed of it."""
    whole_code = text[: cursor - len(typed)] + code
    made = expanded(whole_code + text[cursor:], len(whole_code), desk.now.mode, at_hand(desk))
    desk.sync_keys(made[0] if made is not None else text)
