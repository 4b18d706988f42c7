"""What typed verbs of the queue would do, in words and amounts. Each raises like its act."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from csdesk.prompt import collect_acts
from csdesk.prompt.approval_acts import change_of, listed
from csdesk.prompt.money_acts import shown_request
from csdesk.prompt.parse import Command
from csdesk.services import batches, changing

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk


async def approve_all_words(desk: Desk, command: Command) -> str:
    """Which requests would be approved, and what they come to."""
    return await desk.store.read(batches.preview, listed(desk, command))


async def reject_words(desk: Desk, command: Command) -> str:
    """What would be rejected, or left as it is."""
    if collect_acts.subject(desk) is not None:
        return f"leaves the order held: {command.args['text']}"
    return await desk.store.read(batches.rejection, *shown_request(desk), command.args["text"])


async def edit_words(desk: Desk, command: Command) -> str:
    """What the new version of a request would ask for."""
    request_id, version = shown_request(desk)
    return await desk.store.read(changing.preview, request_id, change_of(command), version)


WORDS: dict[str, Callable[[Desk, Command], Awaitable[str]]] = {
    "approve-all": approve_all_words, "reject": reject_words, "edit": edit_words,
}  # fmt: skip
