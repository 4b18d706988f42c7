"""Keys in the order they came, one turn each: press, paint, look, pause. Knows a desk and a painter, no Textual.

Nothing here waits for a screen: keys are taken before the desk is open and while it works, and are kept until their
turn comes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from csdesk.prompt.page import Echo
from csdesk.screens.contract import DeskLike

PAINT_EVERY = 0.04  # seconds a burst of keys may run before it is shown
PAUSE_AFTER = 0.3  # seconds without a key after which half-typed text is stored
CLEAR = "clear"  # a turn that empties the typed text
LEISURE_AFTER = 60.0  # seconds without a key after which the desk does what is due by itself, and again after as many
RETRY_AFTER = 1.0  # seconds after which a key that found no database gets its turn again
QUIT = "quit"  # a turn that leaves, when no call is open
GIVE_UP = frozenset({CLEAR, "f12", "escape"})  # while keys wait for the database these take all of them back


class Ring(str):
    """A turn that announces a ringing phone number."""


class Pasted(str):
    """A turn that pastes a text: what it means is asked when its turn comes."""


class Turns:
    """The queue between the keyboard and a desk. `feed` never waits; `run` serves until the desk is left."""

    def __init__(
        self, paint: Callable[[], None], trouble: Callable[[BaseException], Echo], pause_after: float = PAUSE_AFTER,
        leisure_after: float | None = LEISURE_AFTER,
    ) -> None:  # fmt: skip
        self.desk: DeskLike | None = None
        self.notice: Echo | None = None  # what the last turn has to say instead of the desk
        self._paint = paint
        self._trouble = trouble
        self._pause_after = pause_after
        self._leisure_after = leisure_after
        self._waiting: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._ending = False
        self._slow = True
        self._unsaved = False
        self._unseen = False
        self._painted = 0.0
        self._look: asyncio.Task[None] | None = None
        self._held: str | None = None  # the key that found no database

    def feed(self, key: str) -> None:
        """Takes a key; it gets its turn after all that came before."""
        if self._held is not None and key in GIVE_UP:
            self._held, key = None, CLEAR
            self._waiting.clear()
        self._waiting.append(key)
        self._arrived.set()
        if self._slow or self._held is not None:
            self._paint()

    def end(self) -> None:
        """The terminal is gone: what is waiting still gets its turn, then the desk is left."""
        self._ending = True
        self._arrived.set()

    @property
    def ghost(self) -> str:
        """Printable keys and pasted text that wait for their turn, Enter as a line end."""
        keys = [*([self._held] if self._held is not None else []), *self._waiting]
        seen = (key for key in keys if len(key) == 1 or key == "enter" or isinstance(key, Pasted))
        return "".join("\n" if key == "enter" else key for key in seen)

    @property
    def idle(self) -> bool:
        """Whether every key has had its turn and nothing is being looked up."""
        done = not self._waiting and self._held is None
        return done and not self._slow and self._look is None and not self._unsaved and not self._unseen

    async def run(self, opening: Awaitable[DeskLike]) -> None:
        """Opens the desk and serves it until the rep leaves or the terminal is gone; then stores and stops."""
        desk = await opening
        await desk.start()
        self.desk, self._slow = desk, False
        self._repaint()
        try:
            while not desk.quitting and (key := await self._next(desk)) is not None:
                await self._turn(desk, key)
        finally:
            await self._stop_looking()
            await self._guard(desk.pause())
            while desk.away and self._ending:  # the app sets the end of it
                await asyncio.sleep(RETRY_AFTER)
                await self._guard(desk.pause())
            await self._guard(desk.stop())

    async def _next(self, desk: DeskLike) -> str | None:
        """The next key, however long it takes; on the way looks up and stores what is typed. None at the end."""
        if self._held is not None:
            return await self._again()
        if not self._waiting and not self._ending and self._unseen:
            self._unseen = False
            self._look = asyncio.create_task(self._look_up(desk))
        while not self._waiting:
            if self._ending:
                return None
            self._arrived.clear()
            wait = RETRY_AFTER if desk.away else self._pause_after
            try:
                await asyncio.wait_for(self._arrived.wait(), wait if self._unsaved else self._leisure_after)
            except TimeoutError:
                if not self._unsaved:  # nothing of it is painted: what it did shows where it is looked for
                    await desk.leisure(lambda: bool(self._waiting) or self._ending)
                elif self._look is None:  # never both at once: they would see each other's half-made changes
                    await self._unhurried(desk.pause())
                    self._unsaved = desk.away
                    self._repaint()
        return self._waiting.popleft()

    async def _again(self) -> str | None:
        """The key that found no database, after a moment; keys typed ahead of the bad news wait behind it, one that was
        typed in spite of it takes its place."""
        ahead, until = bool(self._waiting), monotonic() + RETRY_AFTER
        while (left := until - monotonic()) > 0:
            self._arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), left)
            if not ahead and (self._waiting or self._ending):
                self._held = None
            if self._held is None:
                return self._waiting.popleft() if self._waiting else None
        key, self._held = self._held, None
        return key

    async def _turn(self, desk: DeskLike, key: str) -> None:
        await self._stop_looking()
        self.notice, self._unsaved, self._unseen = None, True, True
        await self._unhurried(self._press(desk, key))
        if not self._waiting or self._held is not None or monotonic() - self._painted >= PAINT_EVERY:
            self._repaint()
            await asyncio.sleep(0)

    async def _unhurried(self, work: Awaitable[None]) -> None:
        """Work during which keys that come show at once, when it takes long: it may wait for a database."""
        late = asyncio.get_running_loop().call_later(PAINT_EVERY, self._show_waiting)
        await self._guard(work)
        late.cancel()
        self._slow = False

    async def _press(self, desk: DeskLike, key: str) -> None:
        if isinstance(key, Ring):
            await desk.ring(str(key))
        elif isinstance(key, Pasted):
            keys, rest = desk.paste(key)
            self._waiting.extendleft(reversed([*keys, *([Pasted(rest)] if rest else [])]))
        elif key == CLEAR:
            await self._clear(desk)
        elif key == QUIT:
            desk.quitting = not desk.face.tabs
            if not desk.quitting:
                self.notice = Echo(
                    "A call is open: z ends it. Everything is kept if you just close the terminal.", "wrong"
                )
        else:
            await desk.press(key)
            if desk.away:
                self._held = key
                self.notice = Echo(f"{desk.face.echo.text} It goes on by itself; Ctrl+C takes it back.", "wrong")

    async def _clear(self, desk: DeskLike) -> None:
        """Takes back what is typed, letter by letter, as the rep would."""
        face = desk.face
        if face.page.edit is None and face.cursor < len(face.prompt):
            await desk.press("end")
        for _ in range(len(face.prompt if face.page.edit is None else face.page.edit)):
            await desk.press("backspace")

    async def _look_up(self, desk: DeskLike) -> None:
        try:
            if await desk.look():
                self._repaint()
        except Exception as error:  # noqa: BLE001 - a failed look must not end the desk
            self.notice = self._trouble(error)
            self._repaint()
        self._look = None

    async def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._look
            self._look = None

    async def _guard(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - an error inside must not end the desk
            self.notice = self._trouble(error)
            self._repaint()

    def _show_waiting(self) -> None:
        self._slow = True
        self._paint()

    def _repaint(self) -> None:
        self._painted = monotonic()
        self._paint()
