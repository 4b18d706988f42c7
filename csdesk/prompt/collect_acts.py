"""The collections list, and what y and n do on a held order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csdesk.prompt.acting import done, refresh, show
from csdesk.prompt.page import Echo
from csdesk.prompt.parse import Command
from csdesk.services import orders, releasing

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def collections(desk: Desk, command: Command) -> None:
    """j: the collections list."""
    await show(desk, "collections")
    desk.now.echo = Echo("arrows and Enter open an account on a call; F3 goes back", "info")


def subject(desk: Desk) -> int | None:
    """The held order in the view."""
    kind, _, number = (desk.now.shown.name if desk.now.shown else "").partition(":")
    return int(number) if kind == "held" else None


def _version(desk: Desk) -> int | None:
    """The version of the order that is shown."""
    shown = desk.now.shown
    return shown.subjects[0][1] if shown is not None and shown.subjects else None


async def agree(desk: Desk, order_id: int) -> None:
    """y: releases the held order as it is shown."""
    placed = await desk.write(orders.release, order_id, releasing.RELEASE_DAYS, _version(desk))
    await show(desk, "inbox")
    done(desk, placed.words)


async def decline(desk: Desk, order_id: int, why: str) -> None:
    """n reason: leaves the order held."""
    words = (await desk.write(releasing.leave, order_id, why, _version(desk))).words
    await refresh(desk)
    await show(desk, "inbox")
    done(desk, words)
