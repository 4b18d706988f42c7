"""Somebody changes the password he logs in by: the old one, the new one twice, none of them to be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.events import Key, Paste

from csdesk.errors import Invalid, Unavailable
from csdesk.prompt.page import Column, Echo, Page, Row
from csdesk.screens import keys
from csdesk.screens.dialog import ENTER, LEAVE, Dialog

COLUMNS = (Column("", 18), Column("", 20, flex=True))
FIELDS = ("Old password", "New password", "New one once more")
OLD, NEW, AGAIN = range(3)
HINT = "At least 12 signs; several words are easier to remember than odd signs."


class PasswordScreen(Dialog, inherit_bindings=False):
    """Three fields. `change` does it and gives the sentence; `done` is told that, or None when it is left; `trouble`
    says what went wrong."""

    def __init__(
        self, change: Callable[[str, str], Awaitable[str]], done: Callable[[Echo | None], None],
        trouble: Callable[[BaseException], Echo],
    ) -> None:  # fmt: skip
        super().__init__()
        self._change, self._done, self._trouble = change, done, trouble
        self._typed = ["", "", ""]
        self._at = OLD
        self._echo = Echo(HINT)
        self._sent: asyncio.Task[None] | None = None

    def take(self, event: Key | Paste) -> None:
        """Letters fill a field, Enter goes on, Escape, F3 and F12 leave; while it is looked at no key counts."""
        if self._sent is not None:
            return
        if isinstance(event, Paste):
            self._type("".join(key for key in keys.pasted_keys(event.text) if len(key) == 1))
        elif event.key in LEAVE:
            self._done(None)
        elif event.key in ENTER:
            self._enter()
        elif event.key in {"up", "shift+tab"}:
            self._go(max(OLD, self._at - 1))
        elif event.key in {"down", "tab"}:
            self._go(min(AGAIN, self._at + 1))
        elif event.key == "backspace":
            self._typed[self._at] = self._typed[self._at][:-1]
            self.paint()
        else:
            self._type("".join(key for key in keys.prompt_keys(event) if len(key) == 1))

    def _type(self, text: str) -> None:
        self._typed[self._at] += text
        self.paint()

    def _go(self, field: int, echo: Echo | None = None) -> None:
        self._at, self._echo = field, echo or Echo(HINT)
        self.paint()

    def _enter(self) -> None:
        if not self._typed[self._at]:
            self._go(self._at, Echo(f"{FIELDS[self._at]}: type it, or leave with F12.", "wrong"))
        elif self._at != AGAIN:
            self._go(self._at + 1)
        elif not self._typed[OLD]:
            self._go(OLD, Echo("The old password is missing.", "wrong"))
        elif self._typed[NEW] != self._typed[AGAIN]:
            self._typed[NEW:] = "", ""
            self._go(NEW, Echo("The new ones were not the same; nothing was changed. Type both again.", "wrong"))
        else:
            self._sent = asyncio.create_task(self._send())
            self._go(AGAIN, Echo("One moment."))

    async def _send(self) -> None:
        try:
            words = await self._change(self._typed[OLD], self._typed[NEW])
        except Exception as error:  # noqa: BLE001 - no fault here may end the desk
            self._sent = None
            self._failed(error)
            return
        self._done(Echo(words, "done"))

    def _failed(self, error: Exception) -> None:
        """What is typed again: nothing when the database is away, the new one when it is too weak, else all."""
        field = AGAIN if isinstance(error, Unavailable) else NEW if isinstance(error, Invalid) else OLD
        self._typed = [each if number < field or field == AGAIN else "" for number, each in enumerate(self._typed)]
        self._go(field, self._trouble(error))

    def paint(self) -> None:
        """The three fields, a star a sign."""
        rows = tuple(Row((name, "*" * len(typed))) for name, typed in zip(FIELDS, self._typed, strict=True))
        page = Page("Change your password", COLUMNS, rows, cursor=self._at)
        stars = "*" * len(self._typed[self._at])
        self.show(page, self._echo, stars, [("Enter", "Next"), ("Up/Down", "Choose"), ("F12", "Cancel")])
