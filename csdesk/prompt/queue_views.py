"""The view of the queue, mine or the team's, and what Enter or a digit opens of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from csdesk.money import show as amount
from csdesk.prompt.page import Echo
from csdesk.prompt.pages.queue import numbered_requests, queue_page
from csdesk.rules.ranking import Key
from csdesk.services import queue
from csdesk.services.queue import Entry

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk, Shown

Trail = tuple[tuple[Key, datetime], ...]  # behind which key each page began, in the list ranked at which instant
# Kinds with a view of their own name, and what is told when one is opened.
HINTS = {
    "request": "",
    "ticket": "",
    "escalation": "y15:30 and the next step takes it on; Enter opens the ticket",
    "held": "y releases it; n and a reason leaves it held and notes why",
    "callback": "y spoken to; n words: not reached; m15 moved, m15c as they wish; x why: cancelled",
}


async def inbox(desk: Desk, argument: str) -> Shown:
    """What waits: the list that q chose last."""
    return await _page(desk, ())


async def _page(desk: Desk, trail: Trail) -> Shown:
    from csdesk.prompt import acts
    from csdesk.prompt.desk import Shown

    after, at = trail[-1] if trail else (None, None)
    found = await desk.store.read(queue.listed, desk.now.queue, after, at)
    further = (*trail, (found.after, found.now)) if found.after is not None else None
    opens: list[Callable[[], Awaitable[None]] | None] = [partial(_open, desk, each) for each in found.entries]
    opens += [partial(acts.show, desk, "request", str(each.id)) for each in (*found.barred, *found.own)]
    return Shown(
        "inbox", queue_page(found, desk.now.zone, len(trail), desk.now.width), opens,
        on=partial(_turn, desk, further, True) if further is not None else None,
        off=partial(_turn, desk, trail[:-1], False) if trail else None,
        places={"requests": numbered_requests(found)},
    )  # fmt: skip


async def _turn(desk: Desk, trail: Trail, forward: bool) -> None:
    """The page after or before: forward its first row is marked, back its last."""
    desk.now.shown = await _page(desk, trail)
    desk.now.cursor = 0 if forward else max(len(desk.now.shown.acts) - 1, 0)
    desk.sync_keys()


async def _open(desk: Desk, entry: Entry) -> None:
    """Enter or a digit on a thing that waits."""
    from csdesk.prompt import acts, cash_acts
    from csdesk.prompt.collect_views import to_ledger
    from csdesk.prompt.views import VIEWS

    if entry.kind in VIEWS and entry.kind != "cash":  # that view is the account's, not the money's
        await acts.show(desk, entry.kind, str(entry.subject_id))
        desk.now.echo = Echo(HINTS.get(entry.kind, ""), "info")
        desk.sync_keys()
    elif entry.kind == "cash":
        await cash_acts.whose(desk, entry.subject_id)
    elif entry.customer_id is not None:
        await to_ledger(desk, entry.customer_id, entry.words)
    else:
        money = "" if entry.amount is None else f"{amount(entry.amount, entry.currency)} {entry.currency} "
        desk.now.echo = Echo(f"{money}{entry.customer}: {entry.words}, {entry.reason}", "info")


VIEWS: dict[str, Callable[[Desk, str], Awaitable[Shown]]] = {"inbox": inbox}
