"""The collections list, and what y and n do on a held order and on a callback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csdesk.prompt.acting import done, refresh, show
from csdesk.prompt.collect_views import to_ledger
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.services import orders, queue, releasing

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def collections(desk: Desk, command: Command) -> None:
    """j: the collections list."""
    await show(desk, "collections")
    desk.now.echo = Echo("arrows and Enter open an account on a call; F3 goes back", "info")


def subject(desk: Desk) -> tuple[str, int] | None:
    """The held order or callback in the view: its kind and id."""
    kind, _, number = (desk.now.shown.name if desk.now.shown else "").partition(":")
    return (kind, int(number)) if kind in ("held", "callback") else None


def _version(desk: Desk) -> int | None:
    """The version of the order that is shown."""
    shown = desk.now.shown
    return shown.subjects[0][1] if shown is not None and shown.subjects else None


async def agree(desk: Desk, kind: str, id: int) -> None:
    """y: releases the held order as it is shown, or takes the callback."""
    if kind == "held":
        placed = await desk.write(orders.release, id, releasing.RELEASE_DAYS, _version(desk))
        await show(desk, "inbox")
        done(desk, placed.words)
        return
    view = await desk.store.read(queue.callback, id)
    words = await desk.write(queue.called, id)
    await to_ledger(desk, view.customer_id, words)


async def decline(desk: Desk, kind: str, id: int, why: str) -> None:
    """n reason: leaves the order held, or the callback due."""
    if kind == "held":
        words = (await desk.write(releasing.leave, id, why, _version(desk))).words
    else:
        words = await desk.write(queue.missed, id, why)
    await refresh(desk)
    await show(desk, "inbox")
    done(desk, words)
