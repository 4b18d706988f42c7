"""A rep's seat in the soak: client, screen and fingers. Logs in, types, waits for answers, looks what came back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections import deque
from collections.abc import Callable

import asyncssh
import served
from soak_board import Board, Command
from soak_sight import HIGH, WIDE, Row, Sight

F1, F3, F12, UP, DOWN, CLEAR, LEAVE = "\x1bOP", "\x1bOR", "\x1b[24~", "\x1b[A", "\x1b[B", "\x03", "\x11"
PATIENCE = 100.0  # seconds a rep waits for an answer before he hangs up and logs in again
KEPT_AFTER = (
    2.5  # seconds of a database after which a half-typed text must be in the database, also when its desk is killed
)
NO_ANSWER = re.compile("database is away|This server stops|goes on by itself")  # an echo that tells of later


class Gone(Exception):
    """The desk or the line is gone."""


class Stuck(Exception):
    """Something that had to show never did."""


class Seat(Sight):
    """One rep at a client."""

    def __init__(self, board: Board, login: str, seed: str) -> None:
        self.board, self.login = board, login
        self.dice = random.Random(seed)
        self.typed = ""  # what was typed into the prompt
        self.whole = ""  # the line it is the beginning of
        self.seen, self.seen_at = "", 0.0  # what stood in it, and since when
        self.pending: tuple[Command, str] | None = None  # a command being typed or sent, and the answer awaited
        self.pad = []
        self.becomes: tuple[int, str] | None = None  # a line of it and its quantity once what was sent has come to pass
        self.killed = 0.0  # when the desk was killed, without a chance to store anything
        self.slip = ""  # a wrong letter behind it
        self.entered = False  # Enter went behind the typed line
        self.last: deque[str] = deque(maxlen=8)  # keys and when they went
        self._sent_at = 0.0

    @property
    def pad(self) -> list[Row]:
        """Lines of the draft that were told to be there."""
        return self._pad

    @pad.setter
    def pad(self, rows: list[Row]) -> None:
        self._pad, self.read_at = rows, self.board.now

    async def wait(self, holds: Callable[[], object], patience: float = 20.0) -> bool:
        """Whether something shows in time. Raises Gone."""
        end = time.monotonic() + patience
        assert self.rep is not None
        while True:
            self.feed()
            if holds():
                return True
            if self.rep.closed:
                raise Gone
            if time.monotonic() > end:
                return False
            await self.rep.more(0.5)
            await asyncio.sleep(0.03)  # what is painted comes in pieces

    async def settle(self) -> None:
        """Waits for the rest of a picture: lists are read off it."""
        await asyncio.sleep(0.3)
        self.feed()

    # -- fingers -------------------------------------------------------------------------------------------------

    async def think(self, least: float = 0.5, most: float = 4.0) -> None:
        """Listens to the caller."""
        await asyncio.sleep(self.dice.uniform(least, most))

    async def key(self, keys: str, letters: bool = False) -> None:
        """Presses and looks up at the next picture; with `letters` its time counts."""
        assert self.rep is not None
        if self.rep.closed:
            raise Gone
        if self.dice.random() < self.board.vanish and self.board.open:
            self.board.counts["clients that vanished"] += 1
            await self.rep.leave()
            raise Gone
        at, begin = self.board.now, time.perf_counter()
        self.last.append(f"{at:.1f} {keys!r}")
        self.rep.keys(keys)
        try:
            spent = await self.rep.until(len, 5.0 if letters else 0.3)
        except TimeoutError:
            spent = time.perf_counter() - begin
            if letters:
                words = f"{at:.0f} s, {self.login}: {keys!r} after {self.typed!r}; {self.title[:30]}; {self.echo[:80]}"
                self.board.slow.append(words)
        except ConnectionError:
            raise Gone from None
        if letters:
            self.board.keyed.append((at, spent))

    async def type(self, text: str) -> None:
        """Types, now and then a wrong letter that is taken back."""
        while text:
            piece, text = text[: (many := self.dice.randint(1, 3))], text[many:]
            if self.dice.random() < 0.01 and self.typed and self.prompt:  # with an empty prompt a letter is a verb
                self.slip = "k"
                await self.key("k")
                await asyncio.sleep(0.2)
                await self.key("\x7f")
                self.slip = ""
            self.typed, self.entered = self.typed + piece, False
            await self.key(piece, letters=True)
            self._look()
            await asyncio.sleep(self.dice.uniform(0.08, 0.25) * len(piece))

    def _look(self) -> None:
        self.feed()
        if self.prompt != self.seen and self.typed.startswith(self.prompt):
            self.seen, self.seen_at = self.prompt, self.board.now

    async def write(self, text: str) -> None:
        """Types a line and sees that it stands there."""
        self.whole = text
        await self.type(text)
        if not await self.wait(lambda: self.prompt == text.rstrip() or self.prompt == text, 30.0):
            raise Stuck(f"{text!r} was typed and {self.prompt!r} stands there; {self.title}; {self.echo}")
        self._look()

    async def clear(self) -> None:
        """Takes back what is typed."""
        for each in (CLEAR, F12):
            if self.prompt or self.echo.startswith("?"):
                await self.key(each)
                await self.wait(lambda: not self.prompt and not self.echo.startswith("?"), 3.0)
        self.typed = self.seen = ""

    async def line_in(self, kind: str, mark: object, text: str, answer: str) -> re.Match[str] | None:
        """Types a command and Enter, and waits for its answer; None when it is refused."""
        command = self.board.command(kind, self.login, mark)
        self.pending = command, answer
        await self.write(text)
        await self.think(0.1, 0.8)
        return await self.send(command, answer, "\r")

    async def send(self, command: Command, answer: str, keys: str) -> re.Match[str] | None:
        """Presses what carries a command out; gives the answer, None when it is refused."""
        self.pending = command, answer
        before, self._sent_at, self.entered = self.echo, time.monotonic(), True
        command.sent = command.sent or self.board.now
        await self.key(keys)
        if not await self.wait(lambda: self._done(answer) or self._refused(before), PATIENCE):
            raise Stuck(f"no answer to {command.kind} {command.mark}: {self.title}; {self.echo}; {self.prompt!r}")
        self.pending = None
        found = self._done(answer)
        if found:
            self.board.acked(command)
            self.typed = self.seen = ""
            return found
        command.refused = self.echo
        self.board.refusals[f"{command.kind}: {re.sub(r'[0-9]+', '0', self.echo)[:100]}"] += 1
        await self.clear()
        return None

    def _done(self, answer: str) -> re.Match[str] | None:
        return re.search(answer, self.echo) if self.echo[:1] in ("✓", "?") else None

    def _refused(self, before: str) -> bool:
        told = self.echo
        waited = time.monotonic() - self._sent_at > 3.0
        return told.startswith("!") and not NO_ANSWER.search(told) and (told != before or waited)

    async def enter(self, shows: Callable[[], object]) -> bool:
        """Enter on a typed line that changes nothing of the books yet; False when it is refused."""
        before, self._sent_at, self.entered = self.echo, time.monotonic(), True
        await self.key("\r")
        if not await self.wait(lambda: shows() or self._refused(before), PATIENCE):
            raise Stuck(f"no answer to {self.typed!r}: {self.title}; {self.echo}; {self.prompt!r}")
        if shows():
            self.typed = self.seen = ""
            return True
        self.board.refusals[f"{self.title[:12]}: {re.sub(r'[0-9]+', '0', self.echo)[:100]}"] += 1
        await self.clear()
        return False

    async def row_in(self, answer: str) -> bool:
        """Enter on a typed line of the pad; whether it is there."""
        return await self.enter(lambda: self._done(answer))

    async def press(self, keys: str, shows: Callable[[], object], patience: float = 60.0) -> bool:
        """Presses something that only looks; whether it showed what it should."""
        await self.key(keys)
        return await self.wait(lambda: shows() or (self.echo.startswith("!") and not NO_ANSWER.search(self.echo)),
                               patience) and bool(shows())  # fmt: skip

    # -- coming and going ----------------------------------------------------------------------------------------

    async def sit(self) -> None:
        """Logs in, as often as it takes, and takes over what may be open still."""
        begin = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(60):
                    self.rep = await served.Rep.login(self.board.port, self.login, self.board.keys, (WIDE, HIGH))
                    await self._opened()
                break
            except (OSError, asyncssh.Error, TimeoutError, Gone) as error:
                self.board.counts[f"logins refused: {type(error).__name__}"] += 1
                if self.rep is not None:
                    with contextlib.suppress(OSError):
                        await self.rep.leave()
                await asyncio.sleep(self.dice.uniform(0.5, 2.0))
        self.board.counts["logins"] += 1
        self.board.logins.append(time.monotonic() - begin)
        self.board.back(self.login)

    async def _opened(self) -> None:
        self.fresh()
        assert self.rep is not None
        asked = False
        while not await self.wait(lambda: "F9 Commit" in self.line(-1), 0.5):
            if not asked and b"Enter takes it over" in self.rep.got:
                asked = True
                self.board.counts["desks taken over"] += 1
                self.rep.keys("\r")
        await self.wait(lambda: self.title and self.title != "OPENING", 20)
        await asyncio.sleep(0.2)
        self.feed()
