"""What is done with articles at the desk: shown, and said to have helped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.errors import Refused
from csdesk.prompt.acting import done, show
from csdesk.prompt.article_looks import article_view
from csdesk.prompt.parse import Command
from csdesk.services import knowledge

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def helped(desk: Desk, command: Command) -> None:
    """*: the article that is shown helped, with the ticket it was opened from, else on this call."""
    shown = desk.now.shown
    if shown is None or not shown.name.startswith("article:"):
        raise Refused("No article is shown; / and some words find one.")
    number, _, origin = shown.name.removeprefix("article:").partition("@")
    ticket = int(origin.removeprefix("ticket:")) if origin.startswith("ticket:") else None
    call = desk.now.call.id if desk.now.call is not None else None
    made = await desk.write(knowledge.helped, int(number), ticket, call)
    counted = (
        f"noted; it helped {made.count} times" if made.new else f"was counted already; it helped {made.count} times"
    )
    cursor = desk.now.cursor
    desk.now.shown = await article_view(desk, shown.name.removeprefix("article:"))
    desk.now.cursor = cursor
    done(desk, f"Article {made.code}: {counted}")


async def opened(desk: Desk, article_id: int) -> None:
    """Shows an article; F3 leads back to the ticket it was opened from."""
    here = desk.now.shown.name if desk.now.shown is not None else ""
    await show(desk, "article", f"{article_id}@{here}" if here.startswith("ticket:") else str(article_id))
    desk.sync_keys()


ACTS: dict[str, Callable[[Desk, Command], Awaitable[None]]] = {"helped": helped}
