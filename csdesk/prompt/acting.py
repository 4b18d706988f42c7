"""What all acts share: showing a view, the echo, the draft in the pad, a numbered question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING

from csdesk.errors import Refused
from csdesk.prompt.page import Echo, Page
from csdesk.prompt.views import VIEWS
from csdesk.services import canned, customers, pads
from csdesk.services.pads import DraftView

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def show(desk: Desk, name: str, argument: str = "") -> None:
    """Puts a view into the window by its name; an unknown name shows the pad or the customer."""
    now = desk.now
    key, _, rest = name.partition(":")
    if key not in VIEWS:
        key = "pad" if now.draft else "customer"
    now.shown = await VIEWS[key](desk, argument or rest)
    now.values = await desk.store.read(canned.values, int(argument or rest)) if key == "ticket" else {}
    now.cursor = 0


def done(desk: Desk, words: str) -> None:
    """The echo of something that was done."""
    desk.now.echo = Echo(words, "done")


def call_id(desk: Desk) -> int:
    call = desk.now.call
    if call is None or call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    return call.id


def today(desk: Desk) -> date:
    """The day on the company's clock."""
    return desk.store.clock().astimezone(desk.now.zone).date()


def customer_id(desk: Desk) -> int:
    call = desk.now.call
    if call is None or call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    return call.customer_id


async def take_draft(desk: Desk, view: DraftView | None, words: str = "") -> None:
    """The draft as it is now goes into the pad."""
    desk.now.draft = view if view is not None and (view.lines or view.kind == "amend") else None
    await show(desk, "pad" if desk.now.draft else "customer")
    if words:
        done(desk, words)


async def refresh(desk: Desk) -> None:
    """Reads calls, context bar and draft again."""
    await desk.load_calls()
    call = desk.now.call
    if call is not None and call.customer_id is not None:
        desk.now.bar = await desk.store.read(customers.bar, call.customer_id)
        desk.now.draft = await desk.store.read(pads.view, call.draft_id) if call.draft_id else None
    else:
        desk.now.bar = desk.now.draft = None


def ask(desk: Desk, page: Page, acts: list[Callable[[], Awaitable[None]]], words: str, restore: str = "") -> None:
    """Puts a numbered question into the view."""
    from csdesk.prompt.desk import Choice

    desk.now.choice = Choice(page, acts, restore)
    desk.now.cursor = 0
    desk.now.echo = Echo(words, "ask")
    desk.sync_keys()
