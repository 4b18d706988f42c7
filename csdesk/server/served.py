"""A desk that runs for somebody: its process, its relay, the line to it, and how it came to an end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from typing import Any

from csdesk.server.line import listen, tell
from csdesk.server.nursery import BARRED, Process
from csdesk.server.relay import Relay
from csdesk.services.sessions import Sitting

# A desk that ended in the middle of a picture leaves the terminal as it was: cursor, colours, keys, screen.
RESET = b"\x1b[?1049l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m\r\n"
KILLED = "killed since it did not end"
PERHAPS = "What you typed is kept, but for perhaps the last of it."
TOLD = 0.5  # seconds in which the parent of a desk that has ended tells how, unless it is gone itself
log = logging.getLogger("csdesk.server")


class Served:
    """One session. `why` is for the trail, `last_words` for the rep."""

    def __init__(
        self, sitting: Sitting, process: Process, relay: Relay, line: socket.socket,
        told: Callable[[dict[str, Any]], None],
    ) -> None:  # fmt: skip
        self.sitting, self.process, self.relay = sitting, process, relay
        self.told_typed = sitting.typed_at
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.why = "left"
        self._words = ""
        self._hung = asyncio.Event()
        self._line = line
        self._told = told
        listen(line, self._heard)

    def _heard(self, told: dict[str, Any]) -> None:
        if "fault" in told:
            log.error("a desk fell", extra={"session": self.sitting.id, "fault": told["fault"]})
            return
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            self._told(told)

    @property
    def facts(self) -> dict[str, Any]:
        """What the log says of it."""
        made = self.sitting
        return {"session": made.id, "login": made.login, "address": made.address, "method": made.method,
                "fingerprint": made.fingerprint, "pid": self.process.pid}  # fmt: skip

    @property
    def cut_off(self) -> bool:
        """Whether the desk ended without giving its terminal back: killed, or it fell."""
        return bool(self.process.fell or self._words)

    @property
    def fell(self) -> bool:
        """Whether a signal or a fault of its own ended it, though nobody had asked it to end."""
        return bool(self.process.fell) and not self._words

    @property
    def last_words(self) -> str:
        """What the rep is told once the desk has ended: why, and whether all he typed was stored, which a desk that was
        killed, or had no database to the last, cannot promise."""
        if not self._words:
            return f"This desk was cut off. {PERHAPS} Log in again and go on." if self.fell else ""
        unsure = self.process.fell or KILLED in self.why
        return f"{self._words}. {PERHAPS if unsure else 'Everything you typed is kept.'}"

    def notice(self, words: str) -> None:
        """Says something on the desk's echo line."""
        tell(self._line, {"notice": words})

    def hung_up(self) -> None:
        """The client is gone: the desk gives the keys that came their turn, stores and ends."""
        if self.why == "left":
            self.why = "the line broke"
        self.relay.deaf()
        self._hang_up()

    def _hang_up(self) -> None:
        """Tells the desk that no more keys come after those of which it learns the number. Its terminal stays open
        until it has ended: what it had not yet read when its other end is closed is lost."""
        if not self._hung.is_set() and not tell(self._line, {"hangup": self.relay.taken}):
            self.process.send(signal.SIGHUP)
        self._hung.set()

    async def end(self, words: str, patience: float) -> None:
        """Ends the desk: a hang-up, on which it stores what is typed, and a kill when that does not help. Asked again
        it does not hear of it again: it must not be cut short while it stores."""
        if self.why == "left":
            self.why, self._words = words[:200], words
        self._hang_up()
        await self._dead(patience)

    async def until_over(self, patience: float) -> None:
        """Waits until the desk has ended; one that closed its terminal, or was told that it must end, has `patience`
        seconds for that."""
        ways = [asyncio.ensure_future(e.wait()) for e in (self.process.ended, self.relay.closed, self._hung)]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        await self._dead(patience)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.told.wait(), TOLD)
        if self.why == "left":
            self.why = "the desk did not open" if self.process.exit == BARRED else self.process.fell or self.why
        await self.relay.drained()
        for each in ways:
            each.cancel()
        asyncio.get_running_loop().remove_reader(self._line)
        self._line.close()
        self.over.set_result(None)

    async def _dead(self, patience: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.ended.wait(), patience)
            return
        if KILLED not in self.why:  # two may wait for it
            self.why = f"{self.why}; {KILLED}"
        self.process.send(signal.SIGKILL)
        await self.process.ended.wait()
