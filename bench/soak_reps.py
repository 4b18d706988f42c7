"""Reps and leads of the soak: a shift from the first login to the last, and going on after a line that broke."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from soak_calls import Caller
from soak_seat import KEPT_AFTER, LEAVE, Gone, Row, Stuck

Step = Callable[[], Awaitable[None]]
HALF_PAINTED = 1.5  # seconds before the end in which a picture may have come in part


class Rep(Caller):
    """A rep at work."""

    cut_at = 0.0  # when the last desk was over

    async def work(self) -> None:
        """Until the run is over: sits down, goes on where the line broke, takes calls; then leaves in order."""
        while True:
            try:
                await self.sit()
                await self.resume()
                while self.board.open:
                    await self.turn()
                return await self.go_home()
            except Gone:
                self.cut_at = self.board.now
                self.board.counts["desks cut off"] += 1
                self.board.away(self.login)
                if not self.board.open and self.board.now > self.board.seconds + 120:
                    return
            except Stuck as trouble:
                self.board.counts["stuck"] += 1
                self.board.fault(self.login, f"stuck: {trouble}")
                assert self.rep is not None
                await self.rep.leave()
            await asyncio.sleep(self.dice.uniform(0.5, 3.0))

    async def turn(self) -> None:
        """One call, or a look at the queue."""
        if self.title == "READY" and self.dice.random() < 0.15:
            return await self.queue()
        if not self.customer:
            await self.find(next(self.callers))
        steps: list[tuple[int, Step]] = [
            (5, self.five_lines), (3, self.repeat), (3, self.look), (3, self.note), (2, self.complain), (2, self.ask),
            (2, self.promise), (1, self.callback), (2, self.fumble),
        ]  # fmt: skip
        for _ in range(self.dice.randint(1, 4)):
            if not (self.customer and self.board.open):
                break
            await self.dice.choices([step for _, step in steps], [weight for weight, _ in steps])[0]()
            await self.think()
        await self.end()

    async def go_home(self) -> None:
        """Ends the call and leaves; some just close the laptop."""
        assert self.rep is not None
        if self.customer:
            await self.end()
        if self.dice.random() < 0.5:
            await self.rep.leave()
            return
        self.rep.keys(LEAVE)
        await asyncio.sleep(3)
        await self.rep.leave()

    # -- after a line that broke ---------------------------------------------------------------------------------

    async def resume(self) -> None:
        """Compares what is there with what was typed, and goes on with it."""
        if self.rep is None or self.rep.closed or "F9 Commit" not in self.line(-1):
            raise Gone  # cut off again before anything could be looked at
        pending, self.pending = self.pending, None
        sent = self.entered or (pending is not None and pending[0].sent > 0)
        rows, prompt = self.rows, self.prompt
        self._compare_pad(rows, sent)
        self.becomes = None
        self._compare_text(prompt, sent)
        self.pad, self.killed, self.entered = rows, 0.0, False
        if pending and pending[0].kind != "find the caller" and prompt and self.typed.startswith(prompt) and rows == []:
            command, answer = pending
            text, self.typed = self.whole, prompt
            await self.write_on(text)
            await self.send(command, answer, "\r")
        elif prompt:
            await self.clear()
        self.typed = self.seen = ""
        code = self.line(1).split(" ")[0] if self.line(0).startswith("1>") else ""
        self.customer = self.board.customer(code) if code.isdigit() else None
        if self.customer is None and self.line(0)[:2] == "1>":
            await self.end()
        if self.customer and rows and "NEW" in self.title:
            await self.place()
        elif rows:
            await self.drop()
        await self.home()

    async def write_on(self, text: str) -> None:
        """Types the rest of a text of which a part was kept."""
        await self.type(text[len(self.typed) :])
        if not await self.wait(lambda: self.prompt == text.rstrip(), 30.0):
            raise Stuck(f"{text!r} was typed on and {self.prompt!r} stands there")

    def _compare_pad(self, rows: list[Row], sent: bool) -> None:
        if not self.pad:
            return
        if rows[: len(self.pad)] == self.pad:
            self.board.found["draft, whole"] += 1
        elif sent and not rows:
            self.board.found["draft, placed"] += 1
        elif self.becomes and rows == self._changed(*self.becomes):
            self.board.found["draft, with the change that was sent"] += 1
        elif self.cut_at - self.read_at < HALF_PAINTED and set(self.pad) < set(rows):
            self.board.found["draft, more than the last picture showed before it broke off"] += 1
        else:
            self.board.found["draft, NOT AS LEFT"] += 1
            self.board.fault(
                self.login,
                f"draft {self.pad} came back as {rows}; {self.title}; last {[*self.last]}, cut {self.cut_at:.1f}",
            )

    def _changed(self, place: int, quantity: str) -> list[Row]:
        return [(code, quantity if number == place else old) for number, (code, old) in enumerate(self.pad, 1)]

    def _compare_text(self, prompt: str, sent: bool) -> None:
        if not self.typed:
            return
        settled = self.board.settled(self.seen_at, self.killed or self.cut_at, KEPT_AFTER if self.killed else 0.0)
        slip, self.slip = self.slip, ""
        if prompt in (self.typed.rstrip(), self.typed + slip):
            self.board.found["half-typed text, whole"] += 1
        elif sent and not prompt:
            self.board.found["half-typed text, carried out or gone with it"] += 1
        elif not prompt and self.customer is None and len(self.seen.strip()) < 2:
            self.board.found["half-typed text, one sign with nobody on the line, which is not kept"] += 1
        elif self.typed.startswith(prompt) and (prompt.startswith(self.seen.rstrip()) or not settled):
            self.board.found["half-typed text, but for its end"] += 1
        elif self.typed.startswith(prompt):
            self.board.found["half-typed text, LESS THAN WAS SHOWN"] += 1
            shown, killed = (self.killed or self.cut_at) - self.seen_at, "killed" if self.killed else "ended"
            words = f"{self.typed!r}, of which {self.seen!r} was shown for {shown:.1f} s, came back as {prompt!r}"
            self.board.fault(self.login, f"desk {killed}: {words} at {self.title[:40]}")
        else:
            self.board.found["half-typed text, ANOTHER"] += 1
            self.board.fault(
                self.login,
                f"{self.typed!r} came back as {prompt!r}; {self.title}; last {[*self.last]}, cut {self.cut_at:.1f}",
            )


class Lead(Rep):
    """A lead who decides."""

    async def turn(self) -> None:
        """One held order or request of the queue."""
        await self.home()
        await self.write("q")
        await self.enter(lambda: "QUEUE" in self.title)
        await self.think(1.0, 3.0)
        found = [re.match(r"^[> ]\s+(\d) .*\s(held|credit)\s", self.line(each)) for each in range(3, 30)]
        rows = [each for each in found if each]
        if not rows:
            await self.home()
            await self.think(5.0, 10.0)
            return
        digit = self.dice.choice(rows).group(1)
        if await self.press(digit, lambda: re.search(r"\d{8}", self.title), 20.0):
            match = re.search(r"\d{8}", self.title)
            assert match is not None
            number = match.group()
            await self.think(1.0, 3.0)
            command = self.board.command("decide", self.login, (self.login, number))
            if not (command.acked or command.refused):
                await self.send(command, rf"{number} .*(released|approved)", "y")
        await self.home()
        await self.think(2.0, 8.0)
