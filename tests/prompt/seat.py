"""A rep at a desk, for tests: keys as a line of text, and what can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from csdesk.prompt.desk import Desk

NAMES = {"⏎": "enter", "↓": "down", "↑": "up", "←": "left", "→": "right", "⌫": "backspace", "⌦": "delete", "⇥": "tab",
         "⇱": "home", "⇲": "end"}  # fmt: skip
WRONG_INSIDE = "Something went wrong inside"


def keys_of(text: str) -> list[str]:
    """Keys from text: one sign is one key, ⏎ ↓ … are named ones, <f9> any other named key."""
    keys, rest = [], text
    while rest:
        if (
            rest[0] == "<"
            and ">" in rest
            and rest[1 : rest.index(">")].isalnum()
            and len(rest[1 : rest.index(">")]) > 1
        ):
            name, _, rest = rest[1:].partition(">")
            keys.append(name)
        else:
            keys.append(NAMES.get(rest[0], rest[0]))
            rest = rest[1:]
    return keys


@dataclass
class Seat:
    """A desk and its rep."""

    desk: Desk

    async def type(self, text: str) -> str:
        """Presses the keys one after the other; gives the echo. A fault inside fails the test at once."""
        for key in keys_of(text):
            await self.desk.press(key)
            assert WRONG_INSIDE not in self.desk.now.echo.text, f"after {key!r} of {text!r}"
        return self.echo

    async def sit(self, customer: str = "20417") -> Seat:
        """Starts the desk and takes a call of a customer (by code)."""
        await self.desk.start()
        await self.type(f"{customer}⏎")
        return self

    async def again(self) -> Seat:
        """The same rep at another desk, the first one gone without a word."""
        seat = Seat(Desk(self.desk.store))
        await seat.desk.start()
        return seat

    @property
    def echo(self) -> str:
        return self.desk.face.echo.text

    @property
    def tone(self) -> str:
        return self.desk.face.echo.tone

    @property
    def prompt(self) -> str:
        return self.desk.face.prompt

    @property
    def lines(self) -> list[tuple[str, int]]:
        """Codes and quantities of the draft."""
        draft = self.desk.now.draft
        return [(line.code, int(line.quantity)) for line in draft.lines] if draft else []

    def page(self) -> str:
        """All cells of the view."""
        page = self.desk.face.page
        rows = (*page.lead, *page.rows, *page.foot)
        return "\n".join([page.title, *(" ".join(row.cells) for row in rows)])
