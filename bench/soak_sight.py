"""What a rep in the soak sees: the terminal's screen, read as title, echo, prompt and lines of a draft."""

from __future__ import annotations

import re

import pyte
import served

WIDE, HIGH = 100, 36
ROW = re.compile(r"^[> ]\s+(\d+)\s{2,}(\S+)\s+.*?\s(\d+(?:\.\d+)?) +([A-Z]{2,})\b")
QUERIES = (b"\x1b[?2026$p", b"\x1b[?2048$p")  # the screen of pyte does not know what is asked there
Row = tuple[str, str]


class Sight:
    """The screen of one client."""

    rep: served.Rep | None = None

    def fresh(self) -> None:
        """An empty screen, for a client that has just come."""
        self._screen = pyte.Screen(WIDE, HIGH)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    def feed(self) -> None:
        """Takes in what was painted since the last look."""
        assert self.rep is not None
        if len(self.rep.got) == self._fed:
            return
        data = bytes(self.rep.got[self._fed :])
        self._fed = len(self.rep.got)
        for each in QUERIES:
            data = data.replace(each, b"")
        self._stream.feed(data)

    def line(self, number: int) -> str:
        """A line of the screen, from the end when negative."""
        row = self._screen.buffer[number % HIGH]
        return "".join(row[column].data for column in range(WIDE)).rstrip()

    @property
    def title(self) -> str:
        """What is shown."""
        return self.line(2).strip(" ─")

    @property
    def echo(self) -> str:
        """The two lines above the prompt as one text."""
        return " ".join(self.line(each).strip(" ─") for each in (-4, -3)).strip()

    @property
    def prompt(self) -> str:
        """What stands in the prompt, blanks before the cursor too."""
        text, cursor = self.line(-2), self._screen.cursor
        return (text.ljust(cursor.x) if cursor.y == HIGH - 2 else text).removeprefix(">").removeprefix(" ")

    @property
    def rows(self) -> list[Row]:
        """Code and quantity of the lines of the draft that is shown."""
        if "ORDER" not in self.title or "HELD" in self.title:
            return []
        found = [ROW.match(self.line(each)) for each in range(3, HIGH - 4)]
        return [(each.group(2), each.group(3)) for each in found if each]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.line(each) for each in range(HIGH) if self.line(each))
