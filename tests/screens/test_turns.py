"""Turns: every key once and in order, whatever the desk is doing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from csdesk.errors import Unavailable
from csdesk.prompt.page import Echo
from csdesk.screens.turns import CLEAR, LEISURE_AFTER, QUIT, Pasted, Ring, Turns
from tests.screens.fake import DRAFT, FakeDesk

BURST = ("4711 12", "4720 6", "1035 24", "2208 3", "3319 10")


class Watched(Turns):
    """Turns that count their pictures and keep what went wrong."""

    def __init__(self, pause_after: float = 0.01, leisure_after: float = LEISURE_AFTER) -> None:
        self.pictures = 0
        self.errors: list[BaseException] = []
        super().__init__(self._picture, self._error, pause_after, leisure_after)

    def _picture(self) -> None:
        self.pictures += 1

    def _error(self, error: BaseException) -> Echo:
        self.errors.append(error)
        return Echo("Something went wrong inside; your draft is kept.", "wrong")


@asynccontextmanager
async def served(desk: FakeDesk, turns: Turns) -> AsyncIterator[asyncio.Task[None]]:
    """The desk being served until the block ends."""

    async def opening() -> FakeDesk:
        return desk

    task = asyncio.create_task(turns.run(opening()))
    yield task
    turns.end()
    await asyncio.wait_for(task, 10)


async def until(check: Callable[[], object]) -> None:
    """Lets the loop run until the condition holds."""
    async with asyncio.timeout(10):
        while not check():
            await asyncio.sleep(0)


def type_(turns: Turns, *lines: str) -> None:
    """Lines with their Enter, in one burst."""
    for line in lines:
        for key in line:
            turns.feed(key)
        turns.feed("enter")


async def test_keys_typed_before_the_desk_is_open_all_get_their_turn() -> None:
    desk, turns = FakeDesk(), Watched()
    type_(turns, *BURST)
    assert turns.ghost == "\n".join([*BURST, ""])
    async with served(desk, turns):
        await until(lambda: turns.idle)
    assert desk.said == list(BURST)
    assert turns.ghost == ""


async def test_a_burst_is_painted_a_few_times_only() -> None:
    desk, turns = FakeDesk(), Watched()
    async with served(desk, turns):
        await until(lambda: turns.idle)
        before = turns.pictures
        type_(turns, *BURST)
        await until(lambda: turns.idle)
    assert turns.pictures - before < 6


async def test_what_waits_behind_a_slow_key_is_shown_as_ghost() -> None:
    desk, turns = FakeDesk(gate=asyncio.Event()), Watched()
    async with served(desk, turns):
        await until(lambda: desk.done)
        type_(turns, "first")
        await asyncio.wait_for(asyncio.shield(asyncio.create_task(until(lambda: turns._slow))), 5)
        type_(turns, "4720 6")
        assert turns.ghost.endswith("irst\n4720 6\n")
        assert desk.gate is not None
        desk.gate.set()
        await until(lambda: turns.idle)
    assert desk.said == ["first", "4720 6"]


async def test_a_look_is_cancelled_by_the_next_key_and_its_answer_never_painted() -> None:
    class Looking(FakeDesk):
        cancelled = 0

        async def look(self) -> bool:
            if self.face.prompt.endswith("2"):
                return await super().look()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                Looking.cancelled += 1
                raise
            raise AssertionError("unreachable")

    desk, turns = Looking(), Watched()
    async with served(desk, turns):
        turns.feed("1")
        await until(lambda: turns._look is not None)
        turns.feed("2")
        await until(lambda: turns.idle)
        assert desk.face.echo.text == "looked at 12"
    assert Looking.cancelled == 1


async def test_half_typed_text_is_stored_after_a_pause_once() -> None:
    desk, turns = FakeDesk(), Watched()
    async with served(desk, turns):
        turns.feed("4")
        turns.feed("7")
        await until(lambda: turns.idle)
    assert desk.done[:2] == ["start", "pause 47"]
    assert desk.done[-1] == "stop"


async def test_keys_show_while_half_typed_text_waits_to_be_stored() -> None:
    desk, turns, stored = FakeDesk(), Watched(), asyncio.Event()
    storing = asyncio.Event()

    async def pause() -> None:
        storing.set()
        await stored.wait()

    desk.pause = pause  # type: ignore[method-assign]
    async with served(desk, turns):
        turns.feed("4")
        await storing.wait()
        before = turns.pictures
        await until(lambda: turns.pictures > before)
        before = turns.pictures
        turns.feed("7")
        assert turns.pictures == before + 1
        assert turns.ghost == "7"
        stored.set()
        await until(lambda: not turns.ghost)
    assert desk.face.prompt == "47"


async def test_an_error_inside_is_told_and_the_desk_goes_on() -> None:
    desk, turns = FakeDesk(breaks_on="x"), Watched()
    async with served(desk, turns):
        turns.feed("x")
        await until(lambda: turns.notice)
        turns.feed("a")
        await until(lambda: turns.idle)
    assert [str(error) for error in turns.errors] == ["broken on purpose"]
    assert turns.notice is None
    assert desk.face.prompt == "a"


async def test_an_error_while_looking_or_storing_does_not_end_the_desk() -> None:
    class Broken(FakeDesk):
        async def look(self) -> bool:
            raise ValueError("no look")

        async def pause(self) -> None:
            raise Unavailable("The database is away.")

    desk, turns = Broken(), Watched()
    async with served(desk, turns):
        turns.feed("a")
        await until(lambda: len(turns.errors) >= 2)
        turns.feed("b")
        await until(lambda: desk.face.prompt == "ab")
    assert desk.done[-1] == "stop"


async def test_clear_empties_the_typed_text_or_the_edited_cell_and_never_leaves() -> None:
    desk, turns = FakeDesk(), Watched()
    async with served(desk, turns):
        for key in ("a", "b", "c", "left", CLEAR, "d"):
            turns.feed(key)
        await until(lambda: turns.idle)
        assert desk.face.prompt == "d"
        desk.face = replace(DRAFT, page=replace(DRAFT.page, edit="36"), prompt="")
        desk.pressed.clear()
        turns.feed(CLEAR)
        await until(lambda: turns.idle)
        assert desk.pressed == ["backspace", "backspace"]
    assert not desk.quitting


async def test_leaving_is_refused_while_a_call_is_open() -> None:
    desk, turns = FakeDesk(face=DRAFT), Watched()
    async with served(desk, turns) as task:
        turns.feed(QUIT)
        await until(lambda: turns.notice)
        assert not task.done()
        desk.face = replace(DRAFT, tabs=())
        turns.feed(QUIT)
        await asyncio.wait_for(task, 10)
    assert desk.done[-1] == "stop"


async def test_a_ringing_call_waits_its_turn_and_touches_no_text() -> None:
    desk, turns = FakeDesk(), Watched()
    async with served(desk, turns):
        turns.feed("4")
        turns.feed(Ring("550142"))
        turns.feed("7")
        await until(lambda: turns.idle)
    assert (desk.face.ringing, desk.face.prompt) == ("RINGING 550142", "47")


async def test_when_the_terminal_is_gone_what_was_typed_still_gets_its_turn() -> None:
    desk, turns = FakeDesk(), Watched(pause_after=60)
    async with served(desk, turns):
        await until(lambda: desk.done)
        type_(turns, *BURST)
        turns.feed("h")
    assert desk.said == list(BURST)
    assert desk.done == ["start", "pause h", "stop"]


async def test_at_leisure_the_desk_does_what_is_due_and_nothing_is_painted() -> None:
    desk, turns = FakeDesk(), Watched(leisure_after=0.01)
    async with served(desk, turns):
        type_(turns, "4711 12")
        await until(lambda: turns.idle and "leisure" in desk.done)
        before = turns.pictures
        await until(lambda: desk.done.count("leisure") > 2)
        assert turns.pictures == before
        type_(turns, "4720 6")
        await until(lambda: turns.idle)
    assert desk.said == ["4711 12", "4720 6"]


async def test_a_paste_has_its_turn_like_a_key() -> None:
    desk, turns = FakeDesk(), Watched()
    type_(turns, "before")
    turns.feed(Pasted("4711 12\n4720"))
    turns.feed(Pasted("(a\nletter)"))
    turns.feed("!")
    assert turns.ghost == "before\n4711 12\n4720(a\nletter)!", "seen while it waits"
    async with served(desk, turns):
        await until(lambda: turns.idle)
    assert desk.said == ["before", "4711 12"]
    assert desk.face.prompt == "4720(a\nletter)!"
