"""The app with a canned desk: what is on the screen, the palette, the bell, sizes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from csdesk.app import DeskApp
from csdesk.config import Settings
from csdesk.errors import Invalid, Unavailable
from csdesk.screens.palette import Command, PaletteScreen, matching
from csdesk.server import bell
from tests.screens.fake import FACES, HOSTILE_NAME, FakeDesk

COMMANDS = [
    Command("r", "r", "repeats the last order"),
    Command("c", "c512.1 2d", "credit request on an invoice"),
    Command("u", "u", "takes the last command back"),
]


@asynccontextmanager
async def running(
    desk: FakeDesk, size: tuple[int, int] = (80, 24), **settings: Any
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The app with this desk, opened and painted."""

    async def opening() -> FakeDesk:
        return desk

    app = DeskApp(Settings(user="rep7", **settings), opening, lambda: COMMANDS)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot


async def settled(app: DeskApp, pilot: Pilot[None] | None) -> None:
    """Waits until every key had its turn and stands painted."""
    async with asyncio.timeout(20):
        while not app.turns.idle:
            await asyncio.sleep(0.001)
    pilot = pilot or Pilot(app)
    await pilot.pause()
    await pilot.pause()


def lines(app: DeskApp) -> list[str]:
    """The screen as text."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (60, 12), (20, 5)])
@pytest.mark.parametrize("name", FACES)
async def test_a_face_fills_its_window_and_no_more(name: str, size: tuple[int, int]) -> None:
    desk = FakeDesk(FACES[name])
    async with running(desk, size) as (app, _):
        shown = lines(app)
        assert len(shown) == size[1]
        if size[1] >= 8:
            assert shown[-2].startswith(">")
            assert shown[-3].strip() or name == "idle"
        assert desk.size == size
        assert app.screen.max_scroll_x == app.screen.max_scroll_y == 0


async def test_keys_reach_the_desk_in_order_and_what_it_says_is_painted() -> None:
    desk = FakeDesk()
    async with running(desk) as (app, pilot):
        await pilot.press(*"4711", "space", *"12", "enter", "f9", "pageup", "ctrl+j")
        await settled(app, pilot)
        assert desk.pressed == [*"4711 12", "enter", "f9", "pageup", "enter"]
        assert desk.said == ["4711 12", ""]


async def test_what_is_typed_and_looked_up_stands_above_the_prompt() -> None:
    async with running(FakeDesk()) as (app, pilot):
        await pilot.press(*"4711")
        await settled(app, pilot)
        assert lines(app)[-3] == "looked at 4711"
        assert lines(app)[-2] == "> 4711"
        assert app.cursor_position == (6, 22)


async def test_the_newest_rows_of_a_growing_page_are_in_sight() -> None:
    face = FACES["draft"]
    desk = FakeDesk(replace(face, page=replace(face.page, cursor=None)))
    async with running(desk) as (app, _):
        rows = tuple(replace(face.page.rows[0], cells=(str(n), *face.page.rows[0].cells[1:])) for n in range(1, 31))
        for count in range(1, 31):
            desk.face = replace(face, page=replace(face.page, rows=rows[:count], cursor=None))
            app.paint()
        await settled(app, None)
        assert "16-30 of 30" in lines(app)[2]
        assert any(line.startswith("  30 4711") for line in lines(app))


async def test_the_terminal_cursor_stands_in_the_edited_cell() -> None:
    async with running(FakeDesk(FACES["amend"])) as (app, _):
        x, y = app.cursor_position
        assert lines(app)[y].startswith(">")
        assert lines(app)[y][:x].endswith("36")


async def test_the_palette_narrows_chooses_and_types_the_command() -> None:
    desk = FakeDesk()
    async with running(desk) as (app, pilot):
        await pilot.press("x", "ctrl+p", *"credit")
        await pilot.pause()
        assert isinstance(app.screen, PaletteScreen)
        assert any(line.startswith("> c512.1 2d     credit request") for line in lines(app))
        await pilot.press("enter")
        await settled(app, pilot)
        assert not isinstance(app.screen, PaletteScreen)
        assert desk.face.prompt == "c"
        assert desk.pressed == ["x", "backspace", "c"]


async def test_the_palette_loses_no_key_of_a_burst() -> None:
    desk = FakeDesk()
    async with running(desk) as (app, pilot):
        from textual.events import Key

        for key, character in [("ctrl+p", None), ("u", "u"), ("enter", "\r"), ("5", "5"), ("1", "1")]:
            app.post_message(Key(key, character))
        await pilot.pause()
        await settled(app, pilot)
        assert desk.face.prompt == "u51"


async def test_leaving_the_palette_types_nothing() -> None:
    desk = FakeDesk()
    async with running(desk) as (app, pilot):
        for key in ("escape", "f12", "f3", "ctrl+p"):
            await pilot.press("ctrl+p", "c", key)
            await settled(app, pilot)
            assert not isinstance(app.screen, PaletteScreen)
        assert desk.pressed == []


def test_the_palette_puts_the_letter_itself_first() -> None:
    assert [each.letter for each in matching(COMMANDS, "c")] == ["c", "u"]
    assert [each.letter for each in matching(COMMANDS, "last order")] == ["r"]


async def test_remapped_keys_are_named_in_the_keys_line() -> None:
    desk = FakeDesk(FACES["draft"])
    async with running(desk, keys=(("commit", "f5"),)) as (app, pilot):
        assert "F5 Commit" in lines(app)[-1]
        await pilot.press("f5", "f9")
        await settled(app, pilot)
        assert desk.pressed == ["f9"]


async def test_ctrl_q_leaves_only_when_no_call_is_open_and_ctrl_c_never() -> None:
    desk = FakeDesk(FACES["draft"])
    async with running(desk) as (app, pilot):
        await pilot.press("a", "ctrl+c", "ctrl+q")
        await settled(app, pilot)
        assert lines(app)[-3] == "! A call is open: z ends it. Everything is kept if you just close the terminal."
        assert desk.face.prompt == ""
        assert app.is_running
        desk.face = replace(desk.face, tabs=())
        await pilot.press("ctrl+q")
        assert app._serving is not None
        await asyncio.wait_for(app._serving, 10)
    assert desk.done[-1] == "stop"


async def test_an_error_inside_is_told_and_logged() -> None:
    from csdesk.app import log_file, open_log

    open_log()
    async with running(FakeDesk(breaks_on="x")) as (app, pilot):
        await pilot.press("x")
        await settled(app, pilot)
        assert "Something went wrong inside; your draft is kept. (see log" in " ".join(lines(app))
        await pilot.press("a")
        await settled(app, pilot)
        assert lines(app)[-2] == "> a"
    assert "broken on purpose" in log_file().read_text()
    assert log_file().stat().st_mode & 0o077 == 0


async def test_a_desk_that_cannot_be_opened_ends_with_its_reason() -> None:
    async def opening() -> FakeDesk:
        raise Unavailable("This database holds no desk yet; run 'csdesk db upgrade'.")

    app = DeskApp(Settings(user="rep7"), opening, list)
    async with app.run_test():
        while app._serving is None:
            await asyncio.sleep(0)
        await app._serving
    assert isinstance(app.failure, Unavailable)


async def test_a_desk_that_never_opens_can_be_left() -> None:
    async def opening() -> FakeDesk:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    app = DeskApp(Settings(user="rep7"), opening, list)
    async with app.run_test() as pilot:
        await pilot.press("4", "7")
        await pilot.pause(0)
        assert lines(app)[-2] == ">  47"
        assert lines(app)[-3].startswith("Opening the desk")
        await pilot.press("ctrl+q")
        await pilot.pause(0)
        assert app._exit


def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(Invalid, match="'pink' is no theme; there are dark, light, mono"):
        DeskApp(Settings(theme="pink"), None, list)  # type: ignore[arg-type]


async def test_a_ringing_call_shows_and_moves_nothing() -> None:
    desk = FakeDesk()
    async with running(desk) as (app, pilot):
        await pilot.press("4", "7")
        heard = await asyncio.to_thread(bell.poke, 1, "rep7", "550142")
        await settled(app, pilot)
        assert heard == 1
        assert " RINGING 550142 " in lines(app)[0]
        assert lines(app)[-2] == "> 47"
        [socket] = bell.folder().iterdir()
        assert socket.stat().st_mode & 0o177 == 0
        assert bell.folder().stat().st_mode & 0o077 == 0
    assert app._serving is not None


async def test_nothing_stays_blinking_or_counting_when_the_desk_is_idle() -> None:
    async with running(FakeDesk()) as (app, pilot):
        await pilot.press("a")
        await settled(app, pilot)
        timers = [*app._timers, *(timer for widget in app.screen.walk_children() for timer in widget._timers)]
        assert [timer for timer in [*timers, *app.screen._timers] if timer._active.is_set()] == []


async def test_for_a_reader_rows_are_sentences_and_nothing_is_drawn() -> None:
    async with running(FakeDesk(FACES["draft"]), a11y=True) as (app, _):
        text = "\n".join(lines(app))
        assert "─" not in text
        assert "03:12" not in text
        assert "> ln 3, item 1035, name Basmati rice 4x5 kg, qty 24," in text


async def test_names_that_mean_harm_stay_text() -> None:
    async with running(FakeDesk(FACES["hostile"])) as (app, _):
        shown = lines(app)
        assert shown[1].startswith("[bold red]Evil[/x] [31m")
        assert all(line.isprintable() for line in shown)
        assert HOSTILE_NAME not in "".join(shown)
