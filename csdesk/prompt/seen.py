"""What a typed place or ending stands for: the record that is on the page, or that the echo has named, until Enter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from csdesk.prompt.parse import Command

if TYPE_CHECKING:
    from csdesk.prompt.desk import Desk

T = TypeVar("T")


async def meant(desk: Desk, command: Command, find: Callable[[], Awaitable[T]], fresh: bool = False) -> T:
    """The record a command is about: the one its echo named, else what `find` gives now. `fresh` finds it anew, for the
    echo, and keeps it for Enter: what a colleague does in between never makes it another record."""
    now = desk.now
    if not fresh and now.meant is not None and now.meant[0] == command.text:
        kept: T = now.meant[1]
        return kept
    found = await find()
    if fresh:
        now.meant = (command.text, found)
    return found


def on_page(desk: Desk, view: str, which: str) -> Sequence[Any] | None:
    """The numbered rows of a list as the page that is open shows them; None when another page is open."""
    shown = desk.now.shown
    return shown.places.get(which) if shown is not None and shown.name == view else None
