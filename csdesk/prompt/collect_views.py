"""The work list, a held order, what was said last: what they show and what Enter does there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from csdesk.prompt.page import Echo, Page, Row
from csdesk.prompt.pages.collections import collections_page
from csdesk.prompt.pages.queue import held_page
from csdesk.services import collecting, releasing

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown

LAST_SAID = 2  # contacts below a ledger
Act = Callable[[], Awaitable[None]]


def _shown(name: str, page: Page, acts: Sequence[Act | None] = ()) -> Shown:
    from csdesk.prompt.desk import Shown

    return Shown(name, page, acts)


async def with_contacts(desk: Desk, page: Page, account_id: int) -> Page:
    """A ledger with what was said to the debtor last below its items."""
    said = await desk.store.read(collecting.contacts, account_id, LAST_SAID)
    words = [f"{each.at.astimezone(desk.now.zone):%d %b} {each.by} {each.channel}: {each.words}" for each in said]
    return replace(page, foot=(*page.foot, *(Row((text,), "dim", span=True) for text in words)))


async def to_ledger(desk: Desk, customer_id: int, words: str) -> None:
    """The customer on a call, with what is overdue in the view."""
    from csdesk.prompt import acts

    await acts.identify(desk, customer_id)
    await acts.show(desk, "ledger", "overdue")
    desk.now.echo = Echo(words, "done")
    desk.sync_keys()


async def collections_view(desk: Desk, argument: str) -> Shown:
    """Accounts to work on, ranked."""
    rows = await desk.store.read(collecting.worklist)
    acts = tuple(partial(to_ledger, desk, each.customer_id, "; ".join(each.reasons)) for each in rows)
    return _shown("collections", collections_page(rows), acts)


async def held_view(desk: Desk, argument: str) -> Shown:
    """A held order."""
    view = await desk.store.read(releasing.one, int(argument))
    return replace(_shown(f"held:{argument}", held_page(view)), subjects=((view.id, view.version),))
