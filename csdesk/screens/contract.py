"""What the screens ask of a desk: the prompt's Desk keeps this, and so does the canned one of the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from csdesk.prompt.page import Face


class DeskLike(Protocol):
    """All the work of a desk without a screen: it takes keys one by one and says what to paint."""

    quitting: bool
    away: bool  # the last key or pause found no database; the same key again goes on where it stopped

    @property
    def face(self) -> Face:
        """Everything to paint now."""

    async def start(self) -> None:
        """Loads calls, drafts and half-typed text."""

    async def press(self, key: str) -> None:
        """Handles one key in full."""

    def paste(self, text: str) -> tuple[list[str], str]:
        """Takes a pasted text: the keys to press for it, and what of it is to be pasted after them."""

    async def look(self) -> bool:
        """Looks up what is typed; True when the face changed. May be cancelled at any time."""

    async def pause(self) -> None:
        """Stores the half-typed text."""

    async def leisure(self, stop: Callable[[], bool]) -> None:
        """Does what is due by itself, nothing of it shown, until `stop` says that a key waits. Never raises."""

    async def ring(self, phone: str) -> None:
        """A call rings; the face says so."""

    async def stop(self) -> None:
        """Lets go of everything."""

    def resize(self, width: int, height: int) -> None:
        """The window has another size."""
